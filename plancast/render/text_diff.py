"""Differences of texts: word by word for posts, line by line for files, in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, groupby, takewhile

_LINES = re.compile(r"[^\n]+\n*|\n+")
"""A line with the line ends after it."""

_WORDS = r"""(?xV1)
    (?: (?: https?:// | www\. | [\w.+\-]{1,64}@(?=\w) )  # an address, of bounded length
          [^\s<>"]{0,2000} [[^\s<>"\p{P}][/\#_%&\-]]
      | [@\#] \w [\w.\-@]* (?<=\w)                                    # an account, a hashtag
      | \p{N}+ (?: [.,:/\-] \p{N}+ )*                                 # a number, a time, a date
      | [\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]
        [\p{L}\p{M}\p{N}_]* (?: ['’\-] [\p{L}\p{M}\p{N}_]+ )*         # a word, also don't, re-use
      | (?!\s) \X                                   # a character, with an emoji's parts
    ) \s*
    | \s+"""
"""A unit that is shown as changed or kept as a whole, with the blanks after it.

Blanks by themselves would be half of all units, and equal, so they would match everywhere. Writing
without blanks, such as Chinese, is compared by character.
"""

LONG = 20_000
"""Characters. A longer text is shown as replaced as a whole: such a difference is unreadable."""

STEPS = 2_000_000
"""Steps of the matcher, after which a text is shown as replaced as a whole, too.

If few words are the same and in order, or many are the same word, the time to match them grows with
the square of the length.
"""


FEW = 5
"""If less than one in so many characters is kept, a text is shown as replaced as a whole."""


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
    # Lines first: a line that moved is removed in one place and added in the other, whatever words
    # it shares with its neighbours.
    found = list(_joined(_matched(_LINES.findall(before), _LINES.findall(after))))
    parts = [part for piece in found for part in ((piece,) if piece.kept else _by_words(piece))]
    return tuple(_joined(part for piece in parts for part in _without_blanks(piece)))


def _by_words(piece: DiffPiece) -> Iterator[DiffPiece]:
    """Yield the difference of changed lines, word by word."""
    if not piece.before or not piece.after:
        yield piece
        return
    # Cut off the common beginning and end first: most edits are small, and matching is slow.
    old, new = _words(piece.before), _words(piece.after)
    head = _shared(old, new)
    begin, old, new = "".join(old[:head]), old[head:], new[head:]
    tail = _shared(old[::-1], new[::-1])
    end = "".join(old[len(old) - tail :])
    yield DiffPiece(begin, begin)
    yield from _readable(_joined(_matched(old[: len(old) - tail], new[: len(new) - tail])))
    yield DiffPiece(end, end)


def _words(text: str) -> list[str]:
    import regex  # noqa: PLC0415  # most plans change no text

    return regex.findall(_WORDS, text)  # type: ignore[no-any-return]


def _readable(found: Iterable[DiffPiece]) -> list[DiffPiece]:
    """Join what a reader sees as one change.

    A word that is kept by chance between two longer replacements is a part of both; and if hardly
    anything is kept, all of it is replaced.
    """
    read: list[DiffPiece] = []
    for piece in found:
        read.append(piece)
        while len(read) >= 3 and _is_chance(*read[-3:]):
            read[-3:] = [_one(read[-3:])]
    kept = sum(len(piece.before.strip()) for piece in read if piece.kept)
    whole = _one(read)
    is_little = kept * FEW < min(len(whole.before), len(whole.after))
    return [whole] if is_little and not any(map(_is_corrected, read)) else read


def _is_chance(one: DiffPiece, middle: DiffPiece, other: DiffPiece) -> bool:
    """Return whether a kept piece is shorter than each side of the changes around it.

    A line end stays where it is: it keeps the changes of two lines apart. So does a word beside one
    that was only corrected.
    """
    if not middle.kept or one.kept or other.kept or "\n" in middle.before:
        return False
    if _is_corrected(one) or _is_corrected(other):
        return False
    sides = (one.before, one.after, other.before, other.after)
    return len(middle.before.strip()) < min(len(side.strip()) for side in sides)


def _is_corrected(piece: DiffPiece) -> bool:
    """Return whether it is a change of one word that keeps most of its letters."""
    if piece.kept or len(piece.before.split()) != 1:
        return False
    before, after = piece.before.strip().casefold(), piece.after.strip().casefold()
    return SequenceMatcher(None, before, after, autojunk=False).quick_ratio() > 0.6


def _one(run: Sequence[DiffPiece]) -> DiffPiece:
    """Return a run of pieces as one."""
    return DiffPiece("".join(piece.before for piece in run), "".join(piece.after for piece in run))


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


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words or characters both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _matched(old: list[str], new: list[str]) -> Iterator[DiffPiece]:
    """Match lines or words and yield pieces; a text that takes too many steps is one change.

    They are compared without the blanks after them, so that one stays kept if only its blanks
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
            yield DiffPiece("".join(old[old_start:old_end]), "".join(new[new_start:new_end]))
            continue
        for index, other in zip(range(old_start, old_end), range(new_start, new_end), strict=True):
            # The word is kept, but the blanks after it may differ: two pieces.
            size = len(words[index])
            yield DiffPiece(words[index], words[index])
            yield DiffPiece(old[index][size:], new[other][size:])


def _without_blanks(piece: DiffPiece) -> Iterator[DiffPiece]:
    """Yield a change, and apart from it the blanks at its end if both sides end with the same."""
    before, after = piece.before, piece.after
    blanks = after[len(after.rstrip()) :]
    # Of a line end that is kept, all stays; of blanks, what both have.
    size = _shared(before[len(before.rstrip()) :][::-1], blanks[::-1])
    if piece.kept or not size:
        yield piece
        return
    yield DiffPiece(before[:-size], after[:-size])
    yield DiffPiece(before[-size:], after[-size:])


def _joined(unjoined: Iterable[DiffPiece]) -> Iterator[DiffPiece]:
    """Join neighbours of one kind into one piece, and drop empty ones."""
    filled = (piece for piece in unjoined if piece.before or piece.after)
    for _, group in groupby(filled, lambda piece: piece.kept):
        yield _one(list(group))
