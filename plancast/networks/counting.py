"""The ways in which networks count the length of a text.

Counting is exact if it matters and cheap otherwise: a text that fits by an upper bound is never
counted. The table in docs/networks.md#counting is made from `WAYS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plancast.model.limits import Counting, NetworkLimits
from plancast.model.unicode_nfc import compose


@dataclass(frozen=True, slots=True)
class WayOfCounting:
    """A way of counting in the words of docs/networks.md, and how sure it is."""

    words: str
    source: str


WAYS: Mapping[Counting, WayOfCounting] = {
    Counting.TWITTER: WayOfCounting("weights: see below", "`documented` by X"),
    Counting.MASTODON: WayOfCounting(
        "characters as people see them; any web address is 23, and of `@user@host` only `@user` "
        "counts",
        "`documented`",
    ),
    Counting.GRAPHEMES: WayOfCounting("characters as people see them (graphemes)", "`documented`"),
    Counting.CHARACTERS: WayOfCounting("code points", "`assumed`"),
    Counting.UTF16: WayOfCounting(
        "UTF-16 code units: an emoji or a bold mathematical letter is 2", "`documented` for most"
    ),
}
"""The last one is the usual one: the table names no networks for it."""

_URL = re.compile(r"https?://\S+")
_MENTION = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_MASTODON_URL = 23
_TWITTER_URL = 23

_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which an answer in JSON can hold: no network takes them, one sign each."""


def measure(text: str, counting: Counting) -> int:
    """Return the length of a text as a network counts it."""
    text = _HALVES.sub("\ufffd", text)
    if counting is Counting.UTF16:
        return len(text) + sum(1 for sign in text if sign > "\uffff")
    if counting is Counting.TWITTER:
        from plancast.networks.weighted_length import weighted_length  # noqa: PLC0415

        return weighted_length(text)
    if counting is Counting.MASTODON:
        text = _URL.sub("x" * _MASTODON_URL, _MENTION.sub(r"@\1", text))
    if counting in (Counting.GRAPHEMES, Counting.MASTODON):
        import regex  # noqa: PLC0415

        return len(regex.findall(r"\X", text))
    return len(text)


def excess(text: str, limits: NetworkLimits) -> tuple[int, int] | None:
    """Return (length, limit) if the text is too long, None if it fits."""
    if limits.text is None or _surely_fits(text, limits):
        return None
    length = measure(text, limits.counting)
    return (length, limits.text) if length > limits.text else None


def _surely_fits(text: str, limits: NetworkLimits) -> bool:
    """Compare an upper bound that costs nothing with the limit: most texts are short.

    On X a character weighs two at the most, and a word that is taken for a domain counts 23,
    however short it is; it needs a dot. On Mastodon a short link counts more than its characters.
    """
    bound = len(text)
    if limits.counting is Counting.TWITTER:
        composed = len(compose(text))  # can be more characters than before
        bound = composed * (1 if text.isascii() else 2) + _TWITTER_URL * text.count(".")
    elif limits.counting is Counting.UTF16:
        bound *= 1 if text.isascii() else 2
    elif limits.counting is Counting.MASTODON:
        bound += _MASTODON_URL * text.count("://")
    return limits.text is not None and bound <= limits.text
