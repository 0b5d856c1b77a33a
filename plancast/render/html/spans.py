"""A text in runs, each of a kind that the page shows in its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plancast.render.terminal.style import safe
from plancast.render.text_diff import pieces

_TOKENS = re.compile(
    r"(?P<link>https?://[^\s<>\"]+)"
    r"|(?P<tag>(?<![\w&/#])#\w+)"
    r"|(?P<mention>(?<![\w/@.])@\w[\w.]*(?:@[\w.-]*\w)?)"
)
_AFTER_LINKS = ".,;:!?)]}'\""


@dataclass(frozen=True, slots=True)
class Run:
    """`kind`: plain, link, tag or mention; for a difference kept, gone or new."""

    kind: str
    text: str


def marked(text: str) -> tuple[Run, ...]:
    """Links, mentions and hashtags apart from the rest; the runs joined are the safe text."""
    return tuple(_marked(safe(text)))


def _marked(text: str) -> Iterator[Run]:
    done = 0
    for found in _TOKENS.finditer(text):
        word = found.group()
        if found.lastgroup == "link":
            word = word.rstrip(_AFTER_LINKS)
        if found.start() > done:
            yield Run("plain", text[done : found.start()])
        yield Run(found.lastgroup or "plain", word)
        done = found.start() + len(word)
    if done < len(text):
        yield Run("plain", text[done:])


def compared(before: str, after: str) -> tuple[Run, ...]:
    """Word by word: what stays, what goes, what comes."""
    return tuple(_compared(safe(before), safe(after)))


def _compared(before: str, after: str) -> Iterator[Run]:
    for piece in pieces(before, after):
        if piece.kept:
            yield Run("kept", piece.after)
            continue
        if piece.before:
            yield Run("gone", _seen(piece.before))
        if piece.after:
            yield Run("new", _seen(piece.after))


def _seen(text: str) -> str:
    """Where nothing but blanks differ, they have to be seen."""
    return text if text.strip() else text.replace("\n", "⏎\n").replace(" ", "·")
