"""The places in a post file that hold words of an author, by the table of an entry's fields.

An address, a time or a word of a list ends where a blank stands, so nothing can be lost behind it.
A text goes on, and what YAML takes for a comment is missing in it (`swallowed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plancast.model.entry import Image, Link, ThreadItem, Video
from plancast.model.entry_fields import PARTS, Kind, rows_of
from plancast.networks.base import SettingKind
from plancast.networks.registry import NETWORKS

Steps = Sequence[str | int]

_OWN_TEXTS = frozenset({"campaign"})
"""Keys of words that are no field of an entry."""


def holds_words(path: Steps) -> bool:
    """Return whether a place in a post, or in defaults, holds words of an author.

    >>> holds_words(("variants", "twitter", "thread", 0, "text"))
    True
    """
    if not path:
        return False
    key, *rest = path
    if key == "variants":
        return holds_words(rest[1:])
    if key in _OWN_TEXTS:
        return not rest
    return any(_IN_KIND[row.kind](rest) for row in rows_of(str(key)))


def _never(_rest: Steps) -> bool:
    return False


def _in_part(owner: type) -> Callable[[Steps], bool]:
    """Return the test for a mapping of a link, an image, a video or a part of a thread."""
    parts = {part.name: part for part in PARTS[owner] if not part.observed}

    def test(rest: Steps) -> bool:
        part = parts.get(str(rest[0])) if rest else None
        return part is not None and not part.is_address and _IN_KIND[part.kind](rest[1:])

    return test


def _in_list(test: Callable[[Steps], bool]) -> Callable[[Steps], bool]:
    return lambda rest: bool(rest) and test(rest[1:])


def _in_thread(rest: Steps) -> bool:
    # A part of a thread is a text alone, or a mapping.
    return len(rest) == 1 or _in_list(_in_part(ThreadItem))(rest)


def _in_settings(rest: Steps) -> bool:
    """Return whether a setting takes any text; one that no network has may be meant as such."""
    if len(rest) != 2:
        return False
    network = NETWORKS.get(str(rest[0]))
    settings = network.settings if network else ()
    kinds = [one.kind for one in settings if one.name == rest[1]]
    return not kinds or kinds[0] is SettingKind.TEXT


_IN_KIND: Mapping[Kind, Callable[[Steps], bool]] = {
    Kind.TEXT: lambda rest: not rest,
    Kind.NUMBER: _never,
    Kind.FLAG: _never,
    Kind.MOMENT: _never,
    Kind.WORD: _never,
    Kind.LINK: _in_part(Link),
    Kind.IMAGES: _in_list(_in_part(Image)),
    Kind.VIDEO: _in_part(Video),
    Kind.THREAD: _in_thread,
    Kind.SETTINGS: _in_settings,
    Kind.NAMES: lambda rest: len(rest) == 1,
}
