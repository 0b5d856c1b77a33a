"""Quotation of values in messages, shortened to what a reader needs.

A file, a queue or a server can hold a value of a megabyte. A message that quotes all of it hides
its own point, and many such messages fill a disk. So every `Diagnostic` is built from shortened
parts, and so is every other text that repeats words of a file or a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

LONGEST = 1000
"""Characters of a message, at most: a dozen lines in a terminal."""

LONGEST_WORD = 200
"""Characters without a blank between them, at most: enough for most web addresses."""

LONGEST_LINE = 600
"""Characters of a line of a file that are shown with a problem, at most."""

LONGEST_NAME = 200
"""Characters up to which a name is compared with others."""

_WORD = re.compile(r"\S+")


def shorten(text: str, longest: int = LONGEST) -> str:
    """Return the text, with the middle of a long word or a long text replaced by its length.

    >>> shorten("ab" * 500)
    'abababab… 880 characters …abab'   # 80 characters before, 40 after
    """
    if len(text) <= min(longest, LONGEST_WORD):
        return text
    text = _WORD.sub(lambda word: _without_middle(word.group(), LONGEST_WORD), text)
    return _without_middle(text, longest)


def first_few(names: Sequence[object]) -> str:
    """Return the first three names, and the number of further ones.

    >>> first_few(["a@x", "b@x", "c@x", "d@x"])
    'a@x, b@x, c@x and 1 more'
    """
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(map(str, names[:_FEW])) + more


_FEW = 3


def _without_middle(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    before, after = longest * 2 // 5, longest // 5
    return f"{text[:before]}… {len(text) - before - after:,} characters …{text[-after:]}"


def line_around(line: str, column: int) -> tuple[str, int]:
    """Return the part of a line around a column, and the column at which that part begins.

    Columns count from 1. The part is the whole line unless that is longer than LONGEST_LINE.
    """
    if len(line) <= LONGEST_LINE:
        return line, 1
    start = min(max(0, column - 1 - LONGEST_LINE // 3), len(line) - LONGEST_LINE)
    return line[start : start + LONGEST_LINE], start + 1


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant; "" if none is similar.

    Comparison takes time in the square of the length, so texts longer than any real name are not
    compared.
    """
    if len(name) > LONGEST_NAME:
        return ""
    short = sorted(other for other in known if len(other) <= LONGEST_NAME)
    return next(iter(get_close_matches(name, short, n=1)), "")
