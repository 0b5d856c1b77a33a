"""Texts and times that the checks accept are taken and published, and no others.

The cases come from the registry of networks, each at the limit, one below and one above it. The
sandbox has figures and rules of its own, so a mistake on either side is a disagreement.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer, has_errors
from plancast.model.entry import Address, Entry, Image, Link, Setting, ThreadItem, Video
from plancast.model.limits import NetworkLimits
from plancast.model.ports import Rejected
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy, ProviderSettings
from plancast.networks.registry import LIMITS, NETWORKS
from plancast.providers import ProviderContext, connect
from plancast.providers.sandbox import open_world
from plancast.sandbox.services import SERVICES
from plancast.sandbox.values import Status
from plancast.testing.fakes import START, FakeClock
from tests.providers.provider_setup import DUE, ProviderSetup

ANY_TWICE = {"duplicates": False, "graphql_duplicates": False}
"""The same picture is in many cases."""

POLICY = Policy(require_alt="off", duplicates="off")
APIS = {"v1": "", "graphql": "graphql"}
PICTURE = Image("https://images.acme.example/a.png", "A stage")
CLIP = Video("https://images.acme.example/a.mp4")
BOARD = {"id": "b1", "name": "Ideas", "serviceId": "901", "url": "https://pinterest.example/w"}
MEDIA: dict[str, dict[str, Any]] = {
    **{name: {"images": (PICTURE,)} for name in ("instagram", "pinterest", "tiktok")},
    "youtube": {"video": CLIP},
}
NEEDED: dict[str, tuple[Setting, ...]] = {
    "pinterest": (("board", "Ideas"),),
    "youtube": (("category", "22"), ("title", "A stage")),
}


@dataclass(frozen=True, slots=True)
class Case:
    """An entry of a network beyond what the network needs. `name` says which rule it is about."""

    name: str
    service: str
    fields: dict[str, Any] = field(hash=False)

    def entry(self, number: int) -> Entry:
        """Return the entry with a time of its own, and a text that no other case has."""
        text = self.fields.get("text", "One.")
        if not text.isspace() and self.name != "blank":
            text = f"{number} {text}"
        basis = {"metadata": NEEDED.get(self.service, ()), **MEDIA.get(self.service, {})}
        due_at = DUE + timedelta(days=2 * number)
        return Entry(**{**basis, **self.fields, "text": text, "due_at": due_at})


def near(most: int | None) -> Iterator[int]:
    """Yield the numbers around a limit; without one, a number that other networks refuse."""
    yield from (most - 1, most, most + 1) if most is not None else (40,)


def addresses(number: int) -> str:
    return " ".join(f"https://a.example/{index}" for index in range(number))


def tags(number: int) -> str:
    return " ".join(f"#t{index}" for index in range(number))


def cases(service: str, limits: NetworkLimits) -> Iterator[Case]:
    """Yield the cases of one network."""
    yield Case("what it needs", service, {})
    for number in near(limits.links) if limits.links else (6,):
        yield Case(f"{number} links", service, {"text": addresses(number)})
        if limits.threads:
            part = (ThreadItem("Two."), ThreadItem(addresses(number)))
            yield Case(f"{number} links in a part", service, {"thread": part})
        card = {"text": addresses(number), "link": Link("https://b.example/")}
        if service not in MEDIA and not limits.link_in_text:
            yield Case(f"{number} links and a card", service, card)
    for number in near(limits.hashtags):
        yield Case(f"{number} hashtags", service, {"text": tags(number)})
        if limits.first_comment is not None:
            split = {"text": tags(number - 3), "first_comment": tags(3)}
            yield Case(f"{number} hashtags with the comment", service, split)
    for sign in "\ufeff\ufffe\uffff\u202a\0\x07\x1b\x7f\x85\x9f\t\n\u200b":
        name = f"U+{ord(sign):04X}"
        yield Case(name, service, {"text": f"One{sign}Two"})
        if limits.threads:
            part = (ThreadItem("Two."), ThreadItem(f"Three{sign}Four"))
            yield Case(f"{name} in a part", service, {"thread": part})
    yield Case("in a comment", service, {"first_comment": "One\x07"})
    yield Case("in an alternative text", service, {"images": (replace(PICTURE, alt="A\x07b"),)})
    for text in ("\u200b", "\u2060\u3164", "\u2800") if not limits.needs_text else ():
        # Texts differ, since Buffer refuses a repetition.
        yield Case("blank", service, {"text": text})
        if service not in MEDIA and limits.images:
            yield Case("blank", service, {"text": text * 2, "images": (PICTURE,)})
        if limits.threads:
            yield Case(f"a part of {len(text)} blanks", service, {"thread": (ThreadItem(text),)})
    if any(setting.name == "title" for setting in NETWORKS[service].settings):
        for number in near(limits.photo_title or limits.title):
            title = tuple(sorted({**dict(NEEDED.get(service, ())), "title": "x" * number}.items()))
            yield Case(f"a title of {number}", service, {"metadata": title})


@contextmanager
def opened(folder: Path, api: str, **extras: Any) -> Iterator[ProviderSetup]:
    """A provider over a sandbox with one profile for each network."""
    profiles = [
        {
            "id": f"5f0c1e2d3b4a5968776655{number:02}",
            "service": service,
            "service_id": str(number),
            "service_username": "acme",
            "shortens": False,
            "extras": {"boards": [BOARD]} if service == "pinterest" else extras.get(service, {}),
        }
        for number, service in enumerate(SERVICES)
    ]
    options = {"clock": START.isoformat(), "api": api or "v1"}
    with open_world(folder, options) as world:
        world.reset({"clock": START.isoformat(), "profiles": profiles, "switches": ANY_TWICE})
        connected = connect(
            ProviderContext(
                settings=ProviderSettings("sandbox", options),
                workspace_root=str(folder),
                environ={},
                clock=FakeClock(),
                pacing_dir=str(folder / "pacing"),
                notify=lambda _seconds, _reason: None,
            )
        )
        yield ProviderSetup(connected.provider, connected.clock, world)
        connected.close()


def context_of(setup: ProviderSetup) -> LintContext:
    return LintContext(POLICY, LIMITS, setup.provider.capabilities.features)


def accepted(setup: ProviderSetup, entries: list[Entry], profile: Profile) -> bool:
    """Return whether plancast finds no error in entries of a profile."""
    desired = [
        Desired(Address(f"p{n}", "one"), profile, entry, Pointer("p.yaml"))
        for n, entry in enumerate(entries)
    ]
    return not has_errors(check(desired, context_of(setup)))


def taken(setup: ProviderSetup, entry: Entry, profile: Profile) -> str:
    """Return the id of what Buffer made of an entry, "" if it refused it."""
    try:
        (live,) = setup.provider.create(entry, (profile,))
    except Rejected:
        return ""
    return live.id


@pytest.mark.parametrize("api", APIS)
def test_what_is_accepted_is_published_and_nothing_else(tmp_path: Path, api: str) -> None:
    wrong: list[str] = []
    counts = {True: 0, False: 0}
    expected: dict[str, tuple[str, bool]] = {}
    with opened(tmp_path, APIS[api]) as setup:
        profiles = {profile.service: profile for profile in setup.provider.profiles()}
        for service in sorted(profiles.keys() & LIMITS.keys()):
            profile = profiles[service]
            bare = accepted(setup, [Case("", service, {}).entry(0)], profile)
            # An API that cannot carry what the network needs is judged elsewhere.
            for number, case in enumerate(cases(service, LIMITS[service]) if bare else ()):
                entry = case.entry(number)
                if carried(entry, setup):
                    valid = accepted(setup, [entry], profile)
                    counts[valid] += 1
                    made = taken(setup, entry, profile)
                    name = f"{service}: {case.name}, {number}"
                    expected[made or name] = (name, valid)
        setup.world.advance(timedelta(days=400).total_seconds())
        sent = {item.id for item in setup.world.snapshot() if item.status is Status.SENT}
        wrong = [name for id_, (name, valid) in expected.items() if valid is not (id_ in sent)]
    assert wrong == []
    assert counts[True] > 100, counts
    assert counts[False] > 60, counts


def carried(entry: Entry, setup: ProviderSetup) -> bool:
    """Return whether the API can carry the parts of an entry, whatever stands in them."""
    features = setup.provider.capabilities.features
    return not (
        (entry.thread and not features.threads)
        or (entry.first_comment and not features.first_comment)
        or (entry.metadata and not features.metadata)
    )


CAPPED = sorted(name for name, limits in LIMITS.items() if limits.posts_a_day)


@pytest.mark.parametrize("service", CAPPED)
@pytest.mark.parametrize("api", APIS)
def test_as_many_posts_as_are_accepted_are_taken_in_24_hours(
    tmp_path: Path, api: str, service: str
) -> None:
    most = LIMITS[service].posts_a_day
    assert most is not None
    with opened(tmp_path, APIS[api]) as setup:
        profiles = {profile.service: profile for profile in setup.provider.profiles()}
        profile, case = profiles[service], Case("", service, {})
        step = timedelta(hours=24) / most
        times = [DUE + step * index for index in range(most)]
        made = [replace(case.entry(n), due_at=due_at) for n, due_at in enumerate(times)]
        assert accepted(setup, made, profile)
        assert all(taken(setup, entry, profile) for entry in made)
        # The first 24 hours are full to their last second, and open again after it.
        for seconds, free in ((-1, False), (0, True), (1, False)):
            due_at = DUE + timedelta(hours=24, seconds=seconds)
            more = replace(case.entry(99 + seconds), due_at=due_at)
            assert accepted(setup, [*made, more], profile) is free, seconds
            assert bool(taken(setup, more, profile)) is free, seconds
            made.extend([more] if free else [])


OWN: dict[str, list[tuple[dict[str, Any], int]]] = {
    "mastodon": [({"max_characters": 2000}, 2000), ({"max_characters": 140}, 140)],
    "twitter": [({"subscription_type": "Premium"}, 25_000), ({"subscription_type": "none"}, 280)],
}


@pytest.mark.parametrize(
    ("service", "extras", "limit"),
    [(service, *row) for service, rows in OWN.items() for row in rows],
)
def test_the_limit_of_an_account_is_the_same_on_both_sides(
    tmp_path: Path, service: str, extras: dict[str, Any], limit: int
) -> None:
    with opened(tmp_path, "graphql", **{service: extras}) as setup:
        (profile,) = setup.on(service)
        for length in near(limit):
            entry = Entry("a" * length, DUE + timedelta(hours=length))
            valid = accepted(setup, [entry], profile)
            assert valid is (length <= limit)
            assert bool(taken(setup, entry, profile)) is valid
