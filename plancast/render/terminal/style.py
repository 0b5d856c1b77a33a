"""Colours, and keeping a text from doing more than being read.

Colour never carries a meaning alone: whatever is coloured has a sign or a word
as well. Texts come from authors, from Buffer and from whoever else wrote into
the queue, so they may hold anything: control characters that move the cursor,
marks that turn the direction of reading around, characters that nobody sees,
halves of characters. They are made visible (`invisible`).
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
    """What a colour is used for, with its code."""

    CREATE = "32"
    UPDATE = "33"
    DESTROY = "31"
    STATE = "36"
    STRONG = "1"
    FAINT = "2"
    ERROR = "1;31"
    WARNING = "1;33"
    INFO = "1;36"


MARKS = {"\x01": "[-", "\x02": "-]", "\x03": "{+", "\x04": "+}"}
"""What stands for a mark of a difference until its line is painted: a safe text has none of
these, so that no text can look like a mark. Each takes two columns, as the mark will."""


_WORD = re.compile(r"((?:[^\s`]*`[^`\n]{1,40}`)+[^\s`]*|\S+)\s*|\s+")
"""What no line ends within: a word, or a short piece of code in backticks."""

_JOINER = "\u200d"
_PARTS = frozenset("\u200d\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
"""Characters that belong to the one before them: joiner, selectors, key, colours of skin."""


def paint(text: str, ink: Ink, *, color: bool) -> str:
    """The text in a colour, where colours are wanted."""
    return f"\x1b[{ink.value}m{text}\x1b[0m" if color and text else text


def safe(text: str) -> str:
    """The text with every character made visible that a terminal obeys or a reader cannot see.

    Line ends stay.
    """
    if "\r" in text or "\t" in text:
        text = text.replace("\r\n", "\n").replace("\t", "    ")
    return show_hidden(text)


def one_line(text: str) -> str:
    """Safe, with line ends shown as one sign."""
    return " ⏎ ".join(part.strip() for part in safe(text).split("\n") if part.strip())


def to_json(document: object, indent: int | None = None) -> str:
    """JSON that is harmless to print: see `safe_json`."""
    return safe_json(json.dumps(document, indent=indent, ensure_ascii=False))


def safe_json(text: str) -> str:
    """The same JSON, with what `safe` makes visible escaped, and what a CI runner would obey.

    All of that stands within strings, where an escape is the character itself to every reader.
    """
    return disarm(show_hidden(text, _escape), _escape)


def _escape(character: str) -> str:
    number = ord(character)
    if number > 0xFFFF:
        high, low = divmod(number - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    return f"\\u{number:04x}"


def columns(text: str) -> int:
    """How many columns a text takes in a terminal."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if character in MARKS:
        return 2
    # Marks stand on what is before them; joiners and selectors that `safe` leaves have no shape.
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text in at most so many columns, with an ellipsis where something is left out."""
    # No more characters than columns and as many marks need to be looked at.
    if fitting(text, width) == len(text):
        return text
    return text[: fitting(text, width - 1)].rstrip() + "…"


def fitting(text: str, width: int) -> int:
    """How many characters of the text fit in so many columns."""
    if text.isascii() and text.isprintable():
        return min(len(text), max(0, width))
    return _fitting(text, 0, width)


def _fitting(text: str, start: int, width: int) -> int:
    """Where the part that begins at `start` has to end, to take so many columns."""
    used = 0
    for index in range(start, len(text)):
        used += _columns(text[index])
        if used > width:
            return index
    return len(text)


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words where that is possible."""
    width = max(2, width)  # no character is wider
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, width)]


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    """The lines of one paragraph; "" for an empty one."""
    line, used = "", 0
    for found in _WORD.finditer(paragraph):
        word, bare = found.group(), found.group(1) or ""
        size = columns(bare)
        if used and used + size > width:
            if line.strip():
                yield line.rstrip()
            line, used = "", 0
        if size > width:
            *full, word = _broken(word, len(bare), width)
            yield from full
        line += word
        used += columns(word)
    yield line.rstrip()


def _broken(word: str, length: int, width: int) -> Iterator[str]:
    """An endless word in lines; the last one is what is left, with the blanks after the word.

    `length` is that of the word without these blanks.
    """
    start = 0
    while (end := _fitting(word, start, width)) < length:
        end = _before_picture(word, start, end)
        yield word[start:end]
        start = end
    yield word[start:]


def _before_picture(word: str, start: int, end: int) -> int:
    """Where to break instead of `end`, so that an emoji of several characters stays whole."""
    place = end
    while place > start and (word[place - 1] == _JOINER or word[place] in _PARTS):
        place -= 1
    return place if place > start else end
