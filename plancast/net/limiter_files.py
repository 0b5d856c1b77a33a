"""The files of the limiter's logs: one folder of the user's, for this user alone.

Nothing is read or written through a link, nor a file that another user owns, who could let this
user wait or have requests forgotten. Every error is an OSError or filelock's Timeout; `limiter_log`
goes on without the files then.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

_FLAGS = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))
"""Without O_NONBLOCK a pipe would keep the run waiting for another process."""

_PRIVATE = 0o600


class LogFolder(Protocol):
    """The place of the logs. Names are those of files in it."""

    def lock(self, *names: str) -> AbstractContextManager[None]:
        """Hold the locks of some logs, taken in the order of their names."""

    def read(self, name: str, most: int) -> bytes | None:
        """Return the first bytes of a file; None if it does not exist."""

    def append(self, name: str, line: bytes) -> None:
        """Add a line to a file that exists. The caller holds its lock."""

    def replace(self, name: str, content: bytes) -> None:
        """Write a file as a whole: a reader without the lock sees the old or the new one."""


class DiskFolder:
    """A folder on the disk. `patience`: seconds to wait for a process that holds a lock."""

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        self._path = path
        self._patience = patience

    @contextmanager
    def lock(self, *names: str) -> Iterator[None]:
        """Hold the locks of some logs; see LogFolder. The first one makes the folder."""
        from filelock import FileLock  # noqa: PLC0415

        self._must_be_absolute()
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as held:
            # In one order for all processes: two that need the same two never wait for each other.
            for name in sorted(set(names)):
                path = (self._path / name).with_suffix(".lock")
                held.enter_context(FileLock(path, timeout=self._patience, mode=_PRIVATE))
            yield

    def read(self, name: str, most: int) -> bytes | None:
        """Return the first bytes of a file; see LogFolder."""
        self._must_be_absolute()
        try:
            handle = self._opened(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb") as file:
            return file.read(most)

    def append(self, name: str, line: bytes) -> None:
        """Add a line to a file; see LogFolder."""
        with os.fdopen(self._opened(name, os.O_WRONLY | os.O_APPEND), "ab", 0) as file:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def replace(self, name: str, content: bytes) -> None:
        """Write a file as a whole; see LogFolder."""
        handle, new = tempfile.mkstemp(prefix=".limiter-", dir=self._path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(new).replace(self._path / name)
        except BaseException:
            Path(new).unlink(missing_ok=True)
            raise

    def _must_be_absolute(self) -> None:
        """Raise OSError for a path that begins with `~`, as it does without a home.

        It would be a folder of that name in the current one.
        """
        if not self._path.is_absolute():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _opened(self, name: str, flags: int) -> int:
        """Open a file and return its descriptor. Raises OSError unless it is one of ours."""
        handle = os.open(self._path / name, flags | _FLAGS)
        try:
            found = os.fstat(handle)
            # As for the locks, the owner of the folder is trusted: that user can exchange any file.
            trusted = (_current_user(), self._path.stat().st_uid, 0)
            if not stat.S_ISREG(found.st_mode) or found.st_uid not in trusted:
                raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        except BaseException:
            os.close(handle)
            raise
        return handle


def _current_user() -> int:
    """Return the id of this user, 0 on systems without ids."""
    return os.geteuid() if hasattr(os, "geteuid") else 0
