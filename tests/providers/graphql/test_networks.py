"""Each network goes from the wire to the sandbox and back, with all of its settings.

A new network needs no line here. The messages name the step of the recipe in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.model.entry import Entry, Image, Setting, Video
from plancast.model.ports import ProviderError, Rejected
from plancast.networks.base import Network, NetworkSetting, SettingKind
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_graphql.wire_networks import ROWS
from plancast.reconcile.compare import as_asked
from plancast.sandbox.services import GRAPHQL_SERVICES
from tests.providers.graphql.one_channel import queue_of
from tests.providers.provider_setup import DUE, PICTURE, URL

EXAMPLES: dict[SettingKind, str] = {
    SettingKind.TEXT: "words",
    SettingKind.ADDRESS: URL,
    SettingKind.TIME: "2026-12-01T18:00:00+01:00",
    SettingKind.NUMBER: "22",
    SettingKind.POST: "20",
}
WHERE = (
    "plancast/providers/buffer_graphql/wire_networks.py (`fields` and `settings` of the row), "
    "plancast/sandbox/graphql/schema.graphql (the fields of its types)"
)


def example(network: Network, setting: NetworkSetting) -> str | bool:
    """Return a value that is not the one that Buffer takes if none is sent."""
    if setting.kind is SettingKind.FLAG:
        usual = {one.name: one.default for one in ROWS[network.name].settings}
        return not usual.get(setting.name, False)
    return setting.choices[-1] if setting.choices else EXAMPLES[setting.kind]


def with_all_settings(network: Network) -> Entry:
    """Return an entry of the first type of the network, with all settings that go together."""
    first = network.type_of({})
    excluded = {name for one in network.settings for name in one.excludes}
    settings: list[Setting] = [
        (one.name, example(network, one))
        for one in network.settings
        if one.name not in {"type", *excluded} and (not one.only_for or first in one.only_for)
    ]
    pictures = (Image(PICTURE),) if network.images.required else ()
    video = Video("https://acme.example/a.mp4") if network.videos.required else None
    return Entry("Words.", DUE, images=pictures, video=video, metadata=tuple(sorted(settings)))


@pytest.mark.parametrize("name", sorted(GRAPHQL_SERVICES))
def test_an_entry_with_all_settings_of_a_network_reads_back(name: str, tmp_path: Path) -> None:
    asked = with_all_settings(NETWORKS[name])
    with queue_of(name, tmp_path) as (provider, profile):
        try:
            provider.create(asked, [profile])
        except ProviderError as error:
            pytest.fail(f"{name}: {error}; look at {WHERE}")
        (live,) = provider.read([profile]).entries
        expected = as_asked(provider.expected(asked, profile), asked)
    seen = as_asked(live.entry, asked, live.due_at)
    lost = {key for key, _ in asked.metadata} - {key for key, _ in seen.metadata}
    assert lost == set(), f"{name}: look at {WHERE}"
    assert seen == expected, f"{name}: look at {WHERE}"


def missing_parts() -> Iterator[tuple[str, str, Entry]]:
    """Yield each network, what it needs, and an entry that has all but that."""
    for name in sorted(GRAPHQL_SERVICES):
        network = NETWORKS[name]
        whole = with_all_settings(network)
        for setting in network.settings:
            if setting.required:
                rest = tuple(one for one in whole.metadata if one[0] != setting.name)
                yield name, setting.name, replace(whole, metadata=rest)
        if network.images.required or network.videos.required:
            yield name, "media", replace(whole, images=(), video=None)


@pytest.mark.parametrize(
    ("name", "part", "entry"),
    [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in missing_parts()],
)
def test_the_sandbox_refuses_a_post_without_what_its_network_needs(
    name: str, part: str, entry: Entry, tmp_path: Path
) -> None:
    with queue_of(name, tmp_path) as (provider, profile):
        try:
            provider.create(entry, [profile])
        except Rejected:
            return
    pytest.fail(f"plancast/sandbox/graphql/rules.py: refuse a post on {name} without {part}")
