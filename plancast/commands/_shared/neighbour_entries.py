"""The entries of other workspaces, as far as a plan has to ask about them and read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from plancast.engine.observer import Observation
from plancast.engine.planner import Planned
from plancast.model.entry import Address, LiveEntry
from plancast.model.plan import Action, Situation
from plancast.model.ports import Provider, StateUnreachable
from plancast.model.state import BindingStatus, State
from plancast.reconcile.lookups import read_since
from plancast.reconcile.neighbours import (
    Neighbour,
    gone_out,
    may_have_gone_out,
)

MAKES = (Action.CREATE, Action.ADOPT, Action.UPDATE)
"""The actions that put a text in the queue, or begin to own one."""


def begun_in(planned: Planned) -> frozenset[Address]:
    """Return the addresses that a plan puts in the queue or begins to own, whatever its scope."""
    return frozenset(
        one.address
        for one in planned.whole
        if one.action in MAKES and Situation.PUBLISHED not in one.situations
    )


def seen_of_others(seen: Observation, around: Sequence[Neighbour], state: State) -> frozenset[str]:
    """Return the ids of what was seen that neighbours own and `state` does not."""
    there = {entry.id for entry in (*seen.live.queue, *seen.live.sent)}
    theirs = {binding.remote_id for one in around for binding in one.bindings}
    return frozenset(theirs & there - state.owned_ids())


def must_be_known(around: Iterable[Neighbour], adopted: Collection[str]) -> None:
    """Raise StateUnreachable if an entry is adopted while a state cannot be understood."""
    for one in around:
        if one.trouble and adopted:
            hint = "Nothing is adopted while it is not known what other workspaces own."
            raise StateUnreachable(one.trouble, one.kept.place, hint=hint)


def with_sent(
    seen: Observation, planned: Planned, around: Sequence[Neighbour], provider: Provider
) -> Observation:
    """Return what was seen, and what went out as the entry of another workspace."""
    waiting = {entry.id for entry in seen.live.queue}
    owned = may_have_gone_out(planned.whole, around, waiting)
    open_ones = [one for one in owned if one.status is not BindingStatus.PUBLISHED]
    read: tuple[LiveEntry, ...] = ()
    if open_ones:
        since: dict[str, datetime | None] = {}
        for one in open_ones:
            read_since(since, one.profile_id, one.created_at)
        sent = provider.sent(since)
        listed = {entry.id for entry in sent}
        unlisted = [one.remote_id for one in open_ones if one.remote_id not in listed]
        read = (*sent, *provider.find(unlisted))
    found = gone_out(owned, (*seen.live.sent, *read))
    if not found:
        return seen
    ids = {entry.id for entry in found}
    before = tuple(entry for entry in seen.live.sent if entry.id not in ids)
    return replace(seen, live=replace(seen.live, sent=(*before, *found)))
