"""Colours, and keeping a text from doing more than being read.

Colour never carries a meaning alone: whatever is coloured has a sign or a word
as well. Texts come from authors, from Buffer and from whoever else wrote into
the queue, so they may hold anything: control characters that move the cursor,
marks that turn the direction of reading around, characters that nobody sees,
halves of characters. They are made visible.
"""

from __future__ import annotations

import json
import re
import unicodedata
from enum import Enum


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


_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb]"
)

MARKS = {"\x01": "[-", "\x02": "-]", "\x03": "{+", "\x04": "+}"}
"""What stands for a mark of a difference until its line is painted: a safe text has none of
these, so that no text can look like a mark. Each takes two columns, as the mark will."""


def paint(text: str, ink: Ink, *, color: bool) -> str:
    """The text in a colour, where colours are wanted."""
    return f"\x1b[{ink.value}m{text}\x1b[0m" if color and text else text


def safe(text: str) -> str:
    """The text with every character that a terminal would obey made visible; line ends stay."""
    plain = text.replace("\r\n", "\n").replace("\t", "    ")
    return _UNSAFE.sub(lambda found: f"<U+{ord(found.group()):04X}>", plain)


def one_line(text: str) -> str:
    """Safe, with line ends shown as one sign."""
    return " ⏎ ".join(part.strip() for part in safe(text).split("\n") if part.strip())


def to_json(document: object, indent: int | None = None) -> str:
    """JSON, with what `safe` makes visible escaped: the same value, and harmless to print."""
    plain = json.dumps(document, indent=indent, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", plain)


def columns(text: str) -> int:
    """How many columns a text takes in a terminal."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200c\u200d\ufe0e\ufe0f":
        return 0
    return 2 if character in MARKS or unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text in at most so many columns, with an ellipsis where something is left out."""
    if columns(text) <= width:
        return text
    return text[: fitting(text, width - 1)].rstrip() + "…"


def fitting(text: str, width: int) -> int:
    """How many characters of the text fit in so many columns."""
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > width:
            return index
    return len(text)


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words where that is possible."""
    lines = []
    width = max(2, width)  # no character is wider
    for paragraph in text.split("\n"):
        line, used = "", 0
        for word in re.findall(r"\S+\s*|\s+", paragraph) or [""]:
            size = columns(word.rstrip())
            if used and used + size > width:
                if line.strip():
                    lines.append(line.rstrip())
                line, used = "", 0
            while columns(word.rstrip()) > width:
                size = fitting(word, width)
                lines.append(word[:size])
                word = word[size:]  # noqa: PLW2901  # what is left of an endless word
            line += word
            used += columns(word)
        lines.append(line.rstrip())
    return lines
