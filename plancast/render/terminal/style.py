"""Style of text for a terminal: colours, widths, wrapping, and safe forms of texts of others.

Colour never carries a meaning alone: everything coloured has a sign or a word as well. Texts come
from authors, from Buffer and from other writers to the queue, so they may contain anything: control
characters that move the cursor, marks that turn the direction of reading, invisible characters,
halves of surrogate pairs. These are made visible, see `invisible`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from plancast.render.invisible import show_hidden
from plancast.render.runner_commands import disarm


class Ink(Enum):
    """The uses of colour, each with its code for a terminal (SGR).

    The colours are of the palette of 256, which themes leave alone, and of a brightness that can be
    read on black and on white.
    """

    CREATE = "38;5;28"
    UPDATE = "38;5;130"
    DESTROY = "38;5;160"
    STATE = "38;5;30"
    STRONG = "1"
    FAINT = "38;5;243"
    ERROR = "1;38;5;160"
    WARNING = "1;38;5;130"
    INFO = "1;38;5;30"


MARKS = {"\x01": "[-", "\x02": "-]", "\x03": "{+", "\x04": "+}"}
"""Placeholders for the marks of a difference until its line is painted.

They are control characters, which a safe text has not, so that no text can look like a mark. Each
counts as two columns, as wide as its mark.
"""


_WORD = re.compile(r"((?:[^\s`]*`[^`\n]{1,40}`)+[^\s`]*|\S+)\s*|\s+")
"""A unit that is not broken: a word, or a short piece of code in backticks; with its blanks."""

_JOINER = "\u200d"
_PARTS = frozenset("\u200d\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
"""Characters that belong to the one before them: joiner, selectors, key, colours of skin."""


def paint(text: str, ink: Ink, *, color: bool) -> str:
    """Return the text in a colour; as it is if `color` is off."""
    return f"\x1b[{ink.value}m{text}\x1b[0m" if color and text else text


def safe(text: str) -> str:
    """Make every character visible that a terminal obeys or a reader cannot see.

    Line ends stay, as line feeds; a tab becomes four blanks.
    """
    if "\r" in text or "\t" in text:
        text = text.replace("\r\n", "\n").replace("\t", "    ")
    return show_hidden(text)


def one_line(text: str) -> str:
    """Make a text safe and one line: a sign takes the place of each line end, empty lines go."""
    return " ⏎ ".join(part.strip() for part in safe(text).split("\n") if part.strip())


def to_json(document: object, indent: int | None = None) -> str:
    """Return a document as JSON that is harmless to print, see `safe_json`."""
    return safe_json(json.dumps(document, indent=indent, ensure_ascii=False))


def safe_json(text: str) -> str:
    """Escape in JSON the characters that `safe` makes visible, and commands of CI runners.

    All of these can only be within strings, so the escapes leave the values the same for every
    parser.
    """
    return disarm(show_hidden(text, _escape), _escape)


def _escape(character: str) -> str:
    number = ord(character)
    if number > 0xFFFF:  # JSON has escapes of four digits only: a surrogate pair
        high, low = divmod(number - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    return f"\\u{number:04x}"


def columns(text: str) -> int:
    """Return how many columns a text takes in a terminal: two for wide characters."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    # A placeholder stands for a mark of two characters.
    if character in MARKS:
        return 2
    # Combining marks share the cell before them; joiners and selectors have no shape.
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Cut a text to at most so many columns, with an ellipsis at the end if it was longer."""
    # `fitting` stops at the width, so a long text costs no more than a short one.
    if fitting(text, width) == len(text):
        return text
    return text[: fitting(text, width - 1)].rstrip() + "…"


def fitting(text: str, width: int) -> int:
    """Return how many characters from the beginning of a text fit in so many columns."""
    if text.isascii() and text.isprintable():
        return min(len(text), max(0, width))
    return _fitting(text, 0, width)


def _fitting(text: str, start: int, width: int) -> int:
    """Return the end of the longest part from `start` that fits in so many columns."""
    used = 0
    for index in range(start, len(text)):
        used += _columns(text[index])
        if used > width:
            return index
    return len(text)


def wrap(text: str, width: int) -> list[str]:
    """Wrap a text to lines of at most so many columns, between words if possible."""
    width = max(2, width)  # no character is wider
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, width)]


def wrap_words(text: str, width: int) -> list[str]:
    """Wrap a text between words alone: a path or an address that is longer stays whole."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and columns(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    """Yield the lines of one paragraph; one empty line for an empty paragraph."""
    line, used = "", 0
    for match in _WORD.finditer(paragraph):
        word, core = match.group(), match.group(1) or ""
        size = columns(core)
        # Blanks after a word may exceed the width: the end of a line is stripped.
        if used and used + size > width:
            if line.strip():
                yield line.rstrip()
            line, used = "", 0
        # Longer than a line: break it anywhere; the next word may follow its last part.
        if size > width:
            *full, word = _broken(word, len(core), width)
            yield from full
        line += word
        used += columns(word)
    yield line.rstrip()


def _broken(word: str, length: int, width: int) -> Iterator[str]:
    """Break a word that is longer than a line; the last part keeps the blanks after the word.

    `length` is that of the word without these blanks.
    """
    start = 0
    while (end := _fitting(word, start, width)) < length:
        end = _before_picture(word, start, end)
        yield word[start:end]
        start = end
    yield word[start:]


def _before_picture(word: str, start: int, end: int) -> int:
    """Return the place to break instead of `end`, so that an emoji sequence stays whole.

    If the sequence begins at `start`, there is no such place, and it is broken at `end`.
    """
    place = end
    while place > start and (word[place - 1] == _JOINER or word[place] in _PARTS):
        place -= 1
    return place if place > start else end
