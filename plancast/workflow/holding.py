"""Holding back what must not be done yet, because an earlier call may still arrive.

A create of which nobody knows whether it happened is not made again, and a
newer update is not sent while an older one may still land after it: there is
no version on an entry that would make the service refuse the older one.
Everything else goes on: other posts must not miss their times for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from plancast.core.diagnostics import Diagnostic, Severity, problem
from plancast.core.model import LiveEntry
from plancast.core.plan import Action, Change, Situation
from plancast.core.state import Operation, State
from plancast.workflow.recovery import Undecided

_ACTIONS = {Operation.CREATE: Action.CREATE, Operation.UPDATE: Action.UPDATE}


def unsettled(
    changes: Sequence[Change], state: State, quiet_period: timedelta, now: datetime
) -> tuple[Undecided, ...]:
    """Updates that say something else than one which was given up a moment ago."""
    found = []
    for change in changes:
        binding = state.binding(change.previous_address or change.address)
        if change.action is not Action.UPDATE or binding is None or binding.unsettled_at is None:
            continue
        until = binding.unsettled_at + quiet_period
        if now < until and change.after != binding.applied:
            found.append(Undecided(change.address, binding.unsettled_at, until, Operation.UPDATE))
    return tuple(found)


def hold_back(changes: Sequence[Change], waiting: Sequence[Undecided]) -> list[Change]:
    """The changes with those that have to wait turned into nothing."""
    held = {(item.address, _ACTIONS.get(item.operation)): item for item in waiting}
    return [
        _held(change, held[change.address, change.action])
        if (change.address, change.action) in held
        else change
        for change in changes
    ]


def _held(change: Change, item: Undecided) -> Change:
    return replace(
        change,
        action=Action.NONE,
        previous_address=None,
        situations=(*change.situations, Situation.BLOCKED),
        reason=f"an earlier {item.operation.value} may still happen until {_clock(item)}",
    )


def told(item: Undecided) -> Diagnostic:
    """The evidence, for whoever has to wait."""
    made = f"{item.since:%Y-%m-%d %H:%M:%S} UTC"
    if item.alike is not None:
        return _asked(item, item.alike, made)
    if item.operation is Operation.CREATE:
        detail = (
            f"a create of {made} was not answered; its absence can be believed after {_clock(item)}"
        )
    else:
        detail = f"an update was given up at {made}; a newer one is safe after {_clock(item)}"
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
