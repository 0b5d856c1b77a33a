"""The ways in which networks count the length of a text.

Counting is exact if it matters and cheap otherwise: a text that fits by an upper bound is never
counted. The table in docs/networks.md#counting is made from `WAYS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plancast.model.limits import Counting, NetworkLimits
from plancast.networks.weighted_length import ADDRESS, at_most, weight_in_full, weighted_length


@dataclass(frozen=True, slots=True)
class WayOfCounting:
    """A way of counting in the words of docs/networks.md, and how sure it is."""

    words: str
    source: str


WAYS: Mapping[Counting, WayOfCounting] = {
    Counting.TWITTER: WayOfCounting("weights: see below", "`documented` by X"),
    Counting.MASTODON: WayOfCounting(
        "characters as people see them, those of the content warning too; any web address with its "
        "scheme is 23, and of `@user@host` only `@user` counts",
        "`documented`",
    ),
    Counting.GRAPHEMES: WayOfCounting("characters as people see them (graphemes)", "`documented`"),
    Counting.BYTES: WayOfCounting(
        "bytes of UTF-8: a letter of English is 1, one with an accent 2, a typographic quote 3, an "
        "emoji 4 or more",
        "`documented` for emoji, `reported` for the rest",
    ),
    Counting.CHARACTERS: WayOfCounting("code points", "`assumed`"),
    Counting.UTF16: WayOfCounting(
        "UTF-16 code units: an emoji or a bold mathematical letter is 2", "`documented` for most"
    ),
}
"""The last one is the usual one: the table names no networks for it."""

_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which an answer in JSON can hold: no network takes them, one sign each."""


def measure(text: str, counting: Counting, warning: str = "") -> int:
    """Return the length of a text as a network counts it.

    `warning` is the content warning of the post, on a network that counts it with the text.
    """
    text, warning = _HALVES.sub("\ufffd", text), _HALVES.sub("\ufffd", warning)
    if counting is Counting.TWITTER:
        return weighted_length(text)
    if counting is Counting.MASTODON:
        from plancast.networks.mastodon_length import with_placeholders  # noqa: PLC0415

        text = with_placeholders(text)
    return _units(warning + text, counting)


def measure_in_full(text: str, counting: Counting) -> int:
    """Return the length of a text in which addresses and mentions count as they stand.

    Descriptions of images are such texts: no network links anything in them.
    """
    text = _HALVES.sub("\ufffd", text)
    if counting is Counting.TWITTER:
        return weight_in_full(text)
    return _units(text, counting)


def _units(text: str, counting: Counting) -> int:
    if counting is Counting.BYTES:
        return len(text.encode())
    if counting is Counting.UTF16:
        return len(text) + sum(1 for sign in text if sign > "\uffff")
    if counting in (Counting.GRAPHEMES, Counting.MASTODON):
        return _graphemes(text)
    return len(text)


_MANY_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{5,}")


def _graphemes(text: str) -> int:
    r"""Count the characters as people see them, in linear time.

    Letters of flags make a character two by two, from the first of their row. At each letter `\X`
    counts those before it, so a long row is shortened to one of three or four, by whole flags.
    """
    import regex  # noqa: PLC0415

    flags = 0

    def shortened(row: re.Match[str]) -> str:
        nonlocal flags
        taken = (len(row.group()) - 3) // 2
        flags += taken
        return row.group()[2 * taken :]

    text = _MANY_FLAGS.sub(shortened, text)
    return flags + len(regex.findall(r"\X", text))


def excess(text: str, limits: NetworkLimits, warning: str = "") -> tuple[int, int] | None:
    """Return (length, limit) if the text is too long, None if it fits."""
    if limits.text is None or _surely_fits(text, limits, warning):
        return None
    length = measure(text, limits.counting, warning)
    return (length, limits.text) if length > limits.text else None


def excess_bytes(text: str, limits: NetworkLimits) -> tuple[int, int] | None:
    """Return (bytes, limit) if the text has more bytes than a second limit allows."""
    if limits.text_bytes is None or len(text) * _WIDEST <= limits.text_bytes:
        return None
    length = measure(text, Counting.BYTES)
    return (length, limits.text_bytes) if length > limits.text_bytes else None


def overlong(text: str, limits: NetworkLimits, warning: str = "") -> str:
    """Return how much too long a text is: `517 of 500, 17 too many`; "" if it fits."""
    if over := excess(text, limits, warning):
        return _in_words(*over, _unit(text, over[0], limits.counting))
    if over := excess_bytes(text, limits):
        return _in_words(*over, " bytes")
    return ""


def overlong_alt_text(text: str, limits: NetworkLimits) -> str:
    """Return how much too long an alternative text is, as `overlong` does."""
    if limits.alt_text is None:
        return ""
    # Every way of counting takes a character of ASCII for one at the most, and most texts fit.
    if len(text) <= limits.alt_text and text.isascii():
        return ""
    counting = limits.alt_counting or limits.counting
    length = measure_in_full(text, counting)
    if length <= limits.alt_text:
        return ""
    return _in_words(length, limits.alt_text, _unit(text, length, counting))


def _in_words(length: int, limit: int, unit: str = "") -> str:
    return f"{length:,} of {limit:,}{unit}, {length - limit:,} too many"


def _unit(text: str, length: int, counting: Counting) -> str:
    """Return the words for a count that is not the number of characters: emoji, addresses."""
    if length == len(text):
        return ""
    return " bytes" if counting is Counting.BYTES else " as the network counts"


_WIDEST = 4
"""The most bytes that UTF-8 needs for a character."""


def _surely_fits(text: str, limits: NetworkLimits, warning: str) -> bool:
    """Compare an upper bound that costs nearly nothing with the limit: most texts are short.

    On Mastodon a short link counts more than its characters.
    """
    bound = len(text)
    if limits.counting is Counting.TWITTER:
        bound = at_most(text)
    elif limits.counting is Counting.UTF16:
        bound *= 1 if text.isascii() else 2
    elif limits.counting is Counting.BYTES:
        bound *= 1 if text.isascii() else _WIDEST
    elif limits.counting is Counting.MASTODON:
        bound += ADDRESS * text.count("://") + len(warning)
    return limits.text is not None and bound <= limits.text
