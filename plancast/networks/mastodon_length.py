"""The text of a post as Mastodon measures it: with a placeholder for each address.

Mastodon gives way only to what it will link. An address needs its scheme and a host name with a
known top-level domain, and ends where Mastodon's extractor ends it. Of a mention of an account on
another server only the part before the server counts (docs/networks.md#counting).
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from plancast.networks.web_addresses import MASTODON, Span, find_addresses

PLACEHOLDER = "x" * 23
"""An address counts as much, however long it is."""

_LONGEST_HOST = 253
_WORD = r"[\p{L}\p{M}\p{Nd}\p{Pc}]"
_MENTION = regex.compile(
    rf"(?<![=/]|{_WORD})@([a-zA-Z0-9_]+(?:[.-]+[a-zA-Z0-9_]+)*)(?:@({_WORD}+(?:[.-]+{_WORD}+)*))?"
)
_NO_MENTION = regex.compile(
    "[@\uff20]|://|[\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268"
    "\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff]"
)
"""Characters behind a mention that make it none."""


def with_placeholders(text: str) -> str:
    """Return a text with placeholders for addresses, and with the local parts of mentions."""
    if "://" not in text and "@" not in text:
        return text
    replaced = sorted([*_addresses(text), *_mentions(text)])
    parts: list[str] = []
    position = 0
    for (start, end), shown in replaced:
        if start < position:  # within the one before, which was found first
            continue
        parts.extend((text[position:start], shown))
        position = end
    return "".join((*parts, text[position:]))


def _addresses(text: str) -> Iterator[tuple[Span, str]]:
    for span in find_addresses(text, MASTODON):
        yield span, PLACEHOLDER


def _mentions(text: str) -> Iterator[tuple[Span, str]]:
    for mention in _MENTION.finditer(text):
        host = mention[2] or ""
        if len(host) <= _LONGEST_HOST and not _NO_MENTION.match(text, mention.end()):
            yield mention.span(), f"@{mention[1]}"
