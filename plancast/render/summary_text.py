"""Sentences that several views share: cost, budget, groups, held back changes, totals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from plancast.model.diagnostics import Severity
from plancast.model.durations import period
from plancast.model.entry import Stage
from plancast.model.plan import Action, Budget, Change, Plan, Situation
from plancast.reconcile.groups import NAMED
from plancast.reconcile.groups import listed as groups_listed
from plancast.reconcile.repairs import is_failed
from plancast.reconcile.status import Standing, StatusRow
from plancast.reconcile.targets import WITHOUT
from plancast.render.text import clock, count, distance, duration, listed, local

HOUR = 3600
"""Seconds. A shorter window is over soon, so a brief view leaves it out if a run waits for it."""


def cost(plan: Plan) -> str:
    """Say what applying costs and what is left of the rate limits; "" if nothing is to do."""
    if not plan.has_changes:
        return ""
    if not plan.budget.requests:
        return "Applying sends nothing: only the state changes."
    free = left(plan.budget)
    return f"Applying takes {requests(plan.budget)}{f'; left: {free}' if free else ''}."


def requests(budget: Budget) -> str:
    """Return `40 requests`, with how long they take if the run has to wait for a window."""
    words = count(budget.requests, "request")
    return f"{words}, {duration(budget.eta_seconds)}" if budget.waits else words


def left(budget: Budget, *, brief: bool = False) -> str:
    """Return `57 of 100 in 15 min, 210 of 250 in 24 h`.

    `brief`: return "" if the run waits and no window is longer than an hour.
    """
    windows = sorted(budget.windows, key=lambda window: window.seconds)
    if brief and budget.waits and all(window.seconds <= HOUR for window in windows):
        return ""
    return ", ".join(
        f"{max(0, window.remaining):,} of {window.limit:,} in {period(window.seconds)}"
        for window in windows
    )


def stop(budget: Budget) -> str:
    """Say that one run cannot make all requests; "" if it can."""
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
    """Say that a run stopped because its requests were used up, and when to go on."""
    moment = f"{clock(resumes_at, now, zone)} ({distance(resumes_at, now)})"
    rest = f"{count(changes, 'change')} {'is' if changes == 1 else 'are'} left; " if changes else ""
    return (
        f"Stopped: the budget of requests is used up. {rest}it resumes at {moment}: run "
        "`plancast apply` again then."
    )


def with_bonds(plan: Plan) -> Plan:
    """Add to the reason of each change which others belong to it: they are applied together.

    A group of which nothing is sent gets no words, since only names in the state change.
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
    others = [member for member in group if member.key != change.key]
    if Situation.FAILED in change.situations or is_failed(change.live):
        # A failed entry and the create that replaces it: their reasons say so.
        others = [member for member in others if member.address != change.address]
        if not others:
            return ""
    # A held change says with which it is held, unless its reason names that one already.
    if change.action is Action.NONE:
        is_in_reason = not change.held_with or str(change.held_with[0]) in change.reason
        return "" if is_in_reason else f"held with {groups_listed(change.held_with)}"
    if not any(member.action.sends for member in group):
        return ""
    # Within a group, creates wait until the updates and destroys are done.
    creates = [member for member in others if member.action is Action.CREATE]
    first = [member for member in others if member.action in (Action.UPDATE, Action.DESTROY)]
    if change.action is Action.CREATE and first:
        may_be = ", which may be the same post" if _is_one_removal(change, first) else ""
        return f"it waits for {_names(change, first)}{may_be}"
    if change.action in (Action.UPDATE, Action.DESTROY) and creates:
        verb = "waits" if len(creates) == 1 else "wait"
        return f"{_names(change, creates)} {verb} for it"
    return f"together with {_names(change, others)}"


def _is_one_removal(change: Change, first: Sequence[Change]) -> bool:
    """Return whether a create waits for nothing but one destroy on its own profile."""
    return (
        len(first) == 1
        and first[0].action is Action.DESTROY
        and first[0].profile.id == change.profile.id
    )


