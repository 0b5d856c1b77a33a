"""The places in a post file that hold words of an author, by the table of an entry's fields.

An address, a time or a word of a list ends where a blank stands, so nothing can be lost behind it.
A text goes on, and what YAML takes for a comment is missing in it (`swallowed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from plancast.content.file_names import WORKSPACE_FILE
from plancast.content.schema_errors import MOST_PROBLEMS
from plancast.content.source import PostText
from plancast.content.swallowed import Swallowed
from plancast.content.yaml_reader import Document, Flaw
from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.entry import Image, Link, ThreadItem, Video
from plancast.model.entry_fields import PARTS, Kind, rows_of
from plancast.networks.base import SettingKind
from plancast.networks.registry import NETWORKS

Steps = Sequence[str | int]

_OWN_TEXTS = frozenset({"campaign"})
"""Keys of words that are no field of an entry."""


_BEHIND_QUOTES = "Move it into the text. If it is a comment, put a blank behind its `#`."
"""The instruction for a comment behind a text that is quoted already, or a block."""


def lost_words(
    document: Document, text: PostText, *codes: str
) -> Iterator[tuple[Swallowed, Diagnostic]]:
    """Yield the parts of an author's words that YAML took for comments or names, with problems.

    With `codes`, only those. At the most `MOST_PROBLEMS`: more of them are one mistake, repeated,
    and each place costs a look at the whole text.
    """
    yaml = text.yaml.removeprefix("\ufeff")
    is_workspace = text.name == WORKSPACE_FILE
    lost = (
        one
        for one in document.swallowed
        if _is_lost(one, is_workspace) and (not codes or one.code in codes)
    )
    for one in islice(lost, MOST_PROBLEMS):
        line, column = one.place(yaml)
        place = text.flaw_range(Flaw(one.code, line, column, length=len(one.part)))
        severity = None if one.is_certain else Severity.WARNING
        hint = "" if one.is_certain or one.code != "PC110" else _BEHIND_QUOTES
        yield one, problem(one.code, one.detail, hint=hint, source=place, severity=severity)


def _is_lost(one: Swallowed, is_workspace: bool) -> bool:
    """Return whether a part is missing in a text; plancast.yaml has texts in its defaults alone."""
    if is_workspace:
        return one.path[:1] == ("defaults",) and holds_words(one.path[1:])
    return holds_words(one.path)


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
