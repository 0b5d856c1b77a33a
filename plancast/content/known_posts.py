"""Findings of earlier runs about the files of posts, kept as rows of a cache.

Two rows belong to a file in which nothing is wrong. The first says that it can be read, and names
its posts. The second holds the entries of these posts on certain profiles, and says that no rule
about a single entry has anything to report. Nothing else is kept: a file with a remark is read and
checked in each run, and so is all that depends on more than one post, on the time or on the web.

A key is a digest of everything that the finding depends on, so a row never has to be withdrawn
(docs/adr/0038-a-cache-for-previews.md). A row that is missing, or that the codec refuses, only
means that the file is read and checked as usual.
"""

from __future__ import annotations

import json
import os
import sys
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from plancast import __version__
from plancast.codec.entries import entry_from_dict, entry_to_dict
from plancast.codec.reader import CodecError, Reader, parse_json
from plancast.content.post_list import KnownFile, KnownPost, PostList
from plancast.content.schema import SCHEMAS, schema_text
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, OnDrift, Post, PostStatus
from plancast.reconcile.expand import ExpandedPost

_FORMAT = 1
"""Raise it if rows get another content."""

_LIBRARIES = frozenset({"jsonschema", "jsonschema_rs", "pyyaml", "regex", "tzdata"})
"""The libraries that a finding depends on, as the folders of their metadata are called."""


class Rows(Protocol):
    """A place for rows. It never raises; a row can be missing at any time."""

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that are there."""

    def keep(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep some rows, if that is possible."""


# -- keys -----------------------------------------------------------------------------------------


def key_of_folder(inputs: Iterable[bytes]) -> bytes:
    """Return the part of a key that all files of a folder share.

    `inputs` are the contents of all other files that say something about the posts in it, the
    weakest first: plancast.yaml and the defaults above them. Another kind of such files is added to
    the inputs and needs nothing else.
    """
    return _digest(program(), *inputs)


def key_of_file(folder: bytes, name: str, default_id: str, content: bytes) -> bytes:
    """Return the key of the first row of a file; `folder` is the key of its folder."""
    names = (name.encode("utf-8", "surrogateescape"), default_id.encode("utf-8", "surrogateescape"))
    return _digest(folder, *names, content)


def key_of_workspace(root: Path) -> bytes:
    """Return the key of the row that says that a workspace was read before."""
    return _digest(b"workspace", os.fsencode(root))


def key_of_check(profiles: Mapping[str, Profile], *others: object) -> bytes:
    """Return the part of a key for a check on these profiles, by alias.

    `others` are all further arguments of the check: limits, features, and what is known of them.
    """
    return _digest(json.dumps(_plain((profiles, *others))).encode())


def _digest(*parts: bytes) -> bytes:
    # Lengths first, so that no two lists of parts run into the same stream of bytes.
    return sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).digest()


def _plain(value: object) -> object:
    """Return a value of the model as lists, texts and numbers, in an order that is always one."""
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, row.name)) for row in fields(value))]
    if isinstance(value, Mapping):
        return sorted([[str(name), _plain(item)] for name, item in value.items()], key=str)
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return [type(value).__name__, value.name]
    return value if isinstance(value, bool | int | str | None) else repr(value)


@cache
def program() -> bytes:
    """Return a digest of the program: its code, its libraries, its schemas and its time zones.

    The version alone does not name the code: a checkout changes without it. So the files of the
    package count too, by size and time.
    """
    schemas = (schema_text(name) for name in SCHEMAS)
    parts = (str(_FORMAT), __version__, sys.version, *_versions(), *_code(), *_zones(), *schemas)
    return _digest(*(part.encode("utf-8", "surrogateescape") for part in parts))


def _versions() -> list[str]:
    """Return the installed libraries, each as `name-version`, without importing anything."""
    names = (name for folder in sys.path for name in _names_in(folder))
    return sorted(name for name in names if name.lower().partition("-")[0] in _LIBRARIES)


def _names_in(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(".dist-info")]  # noqa: PTH208  # fast
    except OSError:
        return []


def _code() -> Iterator[str]:
    top = Path(__file__).parent.parent
    for folder, inner, names in os.walk(top):
        inner.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                status = os.stat(f"{folder}{os.sep}{name}")  # noqa: PTH116  # fast
                yield f"{folder}{os.sep}{name} {status.st_size} {status.st_mtime_ns}"


def _zones() -> Iterator[str]:
    """Yield the version of the system's time zones, which are used before those of tzdata."""
    for folder in zoneinfo.TZPATH:
        for name in ("tzdata.zi", "+VERSION"):
            try:
                with Path(folder, name).open(encoding="ascii", errors="replace") as file:
                    yield f"{folder} {file.readline(100)}"
            except OSError:
                yield folder


# -- rows -----------------------------------------------------------------------------------------


def encode_posts(posts: Iterable[Post]) -> bytes:
    """Return the first row of a file: its posts."""
    return _canonical(
        [
            {
                "id": post.id,
                "document": post.at.document,
                "draft": post.fields.status is PostStatus.DRAFT,
            }
            for post in posts
        ]
    )


