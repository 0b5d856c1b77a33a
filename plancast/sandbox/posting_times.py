"""Posting times: the instants ahead that a weekly schedule in a profile's zone gives.

All schedules of a profile are merged by weekday, and equal times count once. A wall-clock time that
a change of daylight saving skips is used with the offset before the change (it lands an hour later
on the clock); one that happens twice is used the first time.
"""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from plancast.sandbox.values import Schedule

_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def upcoming(
    schedules: tuple[Schedule, ...],
    timezone: str,
    after: int,
    taken: Collection[int] = frozenset(),
) -> Iterator[int]:
    """Yield the posting slots later than `after`, ascending and without end, except those `taken`.

    Yield nothing if the schedules hold no time at all.
    """
    if not has_times(schedules):
        return
    day = datetime.fromtimestamp(after, ZoneInfo(timezone)).date()
    last = after
    while day < date.max:
        for slot in _slots_of_day(schedules, timezone, day):
            if slot > last:
                last = slot
                if slot not in taken:
                    yield slot
        day += timedelta(days=1)


def is_valid(schedule: Schedule) -> bool:
    """Return whether the days are such as "mon" and the times such as "09:30"."""
    return set(schedule.days) <= set(DAYS) and all(map(_TIME.fullmatch, schedule.times))


def has_times(schedules: tuple[Schedule, ...]) -> bool:
    """Return whether there is any posting time at all."""
    return any(schedule.days and schedule.times for schedule in schedules)


@lru_cache(maxsize=20_000)
def _slots_of_day(schedules: tuple[Schedule, ...], timezone: str, day: date) -> tuple[int, ...]:
    """Return the instants of a day.

    Cached, since queues are dealt the same days again and again.
    """
    weekday = DAYS[day.weekday()]
    times = {t for s in schedules if weekday in s.days for t in s.times}
    return tuple(sorted(_instant(day, value, timezone) for value in times))


def _instant(day: date, value: str, timezone: str) -> int:
    hour, minute = value.split(":")
    local = datetime.combine(day, time(int(hour), int(minute)), ZoneInfo(timezone))
    return int(local.astimezone(UTC).timestamp())
