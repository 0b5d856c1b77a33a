"""The checks and the local Buffer agree on each length at which a network begins to refuse.

For each network, with all combinations of the parts that it takes, a text is made as long as its
limit, one unit shorter and one longer, of signs that are counted differently. The requests are
those of the providers, and the sandbox counts by code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from plancast.commands._shared.checked_posts import ask
from plancast.content.loader import load
from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer, Severity
from plancast.model.entry import Address, Entry, Image, Link, Setting, ThreadItem, Video
from plancast.model.features import Features
from plancast.model.limits import Counting, NetworkLimits
from plancast.model.ports import Rejected
from plancast.model.profile import Board, Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.counting import measure, measure_in_full
from plancast.networks.registry import LIMITS, NETWORKS
from plancast.networks.sent_text import content_warning, sent_text
from plancast.providers.buffer_features import CLASSIC, CURRENT, WITHOUT_CARDS
from plancast.providers.buffer_graphql import build_input
from plancast.providers.buffer_v1 import translate
from plancast.sandbox import compose
from plancast.sandbox.graphql import post_input, rules
from plancast.sandbox.graphql.errors import Refused
from plancast.sandbox.settings import DEFAULTS
from plancast.sandbox.v1.errors import ApiError
from plancast.sandbox.v1.php_form import Form, parse
from plancast.sandbox.values import Profile as Channel
from tests.networks.vectors import FAMILY
from tests.providers.provider_setup import PROVIDER_SETUPS

LAUNCH = "https://example.com/launch"
IMAGE = Image("https://example.com/a.png", "A stage")
FILM = Video("https://example.com/a.mp4")
BOARD = Board("7701", "Ideas")
NEEDED: dict[str, tuple[Setting, ...]] = {
    "pinterest": (("board", "Ideas"), ("title", "A stage")),
    "youtube": (("category", "22"), ("title", "A stage")),
}
MEDIA: dict[str, dict[str, Any]] = {
    "instagram": {"images": (IMAGE,)},
    "pinterest": {"images": (IMAGE,)},
    "tiktok": {"images": (IMAGE,)},
    "youtube": {"video": FILM},
}
PARTS: dict[str, dict[str, Any]] = {
    "link": {"link": Link(LAUNCH)},
    "image": {"images": (IMAGE,)},
    "video": {"video": FILM, "images": ()},
    "thread": {"thread": (ThreadItem("Two."),)},
    "warning": {"metadata": (("spoiler_text", "A warning: \U0001f680 https://example.com/a"),)},
    "comment": {"first_comment": "First."},
}
SIGNS = ("w", "\u00e9", "\u65e5", "\U0001f680", FAMILY, "https://example.com/a/long/address ")
SIGNS_OF_MENTIONS = ("@alice@mastodon.example ", "example.com ", "\u2019")
STEPS = (-1, 0, 1)
SERVICES = sorted(
    name for name, one in NETWORKS.items() if name != "google" and one.text.longest is not None
)
"""Networks of the current API with a limit of texts."""


@dataclass(frozen=True, slots=True)
class Api:
    """One of Buffer's APIs: what it can carry, and whether the sandbox takes an entry over it."""

    features: Features
    takes: Callable[[Entry, Profile], bool]


def channel(profile: Profile) -> Channel:
    boards = [{"name": BOARD.name, "serviceId": BOARD.id}]
    known = (profile.id, "u", 0, profile.service, "profile", "7", "acme", "@acme", "UTC", (), 0)
    return Channel(*known, extras={"boards": boards})


def old_api_takes(entry: Entry, profile: Profile) -> bool:
    form = Form(parse(translate.create_form(entry, [profile])))
    try:
        compose.compose(compose.Submission.from_form(form), channel(profile), DEFAULTS)
    except ApiError as refusal:
        return _other_than_length(refusal.message)
    return True


def current_api_takes(entry: Entry, profile: Profile) -> bool:
    sent, owner = build_input.create_input(entry, profile), channel(profile)
    try:
        rules.check(post_input.read(sent, owner), owner, DEFAULTS)
    except Refused as refusal:
        return _other_than_length(refusal.message)
    return True


def _other_than_length(message: str) -> bool:
    """Return False for a refusal of a length. Raises AssertionError for any other."""
    if "too long" not in message:
        raise AssertionError(message)
    return False


APIS = {"v1": Api(CLASSIC, old_api_takes), "graphql": Api(CURRENT, current_api_takes)}


def profile_of(service: str) -> Profile:
    return Profile("p", service, boards=(BOARD,) if service == "pinterest" else ())


def errors(entry: Entry, service: str, features: Features) -> list[str]:
    """The codes of the errors that `validate` reports of an entry."""
    dated = replace(entry, due_at=datetime(2026, 12, 1, 12, tzinfo=UTC))
    item = Desired(Address("a", service), profile_of(service), dated, Pointer("a.yaml"))
    found = check([item], LintContext(Policy(require_alt="off"), LIMITS, features))
    return [one.code for one in found if one.severity is Severity.ERROR]


def entries(service: str, features: Features) -> Iterator[Entry]:
    """Entries of all combinations of parts that the network takes over an API."""
    basis = Entry("One.", metadata=NEEDED.get(service, ()), **MEDIA.get(service, {}))
    for number in range(len(PARTS) + 1):
        for names in combinations(PARTS, number):
            entry = basis
            for name in names:
                entry = replace(entry, **PARTS[name])
            if "warning" in names and not LIMITS[service].warning:
                continue
            if not errors(entry, service, features):
                yield entry


Change = Callable[[str], Entry]
Length = Callable[[Entry], int]


