"""The state as a file in `.plancast/`.

The promise: whatever happens, what was there last is there, or the new one is.
A file that cannot be understood is never replaced: it may hold the only record
of what is ours, and a person can still read it.

Two locks, for two purposes. `write` takes a short one around its
compare-and-swap. `lock` takes the long one for a whole apply; it belongs to
the operating system, so it falls with the process that held it, and a small
note beside it tells others who that is.
"""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from plancast.files.folder import Folder
from plancast.files.refusals import LockHeld, printable, state_error
from plancast.model.ports import StateDamaged, StateLocked, StateMoved, StateUnwritable
from plancast.model.state import FORMAT_VERSION, Lease, State
from plancast.store.local_states import LocalStates
from plancast.store.state_json import MAX_BYTES, decode, encode
from plancast.store.state_migrations import STEPS, Step

_LOG = logging.getLogger("plancast.store")

WRITE_PATIENCE = 10.0
"""Seconds to wait for another writer; a write takes milliseconds."""

STATE, BACKUP, HOLDER = "state.json", "state.json.backup", "lock.holder"

MAX_HOLDER = 4096
"""Bytes. A note that is longer was not written by plancast."""


class LocalStore:
    """A StateStore in a folder, which it makes when it first writes.

    `states` know whose state it must be, and those beside it.
    """

    def __init__(
        self,
        folder: Path,
        steps: Mapping[int, Step] = STEPS,
        version: int = FORMAT_VERSION,
        states: LocalStates | None = None,
    ) -> None:
        self.path = folder / STATE
        self._folder = Folder.at(folder)
        self._steps = steps
        self._version = version
        self._states = states
        self._written: tuple[int, int, int] | None = None

    def read(self) -> State:
        """The state, or a new one. Raises StateDamaged, StateTooNew, StateLinked, StateRefused."""
        text = self._text()
        state = None if text is None else self._decode(text)
        if self._states:
            self._states.judge(state)
        return state or State(lineage=str(uuid.uuid4()))

    def _text(self) -> str | None:
        try:
            return self._folder.read(STATE, MAX_BYTES).decode("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise state_error(error, self.path, StateDamaged) from error
        except UnicodeDecodeError as error:
            raise StateDamaged(f"{self.path}: {error}", str(self.path)) from error

    def exists(self) -> bool:
        """Whether a state is kept here. Raises StateDamaged, StateLinked."""
        try:
            return self._folder.look(STATE) is not None
        except OSError as error:
            raise state_error(error, self.path, StateDamaged) from error

    def _decode(self, text: str) -> State:
        return decode(text, str(self.path), self._steps, self._version)

    def write(self, state: State) -> State:
        """Compare and swap. Raises StateMoved, StateDamaged, StateUnwritable, StateLinked."""
        written = state.next_serial()
        if self._states:
            written = self._states.owner.stamped(written)
        with self._guard("write.lock", WRITE_PATIENCE):
            old = self._text()
            self._check(old, state)
            text = encode(written)
            _LOG.debug("state %d ...", written.serial)
            try:
                if old:
                    self._folder.replace(BACKUP, old.encode())
                self._folder.replace(STATE, text.encode())
            except OSError as error:
                raise state_error(error, self.path, StateUnwritable) from error
            self._written = self._glance()
            _LOG.debug("state %d: durable", written.serial)
        return written

    @property
    def place(self) -> str:
        """This machine: the lock is of its operating system."""
        return socket.gethostname()

    def is_gone(self, lease: Lease) -> bool:
        """Whoever holds the lock of this machine knows that no other run here is alive."""
        return lease.host == self.place

    def is_ours(self) -> bool:
        """Whether nobody replaced the file since our last write."""
        return self._written is None or self._written == self._glance()

    def _glance(self) -> tuple[int, int, int] | None:
        try:
            found = self._folder.look(STATE)
        except OSError:
            return None
        return found and (found.st_ino, found.st_mtime_ns, found.st_size)

    def _check(self, old: str | None, state: State) -> None:
        """Whether what is on disk is what `state` was made from."""
        if old is None:
            if state.serial != 0:
                raise StateMoved(f"{self.path} was removed meanwhile", str(self.path))
            return
        current = self._decode(old)
        if (current.lineage, current.serial) != (state.lineage, state.serial):
            raise StateMoved(
                f"{self.path} is at serial {current.serial} now, not at {state.serial}",
                str(self.path),
            )

    @contextmanager
    def lock(self, holder: str, timeout: float) -> Iterator[None]:
        """The long lock. Raises StateLocked, naming who holds it."""
        with self._guard("lock", timeout):
            try:
                self._folder.replace(HOLDER, f"{holder}\n".encode())
            except OSError as error:
                raise state_error(error, self._folder.path / HOLDER, StateUnwritable) from error
            try:
                yield
            finally:
                with suppress(OSError):  # the lock itself falls in any case
                    self._folder.remove(HOLDER)

    @contextmanager
    def _guard(self, name: str, timeout: float) -> Iterator[None]:
        path = self._folder.path / name
        with ExitStack() as held:
            try:
                self._folder.create()
                # Keep the folder out of git: a state that is committed is a state that goes stale.
                self._folder.add(".gitignore", b"*\n")
                held.enter_context(self._folder.lock(name, max(0.0, timeout)))
            except LockHeld:
                who = self._holder()
                message = f"{who or 'another run'} holds it ({path})"
                raise StateLocked(message, str(path), who) from None
            except OSError as error:
                raise state_error(error, path, StateUnwritable) from error
            yield

    def _holder(self) -> str:
        """Who holds the long lock, as its note says; "" if that cannot be read."""
        try:
            note = self._folder.read(HOLDER, MAX_HOLDER).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        return printable(note.strip())
