"""The state as a file in `.plancast/`.

Whatever happens, the file holds the previous state or the new one. A file that cannot be understood
is never replaced: it may hold the only record of the entries that plancast owns, and a person can
still read it.

There are two locks. `write` takes a short one around its compare-and-swap. `lock` takes the long
one for a whole apply. Both belong to the operating system, so they end with the process that holds
them; a small note beside the long one names its holder to others.
"""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from plancast.files.folder import Folder
from plancast.files.refusals import LockHeld, printable, state_error
from plancast.model.ports import StateDamaged, StateLocked, StateMoved, StateUnwritable
from plancast.model.profile import Profile
from plancast.model.state import FORMAT_VERSION, Lease, State
from plancast.store.local_states import LocalStates
from plancast.store.state_json import MAX_BYTES, Encoder, decode, decode_head
from plancast.store.state_migrations import STEPS, Step

_LOG = logging.getLogger("plancast.store")

WRITE_PATIENCE = 10.0
"""Seconds to wait for another writer; a write takes milliseconds."""

STATE, BACKUP, HOLDER = "state.json", "state.json.backup", "lock.holder"

MAX_HOLDER = 4096
"""Bytes. A note that is longer was not written by plancast."""


class LocalStore:
    """A StateStore in a folder, which is created when it is first written.

    `states` decide whether the state is that of this workspace, and find those of other folders.
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
        self._encoder = Encoder()
        # The digest of the document that was read or written last, and what it says.
        self._seen: tuple[bytes, str, int] | None = None

    def read(self) -> State:
        """Return the state, or a new one with a fresh lineage if there is none.

        Raises StateDamaged, StateTooNew, StateLinked, StateRefused.
        """
        content = self._content()
        state = None if content is None else self._decode(content)
        if content is not None and state is not None:
            self._note(content, state)
        if self._states:
            self._states.judge(state)
        return state or State(lineage=str(uuid.uuid4()))

    def _content(self) -> bytes | None:
        try:
            return self._folder.read(STATE, MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise state_error(error, self.path, StateDamaged) from error

    def remembered_profiles(self) -> tuple[Profile, ...]:
        """Return the profiles of the state, () if there is none. No binding is decoded.

        Raises StateDamaged, StateTooNew, StateLinked.
        """
        content = self._content()
        return decode_head(content, str(self.path)).profiles if content is not None else ()

    def exists(self) -> bool:
        """Return whether a state is kept here. Raises StateDamaged, StateLinked."""
        try:
            return self._folder.look(STATE) is not None
        except OSError as error:
            raise state_error(error, self.path, StateDamaged) from error

    def _decode(self, content: bytes) -> State:
        return decode(content, str(self.path), self._steps, self._version)

    def write(self, state: State) -> State:
        """Replace the state if its serial is still that of `state`; return it with the next serial.

        Raises StateMoved if another process wrote in between, StateDamaged, StateUnwritable,
        StateLinked.
        """
        written = state.next_serial()
        if self._states:
            written = self._states.owner.stamped(written)
        with self._guard("write.lock", WRITE_PATIENCE):
            old = self._content()
            self._check(old, state)
            content = self._encoder.encode(written)
            _LOG.debug("state %d ...", written.serial)
            try:
                # The backup keeps the state before this one, for a person to go back to.
                if old:
                    self._folder.replace(BACKUP, old)
                self._folder.replace(STATE, content)
            except OSError as error:
                raise state_error(error, self.path, StateUnwritable) from error
            self._written = self._glance()
            self._note(content, written)
            _LOG.debug("state %d: durable", written.serial)
        return written

    @property
    def place(self) -> str:
        """The name of this machine: the lock belongs to its operating system."""
        return socket.gethostname()

    def is_gone(self, lease: Lease) -> bool:
        """Return whether the run that holds a lease is dead.

        Call it only while holding the long lock. A run of this machine needs that lock as well, so
        a lease of this machine has outlived its run.
        """
        return lease.host == self.place

    def is_ours(self) -> bool:
        """Return whether the file is still the one that this process wrote last."""
        return self._written is None or self._written == self._glance()

    def _glance(self) -> tuple[int, int, int] | None:
        """Return inode, time of change and size of the file: enough to notice another writer."""
        try:
            stat = self._folder.look(STATE)
        except OSError:
            return None
        return stat and (stat.st_ino, stat.st_mtime_ns, stat.st_size)

    def _check(self, old: bytes | None, state: State) -> None:
        """Raise StateMoved unless the file still holds the state that `state` was made from."""
        if old is None:
            if state.serial != 0:
                raise StateMoved(f"{self.path} was removed meanwhile", str(self.path))
            return
        lineage, serial = self._head(old)
        if (lineage, serial) != (state.lineage, state.serial):
            raise StateMoved(
                f"{self.path} is at serial {serial} now, not at {state.serial}",
                str(self.path),
            )

    def _note(self, content: bytes, state: State) -> None:
        self._seen = (sha256(content).digest(), state.lineage, state.serial)

    def _head(self, content: bytes) -> tuple[str, int]:
        """Return the lineage and the serial of a document, which is decoded only if it is new."""
        if self._seen is not None and sha256(content).digest() == self._seen[0]:
            return self._seen[1:]
        state = self._decode(content)
        return state.lineage, state.serial

    @contextmanager
    def lock(self, holder: str, timeout: float) -> Iterator[None]:
        """Hold the long lock. Raises StateLocked, naming the holder, after `timeout` seconds."""
        with self._guard("lock", timeout):
            try:
                self._folder.replace(HOLDER, f"{holder}\n".encode())
            except OSError as error:
                raise state_error(error, self._folder.path / HOLDER, StateUnwritable) from error
            try:
                yield
            finally:
                with suppress(OSError):  # the lock itself is released in any case
                    self._folder.remove(HOLDER)

    @contextmanager
    def _guard(self, name: str, timeout: float) -> Iterator[None]:
        """Hold the lock file `name`.

        Raises StateLocked after `timeout` seconds, StateUnwritable.
        """
        path = self._folder.path / name
        with ExitStack() as lock:
            try:
                self._folder.create()
                # Keep the folder out of git: a state that is committed is a state that goes stale.
                self._folder.add(".gitignore", b"*\n")
                lock.enter_context(self._folder.lock(name, max(0.0, timeout)))
            except LockHeld:
                who = self._holder()
                message = f"{who or 'another run'} holds it ({path})"
                raise StateLocked(message, str(path), who) from None
            except OSError as error:
                raise state_error(error, path, StateUnwritable) from error
            yield

    def _holder(self) -> str:
        """Return who holds the long lock, as the note says; "" if the note cannot be read."""
        try:
            note = self._folder.read(HOLDER, MAX_HOLDER).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        return printable(note.strip())
