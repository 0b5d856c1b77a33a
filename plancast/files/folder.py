"""The folder of files that plancast keeps: the one door through which they are opened.

Everything that is read, appended, replaced, locked or removed in `.plancast/` and
`.plancast-sandbox/` goes through a `Folder`. It begins at the root of the workspace, which the
user chose, and follows no link below it: what is committed there comes from the author of the
repository, and must not make plancast read or write anywhere else.

A private folder has mode 0700 and its files 0600, whatever the umask is. Looser ones of ours are
tightened when they are written; what belongs to a third user is refused.
"""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from plancast.files.held import BY_DESCRIPTOR, HeldFolder, set_mode
from plancast.files.refusals import LockHeld, too_large

PRIVATE = 0o600
OPEN_TO_UMASK = 0o666

_POLL = 0.05
"""Seconds between two tries to take a lock."""

_REMOVED = 1.0
"""Seconds for which a lock is tried again, beyond the timeout, while its file keeps vanishing."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder below `root`, by the names that lead to it. Nothing is opened until it is used.

    `private`: it holds plancast's own files. Otherwise it is the user's, and modes are the umask's.
    `by_descriptor` is for tests: what holds on systems that cannot open names relative to a folder.
    """

    root: Path
    inside: tuple[str, ...] = ()
    private: bool = True
    by_descriptor: bool = BY_DESCRIPTOR

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Return the private folder at a path; the folder that it lies in is the root."""
        return cls(path.parent, (path.name,))

    @property
    def path(self) -> Path:
        """Where it is, for messages."""
        return self.root.joinpath(*self.inside)

    # -- reading ------------------------------------------------------------------------------

    def read(self, name: str, limit: int) -> bytes:
        """Return the content of a file. Raises FileNotFoundError, LinkRefused, OSError.

        A file of more than `limit` bytes is an error before anything of it is read.
        """
        with self._held() as held:
            fd = held.open(name, os.O_RDONLY)
        with os.fdopen(fd, "rb") as file:
            return read_whole(file, limit)

    def look(self, name: str) -> os.stat_result | None:
        """Look at a file without opening it; None if there is none. Raises LinkRefused, OSError."""
        try:
            with self._held() as held:
                return held.file(name)
        except FileNotFoundError:
            return None

    # -- writing ------------------------------------------------------------------------------

    def create(self) -> None:
        """Create the folder if it is missing, with those above it. Raises LinkRefused, OSError."""
        with self._held(make=True):
            pass

    def append(self, name: str, mode: int = PRIVATE) -> IO[bytes]:
        """Open a file to read it and to write at its end; create it if it is missing."""
        return self._open(name, os.O_RDWR | os.O_APPEND, "ab+", mode)

    def update(self, name: str, mode: int = PRIVATE) -> IO[bytes]:
        """Open a file to read and write it anywhere; create it if it is missing."""
        return self._open(name, os.O_RDWR, "rb+", mode)

    def empty(self, name: str, mode: int = PRIVATE) -> IO[bytes]:
        """Open a file to write it anew. It is emptied once it is known to be a file."""
        file = self.update(name, mode)
        try:
            file.truncate(0)
        except BaseException:
            file.close()
            raise
        return file

    def add(self, name: str, content: bytes, mode: int = PRIVATE) -> bool:
        """Write a file that is not there yet, all of it or none; False if there is one.

        Raises LinkRefused, OSError.
        """
        with self._held(make=self.private) as held:
            try:
                fd = held.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            except FileExistsError:
                if mode == PRIVATE:
                    self.tighten(name)
                else:
                    held.file(name)
                return False
            try:
                self._fill(fd, content, mode)
            except BaseException:
                with suppress(OSError):
                    held.remove(name)
                raise
        return True

    def replace(self, name: str, content: bytes, mode: int = PRIVATE) -> None:
        """Put a new file in the place of an old one: a reader, or a crash, finds one or the other.

        If the disk refuses, what was there is still there and nothing is left behind.
        Raises LinkRefused, OSError.
        """
        with self._held(make=self.private) as held:
            held.file(name)
            draft = f".{name}-{secrets.token_hex(4)}"
            fd = held.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                self._fill(fd, content, mode, exactly=True)
                held.rename(draft, name)
            except BaseException:
                with suppress(OSError):
                    held.remove(draft)
                raise
            held.sync()

    def tighten(self, name: str) -> None:
        """Take a file of ours from everybody else, if it is open to them. Raises LinkRefused.

        It is opened for that only if it has to be: closing a file ends all locks that this
        process holds on it (POSIX), and SQLite's are such locks.
        """
        with self._held() as held:
            found = held.file(name)
            if found is None or not stat.S_IMODE(found.st_mode) & 0o077:
                return
            fd = held.open(name, os.O_RDONLY)
            try:
                set_mode(fd, PRIVATE)
            finally:
                os.close(fd)

    def rename(self, old: str, new: str) -> None:
        """Give a file of the folder another name, in the place of what is there."""
        with self._held() as held:
            held.file(old)
            held.file(new)
            held.rename(old, new)
            held.sync()

    def remove(self, name: str) -> None:
        """Remove a file, if it is there. Raises LinkRefused, OSError."""
        with suppress(FileNotFoundError), self._held() as held:
            if held.file(name) is not None:
                held.remove(name)

    @contextmanager
    def lock(self, name: str, timeout: float) -> Iterator[None]:
        """Hold the lock that a file stands for. Raises LockHeld after `timeout` seconds, OSError.

        The lock belongs to the operating system: it ends with the process, whatever ends that.
        """
        from filelock import unlock_descriptor  # noqa: PLC0415

        file = self._locked(name, time.monotonic() + timeout)
        try:
            yield
        finally:
            with file:
                unlock_descriptor(file.fileno())

    # -- how ----------------------------------------------------------------------------------

    @contextmanager
    def _held(self, *, make: bool = False) -> Iterator[HeldFolder]:
        """Walk to the folder. `make`: create what is missing, and tighten what is private."""
        held = HeldFolder.root(self.root, private=self.private, by_descriptor=self.by_descriptor)
        try:
            for name in self.inside:
                made = make and held.make(name)
                entered = held.enter(name)
                held.close()
                held = entered
                if make and self.private and held.fd is not None:
                    mode = 0o700 if made else stat.S_IMODE(held.found.st_mode) & 0o700
                    if mode != stat.S_IMODE(held.found.st_mode):
                        set_mode(held.fd, mode)
            yield held
        finally:
            held.close()

    def _open(self, name: str, flags: int, how: str, mode: int) -> IO[bytes]:
        with self._held(make=self.private) as held:
            while True:
                with suppress(FileNotFoundError):
                    fd = held.open(name, flags)
                    break
                with suppress(FileExistsError):  # another process was faster
                    fd = held.open(name, flags | os.O_CREAT | os.O_EXCL, mode)
                    if mode == PRIVATE:
                        set_mode(fd, mode)
                    held.sync()
                    break
        if mode == PRIVATE and stat.S_IMODE(os.fstat(fd).st_mode) & 0o077:
            set_mode(fd, PRIVATE)
        return os.fdopen(fd, how)

    def _fill(self, fd: int, content: bytes, mode: int, *, exactly: bool = False) -> None:
        """Write a new file and make it durable. `exactly`: the umask has no say in its mode."""
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            if exactly or mode == PRIVATE:
                set_mode(fd, mode)
            os.fsync(fd)

    def _locked(self, name: str, deadline: float) -> IO[bytes]:
        from filelock import lock_descriptor  # noqa: PLC0415

        while True:
            file = self.update(name)
            try:
                taken = lock_descriptor(file.fileno(), blocking=False)
                # If it was removed or exchanged meanwhile, others lock another file by now.
                if taken and self._is_same(name, file):
                    return file
            except BaseException:
                file.close()
                raise
            file.close()
            left = deadline - time.monotonic()
            if left <= (-_REMOVED if taken else 0.0):
                raise LockHeld(name)
            time.sleep(0.0 if taken else min(_POLL, left))

    def _is_same(self, name: str, file: IO[bytes]) -> bool:
        now = self.look(name)
        return now is not None and os.path.samestat(now, os.fstat(file.fileno()))


def read_whole(file: IO[bytes], limit: int) -> bytes:
    """Return what an open file holds. Raises OSError for more than `limit` bytes, unread."""
    if os.fstat(file.fileno()).st_size > limit:
        raise too_large(limit)
    content = file.read(limit + 1)  # it may have grown, and a pipe has no size
    if len(content) > limit:
        raise too_large(limit)
    return content


def folder_below(root: Path, place: Path) -> Folder | None:
    """Return the user's folder that a path leads to; None if a link leads out of `root`.

    Links inside are followed now, and no more: the folder is opened by the names they led to.
    """
    try:
        real, top = place.resolve(), root.resolve()
    except (OSError, RuntimeError):  # a loop of links
        return None
    return (
        Folder(top, real.relative_to(top).parts, private=False)
        if real.is_relative_to(top)
        else None
    )
