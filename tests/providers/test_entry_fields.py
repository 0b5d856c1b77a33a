"""Every field that a provider has the feature for reaches the queue and is read back from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer, Severity
from plancast.model.entry import Address, Entry, Image, Link, LiveEntry, Stage, ThreadItem, Video
from plancast.model.entry_fields import ENTRY_FIELDS, FIELD, Kind, unlisted
from plancast.model.ports import Rejected
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.registry import LIMITS
from plancast.providers.buffer_graphql import build_input, wire_networks
from plancast.reconcile.compare import as_asked, live_diffs
from tests.providers.provider_setup import (
    DUE,
    OTHER,
    PICTURE,
    PROVIDER_SETUPS,
    URL,
    ProviderSetup,
    agrees,
)

BASE = Entry("Base words.", DUE)
VALUES: dict[Kind, Any] = {
    Kind.TEXT: "Other words.",
    Kind.MOMENT: DUE.replace(hour=1),
    Kind.WORD: Stage.DRAFT,
    Kind.LINK: Link(URL, "Title"),
    Kind.IMAGES: (Image(PICTURE, "Words"),),
    Kind.VIDEO: Video("https://acme.example/a.mp4"),
    Kind.THREAD: (ThreadItem("Second.", (Image(OTHER),)),),
    Kind.SETTINGS: (("spoiler_text", "Careful."),),
    Kind.NAMES: ("one", "two"),
}


NETWORK = {"metadata": "mastodon"}
"""The network that a value is about, if it is about one."""


@pytest.fixture(params=["mounted", "graphql"])
def provider_setup(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProviderSetup]:
    with ExitStack() as stack:
        connected, world = stack.enter_context(PROVIDER_SETUPS[request.param](tmp_path))
        stack.callback(connected.close)
        yield ProviderSetup(connected.provider, connected.clock, world)


def kept(provider_setup: ProviderSetup, asked: Entry, name: str) -> list[Profile]:
    """Return the profiles on which a field is expected to read back at all."""
    expected = provider_setup.provider.expected
    return [
        profile
        for profile in provider_setup.provider.profiles()
        if getattr(expected(asked, profile), name) != getattr(expected(BASE, profile), name)
        and profile.service == NETWORK.get(name, profile.service)
    ]


def created(
    provider_setup: ProviderSetup, base: Entry, name: str
) -> tuple[Entry, Profile, LiveEntry]:
    """Return an entry with the field, the first profile that takes it, and what its queue shows."""
    refusals = []
    asked = replace(base, **{name: VALUES[FIELD[name].kind]})
    pictured = replace(asked, images=asked.images or (Image(PICTURE),))
    # Some networks take no post without a picture.
    for tried in (asked, pictured):
        for profile in kept(provider_setup, tried, name):
            try:
                provider_setup.provider.create(tried, [profile])
            except Rejected as refusal:
                refusals.append(f"{profile.service}: {refusal}")
                continue
            (live,) = provider_setup.queue(profile)
            return tried, profile, live
    raise AssertionError(f"no network takes Entry.{name} from the provider: {refusals}")


every_field = pytest.mark.parametrize("name", [item.name for item in fields(Entry)])


def is_carried(provider_setup: ProviderSetup, name: str) -> bool:
    """Return whether a provider has the field and shows it; else it never comes here, or unseen."""
    assert name in FIELD, unlisted(Entry, ENTRY_FIELDS)
    feature = FIELD[name].feature
    has_it = not feature or getattr(provider_setup.provider.capabilities.features, feature)
    return bool(has_it) and FIELD[name].compared.is_read_back


@every_field
def test_a_field_is_sent_and_read_back(provider_setup: ProviderSetup, name: str) -> None:
    if not is_carried(provider_setup, name):
        return
    provider = type(provider_setup.provider).__module__.rpartition(".")[0].replace(".", "/")
    asked = replace(BASE, **{name: VALUES[FIELD[name].kind]})
    assert kept(provider_setup, asked, name), (
        f"`expected` of {provider} loses Entry.{name} on every network"
    )
    asked, profile, live = created(provider_setup, BASE, name)
    seen = getattr(as_asked(live.entry, asked, live.due_at), name)
    assert seen != getattr(BASE, name), f"{provider} does not send or does not read Entry.{name}"
    assert live_diffs(asked, provider_setup.provider.expected(asked, profile), live) == ()
    agrees(provider_setup, asked, profile, live)


@every_field
def test_a_field_can_be_taken_away_again(provider_setup: ProviderSetup, name: str) -> None:
    if not is_carried(provider_setup, name):
        return
    asked, profile, live = created(provider_setup, BASE, name)
    without = replace(asked, **{name: getattr(BASE, name)})
    provider_setup.provider.update(live.id, without, live.entry, profile)
    (after,) = provider_setup.queue(profile)
    assert live_diffs(without, provider_setup.provider.expected(without, profile), after) == ()


@pytest.mark.parametrize("service", sorted(wire_networks.ROWS))
@pytest.mark.parametrize("name", [one.name for one in ENTRY_FIELDS if one.compared.is_read_back])
def test_an_edit_names_each_part_that_it_takes_away(name: str, service: str) -> None:
    """An edit may keep what it leaves out (docs/buffer/graphql.md#editing-posts)."""
    owner = Profile("p", service)
    before = replace(BASE, **{name: VALUES[FIELD[name].kind]})
    sent = set(parts(build_input.create_input(before, owner)))
    named = set(parts(build_input.edit_input("u", BASE, before, owner)))
    assert sent - named == set(), (
        f"plancast/providers/buffer_graphql/build_input.py: on {service}, send null for what "
        f"`previous` has of Entry.{name}"
    )


def parts(sent: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the values of an input that are about the content of a post."""
    yield from {"text", "assets"} & {*sent}
    for network, own in sent.get("metadata", {}).items():
        yield from (f"{network}.{key}" for key in own)


@every_field
def test_a_network_keeps_a_field_or_the_post_is_refused(
    provider_setup: ProviderSetup, name: str
) -> None:
    field = FIELD[name]
    if not field.compared.is_read_back:
        return
    features = provider_setup.provider.capabilities.features
    asked = replace(BASE, **{name: VALUES[field.kind]})
    own = NETWORK.get(name)
    lost = []
    for profile in provider_setup.provider.profiles():
        item = Desired(Address("a", "x"), profile, asked, Pointer("a.yaml"))
        found = check([item], LintContext(Policy(), LIMITS, features))
        errors = [one.at for one in found if one.severity is Severity.ERROR]
        keys = {at.path[0] for at in errors if at is not None and at.path}
        expected = provider_setup.provider.expected
        is_dropped = field.feature and not field.lack and not getattr(features, field.feature)
        if is_dropped or field.file_key in keys or own not in (None, profile.service):
            continue
        if expected(asked, profile) == expected(BASE, profile):
            lost.append(profile.service)
    assert lost == [], f"Entry.{name} is lost in silence: refuse it in networks/requirements.py"
