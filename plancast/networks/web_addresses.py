"""Web addresses in a text, found as X or Mastodon find them.

X links `https://example.com/a` and `example.com/a` alike, provided that the host name ends in a
top-level domain that it knows, and counts every link the same. Mastodon links the first of them
alone, but knows more schemes and takes other characters into a path. Both build on the patterns of
twitter-text 3.1, so one reader with a `Grammar` for each finds what they find. Those patterns need
time that grows with the square of the length. Here the text is read once: it is cut into runs of
characters that a host name may contain, a run into labels at its dots, and each label learns from
the one behind it where a host name that goes on from there would end.

Terms: a *host* is `example.com`; a *label* is what stands between its dots; a host may be *bare*,
that is without `http://` or `https://` before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plancast.networks.top_level_domains import LONGEST, TOP_LEVEL_DOMAINS

_LONGEST_ADDRESS = 4096
_LONGEST_LABEL = 63
_LONGEST_SLUG = 40

_SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NEVER = "\ufffe\ufeff\uffff"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_OUTSIDE = rf"!#%&'()*+,/:;<=>?@\[\]\\^{{|}}~${_SPACES}{_NEVER}{_DIRECTIONS}"
_LATIN = (
    "\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_ENDING = rf"+\-a-zA-Z0-9\u0400-\u04ff=_#/{_LATIN}"
_NOT_ENDING = "!*';:,.$%[]\u2013~@|&"
_IN_PATH = rf"[{_ENDING}{re.escape(_NOT_ENDING)}]"
_QUERY = r"\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=#/]"

_PLAIN = re.compile(f"[a-zA-Z0-9{_LATIN}-]+")
"""Of such characters a host has to be if no scheme precedes it."""

_GOES_ON = re.compile("[0-9a-zA-Z@+-]")
"""A character after which a host does not end in the top-level domain before it."""

_PORT = re.compile(":[0-9]+")
_SHORTENED = re.compile(rf"[Hh][Tt][Tt][Pp][Ss]?://[Tt]\.[Cc][Oo]/([a-zA-Z0-9]+)(?:{_QUERY})?")
_FULL_STOPS = re.compile("[.\u3002\uff0e\uff61]")

Span = tuple[int, int]
"""Begin and end of a part of the text."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The pattern of an address on one network.

    `run` matches the characters that a host may contain, `opening` a first character of an address
    behind one that allows it to begin. `path` takes parentheses that close, one level deep; it does
    not end with a character of `not_ending`, and with a parenthesis only if `closing` matches it.
    `bare`: a host is linked without a scheme as well. `shortened` matches X's own short links,
    which end early.
    """

    run: re.Pattern[str]
    opening: re.Pattern[str]
    schemes: tuple[str, ...]
    punycode: re.Pattern[str]
    path: re.Pattern[str]
    closing: re.Pattern[str]
    query: re.Pattern[str]
    not_ending: str
    bare: bool = False
    shortened: re.Pattern[str] | None = None


def _grammar(  # noqa: PLR0913  # one keyword for each part of an address
    *, outside: str, in_path: str, query: str, punycode: str, schemes: str, closing: str = ""
) -> dict[str, Any]:
    """Compile what the grammars have in common, from the insides of character classes."""
    parentheses = rf"\((?:{in_path}+|{in_path}*\({in_path}+\){in_path}*)\)"
    return {
        "run": re.compile(f"[^{outside}]+"),
        "opening": re.compile(f"(?<![A-Za-z0-9@\uff20$#\uff03{_NEVER}])[^_.{outside}-]"),
        "schemes": tuple(schemes.split()),
        "punycode": re.compile(punycode),
        "path": re.compile(rf"/(?:{in_path}+|{parentheses})*"),
        "closing": re.compile(closing or parentheses),
        "query": re.compile(query),
    }


X = Grammar(
    **_grammar(
        outside=_OUTSIDE,
        in_path=_IN_PATH,
        query=_QUERY,
        punycode="[Xx][Nn]--[-0-9A-Za-z]+",
        schemes="https http",
    ),
    not_ending=_NOT_ENDING,
    bare=True,
    shortened=_SHORTENED,
)
"""With parentheses in a path: `/wiki/Primer_(film)`."""

_BEYOND = (
    "\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U0002fffd"
    "\U00030000-\U0003fffd\U00040000-\U000dfffd\U000e1000-\U000efffd\U000f0000-\U000ffffd"
    "\U00100000-\U0010fffd"
)
_WHITE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DASHES = (
    "\\-\u058a\u05be\u1400\u1806\u2010-\u2015\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u301c\u3030\u30a0\ufe31"
    "\ufe32\ufe58\ufe63\uff0d"
)
_OLDER_PATH = rf"[a-zA-Z\u0400-\u052f0-9!*';:=+,.$/%#\[\]{_DASHES}_~&|@{_LATIN}]"

MASTODON = Grammar(
    **_grammar(
        outside=rf"\0-\x1f\x7f!\"#$%&'()*+,/:;<=>?@\[\]\^`{{|}}~{_SPACES}{_NEVER}{_DIRECTIONS}",
        in_path=rf"[^{_WHITE}<>()?]",
        query=rf"\?[a-zA-Z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{_BEYOND}]*[a-zA-Z0-9_&=#/\-{_BEYOND}]",
        punycode="[Xx][Nn]--[0-9A-Za-z]+",
        schemes="https http dweb dat ipfs ipns ssb gopher gemini",
        closing=rf"\((?:{_OLDER_PATH}+|{_OLDER_PATH}*\({_OLDER_PATH}+\){_OLDER_PATH}*)\)",
    ),
    not_ending="!*\"'\u300c\u300d;:=,.$%[]~&|@",
    shortened=re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[Tt]\.[Cc][Oo]/([a-zA-Z0-9]+)"),
)
"""A path holds any character but blanks. A parenthesis ends one only if X would take what it holds:
Mastodon widens its pattern for parentheses after that for the ends of paths."""


def find_addresses(text: str, grammar: Grammar = X) -> list[Span]:
    """Return the spans of all web addresses, in order and without overlap.

    `text` has to be in NFC for X. The time grows with its length.
    """
    # Both networks look for a dot or a scheme first, since most texts have neither.
    if "." not in text or not (grammar.bare or "://" in text):
        return []
    return list(_addresses(text, grammar))


def _addresses(text: str, grammar: Grammar) -> Iterator[Span]:
    """Yield the spans. An address begins behind a character that no address before has taken."""
    position = 0
    run: _Run | None = None
    while True:
        if run is None or run.end <= position:
            stretch = grammar.run.search(text, position)
            if stretch is None:
                return
            # Nearly every word: without a dot it is no host, and without `://` behind it no scheme.
            if "." not in stretch[0] and not text.startswith("://", stretch.end()):
                position = stretch.end()
                continue
            run = _Run(text, grammar, *stretch.span())
        bare = run.first_bare(position)
        if bare:
            address = _Address(run, bare[0], *bare)
            if grammar.bare:
                yield from address.bare_spans()
            # Not linked, but read: an address inside its path is none by itself.
            position = address.end
            continue
        start = _scheme(run, position)
        position = run.end
        following = grammar.run.match(text, run.end + len("://")) if start is not None else None
        if start is None or following is None:
            continue
        run = _Run(text, grammar, *following.span())
        end = run.host(run.start, run.labels[0].end, run.labels[1]) if len(run.labels) > 1 else None
        if end is not None:
            address = _Address(run, start, run.start, end)
            yield from address.spans()
            position = address.end


@dataclass(slots=True)
class _Label:
    """A part of a host between dots, up to `end`.

    `suffix`: where the top-level domain ends that this label begins with. `host`: where the longest
    host ends of which the whole label is a part, other than its last. None: there is none.
    """

    start: int
    end: int
    suffix: int | None = None
    host: int | None = None


class _Run:
    """A stretch of text of which all characters may be in a host: labels with dots between them."""

    def __init__(self, text: str, grammar: Grammar, start: int, end: int) -> None:
        self.text, self.grammar, self.start, self.end = text, grammar, start, end
        self.starts, labels = [], list[_Label]()
        ends = []
        for part in text[start:end].split("."):
            self.starts.append(start)
            ends.append(start + len(part))
            start += len(part) + 1
        following: _Label | None = None
        for begin, end in zip(reversed(self.starts), reversed(ends), strict=True):  # noqa: PLR1704
            host = self.host(begin, end, following)
            following = _Label(begin, end, _suffix(text, begin, end, grammar), host)
            labels.append(following)
        self.labels = labels[::-1]

    def host(self, start: int, end: int, following: _Label | None) -> int | None:
        """Return the end of the longest host from `start` on, in a label up to `end`.

        Any label may have `_` inside, but the one before the top-level domain; none begins or ends
        with `_` or `-`.
        """
        if following is None or start >= end:
            return None
        if self.text[start] in "-_" or self.text[end - 1] in "-_":
            return None
        if following.host is not None:
            return following.host
        return None if self.text.find("_", start, end) >= 0 else following.suffix

    def label_at(self, position: int) -> int:
        """Return the index of the label that contains a position, or the dot behind it."""
        return max(bisect_right(self.starts, position) - 1, 0)

    def first_bare(self, position: int) -> tuple[int, int] | None:
        """Return begin and end of the first host that begins behind `position`, or the text."""
        for index in range(self.label_at(position), len(self.labels) - 1):
            label, following = self.labels[index], self.labels[index + 1]
            begin = max(label.start, position + (position > 0))
            if following.host is None:
                if following.suffix is None:
                    continue
                begin = max(begin, self.text.rfind("_", label.start, label.end) + 1)
            opening = self.grammar.opening.search(self.text, begin, label.end)
            end = self.host(opening.start(), label.end, following) if opening else None
            if opening and end is not None:
                # The first character of a text rather allows an address than it begins one.
                second = None
                if opening.start() == 0:
                    second = self.grammar.opening.match(self.text, 1, label.end)
                return (second or opening).start(), end
        return None

    def plain_hosts(self, start: int, end: int) -> Iterator[Span]:
        """Yield the parts of a bare host that are hosts by themselves, of Latin letters only.

        Scripts that are written without spaces run into them: `見てexample.com` has one.
        """
        first, last = self.label_at(start), self.label_at(end - 1)
        ends: dict[int, int | None] = {last: None}
        for index in range(last - 1, first - 1, -1):
            label = self.labels[index + 1]
            whole = index + 1 < last and _PLAIN.fullmatch(self.text, label.start, label.end)
            suffix = label.suffix if index + 1 < last else end
            ends[index] = (ends[index + 1] if whole else None) or suffix
        index = first
        while index < last:
            label = self.labels[index]
            begin = _plain_rest(self.text, max(start, label.start), label.end)
            found = ends[index]
            if found is None or begin == label.end:
                index += 1
                continue
            yield begin, found
            start, index = found, self.label_at(found - 1)


def _suffix(text: str, start: int, end: int, grammar: Grammar) -> int | None:
    """Return where the top-level domain ends that a label begins with, if it begins with one."""
    for size in range(min(LONGEST, end - start), 0, -1):
        stop = start + size
        if text[start:stop].lower() in TOP_LEVEL_DOMAINS and not _GOES_ON.match(text, stop):
            return stop
    encoded = grammar.punycode.match(text, start, end)
    return encoded.end() if encoded else None


def _plain_rest(text: str, start: int, end: int) -> int:
    """Return where the plain characters begin that a label ends with."""
    while end > start and _PLAIN.match(text, end - 1, end):
        end -= 1
    return end


def _scheme(run: _Run, position: int) -> int | None:
    """Return where a scheme begins, if the run ends with one and a host may follow."""
    text = run.text
    if not text.startswith("://", run.end):
        return None
    for scheme in run.grammar.schemes:
        start = run.end - len(scheme)
        allowed = start == 0 or start > position
        if allowed and start >= run.start and text[start : run.end].lower() == scheme:
            return start if run.grammar.opening.match(text, start) else None
    return None


class _Address:
    """A host with all that follows it, and with the scheme before it if it has one."""

    def __init__(self, run: _Run, start: int, host_start: int, host_end: int) -> None:
        text, self.grammar = run.text, run.grammar
        self.text, self.run, self.start = text, run, start
        self.host_start, self.host_end = host_start, host_end
        port = _PORT.match(text, host_end)
        end = port.end() if port else host_end
        path = self.grammar.path.match(text, end)
        self.has_path = path is not None
        if path:
            end = self._path_end(end + 1, path.end())
        query = self.grammar.query.match(text, end)
        self.end = query.end() if query else end

    def _path_end(self, start: int, end: int) -> int:
        """Return where a path ends that begins at `start` and could go on up to `end`."""
        text, grammar = self.text, self.grammar
        while end > start:
            if text[end - 1] in grammar.not_ending:
                end -= 1
                continue
            if text[end - 1] != ")":
                break
            opening = text.rfind("(", start, end)
            if text.count(")", opening, end) > 1:
                opening = text.rfind("(", start, opening)
            if grammar.closing.fullmatch(text, opening, end):
                break
            end = opening
        return end

    def spans(self) -> Iterator[Span]:
        """Yield the span of an address with a scheme, if it is one."""
        if not self._is_valid(scheme=self.host_start - self.start):
            return
        pattern = self.grammar.shortened
        shortened = pattern.match(self.text, self.start, self.end) if pattern else None
        if shortened is None:
            yield self.start, self.end
        elif len(shortened[1]) <= _LONGEST_SLUG:
            yield shortened.span()

    def bare_spans(self) -> Iterator[Span]:
        """Yield the span of each host in a bare one; the path belongs to the last of them.

        A query without a path belongs to none.
        """
        before = self.text[self.start - 1] if self.start else " "
        if before in "-_./" or not self._is_valid(scheme=len("https://")):
            return
        hosts = self._plain_hosts()
        yield from hosts[:-1]
        for start, end in hosts[-1:]:
            yield start, self.end if self.has_path else end

    def _is_valid(self, scheme: int) -> bool:
        """Return whether the address and each label of its host are short enough for the web."""
        if self.end - self.start + scheme > _LONGEST_ADDRESS:
            return False
        pairs = sum(sign > "\uffff" for sign in self.text[self.start : self.end])  # of UTF-16
        if self.end - self.start + pairs + scheme > _LONGEST_ADDRESS:
            return False
        host = self.text[self.host_start : self.host_end]
        if not all(map(_fits, host.split("."))):
            return False
        return not (self.grammar.bare and host.startswith("xn--")) or any(self._plain_hosts())

    def _plain_hosts(self) -> list[Span]:
        return list(self.run.plain_hosts(self.host_start, self.host_end))


def _fits(label: str) -> bool:
    """Return whether a label fits into a name server's 63 octets, encoded if it has to be."""
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return len(label) <= _LONGEST_LABEL
    parts = [
        part if part.isascii() else f"xn--{part.encode('punycode').decode('ascii')}"
        for part in _FULL_STOPS.split(label)
    ]
    return len(".".join(parts)) <= _LONGEST_LABEL
