"""What a plan asks about the entries of other workspaces, and what it reads of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from plancast.engine.observer import Observation
from plancast.engine.planner import Planned
from plancast.model.entry import LiveEntry
from plancast.model.plan import Action, Situation
from plancast.model.ports import Provider, StateUnreachable
from plancast.model.state import BindingStatus, State
from plancast.reconcile.neighbours import (
    Neighbour,
    Twin,
    gone_out,
    joined,
    may_have_gone_out,
    twins,
)

MAKES = (Action.CREATE, Action.ADOPT, Action.UPDATE)
"""What puts a text in the queue, or begins to own one."""


def find_twins(
    first: Planned,
    around: Sequence[Neighbour],
    state: State,
    seen: Observation,
    plan_with: Callable[[State, frozenset[str]], Planned],
) -> tuple[Twin, ...]:
    """Return what would stand beside an entry of a neighbour, whatever the scope of the plan is.

    `first` is the plan that knows nothing of the neighbours. `plan_with` makes one with another
    state, in which these ids may be adopted.
    """
    mine = state.owned_ids()
    there = {entry.id for entry in (*seen.live.queue, *seen.live.sent)}
    theirs = {binding.remote_id for one in around for binding in one.bindings}
    near = theirs & there - mine
    if not near:
        return ()
    whole = plan_with(joined(state, around, near), frozenset(near)).whole
    begun = {
        one.address
        for one in first.whole
        if one.action in MAKES and Situation.PUBLISHED not in one.situations
    }
    return twins(begun, whole, around)


def must_be_known(around: Iterable[Neighbour], adopted: Collection[str]) -> None:
    """Raise StateUnreachable if an entry is adopted while a state cannot be understood."""
    for one in around:
        if one.trouble and adopted:
            hint = "Nothing is adopted while it is not known what other workspaces own."
            raise StateUnreachable(one.trouble, one.kept.place, hint=hint)


def with_sent(
    seen: Observation, planned: Planned, around: Sequence[Neighbour], provider: Provider
) -> Observation:
    """Return what was seen, with what went out as the entry of another workspace."""
    waiting = {entry.id for entry in seen.live.queue}
    owned = may_have_gone_out(planned.whole, around, waiting)
    open_ones = [one for one in owned if one.status is not BindingStatus.PUBLISHED]
    read: tuple[LiveEntry, ...] = ()
    if open_ones:
        since: dict[str, datetime | None] = {}
        for one in open_ones:
            known = since.get(one.profile_id, one.created_at)
            since[one.profile_id] = min(known, one.created_at) if known and one.created_at else None
        sent = provider.sent(since)
        listed = {entry.id for entry in sent}
        unlisted = [one.remote_id for one in open_ones if one.remote_id not in listed]
        read = (*sent, *provider.find(unlisted))
    found = gone_out(owned, (*seen.live.sent, *read))
    ids = {entry.id for entry in found}
    before = tuple(entry for entry in seen.live.sent if entry.id not in ids)
    return replace(seen, live=replace(seen.live, sent=(*before, *found)))
