"""Web addresses in a text, found as X finds them: with a scheme, or by the end of a host name.

X links `https://example.com/a` and `example.com/a` alike, provided that the host name ends in a
top-level domain that it knows, and counts every link the same. Which characters belong to an
address follows from the patterns of twitter-text 3.1. Those need time that grows with the square
of the length. Here the text is read once: it is cut into runs of characters that a host name may
contain, a run into labels at its dots, and each label learns from the one behind it where a host
name that goes on from there would end.

Terms: a *host* is `example.com`; a *label* is what stands between its dots; a host may be *bare*,
that is without `http://` or `https://` before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

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

_RUN = re.compile(f"[^{_OUTSIDE}]+")
_OPENING = re.compile(f"(?<![A-Za-z0-9@\uff20$#\uff03{_NEVER}])[^_.{_OUTSIDE}-]")
"""A first character of an address, and the character before it that allows one to begin."""

_PLAIN = re.compile(f"[a-zA-Z0-9{_LATIN}-]+")
"""Of such characters a host has to be if no scheme precedes it."""

_GOES_ON = re.compile("[0-9a-zA-Z@+-]")
"""A character after which a host does not end in the top-level domain before it."""

_PUNYCODE = re.compile("[Xx][Nn]--[-0-9A-Za-z]+")
_PORT = re.compile(":[0-9]+")
_PATH = re.compile(rf"/(?:{_IN_PATH}+|\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\))*")
"""With parentheses that close, one level deep: `/wiki/Primer_(film)`."""

_TAIL = re.compile(_QUERY)
_SHORTENED = re.compile(rf"[Hh][Tt][Tt][Pp][Ss]?://[Tt]\.[Cc][Oo]/([a-zA-Z0-9]+)(?:{_QUERY})?")
_SCHEMES = ("https", "http")
_FULL_STOPS = re.compile("[.\u3002\uff0e\uff61]")

Span = tuple[int, int]
"""Begin and end of a part of the text."""


def find_addresses(text: str) -> list[Span]:
    """Return the spans of all web addresses, in order and without overlap.

    `text` has to be in NFC. The time grows with its length.
    """
    return list(_addresses(text)) if "." in text else []


def _addresses(text: str) -> Iterator[Span]:
    """Yield the spans. An address begins behind a character that no address before it has taken."""
    position = 0
    run: _Run | None = None
    while True:
        if run is None or run.end <= position:
            stretch = _RUN.search(text, position)
            if stretch is None:
                return
            run = _Run(text, *stretch.span())
        bare = run.first_bare(position)
        if bare:
            address = _Address(text, run, bare[0], *bare)
            yield from address.bare_spans()
            position = address.end
            continue
        start = _scheme(text, run, position)
        position = run.end
        following = _RUN.match(text, run.end + len("://")) if start is not None else None
        if start is None or following is None:
            continue
        run = _Run(text, *following.span())
        end = run.host(run.start, run.labels[0].end, run.labels[1]) if len(run.labels) > 1 else None
        if end is not None:
            address = _Address(text, run, start, run.start, end)
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

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.starts, labels = [], list[_Label]()
        ends = []
        for part in text[start:end].split("."):
            self.starts.append(start)
            ends.append(start + len(part))
            start += len(part) + 1
        following: _Label | None = None
        for begin, end in zip(reversed(self.starts), reversed(ends), strict=True):  # noqa: PLR1704
            host = self.host(begin, end, following)
            following = _Label(begin, end, _suffix(text, begin, end), host)
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
            opening = _OPENING.search(self.text, begin, label.end)
            end = self.host(opening.start(), label.end, following) if opening else None
            if opening and end is not None:
                # The first character of a text rather allows an address than it begins one.
                second = _OPENING.match(self.text, 1, label.end) if opening.start() == 0 else None
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


def _suffix(text: str, start: int, end: int) -> int | None:
    """Return where the top-level domain ends that a label begins with, if it begins with one."""
    for size in range(min(LONGEST, end - start), 0, -1):
        stop = start + size
        if text[start:stop].lower() in TOP_LEVEL_DOMAINS and not _GOES_ON.match(text, stop):
            return stop
    encoded = _PUNYCODE.match(text, start, end)
    return encoded.end() if encoded else None


def _plain_rest(text: str, start: int, end: int) -> int:
    """Return where the plain characters begin that a label ends with."""
    while end > start and _PLAIN.match(text, end - 1, end):
        end -= 1
    return end


def _scheme(text: str, run: _Run, position: int) -> int | None:
    """Return where `http` or `https` begins, if the run ends with it and a host may follow."""
    if not text.startswith("://", run.end):
        return None
    for scheme in _SCHEMES:
        start = run.end - len(scheme)
        allowed = start == 0 or start > position
        if allowed and start >= run.start and text[start : run.end].lower() == scheme:
            return start if _OPENING.match(text, start) else None
    return None


class _Address:
    """A host with all that follows it, and with the scheme before it if it has one."""

    def __init__(self, text: str, run: _Run, start: int, host_start: int, host_end: int) -> None:
        self.text, self.run, self.start = text, run, start
        self.host_start, self.host_end = host_start, host_end
        port = _PORT.match(text, host_end)
        end = port.end() if port else host_end
        path = _PATH.match(text, end)
        self.has_path = path is not None
        if path:
            end += 1 + len(path[0][1:].rstrip(_NOT_ENDING))
        query = _TAIL.match(text, end)
        self.end = query.end() if query else end

    def spans(self) -> Iterator[Span]:
        """Yield the span of an address with a scheme, if it is one."""
        if not self._is_valid(scheme=self.host_start - self.start):
            return
        shortened = _SHORTENED.match(self.text, self.start, self.end)
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
        return not host.startswith("xn--") or any(self._plain_hosts())

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
