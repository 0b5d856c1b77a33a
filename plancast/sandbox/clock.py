"""The sandbox's own calendar: it runs at an offset from this machine's clock, or stands still.

Only the calendar obeys it. Rate limits and late requests use real time.
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
    """A value that is not a time."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A reading of the calendar.

    `now` is Unix seconds; `running` says whether it moves by itself.
    """

    now: float
    running: bool

    @property
    def moment(self) -> datetime:
        """The reading as a date, in UTC."""
        return datetime.fromtimestamp(int(self.now), UTC)


def read(db: sqlite3.Connection, real: Callable[[], float]) -> Clock:
    """Return the reading of the calendar when it is `real` time."""
    stored = json.loads(fact(db, "clock") or '{"offset": 0}')
    if "frozen" in stored:
        return Clock(float(stored["frozen"]), False)
    return Clock(real() + float(stored["offset"]), True)


def at_real(db: sqlite3.Connection, real: float) -> float:
    """Return the reading of the calendar at a moment of real time."""
    return read(db, lambda: real).now


def freeze(db: sqlite3.Connection, now: float) -> None:
    """Stop the calendar at `now`."""
    set_fact(db, "clock", json.dumps({"frozen": now}))


def run(db: sqlite3.Connection, now: float, real: float) -> None:
    """Let the calendar move on from `now`."""
    set_fact(db, "clock", json.dumps({"offset": now - real}))


def run_real(db: sqlite3.Connection) -> None:
    """Let the calendar show this machine's time."""
    set_fact(db, "clock", json.dumps({"offset": 0}))


def seconds(value: object) -> float:
    """Return a moment as Unix seconds. Text is RFC 3339, in UTC if it has no offset.

    Raises ClockError. Python's calendar ends in the year 9999, so a moment is from 1970 on and has
    centuries after it.
    """
    moment = _seconds(value)
    if not 0 <= moment < LAST:
        raise ClockError(f"{value!r} is not a time of the years 1970 to 8999")
    return moment


def _seconds(value: object) -> float:
    """Return a moment as Unix seconds, not yet checked. Raises ClockError."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}(\.\d{1,15})?", value, re.ASCII):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < LAST else math.inf  # NaN is not smaller either
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ClockError(f"{value!r} is not a time such as 2026-12-01T09:30:00Z") from None
