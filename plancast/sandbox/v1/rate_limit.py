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
    query = "SELECT at FROM arrivals WHERE user_id = ? ORDER BY at"
    log = [row[0] for row in db.execute(query, (user_id,))]
    full = len(log) >= settings.rate_requests
    if not full or settings.rate_counts_refused:
        db.execute("INSERT INTO arrivals VALUES (?, ?)", (user_id, real))
        log.append(real)
    if not full:
        return None
    # The request that has to leave the window before the next one has room.
    frees = log[len(log) - settings.rate_requests] + settings.rate_seconds
    wait = max(1, math.ceil(frees - real))
    return too_many(wait if settings.rate_retry_after else None)
