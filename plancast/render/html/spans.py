"""Runs of a text: links, hashtags, mentions, and the parts of a difference."""

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
    """A part of a text. `kind`: plain, link, tag or mention; in a difference kept, gone or new."""

    kind: str
    text: str


def marked(text: str) -> tuple[Run, ...]:
    """Split a text into links, mentions, tags and the rest; the runs joined are the safe text."""
    return tuple(_marked(safe(text)))


def _marked(text: str) -> Iterator[Run]:
    end = 0
    for match in _TOKENS.finditer(text):
        word = match.group()
        if match.lastgroup == "link":
            word = word.rstrip(_AFTER_LINKS)  # a full stop after an address ends the sentence
        if match.start() > end:
            yield Run("plain", text[end : match.start()])
        yield Run(match.lastgroup or "plain", word)
        # A shortened address ends before the match does; what was cut off becomes plain text.
        end = match.start() + len(word)
    if end < len(text):
        yield Run("plain", text[end:])


def compared(before: str, after: str) -> tuple[Run, ...]:
    """Return the difference of two texts word by word, as runs that are kept, gone or new."""
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
    """Make blanks visible if nothing but blanks differs."""
    return text if text.strip() else text.replace("\n", "⏎\n").replace(" ", "·")
