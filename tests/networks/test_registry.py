"""The lengths that networks count, and a cheap bound that never lets a long text through."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plancast.model.limits import Counting, NetworkLimits
from plancast.networks.counting import excess, measure
from plancast.networks.registry import LIMITS, merge
from plancast.networks.weighted_length import weighted_length

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
LINK = "https://example.com/" + "a" * 100


@pytest.mark.parametrize(
    ("text", "counting", "length"),
    [
        ("", Counting.TWITTER, 0),
        ("a" * 280, Counting.TWITTER, 280),
        ("\u65e5\u672c", Counting.TWITTER, 4),
        (FAMILY, Counting.TWITTER, 2),
        (LINK, Counting.TWITTER, 23),
        ("t.co", Counting.TWITTER, 23),
        ("e\u0301", Counting.TWITTER, 1),
        (FAMILY, Counting.GRAPHEMES, 1),
        ("e\u0301", Counting.GRAPHEMES, 1),
        ("e\u0301", Counting.MASTODON, 1),
        (FAMILY, Counting.MASTODON, 1),
        (LINK, Counting.MASTODON, 23),
        (f"see {LINK} now", Counting.MASTODON, 31),
        ("@acme@mastodon.example hi", Counting.MASTODON, 8),
        ("mail a@b.example", Counting.MASTODON, 16),
        ("abc", Counting.CHARACTERS, 3),
        ("e\u0301", Counting.UTF16, 2),
        ("\u65e5\u672c", Counting.UTF16, 2),
        ("\U0001d5d4\U0001d5d5", Counting.UTF16, 4),
        (FAMILY, Counting.UTF16, 8),
        ("\ud83d", Counting.UTF16, 1),
        ("it\u2019s", Counting.BYTES, 6),
        (FAMILY, Counting.BYTES, 18),
        ("\ud83d", Counting.BYTES, 3),
    ],
)
def test_a_text_is_as_long_as_the_network_says(text: str, counting: Counting, length: int) -> None:
    assert measure(text, counting) == length


@pytest.mark.parametrize(
    ("service", "fits"),
    [("twitter", 280), ("bluesky", 300), ("mastodon", 500), ("threads", 500), ("linkedin", 3000),
     ("instagram", 2196), ("facebook", 5000), ("pinterest", 500), ("googlebusiness", 4000),
     ("tiktok", 4000), ("youtube", 5000)],
)  # fmt: skip
def test_the_limit_is_the_last_length_that_fits(service: str, fits: int) -> None:
    assert excess("a" * fits, LIMITS[service]) is None
    assert excess("a" * (fits + 1), LIMITS[service]) == (fits + 1, fits)


@pytest.mark.parametrize(
    "service",
    ["linkedin", "instagram", "facebook", "pinterest", "googlebusiness", "tiktok",
     "youtube"],
)  # fmt: skip
def test_a_sign_beyond_the_first_plane_counts_two(service: str) -> None:
    limit = LIMITS[service].text
    assert limit is not None
    assert excess("\U0001f680" * (limit // 2) + "a" * (limit % 2), LIMITS[service]) is None
    longer = "\U0001f680" * (limit // 2) + "a" * (limit % 2 + 1)
    assert excess(longer, LIMITS[service]) == (limit + 1, limit)


# \ufb2c and its like become three characters when X normalises them.
AWKWARD = st.sampled_from(
    ["a", ".", " ", "\n", "\u00e9", "\u00a9", "\u00ae", "\u65e5", "\ufb2c", "\U0001d160", "\u0344",
     "1\ufe0f\u20e3", FAMILY, "t.co", "https://t.co", "http://x", "@a@b.example", "\u3002", "#a"]
)  # fmt: skip


@given(st.lists(AWKWARD, max_size=40).map("".join), st.sampled_from(list(Counting)))
@example("\ufb2c", Counting.TWITTER)
@example("t.co", Counting.TWITTER)
@example("http://x", Counting.MASTODON)
def test_no_text_that_is_too_long_is_let_through(text: str, counting: Counting) -> None:
    length = measure(text, counting)
    if length:
        assert excess(text, NetworkLimits(length - 1, counting)) == (length, length - 1)
    assert excess(text, NetworkLimits(length, counting)) is None


@given(st.text(max_size=60), st.sampled_from(list(Counting)))
def test_the_same_for_any_text(text: str, counting: Counting) -> None:
    length = measure(text, counting)
    if length:
        assert excess(text, NetworkLimits(length - 1, counting)) == (length, length - 1)


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "\u00e4" * 20_000 + LINK, "a" + "\u0301\u0323" * 20_000]
)
def test_a_text_of_any_length_is_counted_as_a_short_one(text: str) -> None:
    assert excess(text, LIMITS["twitter"]) == (weighted_length(text), 280)


def test_a_text_that_surely_fits_loads_no_library_and_no_table() -> None:
    code = (
        "import sys; from plancast.networks.registry import LIMITS; "
        "from plancast.networks.counting import excess\n"
        "print([excess('Hello \\u00e9', rules) for rules in LIMITS.values() if rules.text])\n"
        "tables = {f'plancast.networks.{name}' for name in ('web_addresses', 'emoji_sequences')}\n"
        "print(sorted({*tables, 'regex'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    nothing, loaded = ended.stdout.splitlines()
    assert set(nothing.strip("[]").split(", ")) == {"None"}
    assert loaded == "[]"


def test_an_unknown_limit_is_not_checked() -> None:
    assert excess("a" * 100_000, NetworkLimits()) is None


def test_what_the_provider_tells_never_lowers_ours() -> None:
    merged = merge(LIMITS, {"twitter": NetworkLimits(140), "linkedin": NetworkLimits(700)})
    assert merged == LIMITS


def test_what_the_provider_tells_can_raise_and_add() -> None:
    reported = {"mastodon": NetworkLimits(5000), "appdotnet": NetworkLimits(256)}
    merged = merge(LIMITS, reported)
    assert merged["mastodon"].text == 5000
    assert merged["mastodon"].counting is Counting.MASTODON
    assert merged["appdotnet"] == NetworkLimits(256)
    assert LIMITS["mastodon"].text == 500
