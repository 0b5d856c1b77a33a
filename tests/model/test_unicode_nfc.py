"""NFC as Python makes it, for texts of any length."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.unicode_nfc import compose

MARKS = "\u0301\u0323\u0327\u0344\u0345\u0f71\u0f72\u0f73\u0f75\u0f81\u3099\u094d"


@given(st.text(alphabet=f"ae\u00e9\u1ec7\uac00\u1100\u304b{MARKS}", min_size=50, max_size=80))
def test_a_long_text_is_composed_like_a_short_one(text: str) -> None:
    expected = unicodedata.normalize("NFC", text)
    assert compose(text) == expected
    assert compose(f"{text}-" * 40) == f"{expected}-" * 40


def test_every_character_keeps_its_form_in_a_long_text() -> None:
    """In the middle of marks, whose order decides."""
    padding = "e\u0301" * 500
    wrong = []
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        if unicodedata.combining(unicodedata.normalize("NFD", character)[0]):
            text = f"{padding}a\u0301{character}\u0323{character}\u0f71"
            if compose(text) != unicodedata.normalize("NFC", text):
                wrong.append(hex(point))
    assert wrong == []


TIMES = 100_000


@pytest.mark.parametrize(
    ("marks", "composed"),
    [
        ("\u0301\u0323", "\u1ea1" + "\u0323" * (TIMES - 1) + "\u0301" * TIMES),
        ("\u0344\u0323", "\u1ea1" + "\u0323" * (TIMES - 1) + "\u0308\u0301" * TIMES),
        ("\u0f73", "a" + "\u0f71" * TIMES + "\u0f72" * TIMES),
    ],
    ids=ascii,
)
def test_marks_without_end_are_put_in_order(marks: str, composed: str) -> None:
    """Python alone would take the square of this number of steps, which is minutes."""
    assert compose("a" + marks * TIMES) == composed
