"""The write-ahead log as a file: what is about to be done, and what became of it.

Before a batch is sent its intents are appended in one write and synced; after
each call its outcome is. The state file is replaced only after the batch, so
what a killed run knew is the state plus this file. What a line says and how it
is read again stands in store.records.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from plancast.core.model import LiveEntry
from plancast.core.outcomes import CallOutcome
from plancast.core.ports import JournalDamaged, StateUnwritable
from plancast.core.state import Intent, State
from plancast.store import records
from plancast.store.files import sync_folder

_LOG = logging.getLogger("plancast.store")


class FileJournal:
    """A Journal in one file, which it makes when it first writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        """One write and one sync for the batch. Raises StateUnwritable: nothing may be sent."""
        self._append(records.batch(state, intents))

    def sending(self, intent_id: str, at: datetime) -> None:
        """A call is about to be sent. Raises StateUnwritable: it must not be."""
        self._append(records.sending(intent_id, at))

    def outcome(
        self,
        intent_id: str,
        outcome: CallOutcome,
        at: datetime,
        live: Sequence[LiveEntry] = (),
    ) -> None:
        """What became of one call. Raises StateUnwritable."""
        self._append(records.outcome(intent_id, outcome, at, live))

    def replay(self, state: State) -> State:
        """The state with everything that was journalled on it. Raises JournalDamaged."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return state
        except OSError as error:
            raise JournalDamaged(f"{self.path}: {error.strerror}", str(self.path)) from error
        return records.replay(content, state, str(self.path))

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

    def _append(self, record: records.Record) -> None:
        line = records.line(record)
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

    def _unwritable(self, error: OSError) -> StateUnwritable:
        return StateUnwritable(f"{self.path}: {error.strerror}", str(self.path))
