"""Holding back what must not be done yet, because an earlier call may still arrive.

A create of which nobody knows whether it happened is not made again, and a
newer update is not sent while an older one may still land after it: there is
no version on an entry that would make the service refuse the older one.
Everything else goes on: other posts must not miss their times for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from plancast.core.diagnostics import Diagnostic, Severity, problem
from plancast.core.groups import Hold
from plancast.core.match import Claim
from plancast.core.model import Address, LiveEntry
from plancast.core.plan import Action, Change, Situation
from plancast.core.state import Operation, State
from plancast.workflow.recovery import Undecided

Place = tuple[str, Address]
"""The id of a profile, and an address on it."""


def unsettled(
    changes: Sequence[Change], state: State, quiet_period: timedelta, now: datetime
) -> tuple[Undecided, ...]:
    """Updates that say something else than one which was given up a moment ago."""
    found = []
    for change in changes:
        if change.action is not Action.UPDATE:
            continue
        binding = state.holder(change.remote_id, change.previous_address or change.address)
        if binding is None or binding.unsettled_at is None:
            continue
        until = binding.unsettled_at + quiet_period
        if now < until and change.after != binding.applied:
            waits = Undecided(change.address, binding.unsettled_at, until, Operation.UPDATE)
            found.append(replace(waits, profile_id=change.profile.id))
    return tuple(found)


def waits_for(
    change: Change, waiting: Sequence[Undecided], claims: Mapping[Place, Claim]
) -> Undecided | None:
    """Return what a change has to wait for: a create that its own comes after, or an update.

    `claims` are what matching found, by profile and address.
    """
    place = (change.profile.id, change.address)
    if change.action is Action.CREATE and place in claims:
        return next((item for item in waiting if item.claim == claims[place]), None)
    if change.action is Action.UPDATE:
        for item in waiting:
            if item.operation is Operation.UPDATE and place == (item.profile_id, item.address):
                return item
    return None


def holds(
    changes: Sequence[Change], waiting: Sequence[Undecided], claims: Mapping[Place, Claim]
) -> dict[int, Hold]:
    """Return which changes have to wait, by their position, and why."""
    found: dict[int, Hold] = {}
    for number, change in enumerate(changes) if waiting else ():
        item = waits_for(change, waiting, claims)
        if item is not None:
            earlier = f"an earlier {item.operation.value}"
            if item.address != change.address:
                earlier = f"a {item.operation.value} of {item.address}"
            reason = f"{earlier} may still happen until {_clock(item)}"
            found[number] = (Situation.BLOCKED, reason)
    return found


def for_others(changes: Sequence[Change], waiting: Mapping[Address, str]) -> dict[int, Hold]:
    """Return what waits until another workspace lets go of the same, by its position."""
    return {
        number: (Situation.DEFERRED, waiting[change.address])
        for number, change in enumerate(changes if waiting else ())
        if change.action in (Action.CREATE, Action.UPDATE) and change.address in waiting
    }


def told(item: Undecided) -> Diagnostic:
    """The evidence, for whoever has to wait."""
    made = f"{item.since:%Y-%m-%d %H:%M:%S} UTC"
    if item.alike is not None:
        return _asked(item, item.alike, made)
    if item.operation is Operation.CREATE:
        detail = (
            f"a create of {made} was not answered, and may still happen until {_clock(item)}: made "
            "again before that, it could go out twice"
        )
    else:
        detail = (
            f"an update of {made} was not answered, and may still happen until {_clock(item)}, "
            "after a newer one that is made before that"
        )
    return problem("PC904", detail, address=str(item.address), severity=Severity.WARNING)


def _asked(item: Undecided, alike: LiveEntry, made: str) -> Diagnostic:
    """Only a person can know."""
    text = " ".join(alike.entry.text.split())
    shown = f"{text[:60]}…" if len(text) > 60 else text
    return problem(
        "PC904",
        f"a create of {made} was not answered, and {alike.id} began to exist just then, "
        f"but is not the same: {shown}",
        hint="If somebody edited it, let the file say the same. If not, remove it in Buffer. "
        "Then apply again.",
        address=str(item.address),
        severity=Severity.WARNING,
    )


def _clock(item: Undecided) -> str:
    return f"{item.until:%H:%M:%S} UTC"
