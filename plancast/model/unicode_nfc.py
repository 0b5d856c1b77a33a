"""Canonical composition of Unicode (NFC), in nearly linear time.

Python's `unicodedata` sorts the marks after a letter by insertion. A text that is one letter with a
hundred thousand marks takes it minutes. Only a hostile text looks like that, but plancast reads
files of strangers (pull requests from forks), so it must not hang.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import groupby

_SHORT = 1000
"""Characters below which sorting by insertion is fast enough."""

_PAIRS_OF_MARKS = "\u0f73\u0f75\u0f81"
"""Tibetan vowel signs that are no marks themselves but decompose to two marks each."""


def compose(text: str) -> str:
    """Return a text in NFC."""
    if unicodedata.is_normalized("NFC", text):
        return text
    # Runs of marks that are in canonical order already leave the insertion sort nothing to move.
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
    """Return marks decomposed and in canonical order; marks of one class keep their order."""
    decomposed = "".join(unicodedata.normalize("NFD", mark) for mark in marks)
    return "".join(sorted(decomposed, key=unicodedata.combining))
