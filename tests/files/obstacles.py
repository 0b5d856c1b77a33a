"""Obstacles in the place of a file or folder of plancast, and a witness that they were left."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

CONTENT = b"precious, and none of plancast's business\n"
LINKS = ("link to a file", "dangling link", "link to a folder", "loop")
KINDS = (*LINKS, "link to a neighbour", "pipe", "folder")


@dataclass(frozen=True)
class Outside:
    """A folder beside the workspace with one file, and what both were like."""

    folder: Path
    file: Path
    before: tuple[object, ...]

    @classmethod
    def make(cls, folder: Path) -> Outside:
        """Make it. The file was read last before it was written, so reading it shows."""
        folder.mkdir()
        file = folder / "precious.txt"
        file.write_bytes(CONTENT)
        file.chmod(0o644)
        folder.chmod(0o755)
        os.utime(file, ns=(1_000_000_000, 2_000_000_000))
        return cls(folder, file, _seen(folder, file))

    def check(self) -> None:
        """Nothing in it was read, written, added, removed or opened to fewer."""
        assert _seen(self.folder, self.file) == self.before
        assert self.file.read_bytes() == CONTENT
        os.utime(self.file, ns=(1_000_000_000, 2_000_000_000))


def _seen(folder: Path, file: Path) -> tuple[object, ...]:
    found, around = file.stat(), folder.stat()
    names = sorted(path.name for path in folder.iterdir())
    modes = (stat.S_IMODE(found.st_mode), stat.S_IMODE(around.st_mode))
    return (names, modes, found.st_ino, found.st_size, found.st_atime_ns, found.st_mtime_ns)


def put(kind: str, path: Path, outside: Outside) -> str:
    """Put an obstacle in a place. Return the target if it is a link, else ""."""
    path.parent.mkdir(parents=True, exist_ok=True)
    targets: dict[str, Callable[[], Path]] = {
        "link to a file": lambda: outside.file,
        "dangling link": lambda: outside.folder / "new",
        "link to a folder": lambda: outside.folder,
        "loop": lambda: Path(path.name),
        "link to a neighbour": lambda: _neighbour(path),
    }
    if kind in targets:
        target = targets[kind]()
        path.symlink_to(target)
        return str(target)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    return ""


def _neighbour(path: Path) -> Path:
    """A file beside it: a link that stays inside is a link all the same."""
    beside = path.with_name("neighbour")
    beside.write_bytes(CONTENT)
    return Path(beside.name)


def modes(folder: Path) -> Iterator[tuple[str, str]]:
    """The mode of a folder and of all in it, by name."""
    for path in sorted((folder, *folder.rglob("*"))):
        yield path.relative_to(folder.parent).as_posix(), f"{stat.S_IMODE(path.stat().st_mode):04o}"
