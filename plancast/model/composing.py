"""Unicode's canonical composition (NFC), in time that grows with the length of the text.

Python's own sorts the marks behind a letter by insertion, which takes minutes for a text that is
one letter with a hundred thousand marks. Only hostile texts are, and they are read all the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import groupby

_SHORT = 1000
"""So few characters are sorted at once in any way."""

_PAIRS_OF_MARKS = "\u0f73\u0f75\u0f81"
"""Tibetan vowel signs: no marks by themselves, but each decomposes to two."""


def compose(text: str) -> str:
    """Return a text in NFC."""
    if unicodedata.is_normalized("NFC", text):
        return text
    if len(text) > _SHORT:
        text = "".join(
            _in_order(characters) if marks else "".join(characters)
            for marks, characters in groupby(text, key=_is_mark)
        )
    return unicodedata.normalize("NFC", text)


def _is_mark(character: str) -> bool:
    """Return whether a character is sorted among those that follow a letter."""
    return unicodedata.combining(character) > 0 or character in _PAIRS_OF_MARKS


def _in_order(marks: Iterable[str]) -> str:
    """Return marks decomposed, in canonical order: those of one class stay as they are."""
    decomposed = "".join(unicodedata.normalize("NFD", mark) for mark in marks)
    return "".join(sorted(decomposed, key=unicodedata.combining))
