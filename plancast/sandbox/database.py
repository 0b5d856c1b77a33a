"""The SQLite file of a world: transactions, and rows as values. Its tables are in `tables`.

Several processes may use the file at once. Every visit is one `BEGIN IMMEDIATE` transaction: there
is exactly one writer, a killed process leaves nothing half done, and a reader never sees a queue in
the middle of being retimed. Within a process one connection is shared under a lock.
"""

import hashlib
import json
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from plancast.sandbox import tables
from plancast.sandbox.values import (
    Account,
    Content,
    ContentItem,
    Kind,
    Plan,
    Profile,
    Schedule,
    Status,
    Tag,
    Update,
)

Check = Callable[[str], None]

_BUSY_SECONDS = 30.0


class DatabaseError(Exception):
    """The file cannot be used as a sandbox database."""


class Database:
    """A connection and its lock. `path` is a file, or ":memory:" for a private world.

    `check` is called with the name of the file that SQLite opened, links resolved, before anything
    is read from it or written to it. It raises to refuse the file.
    """

    def __init__(self, path: str | Path, check: Check | None = None) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            # It also closes the connection of a world that is collected without having been closed.
            self._finish = weakref.finalize(self, self._connection.close)
            self._connection.row_factory = sqlite3.Row
            if check is not None:
                check(self._file())
            self._prepare()
        except sqlite3.Error as error:
            raise DatabaseError(f"{self.path}: {error}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the database must not be used afterwards."""
        with self._lock:
            self._finish()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a write transaction; nested use joins the outer one."""
        # The lock is reentrant: a nested use in the same thread joins, another thread waits.
        with self._lock:
            is_nested = self._connection.in_transaction
            if is_nested:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # SQLite may have rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _file(self) -> str:
        """Return the file that is open, as SQLite knows it. Names need not be UTF-8."""
        self._connection.text_factory = os.fsdecode
        try:
            return str(self._connection.execute("PRAGMA database_list").fetchone()["file"])
        finally:
            self._connection.text_factory = str

    def _prepare(self) -> None:
        """Create the tables if they are missing. Raises DatabaseError for another version."""
        if self._version() == 0:
            self._use_write_ahead_log()
            with self.transaction() as db:
                if self._version() == 0:  # else another process was faster
                    for statement in tables.STATEMENTS:
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {tables.VERSION}")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if self._version() != tables.VERSION:
            raise DatabaseError(
                f"{self.path}: made by another version of the sandbox; delete the file"
            )

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _use_write_ahead_log(self) -> None:
        """Turn on the write-ahead log.

        Changing it ignores SQLite's busy timeout, so this waits by itself.
        """
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def empty(db: sqlite3.Connection) -> None:
    """Delete every row of every table."""
    for table in tables.NAMES:
        db.execute(f"DELETE FROM {table}")


def fact(db: sqlite3.Connection, name: str) -> str | None:
    """Return one of the single values of a world, such as its settings; None if it is not set."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def set_fact(db: sqlite3.Connection, name: str, value: str) -> None:
    """Store a single value."""
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def new_id(db: sqlite3.Connection, now: int) -> str:
    """Return a new id, 24 hex digits: the second of creation, a fixed machine, a counter."""
    number = int(fact(db, "last_id") or "0") + 1
    set_fact(db, "last_id", str(number))
    return f"{now & 0xFFFFFFFF:08x}5a4db0c500{number & 0xFFFFFF:06x}"


def add_token(db: sqlite3.Connection, token: str, user_id: str) -> None:
    """Make a token valid. Only its digest is stored."""
    db.execute(
        "INSERT OR REPLACE INTO tokens (digest, user_id) VALUES (?, ?)", (_digest(token), user_id)
    )


def user_of_token(db: sqlite3.Connection, value: str) -> str | None:
    """Return the user of a token; None if it is not valid."""
    records = rows(db, "SELECT user_id FROM tokens WHERE digest = ?", _digest(value))
    return str(records[0]["user_id"]) if records else None


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def account_of(row: sqlite3.Row) -> Account:
    """Build an account from its row."""
    return Account(row["id"], row["name"], row["timezone"], Plan(row["plan"]), row["created_at"])


def insert_account(db: sqlite3.Connection, account: Account) -> None:
    """Store an account."""
    _insert(db, "accounts", {f.name: getattr(account, f.name) for f in fields(Account)})


def profile_of(row: sqlite3.Row) -> Profile:
    """Build a profile from its row."""
    values = {f.name: row[f.name] for f in fields(Profile)}
    for name in ("paused", "disconnected", "shortens", "preselected", "locked"):
        values[name] = bool(values[name])
    values["extras"] = json.loads(row["extras"])
    values["statistics"] = json.loads(row["statistics"])
    values["schedules"] = tuple(
        Schedule(tuple(days), tuple(times)) for days, times in json.loads(row["schedules"])
    )
    return Profile(**values)


def save_profile(db: sqlite3.Connection, profile: Profile) -> None:
    """Store a profile, new or changed."""
    values = {f.name: getattr(profile, f.name) for f in fields(Profile)}
    values["statistics"] = json.dumps(dict(profile.statistics))
    values["schedules"] = json.dumps([[s.days, s.times] for s in profile.schedules])
    values["extras"] = json.dumps(dict(profile.extras))
    _insert(db, "profiles", values)


_CONTENT = ("text", "text_md5", "kind", "media", "extra_media", "retweet")
_PACKED = ("content", "statistics", "tags", "extras")
_PLAIN = tuple(f.name for f in fields(Update) if f.name not in _PACKED)


def update_of(row: sqlite3.Row) -> Update:
    """Build an update from its row, or from that of a view."""
    content = Content(
        text=row["text"],
        text_md5=row["text_md5"],
        kind=Kind(row["kind"]),
        media=json.loads(row["media"]),
        extra_media=tuple(json.loads(row["extra_media"])),
        retweet=json.loads(row["retweet"]),
    )
    values = {name: row[name] for name in _PLAIN}
    for name in ("draft", "pinned", "shared_now", "approval"):
        values[name] = bool(values[name])
    values["status"] = Status(row["status"])
    return Update(
        **values,
        content=content,
        statistics=json.loads(row["statistics"]),
        tags=_ids(row["tags"]),
        extras=json.loads(row["extras"]),
    )


def save_update(db: sqlite3.Connection, update: Update) -> None:
    """Store an update, new or changed."""
    values: dict[str, object] = {name: getattr(update, name) for name in _PLAIN}
    content = update.content
    values |= {"text": content.text, "text_md5": content.text_md5, "kind": content.kind}
    values |= {"picture": content.media.get("picture", ""), "parts": _parts(update.extras)}
    values["media"] = json.dumps(dict(content.media))
    values["extra_media"] = json.dumps([dict(item) for item in content.extra_media])
    values["retweet"] = json.dumps(dict(content.retweet))
    values["statistics"] = json.dumps(dict(update.statistics))
    values |= {"tags": _column(update.tags), "extras": json.dumps(dict(update.extras))}
    _insert(db, "updates", values)


def tag_of(row: sqlite3.Row) -> Tag:
    """Build a tag from its row."""
    return Tag(row["id"], row["name"], row["color"], row["created_at"])


def _parts(extras: Mapping[str, Any]) -> int:
    """Return of how many posts a thread consists, 0 for a post that is none."""
    return len(extras.get("metadata", {}).get("thread", ()))


def save_tag(db: sqlite3.Connection, tag: Tag) -> None:
    """Store a tag."""
    _insert(db, "tags", {f.name: getattr(tag, f.name) for f in fields(Tag)})


def item_of(row: sqlite3.Row) -> ContentItem:
    """Build a content item from its row."""
    values = {f.name: row[f.name] for f in fields(ContentItem)}
    return ContentItem(**values | {"tags": _ids(row["tags"]), "draft": json.loads(row["draft"])})


def save_item(db: sqlite3.Connection, item: ContentItem) -> None:
    """Store a content item."""
    values = {f.name: getattr(item, f.name) for f in fields(ContentItem)}
    _insert(db, "items", values | {"tags": _column(item.tags), "draft": json.dumps(item.draft)})


def _column(ids: tuple[str, ...]) -> str:
    """Return ids between blanks, so that a query can search for one of them."""
    return f" {' '.join(ids)} " if ids else ""


def _ids(column: str) -> tuple[str, ...]:
    return tuple(column.split())


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    """Store a row. A new version of it keeps the number that orders creation."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    news = ", ".join(f"{name} = excluded.{name}" for name in values)
    statement = (
        f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {news}"
    )
    db.execute(statement, values)


def rows(db: sqlite3.Connection, query: str, *values: object) -> Sequence[sqlite3.Row]:
    """Return all rows of a query."""
    return db.execute(query, values).fetchall()
