"""Folders of files that plancast keeps: every access to them goes through a `Folder`.

Everything that is read, appended, replaced, locked or removed in `.plancast/` and
`.plancast-sandbox/` goes through a `Folder`. It begins at the root of the workspace, which the user
chose, and follows no link below it: the files there may have been committed by the author of the
repository, who must not make plancast read or write anywhere else.

A private folder has mode 0700 and its files 0600, whatever the umask is. Files of this user with
looser modes are tightened when they are written; a file of a third user is refused.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from plancast.files.held_folder import BY_DESCRIPTOR, HeldFolder, set_mode
from plancast.files.refusals import LockHeld, too_large

PRIVATE = 0o600
OPEN_TO_UMASK = 0o666

_POLL = 0.05
"""Seconds between two tries to take a lock."""

_REMOVED = 1.0
"""Seconds for which a lock is tried again, beyond the timeout, while its file keeps vanishing."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder below `root`, by the names that lead to it. Nothing is opened before it is used.

    `private`: it holds plancast's own files. Otherwise it is the user's, and the umask decides the
    modes. `by_descriptor` is False on systems that cannot open names relative to a folder, and in
    tests of that.
    """

    root: Path
    inside: tuple[str, ...] = ()
    private: bool = True
    by_descriptor: bool = BY_DESCRIPTOR

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Return the private folder at a path; the folder around it is the root."""
        return cls(path.parent, (path.name,))

    @property
    def path(self) -> Path:
        """The path of the folder, for messages."""
        return self.root.joinpath(*self.inside)

    # -- reading ------------------------------------------------------------------------------

    def read(self, name: str, limit: int) -> bytes:
        """Return the content of a file. Raises FileNotFoundError, LinkRefused, OSError.

        A file of more than `limit` bytes is an error before any of it is read.
        """
        with self._walk() as folder:
            fd = folder.open(name, os.O_RDONLY)
        with os.fdopen(fd, "rb") as file:
            return read_whole(file, limit)

    def look(self, name: str) -> os.stat_result | None:
        """Look at a file without opening it; None if there is none. Raises LinkRefused, OSError."""
        try:
            with self._walk() as folder:
                return folder.file(name)
        except FileNotFoundError:
            return None

    # -- writing ------------------------------------------------------------------------------

    def create(self) -> None:
        """Create the folder if it is missing, with those above it. Raises LinkRefused, OSError."""
        with self._walk(make=True):
            pass

    def append(self, name: str, mode: int = PRIVATE) -> IO[bytes]:
        """Open a file to read it and to write at its end; create it if it is missing."""
        return self._open(name, os.O_RDWR | os.O_APPEND, "ab+", mode)

    def update(self, name: str, mode: int = PRIVATE) -> IO[bytes]:
        """Open a file to read and write it anywhere; create it if it is missing."""
        return self._open(name, os.O_RDWR, "rb+", mode)

    def empty(self, name: str, mode: int = PRIVATE) -> IO[bytes]:
        """Open a file to write it anew; create it if it is missing.

        It is emptied after it was opened and found to be a file, so that no link's target is
        emptied.
        """
        file = self.update(name, mode)
        try:
            file.truncate(0)
        except BaseException:
            file.close()
            raise
        return file

    def add(self, name: str, content: bytes, mode: int = PRIVATE) -> bool:
        """Write a file that does not exist yet, all of it or none; return False if it exists.

        Raises LinkRefused, OSError.
        """
        with self._walk(make=self.private) as folder:
            try:
                fd = folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            except FileExistsError:
                if mode == PRIVATE:
                    self.tighten(name)
                else:
                    folder.file(name)
                return False
            try:
                self._fill(fd, content, mode)
            except BaseException:
                with suppress(OSError):
                    folder.remove(name)
                raise
        return True

    def replace(self, name: str, content: bytes | Iterable[bytes], mode: int = PRIVATE) -> None:
        """Put a new file in the place of an old one: a reader, or a crash, finds one or the other.

        A large content may come in pieces. If one of them cannot be made, the old file stays, too.
        If the disk refuses, the old file is still there and nothing is left behind. Raises
        LinkRefused, OSError.
        """
        with self._walk(make=self.private) as folder:
            folder.file(name)
            draft = f".{name}-{os.urandom(4).hex()}"
            fd = folder.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                self._fill(fd, content, mode, exactly=True)
                folder.rename(draft, name)
            except BaseException:
                with suppress(OSError):
                    folder.remove(draft)
                raise
            folder.sync()

    def tighten(self, name: str) -> None:
        """Take the rights of other users from a file of ours. Raises LinkRefused, OSError.

        The file is opened only if its mode must change: closing a file ends all locks that this
        process holds on it (POSIX), and those of SQLite are such locks.
        """
        with self._walk() as folder:
            status = folder.file(name)
            if status is None or not stat.S_IMODE(status.st_mode) & 0o077:
                return
            fd = folder.open(name, os.O_RDONLY)
            try:
                set_mode(fd, PRIVATE)
            finally:
                os.close(fd)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in the folder, replacing the file of that name."""
        with self._walk() as folder:
            folder.file(old)
            folder.file(new)
            folder.rename(old, new)
            folder.sync()

    def remove(self, name: str) -> None:
        """Remove a file, if it exists. Raises LinkRefused, OSError."""
        with suppress(FileNotFoundError), self._walk() as folder:
            if folder.file(name) is not None:
                folder.remove(name)

    @contextmanager
    def lock(self, name: str, timeout: float) -> Iterator[None]:
        """Hold the lock that a file stands for. Raises LockHeld after `timeout` seconds, OSError.

        The lock belongs to the operating system: it ends with the process, however that ends.
        """
        from filelock import unlock_descriptor  # noqa: PLC0415

        file = self._locked(name, time.monotonic() + timeout)
        try:
            yield
        finally:
            with file:
                unlock_descriptor(file.fileno())

    # -- opening ------------------------------------------------------------------------------

    @contextmanager
    def _walk(self, *, make: bool = False) -> Iterator[HeldFolder]:
        """Walk to the folder and hold it open.

        `make`: create missing folders, and tighten private ones.
        """
        folder = HeldFolder.root(self.root, private=self.private, by_descriptor=self.by_descriptor)
        try:
            for name in self.inside:
                made = make and folder.make(name)
                # One name at a time: once a folder is open, no name above it is looked up again.
                entered = folder.enter(name)
                folder.close()
                folder = entered
                if make and self.private and folder.fd is not None:
                    mode = 0o700 if made else stat.S_IMODE(folder.found.st_mode) & 0o700
                    if mode != stat.S_IMODE(folder.found.st_mode):
                        set_mode(folder.fd, mode)
            yield folder
        finally:
            folder.close()

    def _open(self, name: str, flags: int, how: str, mode: int) -> IO[bytes]:
        """Open a file, or create it, for `update` and `append`."""
        with self._walk(make=self.private) as folder:
            while True:
                # Open, else create exclusively, else open what another process has just created.
                # O_CREAT alone would not show which of the two happened, and only a new file gets
                # its mode and a sync of its folder.
                with suppress(FileNotFoundError):
                    fd = folder.open(name, flags)
                    break
                with suppress(FileExistsError):  # another process was faster
                    fd = folder.open(name, flags | os.O_CREAT | os.O_EXCL, mode)
                    if mode == PRIVATE:
                        set_mode(fd, mode)
                    folder.sync()
                    break
        if mode == PRIVATE and stat.S_IMODE(os.fstat(fd).st_mode) & 0o077:
            set_mode(fd, PRIVATE)
        return os.fdopen(fd, how)

    def _fill(
        self, fd: int, content: bytes | Iterable[bytes], mode: int, *, exactly: bool = False
    ) -> None:
        """Write a new file and make it durable.

        `exactly`: its mode is `mode`, whatever the umask is.
        """
        with os.fdopen(fd, "wb") as file:
            write_pieces(file, content)
            file.flush()
            if exactly or mode == PRIVATE:
                set_mode(fd, mode)
            os.fsync(fd)

    def _locked(self, name: str, deadline: float) -> IO[bytes]:
        """Open the file of a lock and lock it, until the deadline. Raises LockHeld, OSError."""
        from filelock import lock_descriptor  # noqa: PLC0415

        while True:
            file = self.update(name)
            try:
                is_locked = lock_descriptor(file.fileno(), blocking=False)
                # If the file was removed or exchanged meanwhile, other processes lock a new file of
                # that name, and this lock excludes none of them.
                if is_locked and self._is_same(name, file):
                    return file
            except BaseException:
                file.close()
                raise
            file.close()
            left = deadline - time.monotonic()
            if left <= (-_REMOVED if is_locked else 0.0):
                raise LockHeld(name)
            time.sleep(0.0 if is_locked else min(_POLL, left))

    def _is_same(self, name: str, file: IO[bytes]) -> bool:
        """Return whether the name still leads to the file that is open."""
        now = self.look(name)
        return now is not None and os.path.samestat(now, os.fstat(file.fileno()))


def write_pieces(file: IO[bytes], content: bytes | Iterable[bytes]) -> None:
    """Write a content to an open file, as a whole or piece by piece. Raises OSError."""
    file.writelines((content,) if isinstance(content, bytes) else content)


def read_whole(file: IO[bytes], limit: int) -> bytes:
    """Return the content of an open file.

    Raises OSError, before reading, for more than `limit` bytes.
    """
    if os.fstat(file.fileno()).st_size > limit:
        raise too_large(limit)
    content = file.read(limit + 1)  # it may have grown, and a pipe has no size
    if len(content) > limit:
        raise too_large(limit)
    return content


def folder_below(root: Path, place: Path) -> Folder | None:
    """Return the user's folder that a path leads to; None if a link leads out of `root`.

    Links are followed now and never again: the folder is opened by the names that they led to.
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
