"""How much of a value a message quotes, and which name was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.diagnostics import SourceRange, problem
from plancast.model.quoting import (
    LONGEST,
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_WORD,
    closest,
    line_around,
    shorten,
)


@pytest.mark.parametrize(
    "text",
    ["", "short", "x" * LONGEST_WORD, "ab " * (LONGEST // 3), "https://a.example/" + "b" * 180],
)
def test_what_fits_stays_as_it_is(text: str) -> None:
    assert shorten(text) == text


def test_a_long_word_keeps_both_ends_and_says_how_much_is_left_out() -> None:
    shown = shorten(f"the zone {'é' * 100_000} is not known")
    assert shown == f"the zone {'é' * 80}… 99,880 characters …{'é' * 40} is not known"


def test_a_long_text_keeps_both_ends() -> None:
    shown = shorten("begin " + "word " * 10_000 + "end")
    assert shown.startswith("begin word")
    assert shown.endswith("word end")
    assert "… 49,409 characters …" in shown
    assert len(shown) < LONGEST


@given(st.text(max_size=5000) | st.text("ab ", min_size=900, max_size=5000))
def test_no_message_is_longer_than_it_may_be(text: str) -> None:
    shown = shorten(text)
    assert len(shown) <= LONGEST
    assert shorten(text, 100) == text or len(shorten(text, 100)) <= 100
    assert max(map(len, shown.split()), default=0) <= LONGEST_WORD


def test_a_problem_is_made_of_shortened_parts() -> None:
    found = problem("PC401", "é" * 10_000, hint="a " * 10_000)
    assert len(found.detail) <= LONGEST_WORD
    assert len(found.hint) <= LONGEST


@given(st.integers(1, 5000), st.integers(1, 6000))
def test_a_line_is_cut_around_the_place(length: int, column: int) -> None:
    line = "".join(chr(0x4E00 + number) for number in range(length))
    part, start = line_around(line, column)
    assert part == line[start - 1 : start - 1 + len(part)]
    assert len(part) == min(length, LONGEST_LINE)
    if column <= length:
        assert start <= column < start + len(part)


def test_the_parts_of_a_place_are_found_in_a_cut_line() -> None:
    line = "a" * 5000 + "[place]" + "b" * 5000
    source = SourceRange.in_line("a.yaml", 1, 5001, 5008, line)
    before, meant, after = source.parts
    assert meant == "[place]"
    assert set(before) == {"a"}
    assert set(after) == {"b"}
    assert len(source.text) == LONGEST_LINE


def test_a_name_that_was_meant_is_found() -> None:
    assert closest("Europe/Berln", ["Asia/Tokyo", "Europe/Berlin"]) == "Europe/Berlin"
    assert closest("nothing", ["Asia/Tokyo"]) == ""


def test_what_is_longer_than_any_name_is_not_compared() -> None:
    """Comparing two of these would take the square of their length."""
    name = "ab" * LONGEST_NAME
    assert closest(name, [name]) == ""
    assert closest("short", [name, "shorts"]) == "shorts"
