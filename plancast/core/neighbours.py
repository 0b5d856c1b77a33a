"""What other workspaces own on the same account, and what that means for a plan. Pure.

A file that moves to another workspace is a new post there. The state of that workspace knows
nothing of the entry, and the state of the other one says what became of it:

* it went out, perhaps before its time, which no look at the queue tells: it must not be sent again;
* it waits, so it is not created beside it until its workspace has let go of it;
* it waits, and the folder of its workspace is gone: no apply ever removes it, so what is created
  beside it would be live twice for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shlex import quote

from plancast.core.diagnostics import Diagnostic, problem
from plancast.core.identity import Kept
from plancast.core.model import Address, LiveEntry, LiveStatus
from plancast.core.plan import Action, Change, Situation
from plancast.core.state import Binding, BindingStatus, State

SAME_TIME = timedelta(minutes=1)
"""Within this two times are one: providers drop the seconds."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The state of another workspace, and what it owns.

    `is_left`: no workspace of the commit that is checked out will ever let go of it. `trouble`
    says why it could not be read, "" if it could.
    """

    kept: Kept
    bindings: tuple[Binding, ...] = ()
    is_left: bool = False
    trouble: str = ""


def may_have_gone_out(
    changes: Iterable[Change], neighbours: Iterable[Neighbour], queue: Collection[str]
) -> tuple[Binding, ...]:
    """Return what neighbours own that is created now for the same time, and is not in the queue.

    `queue`: the remote ids of all that waits.
    """
    wanted: dict[str, list[datetime]] = {}
    for change in changes:
        asked = change.after.due_at if change.after else None
        if change.action is Action.CREATE and asked is not None:
            wanted.setdefault(change.profile.id, []).append(asked)
    return tuple(
        binding
        for neighbour in neighbours
        for binding in neighbour.bindings
        if binding.remote_id not in queue and _is_asked_for(binding, wanted)
    )


def _is_asked_for(binding: Binding, wanted: Mapping[str, Sequence[datetime]]) -> bool:
    due_at = binding.applied.due_at
    times = wanted.get(binding.profile_id, ())
    return due_at is not None and any(abs(due_at - time) < SAME_TIME for time in times)


def gone_out(owned: Iterable[Binding], sent: Iterable[LiveEntry]) -> tuple[LiveEntry, ...]:
    """Return what surely went out, each with the time that its file asked for.

    The time tells it apart from an older post of the same text, which may be meant to go out again.
    """
    by_id = {entry.id: entry for entry in sent if entry.status is LiveStatus.PUBLISHED}
    found = []
    for binding in owned:
        entry = by_id.get(binding.remote_id)
        if entry is None and binding.status is BindingStatus.PUBLISHED:
            entry = LiveEntry(
                id=binding.remote_id,
                profile_id=binding.profile_id,
                entry=binding.observed,
                status=LiveStatus.PUBLISHED,
                sent_at=binding.sent_at,
            )
        if entry is not None:
            found.append(replace(entry, due_at=binding.applied.due_at))
    return tuple(found)


def owned_by(free: Iterable[Change], neighbours: Iterable[Neighbour]) -> dict[Address, str]:
    """Return what would be adopted if a workspace that is still there did not own it.

    With the place of its state. `free`: the changes if nobody else owned anything. Made beside it,
    it would be there twice until the other one lets go of it; and that may be refused there.
    """
    places = {
        binding.remote_id: neighbour.kept.place
        for neighbour in neighbours
        if not neighbour.is_left
        for binding in neighbour.bindings
    }
    return {
        change.address: places[change.remote_id]
        for change in free
        if change.action is Action.ADOPT
        and change.remote_id in places
        and Situation.PUBLISHED not in change.situations
    }


def with_orphans(state: State, neighbours: Iterable[Neighbour]) -> State:
    """Return a state that owns what no workspace is left for as well; only to compare with."""
    orphans = {
        binding.address: binding
        for neighbour in neighbours
        if neighbour.is_left
        for binding in neighbour.bindings
    }
    return replace(state, resources={**orphans, **state.resources})


def left_ids(neighbours: Iterable[Neighbour]) -> frozenset[str]:
    """Return the remote ids that no workspace is left for."""
    return frozenset(
        binding.remote_id for one in neighbours if one.is_left for binding in one.bindings
    )


def orphaned(
    begun: Collection[Address],
    free: Iterable[Change],
    neighbours: Iterable[Neighbour],
    *,
    is_new: bool,
) -> tuple[Diagnostic, ...]:
    """Refuse to create what a state owns that no workspace is left for, once for each state.

    `begun`: the addresses that the plan creates or adopts. `free`: the changes if the state owned
    the orphans as well; one of `begun` that is one of them there would be live twice. The scope of
    a plan may leave a change out though it holds the create, so all changes count. `is_new`: the
    workspace that would create it owns nothing yet.
    """
    kept = {
        binding.remote_id: neighbour.kept
        for neighbour in neighbours
        if neighbour.is_left
        for binding in neighbour.bindings
    }
    found: dict[str, list[Address]] = {}
    for change in free:
        is_orphan = change.remote_id in kept and change.after is not None
        if is_orphan and change.action is not Action.CREATE and change.address in begun:
            found.setdefault(kept[change.remote_id].place, []).append(change.address)
    places = {one.place: one for one in kept.values()}
    return tuple(
        _orphaned(places[place], sorted(map(str, addresses)), is_new=is_new)
        for place, addresses in sorted(found.items())
    )


def _orphaned(kept: Kept, addresses: Sequence[str], *, is_new: bool) -> Diagnostic:
    shown = ", ".join(addresses[:_NAMED])
    more = f" and {len(addresses) - _NAMED} more" if len(addresses) > _NAMED else ""
    path = kept.identity.path if kept.identity else ""
    file = f"{path}/plancast.yaml" if path else "plancast.yaml"
    whose = f", the state of {kept.identity.shown}" if kept.identity else ""
    instead = f" Or take over all that it owns: `plancast state adopt {kept.place}`."
    return problem(
        "PC629",
        f"{shown}{more} would be live twice: {kept.place}{whose}, owns the same, and no workspace "
        "of this commit will ever destroy that",
        hint=f"Bring its settings back (`git checkout COMMIT^ -- {quote(file)}`, if COMMIT removed "
        "them), commit them without the posts, and apply there with `--allow-empty`. When it has "
        f"let go of its posts, apply here, then remove the folder.{instead if is_new else ''}",
    )


_NAMED = 3
"""How many addresses a message names."""