def _names(change: Change, others: Iterable[Change]) -> str:
    """Return the names of the others: their posts alone if they are on the same profile."""
    place = change.address
    names = {
        other.address.post
        if other.address.profile == place.profile and other.address.post != place.post
        else str(other.address)
        for other in others
    }
    shown = sorted(names)
    if len(shown) > NAMED:
        return f"{', '.join(shown[:NAMED])} and {len(shown) - NAMED} more"
    return listed(shown)


def left_out(plan: Plan) -> str:
    """Say which changes are held back because the flags select only a part of their group."""
    # Members of the group that the flags leave out are the reason; name those if they are known.
    held_addresses = {change.address for change in plan.held_by_scope}
    if not held_addresses:
        return ""
    others = {
        address for change in plan.held_by_scope for address in change.held_with
    } - held_addresses
    rest = groups_listed(others) if others else "what the flags leave out"
    verb = "belongs" if len(held_addresses) == 1 else "belong"
    what = "both, or neither" if len(held_addresses) == len(others) == 1 else "all of them, or none"
    return f"Held back: {groups_listed(held_addresses)} {verb} together with {rest}. Take {what}."


def not_by_themselves(plan: Plan) -> str:
    """Say how many drafts and entries without approval do not go out by themselves; "" if none."""
    counts = Counter(change.stage for change in plan.changes if change.action.keeps)
    drafts, approvals = counts[Stage.DRAFT], counts[Stage.NEEDS_APPROVAL]
    words = [count(drafts, "draft")] if drafts else []
    if approvals:
        words.append(f"{count(approvals, 'entry')} that {_needs(approvals)} approval")
    if not words:
        return ""
    verb = "does" if drafts + approvals == 1 else "do"
    return f"{listed(words)} {verb} not go out by {'itself' if verb == 'does' else 'themselves'}."


def scope_of_targets(plan: Plan, name: Callable[[str], str] = str) -> str:
    """Return `only for launch/*, without launch/b`; "" if the plan is for all. `name` shows one."""
    taken = [one for one in plan.targets if not one.startswith(WITHOUT)]
    without = [one.removeprefix(WITHOUT) for one in plan.targets if one.startswith(WITHOUT)]
    parts = []
    for words, globs in (("only for", taken), ("without", without)):
        more = f" and {len(globs) - NAMED_TARGETS:,} more" if len(globs) > NAMED_TARGETS else ""
        if globs:
            parts.append(f"{words} {', '.join(map(name, globs[:NAMED_TARGETS]))}{more}")
    return ", ".join(parts)


NAMED_TARGETS = 5
"""Targets that are named."""

FAILED_STAY = (
    "A failed post is not sent again by itself: mend its file if need be, and give it another "
    "time. `plancast plan` shows how."
)
"""The sentence below a status with failed entries."""


def standings(rows: Iterable[StatusRow]) -> str:
    """Return the totals of a status: `12 scheduled, 2 drafts and 1 needs approval`."""
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
    """Say that the files ask for something else than the queue holds; "" if they do not.

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


def problems_elsewhere(plan: Plan) -> str:
    """Count the warnings about posts that the plan does not change; "" if there are none."""
    # A remark asks for nothing: away from the post that changes it is not worth a line.
    number = sum(item.severity is Severity.WARNING for item in plan.diagnostics_elsewhere)
    if not number:
        return ""
    shows = "`plancast validate` shows " + ("it" if number == 1 else "them")
    return f"{count(number, 'warning')} about posts that this plan does not change: {shows}."


def _needs(number: int) -> str:
    return "needs" if number == 1 else "need"


def stale(plan: Plan, now: datetime, zone: str, title: str) -> str:
    """Say how old the queue is that an offline plan was compared with; "" for an online plan."""
    if plan.offline_as_of is None:
        return ""
    age = distance(plan.offline_as_of, now)
    seen = local(plan.offline_as_of, zone)
    return f"Without a look at {title}: compared with what was last seen {age} ({seen})."
