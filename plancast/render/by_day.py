"""The changes of a plan by the day on which they take effect, as a reader of a calendar goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plancast.model.entry import Stage
from plancast.model.plan import Change
from plancast.render.text import DAYS, MONTHS, count, day_of

QUEUED = "In the queue, without a time yet"
UNDATED = "Drafts without a time"


@dataclass(frozen=True, slots=True)
class DayOfChanges:
    """A day, and the changes of entries that are due on it by the clocks of their own zones.

    `heading` names it and its distance: `Tue 1 Dec 2026 · tomorrow`. Entries without a time have no
    `day`, and their heading says why.
    """

    day: date | None
    heading: str
    changes: tuple[Change, ...]


def by_day(changes: Sequence[Change], now: datetime) -> tuple[DayOfChanges, ...]:
    """Sort changes by day, time and address; those without a time come last."""
    days: dict[tuple[date, str], list[Change]] = {}
    for change in sorted(changes, key=_place):
        days.setdefault(_day(change), []).append(change)
    return tuple(
        DayOfChanges(None, words, tuple(found))
        if words
        else DayOfChanges(day, _heading(day, now, found[0].zone), tuple(found))
        for (day, words), found in days.items()
    )


def _place(change: Change) -> tuple[tuple[date, str], datetime | None, tuple[str, str]]:
    day = _day(change)
    return (day, change.due_at, change.sort_key)


def _day(change: Change) -> tuple[date, str]:
    """Return the day of a change, or the last that there is and the reason for having none."""
    if change.due_at is not None:
        return day_of(change.due_at, change.zone), ""
    return date.max, QUEUED if change.stage is Stage.SCHEDULED else UNDATED


def _heading(day: date, now: datetime, zone: str) -> str:
    shown = f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{shown} · {_away((day - day_of(now, zone)).days)}"


def _away(days: int) -> str:
    """Return how far away a day is: `today`, `tomorrow`, `in 3 days`."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days]
    return f"in {count(days, 'day')}" if days > 0 else f"{count(-days, 'day')} ago"
