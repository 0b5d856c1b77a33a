"""The verdict of an earlier `validate` on the same files, if no post had anything wrong with it.

The files are read and hashed, and plancast.yaml is checked as always. If an earlier run found
nothing else to report on just these files and profiles, its counts are all that is shown. This is
the fastest answer for a workspace in which nothing has changed; else `content.known_posts` helps.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from plancast.codec.reader import CodecError, Reader, parse_json
from plancast.commands._shared.checked_posts import Asked, ask_offline
from plancast.content.known_posts import Rows, key_of_check, key_of_file, key_of_folder
from plancast.content.loader import Loaded, can_be_known, digest_now, load
from plancast.content.post_list import PostList
from plancast.model.diagnostics import Diagnostic, has_errors
from plancast.networks.registry import LIMITS
from plancast.providers import registry

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of posts, of their entries, and of the profiles of these."""

    posts: int
    entries: int
    profiles: int

    @classmethod
    def of(cls, loaded: Loaded, asked: Asked) -> Counts:
        """Count what the files of a workspace ask for."""
        profiles = {entry.address.profile for entry in asked.desired}
        return cls(len(loaded.posts), len(asked.desired), len(profiles))


@dataclass(frozen=True, slots=True)
class Glance:
    """The files of a workspace, hashed and not read: `remarks` are those on plancast.yaml alone.

    `counts` are those of the earlier run, None if there was none.
    """

    rows: Rows
    key: bytes
    digest: str
    files: frozenset[str]
    remarks: tuple[Diagnostic, ...]
    counts: Counts | None

    def keep(self, loaded: Loaded, asked: Asked) -> None:
        """Keep the verdict on these files, unless a post had anything wrong with it."""
        is_same = loaded.content_digest == self.digest  # an editor may have written meanwhile
        posts: Sequence[object] = loaded.posts
        fresh = tuple(posts.fresh) if isinstance(posts, PostList) else loaded.posts
        if is_same and asked.diagnostics == self.remarks and can_be_known(fresh):
            row = json.dumps(asdict(Counts.of(loaded, asked)), sort_keys=True)
            self.rows.keep({self.key: row.encode("ascii")})


def glance(runtime: Runtime) -> Glance | None:
    """Hash the files of a workspace and look up the verdict; None if there can be none."""
    if runtime.rows is None:
        return None
    alone = load(runtime.root, with_posts=False)
    if has_errors(alone.diagnostics):
        return None
    current = digest_now(alone)
    if current is None:
        return None
    asked = ask_offline(alone, runtime.remembered_profiles())
    digest, files = current
    features = registry.features(alone.workspace.provider, runtime.root)
    check = key_of_check(asked.profiles, LIMITS, features)
    key = key_of_file(key_of_folder([b"verdict", check]), "", "", digest.encode("ascii"))
    row = runtime.rows.find([key]).get(key)
    return Glance(runtime.rows, key, digest, files, asked.diagnostics, _decoded(row))


def _decoded(row: bytes | None) -> Counts | None:
    """Return the counts of a row; None if it is missing or is no such row."""
    if row is None:
        return None
    try:
        reader = Reader(parse_json(row.decode("ascii")))
        names = ("posts", "entries", "profiles")
        return Counts(*(reader.at(name).number(least=0) for name in names))
    except (CodecError, UnicodeDecodeError):
        return None
