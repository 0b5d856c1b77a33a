"""The checks and the local Buffer agree on what texts hold, and on the limits of accounts.

As in `test_boundaries`, with all combinations of the parts that a network takes: link, image,
video, thread, content warning and first comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer, Severity
from plancast.model.entry import Address, Entry
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.counting import measure
from plancast.networks.registry import LIMITS, NETWORKS
from plancast.networks.sent_text import content_warning, sent_text
from plancast.providers.buffer_features import CLASSIC, CURRENT
from plancast.providers.buffer_graphql import build_input
from plancast.providers.buffer_v1 import translate
from plancast.sandbox import compose, contents
from plancast.sandbox.graphql import post_input, rules
from plancast.sandbox.graphql.errors import Refused
from plancast.sandbox.settings import DEFAULTS
from plancast.sandbox.v1.errors import ApiError
from plancast.sandbox.v1.php_form import Form, parse
from plancast.sandbox.values import Profile as Channel
from tests.networks.test_boundaries import (
    BOARD,
    IMAGE,
    SERVICES,
    STEPS,
    channel,
    entries,
    of_length,
    profile_of,
)
from tests.networks.vectors import FAMILY

FEATURES = {"v1": CLASSIC, "graphql": CURRENT}


def codes(entry: Entry, profile: Profile, api: str) -> set[str]:
    """Return the codes of the errors that a plan reports of an entry."""
    dated = replace(entry, due_at=datetime(2026, 12, 1, 12, tzinfo=UTC))
    item = Desired(Address("a", profile.service), profile, dated, Pointer("a.yaml"))
    found = check([item], LintContext(Policy(require_alt="off"), LIMITS, FEATURES[api]))
    return {one.code for one in found if one.severity is Severity.ERROR}


def refusal(entry: Entry, profile: Profile, api: str, owner: Channel) -> str:
    """Return the words with which the sandbox refuses an entry; "" if it takes it."""
    try:
        if api == "v1":
            form = Form(parse(translate.create_form(entry, [profile])))
            compose.compose(compose.Submission.from_form(form), owner, DEFAULTS)
        else:
            sent = build_input.create_input(entry, profile)
            rules.check(post_input.read(sent, owner), owner, DEFAULTS)
    except (ApiError, Refused) as error:
        return error.message
    return ""


# -- contents of texts ----


def addresses(number: int) -> str:
    return " ".join(f"https://a.example/{place}" for place in range(number))


def tags(number: int) -> str:
    return " ".join(f"#t{place}" for place in range(number))


Expected = Callable[[Entry, NetworkLimits], set[str]]


def too_many_links(number: int) -> Expected:
    def expected(entry: Entry, limits: NetworkLimits) -> set[str]:
        total = number + (entry.link is not None)
        return {"PC521"} if limits.links is not None and total > limits.links else set()

    return expected


def too_many_hashtags(number: int) -> Expected:
    def expected(entry: Entry, limits: NetworkLimits) -> set[str]:
        total = number + entry.first_comment.count("#")
        return {"PC522"} if limits.hashtags is not None and total > limits.hashtags else set()

    return expected


def always(code: str) -> Expected:
    return lambda _entry, _limits: {code}


def refused_sign(sign: str) -> Expected:
    return lambda _entry, limits: {"PC523"} if sign in limits.refused else set()


CONTENTS: Mapping[str, tuple[str, Expected]] = {
    **{f"{n} links": (addresses(n), too_many_links(n)) for n in range(3, 8)},
    **{f"{n} hashtags": (tags(n), too_many_hashtags(n)) for n in (4, 5, 6, 28, 29, 30, 31)},
    "a byte order mark": ("a\ufeffb", refused_sign("\ufeff")),
    "no character": ("a\uffffb", refused_sign("\uffff")),
    "a null": ("a\0b", always("PC524")),
    "a bell": ("a\x07b", always("PC524")),
    "a tab": ("a\tb", lambda _entry, _limits: set()),
}


def with_tagged_comment(entry: Entry) -> Iterator[Entry]:
    yield entry
    if entry.first_comment:
        yield replace(entry, first_comment="#one and #two")


@pytest.mark.part(3)
@pytest.mark.parametrize("api", FEATURES)
@pytest.mark.parametrize("service", SERVICES)
def test_both_refuse_the_same_contents(service: str, api: str) -> None:
    profile, limits = profile_of(service), LIMITS[service]
    owner, wrong = channel(profile), []
    for entry in entries(service, FEATURES[api]):
        for base in with_tagged_comment(entry):
            for case, (text, expected) in CONTENTS.items():
                changed = replace(base, text=text)
                found, said = codes(changed, profile, api), refusal(changed, profile, api, owner)
                if found != expected(changed, limits) or bool(found) != bool(said):
                    wrong.append((case, found, said, changed))
    assert not wrong


@pytest.mark.parametrize("api", FEATURES)
@pytest.mark.parametrize("service", SERVICES)
def test_both_refuse_what_shows_nothing(service: str, api: str) -> None:
    """An address that ends the text makes up for it, and images if the API sends them."""
    profile, seen = profile_of(service), set()
    owner = channel(profile)
    for entry in entries(service, FEATURES[api]):
        changed = replace(entry, text="\u200b")
        found, said = codes(changed, profile, api), refusal(changed, profile, api, owner)
        assert bool(found) is bool(said), (found, said, changed)
        assert found <= {"PC525"}
        seen |= found
    if service in {"bluesky", "mastodon", "facebook", "linkedin"}:
        assert seen


@pytest.mark.parametrize("step", STEPS)
def test_the_title_of_photos_fails_only_at_the_network(step: int) -> None:
    """Buffer takes it, and the post fails when it goes out: so the check has to come before."""
    title = "w" * (LIMITS["tiktok"].photo_title or 0)
    entry = Entry("A.", images=(IMAGE,), metadata=(("title", title[1:] + "w" * (step + 1)),))
    profile = profile_of("tiktok")
    assert bool(codes(entry, profile, "graphql")) is (step > 0)
    owner = channel(profile)
    assert refusal(entry, profile, "graphql", owner) == ""
    piece = post_input.read(build_input.create_input(entry, profile), owner)
    extras = {"metadata": piece.metadata, "assets": piece.assets}
    assert bool(contents.refused_at_the_network("tiktok", extras)) is (step > 0)


# -- limits of accounts ----


@dataclass(frozen=True, slots=True)
class Account:
    """An account with a limit of its own, as plancast and as the sandbox know it."""

    service: str
    limit: int
    extras: Mapping[str, Any]


ACCOUNTS = {
    "a small server": Account("mastodon", 140, {"max_characters": 140}),
    "a large server": Account("mastodon", 2000, {"max_characters": 2000}),
    "a subscription": Account("twitter", 25_000, {"subscription_type": "Premium"}),
    "no subscription": Account("twitter", 280, {"subscription_type": "none"}),
}


@pytest.mark.part(4)
@pytest.mark.parametrize("api", FEATURES)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_both_refuse_at_the_limit_of_an_account(account: str, api: str) -> None:
    own = ACCOUNTS[account]
    profile = replace(profile_of(own.service), text_limit=own.limit)
    owner = replace(channel(profile), extras=own.extras)
    limits, features = LIMITS[own.service], FEATURES[api]

    def length(entry: Entry) -> int:
        text = sent_text(entry, own.service, limits, features.link_cards)
        return measure(text, limits.counting, content_warning(entry, limits))

    compared = 0
    for entry in entries(own.service, features):
        for sign in ("w", "\u65e5", FAMILY, "https://example.com/a/long/address "):
            for step in STEPS:
                changed = of_length(own.limit + step, sign, partial(_with_text, entry), length)
                found = codes(changed, profile, api)
                said = refusal(changed, profile, api, owner)
                assert found == ({"PC501"} if step > 0 else set()), changed
                assert bool(said) is (step > 0), (said, changed)
                compared += 1
    assert compared


def _with_text(entry: Entry, text: str) -> Entry:
    return replace(entry, text=text)


def test_no_network_is_left_out() -> None:
    """Google+ is gone; the sandbox knows it from recordings of the old API alone."""
    limitless = {name for name, one in NETWORKS.items() if one.text.longest is None}
    assert {*SERVICES, "google", *limitless} == set(NETWORKS)
    assert limitless == {"substack"}, "no limit of its notes is published"
    assert BOARD in profile_of("pinterest").boards
