"""From what became of a call to what is known: one function for the applier and for the replay.

The applier settles a call when it is answered, and the journal settles it again
when a killed run is read back. If the two ever differed, a crash would change
what plancast knows; so there is only one `settle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum

from plancast.core.booking import STATUS
from plancast.core.model import Address, LiveEntry
from plancast.core.state import Binding, Intent, Operation, State


class CallOutcome(Enum):
    """What is known of a call's effect. Only NOT_SENT may ever be sent again as it was.

    UNSETTLED: it is confirmed, but an earlier try of it was given up and may
    still arrive.
    """

    CONFIRMED = "confirmed"
    UNSETTLED = "unsettled"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


def settle(
    state: State, intent: Intent, outcome: CallOutcome, live: Sequence[LiveEntry], at: datetime
) -> State:
    """The state once it is known what became of `intent`. `live` is what the answer showed.

    Results are matched to addresses by profile, never by position. What a
    create did not show for some of its profiles stays open for just those,
    whatever the outcome is called: nobody knows what became of it.
    """
    if outcome in (CallOutcome.REJECTED, CallOutcome.NOT_SENT):
        return state.settle(intent.id)
    if intent.operation is Operation.CREATE:
        return _created(state, intent, live, at)
    if outcome is CallOutcome.UNKNOWN:
        return state.intend([_given_up(intent, at)])
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
    return state.intend([_given_up(intent, at).only(left)])


def _given_up(intent: Intent, at: datetime) -> Intent:
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
