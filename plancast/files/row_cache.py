"""A cache of rows in one file of the user's cache folder, for this user alone.

It only saves time, so nothing about it is ever an error. If the file cannot be used (a folder of
another user, a link, a full disk, another process that writes, damage), `RowCache` finds nothing,
keeps nothing, and `trouble` says why. A damaged file is removed, so that the next run begins anew.

A row is a value of bytes by a key of bytes. A checksum over both guards against damage; it does not
guard against a person who writes rows, so callers must not trust values further than they trust
this user's files. The rows that were used longest ago are removed first.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from plancast.files.folder import Folder
from plancast.files.held_folder import current_user

MOST_BYTES = 256 * 1024 * 1024
"""The size of the file from which on rows are removed: a million posts, or some hundred edits of
ten thousand."""

MOST_OF_A_VALUE = 1024 * 1024
"""The size of the largest value that is kept or read."""

_FORMAT = 1
_TABLE = (
    "CREATE TABLE rows (key BLOB PRIMARY KEY, value BLOB NOT NULL, checksum BLOB NOT NULL, "
    "used INTEGER NOT NULL) WITHOUT ROWID"
)
_AT_ONCE = 500
"""Keys in one statement: old versions of SQLite take no more than 999."""


@dataclass(frozen=True, slots=True)
class CacheSize:
    """The size of a cache on the disk, and the number of its rows."""

    bytes: int
    rows: int


class RowCache:
    """The rows in the file at `path`. `today` is the number of the day, by which rows grow old."""

    def __init__(self, path: Path, today: int, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self.trouble = ""
        self._folder = Folder(path.parent.parent.parent, path.parts[-3:-1])
        self._today = today
        self._most_bytes = most_bytes
        self._file: sqlite3.Connection | None = None
        self._aged: set[bytes] = set()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that are there."""
        found: dict[bytes, bytes] = {}

        def select(file: sqlite3.Connection) -> None:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                rows = file.execute(_select(len(some)), (*some, MOST_OF_A_VALUE))
                for key, value, checksum, used in rows:
                    if not isinstance(value, bytes) or checksum != _checksum(key, value):
                        continue
                    found[key] = value
                    if used != self._today:
                        self._aged.add(key)

        self._attempt(select)
        return found

    def keep(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep rows, and note those that were found as used. A killed process keeps all or none."""
        added = [
            (key, value, _checksum(key, value), self._today)
            for key, value in rows.items()
            if len(value) <= MOST_OF_A_VALUE
        ]

        def insert(file: sqlite3.Connection) -> None:
            with _transaction(file):
                used = "UPDATE rows SET used = ? WHERE key = ?"
                file.executemany(used, ((self._today, key) for key in self._aged))
                file.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", added)
                _shrink(file, self._most_bytes)
            self._aged.clear()

        if added or self._aged:
            self._attempt(insert)

    def size(self) -> CacheSize | None:
        """Return the size of the cache; None if there is none, or if it cannot be used."""
        sizes: list[CacheSize] = []

        def measure(file: sqlite3.Connection) -> None:
            rows = file.execute("SELECT count(*) FROM rows").fetchone()[0]
            sizes.append(CacheSize(self.path.stat().st_size, rows))

        # Looking must not create it.
        if os.path.lexists(self.path):
            self._attempt(measure)
        return sizes[0] if sizes else None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(sqlite3.Error):
                self._file.close()
            self._file = None

    def _attempt(self, use: Callable[[sqlite3.Connection], None]) -> None:
        """Use the file; note trouble instead of raising it. After trouble nothing is tried again.

        A process that is in the way is trouble too: waiting for it could take longer than the
        cache saves.
        """
        if self.trouble:
            return
        try:
            use(self._opened())
        except (OSError, sqlite3.Error) as error:
            self.trouble = str(getattr(error, "strerror", "") or error)
            self.close()
            if _is_damage(error):
                with suppress(OSError):
                    self._folder.remove(self.path.name)

    def _opened(self) -> sqlite3.Connection:
        """Open the file, once. Raises OSError or sqlite3.Error unless it is one of ours."""
        if self._file is None:
            self._must_be_own()
            self._file = sqlite3.connect(
                f"{self.path.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None
            )
            _prepare(self._file)
        return self._file

    def _must_be_own(self) -> None:
        """Make the folder and the file if they are missing. Raises OSError for foreign ones.

        No other user can write into the folder afterwards, so none can exchange the file while
        SQLite opens it by its name, or the journals that SQLite puts beside it.
        """
        if not self.path.is_absolute():  # `~` without a home: it would lie in the repository
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.create()
        _must_be_of_this_user(os.lstat(self._folder.path))
        self._folder.append(self.path.name).close()
        self._folder.tighten(self.path.name)
        _must_be_of_this_user(os.lstat(self.path))


def _must_be_of_this_user(status: os.stat_result) -> None:
    is_open = os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077
    if status.st_uid != current_user() or stat.S_ISLNK(status.st_mode) or is_open:
        raise PermissionError(errno.EPERM, "it belongs to another user, or others may write it")


def _prepare(file: sqlite3.Connection) -> None:
    """Set a connection up and check that the file holds our table alone. Raises sqlite3.Error."""
    # A schema that another program wrote could hold functions and triggers.
    file.execute("PRAGMA trusted_schema = OFF")
    # A crash of the machine may damage the file, which costs the cache and nothing else.
    file.execute("PRAGMA synchronous = OFF")
    known = file.execute("SELECT sql FROM sqlite_master").fetchall()
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if not known and not version:
        with _transaction(file):
            file.execute(_TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))
            file.execute(f"PRAGMA user_version = {_FORMAT}")
    elif version != _FORMAT or known != [(_TABLE,)]:
        raise sqlite3.NotSupportedError("it is of another version")


@contextmanager
def _transaction(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            file.execute("ROLLBACK")
        raise


def _shrink(file: sqlite3.Connection, most: int) -> None:
    """Remove the rows that were used longest ago until the rest has room."""
    page = file.execute("PRAGMA page_size").fetchone()[0]
    while True:
        pages = file.execute("PRAGMA page_count").fetchone()[0]
        free = file.execute("PRAGMA freelist_count").fetchone()[0]
        rows = file.execute("SELECT count(*) FROM rows").fetchone()[0]
        if (pages - free) * page <= most or not rows:
            return
        # An eighth at once: counting is as slow as removing.
        file.execute(
            "DELETE FROM rows WHERE key IN (SELECT key FROM rows ORDER BY used, key LIMIT ?)",
            (rows // 8 + 1,),
        )


def _select(count: int) -> str:
    marks = ", ".join("?" * count)
    columns = "key, value, checksum, used"
    return f"SELECT {columns} FROM rows WHERE key IN ({marks}) AND length(value) <= ?"  # noqa: S608  # marks alone


def _checksum(key: bytes, value: bytes) -> bytes:
    return sha256(key + value).digest()


def _is_damage(error: Exception) -> bool:
    """Return whether a file is no use to any later run. Busy or full is not damaged."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.OperationalError | sqlite3.NotSupportedError
    )
