"""Offsets of time zones as numbers, so that the page's script needs no table of zones.

A browser may have other rules for a zone than Python, or none; then a post would be on another day
than in the terminal. So each card carries the offsets from UTC that hold at its own time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plancast.model.plan import Plan
from plancast.reconcile.schedule import find_zone
from plancast.render.text import span

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
MOST_DAYS = 120 * 366
"""Days. A plan that spans more is not searched for clock changes, which takes a step per week."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """The local time of a zone at a moment. `offset` is in minutes east of UTC, `name` like CET."""

    here: datetime
    offset: int
    name: str

    @property
    def day(self) -> date:
        """The local date."""
        return self.here.date()

    @property
    def time(self) -> str:
        """The local time: `09:30`."""
        return f"{self.here:%H:%M}"


def read(moment: datetime, zone: str) -> Reading:
    """Return the local time of the zone; UTC if a saved plan names a zone that does not exist."""
    zone_info = find_zone(zone)
    try:
        here = moment.astimezone(zone_info if isinstance(zone_info, ZoneInfo) else UTC)
    except OverflowError:  # within a day of the first or the last year that there is
        here = moment
    offset = here.utcoffset() or timedelta()
    return Reading(here, int(offset.total_seconds() // 60), here.tzname() or "UTC")


def is_zone(name: str) -> bool:
    """Return whether there is a zone of that name."""
    return isinstance(find_zone(name), ZoneInfo)


def home(plan: Plan, zone: str) -> str:
    """Return the zone in which the page opens.

    It is that of the workspace; for a saved plan, which has none, that of most entries.
    """
    if zone != "UTC" and is_zone(zone):
        return zone
    counts = Counter(change.zone for change in plan.changes if is_zone(change.zone))
    return min(counts, key=lambda name: (-counts[name], name), default="UTC")


def long_day(day: date) -> str:
    """Return `Tuesday 1 December 2026`. The names are our own, so that no locale changes them."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def days_away(day: date, today: date) -> str:
    """Return the distance in dates: `today`, `tomorrow`, `in 8 days`, `3 days ago`."""
    gap = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get(gap, f"in {gap} days" if gap > 0 else f"{-gap} days ago")


def shifts(moments: Iterable[datetime], zone: str) -> tuple[tuple[date, str], ...]:
    """Return the days around these moments on which the clocks of the zone change, and how much.

    The search goes six weeks beyond the first and the last moment.
    """
    ordered = sorted(moments)
    if not ordered or ordered[-1] - ordered[0] > timedelta(days=MOST_DAYS):
        return ()
    return tuple(_shifts(ordered[0], ordered[-1], zone))


def _shifts(first: datetime, last: datetime, zone: str) -> Iterator[tuple[date, str]]:
    try:
        begin, end = first - 6 * _WEEK, last + 6 * _WEEK
    except OverflowError:
        return
    offset = read(begin, zone).offset
    while begin < end:
        # Compare week by week, and look at single days only in a week that ends with another
        # offset. A change that is undone within one week stays unseen.
        if read(begin + _WEEK, zone).offset != offset:
            for number in range(7):
                reading = read(begin + number * _DAY + _DAY, zone)
                if reading.offset != offset:
                    gap = reading.offset - offset
                    yield _first(begin + number * _DAY, zone), _turned(gap)
                    offset = reading.offset
        begin += _WEEK


def _first(moment: datetime, zone: str) -> date:
    """Return the day of the first hour after `moment` that has another offset."""
    offset = read(moment, zone).offset
    for hour in range(25):
        reading = read(moment + timedelta(hours=hour), zone)
        if reading.offset != offset:
            return reading.day
    return read(moment, zone).day


def _turned(minutes: int) -> str:
    length = span(timedelta(minutes=abs(minutes)))
    return f"Clocks go {'forward' if minutes > 0 else 'back'} {length}"
