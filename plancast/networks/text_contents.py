"""The parts of a text that networks count or refuse: links, hashtags, single characters. Pure.

Finding them is no parser of a network. A network that counts hashtags or links refuses a post over
its limit; what is counted here is what docs/networks.md#contents-of-texts says.
"""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"(?:https?://|(?<![\w.@/-])www\.)[^\s<>\"]+", re.IGNORECASE)
_ENDS_A_SENTENCE = ".,;:!?'\")]}»”’…"
_HASHTAG = re.compile(r"(?<![\w&/#\uff03])[#\uff03]\w+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""All but the tab and the ends of lines."""

_SHOWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Fillers of Hangul, variation selectors and others that have no shape, whatever their category."""

_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
"""Categories of control and format characters, and of blanks."""


def links(text: str) -> frozenset[str]:
    """Return the different web addresses in a text: with a scheme, or from `www.` on."""
    return frozenset(found.rstrip(_ENDS_A_SENTENCE) for found in _LINK.findall(text))


def hashtags(text: str) -> list[str]:
    """Return the hashtags of a text, repetitions included.

    The fragment of an address is none: a `#` after a letter, a digit, `&` or `/`.
    """
    return _HASHTAG.findall(text)


def control_character(text: str) -> str:
    """Return the first control character that is no tab or line end, such as NUL; "" if none."""
    # Most texts are printable as a whole, which is much faster to find out.
    found = None if text.isprintable() else _CONTROL.search(text)
    return found.group() if found else ""


def shows_nothing(text: str) -> bool:
    """Return whether no character of a text is seen: it is empty, or blank and zero-width only."""
    # Most texts begin with a character that is seen.
    return all(
        unicodedata.category(sign) in _UNSEEN_CATEGORIES or _SHOWN_AS_NOTHING.match(sign)
        for sign in text
    )


def code_point(sign: str) -> str:
    """Return the name of a character in messages: `U+FEFF`."""
    return f"U+{ord(sign):04X}"
