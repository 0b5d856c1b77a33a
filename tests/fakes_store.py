"""A state and a journal in memory, which keep the promises of core.ports.

Both go through the same text forms as the real ones, so that a value that does
not survive being written does not survive here either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from plancast.core.codec import (
    intent_from_dict,
    intent_to_dict,
    live_from_dict,
    live_to_dict,
    state_from_dict,
    state_to_dict,
)
from plancast.core.codec.reading import Reader
from plancast.core.model import LiveEntry
from plancast.core.outcomes import CallOutcome, settle
from plancast.core.ports import StateLocked, StateMoved
from plancast.core.state import Intent, State


class MemoryStore:
    """A StateStore. `forget` loses it, as when somebody deletes the folder."""

    def __init__(self) -> None:
        self._text = ""
        self._holder = ""
        self._born = 0

    def read(self) -> State:
        if not self._text:
            return State(lineage=f"lineage-{self._born}")
        return state_from_dict(json.loads(self._text))

    def write(self, state: State) -> State:
        current = self.read()
        if (current.lineage, current.serial) != (state.lineage, state.serial):
            raise StateMoved(f"at serial {current.serial} now, not at {state.serial}")
        written = state.next_serial()
        self._text = json.dumps(state_to_dict(written))
        return written

    @contextmanager
    def lock(self, holder: str, timeout: float) -> Iterator[None]:
        del timeout  # nobody else could let it go meanwhile
        if self._holder:
            raise StateLocked("locked", holder=self._holder)
        self._holder = holder
        try:
            yield
        finally:
            self._holder = ""

    def forget(self) -> None:
        """Lose everything."""
        self._text = ""
        self._born += 1


class MemoryJournal:
    """A Journal."""

    def __init__(self) -> None:
        self._records: list[str] = []

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        self._write({"serial": state.serial, "intents": [intent_to_dict(i) for i in intents]})

    def outcome(
        self, intent_id: str, outcome: CallOutcome, at: datetime, live: Sequence[LiveEntry] = ()
    ) -> None:
        shown = [live_to_dict(entry) for entry in live]
        self._write(
            {"intent": intent_id, "outcome": outcome.value, "at": at.isoformat(), "live": shown}
        )

    def replay(self, state: State) -> State:
        skipping = False
        for text in self._records:
            reader = Reader(json.loads(text))
            if not reader.at("intents").absent:
                skipping = reader.at("serial").number() < state.serial
                if not skipping:
                    state = state.intend(reader.at("intents").items(intent_from_dict))
            elif not skipping:
                state = settle(
                    state,
                    state.intents[reader.at("intent").text()],
                    reader.at("outcome").member(CallOutcome),
                    reader.at("live").items(live_from_dict),
                    reader.at("at").moment(),
                )
        return state

    def clear(self) -> None:
        self._records.clear()

    def _write(self, record: dict[str, object]) -> None:
        self._records.append(json.dumps(record))
