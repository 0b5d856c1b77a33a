"""The length of a text as X counts it: weights, not characters.

The rules are those of twitter-text's configuration 3, which X publishes for its clients. The text
is composed to NFC. Latin, Greek, Cyrillic, Arabic and their neighbours up to Georgian weigh one
each, as general punctuation does; everything else weighs two. An emoji weighs two, however many
code points it is spelled with, and a web address weighs 23, however long it is.
"""

from __future__ import annotations

import re

from plancast.model.unicode_nfc import compose

ADDRESS = 23
"""The weight of any web address: X replaces it by a shortened one."""

EMOJI = 2

_HEAVY = re.compile("[^\\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")
"""Characters that weigh two. The others weigh one."""


def weighted_length(text: str) -> int:
    """Return the weight of a text; X takes up to 280. The time grows with the length."""
    # Not at the top: the table of domains takes longer to load than most commands take to run.
    from plancast.networks.web_addresses import find_addresses  # noqa: PLC0415

    text = compose(text)
    total = position = 0
    for start, end in find_addresses(text):
        total += _weight(text[position:start]) + ADDRESS
        position = end
    return total + _weight(text[position:])


def at_most(text: str) -> int:
    """Return an upper bound of the weight, which takes a tenth of the time.

    Each code point of an emoji counts, and each dot within a word as an address.
    """
    text = compose(text)  # which can have more characters than before
    light_emoji = text.count("\xa9") + text.count("\xae")  # ©, ®: one as letters, two as emoji
    return _by_character(text) + light_emoji + ADDRESS * len(_INNER_DOT.findall(text))


_INNER_DOT = re.compile(r"\.(?!\s|$)")


def weight_in_full(text: str) -> int:
    """Return the weight of a text whose addresses are not shortened, such as a description."""
    return _weight(compose(text))


def _weight(text: str) -> int:
    """Weigh a text without addresses."""
    total = _by_character(text)
    if not text.isascii():
        from plancast.networks.emoji_sequences import find_sequences  # noqa: PLC0415

        total -= sum(_by_character(emoji) - EMOJI for emoji in find_sequences(text))
    return total


def _by_character(text: str) -> int:
    return len(text) if text.isascii() else 2 * len(text) - len(_HEAVY.sub("", text))
