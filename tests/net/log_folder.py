"""Logs of limiters in a folder, with their locks and writes counted, or one of them failing."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from plancast.net.limiter_files import DiskFolder, LogFolder
from plancast.net.limiter_log import FileLog, LogNames

API = "https://api.example"


class MemoryFolder:
    """A folder of logs in memory, for processes of a simulation that take turns."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def lock(self, *names: str) -> AbstractContextManager[None]:
        return nullcontext()

    def read(self, name: str, most: int) -> bytes | None:
        return self.files.get(name)

    def append(self, name: str, line: bytes) -> None:
        self.files[name] += line

    def replace(self, name: str, content: bytes) -> None:
        self.files[name] = content


@dataclass
class CountedFolder:
    """A folder that counts what is done in it. `failing`: what no file may hold."""

    folder: LogFolder
    counts: Counter[str] = field(default_factory=Counter)
    failing: bytes = b"nothing"

    @contextmanager
    def lock(self, *names: str) -> Iterator[None]:
        self.counts["lock"] += 1
        with self.folder.lock(*names):
            yield

    def read(self, name: str, most: int) -> bytes | None:
        self.counts["read"] += 1
        return self.folder.read(name, most)

    def append(self, name: str, line: bytes) -> None:
        self.counts["append"] += 1
        self._check(line)
        self.folder.append(name, line)

    def replace(self, name: str, content: bytes) -> None:
        self.counts["replace"] += 1
        self._check(content)
        self.folder.replace(name, content)

    def _check(self, content: bytes) -> None:
        if self.failing in content:
            raise OSError(errno.ENOSPC, "no space")


def file_log(path: Path, patience: float = 10.0) -> FileLog:
    """A log in a file of this name, which never moves."""
    return FileLog(DiskFolder(path.parent, patience), LogNames(API, path.name, ""))


def key_log(folder: Path | LogFolder, key: str, base: str = API) -> FileLog:
    """The log of a key in a folder."""
    place = DiskFolder(folder) if isinstance(folder, Path) else folder
    return FileLog(place, LogNames.of_key(key, base))
