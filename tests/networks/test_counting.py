"""Texts are measured as they are sent, by the rule of their network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, Image, Link, ThreadItem, Video
from plancast.model.features import Features, LinkCards
from plancast.model.limits import Counting
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.counting import excess, excess_bytes, measure, measure_in_full
from plancast.networks.registry import LIMITS
from plancast.networks.sent_text import has_address, place_link, sent_text, with_link
from plancast.providers.buffer_features import CLASSIC, CURRENT
from plancast.providers.buffer_graphql import build_input
from plancast.providers.buffer_v1 import translate
from plancast.sandbox import counting
from tests.networks import vectors

LAUNCH = "https://example.com/launch"
PICTURE = (Image("https://example.com/a.png"),)
FILM = Video("https://example.com/a.mp4")
SECOND = (ThreadItem("Two."),)
CARDED = {"facebook", "linkedin", "bluesky", "threads", "substack"}


@pytest.mark.parametrize("service", vectors.ALL)
def test_a_text_is_as_long_as_its_network_says(service: str) -> None:
    wrong = {
        text: (length, measure(text, LIMITS[service].counting))
        for text, length in vectors.ALL[service]
        if measure(text, LIMITS[service].counting) != length
    }
    assert wrong == {}


def test_a_content_warning_counts_with_the_text() -> None:
    limits = LIMITS["mastodon"]
    assert excess("w" * 490, limits, "w" * 10) is None
    assert excess("w" * 490, limits, "w" * 30) == (520, 500)
    assert measure("a", Counting.MASTODON, LAUNCH) == len(LAUNCH) + 1  # in full, in a warning


def test_bluesky_has_a_second_limit_in_bytes() -> None:
    limits = LIMITS["bluesky"]
    assert excess(vectors.FAMILY * 121, limits) is None
    assert excess_bytes(vectors.FAMILY * 120, limits) is None
    assert excess_bytes(vectors.FAMILY * 121, limits) == (3025, 3000)
    assert excess_bytes("\U0001f600" * 750, limits) is None
    assert excess_bytes("\U0001f600" * 750 + "a", limits) == (3001, 3000)
    assert [excess_bytes("a" * 9999, limits) for limits in [LIMITS["facebook"]]] == [None]


@pytest.mark.parametrize(
    ("counting", "length"),
    [
        (Counting.TWITTER, 3 + len(LAUNCH)),
        (Counting.MASTODON, 2 + len(LAUNCH)),
        (Counting.GRAPHEMES, 2 + len(LAUNCH)),
        (Counting.CHARACTERS, 8 + len(LAUNCH)),
        (Counting.UTF16, 12 + len(LAUNCH)),
        (Counting.BYTES, 26 + len(LAUNCH)),
    ],
)
def test_an_alternative_text_counts_its_addresses_in_full(counting: Counting, length: int) -> None:
    assert measure_in_full(f"{vectors.FAMILY} {LAUNCH}", counting) == length


# -- the link ----


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (LAUNCH, True),
        (f"See {LAUNCH}", True),
        (f"See {LAUNCH}.", True),
        (f"See ({LAUNCH}), please", True),
        (f"<{LAUNCH}>", True),
        (f'"{LAUNCH}"', True),
        (f"{LAUNCH}\nand more", True),
        (f"{LAUNCH}\u3002", True),
        (f"{LAUNCH}-party", False),
        (f"{LAUNCH}/party", False),
        (f"{LAUNCH}?a=b", False),
        (f"{LAUNCH}.html", False),
        (f"{LAUNCH}-party and {LAUNCH}", True),
        (f"https://a.example/?to={LAUNCH}", False),
        ("example.com/launch", False),
        ("", False),
    ],
)
def test_a_text_holds_a_link_if_it_is_one_of_its_addresses(text: str, holds: bool) -> None:
    assert has_address(text, LAUNCH) is holds
    assert with_link(text, LAUNCH) == (text if holds else f"{text} {LAUNCH}")


@pytest.mark.parametrize("url", [f"{LAUNCH}.", f"{LAUNCH}/a_(b)", f"{LAUNCH}/a)", f"{LAUNCH}!?"])
def test_a_link_that_was_appended_is_found_again(url: str) -> None:
    once = with_link("Tickets", url)
    assert with_link(once, url) == once


@given(st.text(max_size=40), st.sampled_from([LAUNCH, f"{LAUNCH}-party", "https://example.com/"]))
def test_a_link_is_never_lost_and_never_appended_twice(text: str, url: str) -> None:
    once = with_link(text, url)
    assert has_address(once, url)
    assert with_link(once, url) == once


def test_punctuation_without_end_takes_no_longer_than_its_length() -> None:
    """Time that grew with the square of the length would be minutes."""
    text = f"{LAUNCH}/x{')' * 200_000}"
    assert has_address(f"{text} y", f"{LAUNCH}/x")
    assert not has_address(f"({text[:-200_000]}-y{')' * 200_000}", f"{LAUNCH}/x")


@pytest.mark.parametrize(
    ("piece", "length"),
    [
        ("https://a.co/(", 24), ("https://a.co/(a(", 26), ("https://a.co/(a)(", 24),
        ("https://a.co?! ", 26), ("http://a.", 9), ("a.co_.", 6), ("@a@b ", 3), ("@a-", 3),
        ("https://t.co/a ", 24), ("xn--a.", 6), ("https://", 8), ("@\u00e9@\u00e9 ", 5),
    ],
    ids=ascii,
)  # fmt: skip
def test_the_longest_text_is_counted_right_on_mastodon(piece: str, length: int) -> None:
    times = 5_000
    slack = 200  # at the ends, and for an address that is too long for one
    assert abs(measure(piece * times, Counting.MASTODON) - length * times) <= slack


@pytest.mark.parametrize("count", [*range(12), 199_999, 200_000])
@pytest.mark.parametrize("before", ["", "a", "\u0600", "\U0001f469\u200d"], ids=ascii)
@pytest.mark.parametrize("after", ["", "b", "\u0301", "\u200d\U0001f469"], ids=ascii)
def test_letters_of_flags_are_a_character_two_by_two(before: str, count: int, after: str) -> None:
    """However many they are: time that grew with the square of the length would be minutes."""
    letter = "\U0001f1e9"
    few = count if count < 5 else 4 - count % 2
    expected = len(regex.findall(r"\X", before + letter * few + after))
    text = before + letter * count + after
    assert measure(text, Counting.GRAPHEMES) == expected + (count - few) // 2
    assert counting.length(text, counting.GRAPHEMES) == expected + (count - few) // 2


@given(st.text("\U0001f1e6\U0001f1ff\u0301\u200d\u0600a\U0001f3fb", max_size=30))
def test_rows_of_flags_are_counted_as_unicode_says(text: str) -> None:
    assert measure(text, Counting.GRAPHEMES) == len(regex.findall(r"\X", text))
    assert counting.length(text, counting.GRAPHEMES) == len(regex.findall(r"\X", text))


SHAPES: dict[str, dict[str, Any]] = {
    "alone": {},
    "with an image": {"images": PICTURE},
    "with a video": {"video": FILM},
    "in a thread": {"thread": SECOND},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("service", sorted(set(LIMITS) - {"google"}))
def test_the_link_is_measured_if_it_is_in_the_text(service: str, shape: str) -> None:
    """The requests of both providers are the referees of what the checks measure."""
    entry = Entry("Tickets.", link=Link(LAUNCH), **SHAPES[shape])
    profile = Profile("p", service)
    limits = LIMITS[service]
    form = dict(translate.create_form(entry, [profile]))
    assert sent_text(entry, service, limits, CLASSIC.link_cards) == form["text"]
    fields = build_input.create_input(entry, profile)
    text = sent_text(entry, service, limits, CURRENT.link_cards)
    assert text == fields["text"]
    alone = shape == "alone"
    in_text = service != "googlebusiness" and not (service in CARDED and alone)
    assert (LAUNCH in text) is in_text


def test_a_post_of_a_link_alone_has_a_text_if_the_provider_needs_one() -> None:
    entry = Entry(link=Link(LAUNCH))
    assert sent_text(entry, "facebook", None, CURRENT.link_cards) == LAUNCH
    assert sent_text(entry, "facebook", None, CLASSIC.link_cards) == ""
    assert place_link(entry, "twitter", CLASSIC.link_cards).text == f" {LAUNCH}"


def test_buffer_may_append_what_a_provider_leaves_beside_the_text() -> None:
    assert sent_text(Entry("a", link=Link(LAUNCH)), "twitter", LIMITS["twitter"], LinkCards()) == (
        f"a {LAUNCH}"
    )


# -- the checks ----


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def problems(service: str, entry: Entry, features: Features = CURRENT) -> list[str]:
    """The lengths that the checks report of an entry."""
    basis = replace(entry, due_at=NOON)
    item = Desired(Address("a", service), Profile("p", service), basis, Pointer("a.yaml"))
    found = check([item], LintContext(Policy(), LIMITS, features))
    return [one.detail for one in found if one.code in ("PC501", "PC506")]


def link(text: str, **fields: Any) -> Entry:
    return Entry(text, link=Link(LAUNCH), **fields)


TOO_LONG: dict[str, tuple[str, Entry, str]] = {
    "a link on Mastodon": ("mastodon", link("w" * 490), "514 of 500"),
    "a link on Instagram": ("instagram", link("w" * 2190, images=PICTURE), "2,217 of 2,196"),
    "a link and an image on LinkedIn": ("linkedin", link("w" * 2990, images=PICTURE), "of 3,000"),
    "a link and an image on Bluesky": ("bluesky", link("w" * 290, images=PICTURE), "of 300"),
    "a link and a thread on Bluesky": ("bluesky", link("w" * 290, thread=SECOND), "of 300"),
    "a link and a video on TikTok": ("tiktok", link("w" * 2190, video=FILM), "of 2,200"),
    "a link that is no more than a beginning": (
        "twitter",
        link(f"{'w' * 240} {LAUNCH}-party"),
        "288 of 280",
    ),
    "typographic quotes on Threads": (
        "threads",
        Entry("w" * 480 + " it\u2019s, we\u2019re, don\u2019t"),
        "505 of 500",
    ),
    "families on Bluesky": ("bluesky", Entry(vectors.FAMILY * 121), "3,025 of 3,000 bytes"),
    "a warning on Mastodon": (
        "mastodon",
        Entry("w" * 490, metadata=(("spoiler_text", "v" * 30),)),
        "520 of 500",
    ),
    "an alternative text of emoji": (
        "instagram",
        Entry("a", images=(Image("https://a.example/a.png", "\U0001f680" * 501),)),
        "1,002 of 1,000",
    ),
    "an alternative text on X": (
        "twitter",
        Entry("a", images=(Image("https://a.example/a.png", "\u65e5" * 501),)),
        "1,002 of 1,000",
    ),
    "the alternative text of a part": (
        "twitter",
        Entry("a", thread=(ThreadItem("b", (Image("https://a.example/a.png", "\u65e5" * 501),)),)),
        "1,002 of 1,000",
    ),
    "a part on Bluesky": (
        "bluesky",
        Entry("a", thread=(ThreadItem(vectors.FAMILY * 121),)),
        "part 2: 3,025 of 3,000 bytes",
    ),
    "a first comment on LinkedIn": (
        "linkedin",
        Entry("a", first_comment="\U0001f680" * 626),
        "1,252 of 1,250",
    ),
}


@pytest.mark.parametrize("case", TOO_LONG)
def test_a_text_that_the_network_would_refuse_is_reported(case: str) -> None:
    service, entry, words = TOO_LONG[case]
    assert [words in problem for problem in problems(service, entry)] == [True]


@pytest.mark.parametrize("service", ["mastodon", "twitter"])
def test_a_text_fits_with_its_link_to_the_last_unit(service: str) -> None:
    limit = LIMITS[service].text
    assert limit is not None
    fitting = "w" * (limit - 1 - vectors.PLACEHOLDER)
    for features in (CLASSIC, CURRENT):
        assert problems(service, link(fitting), features) == []
        assert len(problems(service, link(fitting + "w"), features)) == 1


def test_a_card_beside_the_text_does_not_count() -> None:
    assert problems("linkedin", link("w" * 3000)) == []
    assert problems("bluesky", link("w" * 300)) == []
    assert len(problems("bluesky", link("w" * 300), CLASSIC)) == 1  # the old API has no card there


def test_an_alternative_text_on_mastodon_is_counted_in_code_points() -> None:
    long = Image("https://a.example/a.png", "e\u0301" * 750)
    assert problems("mastodon", Entry("a", images=(long,))) == []
    assert len(problems("mastodon", Entry("a", images=(replace(long, alt=f"{long.alt}e"),)))) == 1
