"""The rate limits of the GraphQL API: several rolling windows per account, in real time.

They are those of docs/buffer/graphql.md#rate-limits, and all tokens of an account share them. One
HTTP request is one unit, however many operations it holds. Every answer reports what is left of
each window, in one line per header, as the live service does.
"""

import base64
import hashlib
import math
import sqlite3
from dataclasses import dataclass

from plancast.sandbox import database
from plancast.sandbox.settings import Settings

Headers = tuple[tuple[str, str], ...]

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "min"), (1, "sec"))
_LETTERS = {900: "15m", 86_400: "24h", 2_592_000: "30d"}


@dataclass(frozen=True, slots=True)
class Window:
    """The state of one window for an account.

    `left` requests remain, and there are more in `resets` seconds.
    """

    limit: int
    span: int
    left: int
    resets: int

    @property
    def name(self) -> str:
        """Such as "100-in-15min" or "3000-in-30days"."""
        size, unit = next((size, unit) for size, unit in _UNITS if self.span % size == 0)
        count = self.span // size
        ending = "s" if count > 1 and unit in ("day", "hour") else ""
        return f"{self.limit}-in-{count}{unit}{ending}"

    @property
    def letters(self) -> str:
        """The name of the window in a refusal: "15m", "24h", "30d", or its seconds."""
        return _LETTERS.get(self.span, f"{self.span}s")


@dataclass(frozen=True, slots=True)
class Admission:
    """The decision on a request.

    `full` is the window that refuses it for the longest, None if none.
    """

    windows: tuple[Window, ...]
    user_id: str
    full: Window | None = None

    @property
    def headers(self) -> Headers:
        """The headers of every authenticated answer, which report the windows."""
        if not self.windows:
            return ()
        digest = hashlib.sha256(f"account {self.user_id}".encode()).hexdigest()[:12]
        key = f":{base64.b64encode(digest.encode()).decode()}:"
        left = [f'"{w.name}"; r={w.left}; t={w.resets}' for w in self.windows]
        policy = [f'"{w.name}"; q={w.limit}; w={w.span}; pk={key}' for w in self.windows]
        return ("RateLimit", ", ".join(left)), ("RateLimit-Policy", ", ".join(policy))


def admit(db: sqlite3.Connection, user_id: str, real: float, settings: Settings) -> Admission:
    """Record a request; refuse it if a window is full."""
    windows = settings.windows
    if not windows:
        return Admission((), user_id)
    longest = max(span for _, span in windows)
    # Requests in the future were recorded before this machine's clock was set back.
    db.execute("DELETE FROM questions WHERE at <= ? OR at > ?", (real - longest, real))
    query = "SELECT at FROM questions WHERE user_id = ? ORDER BY at"
    log = [row["at"] for row in database.rows(db, query, user_id)]
    is_full = any(not _window(log, real, *window).left for window in windows)
    if not is_full or settings.rate_counts_refused:
        db.execute("INSERT INTO questions VALUES (?, ?)", (user_id, real))
        log.append(real)
    states = tuple(_window(log, real, limit, span) for limit, span in windows)
    empty = [window for window in states if not window.left]
    full = max(empty, key=lambda window: window.resets) if is_full else None
    return Admission(states, user_id, full)


def _window(log: list[float], real: float, limit: int, span: int) -> Window:
    """Return the state of a window, from the ascending times of an account's requests."""
    inside = [at for at in log if at > real - span]
    first = inside[max(0, len(inside) - limit)] if inside else real
    return Window(limit, span, max(0, limit - len(inside)), max(1, math.ceil(first + span - real)))
