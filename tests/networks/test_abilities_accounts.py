"""Accounts whose abilities differ from their network: short links, and longer texts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Severity
from plancast.model.entry import ThreadItem
from plancast.model.profile import Profile
from plancast.networks.registry import LIMITS
from plancast.providers.buffer_features import CURRENT
from tests.networks.test_abilities import QUIET, codes, messages, wanted

LINKED = "See https://a.example"
SHORTENS = {
    "by no channel": ("", False, LINKED, []),
    "by a channel, where the post wants it": ("buff.ly", True, LINKED, []),
    "by a channel, whatever the post wants": (
        "buff.ly", False, LINKED, ["PC512 text: acme: links become buff.ly links"],
    ),
    "by a channel that does not tell its domain": (
        "yes", False, LINKED, ["PC512 text: acme: links become short ones"],
    ),
    "where there are no links": ("buff.ly", False, "None.", []),
    "by no channel, where the post wants it": (
        "", True, LINKED, ["PC512 shorten: `shorten` has no effect: the channel does not shorten"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHORTENS)
def test_links_are_shortened_by_the_channel(case: str) -> None:
    domain, shorten, text, expected = SHORTENS[case]
    profile = Profile("p", "twitter", username="acme", shortens=domain)
    item = wanted("twitter", profile=profile, text=text, shorten=shorten)
    assert messages(item) == expected
    assert messages(item, replace(CURRENT, shorten=True)) == []
    assert all(
        one.severity is Severity.WARNING
        for one in check([item], LintContext(QUIET, LIMITS, CURRENT))
    )


def test_links_in_parts_of_a_thread_are_shortened_as_well() -> None:
    profile = Profile("p", "twitter", username="acme", shortens="buff.ly")
    thread = (ThreadItem("Two."), ThreadItem(LINKED))
    item = wanted("twitter", profile=profile, thread=thread)
    assert messages(item) == ["PC512 thread.1: acme: links become buff.ly links"]


def test_a_profile_that_is_not_known_is_not_said_not_to_shorten() -> None:
    assert messages(wanted("twitter", profile=Profile("", "twitter"), shorten=True)) == []


# -- limits of the account ----


@pytest.mark.parametrize(
    ("service", "limit", "length", "expected"),
    [
        ("mastodon", None, 501, ["PC501"]),
        ("mastodon", 5000, 5000, []),
        ("mastodon", 5000, 5001, ["PC501"]),
        ("tumblr", 10, 10, []),
        ("tumblr", 10, 11, ["PC501"]),
        ("mastodon", 140, 140, []),
        ("mastodon", 140, 141, ["PC501"]),
        ("twitter", 25_000, 25_000, []),
        ("twitter", 25_000, 25_001, ["PC501"]),
    ],
)
def test_the_limit_of_an_account_counts_more_than_that_of_its_network(
    service: str, limit: int | None, length: int, expected: list[str]
) -> None:
    profile = Profile("p", service, text_limit=limit)
    assert codes(wanted(service, profile=profile, text="a" * length)) == expected
    part = (ThreadItem("b" * length),)
    assert codes(wanted(service, profile=profile, thread=part)) == expected
