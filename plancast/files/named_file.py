"""A file that the user named: `-o plan.json`, `--json-into`, `--log-file`, `--also`, `--out`.

The user may name any file, and links of the user's own are followed as usual. A link inside the
checkout is refused: it may have been committed, and then the author of the repository would choose
which file is read or overwritten.

Outside of the checkout, in a folder that other users may write to, a file or a link of another user
is refused as well, unless the folder belongs to that user.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from plancast.files.folder import OPEN_TO_UMASK, PRIVATE, Folder, read_whole, write_pieces
from plancast.files.held_folder import current_user, set_mode
from plancast.files.refusals import LinkRefused

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

_MOST_LINKS = 40
"""As many as Linux follows in one path."""

_DESCRIPTOR = re.compile(
    r"/dev/(?:stdin|stdout|stderr|fd/[0-9]+)|/proc/(?:self|thread-self|[0-9]+)/fd/[0-9]+"
)
"""Names of descriptors that are open already. They are written to, never replaced."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file by its path. In the folders `guarded`, and below them, no link is followed."""

    path: Path
    guarded: tuple[Path, ...] = ()

    def read(self, limit: int) -> bytes:
        """Return the content. Raises LinkRefused, and OSError for more than `limit` bytes."""
        folder, name = self._guarded()
        if folder is not None:
            self._must_belong(folder.look(name))
            return folder.read(name, limit)
        with self._real().open("rb") as file:
            self._must_belong(os.fstat(file.fileno()))
            return read_whole(file, limit)

    def append(self, mode: int = OPEN_TO_UMASK) -> IO[bytes]:
        """Open the file to write at its end. Raises LinkRefused, OSError."""
        folder, name = self._guarded()
        if folder is None:
            return self._open(os.O_APPEND, mode)
        self._must_belong(folder.look(name))
        return folder.append(name, mode)

    def empty(self, mode: int = PRIVATE) -> IO[bytes]:
        """Open the file to write it anew. Raises LinkRefused, OSError."""
        folder, name = self._guarded()
        if folder is None:
            return self._open(0, mode)
        self._must_belong(folder.look(name))
        return folder.empty(name, mode)

    def replace(self, content: bytes | Iterable[bytes], mode: int = PRIVATE) -> None:
        """Write the whole file or nothing; create its folder if it is missing.

        A device or a pipe is written to as it is. Raises LinkRefused, OSError.
        """
        folder, name = self._guarded()
        if folder is None and self._is_stream():
            with self._open(os.O_APPEND, OPEN_TO_UMASK) as file:
                write_pieces(file, content)
            return
        if folder is None:
            real = self._real()
            real.parent.mkdir(parents=True, exist_ok=True)
            folder, name = Folder(real.parent, private=False), real.name
        folder.create()
        self._must_belong(folder.look(name))
        folder.replace(name, content, mode)

    def remove_if_empty(self) -> None:
        """Remove the file if it has no content. Raises OSError."""
        folder, name = self._guarded()
        if folder is None:
            if self._is_stream():
                return
            real = self._real()
            folder, name = Folder(real.parent, private=False), real.name
        status = folder.look(name)
        if status is not None and not status.st_size:
            folder.remove(name)

    def is_same(self, other: NamedFile) -> bool:
        """Return whether two names lead to one file that exists."""
        try:
            return self.path.samefile(other.path)
        except OSError:
            return False

    # -- resolving the path -------------------------------------------------------------------

    def _guarded(self) -> tuple[Folder | None, str]:
        """Return the guarded folder around the file, and its name there; None if there is none.

        Raises LinkRefused for a link in a guarded folder.
        """
        if self._is_descriptor():
            return None, ""
        real = _followed(self.path.absolute(), self.guarded)
        top = _guard_of(real, self.guarded)
        if top is None:
            return None, ""
        inside = real.relative_to(top).parts
        if not inside:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return Folder(top, inside[:-1], private=False), inside[-1]

    def _real(self) -> Path:
        """Return the path that links lead to. Raises OSError for a link of another user."""
        if self._is_stream():
            return self.path
        return _followed(self.path.absolute(), self.guarded)

    def _must_belong(self, status: os.stat_result | None) -> None:
        """Raise PermissionError for a file of another user that is not trusted in its folder."""
        if status is None or not stat.S_ISREG(status.st_mode):
            return
        real = self._real()
        if not _is_trusted(status.st_uid, real.parent):
            raise PermissionError(errno.EPERM, f"{real} belongs to another user")

    def _is_descriptor(self) -> bool:
        """Return whether the path names a descriptor of a process."""
        return _DESCRIPTOR.fullmatch(str(self.path.absolute())) is not None

    def _is_stream(self) -> bool:
        """Return whether the file is written to as it is: a descriptor, a device, a pipe."""
        if self._is_descriptor():
            return True
        try:
            kind = self.path.stat().st_mode
        except OSError:
            return False
        return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))

    def _open(self, flag: int, mode: int) -> IO[bytes]:
        """Open a file outside of the checkout; without O_APPEND it is emptied. Raises OSError."""
        if self._is_stream():
            fd = os.open(self.path, os.O_WRONLY | os.O_APPEND, mode)
            return os.fdopen(fd, "wb")
        fd = os.open(self._real(), os.O_WRONLY | os.O_CREAT | _NO_LINK | flag, mode)
        try:
            self._must_belong(os.fstat(fd))
            if not flag:  # not with O_TRUNC: a file of another user must not be emptied
                os.ftruncate(fd, 0)
            if mode == PRIVATE and stat.S_IMODE(os.fstat(fd).st_mode) & 0o077:
                set_mode(fd, PRIVATE)
        except BaseException:
            os.close(fd)
            raise
        return os.fdopen(fd, "wb")


def _followed(path: Path, guarded: Iterable[Path]) -> Path:
    """Return the path that links lead to, name by name. Raises LinkRefused for a guarded link.

    A link of another user, in a folder that is not that user's, raises PermissionError. A name that
    does not exist, or cannot be read, is kept as it is.
    """
    here, links = Path(path.anchor), 0
    names = list(reversed(path.parts[1:]))
    while names:
        name = names.pop()
        if name == "..":
            here = here.parent
            continue
        try:
            target = os.readlink(here / name)  # noqa: PTH115  # as it stands there
        except OSError:  # the name is no link, or does not exist
            here /= name
            continue
        if _guard_of(here, guarded) is not None:
            raise LinkRefused(here / name, target)
        if not _is_trusted(os.lstat(here / name).st_uid, here):
            raise PermissionError(errno.EPERM, f"the link {here / name} belongs to another user")
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        # The target's own names are walked next: each may be a link again, and in a guarded folder.
        names.extend(reversed([part for part in Path(target).parts if part != os.sep]))
        if os.path.isabs(target):  # noqa: PTH117  # as a text, as the link holds it
            here = Path(Path(target).anchor)
    return here


def _is_trusted(owner: int, folder: Path) -> bool:
    """Return whether this user, root or the owner of the folder owns a file in it."""
    return owner in (current_user(), 0, folder.stat().st_uid)


def _guard_of(place: Path, guarded: Iterable[Path]) -> Path | None:
    """Return the outermost folder around a place that is one of those guarded; None if none is.

    Folders are compared by inode, not by name: some file systems ignore case.
    """
    known = []
    for folder in guarded:
        with suppress(OSError):
            known.append(folder.stat())
    if not known:
        return None
    for above in (*reversed(place.parents), place):
        try:
            status = above.stat()
        except OSError:
            return None
        if any(os.path.samestat(status, guard) for guard in known):
            return above
    return None
