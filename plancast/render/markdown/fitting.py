"""Making it fit: a comment that is too long is refused whole, so it never gets that long.

A *section* is made of *pieces* that are shown or left out, never cut. Sections
stand in the order in which they are read; room is given out by weight, to each
up to its share, so that a long table leaves some for what comes after it. What
is left over then goes round once more. What had no room is counted in a line at
the section's end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from plancast.render.markdown.escape import length

_T = TypeVar("_T")

SHORTEST = 60
"""Characters. No folded post and no row of a table is shorter."""


@dataclass(frozen=True, slots=True)
class Section:
    """`weight` 0 comes first when room is given out. `noun` is what one piece is, in plural.

    `opening` and `closing` stand around the pieces, where there is at least one. `more` is what
    follows the count of what was left out. `total` counts the pieces where not all were made,
    because they could not fit in any case. `share` is of the whole room.
    """

    pieces: tuple[str, ...]
    weight: int
    noun: str = "lines"
    opening: str = ""
    closing: str = ""
    more: str = "are not shown: see the page, or `plancast show`."
    total: int = 0
    share: float = 1.0

    @property
    def number(self) -> int:
        """How many pieces there are, made or not."""
        return max(self.total, len(self.pieces))

    def note(self, missing: int) -> str:
        """The line that counts what was left out."""
        return f"_{missing:,} {self.noun} {self.more}_" if missing else ""


def possible(items: Sequence[_T], limit: int) -> Sequence[_T]:
    """As many as could fit at the very most: of the others no pieces need to be made."""
    return items[: limit // SHORTEST]


def fit(sections: Sequence[Section], limit: int) -> str:
    """All sections, with as many of their pieces as there is room for. Ends with one line end."""
    return fit_counted(sections, limit)[0]


def fit_counted(sections: Sequence[Section], limit: int) -> tuple[str, tuple[int, ...]]:
    """The same, and how many pieces of each section were left out.

    The line that counts what is missing has its room set aside in every section before any piece
    is given some. Sections of weight 0 are shown whole.
    """
    shown = [0] * len(sections)
    left = limit - 2 * len(sections)
    left -= sum(length(section.note(section.number)) for section in sections if section.weight)
    order = sorted(range(len(sections)), key=lambda index: sections[index].weight)
    for everything in (False, True):
        for index in order:
            section = sections[index]
            most = limit if everything else int(limit * section.share)
            shown[index], left = _given(section, shown[index], left, most)
    texts = [_rendered(section, number) for section, number in zip(sections, shown, strict=True)]
    missing = tuple(one.number - number for one, number in zip(sections, shown, strict=True))
    return "\n\n".join(text for text in texts if text) + "\n", missing


def _given(section: Section, have: int, room: int, most: int) -> tuple[int, int]:
    """How many pieces fit where `have` do already, and what is left of the room.

    Together they take `most`. With the last one the room of the note is free.
    """
    sizes = [length(piece) + 1 for piece in section.pieces]
    frame = length(section.opening) + length(section.closing) + 4
    if not section.weight:
        return len(sizes), room - (frame + sum(sizes) if len(sizes) > have else 0)
    note = length(section.note(section.number))
    taken = frame + sum(sizes[:have]) if have else 0
    for number, size in enumerate(sizes[have:], start=have + 1):
        cost = size if number > 1 else frame + size
        free = note if number == section.number else 0
        if cost - free > room or taken + cost > most:
            return number - 1, room
        taken, room = taken + cost, room - cost + free
    return len(sizes), room


def _rendered(section: Section, number: int) -> str:
    note = section.note(section.number - number)
    if not number:
        return note
    body = "\n".join(
        part for part in (section.opening, *section.pieces[:number], section.closing) if part
    )
    return f"{body}\n\n{note}" if note else body
