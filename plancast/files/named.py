"""A file that the user named: `-o plan.json`, `--json-into`, `--log-file`, `--also`, `--out`.

The user may name any file, and links of the user's own are followed as usual. A link inside the
checkout is another matter: it may have been committed, so that the author of the repository
would choose what is read or written over. It is refused.
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

from plancast.files.folder import OPEN_TO_UMASK, PRIVATE, Folder, read_whole
from plancast.files.held import set_mode
from plancast.files.refusals import LinkRefused

_MOST_LINKS = 40
"""As many as Linux follows in one path."""

_DESCRIPTOR = re.compile(
    r"/dev/(?:stdin|stdout|stderr|fd/[0-9]+)|/proc/(?:self|thread-self|[0-9]+)/fd/[0-9]+"
)
"""Names of what is open already. It is added to, never replaced."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file by its path. In the folders `guarded`, and below them, no link is followed."""

    path: Path
    guarded: tuple[Path, ...] = ()

    def read(self, limit: int) -> bytes:
        """Return its content. Raises LinkRefused, and OSError for more than `limit` bytes."""
        folder, name = self._guarded()
        if folder is not None:
            return folder.read(name, limit)
        with self.path.open("rb") as file:
            return read_whole(file, limit)

    def append(self, mode: int = OPEN_TO_UMASK) -> IO[bytes]:
        """Open it to write at its end. Raises LinkRefused, OSError."""
        folder, name = self._guarded()
        return folder.append(name, mode) if folder else self._open(os.O_APPEND, mode)

    def empty(self, mode: int = PRIVATE) -> IO[bytes]:
        """Open it to write it anew. Raises LinkRefused, OSError."""
        folder, name = self._guarded()
        return folder.empty(name, mode) if folder else self._open(os.O_TRUNC, mode)

    def replace(self, content: bytes, mode: int = PRIVATE) -> None:
        """Write it, whole or not at all; its folder is made if it is missing.

        A device or a pipe is written to. Raises LinkRefused, OSError.
        """
        folder, name = self._guarded()
        if folder is None and self._is_stream():
            with self._open(os.O_APPEND, OPEN_TO_UMASK) as file:
                file.write(content)
            return
        if folder is None:
            real = Path(os.path.realpath(self.path))
            real.parent.mkdir(parents=True, exist_ok=True)
            folder, name = Folder(real.parent, private=False), real.name
        folder.create()
        folder.replace(name, content, mode)

    def remove_if_empty(self) -> None:
        """Remove it, if it is a file without content. Raises OSError."""
        folder, name = self._guarded()
        if folder is None:
            if self._is_stream():
                return
            real = Path(os.path.realpath(self.path))
            folder, name = Folder(real.parent, private=False), real.name
        found = folder.look(name)
        if found is not None and not found.st_size:
            folder.remove(name)

    def is_same(self, other: NamedFile) -> bool:
        """Whether two names mean one file that is there."""
        try:
            return self.path.samefile(other.path)
        except OSError:
            return False

    # -- how ----------------------------------------------------------------------------------

    def _guarded(self) -> tuple[Folder | None, str]:
        """Return the guarded folder that it lies in, and its name there; None outside of them.

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

    def _is_descriptor(self) -> bool:
        return _DESCRIPTOR.fullmatch(str(self.path.absolute())) is not None

    def _is_stream(self) -> bool:
        """Whether it is written to as it is: a descriptor, a device, a pipe."""
        if self._is_descriptor():
            return True
        try:
            kind = self.path.stat().st_mode
        except OSError:
            return False
        return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))

    def _open(self, flag: int, mode: int) -> IO[bytes]:
        """Open a file of the user's as any program would."""
        stream = self._is_stream()
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if stream else flag)
        fd = os.open(self.path, flags, mode)
        if not stream and mode == PRIVATE and stat.S_IMODE(os.fstat(fd).st_mode) & 0o077:
            set_mode(fd, PRIVATE)
        return os.fdopen(fd, "wb")


def _followed(path: Path, guarded: Iterable[Path]) -> Path:
    """Return where a path leads, name by name. Raises LinkRefused for a link in a guarded folder.

    What is not there, or cannot be looked at, is taken as it is written.
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
        except OSError:  # no link, or nothing
            here /= name
            continue
        if _guard_of(here, guarded) is not None:
            raise LinkRefused(here / name, target)
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        names.extend(reversed([part for part in Path(target).parts if part != os.sep]))
        if os.path.isabs(target):  # noqa: PTH117  # as a text, as the link holds it
            here = Path(Path(target).anchor)
    return here


def _guard_of(place: Path, guarded: Iterable[Path]) -> Path | None:
    """Return the outermost folder around a place that is one of those guarded.

    They are compared as the system knows them: some do not tell upper case from lower case.
    """
    known = []
    for folder in guarded:
        with suppress(OSError):
            known.append(folder.stat())
    if not known:
        return None
    for above in (*reversed(place.parents), place):
        try:
            found = above.stat()
        except OSError:
            return None
        if any(os.path.samestat(found, guard) for guard in known):
            return above
    return None
