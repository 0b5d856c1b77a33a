"""Table of the weeks that a plan changes, with one cell per day, to show crowds and gaps.

The number in a cell is how many posts go out on that day once the plan is applied; the changes of
the plan are below it. Drafts do not go out, so they do not count. Days are those of the posts' own
zones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from plancast.model.entry import Stage
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.render.markdown.fitting import Section
from plancast.render.markdown.parts import row, table
from plancast.render.text import DAYS, MONTHS, day_of

_GONE = (Action.DESTROY, Action.FORGET)
_OVER = {Situation.PUBLISHED, Situation.FAILED, Situation.MISSED, Situation.BLOCKED}
_MARKED = (Action.CREATE, Action.UPDATE, Action.DESTROY)

MOST = 8
"""Weeks that are shown; the page has the others."""


def weeks(changes: Sequence[Change]) -> Section:
    """Build the table of the weeks in which something changes; empty if no change has a time."""
    going: Counter[date] = Counter()
    marks: dict[date, Counter[Action]] = {}
    for change in changes:
        if change.due_at is None or change.stage is not Stage.SCHEDULED:
            continue
        day = day_of(change.due_at, change.zone)
        # Not counted: entries that leave the queue, went out already, or cannot be sent.
        if change.action not in _GONE and (change.action.sends or not _over(change)):
            going[day] += 1
        if change.action in _MARKED:
            marks.setdefault(day, Counter())[change.action] += 1
    # Only weeks with a change: a full calendar is on the page.
    mondays = sorted({day - timedelta(days=day.weekday()) for day in marks})
    rows = [_week(monday, going, marks) for monday in mondays]
    return table(("", *DAYS), rows[:MOST], 1, "weeks", "The weeks", total=len(rows))


def _over(change: Change) -> bool:
    return bool(_OVER & set(change.situations))


def _week(monday: date, going: Counter[date], marks: dict[date, Counter[Action]]) -> str:
    days = [monday + timedelta(days=number) for number in range(7)]
    cells = (_day(going[day], marks.get(day, Counter())) for day in days)
    return row((f"{monday.day}&nbsp;{MONTHS[monday.month - 1]}", *cells))


def _day(number: int, marks: Counter[Action]) -> str:
    shown = f"{number:,}" if number or marks else ""
    marks_shown = "&nbsp;".join(_marks(marks))
    return f"<b>{shown}</b><br><sub>{marks_shown}</sub>" if marks_shown else shown


def _marks(marks: Counter[Action]) -> Iterator[str]:
    for action in _MARKED:
        if marks[action]:
            yield f"<code>{action.sign}{marks[action]:,}</code>"


def spans_days(plan: Plan) -> bool:
    """Return whether the plan changes more than two days; fewer need no calendar."""
    days = {
        day_of(change.due_at, change.zone)
        for change in plan.changes
        if change.due_at is not None
        and change.action in _MARKED
        and change.stage is Stage.SCHEDULED
    }
    return len(days) > 2
