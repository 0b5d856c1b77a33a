"""Times, distances and numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plancast.reconcile.schedule import find_zone
from plancast.render.terminal import entry_block

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_UTC = ZoneInfo("UTC")


def _here(moment: datetime, zone: str) -> datetime:
    """The moment on a clock of the zone; in UTC where a saved plan names a zone that is none."""
    place = find_zone(zone)
    try:
        return moment.astimezone(place if isinstance(place, ZoneInfo) else _UTC)
    except OverflowError:  # within a day of the first or the last year that there is
        return moment


def count(number: int, noun: str) -> str:
    """`1 post`, `2 posts`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    plural = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
    return f"{number:,} {plural}"


def local(moment: datetime, zone: str) -> str:
    """`Tue 1 Dec 2026 09:30 CET`. Names are ours, so that no locale changes them."""
    here = _here(moment, zone)
    seconds = f":{here.second:02d}" if here.second else ""
    day = f"{DAYS[here.weekday()]} {here.day} {MONTHS[here.month - 1]} {here.year}"
    return f"{day} {here.hour:02d}:{here.minute:02d}{seconds} {here.tzname()}"


def clock(moment: datetime, now: datetime, zone: str) -> str:
    """`10:15 CET` where that is today, else as `local`."""
    if day_of(moment, zone) != day_of(now, zone):
        return local(moment, zone)
    return " ".join(local(moment, zone).rsplit(" ", 2)[1:])


def day_of(moment: datetime, zone: str) -> date:
    """The day on the calendar of the zone."""
    return _here(moment, zone).date()


def distance(moment: datetime, now: datetime) -> str:
    """`in 8 days`, `3 hours ago`, `now`."""
    gap = moment - now
    if abs(gap) < timedelta(minutes=1):
        return "now"
    words = span(abs(gap))
    return f"in {words}" if gap > timedelta() else f"{words} ago"


def span(gap: timedelta) -> str:
    """A length of time in its one or two largest units."""
    minutes = int(gap.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= 14:
        return count(days, "day")
    if days:
        return count(days, "day") + (f" {hours} h" if hours and days < 3 else "")
    if hours:
        rest = minutes % 60
        return count(hours, "hour") + (f" {rest} min" if rest else "")
    if minutes:
        return f"{minutes} min"
    return f"{int(gap.total_seconds())} s"


def when(moment: datetime, zone: str, now: datetime) -> str:
    """Local time, zone and distance, as everywhere."""
    return f"{local(moment, zone)} · {distance(moment, now)}"


def moved(before: datetime, after: datetime, zone: str) -> str:
    """`1 day later`, `2 hours earlier`: by the clocks of the zone.

    From 09:00 to 09:00 on the next day is one day, even where that night has 23 hours.
    """
    gap = _here(after, zone).replace(tzinfo=None) - _here(before, zone).replace(tzinfo=None)
    gap = gap or after - before  # the two readings of an hour that comes twice
    return f"{span(abs(gap))} {'later' if gap > timedelta() else 'earlier'}"


def worded(path: str, value: object, zone: str) -> str:
    """The value of a field that differs; a text is itself."""
    value = entry_block.value(path, value)
    if isinstance(value, datetime):
        return local(value, zone)
    if value is None:
        return "a slot of the queue" if path == "due_at" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "empty"


def duration(seconds: float) -> str:
    """`about 3 min`, `a few seconds`."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {round(seconds)} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
