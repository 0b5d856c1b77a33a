"""Columns, lines and cuts of any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.render.terminal.style import Ink, columns, cut, fitting, one_line, safe, wrap
from plancast.render.text import duration
from tests import strategies

FAMILY = "👨\u200d👩\u200d👧"
words = st.text("ab é漢😀\u0301\n", max_size=80)


@given(words | strategies.texts.map(safe), st.integers(2, 40))
def test_no_line_is_wider_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert [line for line in lines if columns(line.rstrip()) > width] == []
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(words, st.integers(0, 40))
def test_a_cut_text_fits_and_is_its_begin(text: str, width: int) -> None:
    shown = cut(text, width)
    assert columns(shown) <= max(1, width)
    assert shown == text or text.startswith(shown.removesuffix("…"))
    assert columns(text[: fitting(text, width)]) <= width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("write `was: a` into it", ["write", "`was: a`", "into it"]),
        ("say (`a b`), or `c d`.", ["say (`a b`),", "or `c d`."]),
        ("one ` alone, and more", ["one ` alone,", "and more"]),
        ("no `end of it at all", ["no `end of", "it at all"]),
        # Longer than a line: broken as any word is.
        ("`plancast state list`", ["`plancast st", "ate list`"]),
    ],
)
def test_a_line_does_not_end_within_code(text: str, lines: list[str]) -> None:
    assert wrap(text, 12) == lines


@pytest.mark.parametrize("length", [1, 77, 78, 79, 156, 10_000])
def test_an_endless_word_fills_its_lines(length: int) -> None:
    lines = wrap("é" * length, 78)
    assert [len(line) for line in lines] == [78] * (length // 78) + [length % 78] * bool(
        length % 78
    )


@pytest.mark.parametrize("sign", [FAMILY, "👍🏽", "1\ufe0f\u20e3"])
@pytest.mark.parametrize("width", range(8, 30))
def test_an_emoji_of_several_characters_stays_whole(sign: str, width: int) -> None:
    lines = wrap(sign * 40, width)
    assert "".join(lines) == sign * 40
    assert [line for line in lines if len(line) % len(sign)] == []


def test_what_is_joined_without_end_is_broken_all_the_same() -> None:
    lines = wrap("👩\u200d" * 500, 20)
    assert max(map(columns, lines)) == 20


class Counted(str):
    """A text that counts the characters that were looked at."""

    __slots__ = ("looks",)
    looks: int

    def __getitem__(self, key: object) -> str:
        found = super().__getitem__(key)  # type: ignore[index]
        self.looks = getattr(self, "looks", 0) + len(found)
        return found


def test_a_cut_looks_at_no_more_than_it_shows() -> None:
    text = Counted("é" * 100_000)
    assert columns(cut(text, 60)) == 60
    assert text.looks < 300


def test_a_long_text_on_one_line_stays_one_line() -> None:
    assert one_line("a\n" * 1000).count("⏎") == 999


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "a few seconds"),
        (45, "about 45 s"),
        (100, "about 2 min"),
        (5399, "about 1 hour 30 min"),
        (18_000, "about 5 hours"),
        (86_400, "about 1 day"),
        (700_000, "about 8 days"),
    ],
)
def test_the_longer_a_duration_the_rougher_its_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def luminance(number: int) -> float:
    """Return the relative luminance of a colour of the palette of 256, as WCAG 2 defines it."""
    if number >= 232:
        levels = [8 + 10 * (number - 232)] * 3
    else:
        steps = (0, 95, 135, 175, 215, 255)
        levels = [
            steps[(number - 16) // 36],
            steps[(number - 16) // 6 % 6],
            steps[(number - 16) % 6],
        ]
    linear = [
        level / 255 / 12.92 if level <= 10 else ((level / 255 + 0.055) / 1.055) ** 2.4
        for level in levels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ink", [ink for ink in Ink if "38;5;" in ink.value])
def test_a_colour_can_be_read_on_black_and_on_white(ink: Ink) -> None:
    bright = luminance(int(ink.value.rsplit(";", 1)[1]))
    assert (bright + 0.05) / 0.05 > 3.5
    assert 1.05 / (bright + 0.05) > 4
