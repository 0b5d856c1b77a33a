"""The rate limit of API v1: a sliding window over the arrivals of each account, in real time.

The log is in the database, so that processes which serve the same world share one window; hence
wall time and not a monotonic clock, whose zero may differ between processes.
"""

import math
import sqlite3

from plancast.sandbox.faults import too_many
from plancast.sandbox.settings import Settings
from plancast.sandbox.values import Answer


def admit(db: sqlite3.Connection, user_id: str, real: float, settings: Settings) -> Answer | None:
    """Record an arrival; return None, or the 429 that it gets if the window is full."""
    if not settings.rate_requests:
        return None
    # Arrivals in the future were recorded before this machine's clock was set back.
    db.execute("DELETE FROM arrivals WHERE at <= ? OR at > ?", (real - settings.rate_seconds, real))
    # The request that has to leave the window before the next one has room.
    query = "SELECT at FROM arrivals WHERE user_id = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
    blocking = (user_id, settings.rate_requests - 1)
    full = db.execute(query, blocking).fetchone() is not None
    if not full or settings.rate_counts_refused:
        db.execute("INSERT INTO arrivals VALUES (?, ?)", (user_id, real))
    if not full:
        return None
    frees = db.execute(query, blocking).fetchone()[0] + settings.rate_seconds
    wait = max(1, math.ceil(frees - real))
    return too_many(wait if settings.rate_retry_after else None)
