"""What several views say in the same words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from plancast.model.durations import period
from plancast.model.entry import Stage
from plancast.model.plan import Action, Budget, Change, Plan
from plancast.reconcile.groups import NAMED
from plancast.reconcile.groups import listed as groups_listed
from plancast.reconcile.status import Standing, StatusRow
from plancast.render.text import clock, count, distance, duration, listed, local

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


def with_bonds(plan: Plan) -> Plan:
    """Return the plan with what belongs together said in the reasons of its changes.

    A group of which nothing is sent is not worth a word: it is only names.
    """
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in plan.changes:
        if change.group:
            groups[change.group].append(change)
    if not groups:
        return plan
    changes = []
    for change in plan.changes:
        words = _bond(change, groups.get(change.group, []))
        reason = "; ".join(filter(None, (change.reason, words)))
        changes.append(replace(change, reason=reason) if words else change)
    return replace(plan, changes=tuple(changes))


def _bond(change: Change, group: Sequence[Change]) -> str:
    others = [one for one in group if one.key != change.key]
    if change.action is Action.NONE:
        told = not change.held_with or str(change.held_with[0]) in change.reason
        return "" if told else f"held with {groups_listed(change.held_with)}"
    if not any(one.action.sends for one in group):
        return ""
    creates = [one for one in others if one.action is Action.CREATE]
    first = [one for one in others if one.action in (Action.UPDATE, Action.DESTROY)]
    if change.action is Action.CREATE and first:
        may_be = ", which may be the same post" if _is_one_removal(change, first) else ""
        return f"it waits for {_names(change, first)}{may_be}"
    if change.action in (Action.UPDATE, Action.DESTROY) and creates:
        verb = "waits" if len(creates) == 1 else "wait"
        return f"{_names(change, creates)} {verb} for it"
    return f"together with {_names(change, others)}"


def _is_one_removal(change: Change, first: Sequence[Change]) -> bool:
    """Whether all that a create waits for is one destroy on its own profile."""
    return (
        len(first) == 1
        and first[0].action is Action.DESTROY
        and first[0].profile.id == change.profile.id
    )


def _names(change: Change, others: Iterable[Change]) -> str:
    """The others, by their posts alone if they are on the same profile."""
    place = change.address
    names = {
        one.address.post
        if one.address.profile == place.profile and one.address.post != place.post
        else str(one.address)
        for one in others
    }
    shown = sorted(names)
    if len(shown) > NAMED:
        return f"{', '.join(shown[:NAMED])} and {len(shown) - NAMED} more"
    return listed(shown)


def left_out(plan: Plan) -> str:
    """What the flags that narrow a plan hold back, since only a part of it was asked for."""
    held = {change.address for change in plan.held_by_scope}
    if not held:
        return ""
    others = {one for change in plan.held_by_scope for one in change.held_with} - held
    rest = groups_listed(others) if others else "what the flags leave out"
    verb = "belongs" if len(held) == 1 else "belong"
    what = "both, or neither" if len(held) == len(others) == 1 else "all of them, or none"
    return f"Held back: {groups_listed(held)} {verb} together with {rest}. Take {what}."


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
    if standing in (Standing.OVERDUE_DRAFT, Standing.OVERDUE_APPROVAL):
        return count(number, standing.value)
    if standing is Standing.NEEDS_APPROVAL:
        return f"{number:,} {_needs(number)} approval"
    return f"{number:,} {standing.value}"


def not_applied(plan: Plan | None) -> str:
    """Say that the files ask for something else than what the queue holds; "" if they do not.

    `plan` is None if none could be made.
    """
    if plan is None or not plan.can_apply:
        return "What the files ask for cannot be applied: `plancast plan` says why."
    counts = Counter(change.action for change in plan.changes)
    words = [
        f"{counts[action]:,} to {action.value}"
        for action in Action
        if action is not Action.NONE and counts[action]
    ]
    words += [
        f"{plan.summary[name]:,} {name}" for name in ("deferred", "missed") if plan.summary[name]
    ]
    if not words:
        return ""
    return f"The files ask for changes: {listed(words)}. `plancast plan` shows them."


def _needs(number: int) -> str:
    return "needs" if number == 1 else "need"


def stale(plan: Plan, now: datetime, zone: str, title: str) -> str:
    """How old the knowledge of a plan without a look at the queue is; "" with one."""
    if plan.offline_as_of is None:
        return ""
    age = distance(plan.offline_as_of, now)
    seen = local(plan.offline_as_of, zone)
    return f"Without a look at {title}: compared with what was last seen {age} ({seen})."
