"""What several views say in the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from plancast.core.model import Stage
from plancast.core.plan import Budget, Plan
from plancast.core.spans import period
from plancast.core.status import Standing, StatusRow
from plancast.views.words import clock, count, distance, duration, listed, local

HOUR = 3600
"""Seconds. A window that is no longer is over before one has to think of it."""


def cost(plan: Plan) -> str:
    """What applying takes, and what is left of the limits now; "" where nothing is to do."""
    if not plan.has_changes:
        return ""
    if not plan.budget.requests:
        return "Applying sends nothing: only the state changes."
    free = left(plan.budget)
    return f"Applying takes {requests(plan.budget)}{f'; left: {free}' if free else ''}."


def requests(budget: Budget) -> str:
    """`40 requests`, and how long they take where windows are waited for."""
    words = count(budget.requests, "request")
    return f"{words}, {duration(budget.eta_seconds)}" if budget.waits else words


def left(budget: Budget, *, brief: bool = False) -> str:
    """`57 of 100 in 15 min, 210 of 250 in 24 h`. `brief`: nothing of short windows that are waited
    for.
    """
    windows = sorted(budget.windows, key=lambda window: window.seconds)
    if brief and budget.waits and all(window.seconds <= HOUR for window in windows):
        return ""
    return ", ".join(
        f"{max(0, window.remaining):,} of {window.limit:,} in {period(window.seconds)}"
        for window in windows
    )


def stop(budget: Budget) -> str:
    """That one run cannot do it all, where that is so; "" otherwise."""
    if not budget.stops:
        return ""
    every = count(budget.requests, "request")
    if not budget.fits:
        return (
            f"No request is left now: the run will stop before the first of {every}. Run it again "
            "later; the soonest posts go first."
        )
    return (
        f"The run will stop after {budget.fits:,} of {every} and go on when it is run again, the "
        "soonest posts first."
    )


def stopped(changes: int, resumes_at: datetime, now: datetime, zone: str) -> str:
    """That a run ended for want of requests, and when to go on."""
    moment = f"{clock(resumes_at, now, zone)} ({distance(resumes_at, now)})"
    rest = f"{count(changes, 'change')} {'is' if changes == 1 else 'are'} left; " if changes else ""
    return (
        f"Stopped: the budget of requests is used up. {rest}it resumes at {moment}: run "
        "`plancast apply` again then."
    )


def not_by_themselves(plan: Plan) -> str:
    """How many entries do not go out by themselves; "" where all do."""
    counts = Counter(change.stage for change in plan.changes if change.action.keeps)
    drafts, approvals = counts[Stage.DRAFT], counts[Stage.NEEDS_APPROVAL]
    words = [count(drafts, "draft")] if drafts else []
    if approvals:
        words.append(f"{count(approvals, 'entry')} that {_needs(approvals)} approval")
    if not words:
        return ""
    verb = "does" if drafts + approvals == 1 else "do"
    return f"{listed(words)} {verb} not go out by {'itself' if verb == 'does' else 'themselves'}."


def standings(rows: Iterable[StatusRow]) -> str:
    """`12 scheduled, 2 drafts and 1 needs approval`."""
    counts = Counter(row.standing for row in rows)
    return listed([_standing(item, counts[item]) for item in Standing if counts[item]])


def _standing(standing: Standing, number: int) -> str:
    if standing is Standing.DRAFT:
        return count(number, "draft")
    if standing is Standing.NEEDS_APPROVAL:
        return f"{number:,} {_needs(number)} approval"
    return f"{number:,} {standing.value}"


def _needs(number: int) -> str:
    return "needs" if number == 1 else "need"


def stale(plan: Plan, now: datetime, zone: str) -> str:
    """How old the knowledge of a plan without a look at the queue is; "" with one."""
    if plan.offline_as_of is None:
        return ""
    age = distance(plan.offline_as_of, now)
    seen = local(plan.offline_as_of, zone)
    return f"Without a look at Buffer: compared with what was last seen {age} ({seen})."
