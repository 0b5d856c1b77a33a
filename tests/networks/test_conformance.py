"""The vectors that X publishes for counting are the referee: twitter-text's conformance files.

They are not part of the repository. If their folder does not stand beside it, these tests are
skipped; `test_weighted_length.py` holds the same facts in small.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from plancast.model.unicode_nfc import compose
from plancast.networks.top_level_domains import TOP_LEVEL_DOMAINS
from plancast.networks.web_addresses import find_addresses
from plancast.networks.weighted_length import weighted_length

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "twitter-text"
BEFORE_EMOJI = {
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
}
"""Vectors of configuration 2, which counts the parts of an emoji one by one."""

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the conformance files of twitter-text are not beside the repository",
)


def vectors(file: str, *groups: str) -> list[dict[str, Any]]:
    """All vectors of some groups of a file; without groups, of all."""
    tests = yaml.load((FOLDER / file).read_text(encoding="utf-8"), yaml.CSafeLoader)["tests"]
    return [vector for group in groups or tests for vector in tests[group]]


def addresses(text: str) -> list[str]:
    text = compose(text)
    return [text[start:end] for start, end in find_addresses(text)]


def test_texts_weigh_what_x_says() -> None:
    known = vectors(
        "validate.yml",
        "WeightedTweetsCounterTest",
        "WeightedTweetsWithDiscountedEmojiCounterTest",
        "UnicodeDirectionalMarkerCounterTest",
    )
    differing = [
        (vector["description"], weighted_length(vector["text"]))
        for vector in known
        if weighted_length(vector["text"]) != vector["expected"]["weightedLength"]
    ]
    assert len(known) > 40
    assert {description for description, _ in differing} == BEFORE_EMOJI
    assert len(differing) == len(BEFORE_EMOJI)  # their twins of configuration 3 agree


def test_addresses_are_those_that_x_extracts() -> None:
    known = vectors("extract.yml", "urls")
    assert len(known) > 90
    wrong = [vector for vector in known if addresses(vector["text"]) != vector["expected"]]
    assert wrong == []


@pytest.mark.parametrize(
    "group", ["urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params"]
)
def test_addresses_stand_where_x_finds_them(group: str) -> None:
    known = vectors("extract.yml", group)
    assert known
    for vector in known:
        expected = vector["expected"]
        if expected and isinstance(expected[0], dict):
            spans = [list(span) for span in find_addresses(vector["text"])]
            assert spans == [address["indices"] for address in expected], vector["description"]
        else:
            assert addresses(vector["text"]) == expected, vector["description"]


def test_addresses_with_a_scheme_are_those_that_x_links() -> None:
    """A link says in its `href` what was found. These vectors link nothing without a scheme."""
    known = vectors("autolink.yml", "urls")
    assert len(known) > 50
    href = re.compile(r'<a href="([^"]*)"')
    for vector in known:
        linked = [link.replace("&amp;", "&") for link in href.findall(vector["expected"])]
        found = [address for address in addresses(vector["text"]) if "://" in address]
        assert found == linked, vector["description"]


def test_domains_are_those_that_x_knows() -> None:
    known = vectors("tlds.yml")
    names = {vector["text"].rpartition(".")[2] for vector in known}
    assert names == TOP_LEVEL_DOMAINS
    assert [vector for vector in known if addresses(vector["text"]) != vector["expected"]] == []
