"""The part of a plan that needs no request: it only changes what we know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plancast.core.model import Address, Entry, LiveEntry, LiveStatus
from plancast.core.plan import Action, Change
from plancast.core.state import Binding, BindingStatus, State

STATUS = {
    LiveStatus.SCHEDULED: BindingStatus.SCHEDULED,
    LiveStatus.FAILED: BindingStatus.FAILED,
    LiveStatus.PUBLISHED: BindingStatus.PUBLISHED,
}
"""What a live entry's status means for what is known of it."""


def book(state: State, changes: Sequence[Change]) -> State:
    """The state after all adoptions, renames and forgettings of a plan.

    Forgetting comes first and adopting last, so that an address which changes
    hands (its alias means another profile now) ends with its new owner. A
    rename that comes with an update is booked here, the update is sent under
    the new address.
    """
    for change in changes:
        if change.action is Action.FORGET:
            state = state.forget(change.address)
    for change in changes:
        if change.previous_address is not None:
            state = state.move(change.previous_address, change.address)
    for change in changes:
        if change.action is Action.ADOPT:
            state = state.answered(change.address).bind(_adopted(change))
    return state


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


def refresh(binding: Binding, live: LiveEntry | None, protect: bool | None) -> Binding:
    """What is known of an owned entry after a look at it; `protect` None: no file says.

    `observed` is not touched: what a person changed stays drift until it is dealt with.
    """
    if protect is not None:
        binding = replace(binding, protect=protect)
    if live is None:
        return binding
    return replace(
        binding,
        status=STATUS[live.status],
        due_at=live.due_at or binding.due_at,
        created_at=binding.created_at or live.created_at,
        sent_at=live.sent_at or binding.sent_at,
        link=live.link or binding.link,
        inert=binding.inert and live.status is not LiveStatus.PUBLISHED,
    )
