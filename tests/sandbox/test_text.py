"""The ends of web addresses in a text."""

from __future__ import annotations

import pytest

from plancast.sandbox.text import first_link

ENDS = {
    "https://a.example/b.": "https://a.example/b",
    "https://a.example/b?!": "https://a.example/b",
    "(https://a.example/b)": "https://a.example/b",
    "https://a.example/b_(c)": "https://a.example/b_(c)",
    "(https://a.example/b_(c)).": "https://a.example/b_(c)",
    "https://a.example/(b": "https://a.example/(b",
}


@pytest.mark.parametrize("text", ENDS)
def test_punctuation_behind_an_address_is_none_of_it(text: str) -> None:
    assert first_link(text) == ENDS[text]


def test_an_address_ends_in_linear_time() -> None:
    """Time that grew with the square of the length would be minutes."""
    assert first_link(f"https://a.example/{')' * 1_000_000}") == "https://a.example/"
    nested = f"https://a.example/{'(' * 300_000}{')' * 300_000}"
    assert first_link(f"{nested}{').' * 300_000}") == nested
