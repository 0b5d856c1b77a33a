"""The write-ahead log in a file: the calls that are about to be made, and how each one ended.

Before a batch is sent its intents are appended in one write and synced; after each call its outcome
is. The state file is replaced only after the batch, so what a killed run knew is the state plus
this file. The format of a line is defined in store.journal_records.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from plancast.files.folder import Folder
from plancast.files.refusals import state_error, too_large
from plancast.model.entry import LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import JournalDamaged, StateUnwritable
from plancast.model.state import Intent, State
from plancast.store import journal_records as records

_LOG = logging.getLogger("plancast.store")


class FileJournal:
    """A Journal in one file, which is created when it is first written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = Folder.at(path.parent)

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        """Record a batch with one write and one sync.

        Raises StateUnwritable: then nothing may be sent.
        """
        self._append(records.batch(state, intents))

    def sending(self, intent_id: str, at: datetime) -> None:
        """Record that a call is about to be sent. Raises StateUnwritable: then it must not be."""
        self._append(records.sending(intent_id, at))

    def drafted(self, intent_id: str, item: str) -> None:
        """Record the content item of a keyed create. Raises StateUnwritable: do not promote it."""
        self._append(records.drafted(intent_id, item))

    def outcome(
        self,
        intent_id: str,
        outcome: CallOutcome,
        at: datetime,
        live: Sequence[LiveEntry] = (),
    ) -> None:
        """Record how one call ended. Raises StateUnwritable."""
        self._append(records.outcome(intent_id, outcome, at, live))

    def replay(self, state: State) -> State:
        """Return the state with all records folded in. Raises JournalDamaged, StateLinked."""
        try:
            content = self._folder.read(self.path.name, records.MAX_BYTES)
        except FileNotFoundError:
            return state
        except OSError as error:
            raise state_error(error, self.path, JournalDamaged) from error
        return records.replay(content, state, str(self.path))

    def clear(self) -> None:
        """Empty the file, since the state holds everything now. Raises StateUnwritable."""
        try:
            # Opening it to empty it would create it, and the folder as well.
            if self._folder.look(self.path.name) is None:
                return
            with self._folder.empty(self.path.name) as file:
                os.fsync(file.fileno())
                _LOG.debug("journal: empty")
        except OSError as error:
            raise state_error(error, self.path, StateUnwritable) from error

    def _append(self, record: records.Record) -> None:
        """Append one record and sync it, or leave the file as it was. Raises StateUnwritable."""
        line = records.line(record)
        _LOG.debug("journal %s ...", record["kind"])
        try:
            with self._folder.append(self.path.name) as file:
                start = _without_torn_line(file)
                try:
                    _write(file.fileno(), line)
                    os.fsync(file.fileno())
                except OSError:
                    # A record that was written but not synced may not be read later: the caller
                    # does not act.
                    file.truncate(start)
                    raise
        except OSError as error:
            raise state_error(error, self.path, StateUnwritable) from error
        _LOG.debug("journal %s: durable", record["kind"])


def _without_torn_line(file: IO[bytes]) -> int:
    """Cut off a line that a crash left incomplete; return the size of the file.

    The next record then begins a line of its own.
    """
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    if size > records.MAX_BYTES:
        raise too_large(records.MAX_BYTES)
    file.seek(0)
    whole = file.read().rfind(b"\n") + 1
    file.truncate(whole)
    return whole


def _write(fd: int, content: bytes) -> None:
    """Write all bytes to the descriptor itself.

    A buffered file would keep what the disk refused, and write it again when it is closed.
    """
    while content:
        content = content[os.write(fd, content) :]
