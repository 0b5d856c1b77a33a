"""The local Buffer counts by code of its own, and comes to what plancast comes to."""

from __future__ import annotations

import pytest

from plancast.networks.emoji_sequences import SEQUENCES
from plancast.networks.top_level_domains import TOP_LEVEL_DOMAINS
from plancast.sandbox import counting
from plancast.sandbox.measured import overlong, overlong_alt_text
from plancast.sandbox.services import SERVICES
from plancast.sandbox.settings import DEFAULTS, Counting, changed
from tests.networks import vectors
from tests.sandbox.graphql_client import GraphqlClient
from tests.sandbox.sandbox_client import TWITTER, SandboxClient, ok, refusal

FLAT = changed(DEFAULTS, "counting", "utf16")
FULL = "w" * 256 + " https://github.com/nodejs/build"
"""280 for X, 288 in UTF-16."""


@pytest.mark.parametrize("service", vectors.ALL)
def test_a_text_is_as_long_as_its_network_says(service: str) -> None:
    unit = SERVICES[service].unit
    wrong = {
        text: (length, counting.length(text, unit))
        for text, length in vectors.ALL[service]
        if counting.length(text, unit) != length
    }
    assert wrong == {}


def test_the_lists_of_names_are_complete() -> None:
    assert set(counting.names()) == TOP_LEVEL_DOMAINS
    assert set(counting.emoji_sequences()) == SEQUENCES


def test_an_address_is_shortened_in_texts_alone() -> None:
    address = "https://example.com/" + "a" * 300
    assert counting.length(address, counting.X) == counting.length(address, counting.MASTODON) == 23
    assert counting.plain_length(address, counting.X) == 320
    assert counting.plain_length(f"{vectors.FAMILY}\u65e5", counting.X) == 4
    assert counting.plain_length("e\u0301", counting.POINTS) == 2


def test_a_warning_counts_on_mastodon_and_bytes_on_bluesky() -> None:
    mastodon, bluesky = SERVICES["mastodon"], SERVICES["bluesky"]
    assert list(overlong("w" * 490, 500, mastodon, DEFAULTS, "v" * 30)) == ["520 of 500 characters"]
    assert list(overlong("w" * 490, 500, mastodon, FLAT, "v" * 30)) == []
    families = vectors.FAMILY * 121
    assert list(overlong(families, 300, bluesky, DEFAULTS)) == ["3025 of 3000 bytes"]
    assert list(overlong_alt_text("x" * 1501, mastodon, DEFAULTS)) == ["1501 of 1500 characters"]
    assert list(overlong_alt_text("x" * 9999, SERVICES["facebook"], DEFAULTS)) == []


@pytest.mark.parametrize("unit", list(Counting))
def test_both_apis_count_in_the_unit_of_the_settings(unit: Counting) -> None:
    old, new = SandboxClient(counting=unit.value), GraphqlClient(counting=unit.value)
    answer = old.post("updates/create.json", profile_ids=[TWITTER], text=FULL, shorten="false")
    fits = unit is Counting.NETWORK
    assert (new.create(text=FULL)["__typename"] == "PostActionSuccess") is fits
    if fits:
        ok(answer)
    else:
        assert refusal(answer) == (400, 1004)


def test_a_link_is_appended_unless_the_text_has_it_among_its_addresses() -> None:
    link = "https://acme.example/launch"
    sandbox = SandboxClient()
    near = sandbox.one(text=f"{link}-party", media={"link": link})
    assert near["text"] == f"{link}-party {link}"
    assert sandbox.one(text=f"({link}).", media={"link": link})["text"] == f"({link})."
