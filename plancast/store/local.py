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
from contextlib import contextmanager
from pathlib import Path

from plancast.core.ports import StateDamaged, StateLocked, StateMoved, StateUnwritable
from plancast.core.state import FORMAT_VERSION, Lease, State
from plancast.store.document import MIGRATIONS, Migration, decode, encode
from plancast.store.files import replace_file

_LOG = logging.getLogger("plancast.store")

WRITE_PATIENCE = 10.0
"""Seconds to wait for another writer; a write takes milliseconds."""


class LocalStore:
    """A StateStore in a folder, which it makes when it first writes."""

    def __init__(
        self,
        folder: Path,
        migrations: Mapping[int, Migration] = MIGRATIONS,
        version: int = FORMAT_VERSION,
    ) -> None:
        self.path = folder / "state.json"
        self._folder = folder
        self._migrations = migrations
        self._version = version
        self._written: tuple[int, int, int] | None = None

    def read(self) -> State:
        """The state, or a new one. Raises StateDamaged, StateTooNew."""
        text = self._text()
        return State(lineage=str(uuid.uuid4())) if text is None else self._decode(text)

    def _text(self) -> str | None:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StateDamaged(f"{self.path}: {error}", str(self.path)) from error

    def _decode(self, text: str) -> State:
        return decode(text, str(self.path), self._migrations, self._version)

    def write(self, state: State) -> State:
        """Compare and swap. Raises StateMoved, StateDamaged, StateUnwritable."""
        written = state.next_serial()
        with self._guard("write.lock", WRITE_PATIENCE, "write"):
            old = self._text()
            self._check(old, state)
            text = encode(written)
            _LOG.debug("state %d ...", written.serial)
            try:
                if old:
                    replace_file(self.path.with_name("state.json.backup"), old)
                replace_file(self.path, text)
            except OSError as error:
                raise StateUnwritable(f"{self.path}: {error.strerror}", str(self.path)) from error
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
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)

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
        with self._guard("lock", timeout, holder):
            note = self._folder / "lock.holder"
            try:
                replace_file(note, holder + "\n")
            except OSError as error:
                raise StateUnwritable(f"{note}: {error.strerror}", str(note)) from error
            try:
                yield
            finally:
                note.unlink(missing_ok=True)

    @contextmanager
    def _guard(self, name: str, timeout: float, holder: str) -> Iterator[None]:
        from filelock import FileLock, Timeout  # noqa: PLC0415

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _ignore(self._folder)
            guard = FileLock(self._folder / name, timeout=max(0.0, timeout))
            guard.acquire()
        except Timeout:
            who = self._holder()
            raise StateLocked(
                f"{who or 'another run'} holds it ({self._folder / name})",
                str(self._folder / name),
                who,
            ) from None
        except OSError as error:
            raise StateUnwritable(f"{self._folder}: {error.strerror}", holder) from error
        try:
            yield
        finally:
            guard.release()

    def _holder(self) -> str:
        try:
            return (self._folder / "lock.holder").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""


def _ignore(folder: Path) -> None:
    """Keep the folder out of git: a state that is committed is a state that goes stale."""
    note = folder / ".gitignore"
    if not note.exists():
        note.write_text("*\n", encoding="utf-8")
        folder.chmod(0o700)
