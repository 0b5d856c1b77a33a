"""Fitting of a comment into the limit of its forge, which refuses a longer one as a whole.

A *section* is made of *pieces*, which are shown or left out, never cut. Sections are in reading
order; room is given out by weight, to each section up to its share, so that a long table leaves
some for the sections after it. In a second round the rest of the room goes to any that need more.
Pieces without room are counted in a line at the end of their section.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from plancast.render.markdown.escape import length

_T = TypeVar("_T")

SHORTEST = 60
"""Characters. No folded post and no row of a table is shorter, which bounds how many can fit."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a comment that can be shown in part.

    Sections of a lower `weight` get room first; those of weight 0 are shown whole. `noun` names the
    pieces, in plural. `opening` and `closing` are around the pieces, if there are any. `more`
    follows the count of the pieces that were left out. `total` is the number of pieces if not all
    were made, since they could not fit in any case. `share` is the part of the limit that it gets
    in the first round.
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
        """The number of pieces, made or not."""
        return max(self.total, len(self.pieces))

    def note(self, missing: int) -> str:
        """Return the line that counts the pieces left out; "" if none is missing."""
        return f"_{missing:,} {self.noun} {self.more}_" if missing else ""


def possible(items: Sequence[_T], limit: int) -> Sequence[_T]:
    """Return the items that could fit at the most: no pieces need to be made of the others."""
    return items[: limit // SHORTEST]


def fit(sections: Sequence[Section], limit: int) -> str:
    """Join all sections, with as many of their pieces as fit. Ends with one line end."""
    return fit_counted(sections, limit)[0]


def fit_counted(sections: Sequence[Section], limit: int) -> tuple[str, tuple[int, ...]]:
    """Join all sections as `fit` does, and return how many pieces of each were left out.

    Room for the line that counts the missing pieces is set aside in every section before any piece
    gets some. Sections of weight 0 are shown whole.
    """
    shown = [0] * len(sections)
    # An empty line stands between two sections.
    left = limit - 2 * len(sections)
    left -= sum(length(section.note(section.number)) for section in sections if section.weight)
    order = sorted(range(len(sections)), key=lambda index: sections[index].weight)
    for everything in (False, True):  # first each up to its share, then whatever fits
        for index in order:
            section = sections[index]
            most = limit if everything else int(limit * section.share)
            shown[index], left = _given(section, shown[index], left, most)
    texts = [_rendered(section, number) for section, number in zip(sections, shown, strict=True)]
    missing = tuple(one.number - number for one, number in zip(sections, shown, strict=True))
    return "\n\n".join(text for text in texts if text) + "\n", missing


def _given(section: Section, shown: int, room: int, most: int) -> tuple[int, int]:
    """Return how many pieces of a section fit if `shown` do already, and the room that is left.

    Together they may take `most`. If the last piece fits, no note is needed, so the room that was
    set aside for it becomes free.
    """
    sizes = [length(piece) + 1 for piece in section.pieces]
    # Heading and end of a table cost room once, with the first piece.
    frame = length(section.opening) + length(section.closing) + 4
    if not section.weight:
        return len(sizes), room - (frame + sum(sizes) if len(sizes) > shown else 0)
    note = length(section.note(section.number))
    used = frame + sum(sizes[:shown]) if shown else 0
    for number, size in enumerate(sizes[shown:], start=shown + 1):
        # The frame is paid with the first piece; the note is free again with the last one.
        cost = size if number > 1 else frame + size
        free = note if number == section.number else 0
        if cost - free > room or used + cost > most:
            return number - 1, room
        used, room = used + cost, room - cost + free
    return len(sizes), room


def _rendered(section: Section, number: int) -> str:
    note = section.note(section.number - number)
    if not number:
        return note
    body = "\n".join(
        part for part in (section.opening, *section.pieces[:number], section.closing) if part
    )
    return f"{body}\n\n{note}" if note else body