def places(entry: Entry, service: str, features: Features) -> Iterator[tuple[Change, Length, int]]:
    """Each text of an entry: how to set it, how to measure it, and its limit."""
    limits = LIMITS[service]

    def text_of(changed: Entry) -> str:
        return sent_text(changed, service, limits, features.link_cards)

    longest = limits.text_with_video if entry.video and limits.text_with_video else limits.text
    assert longest is not None
    yield (
        lambda text: replace(entry, text=text),
        lambda one: measure(text_of(one), limits.counting, content_warning(one, limits)),
        longest,
    )
    if entry.thread:
        yield (
            lambda text: replace(entry, thread=(ThreadItem(text),)),
            lambda one: measure(one.thread[0].text.strip(), limits.counting),
            longest,
        )
    if entry.first_comment and limits.first_comment:
        yield (
            lambda text: replace(entry, first_comment=text),
            lambda one: measure(one.first_comment.strip(), limits.counting),
            limits.first_comment,
        )
    # The old API leaves out the images beside a card, so their texts are not sent.
    carded = entry.link and features is CLASSIC and service not in WITHOUT_CARDS
    if entry.images and limits.alt_text and not carded:
        yield (
            lambda text: replace(entry, images=(replace(entry.images[0], alt=text),)),
            lambda one: measure_in_full(one.images[0].alt or "", _alt(limits)),
            limits.alt_text,
        )
    if limits.title and "title" in dict(entry.metadata):
        others = tuple(pair for pair in entry.metadata if pair[0] != "title")
        yield (
            lambda text: replace(entry, metadata=(*others, ("title", text.strip()))),
            lambda one: measure(str(dict(one.metadata)["title"]), limits.counting),
            limits.title,
        )


def _alt(limits: NetworkLimits) -> Counting:
    return limits.alt_counting or limits.counting


def of_length(target: int, sign: str, change: Change, length: Length) -> Entry:
    """Set a text of `target` units: some of a sign, and letters before it to fill it up."""
    # No file has a text that ends with a blank.
    tail = (sign * (5 if target > 250 else 2)).rstrip()
    fill = target - length(change(f"w {tail}")) + 1
    changed = change(f"{'w' * fill} {tail}")
    assert length(changed) == target
    return changed


@pytest.mark.part(3)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("service", SERVICES)
def test_both_refuse_at_the_same_length(service: str, api: str) -> None:
    features, takes = APIS[api].features, APIS[api].takes
    compared = 0
    for entry in entries(service, features):
        for change, length, limit in places(entry, service, features):
            for sign in (*SIGNS, *SIGNS_OF_MENTIONS):
                for step in STEPS:
                    changed = of_length(limit + step, sign, change, length)
                    found = errors(changed, service, features)
                    assert bool(found) is (step > 0), (found, changed)
                    assert takes(changed, profile_of(service)) is (step <= 0), changed
                    compared += 1
    # The old API has no videos, which YouTube needs, and no settings, so no boards.
    assert compared or (api == "v1" and service in {"youtube", "pinterest"})


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("part", [{}, PARTS["image"], PARTS["link"]], ids=["", "image", "link"])
@pytest.mark.parametrize("step", STEPS)
def test_both_refuse_at_the_same_number_of_bytes(api: str, part: dict[str, Any], step: int) -> None:
    features = APIS[api].features
    entry = replace(Entry(), **part)

    def size(one: Entry) -> int:
        text = sent_text(one, "bluesky", LIMITS["bluesky"], features.link_cards)
        return measure(text, Counting.BYTES)

    changed = of_length(3000 + step, FAMILY * 23, lambda text: replace(entry, text=text), size)
    assert bool(errors(changed, "bluesky", features)) is (step > 0)
    assert APIS[api].takes(changed, profile_of("bluesky")) is (step <= 0)


# -- through the whole of it ----

WORKSPACE = """
version: 1
provider: {name: sandbox, api: API}
profiles:
  twitter: {service: twitter}
  linkedin: {service: linkedin}
  mastodon: {service: mastodon}
"""
POST = """
profiles: [twitter, linkedin, mastodon]
schedule: 2030-12-01T10:00:00Z
text: A text that no network gets.
link: {link}
variants:
  twitter: {{text: "{twitter}"}}
  linkedin: {{text: "{linkedin}"}}
  mastodon: {{text: "{mastodon}"}}
"""


@pytest.mark.parametrize(("setup", "api"), [("mounted", "v1"), ("graphql", "graphql")])
@pytest.mark.parametrize("step", STEPS)
def test_what_the_files_may_hold_the_provider_takes(
    tmp_path: Path, setup: str, api: str, step: int
) -> None:
    """A link and variants in files, checked as `validate` does and sent as `apply` does."""
    room = {"twitter": 280 - 24, "linkedin": 3000, "mastodon": 500 - 24}
    texts = {service: "w" * (size + step) for service, size in room.items()}
    (tmp_path / "plancast.yaml").write_text(WORKSPACE.replace("API", api), encoding="utf-8")
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "a.yaml").write_text(POST.format(link=LAUNCH, **texts), encoding="utf-8")
    loaded = load(tmp_path)
    world = tmp_path / "sandbox"
    world.mkdir()
    with PROVIDER_SETUPS[setup](world) as (connected, _):
        provider = connected.provider
        profiles = {profile.service: profile for profile in provider.profiles()}
        asked = ask(loaded, profiles, features=provider.capabilities.features)
        refused = [one.code for one in asked.diagnostics if one.severity is Severity.ERROR]
        assert refused == (["PC501"] * 3 if step > 0 else [])
        assert len(asked.desired) == 3
        for item in asked.desired:
            if step > 0:
                with pytest.raises(Rejected, match="too long"):
                    provider.create(item.entry, [item.profile])
            else:
                (live,) = provider.create(item.entry, [item.profile])
                assert live.entry.text == provider.expected(item.entry, item.profile).text
