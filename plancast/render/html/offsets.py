"""What clocks show, as numbers: the script counts with them and needs no table of zones.

A browser may know other rules than we do, or none; then a post would stand on another day than in
the terminal. So each entry brings the offsets that hold at its own time.
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
"""A plan from one end of the calendar to the other is not searched for changes of the clocks."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock of a zone shows at a moment. `offset` in minutes east of UTC."""

    here: datetime
    offset: int
    name: str

    @property
    def day(self) -> date:
        """The day of the calendar."""
        return self.here.date()

    @property
    def time(self) -> str:
        """`09:30`."""
        return f"{self.here:%H:%M}"


def read(moment: datetime, zone: str) -> Reading:
    """The clock of the zone; UTC where a saved plan names a zone that is none."""
    place = find_zone(zone)
    try:
        here = moment.astimezone(place if isinstance(place, ZoneInfo) else UTC)
    except OverflowError:  # within a day of the first or the last year that there is
        here = moment
    offset = here.utcoffset() or timedelta()
    return Reading(here, int(offset.total_seconds() // 60), here.tzname() or "UTC")


def is_zone(name: str) -> bool:
    """Whether there is a zone of that name."""
    return isinstance(find_zone(name), ZoneInfo)


def home(plan: Plan, zone: str) -> str:
    """The zone that the page opens in: the workspace's, or for a saved plan most entries' own."""
    if zone != "UTC" and is_zone(zone):
        return zone
    counts = Counter(change.zone for change in plan.changes if is_zone(change.zone))
    return min(counts, key=lambda name: (-counts[name], name), default="UTC")


def long_day(day: date) -> str:
    """`Tuesday 1 December 2026`. Names are ours, so that no locale changes them."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def days_away(day: date, today: date) -> str:
    """`today`, `tomorrow`, `in 8 days`: by the calendar."""
    gap = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get(gap, f"in {gap} days" if gap > 0 else f"{-gap} days ago")


def shifts(moments: Iterable[datetime], zone: str) -> tuple[tuple[date, str], ...]:
    """The days on which clocks of the zone change, around these moments, and by how much."""
    found = sorted(moments)
    if not found or found[-1] - found[0] > timedelta(days=MOST_DAYS):
        return ()
    return tuple(_shifts(found[0], found[-1], zone))


def _shifts(first: datetime, last: datetime, zone: str) -> Iterator[tuple[date, str]]:
    try:
        begin, end = first - 6 * _WEEK, last + 6 * _WEEK
    except OverflowError:
        return
    offset = read(begin, zone).offset
    while begin < end:
        if read(begin + _WEEK, zone).offset != offset:
            for number in range(7):
                now = read(begin + number * _DAY + _DAY, zone)
                if now.offset != offset:
                    gap = now.offset - offset
                    yield _first(begin + number * _DAY, zone), _turned(gap)
                    offset = now.offset
        begin += _WEEK


def _first(moment: datetime, zone: str) -> date:
    """The day of the first hour after `moment` in which the clock reads otherwise."""
    offset = read(moment, zone).offset
    for hour in range(25):
        now = read(moment + timedelta(hours=hour), zone)
        if now.offset != offset:
            return now.day
    return read(moment, zone).day


def _turned(minutes: int) -> str:
    length = span(timedelta(minutes=abs(minutes)))
    return f"Clocks go {'forward' if minutes > 0 else 'back'} {length}"
