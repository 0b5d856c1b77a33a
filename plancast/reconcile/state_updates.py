"""Updates of the state: state-only changes of a plan, refreshed bindings, outcomes of calls.

All renames of a plan are one permutation. Every old address is taken out before any new one is put
in, so a swap or a ring of names loses no binding. If renames were made one after the other, the
first of a swap would overwrite the binding of the second, and its post would be created again. The
result is written once, before the first request.

An address that a rename or an adoption needs may still belong to an entry that this plan will
destroy. That entry is owned until its destroy is confirmed, so it is *displaced*: kept under an
address that no file asks for. An unanswered create whose address is needed is displaced as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from plancast.codec import entry_digest
from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Change, Situation
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.reconcile.slugs import unused

STATUS = {
    LiveStatus.SCHEDULED: BindingStatus.SCHEDULED,
    LiveStatus.FAILED: BindingStatus.FAILED,
    LiveStatus.PUBLISHED: BindingStatus.PUBLISHED,
}
"""The status of a binding for each status of a live entry."""

DISPLACED = ".displaced"
"""The suffix of the post id in the address of a displaced entry."""


class StateUpdateError(ValueError):
    """An error in a plan: its changes would lose an owned entry, or own one twice."""


def apply_state_changes(state: State, changes: Sequence[Change]) -> State:
    """Return the state after all adoptions, renames and forgets of a plan.

    A rename that comes with an update is made here; the update is then sent under the new address.

    Raises:
        StateUpdateError: a binding would be lost, overwritten or bound twice.
    """
    left = dict(state.resources)
    arriving: list[Binding] = []
    for change in changes:
        if change.action is Action.FORGET:
            _take_out(left, change.address, change.remote_id)
    # Take everything that moves out of `left` before `_make_room` looks at what is in the way.
    for change in changes:
        if change.previous_address is not None:
            binding = _take_out(left, change.previous_address, change.remote_id)
            arriving.append(_arrived(binding, change))
        elif change.action is Action.ADOPT:
            known = left.get(change.address)
            if known is not None and known.remote_id == change.remote_id:
                del left[change.address]
            arriving.append(_adopted(change))
    if not arriving:
        return replace(state, resources=left) if len(left) < len(state.resources) else state
    # A displaced binding must not get an address that is in use, or that this plan is about.
    names = {*left, *(change.address for change in changes)}
    targets = {binding.address for binding in arriving}
    _make_room(left, targets, names, changes)
    left.update((binding.address, binding) for binding in arriving)
    _must_be_whole(state, left, changes, arriving)
    intents = {key: _readdressed(one, targets, names) for key, one in state.intents.items()}
    return replace(state, resources=left, intents=intents)


def note_ignored_edits(state: State, changes: Iterable[Change]) -> State:
    """Note for each published entry what its file asks for instead, so that it is reported once."""
    noted = []
    for change in changes:
        if Situation.PUBLISHED not in change.situations or change.after is None:
            continue
        binding = state.holder(change.remote_id, change.previous_address or change.address)
        if binding is not None and binding.applied != change.after:
            noted.append(replace(binding, ignored_edit=entry_digest(change.after)))
    return state.bind(*noted) if noted else state


def _take_out(left: dict[Address, Binding], address: Address, remote_id: str) -> Binding:
    """Remove a binding and return it; refuse if the address holds another remote id."""
    binding = left.pop(address, None)
    if binding is None or binding.remote_id != remote_id:
        raise StateUpdateError(f"{address} does not hold {remote_id}")
    return binding


def _arrived(binding: Binding, change: Change) -> Binding:
    """Return the binding as it is under the new address of a rename."""
    if change.action is Action.ADOPT:
        return _adopted(change)
    return replace(binding, address=change.address, protect=change.protect)


def _make_room(
    left: dict[Address, Binding],
    targets: Collection[Address],
    names: set[Address],
    changes: Iterable[Change],
) -> None:
    """Displace bindings at addresses that are needed, if this plan destroys them or they went out.

    A published binding stays in the state while an author must say which post it is (rules (c) and
    (d) of `match`). Any other binding in the way is a fault of the plan.
    """
    doomed = {change.remote_id for change in changes if change.action is Action.DESTROY}
    for address in sorted(left.keys() & set(targets)):
        binding = left.pop(address)
        if binding.remote_id not in doomed and binding.status is not BindingStatus.PUBLISHED:
            raise StateUpdateError(f"{address} is needed, and {binding.remote_id} would be lost")
        place = displaced(address, names)
        left[place] = replace(binding, address=place, protect=False)


def _must_be_whole(
    state: State,
    resources: Mapping[Address, Binding],
    changes: Iterable[Change],
    arriving: Sequence[Binding],
) -> None:
    """Refuse the result unless exactly the forgotten bindings are gone and all others are there.

    This also finds two bindings that arrive at one address, since one of them is missing then.
    """
    forgotten = [change.remote_id for change in changes if change.action is Action.FORGET]
    before = Counter(binding.remote_id for binding in state.resources.values())
    before.subtract(forgotten)
    # Unary plus drops the ids that were forgotten, whose counts are zero now.
    expected = set(+before) | {binding.remote_id for binding in arriving}
    after = Counter(binding.remote_id for binding in resources.values())
    if set(after) != expected or len(resources) != len(expected):
        odd = sorted(expected ^ set(after)) or [key for key in after if after[key] > 1]
        raise StateUpdateError(f"{', '.join(odd)} would be lost, or owned twice")


def displaced(address: Address, names: set[Address]) -> Address:
    """Return an address that no file asks for, and add it to `names`."""
    used = {known.post for known in names if known.profile == address.profile}
    place = Address(unused(f"{address.post}{DISPLACED}", used), address.profile)
    names.add(place)
    return place


def _readdressed(intent: Intent, targets: Collection[Address], names: set[Address]) -> Intent:
    """Return the intent of a create with displaced addresses for those that are needed."""
    if intent.operation is not Operation.CREATE or not set(intent.addresses) & set(targets):
        return intent
    addresses = tuple(
        displaced(address, names) if address in targets else address for address in intent.addresses
    )
    return replace(intent, addresses=addresses)


def adopt(address: Address, applied: Entry, live: LiveEntry) -> Binding:
    """Build the binding of a live entry under an address, as if `applied` had been sent."""
    return Binding(
        address=address,
        remote_id=live.id,
        profile_id=live.profile_id,
        applied=applied,
        observed=live.entry,
        status=STATUS[live.status],
        due_at=live.due_at,
        created_at=live.created_at,
        sent_at=live.sent_at,
        link=live.link,
    )


def remember_protection(state: State, changes: Sequence[Change]) -> State:
    """Return the state with `protect` as the files say, for entries that were just bound."""
    marked = []
    for change in changes:
        binding = state.binding(change.address)
        if change.after is not None and binding and binding.protect != change.protect:
            marked.append(replace(binding, protect=change.protect))
    return state.bind(*marked) if marked else state


def _adopted(change: Change) -> Binding:
    live = change.live or LiveEntry(change.remote_id, change.profile.id, change.before or Entry())
    binding = adopt(change.address, change.after or live.entry, live)
    return replace(binding, due_at=live.due_at or change.due_at, protect=change.protect)


def refresh(binding: Binding, live: LiveEntry | None) -> Binding:
    """Return a binding with the status and the times that a read shows.

    `observed` stays as it is, or an edit by a person would stop being drift without anyone having
    dealt with it.
    """
    if live is None:
        return binding
    seen = {
        "status": STATUS[live.status],
        "due_at": live.due_at or binding.due_at,
        "created_at": binding.created_at or live.created_at,
        "sent_at": live.sent_at or binding.sent_at,
        "link": live.link or binding.link,
        "inert": binding.inert and live.status is not LiveStatus.PUBLISHED,
    }
    if all(getattr(binding, name) == value for name, value in seen.items()):
        return binding
    return replace(binding, **seen)  # type: ignore[arg-type]


def settle(
    state: State, intent: Intent, outcome: CallOutcome, live: Sequence[LiveEntry], at: datetime
) -> State:
    """Fold the outcome of one provider call into the state. `live` is what the answer showed.

    Used by the applier and by the replay of the journal, so a crash cannot change the result.
    Results are matched to addresses by profile, never by position. If the answer to a create lacks
    some of its profiles, the intent stays open for these, whatever the outcome is called.
    """
    # None of them had an effect, so nothing else changes. The intent is over, unless the next run
    # goes on with its draft.
    if outcome in (CallOutcome.REJECTED, CallOutcome.NOT_SENT, CallOutcome.DRAFTED):
        return state if outcome is CallOutcome.DRAFTED else state.settle(intent.id)
    if intent.operation is Operation.CREATE:
        return _created(state, intent, live, at)
    if outcome is CallOutcome.UNKNOWN:
        return state.intend([_mark_given_up(intent, at)])
    state = state.settle(intent.id)
    # Find the entry by its id: another entry may have been renamed to the address since, or its
    # alias may mean another profile now.
    known = state.holder(intent.remote_id, intent.addresses[0])
    if intent.operation is Operation.DESTROY:
        return state.forget(known.address) if known else state
    shown = next(iter(live), None)
    if known is None or shown is None:
        return state
    bound = _bound(known.address, intent, shown, known)
    # An earlier try of this update may still arrive, so a newer update has to wait for a while.
    if outcome is CallOutcome.UNSETTLED:
        bound = replace(bound, unsettled_at=at)
    return state.bind(bound)


def _created(state: State, intent: Intent, live: Sequence[LiveEntry], at: datetime) -> State:
    """Bind what the answer to a create shows; keep the intent open for its other profiles."""
    # By profile: providers may return the entries of a create in any order.
    shown = {entry.profile_id: entry for entry in live}
    state = state.settle(intent.id)
    left: list[tuple[Address, str]] = []
    for address, profile_id in intent.places:
        entry = shown.get(profile_id)
        if entry is None:
            left.append((address, profile_id))
        elif not _is_anothers(state, intent, address, entry):
            state = state.bind(_bound(address, intent, entry, state.binding(address)))
    if not left:
        return state
    return state.intend([_mark_given_up(intent, at).only(left)])


def _is_anothers(state: State, intent: Intent, address: Address, live: LiveEntry) -> bool:
    """Return whether a post of a content item belongs to another address by now.

    The queue can show such a post to a plan before its content item does. Bound twice, it would be
    removed for one of its addresses.
    """
    holder = state.holder(live.id, address) if intent.keyed else None
    return holder is not None and holder.address != address


def _mark_given_up(intent: Intent, at: datetime) -> Intent:
    """Note the time from which no run waits for the answer; the first such time is kept."""
    return replace(intent, given_up_at=intent.given_up_at or at)


def _bound(address: Address, intent: Intent, live: LiveEntry, known: Binding | None) -> Binding:
    """Build the binding after a call. `known` is the binding that it replaces, if any."""
    return Binding(
        address=address,
        remote_id=live.id,
        profile_id=live.profile_id,
        applied=intent.entry,
        observed=live.entry,
        status=STATUS[live.status],
        due_at=live.due_at,
        created_at=live.created_at or _age(known, live) or intent.made_at,
        sent_at=live.sent_at,
        link=live.link,
        protect=known.protect if known else False,
        inert=intent.inert,
        unsettled_at=known.unsettled_at if known and known.remote_id == live.id else None,
    )


def _age(known: Binding | None, live: LiveEntry) -> datetime | None:
    """Return when the entry was created, if the state knows it by this remote id."""
    return known.created_at if known and known.remote_id == live.id else None
