"""Apply the state-only changes of a plan, and refresh bindings from live entries.

All renames of a plan are one permutation: every old address is taken out before any new one is
put in, so a swap or a ring of names loses nothing. The result is written at once, before the
first request.

An address that a rename or an adoption needs may still belong to an entry that this plan will
destroy. That entry is ours until the destroy is confirmed, so it is *displaced*: kept under an
address that nothing asks for. An unanswered create whose address is needed is displaced as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Change
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.reconcile.slugs import unused

STATUS = {
    LiveStatus.SCHEDULED: BindingStatus.SCHEDULED,
    LiveStatus.FAILED: BindingStatus.FAILED,
    LiveStatus.PUBLISHED: BindingStatus.PUBLISHED,
}
"""What a live entry's status means for what is known of it."""

DISPLACED = ".displaced"
"""What follows the post's id in the address of an entry that had to make room."""


class StateUpdateError(ValueError):
    """These changes would lose what is owned, or own one entry twice."""


def apply_state_changes(state: State, changes: Sequence[Change]) -> State:
    """Return the state after all adoptions, renames and forgettings of a plan.

    A rename that comes with an update is made here; the update is sent under the new address.
    Raises BookingError if a binding would be lost, overwritten or bound twice.
    """
    left = dict(state.resources)
    arriving: list[Binding] = []
    for change in changes:
        if change.action is Action.FORGET:
            _take_out(left, change.address, change.remote_id)
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
    names = {*left, *(change.address for change in changes)}
    targets = {binding.address for binding in arriving}
    _make_room(left, targets, names, changes)
    left.update((binding.address, binding) for binding in arriving)
    _must_be_whole(state, left, changes, arriving)
    intents = {key: _readdressed(one, targets, names) for key, one in state.intents.items()}
    return replace(state, resources=left, intents=intents)


def _take_out(left: dict[Address, Binding], address: Address, remote_id: str) -> Binding:
    binding = left.pop(address, None)
    if binding is None or binding.remote_id != remote_id:
        raise StateUpdateError(f"{address} does not hold {remote_id}")
    return binding


def _arrived(binding: Binding, change: Change) -> Binding:
    """The binding as it is under the new address."""
    if change.action is Action.ADOPT:
        return _adopted(change)
    return replace(binding, address=change.address, protect=change.protect)


def _make_room(
    left: dict[Address, Binding],
    targets: Collection[Address],
    names: set[Address],
    changes: Iterable[Change],
) -> None:
    """Displace what stands where something arrives, if this plan destroys it or it went out.

    What went out stays if an author must say first which post it is.
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
    """Raises BookingError unless just what was to be forgotten is gone, and all else is there once.

    Two that arrive at one address are found by this as well: one of them is missing then.
    """
    forgotten = [change.remote_id for change in changes if change.action is Action.FORGET]
    before = Counter(binding.remote_id for binding in state.resources.values())
    before.subtract(forgotten)
    expected = set(+before) | {binding.remote_id for binding in arriving}
    after = Counter(binding.remote_id for binding in resources.values())
    if set(after) != expected or len(resources) != len(expected):
        odd = sorted(expected ^ set(after)) or [key for key in after if after[key] > 1]
        raise StateUpdateError(f"{', '.join(odd)} would be lost, or owned twice")


def displaced(address: Address, names: set[Address]) -> Address:
    """Return an address that nothing asks for, and add it to `names`."""
    used = {known.post for known in names if known.profile == address.profile}
    place = Address(unused(f"{address.post}{DISPLACED}", used), address.profile)
    names.add(place)
    return place


def _readdressed(intent: Intent, targets: Collection[Address], names: set[Address]) -> Intent:
    """The intent of a create under other addresses where its own are needed."""
    if intent.operation is not Operation.CREATE or not set(intent.addresses) & set(targets):
        return intent
    addresses = tuple(
        displaced(address, names) if address in targets else address for address in intent.addresses
    )
    return replace(intent, addresses=addresses)


def adopt(address: Address, applied: Entry, live: LiveEntry) -> Binding:
    """Owning a live entry under an address, as if `applied` had been asked for."""
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
    """The state with what the files say about protection of what was just bound."""
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
    """Return what is known of an owned entry after a look at it.

    `observed` is not touched: what a person changed stays drift until it is dealt with.
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
    Results are matched to addresses by profile, never by position. What a create did not show for
    some of its profiles stays open for just those, whatever the outcome is called.
    """
    if outcome in (CallOutcome.REJECTED, CallOutcome.NOT_SENT):
        return state.settle(intent.id)
    if intent.operation is Operation.CREATE:
        return _created(state, intent, live, at)
    if outcome is CallOutcome.UNKNOWN:
        return state.intend([_mark_given_up(intent, at)])
    state = state.settle(intent.id)
    # The address may have a new owner by now: another entry was renamed to it, or its alias has
    # come to mean another profile. So the entry is found by its id.
    known = state.holder(intent.remote_id, intent.addresses[0])
    if intent.operation is Operation.DESTROY:
        return state.forget(known.address) if known else state
    shown = next(iter(live), None)
    if known is None or shown is None:
        return state
    bound = _bound(known.address, intent, shown, known)
    if outcome is CallOutcome.UNSETTLED:
        bound = replace(bound, unsettled_at=at)
    return state.bind(bound)


def _created(state: State, intent: Intent, live: Sequence[LiveEntry], at: datetime) -> State:
    shown = {entry.profile_id: entry for entry in live}
    state = state.settle(intent.id)
    left: list[tuple[Address, str]] = []
    for address, profile_id in intent.places:
        entry = shown.get(profile_id)
        if entry is None:
            left.append((address, profile_id))
        else:
            state = state.bind(_bound(address, intent, entry, state.binding(address)))
    if not left:
        return state
    return state.intend([_mark_given_up(intent, at).only(left)])


def _mark_given_up(intent: Intent, at: datetime) -> Intent:
    return replace(intent, given_up_at=intent.given_up_at or at)


def _bound(address: Address, intent: Intent, live: LiveEntry, known: Binding | None) -> Binding:
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
    return known.created_at if known and known.remote_id == live.id else None
