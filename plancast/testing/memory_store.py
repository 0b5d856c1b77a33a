"""A state and a journal in memory, which keep the promises of `model.ports`.

Both store the same text forms as the real ones, so a value that does not survive being written does
not survive here either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from plancast.codec import (
    intent_from_dict,
    intent_to_dict,
    live_from_dict,
    live_to_dict,
    state_from_dict,
    state_to_dict,
)
from plancast.codec.reader import Reader
from plancast.model.entry import LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import StateLocked, StateMoved
from plancast.model.state import Intent, Lease, State, serial_of
from plancast.reconcile.state_updates import settle


@dataclass
class Disk:
    """The storage that several stores share: one state, and a lock for each machine.

    `born` counts the states that were lost, so that each new one has a lineage of its own.
    """

    text: str = ""
    born: int = 0
    holders: dict[str, str] = field(default_factory=dict)


class MemoryStore:
    """A StateStore in memory. `forget` loses the state, as if the folder was deleted.

    Methods without a docstring are those of `ports.StateStore`.
    """

    def __init__(self, disk: Disk | None = None, machine: str = "here") -> None:
        self.disk = disk or Disk()
        self.machine = machine
        self._written = ""

    def read(self) -> State:
        if not self.disk.text:
            return State(lineage=f"lineage-{self.disk.born}")
        return state_from_dict(json.loads(self.disk.text))

    def write(self, state: State) -> State:
        current = self.read()
        if (current.lineage, current.serial) != (state.lineage, state.serial):
            raise StateMoved(f"at serial {current.serial} now, not at {state.serial}")
        written = state.next_serial()
        self.disk.text = self._written = json.dumps(state_to_dict(written))
        return written

    @contextmanager
    def lock(self, holder: str, timeout: float) -> Iterator[None]:
        del timeout  # waiting is useless: in one thread no other holder can release it meanwhile
        if self.machine in self.disk.holders:
            raise StateLocked("locked", holder=self.disk.holders[self.machine])
        self.disk.holders[self.machine] = holder
        try:
            yield
        finally:
            del self.disk.holders[self.machine]

    @property
    def place(self) -> str:
        return self.machine

    def is_gone(self, lease: Lease) -> bool:
        return lease.host == self.machine

    def is_ours(self) -> bool:
        return not self._written or self._written == self.disk.text

    def elsewhere(self, machine: str = "there") -> MemoryStore:
        """Return a store of the same state on another machine, which does not see our lock."""
        return MemoryStore(self.disk, machine)

    def forget(self) -> None:
        """Lose the state."""
        self.disk.text = ""
        self.disk.born += 1


class MemoryJournal:
    """A Journal in memory; its records are lines of JSON, as in a file.

    Methods without a docstring are those of `ports.Journal`.
    """

    def __init__(self) -> None:
        self._records: list[str] = []

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        self._write({"serial": state.serial, "intents": [intent_to_dict(i) for i in intents]})

    def sending(self, intent_id: str, at: datetime) -> None:
        self._write({"sending": intent_id, "at": at.isoformat()})

    def drafted(self, intent_id: str, item: str) -> None:
        self._write({"drafted": intent_id, "item": item})

    def outcome(
        self, intent_id: str, outcome: CallOutcome, at: datetime, live: Sequence[LiveEntry] = ()
    ) -> None:
        shown = [live_to_dict(entry) for entry in live]
        self._write(
            {"intent": intent_id, "outcome": outcome.value, "at": at.isoformat(), "live": shown}
        )

    def replay(self, state: State) -> State:
        floor = state.serial
        for text in self._records:
            reader = Reader(json.loads(text))
            if not reader.at("intents").absent:
                # A state that was written after the batch knows its outcomes already.
                if reader.at("serial").number() >= floor:
                    state = state.intend(reader.at("intents").items(intent_from_dict))
                continue
            if not reader.at("sending").absent:
                state = state.sending(reader.at("sending").text(), reader.at("at").moment())
                continue
            if not reader.at("drafted").absent:
                state = state.drafted(reader.at("drafted").text(), reader.at("item").text())
                continue
            intent = state.intents.get(reader.at("intent").text())
            if intent is None:
                assert serial_of(reader.at("intent").text()) < floor
                continue
            state = settle(
                state,
                intent,
                reader.at("outcome").member(CallOutcome),
                reader.at("live").items(live_from_dict),
                reader.at("at").moment(),
            )
        return state

    def clear(self) -> None:
        self._records.clear()

    def _write(self, record: dict[str, object]) -> None:
        self._records.append(json.dumps(record))
