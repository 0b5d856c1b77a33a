"""A folder that is held open, and single system calls on the names in it.

Below the folder that a walk begins with, no link is followed. Each step opens one name relative to
the folder before it, so replacing a folder or a file by a link between a check and its use cannot
lead anywhere else: an opened folder stays the same folder.

If the system cannot open a name relative to a folder, full paths are used. Then each name is
checked before it is opened, and compared with the opened file afterwards: a link that was there
before is refused in the same way; a link that another process creates in between is noticed for
files that are opened, but not for names that are renamed or removed.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from plancast.files.refusals import LinkRefused, not_regular

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# Opening a pipe does not wait for its writer, and a terminal does not become that of this process.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FILE = _NO_LINK | _NO_WAIT | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)

BY_DESCRIPTOR = (
    bool(_NO_LINK)
    and {
        os.mkdir,
        os.open,
        os.rename,
        os.stat,
        os.unlink,
    }
    <= os.supports_dir_fd
)
"""True if this system opens names relative to a folder. Linux and macOS do."""


class HeldFolder:
    """A folder that is open. `fd` is None if full paths are used; `above` is the folder around it.

    `found` is its status when it was opened. `private`: it holds plancast's own files, so a file of
    a third user is refused.
    """

    __slots__ = ("above", "fd", "found", "path", "private")

    def __init__(
        self, path: Path, fd: int | None, *, private: bool, above: HeldFolder | None = None
    ) -> None:
        self.path = path
        self.fd = fd
        self.private = private
        self.above = above
        self.found = os.lstat(path) if fd is None else os.fstat(fd)

    @classmethod
    def root(cls, path: Path, *, private: bool, by_descriptor: bool) -> HeldFolder:
        """Open the folder that a walk begins with. Links on the way to it are followed."""
        if by_descriptor:
            return cls(path, os.open(path, _FOLDER), private=private)
        return cls(Path(os.path.realpath(path)), None, private=private)

    def close(self) -> None:
        """Close the folder."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    # -- names --------------------------------------------------------------------------------

    def _at(self, name: str) -> str:
        """Return a name for a system call: relative to the open folder, else a full path."""
        return name if self.fd is not None else str(self.path / name)

    def stat(self, name: str) -> os.stat_result | None:
        """Return the status of a name without following it; None if it does not exist."""
        try:
            return os.stat(self._at(name), dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def file(self, name: str) -> os.stat_result | None:
        """Return the status of a file without opening it; None if it does not exist.

        Raises LinkRefused, and OSError if it is something else than a file.
        """
        status = self.stat(name)
        if status is not None:
            self._must_not_be_link(name, status)
            self._must_be_file(name, status)
        return status

    def enter(self, name: str) -> HeldFolder:
        """Open a folder in this one. Raises LinkRefused, OSError."""
        path = self.path / name
        if self.fd is None:
            status = os.lstat(path)
            self._must_not_be_link(name, status)
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            fd = None
        else:
            try:
                fd = os.open(name, _FOLDER | _NO_LINK, dir_fd=self.fd)
            except OSError as error:
                # O_NOFOLLOW fails with an error that differs between systems; a link gets its own.
                self._must_not_be_link(name, self.stat(name))
                raise error from None
        entered = HeldFolder(path, fd, private=self.private, above=self)
        try:
            self._must_belong(name, entered.found)
        except OSError:
            entered.close()
            raise
        return entered

    def make(self, name: str) -> bool:
        """Create a folder in this one; return False if the name exists already."""
        try:
            os.mkdir(self._at(name), 0o700 if self.private else 0o777, dir_fd=self.fd)
        except FileExistsError:
            return False
        return True

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a file and return its descriptor.

        Raises LinkRefused, and OSError if it is no file.
        """
        if self.fd is None:
            self.file(name)
        try:
            fd = os.open(self._at(name), flags | _FILE, mode, dir_fd=self.fd)
        except OSError as error:
            if isinstance(error, FileExistsError | FileNotFoundError):
                raise
            self.file(name)  # if it is a link or no file, this error is clearer
            raise
        try:
            status = os.fstat(fd)
            self._must_be_file(name, status)
            if self.fd is None:
                self._must_be_unmoved(name, status)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in this folder, replacing the file of that name."""
        os.replace(self._at(old), self._at(new), src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def remove(self, name: str) -> None:
        """Remove a name. If it is a link, the link is removed and never its target."""
        os.unlink(self._at(name), dir_fd=self.fd)

    def sync(self) -> None:
        """Make the names in the folder durable, if the system can."""
        if self.fd is not None:
            os.fsync(self.fd)

    # -- checks -------------------------------------------------------------------------------

    def _must_not_be_link(self, name: str, status: os.stat_result | None) -> None:
        """Raise LinkRefused for a link."""
        if status is not None and stat.S_ISLNK(status.st_mode):
            target = "somewhere else"
            with suppress(OSError):  # another process may have removed it meanwhile
                target = os.readlink(self._at(name), dir_fd=self.fd)
            raise LinkRefused(self.path / name, target)

    def _must_be_file(self, name: str, status: os.stat_result) -> None:
        """Raise OSError unless it is a regular file, and one that this folder may hold."""
        if not stat.S_ISREG(status.st_mode):
            raise not_regular()
        self._must_belong(name, status)

    def _must_belong(self, name: str, status: os.stat_result) -> None:
        """Raise PermissionError for a file in a private folder that a third user owns.

        This user, root and the owner of the folder are trusted.
        """
        if self.private and status.st_uid not in (current_user(), self.found.st_uid, 0):
            raise PermissionError(errno.EPERM, f"{self.path / name} belongs to another user")

    def _must_be_unmoved(self, name: str, opened: os.stat_result) -> None:
        """Raise OSError unless the path still leads to the file that was opened by it."""
        now = self.stat(name)
        self._must_not_be_link(name, now)
        if now is None or not os.path.samestat(now, opened):
            raise OSError(errno.EAGAIN, "it was exchanged while it was opened")
        folder = self
        while folder.above is not None:  # the path of the first one was resolved, links and all
            if folder.path.is_symlink():
                raise LinkRefused(folder.path, str(folder.path.readlink()))
            folder = folder.above


def set_mode(fd: int, mode: int) -> None:
    """Set the mode of an open file or folder of ours, whatever the umask is.

    Some file systems keep no modes, and a folder may have another owner: then it stays as it is.
    """
    if hasattr(os, "fchmod") and os.fstat(fd).st_uid == current_user():
        with suppress(PermissionError):
            os.fchmod(fd, mode)


def current_user() -> int:
    """Return the id of this user, 0 on systems without ids."""
    return os.geteuid() if hasattr(os, "geteuid") else 0
