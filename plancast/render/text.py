"""Times, distances, durations and numbers in English words, the same in every view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plancast.reconcile.schedule import find_zone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_UTC = ZoneInfo("UTC")


def _here(moment: datetime, zone: str) -> datetime:
    """Return the moment in the zone; in UTC if a saved plan names a zone that does not exist."""
    zone_info = find_zone(zone)
    try:
        return moment.astimezone(zone_info if isinstance(zone_info, ZoneInfo) else _UTC)
    except OverflowError:  # within a day of the first or the last year that there is
        return moment


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 post`, `2 posts`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    # Enough for our own nouns, such as `entry`.
    plural = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
    return f"{number:,} {plural}"


def local(moment: datetime, zone: str) -> str:
    """Return `Tue 1 Dec 2026 09:30 CET`. The names are our own, so that no locale changes them."""
    here = _here(moment, zone)
    seconds = f":{here.second:02d}" if here.second else ""
    day = f"{DAYS[here.weekday()]} {here.day} {MONTHS[here.month - 1]} {here.year}"
    return f"{day} {here.hour:02d}:{here.minute:02d}{seconds} {here.tzname()}"


def clock(moment: datetime, now: datetime, zone: str) -> str:
    """Return `10:15 CET` if that is today in the zone, else the same as `local`."""
    if day_of(moment, zone) != day_of(now, zone):
        return local(moment, zone)
    return " ".join(local(moment, zone).rsplit(" ", 2)[1:])


def day_of(moment: datetime, zone: str) -> date:
    """Return the date in the zone."""
    return _here(moment, zone).date()


def distance(moment: datetime, now: datetime) -> str:
    """Return `in 8 days`, `3 hours ago` or `now`."""
    gap = moment - now
    if abs(gap) < timedelta(minutes=1):
        return "now"
    words = span(abs(gap))
    return f"in {words}" if gap > timedelta() else f"{words} ago"


def span(gap: timedelta) -> str:
    """Return a length of time in its one or two largest units: `2 days 3 h`, `45 min`."""
    minutes = int(gap.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    # The further away, the less the smaller unit matters.
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
    """Return local time and distance: `Tue 1 Dec 2026 09:30 CET · in 8 days`."""
    return f"{local(moment, zone)} · {distance(moment, now)}"


def at(moment: datetime, zone: str, now: datetime) -> str:
    """Return `09:30 CET`, and how far away that is if it is less than a day: `in 3 hours`.

    For a place that names the day and its distance.
    """
    clock_time = " ".join(local(moment, zone).rsplit(" ", 2)[1:])
    is_near = abs(moment - now) < timedelta(days=1)
    return f"{clock_time} · {distance(moment, now)}" if is_near else clock_time


def moved(before: datetime, after: datetime, zone: str) -> str:
    """Return `1 day later`, `2 hours earlier`: by the clocks of the zone.

    From 09:00 to 09:00 on the next day is one day, even if the clocks change in between.
    """
    gap = _here(after, zone).replace(tzinfo=None) - _here(before, zone).replace(tzinfo=None)
    gap = gap or after - before  # when an hour comes twice, two moments have the same local time
    return f"{span(abs(gap))} {'later' if gap > timedelta() else 'earlier'}"


def worded(path: str, value: object, zone: str) -> str:
    """Return one side of a field that differs, in words; a text is returned as it is."""
    from plancast.render.terminal import entry_block  # noqa: PLC0415

    value = entry_block.value(path, value)
    if isinstance(value, datetime):
        return local(value, zone)
    if value is None:
        return "a slot of the queue" if path == "due_at" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "empty"


def duration(seconds: float) -> str:
    """Return an estimate of a duration: `about 3 min`, `a few seconds`."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {round(seconds)} s"
    # The longer, the rougher: by minutes, by ten minutes, by hours.
    step = 60 if seconds < 5400 else 600 if seconds < 43_200 else 3600
    return f"about {span(timedelta(seconds=round(seconds / step) * step))}"


def listed(words: Sequence[str]) -> str:
    """Join words to `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
