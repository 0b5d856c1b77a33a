"""What changed in a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, groupby, takewhile

_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""A word with the blanks after it: by themselves they would be half of all words, and equal."""

LONG = 20_000
"""Beyond so many characters a text is shown as replaced: nobody reads such a difference."""

STEPS = 2_000_000
"""Beyond so many steps as well: where few words are the same and in order, or many are, finding out
which belong together takes the square of the length."""


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A run of text: kept (both sides), removed (only before) or added (only after)."""

    before: str
    after: str

    @property
    def kept(self) -> bool:
        """Whether it is the same on both sides."""
        return self.before == self.after


class _TooManyStepsError(Exception):
    """The difference is not worth the time."""


class _Matcher(SequenceMatcher[str]):
    """Counts its steps before it takes them, and gives up beyond STEPS."""

    def __init__(self, words: Sequence[str], others: Sequence[str]) -> None:
        super().__init__(None, words, others, autojunk=False)
        positions: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        costs = (3 + len(positions.get(word, ())) for word in words)
        self._costs = list(accumulate(costs, initial=0))
        self._length = len(words)
        self._words, self._others = list(words), list(others)
        self._left = STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """As the one it overrides. Raises _TooManyStepsError."""
        self._left -= self._costs[self._length if ahi is None else ahi] - self._costs[alo]
        if self._left < 0:
            raise _TooManyStepsError
        return super().find_longest_match(alo, ahi, blo, bhi)

    def replace_all(self) -> None:
        """Take all but the same begin and the same end as one change."""
        self.opcodes = list(_replaced(self._words, self._others))


def pieces(before: str, after: str) -> tuple[DiffPiece, ...]:
    """The difference; the `before` parts joined are `before`, the `after` parts are `after`."""
    if max(len(before), len(after)) > LONG:
        return (DiffPiece(before, after),)
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _shared(old, new)
    begin, old, new = "".join(old[:head]), old[head:], new[head:]
    tail = _shared(old[::-1], new[::-1])
    end = "".join(old[len(old) - tail :])
    middle = _middle(old[: len(old) - tail], new[: len(new) - tail])
    return tuple(_joined((DiffPiece(begin, begin), *middle, DiffPiece(end, end))))


def unified(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[str]:
    """Lines that differ, each after its sign, with some around them; `@@` heads each part."""
    matcher = _Matcher(before, after)
    try:
        matcher.get_opcodes()
    except _TooManyStepsError:
        matcher.replace_all()
    for group in matcher.get_grouped_opcodes(context):
        (_, one, _, three, _), (_, _, two, _, four) = group[0], group[-1]
        yield f"@@ -{_range(one, two)} +{_range(three, four)} @@"
        for tag, first, last, start, end in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[first:last])
                continue
            yield from (f"-{line}" for line in before[first:last])
            yield from (f"+{line}" for line in after[start:end])


def _replaced(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """All but the same begin and the same end, as one change."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    rest = (len(old) - tail, len(new) - tail)
    if head:
        yield "equal", 0, head, 0, head
    yield "replace", head, rest[0], head, rest[1]
    if tail:
        yield "equal", rest[0], len(old), rest[1], len(new)


def _range(first: int, last: int) -> str:
    """`3,4`: line and number of lines; the line before for none, and no number for one."""
    length = last - first
    return str(first + 1) if length == 1 else f"{first + (length > 0)},{length}"


def _shared(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _middle(old: list[str], new: list[str]) -> Iterator[DiffPiece]:
    """Words are compared without their blanks, so that a kept word stays kept before another."""
    words, others = [word.rstrip() for word in old], [word.rstrip() for word in new]
    try:
        opcodes = _Matcher(words, others).get_opcodes()
    except _TooManyStepsError:
        yield DiffPiece("".join(old), "".join(new))
        return
    for tag, one, two, three, four in opcodes:
        if tag != "equal":
            yield from _without_tail("".join(old[one:two]), "".join(new[three:four]))
            continue
        for index, other in zip(range(one, two), range(three, four), strict=True):
            size = len(words[index])
            yield DiffPiece(words[index], words[index])
            yield DiffPiece(old[index][size:], new[other][size:])


def _without_tail(before: str, after: str) -> Iterator[DiffPiece]:
    """A change, and the blanks at its end where both sides have the same."""
    blanks = before[len(before.rstrip()) :]
    if blanks and blanks == after[len(after.rstrip()) :]:
        yield DiffPiece(before.removesuffix(blanks), after.removesuffix(blanks))
        yield DiffPiece(blanks, blanks)
    else:
        yield DiffPiece(before, after)


def _joined(found: Iterable[DiffPiece]) -> Iterator[DiffPiece]:
    """Neighbours of one kind are one piece, and nothing is no piece."""
    filled = (piece for piece in found if piece.before or piece.after)
    for _, group in groupby(filled, lambda piece: piece.kept):
        run = list(group)
        yield DiffPiece("".join(item.before for item in run), "".join(item.after for item in run))
