"""Entries of neighbours (workspaces that share our account), as far as a plan must know them.

A post that a neighbour owns must not be adopted or created a second time: a plan compares what it
would begin to own with these entries.
"""

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
from plancast.reconcile.needed_lookups import read_since
from plancast.reconcile.neighbours import (
    Neighbour,
    gone_out,
    may_have_gone_out,
)

MAKES = (Action.CREATE, Action.ADOPT, Action.UPDATE)
"""The actions that put a text in the queue, or begin to own one."""


def begun_in(planned: Planned) -> frozenset[Address]:
    """Return the addresses that a plan puts in the queue or begins to own, ignoring its scope."""
    return frozenset(
        change.address
        for change in planned.whole
        if change.action in MAKES and Situation.PUBLISHED not in change.situations
    )


def seen_of_others(seen: Observation, around: Sequence[Neighbour], state: State) -> frozenset[str]:
    """Return the ids of the live entries that neighbours own and `state` does not."""
    there = {entry.id for entry in (*seen.live.queue, *seen.live.sent)}
    theirs = {binding.remote_id for one in around for binding in one.bindings}
    return frozenset(theirs & there - state.owned_ids())


def must_be_known(around: Iterable[Neighbour], adopted: Collection[str]) -> None:
    """Raise StateUnreachable if entries are adopted while a neighbour's state is unreadable."""
    for neighbour in around:
        if neighbour.trouble and adopted:
            hint = "Nothing is adopted while it is not known what other workspaces own."
            raise StateUnreachable(neighbour.trouble, neighbour.kept.place, hint=hint)


def with_sent(
    seen: Observation, planned: Planned, around: Sequence[Neighbour], provider: Provider
) -> Observation:
    """Return the observation, with the neighbours' entries that have gone out added to it.

    Costs requests only if an entry of a neighbour may have gone out since its last apply.
    """
    # An entry that is still in the queue cannot have gone out.
    waiting = {entry.id for entry in seen.live.queue}
    owned = may_have_gone_out(planned.whole, around, waiting)
    open_ones = [binding for binding in owned if binding.status is not BindingStatus.PUBLISHED]
    read: tuple[LiveEntry, ...] = ()
    if open_ones:
        since: dict[str, datetime | None] = {}
        for binding in open_ones:
            read_since(since, binding.profile_id, binding.created_at)
        sent = provider.sent(since)
        listed = {entry.id for entry in sent}
        # An entry that no list shows may still exist: ask by id, or its post may be created twice.
        unlisted = [binding.remote_id for binding in open_ones if binding.remote_id not in listed]
        read = (*sent, *provider.find(unlisted))
    gone = gone_out(owned, (*seen.live.sent, *read))
    if not gone:
        return seen
    gone_ids = {entry.id for entry in gone}
    before = tuple(entry for entry in seen.live.sent if entry.id not in gone_ids)
    return replace(seen, live=replace(seen.live, sent=(*before, *gone)))
