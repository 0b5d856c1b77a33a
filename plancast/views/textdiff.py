"""What changed in a text, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|\w+|[^\w\s]", re.UNICODE)

LONG = 20_000
"""Beyond so many characters a text is shown as replaced: nobody reads such a difference."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: kept (both sides), removed (only before) or added (only after)."""

    before: str
    after: str

    @property
    def kept(self) -> bool:
        """Whether it is the same on both sides."""
        return self.before == self.after


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The difference; the `before` parts joined are `before`, the `after` parts are `after`."""
    if max(len(before), len(after)) > LONG:
        return (Piece(before, after),)
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    found = [
        Piece("".join(old[one:two]), "".join(new[three:four]))
        for _, one, two, three, four in matcher.get_opcodes()
    ]
    return tuple(_merged(found))


def _merged(found: list[Piece]) -> list[Piece]:
    """Changes with only blanks between them are one change: easier to read."""
    merged: list[Piece] = []
    for index, piece in enumerate(found):
        blank = piece.kept and not piece.before.strip() and "\n" not in piece.before
        between = 0 < index < len(found) - 1
        if merged and (not piece.kept or (blank and between)) and not merged[-1].kept:
            last = merged.pop()
            merged.append(Piece(last.before + piece.before, last.after + piece.after))
        else:
            merged.append(piece)
    return merged
