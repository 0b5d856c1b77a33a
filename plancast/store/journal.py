"""The write-ahead log: what is about to be done, and what became of it.

One line a record, each with a checksum. Before a batch is sent its intents are
appended in one write and synced; after each call its outcome is. The state file
is replaced only after the batch, so what a killed run knew is the state plus
this file.

A line that was cut off can only be the last one, and then it was never acted
upon: intents are synced before anything is sent, and an outcome whose line is
not whole counts as not known, which is the safe reading. So a torn tail is
dropped. A damaged line anywhere else means that something other than a crash
happened to the file; then nothing is guessed.

The first record of a batch names the state that it was made on, and so do the
ids of its intents. A state with a higher serial knows the intents already (it
was written after the batch, or in the middle of it), so they are skipped; what
became of one counts as long as the state still has it as open. So a batch can
be replayed on any state since, and a run that lost its lease cannot undo with a
late word what another one has found out.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from plancast.core.codec import (
    CodecError,
    intent_from_dict,
    intent_to_dict,
    live_from_dict,
    live_to_dict,
    time_to_text,
)
from plancast.core.codec.reading import Reader
from plancast.core.model import LiveEntry
from plancast.core.outcomes import CallOutcome, settle
from plancast.core.ports import JournalDamaged, StateUnwritable
from plancast.core.state import Intent, State, serial_of
from plancast.store.files import sync_folder

Record = dict[str, object]

_LOG = logging.getLogger("plancast.store")


class FileJournal:
    """A Journal in one file, which it makes when it first writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        """One write and one sync for the batch. Raises StateUnwritable: nothing may be sent."""
        self._append(
            {
                "kind": "batch",
                "lineage": state.lineage,
                "serial": state.serial,
                "intents": [intent_to_dict(intent) for intent in intents],
            }
        )

    def sending(self, intent_id: str, at: datetime) -> None:
        """A call is about to be sent. Raises StateUnwritable: it must not be."""
        self._append({"kind": "sending", "intent": intent_id, "at": time_to_text(at)})

    def outcome(
        self,
        intent_id: str,
        outcome: CallOutcome,
        at: datetime,
        live: Sequence[LiveEntry] = (),
    ) -> None:
        """What became of one call. Raises StateUnwritable."""
        self._append(
            {
                "kind": "outcome",
                "intent": intent_id,
                "outcome": outcome.value,
                "at": time_to_text(at),
                "live": [live_to_dict(entry) for entry in live],
            }
        )

    def replay(self, state: State) -> State:
        """The state with everything that was journalled on it. Raises JournalDamaged."""
        floor = state.serial
        for number, record in self._records():
            reader = Reader(record, f"{self.path}:{number}")
            try:
                kind = reader.at("kind").text()
                if kind == "sending":
                    state = state.sending(reader.at("intent").text(), reader.at("at").moment())
                    continue
                if kind == "outcome":
                    state = _settled(state, reader, floor)
                    continue
                self._same_lineage(reader, state)
                if reader.at("serial").number() >= floor:
                    state = state.intend(reader.at("intents").items(intent_from_dict))
            except ValueError as error:
                raise JournalDamaged(str(error), str(self.path)) from error
        return state

    def clear(self) -> None:
        """Empty it: the state holds everything. Raises StateUnwritable."""
        if not self.path.exists():
            return
        try:
            with self.path.open("r+b") as file:
                file.truncate(0)
                os.fsync(file.fileno())
                _LOG.debug("journal: empty")
        except OSError as error:
            raise self._unwritable(error) from error

    def _same_lineage(self, reader: Reader, state: State) -> None:
        lineage = reader.at("lineage").text()
        if lineage == state.lineage:
            return
        if state.serial == 0:
            # The state was lost, the journal was not: what it tells of is looked for by content.
            detail = "the journal belongs to a state that is no longer there"
        else:
            detail = f"the journal belongs to the state {lineage}, not to {state.lineage}"
        raise JournalDamaged(f"{self.path}: {detail}", str(self.path))

    def _append(self, record: Record) -> None:
        line = _line(record)
        fresh = not self.path.exists()
        _LOG.debug("journal %s ...", record["kind"])
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                self._end_torn_line(file.tell())
                start = self.path.stat().st_size
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(start)
                    raise
            if fresh:
                sync_folder(self.path.parent)
        except OSError as error:
            raise self._unwritable(error) from error
        _LOG.debug("journal %s: durable", record["kind"])

    def _end_torn_line(self, size: int) -> None:
        """Cut off what a crash left of a line, so that the next one begins on its own."""
        if size == 0:
            return
        with self.path.open("r+b") as file:
            content = file.read()
            if not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)

    def _records(self) -> Iterator[tuple[int, Record]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalDamaged(f"{self.path}: {error.strerror}", str(self.path)) from error
        lines = content.split(b"\n")
        whole, tail = lines[:-1], lines[-1]
        del tail  # the end of a line that a crash cut off, or nothing
        for number, line in enumerate(whole, start=1):
            record = _record(line)
            if record is None:
                detail = f"{self.path}:{number}: the line is damaged"
                raise JournalDamaged(detail, str(self.path))
            yield number, record

    def _unwritable(self, error: OSError) -> StateUnwritable:
        return StateUnwritable(f"{self.path}: {error.strerror}", str(self.path))


def _settled(state: State, reader: Reader, floor: int) -> State:
    name = reader.at("intent").text()
    intent = state.intents.get(name)
    if intent is None and serial_of(name) < floor:
        return state
    if intent is None:
        raise CodecError(f"{reader.path}: an outcome without an intent")
    outcome = reader.at("outcome").member(CallOutcome)
    live = reader.at("live").items(live_from_dict)
    return settle(state, intent, outcome, live, reader.at("at").moment())


def _line(record: Record) -> bytes:
    body = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode()
    return _checksum(body) + b" " + body + b"\n"


def _record(line: bytes) -> Record | None:
    checksum, _, body = line.partition(b" ")
    if not body or checksum != _checksum(body):
        return None
    record = json.loads(body)
    return record if isinstance(record, dict) else None


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest()[:16].encode()