def decode_posts(row: bytes) -> tuple[KnownPost, ...]:
    """Return the posts of a file, which has at least one. Raises CodecError."""
    posts = _reader(row).items(
        lambda post: KnownPost(
            post.at("id").name(),
            post.at("document").number(least=0),
            post.at("draft").flag(default=False),
        )
    )
    if not posts:
        raise CodecError("a file without posts is not kept")
    return posts


def encode_entries(posts: Iterable[Sequence[Desired]]) -> bytes:
    """Return the second row of a file: the entries of each of its posts."""
    return _canonical([[_entry_to_dict(entry) for entry in entries] for entries in posts])


def _entry_to_dict(desired: Desired) -> dict[str, object]:
    return {
        "profile": desired.address.profile,
        "entry": entry_to_dict(desired.entry),
        "zone": desired.zone,
        "protect": desired.protect,
        "on_drift": desired.on_drift.value,
        "campaign": desired.campaign,
        "tags": list(desired.tags),
    }


def decode_entries(
    row: bytes, file: str, posts: Sequence[KnownPost], profiles: Mapping[str, Profile]
) -> tuple[ExpandedPost, ...]:
    """Return the posts of a file with their entries. Raises CodecError."""
    lists = _reader(row).items(lambda entries: entries)
    if len(lists) != len(posts):
        raise CodecError("the rows are of different files")
    return tuple(
        ExpandedPost(
            post.id,
            post.is_draft,
            entries.items(
                lambda entry, post=post: _entry(  # type: ignore[misc]
                    entry, post.id, Pointer(file, post.document), profiles
                )
            ),
        )
        for post, entries in zip(posts, lists, strict=True)
    )


def _entry(reader: Reader, post_id: str, at: Pointer, profiles: Mapping[str, Profile]) -> Desired:
    alias = reader.at("profile").name()
    if alias not in profiles:
        raise CodecError(f"{reader.path}.profile: there is no such profile")
    return Desired(
        address=Address(post_id, alias),
        profile=profiles[alias],
        entry=entry_from_dict(reader.at("entry")),
        at=at,
        zone=reader.at("zone").name(),
        protect=reader.at("protect").flag(default=False),
        on_drift=reader.at("on_drift").member(OnDrift),
        campaign=reader.at("campaign").text(""),
        tags=reader.at("tags").items(Reader.text),
    )


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii")


def _reader(row: bytes) -> Reader:
    try:
        return Reader(parse_json(row.decode("ascii")))
    except UnicodeDecodeError as error:
        raise CodecError(str(error)) from None


# -- the rows of a run ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Memory:
    """The rows for the files of one run: `keys` are those of their first rows, by name.

    A file without a key has something wrong, or something that no row can hold. `decoded` caches
    the entries of rows: a plan checks twice, before it knows the live profiles and on them, and
    finds equal rows.
    """

    rows: Rows
    keys: dict[str, bytes] = field(default_factory=dict)
    decoded: dict[bytes, tuple[ExpandedPost, ...]] = field(default_factory=dict)

    def recall(
        self, posts: PostList, check: bytes, profiles: Mapping[str, Profile]
    ) -> dict[str, tuple[ExpandedPost, ...]]:
        """Return the posts of known files with their entries, by file.

        `check` is the key of the check. Ids that stand twice are left out: that is an error, and
        which post is the first one depends on all of them.
        """
        files = [part for part in posts.parts if isinstance(part, KnownFile)]
        keys = {file.name: _digest(check, self.keys[file.name]) for file in files}
        rows = self.rows.find(list(keys.values()))
        seen: set[str] = set()
        twice = {name for name in posts.ids if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
        known: dict[str, tuple[ExpandedPost, ...]] = {}
        for file in files:
            row = rows.get(keys[file.name])
            if row is None or any(post.id in twice for post in file.posts):
                continue
            try:
                known[file.name] = self._entries(row, file, profiles)
            except CodecError:
                continue
        return known

    def _entries(
        self, row: bytes, file: KnownFile, profiles: Mapping[str, Profile]
    ) -> tuple[ExpandedPost, ...]:
        """Return the posts of a row on these profiles. Raises CodecError."""
        key = self.keys[file.name] + row
        if key not in self.decoded:
            self.decoded[key] = decode_entries(row, file.name, file.posts, profiles)
            return self.decoded[key]
        posts = self.decoded[key]
        if any(one.address.profile not in profiles for post in posts for one in post.entries):
            raise CodecError("there is no such profile")
        return tuple(
            replace(
                post,
                entries=tuple(
                    replace(one, profile=profiles[one.address.profile]) for one in post.entries
                ),
            )
            for post in posts
        )

    def keep(
        self, check: bytes, posts: Iterable[Post], entries: Iterable[Desired], wrong: set[str]
    ) -> None:
        """Keep the entries of posts that were checked, unless something is `wrong` in their files.

        `posts` are those that were expanded in this run.
        """
        files: dict[str, dict[int, list[Desired]]] = {}
        for post in posts:
            if post.at.file in self.keys and post.at.file not in wrong:
                files.setdefault(post.at.file, {})[post.at.document] = []
        for entry in entries:
            if entry.at.file in files:
                files[entry.at.file][entry.at.document].append(entry)
        self.rows.keep(
            {
                _digest(check, self.keys[name]): encode_entries(documents.values())
                for name, documents in files.items()
            }
        )
