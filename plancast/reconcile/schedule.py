"""Resolution of schedules: turn a wall-clock time in a zone into an instant.

Once a year most zones skip an hour, and once a year they repeat one. A time in either is an error
that names both readings. A silent guess could move a post by an hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from plancast.model.entry import QueuePosition
from plancast.model.quoting import closest
from plancast.model.workspace import Schedule

_FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
_ZONE = re.compile(r"(?!Factory)[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*")
"""Zone names that mean the same everywhere; `localtime` or `posix/UTC` exist on some machines."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class TimeProblem:
    """The reason why a time is no instant: a diagnostic code, the case at hand, a hint."""

    code: str
    detail: str
    hint: str = ""


def resolve(schedule: Schedule, zone: str) -> datetime | QueuePosition | TimeProblem:
    """Return the instant in UTC, or the position in the queue, or why there is neither.

    `schedule.timezone` takes precedence over `zone`; an offset in the time itself over both.
    """
    if schedule.queue is not None:
        return schedule.queue
    parts = _FORM.fullmatch(schedule.at.strip())
    if parts is None:
        return _unreadable(schedule.at)
    day, clock, offset = parts.groups()
    try:
        wall = datetime.fromisoformat(f"{day} {clock}")
        YEARS.index(wall.year)  # raises ValueError for other years, like an impossible date
        # With an offset the time is an instant already, and the zone only shows it.
        if offset:
            return datetime.fromisoformat(f"{day} {clock}{offset.upper()}").astimezone(UTC)
    except ValueError:
        return TimeProblem("PC401", f"{schedule.at!r}: there is no such time")
    name = schedule.timezone or zone
    place = find_zone(name)
    if isinstance(place, TimeProblem):
        return place
    return _instant(wall, place, name, schedule.fold)


@cache
def find_zone(name: str) -> ZoneInfo | TimeProblem:
    """Return the zone with this name, or a problem that suggests a similar name."""
    try:
        if _ZONE.fullmatch(name):
            return ZoneInfo(name)
        raise ValueError(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = closest(name, available_timezones())
        hint = f"Did you mean {close}?" if close else ""
        return TimeProblem("PC402", name, hint)


def _unreadable(text: str) -> TimeProblem:
    if _DAY.fullmatch(text.strip()):
        hint = f"Say at what time of the day, such as {text.strip()} 09:30."
        return TimeProblem("PC401", f"{text!r} has no time of day", hint)
    return TimeProblem("PC401", repr(text))


def _instant(wall: datetime, place: ZoneInfo, name: str, fold: str) -> datetime | TimeProblem:
    """Return the one instant that a wall clock shows; a problem if it shows it never or twice.

    `fold` is `earlier` or `later`: the author's choice between two readings, "" for none.
    """
    earlier = wall.replace(tzinfo=place, fold=0)
    later = wall.replace(tzinfo=place, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier.astimezone(UTC)
    # Offsets differ in a gap and in a repeated hour. Only in a gap does the way to UTC and back
    # lead to another time on the clock.
    if earlier.astimezone(UTC).astimezone(place).replace(tzinfo=None) != wall:
        # In a gap the reading with fold=0 uses the offset from before it, fold=1 from after.
        readings = " or ".join(_clock(side.astimezone(UTC), place) for side in (later, earlier))
        detail = f"clocks in {name} skip {wall:%Y-%m-%d %H:%M}; it could mean {readings}"
        return TimeProblem("PC403", detail)
    if fold:
        return (later if fold == "later" else earlier).astimezone(UTC)
    readings = f"earlier, {_clock(earlier, place)}, or later, {_clock(later, place)}"
    return TimeProblem("PC404", f"{wall:%Y-%m-%d %H:%M} comes twice in {name}: {readings}")


def _clock(moment: datetime, place: ZoneInfo) -> str:
    local = moment.astimezone(place)
    offset = local.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{local:%H:%M} (UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d})"
