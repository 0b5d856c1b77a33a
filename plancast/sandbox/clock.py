"""The sandbox's own calendar: it runs at an offset from this machine's clock, or stands still.

Only the calendar obeys it. Rate limits and late requests are matters of real time.
"""

import json
import math
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from plancast.sandbox.database import fact, set_fact

RUNNING: Literal["running"] = "running"

LAST = 221_845_392_000
"""Unix seconds. The end of the year 8999."""


class ClockError(ValueError):
    """A value that is no time."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A reading. `now` is Unix seconds; `running` says whether it moves by itself."""

    now: float
    running: bool

    @property
    def moment(self) -> datetime:
        """The reading as a date, in UTC."""
        return datetime.fromtimestamp(int(self.now), UTC)


def read(db: sqlite3.Connection, real: Callable[[], float]) -> Clock:
    """What the calendar shows when it is `real` time."""
    stored = json.loads(fact(db, "clock") or '{"offset": 0}')
    if "frozen" in stored:
        return Clock(float(stored["frozen"]), False)
    return Clock(real() + float(stored["offset"]), True)


def at_real(db: sqlite3.Connection, real: float) -> float:
    """What the calendar shows, or showed, at a moment of real time."""
    return read(db, lambda: real).now


def freeze(db: sqlite3.Connection, now: float) -> None:
    """Stops the calendar at `now`."""
    set_fact(db, "clock", json.dumps({"frozen": now}))


def run(db: sqlite3.Connection, now: float, real: float) -> None:
    """Lets the calendar move on from `now`."""
    set_fact(db, "clock", json.dumps({"offset": now - real}))


def run_real(db: sqlite3.Connection) -> None:
    """Lets the calendar show this machine's time."""
    set_fact(db, "clock", json.dumps({"offset": 0}))


def seconds(value: object) -> float:
    """A moment as Unix seconds; text is RFC 3339 (UTC where it has no offset). Raises ClockError.

    Calendars end, so a moment is one from 1970 on that has centuries before it.
    """
    found = _seconds(value)
    if not 0 <= found < LAST:
        raise ClockError(f"{value!r} is not a time of the years 1970 to 8999")
    return found


def _seconds(value: object) -> float:
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}(\.\d{1,15})?", value, re.ASCII):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < LAST else math.inf  # NaN is not smaller either
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ClockError(f"{value!r} is not a time such as 2026-12-01T09:30:00Z") from None
