"""Differences of texts and of lines, and that they never cost more than they are worth."""

from __future__ import annotations

import re
from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.render.text_diff import LONG, DiffPiece, pieces, unified
from tests import strategies

lines = st.lists(st.sampled_from("abcdef"), max_size=30)

COSTLY = {
    "every other word is new": (
        [f"w{number}" for number in range(3000)],
        [word for number in range(1500) for word in (f"w{number}", "x")],
    ),
    "two words": (["a"] * 3000, ["a", "b"] * 1500),
    "one word": (["a"] * 3000, ["b", "a", "a"] * 1000),
}
"""Words for whose common ones a search takes the square of their number."""


@given(strategies.texts, strategies.texts)
def test_the_sides_of_a_difference_are_the_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(piece.before for piece in found) == before
    assert "".join(piece.after for piece in found) == after


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_too_costly_is_shown_as_replaced(name: str) -> None:
    old, new = (" ".join(words) for words in COSTLY[name])
    assert max(len(old), len(new)) < LONG
    changed = [piece for piece in pieces(f"begin {old} end", f"begin {new} end") if not piece.kept]
    assert len(changed) == 1


def test_a_long_text_is_shown_as_replaced() -> None:
    old, new = "a " * LONG, "a " * LONG + "b"
    assert pieces(old, new) == (DiffPiece(old, new),)


@given(lines, lines, st.integers(0, 3))
def test_lines_differ_as_diff_says(before: list[str], after: list[str], context: int) -> None:
    expected = list(unified_diff(before, after, lineterm="", n=context))[2:]
    assert list(unified(before, after, context)) == expected


@pytest.mark.parametrize("name", COSTLY)
def test_lines_that_are_too_costly_are_shown_as_replaced(name: str) -> None:
    old, new = COSTLY[name]
    before, after = ["begin", *old, "end"], ["begin", *new, "end"]
    signs = "".join(line[0] for line in unified(before, after, 1))
    assert re.fullmatch(r"@ -{1000,}\+{1000,} ", signs)
