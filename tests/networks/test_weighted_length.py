"""The weight of a post on X: characters, emoji, and the web addresses that X would link."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.networks.emoji_sequences import SEQUENCES, TONES, find_sequences
from plancast.networks.top_level_domains import LONGEST, TOP_LEVEL_DOMAINS
from plancast.networks.web_addresses import find_addresses
from plancast.networks.weighted_length import ADDRESS, weighted_length

VS, ZWJ = "\ufe0f", "\u200d"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Hello", 5),
        ("\x00\t\n\x7f", 4),
        ("caf\u00e9", 4),
        ("cafe\u0301", 4),  # composed first
        ("\ufb2c", 3),  # composed to three characters
        ("\u10ff", 1),
        ("\u1100", 2),
        ("\u1fff\u2000", 3),
        ("\u200d\u200e", 3),
        ("\u200f\u2010", 3),
        ("\u201f\u2020", 3),
        ("\u2031\u2032", 3),
        ("\u2037\u2038", 3),
        ("\u2013\u2014\u2018\u2019\u201c\u201d", 6),
        ("\u2026", 2),
        ("\u65e5\u672c", 4),
        ("\U0001d4b3", 2),
        ("\ufffd", 2),
        ("ABC\u202a\uffffABC\ufffe", 12),
    ],
)
def test_a_character_weighs_one_or_two(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    ("emoji", "weight"),
    [
        ("\U0001f600", 2),
        ("\U0001fae8", 2),
        ("\u00a9", 1),
        ("\u00a9" + VS, 2),
        ("\u00ae", 1),
        ("\u2122", 2),
        ("\u2122" + VS, 2),
        ("\u263a", 2),
        ("\u263a" + VS, 2),
        ("\u263a\ufe0e", 4),  # asked for as text
        ("\u26a1" + VS, 2),  # an emoji by default, but keyboards write this
        ("\U0001f600" + VS, 4),
        ("1\u20e3", 2),
        ("1" + VS + "\u20e3", 2),
        ("1" + VS, 3),
        ("a\u20e3", 3),
        ("\U0001f44d\U0001f3fd", 2),
        ("\U0001f600\U0001f3fd", 4),  # has no tones
        ("\U0001f575" + VS, 2),
        ("\U0001f1e9\U0001f1ea", 2),
        ("\U0001f1e9\U0001f1ea\U0001f1eb", 4),
        ("\U0001f1fd\U0001f1fd", 4),  # no such flag
        ("\U0001f3f4" + "".join(chr(0xE0000 + ord(sign)) for sign in "gbsct\x7f"), 2),
        ("\U0001f469" + ZWJ + "\u2695" + VS, 2),
        ("\U0001f469\U0001f3fd" + ZWJ + "\u2695" + VS, 2),
        ("\U0001f3c3" + ZWJ + "\u2642", 2),  # without its selector
        ("\U0001f3c3" + ZWJ + "\u2642" + VS, 2),
        ("\U0001f3c3" + ZWJ + "\u2642" + VS + ZWJ + "\u27a1" + VS, 2),
        ("\U0001f9d1" + ZWJ + "\U0001f384", 2),  # since Unicode 13
        ("\u2764" + VS + ZWJ + "\U0001f525", 2),
        ("\u2764" + ZWJ + "\U0001f525", 2),
        ("\U0001f426" + ZWJ + "\U0001f525", 2),  # since Unicode 15.1
        ("\U0001f468\U0001f3fb" + ZWJ + "\U0001f430" + ZWJ + "\U0001f468\U0001f3fd", 2),  # since 17
        ("\U0001f468\U0001f3fb" + ZWJ + "\U0001f430" + ZWJ + "\U0001f468\U0001f3fb", 8),
        ("\U0001f469" + ZWJ + "\U0001f438", 5),  # two that are not joined to anything
        (ZWJ.join("\U0001f468\U0001f469\U0001f467\U0001f466"), 2),
        (ZWJ.join("\U0001f468\U0001f469\U0001f467\U0001f466\U0001f467"), 5),
        ("\U0001f441" + VS + ZWJ + "\U0001f5e8" + VS, 2),
    ],
)
def test_an_emoji_weighs_two_however_it_is_spelled(emoji: str, weight: int) -> None:
    assert weighted_length(emoji) == weight
    assert weighted_length(f"a {emoji} b") == weight + 4


def test_the_emoji_are_those_that_unicode_counts() -> None:
    """The published figures for Emoji 18.0, by kind of sequence, each in its full spelling."""
    regional = {chr(point) for point in range(0x1F1E6, 0x1F200)}
    flags = {emoji for emoji in SEQUENCES if set(emoji) <= regional}
    joined = {emoji for emoji in SEQUENCES if ZWJ in emoji}
    spellings = {emoji.replace(VS, "") for emoji in joined}
    toned = {emoji for emoji in SEQUENCES - joined if len(emoji) == 2 and emoji[1] in TONES}
    tagged = {emoji for emoji in SEQUENCES if emoji.endswith("\U000e007f")}
    keycaps = {emoji for emoji in SEQUENCES if emoji.endswith(VS + "\u20e3")}
    figures = [len(kind) for kind in (flags, spellings, toned, tagged, keycaps)]
    assert figures == [259, 1614, 675, 3, 12]


def test_no_emoji_is_cut_by_the_search() -> None:
    for emoji in SEQUENCES:
        assert list(find_sequences(f"{emoji} {emoji}")) == [emoji, emoji]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://example.com", ["https://example.com"]),
        ("HTTPS://EXAMPLE.COM/A", ["HTTPS://EXAMPLE.COM/A"]),
        ("example.com, t.co/a and foo.co.jp.", ["example.com", "t.co/a", "foo.co.jp"]),
        ("example.invalid and https://example.invalid", []),
        ("https://localhost:8080 https://127.0.0.1", []),
        ("ftp://example.com", []),
        ("http://user:secret@example.com", []),
        ("mail@example.com", []),
        ("@example.com #example.com $example.com", []),
        ("example.com@home", []),
        ("(https://example.com/a).", ["https://example.com/a"]),
        ("see https://example.com/a, b", ["https://example.com/a"]),
        ("https://example.com/wiki/A_(b)_(c(d)).", ["https://example.com/wiki/A_(b)_(c(d))"]),
        ("https://example.com/wiki/A_(b", ["https://example.com/wiki/A_"]),
        ("https://example.com/a......", ["https://example.com/a"]),
        ("https://example.com?q=a&b=c!", ["https://example.com?q=a&b=c"]),
        ("example.com?q=a", ["example.com"]),
        ("example.com/?q=a", ["example.com/?q=a"]),
        ("https://example.com:8080/a", ["https://example.com:8080/a"]),
        ("https://a_b.example.com https://a.b_c.com", ["https://a_b.example.com"]),
        ("https://-a.com https://a-.com", []),
        ("https://xn--p1ai.xn--p1ai", ["https://xn--p1ai.xn--p1ai"]),
        ("\u898b\u3066example.com\u3060\u3088", ["example.com"]),
        ("\u8a73\u7d30\u306f https://example.com\u3002\u3042", ["https://example.com"]),
        ("https://\u4f8b.com \u4f8b.com", ["https://\u4f8b.com"]),
        ("https://example.\u4e2d\u56fd", ["https://example.\u4e2d\u56fd"]),
        ("https://EXAMPLE.\u0420\u0424", ["https://EXAMPLE.\u0420\u0424"]),
        ("https://t.co/abc's", ["https://t.co/abc"]),
        ("https://t.co/" + "a" * 41, []),
        ("https://" + "a" * 63 + ".com", ["https://" + "a" * 63 + ".com"]),
        ("https://" + "a" * 64 + ".com", []),
        ("https://example.com/" + "a" * 4068, ["https://example.com/" + "a" * 4068]),
        ("https://example.com/" + "a" * 4069, []),
        ("a.b.c.com/x y_z.com", ["a.b.c.com/x"]),
        ("a.com_b.com", ["a.com"]),
        ("https://a.com\nhttps://b.com", ["https://a.com", "https://b.com"]),
        ("https://a.comhttps://b.com", []),
        ("\u2066https://example.com\u2069", ["https://example.com"]),
        ("\ufeffhttps://example.com", []),
        ("1.5 times, e.g. at 10.30 a.m.", []),
        ("node.js and readme.md", ["readme.md"]),
    ],
)
def test_an_address_is_what_x_links(text: str, addresses: list[str]) -> None:
    assert [text[start:end] for start, end in find_addresses(text)] == addresses
    without = weighted_length(text) - ADDRESS * len(addresses)
    kept = text
    for address in addresses:
        kept = kept.replace(address, "", 1)
    assert without == weighted_length(kept.replace(".", "\u2010"))


@pytest.mark.parametrize("domain", ["com", "museum", "co.uk", "xn--vermgensberater-ctb", "みんな"])
def test_a_known_domain_makes_an_address(domain: str) -> None:
    assert weighted_length(f"https://example.{domain}/{'a' * 200}") == ADDRESS


def test_the_domains_are_lower_case_and_composed() -> None:
    assert len(TOP_LEVEL_DOMAINS) == 1574
    assert {name.lower() for name in TOP_LEVEL_DOMAINS} == TOP_LEVEL_DOMAINS
    assert {unicodedata.normalize("NFC", name) for name in TOP_LEVEL_DOMAINS} == TOP_LEVEL_DOMAINS
    assert max(map(len, TOP_LEVEL_DOMAINS)) == LONGEST == 18


@pytest.mark.part(4)
@pytest.mark.parametrize(
    ("piece", "weight"),
    [
        ("a", 1), (".", 1), ("a.", 2), ("a.co ", 24), ("a.co_.", 6), ("a_.", 3), ("_a.", 3),
        ("-", 1), ("a-.co", 5), (".-", 2), ("\u00e9.", 2), ("\u898b.", 3), ("\u898ba.co", 6),
        ("http://", 7), ("http://a.", 9), ("a.co/", 5), ("a.co/(", 24), ("a.co/((", 25),
        ("a.co/(a(", 26), ("a.co/!", 6), ("a.co?!", 6), ("@a.co", 5), ("https://t.co/a ", 24),
        ("xn--a.", 6), (".xn--", 5), ("1\u20e3", 2), ("\U0001f469" + ZWJ, 3),
        ("\U0001f44d\U0001f3fd", 2), ("\U0001f1e9", 2), (VS, 2), (ZWJ, 1),
        ("\u0301\u0323", 2), ("e\u0301", 1), ("\u0f73", 2),
        ("\U0001f3f4\U000e0067", 4),
    ],
    ids=ascii,
)  # fmt: skip
def test_the_longest_text_is_counted_right(piece: str, weight: int) -> None:
    """Time that grew with the square of the length would be hours for any of them."""
    times = 20_000
    slack = 200  # at the ends, and for one address at the end of a host that is too long for one
    assert abs(weighted_length(piece * times) - weight * times) <= slack


WORDS = st.sampled_from(
    ["a", "\u00e9", "\u898b", " ", "\n", ".", "-", "_", "/", "@", "#", "(", ")", "?", "com",
     "co.jp", "t.co/a", "https://", "http://example.com", "example.com/a", "xn--a",
     "\u307f\u3093\u306a", "\u00a9", VS, ZWJ, "1\u20e3", "\u2764", "\U0001f469", "\U0001f3fd",
     "\U0001f1e9\U0001f1ea", "\u0301", "\u202a", "\ufeff"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=40)


@given(TEXTS)
def test_addresses_are_in_order_and_begin_behind_what_allows_it(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    spans = find_addresses(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    for start, end in spans:
        assert "." in text[start:end]
        assert start == 0 or text[start - 1] not in "@#$"


@given(TEXTS, TEXTS)
def test_texts_on_lines_of_their_own_weigh_what_they_weigh_alone(one: str, other: str) -> None:
    alone = weighted_length(f"\n{one}\n") + weighted_length(f"\n{other}\n")
    assert weighted_length(f"\n{one}\n\n{other}\n") == alone


@given(TEXTS)
def test_composed_or_not_a_text_weighs_the_same(text: str) -> None:
    assert weighted_length(unicodedata.normalize("NFD", text)) == weighted_length(text)


@given(TEXTS)
def test_no_text_weighs_more_than_two_for_a_character_and_an_address_for_a_dot(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert weighted_length(text) <= 2 * len(composed) + ADDRESS * text.count(".")
