"""Differences of texts: word by word for posts, line by line for files, in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, groupby, takewhile

_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""A word with the blanks after it.

Blanks by themselves would be half of all words, and equal, so they would match everywhere.
"""

LONG = 20_000
"""Characters. A longer text is shown as replaced as a whole: such a difference is unreadable."""

STEPS = 2_000_000
"""Steps of the matcher, after which a text is shown as replaced as a whole, too.

If few words are the same and in order, or many are the same word, the time to match them grows with
the square of the length.
"""


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A run of text: kept (both sides), removed (only before) or added (only after)."""

    before: str
    after: str

    @property
    def kept(self) -> bool:
        """True if the run is the same on both sides."""
        return self.before == self.after


class _TooManyStepsError(Exception):
    """The matcher would take more than STEPS."""


class _Matcher(SequenceMatcher[str]):
    """A SequenceMatcher that counts its steps before it takes them, and gives up beyond STEPS.

    Its `autojunk` is off: that would ignore every frequent word, such as "the".
    """

    def __init__(self, words: Sequence[str], others: Sequence[str]) -> None:
        super().__init__(None, words, others, autojunk=False)
        # One search visits, for each word of its range, all its positions in the other text. Sums
        # from the beginning give the cost of any range without a loop.
        positions: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        costs = (3 + len(positions.get(word, ())) for word in words)
        self._costs = list(accumulate(costs, initial=0))
        self._length = len(words)
        self._words, self._others = list(words), list(others)
        self._left = STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Find the match as the base class does. Raises _TooManyStepsError beyond STEPS."""
        self._left -= self._costs[self._length if ahi is None else ahi] - self._costs[alo]
        if self._left < 0:
            raise _TooManyStepsError
        return super().find_longest_match(alo, ahi, blo, bhi)

    def replace_all(self) -> None:
        """Set the opcodes to one change between the common beginning and the common end."""
        self.opcodes = list(_replaced(self._words, self._others))


def pieces(before: str, after: str) -> tuple[DiffPiece, ...]:
    """Return the difference, word by word.

    The `before` parts of the pieces joined are `before`, and the `after` parts are `after`.
    """
    if max(len(before), len(after)) > LONG:
        return (DiffPiece(before, after),)
    # Cut off the common beginning and end first: most edits are small, and matching is slow.
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _shared(old, new)
    begin, old, new = "".join(old[:head]), old[head:], new[head:]
    tail = _shared(old[::-1], new[::-1])
    end = "".join(old[len(old) - tail :])
    middle = _middle(old[: len(old) - tail], new[: len(new) - tail])
    return tuple(_joined((DiffPiece(begin, begin), *middle, DiffPiece(end, end))))


def unified(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[str]:
    """Yield a unified diff of lines: ` `, `-` or `+` and the line, with `@@` before each part.

    `context` is how many unchanged lines are kept around a change.
    """
    matcher = _Matcher(before, after)
    try:
        matcher.get_opcodes()
    except _TooManyStepsError:
        matcher.replace_all()
    for group in matcher.get_grouped_opcodes(context):
        (_, old_start, _, new_start, _), (_, _, old_end, _, new_end) = group[0], group[-1]
        yield f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@"
        for tag, first, last, start, end in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[first:last])
                continue
            yield from (f"-{line}" for line in before[first:last])
            yield from (f"+{line}" for line in after[start:end])


def _replaced(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield opcodes with one change between the common beginning and the common end."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    rest = (len(old) - tail, len(new) - tail)
    if head:
        yield "equal", 0, head, 0, head
    yield "replace", head, rest[0], head, rest[1]
    if tail:
        yield "equal", rest[0], len(old), rest[1], len(new)


def _range(first: int, last: int) -> str:
    """Return a range of lines in a `@@` head: `3,4` is the first line and the number of lines.

    As in every unified diff, one line has no number, and no lines are at the line before them.
    """
    length = last - first
    return str(first + 1) if length == 1 else f"{first + (length > 0)},{length}"


def _shared(one: list[str], other: list[str]) -> int:
    """Return how many words both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _middle(old: list[str], new: list[str]) -> Iterator[DiffPiece]:
    """Match words and yield pieces; a text that takes too many steps is one change.

    Words are compared without the blanks after them, so that a word stays kept if only its blanks
    differ, as at the end of a line.
    """
    words, others = [word.rstrip() for word in old], [word.rstrip() for word in new]
    try:
        opcodes = _Matcher(words, others).get_opcodes()
    except _TooManyStepsError:
        yield DiffPiece("".join(old), "".join(new))
        return
    for tag, old_start, old_end, new_start, new_end in opcodes:
        if tag != "equal":
            yield from _without_tail(
                "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
            )
            continue
        for index, other in zip(range(old_start, old_end), range(new_start, new_end), strict=True):
            # The word is kept, but the blanks after it may differ: two pieces.
            size = len(words[index])
            yield DiffPiece(words[index], words[index])
            yield DiffPiece(old[index][size:], new[other][size:])


def _without_tail(before: str, after: str) -> Iterator[DiffPiece]:
    """Yield a change, and apart from it the blanks at its end if both sides have the same."""
    blanks = before[len(before.rstrip()) :]
    if blanks and blanks == after[len(after.rstrip()) :]:
        yield DiffPiece(before.removesuffix(blanks), after.removesuffix(blanks))
        yield DiffPiece(blanks, blanks)
    else:
        yield DiffPiece(before, after)


def _joined(unjoined: Iterable[DiffPiece]) -> Iterator[DiffPiece]:
    """Join neighbours of one kind into one piece, and drop empty ones."""
    filled = (piece for piece in unjoined if piece.before or piece.after)
    for _, group in groupby(filled, lambda piece: piece.kept):
        run = list(group)
        yield DiffPiece(
            "".join(piece.before for piece in run),
            "".join(piece.after for piece in run),
        )
