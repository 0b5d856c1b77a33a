"""Descriptions of writes of the state: one line of the audit log for each.

A store with a history (git) uses them as messages, so that `git log` of the state's ref reads as an
audit log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plancast.model.state import Intent, State


@dataclass(frozen=True, slots=True)
class Step:
    """One write, as a store with a history remembers it. `id` is the store's own.

    `at` is None if the time in the history is out of bounds.
    """

    id: str
    at: datetime | None
    who: str
    what: str


def describe(before: State, after: State) -> str:
    """Describe a write: `serial 12: taken by …` or `serial 14: 3 owned more, 1 call unresolved`."""
    parts = [*_lease(before, after), *_owned(before, after), *_open(after)]
    return f"serial {after.serial}: {', '.join(parts) or 'saw the queue'}"


def announced(state: State, intents: Sequence[Intent]) -> str:
    """Describe the intents of calls that are about to be made: `serial 12: about to 3 create`."""
    counts: dict[str, int] = {}
    for intent in intents:
        counts[intent.operation.value] = counts.get(intent.operation.value, 0) + 1
    words = ", ".join(f"{number} {word}" for word, number in counts.items())
    return f"serial {state.serial}: about to {words or 'go on'}"


def _lease(before: State, after: State) -> list[str]:
    old, new = before.lease, after.lease
    if new is not None and (old is None or old.token != new.token):
        return [f"taken by {new.holder}"]
    return ["given back"] if old is not None and new is None else []


def _owned(before: State, after: State) -> list[str]:
    more = len(after.resources.keys() - before.resources.keys())
    fewer = len(before.resources.keys() - after.resources.keys())
    changed = sum(
        1
        for address, binding in after.resources.items()
        if address in before.resources and before.resources[address] != binding
    )
    words = ((more, "owned more"), (fewer, "owned no more"), (changed, "seen or changed"))
    return [f"{number} {word}" for number, word in words if number]


def _open(after: State) -> list[str]:
    number = len(after.intents)
    return [f"{number} {'call' if number == 1 else 'calls'} unresolved"] if number else []
