"""What changed in a text, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, takewhile

_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""A word with the blanks after it: by themselves they would be half of all words, and equal."""

LONG = 20_000
"""Beyond so many characters a text is shown as replaced: nobody reads such a difference."""

PAIRS = 200_000
"""Beyond so many pairs of equal words as well: to find the best of them would take seconds."""


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
    head = _shared(old, new)
    begin, old, new = "".join(old[:head]), old[head:], new[head:]
    tail = _shared(old[::-1], new[::-1])
    end = "".join(old[len(old) - tail :])
    middle = _middle(old[: len(old) - tail], new[: len(new) - tail])
    return tuple(_joined((Piece(begin, begin), *middle, Piece(end, end))))


def _shared(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _middle(old: list[str], new: list[str]) -> Iterator[Piece]:
    """Words are compared without their blanks, so that a kept word stays kept before another."""
    words, others = [word.rstrip() for word in old], [word.rstrip() for word in new]
    counts = Counter(others)
    if sum(number * counts[word] for word, number in Counter(words).items()) > PAIRS:
        yield Piece("".join(old), "".join(new))
        return
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for tag, one, two, three, four in matcher.get_opcodes():
        if tag != "equal":
            yield from _without_tail("".join(old[one:two]), "".join(new[three:four]))
            continue
        for index, other in zip(range(one, two), range(three, four), strict=True):
            size = len(words[index])
            yield Piece(words[index], words[index])
            yield Piece(old[index][size:], new[other][size:])


def _without_tail(before: str, after: str) -> Iterator[Piece]:
    """A change, and the blanks at its end where both sides have the same."""
    blanks = before[len(before.rstrip()) :]
    if blanks and blanks == after[len(after.rstrip()) :]:
        yield Piece(before.removesuffix(blanks), after.removesuffix(blanks))
        yield Piece(blanks, blanks)
    else:
        yield Piece(before, after)


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind are one piece, and nothing is no piece."""
    filled = (piece for piece in found if piece.before or piece.after)
    for _, group in groupby(filled, lambda piece: piece.kept):
        run = list(group)
        yield Piece("".join(item.before for item in run), "".join(item.after for item in run))
