"""The libraries of the networks judge how plancast counts, and so does a second implementation.

`make clients` puts twitter-text, @atproto/api and Unicode's emoji test, as a pattern of it, into
`.clients`; without them, or without Node.js, what needs them is skipped. There is no library for
Mastodon that runs here: the local Buffer, which follows Mastodon's patterns, is its judge.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from plancast.model.limits import Counting
from plancast.model.unicode_nfc import compose
from plancast.networks.counting import measure
from plancast.networks.emoji_sequences import SEQUENCES, find_sequences
from plancast.sandbox import counting
from tests.networks.texts_of_all_kinds import texts

PACKAGES = Path(__file__).resolve().parents[2] / ".clients" / "node_modules"
JUDGES = Path(__file__).with_name("judges.mjs")
EMOJI = PACKAGES / "emoji-test-regex-pattern" / "dist" / "emoji-18.0" / "index-strings.txt"
NEEDED = {"twitter": "twitter-text", "bluesky": "@atproto/api"}
PARTS = 10
CLOSE = 5
"""Units from a limit within which no two judges may differ."""


def judged(network: str, known: list[str]) -> list[int]:
    """Return the lengths of texts by the library of a network."""
    node, package = shutil.which("node"), NEEDED[network]
    if node is None or not (PACKAGES / package).exists():
        pytest.skip(f"{package} or Node.js is missing: make clients")
    ended = subprocess.run(
        [node, str(JUDGES), network, str(PACKAGES)],
        input=json.dumps(known),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    lengths: list[int] = json.loads(ended.stdout)
    return lengths


def disagreements(network: str, known: list[str], ours: list[int]) -> list[tuple[str, int, int]]:
    """Return the texts whose length the judge sees in another way, with our length and theirs."""
    rows = zip(known, ours, judged(network, known), strict=True)
    return [row for row in rows if row[1] != row[2]]


@cache
def all_texts(limit: int, way: Counting) -> list[str]:
    known = texts(limit, lambda text: measure(text, way))
    assert len(known) >= 7000
    return known


def part_of(number: int, limit: int, way: Counting) -> list[str]:
    return all_texts(limit, way)[number::PARTS]


def with_old_emoji(text: str) -> str:
    """Replace each joined emoji by one that all versions of Unicode know."""
    text = compose(text)
    for emoji in sorted(set(find_sequences(text)), key=len, reverse=True):
        text = text.replace(emoji, "\U0001f600")
    return text


@pytest.mark.clients
@pytest.mark.part(PARTS)
@pytest.mark.parametrize("number", range(PARTS))
def test_x_weighs_a_text_as_we_do(number: int) -> None:
    """Its library is older than many emoji, and counts their parts. It has no other difference."""
    known = part_of(number, 280, Counting.TWITTER)
    lengths = [measure(text, Counting.TWITTER) for text in known]
    assert lengths == [counting.length(text, counting.X) for text in known]
    differing = disagreements("twitter", known, lengths)
    replaced = [with_old_emoji(text) for text, *_ in differing]
    assert [measure(text, Counting.TWITTER) for text in replaced] == judged("twitter", replaced)
    assert [row for row in differing if row[1] > row[2]] == []  # the parts of a joined emoji
    assert [row for row in differing if min(abs(row[1] - 280), abs(row[2] - 280)) <= CLOSE] == []


@pytest.mark.clients
@pytest.mark.part(PARTS)
@pytest.mark.parametrize("number", range(PARTS))
def test_bluesky_counts_a_text_as_we_do(number: int) -> None:
    known = part_of(number, 300, Counting.GRAPHEMES)
    lengths = [measure(text, Counting.GRAPHEMES) for text in known]
    assert lengths == [counting.length(text, counting.GRAPHEMES) for text in known]
    assert disagreements("bluesky", known, lengths) == []


@pytest.mark.part(PARTS)
@pytest.mark.parametrize("number", range(PARTS))
@pytest.mark.parametrize(
    ("way", "unit", "limit"),
    [
        (Counting.MASTODON, counting.MASTODON, 500),
        (Counting.BYTES, counting.BYTES, 500),
        (Counting.UTF16, counting.UTF16, 2196),
    ],
)
def test_two_implementations_agree(way: Counting, unit: str, limit: int, number: int) -> None:
    differing = [
        (text, measure(text, way), counting.length(text, unit))
        for text in part_of(number, limit, way)
        if measure(text, way) != counting.length(text, unit)
    ]
    assert differing == []


BY_DEFAULT = {f"{sign}\ufe0f" for sign in "◽⚓⚡⚫⛅⛔⛪⛽⭐🈚🈯"}
"""Emoji that need no selector and get one from some keyboards; X counts each as one emoji."""


@pytest.mark.clients
def test_the_emoji_are_those_of_unicode() -> None:
    if not EMOJI.exists():
        pytest.skip("emoji-test-regex-pattern is missing: make clients")
    listed = EMOJI.read_text(encoding="utf-8").split("\n")
    assert {emoji for emoji in listed if len(emoji) > 1} == SEQUENCES - BY_DEFAULT
