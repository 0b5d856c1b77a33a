"""Links in a text, by a grammar of host names, in time that grows with the length of the text.

The networks publish their grammars as patterns: labels with dots between them, of which the last
one is a top-level domain. As a pattern each place of a text is tried, and each try goes back over
all labels. Here the ends of the host names are found first, from the right to the left.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Pattern(Protocol):
    """A compiled pattern, of `re` or of `regex`."""

    def finditer(self, text: str, /) -> Iterator[re.Match[str]]: ...
    def match(self, text: str, at: int, /) -> re.Match[str] | None: ...
    def fullmatch(self, text: str, at: int, end: int, /) -> re.Match[str] | None: ...


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form of a link on a network.

    `labels` matches a row of characters that labels consist of, `end` a top-level domain, `scheme`
    such as "https://", `before` a character before a link, and `tail` what may follow a host; it
    matches nothing as well.
    """

    labels: Pattern
    end: Pattern
    scheme: Pattern
    before: Pattern
    tail: Pattern
    longest_scheme: int


class Link(NamedTuple):
    """A link in a text: where it starts, its host, where it ends, its scheme and its path."""

    start: int
    host: str
    end: int
    scheme: str
    path: str


class _Label(NamedTuple):
    """A row of characters with a dot behind it.

    `ends_here` and `ends_later` are where a host ends whose last label is this one, or a later one;
    0 if there is none.
    """

    start: int
    stop: int
    ends_here: int
    ends_later: int


def links(text: str, grammar: Grammar) -> Iterator[Link]:
    """Yield the links of a text from the left to the right."""
    position = 0
    for label in _labels(text, grammar):
        found = _first(text, label, grammar, position)
        if found is None:
            continue
        start, begin = found
        end = _host_end(text, begin, label)
        tail = grammar.tail.match(text, end)
        position = tail.end() if tail else end
        path = (tail and tail["path"]) or ""
        yield Link(start, text[begin:end], position, text[start:begin], path)


def _labels(text: str, grammar: Grammar) -> list[_Label]:
    """Return the rows that a dot follows, with the ends of hosts that they belong to."""
    spans = [match.span() for match in grammar.labels.finditer(text)]
    made: list[_Label] = []
    following: _Label | None = None
    for start, stop in reversed(spans):
        if text[stop : stop + 1] != "." or not _is_edge(text[stop - 1]):
            following = None
            continue
        here = grammar.end.match(text, stop + 1)
        is_next = following is not None and following.start == stop + 1
        later = _host_end(text, following.start, following) if following and is_next else 0
        following = _Label(start, stop, here.end() if here else 0, later)
        made.append(following)
    made.reverse()
    return made


def _host_end(text: str, begin: int, label: _Label) -> int:
    """Return where the longest host ends that begins in a label, 0 if none does."""
    if not _is_edge(text[begin]):
        return 0
    has_underscore = text.find("_", begin, label.stop) >= 0
    return label.ends_later or (0 if has_underscore else label.ends_here)


def _first(text: str, label: _Label, grammar: Grammar, position: int) -> tuple[int, int] | None:
    """Return where the first link starts whose host begins in a label, and where the host begins.

    None if there is none behind `position`.
    """
    start = _scheme_start(text, label, grammar, position)
    if start is not None and _host_end(text, label.start, label):
        return start, label.start
    begin = label.start
    if not label.ends_later:
        begin = max(begin, text.rfind("_", label.start, label.stop) + 1)
    if not (label.ends_later or label.ends_here):
        return None
    places = (at for at in range(max(begin, position), label.stop) if _is_edge(text[at]))
    at = next((at for at in places if _may_start(text, at, grammar, position)), None)
    # The patterns prefer a character before the link to the beginning of the text.
    if at == 0 and label.stop > 1 and _is_edge(text[1]) and _may_start(text, 1, grammar, 0):
        at = 1
    return None if at is None else (at, at)


def _scheme_start(text: str, label: _Label, grammar: Grammar, position: int) -> int | None:
    """Return where a scheme starts that ends at a label; None if there is none."""
    if not text.endswith("://", 0, label.start):
        return None
    for start in range(max(0, label.start - grammar.longest_scheme), label.start):
        if grammar.scheme.fullmatch(text, start, label.start):
            return start if _may_start(text, start, grammar, position) else None
    return None


def _may_start(text: str, at: int, grammar: Grammar, position: int) -> bool:
    """Return whether the character before a place may stand before a link."""
    return at == 0 or (at > position and grammar.before.match(text, at - 1) is not None)


def _is_edge(sign: str) -> bool:
    """Return whether a label may begin and end with one of its characters."""
    return sign not in "_-"
