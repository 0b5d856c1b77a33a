"""Contents of texts that count or are refused: vectors, and a second implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.networks.text_contents import (
    code_point,
    control_character,
    hashtags,
    links,
    shows_nothing,
)
from plancast.sandbox import contents as sandbox
from tests.strategies import NASTY, UNSEEN

LINKS = {
    "None.": set(),
    "See https://a.example/b.": {"https://a.example/b"},
    "(http://a.example) and HTTP://B.example!": {"http://a.example", "HTTP://B.example"},
    "https://a.example https://a.example": {"https://a.example"},
    "www.a.example, WWW.b.example": {"www.a.example", "WWW.b.example"},
    "not.www.a.example or me@www.a.example": set(),
    "https://www.a.example": {"https://www.a.example"},
    "a.example is bare": set(),
    "<https://a.example>\u3000https://b.example": {"https://a.example", "https://b.example"},
    "xhttps://a.example": {"https://a.example"},
    "https:// and www. alone": set(),
    "\u0130https://a.example": {"https://a.example"},
}
HASHTAGS = {
    "None.": 0,
    "#one": 1,
    "#one #two,#three": 3,
    "#one#two": 1,
    "##one": 0,
    "a#b C&#39;": 0,
    "https://a.example/#part https://a.example/b#part": 0,
    "# one": 0,
    "#": 0,
    "#1 #2026 #_": 3,
    "\uff03日本 #München #ελ": 3,
    "(#one)": 1,
    "#one #one": 2,
}
BLANK = ["", " ", "\u200b", "\u200b\u200d\u2060", "\ufeff", "\u3164", "\u2800", "\xad", "\ufe0f"]
NOT_BLANK = ["a", "\u200ba", ".", "\U0001f600", "\u0301", "日"]


@pytest.mark.parametrize("text", LINKS)
def test_links(text: str) -> None:
    assert links(text) == LINKS[text]
    assert set(sandbox.web_addresses(text)) == LINKS[text]


@pytest.mark.parametrize("text", HASHTAGS)
def test_hashtags(text: str) -> None:
    assert len(hashtags(text)) == sandbox.count_hashtags(text) == HASHTAGS[text]


@pytest.mark.parametrize("text", [*BLANK, *NOT_BLANK])
def test_texts_that_show_nothing(text: str) -> None:
    assert shows_nothing(text) is sandbox.is_blank(text) is (text in BLANK)


@pytest.mark.parametrize("number", [*range(0x100), 0x2028, 0xFEFF])
def test_control_characters(number: int) -> None:
    is_one = number not in (9, 10, 13) and (number < 32 or 127 <= number < 160)
    assert control_character(f"a{chr(number)}b") == (chr(number) if is_one else "")


def test_a_character_is_named_by_its_number() -> None:
    assert (code_point("\0"), code_point("\U0001f600")) == ("U+0000", "U+1F600")


PIECES = (
    *("https://a.example/b", "www.a.example", "#tag", "\uff03tag"),
    *("#", "&", "/", ".", "_", "\u0130"),
)
TEXTS = st.lists(
    st.sampled_from((*PIECES, *NASTY, *UNSEEN, "a", "1", "\u0301", "\xb2", "\u2167", "\u1680"))
    | st.characters(exclude_categories=["Cs"]),
    max_size=12,
).map("".join)


@given(TEXTS)
def test_the_sandbox_counts_the_same_by_rules_of_its_own(text: str) -> None:
    assert set(sandbox.web_addresses(text)) == links(text)
    assert sandbox.count_hashtags(text) == len(hashtags(text))
    assert sandbox.is_blank(text) is shows_nothing(text)
