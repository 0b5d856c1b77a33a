"""Links are found as the published patterns find them, and in time that grows with the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from plancast.sandbox import counting
from plancast.sandbox.hosts import Grammar, links

GRAMMARS: dict[str, tuple[Callable[[], Grammar], Any]] = {
    "x": (counting.x_grammar, re),
    "mastodon": (counting.mastodon_grammar, regex),
}
PIECES = (
    *("a", "b", "9", "-", "_", ".", "com", "COM", "co", "\u4e2d", "\u00e9", "\u0130"),
    *("xn--", "xn--p1ai", "\u0440\u0444", "http://", "HTTPS://", "gemini://", "://", "/", "?"),
    *("#", "@", "(", ")", " ", "\n", "=a", ":80", "&", "a.com", "b_a.com", "\u200e", "\ufffe"),
)


@cache
def pattern(network: str) -> Any:
    """The pattern of a network as one, with all its backtracking."""
    grammar, engine = GRAMMARS[network][0](), GRAMMARS[network][1]
    source = {name: getattr(grammar, name).pattern for name in Grammar.__slots__[:-1]}
    outside = source["labels"].removeprefix("[^").removesuffix(".]+")
    one, any_, hyphens = f"[^{outside}_.-]", f"[^{outside}.]", f"[^{outside}_.]"
    sub, last = rf"{one}(?:{any_}*{one})?\.", rf"{one}(?:{hyphens}*{one})?\."
    host = f"(?P<host>(?:{sub})*{last}(?:{source['end']}))"
    scheme, tail = f"(?P<scheme>{source['scheme']})?", source["tail"]
    return engine.compile(f"(?:{source['before']}|^)(?P<url>{scheme}{host}{tail})")


@pytest.mark.parametrize("network", GRAMMARS)
@given(parts=st.lists(st.sampled_from(PIECES), max_size=14))
def test_links_are_those_of_the_pattern(network: str, parts: list[str]) -> None:
    text = "".join(parts)
    expected = [
        (*match.span("url"), match["host"], match["scheme"] or "", match["path"] or "")
        for match in pattern(network).finditer(text)
    ]
    found = links(text, GRAMMARS[network][0]())
    assert [(one.start, one.end, one.host, one.scheme, one.path) for one in found] == expected


@pytest.mark.parametrize(
    ("piece", "length"),
    [
        ("a.", 2), ("a.b-", 4), ("http://a.", 9), ("\u00e9.", 2), ("\u4e2d.", 3), ("a-.", 3),
        ("xn--a.", 6), ("a_.", 3), ("@a@b.", 5), ("a.co/ ", 24), ("a.co_.", 6), ("_.com", 5),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_long_text_is_counted_right_on_x(piece: str, length: int) -> None:
    """Time that grew with the square of the length would be minutes."""
    times = 5_000
    slack = 30  # at the ends
    assert abs(counting.length(piece * times, counting.X) - length * times) <= slack


@pytest.mark.parametrize(
    ("labels", "length"), [(1_000, 23), (2_044, 8 + 2 * 2_044 + 3)], ids=["valid", "too long"]
)
def test_a_link_of_many_labels(labels: int, length: int) -> None:
    assert counting.length(f"https://{'a.' * labels}com", counting.X) == length
