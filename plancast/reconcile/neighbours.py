"""The entries that other workspaces own on the same account, and their part in a plan. Pure.

A file that moves to another workspace is a new post there. The state of that workspace knows
nothing of the entry, and the state of the other one says what became of it:

* it went out, perhaps before its time, which the queue does not show: it must not be sent again;
* it waits, so it is not made beside it until its workspace has let go of it;
* a create of it was not answered, so it may arrive yet;
* it waits, and the folder of its workspace is gone: no apply ever removes it, so what is created
  beside it would be live twice for good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shlex import quote

from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.entry import Address, LiveEntry, LiveStatus
from plancast.model.plan import Action, Change, Situation
from plancast.model.quoting import first_few
from plancast.model.state import Binding, BindingStatus, Intent, State
from plancast.reconcile.identity import Kept

SAME_TIME = timedelta(minutes=1)
"""Within this two times are one: providers drop the seconds."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The state of another workspace: what it owns, and its creates that were not answered.

    `folder` is where its workspace is in the commit that is checked out, None if it is not.
    `is_left`: no workspace of that commit will ever let go of what it owns. `trouble` says why it
    could not be read, "" if it could.
    """

    kept: Kept
    bindings: tuple[Binding, ...] = ()
    creates: tuple[Intent, ...] = ()
    folder: str | None = None
    is_left: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a neighbour, as they are now.

    `posts` are the ids of the posts that they ask for, None if they cannot be read. `uses_state`:
    the settings still lead to the state, for the same queue.
    """

    posts: frozenset[str] | None = None
    uses_state: bool = True


@dataclass(frozen=True, slots=True)
class Twin:
    """A change, and the entry of a neighbour that it would stand beside.

    `is_same`: that entry is already just what the change asks for. `went_out`: it did.
    """

    address: Address
    binding: Binding
    neighbour: Neighbour
    is_same: bool
    went_out: bool


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

    By that time it differs from an older post of the same text, which may go out again on purpose.
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


def joined(state: State, neighbours: Iterable[Neighbour], ids: Collection[str]) -> State:
    """Return a state that owns these entries of neighbours as well; only to compare with.

    An address that is taken already gets another one: what stands there is found by its text. Each
    entry is in it once: while a state is moved, two refs hold the same.
    """
    known = set(state.owned_ids())
    resources = dict(state.resources)
    for number, neighbour in enumerate(neighbours):
        for binding in neighbour.bindings:
            if binding.remote_id not in ids or binding.remote_id in known:
                continue
            known.add(binding.remote_id)
            address = binding.address
            if address in resources:
                address = Address(f"{address.post}-of-neighbour-{number}", address.profile)
            if address not in resources:
                resources[address] = replace(binding, address=address)
    return replace(state, resources=resources)


def twins(
    begun: Collection[Address], whole: Iterable[Change], neighbours: Iterable[Neighbour]
) -> tuple[Twin, ...]:
    """Return what would stand beside an entry of a neighbour.

    `begun` are the addresses that the plan creates, adopts or updates. `whole` are the changes if
    the state owned the entries of the neighbours as well (see `joined`). The scope of a plan may
    leave a change out though it holds the create, so all changes count.
    """
    owners = {
        binding.remote_id: (neighbour, binding)
        for neighbour in neighbours
        for binding in neighbour.bindings
    }
    found = []
    for change in whole:
        is_theirs = change.remote_id in owners and change.after is not None
        if is_theirs and change.action is not Action.CREATE and change.address in begun:
            neighbour, binding = owners[change.remote_id]
            is_held_back = Situation.BLOCKED in change.situations
            is_same = change.action is not Action.UPDATE and not (is_held_back or change.fields)
            went_out = change.live is None or change.live.status is LiveStatus.PUBLISHED
            found.append(Twin(change.address, binding, neighbour, is_same, went_out))
    return tuple(found)


def reasons_to_wait(
    found: Iterable[Twin], files: Callable[[Neighbour], Files]
) -> dict[Address, str]:
    """Return which changes wait, and why. `files` is asked only if it matters.

    A neighbour whose files still ask for its post has another post, unless both are the same.
    """
    reasons = {}
    for twin in found:
        place = twin.neighbour.kept.place
        if twin.went_out:
            if not (twin.is_same or _asks(twin, files)):
                reasons[twin.address] = f"it went out already, as a post of {place}"
        elif not _is_left(twin.neighbour, files) and (twin.is_same or not _asks(twin, files)):
            reasons[twin.address] = f"{place} still owns the same"
    return reasons


def unanswered(changes: Iterable[Change], neighbours: Sequence[Neighbour]) -> dict[Address, str]:
    """Return which creates a neighbour may have made already, without knowing it, and why."""
    made = {
        (profile_id, intent.entry.text, intent.entry.due_at): neighbour.kept.place
        for neighbour in neighbours
        for intent in neighbour.creates
        for profile_id in intent.profile_ids
    }
    reasons = {}
    for change in changes if made else ():
        if change.action is Action.CREATE and change.after is not None:
            place = made.get((change.profile.id, change.after.text, change.after.due_at))
            if place is not None:
                reasons[change.address] = f"a create of the same by {place} was not answered"
    return reasons


def orphaned(
    found: Iterable[Twin], files: Callable[[Neighbour], Files], *, is_new: bool
) -> tuple[Diagnostic, ...]:
    """Refuse to make what a state owns that no workspace is left for, once for each state.

    `is_new`: the workspace that would make it owns nothing yet.
    """
    places: dict[str, tuple[Kept, list[Address]]] = {}
    for twin in found:
        if not twin.went_out and _is_left(twin.neighbour, files):
            kept = twin.neighbour.kept
            places.setdefault(kept.place, (kept, []))[1].append(twin.address)
    return tuple(
        _orphaned(kept, sorted(map(str, addresses)), is_new=is_new)
        for kept, addresses in places.values()
    )


def _is_left(neighbour: Neighbour, files: Callable[[Neighbour], Files]) -> bool:
    return neighbour.is_left or not files(neighbour).uses_state


def _asks(twin: Twin, files: Callable[[Neighbour], Files]) -> bool:
    """Whether the files of the neighbour still ask for its post; not known counts as no."""
    if twin.neighbour.folder is None:
        return False
    posts = files(twin.neighbour).posts
    return posts is not None and twin.binding.address.post in posts


def _orphaned(kept: Kept, addresses: Sequence[str], *, is_new: bool) -> Diagnostic:
    path = kept.identity.path if kept.identity else ""
    file = f"{path}/plancast.yaml" if path else "plancast.yaml"
    whose = f", the state of {kept.identity.shown}" if kept.identity else ""
    instead = f" Or take over all that it owns: `plancast state adopt {kept.place}`."
    return problem(
        "PC629",
        f"{first_few(addresses)} would be live twice: {kept.place}{whose}, owns it too, with this "
        "text or another one, and no workspace of this commit will ever destroy that",
        hint="If this commit is older than that workspace, use a newer one. Else bring its "
        f"settings back (`git checkout COMMIT^ -- {quote(file)}`, if COMMIT removed them), commit "
        "them without its posts, which must lie in another folder then, and apply there with "
        "`--allow-empty`. When it has let go of its posts, apply here, then remove its settings."
        f"{instead if is_new else ''}",
    )
