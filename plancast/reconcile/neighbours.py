"""Neighbours: entries that other workspaces own on the same account, and their effect on a plan.

If a file moves to another workspace, it is a new post there. The state of the new workspace does
not know the entry; the state of the old one shows what became of it:

* it went out, perhaps before its time: it must not be sent again (`gone_out`, `reasons_to_wait`);
* it waits in the queue: the create waits until the old workspace has let go of it
  (`reasons_to_wait`);
* its create was not answered, so it may still arrive: the new create waits (`unanswered`);
* it waits, and the folder of the old workspace is gone, so no apply will ever remove it: the plan
  is refused, since a new entry would be live twice for good (`orphaned`).

To recognize such posts, the planner makes a second plan from a state that owns the neighbours'
entries as well (`joined`). What that plan does not create is a *twin* (`twins`). All functions here
are pure.
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
from plancast.reconcile.workspace_identity import Kept

SAME_TIME = timedelta(minutes=1)
"""Times closer than this count as the same: providers drop the seconds."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The state of another workspace: its bindings, and its creates that were not answered.

    `folder` is the folder of that workspace in the commit that is checked out, None if it has none.
    `is_left`: no workspace of this commit will ever remove what the state owns. `trouble` is the
    reason why the state could not be read, "" if it could.
    """

    kept: Kept
    bindings: tuple[Binding, ...] = ()
    creates: tuple[Intent, ...] = ()
    folder: str | None = None
    is_left: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a neighbour, as they are in this commit.

    `posts` are the ids of the posts that they ask for, None if they cannot be read. `uses_state`:
    the settings of that workspace still name this state, for the same queue.
    """

    posts: frozenset[str] | None = None
    uses_state: bool = True


@dataclass(frozen=True, slots=True)
class Twin:
    """A change that would put a second entry beside one of a neighbour.

    `is_same`: the neighbour's entry is already exactly what the change asks for. `went_out`: that
    entry was published.
    """

    address: Address
    binding: Binding
    neighbour: Neighbour
    is_same: bool
    went_out: bool


def may_have_gone_out(
    changes: Iterable[Change], neighbours: Iterable[Neighbour], queue: Collection[str]
) -> tuple[Binding, ...]:
    """Return bindings of neighbours for the time of a create that are not in the queue.

    They may have gone out, so their ids are looked up. `queue` holds the remote ids of all waiting
    entries.
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
    """Return the entries of neighbours that surely went out, each with the time of its file.

    That time distinguishes it from an older post with the same text, which an author may publish
    again on purpose.
    """
    by_id = {entry.id: entry for entry in sent if entry.status is LiveStatus.PUBLISHED}
    published = []
    for binding in owned:
        entry = by_id.get(binding.remote_id)
        if entry is None and binding.status is BindingStatus.PUBLISHED:
            # The sent list does not reach back so far, but the neighbour's state remembers it.
            entry = LiveEntry(
                id=binding.remote_id,
                profile_id=binding.profile_id,
                entry=binding.observed,
                status=LiveStatus.PUBLISHED,
                sent_at=binding.sent_at,
            )
        if entry is not None:
            published.append(replace(entry, due_at=binding.applied.due_at))
    return tuple(published)


def joined(state: State, neighbours: Iterable[Neighbour], ids: Collection[str]) -> State:
    """Return a state that also owns the neighbours' entries with these ids; only for comparison.

    If an address is in use, the neighbour's entry gets another one; matching then finds it by its
    content. Each entry is added once: while a state is being moved, two refs hold the same entry.
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
    """Return the changes of a plan that would put an entry beside one of a neighbour.

    `begun` are the addresses that the plan creates, adopts or updates. `whole` are the changes of
    the comparison plan, made from the `joined` state. All its changes count, whatever the scope of
    the plan: the scope may leave out the very change that identifies a create as a twin.
    """
    owners = {
        binding.remote_id: (neighbour, binding)
        for neighbour in neighbours
        for binding in neighbour.bindings
    }
    result = []
    for change in whole:
        # Anything but a create means: with the neighbour's entry owned, no new one is needed.
        is_theirs = change.remote_id in owners and change.after is not None
        if is_theirs and change.action is not Action.CREATE and change.address in begun:
            neighbour, binding = owners[change.remote_id]
            is_held_back = Situation.BLOCKED in change.situations
            is_same = change.action is not Action.UPDATE and not (is_held_back or change.fields)
            went_out = change.live is None or change.live.status is LiveStatus.PUBLISHED
            result.append(Twin(change.address, binding, neighbour, is_same, went_out))
    return tuple(result)


def reasons_to_wait(
    found_twins: Iterable[Twin], files: Callable[[Neighbour], Files]
) -> dict[Address, str]:
    """Return the changes that must wait, with their reasons, by address.

    If the neighbour's files still ask for its post, that is another post with a similar text,
    unless the entries are exactly the same. `files` reads the files of a neighbour; it is called
    only if the answer depends on them.
    """
    reasons = {}
    for twin in found_twins:
        place = twin.neighbour.kept.place
        if twin.went_out:
            # An equal entry that went out needs no reason: rule (e) of `match` finds it.
            if not (twin.is_same or _asks(twin, files)):
                reasons[twin.address] = f"it went out already, as a post of {place}"
        elif not _is_left(twin.neighbour, files) and (twin.is_same or not _asks(twin, files)):
            reasons[twin.address] = f"{place} still owns the same"
    return reasons


def unanswered(changes: Iterable[Change], neighbours: Sequence[Neighbour]) -> dict[Address, str]:
    """Return the creates that a neighbour may have made already, with the reasons, by address."""
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
    found_twins: Iterable[Twin], files: Callable[[Neighbour], Files], *, is_new: bool
) -> tuple[Diagnostic, ...]:
    """Refuse creates beside entries whose workspace is gone: one error for each such state.

    `is_new`: this workspace owns nothing yet, so it can take over the whole state instead.
    """
    places: dict[str, tuple[Kept, list[Address]]] = {}
    for twin in found_twins:
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
    """Return whether the neighbour's files still ask for its post; unknown counts as no."""
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
