"""Values in messages: as much of them as tells what is meant, whatever their length.

A file, a queue or a server can hold a value of a megabyte. A message that quotes it whole buries
what it says, and many messages about one value would fill a disk. So every `Diagnostic` is made of
shortened parts, and so is whatever else repeats the words of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

LONGEST = 1000
"""Characters of a message: a dozen lines in a terminal."""

LONGEST_WORD = 200
"""Characters without a blank between them: an address of the web, but no hidden novel."""

LONGEST_LINE = 600
"""Characters of a line of a file that stand with a problem."""

LONGEST_NAME = 200
"""Characters of a name for which a similar one is looked for."""

_WORD = re.compile(r"\S+")


def shorten(text: str, longest: int = LONGEST) -> str:
    """Return the text, with the middle of a long word, and of a long text, counted instead.

    >>> shorten("ab" * 500)
    'abababab… 880 characters …abab'   # 80 characters before, 40 after
    """
    if len(text) <= min(longest, LONGEST_WORD):
        return text
    text = _WORD.sub(lambda word: _without_middle(word.group(), LONGEST_WORD), text)
    return _without_middle(text, longest)


def first_few(names: Sequence[object]) -> str:
    """Return the first of them, and how many more there are.

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
    """Return the part of a line around a column (from 1) and the column at which the part begins.

    That is all of the line unless it is longer than `LONGEST_LINE`.
    """
    if len(line) <= LONGEST_LINE:
        return line, 1
    start = min(max(0, column - 1 - LONGEST_LINE // 3), len(line) - LONGEST_LINE)
    return line[start : start + LONGEST_LINE], start + 1


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant, "" if none is similar.

    Comparing takes the square of the length, so what is longer than any name has no similar one.
    """
    if len(name) > LONGEST_NAME:
        return ""
    short = sorted(other for other in known if len(other) <= LONGEST_NAME)
    return next(iter(get_close_matches(name, short, n=1)), "")
