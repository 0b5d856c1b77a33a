"""Settings of networks over the sandbox: created, edited and taken away, they read back as asked.

For each network, posts with settings at random follow each other on one entry, under both readings
of an edit (docs/buffer/graphql.md#editing-posts). After each step there is nothing left to do.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Setting, Video
from plancast.networks.base import Network, NetworkSetting, SettingKind
from plancast.networks.registry import NETWORKS
from plancast.providers.sandbox import open_world
from plancast.reconcile.compare import drift, live_diffs
from plancast.sandbox.services import GRAPHQL_SERVICES
from plancast.sandbox.settings import EditMode
from tests.night import THOROUGH
from tests.providers.graphql.one_channel import queue_of
from tests.providers.provider_setup import DUE, PICTURE, URL

TEXTS = ("One", "Two words", "Ω and more", "7")
POSTS = ("20", "1460323737035677698", "https://x.com/acme/status/20?s=20")
BY_TYPE = {"googlebusiness"}
"""Networks whose settings depend on the type of the post; their own tests cover them."""


VALUES: dict[SettingKind, st.SearchStrategy[str | bool]] = {
    SettingKind.FLAG: st.booleans(),
    SettingKind.NUMBER: st.sampled_from(["22", "1"]),
    SettingKind.ADDRESS: st.just(URL),
    SettingKind.POST: st.sampled_from(POSTS),
    SettingKind.TEXT: st.sampled_from(TEXTS),
}


def values(one: NetworkSetting) -> st.SearchStrategy[str | bool]:
    """Return the values of a setting."""
    if one.name == "board":
        return st.sampled_from(["b-0", "Board 1", "board 2"])
    return st.sampled_from(one.choices) if one.choices else VALUES[one.kind]


@st.composite
def entries(draw: st.DrawFn, network: Network) -> Entry:
    """Draw an entry with settings that its network takes together."""
    chosen: dict[str, str | bool] = {}
    for one in network.settings:
        if one.required or draw(st.booleans()):
            chosen[one.name] = draw(values(one))
    for one in network.settings:
        if one.name in chosen and any(chosen.get(name) for name in one.excludes):
            del chosen[one.name]
        if one.needs and one.needs not in chosen:
            chosen.pop(one.name, None)
    metadata: tuple[Setting, ...] = tuple(sorted(chosen.items()))
    pictures = (Image(PICTURE),) if network.images.required else ()
    video = Video("https://acme.example/a.mp4") if network.videos.required else None
    return Entry("Words.", DUE, images=pictures, video=video, metadata=metadata)


WITH_SETTINGS = [
    name for name in GRAPHQL_SERVICES if NETWORKS[name].settings and name not in BY_TYPE
]


@pytest.mark.parametrize("mode", EditMode)
@pytest.mark.parametrize("name", WITH_SETTINGS)
@settings(max_examples=60 if THOROUGH else 8, deadline=None)
@given(data=st.data())
def test_settings_read_back_as_they_were_asked_for(
    name: str, mode: EditMode, data: st.DataObject
) -> None:
    steps = data.draw(st.lists(entries(NETWORKS[name]), min_size=2, max_size=4))
    with TemporaryDirectory() as folder, queue_of(name, Path(folder), mode) as (provider, profile):
        first, *edits = steps
        provider.create(first, [profile])
        before = first
        for asked in (first, *edits):
            (live,) = provider.read([profile]).entries
            if asked is not first:
                provider.update(live.id, asked, live.entry, profile)
                (live,) = provider.read([profile]).entries
            assert live_diffs(asked, provider.expected(asked, profile), live) == ()
            assert drift(asked, live.entry, live) == ()
            gone = {key for key, _ in before.metadata} - {key for key, _ in asked.metadata}
            needed = {one.name for one in NETWORKS[name].settings if one.required}
            assert not (gone - needed) & {key for key, _ in live.entry.metadata}
            before = asked


def test_the_comment_above_a_post_that_is_passed_on_is_the_text(tmp_path: Path) -> None:
    """So an edit of the text is one of the comment, and no other text can be in its place."""
    asked = Entry("So true", DUE, metadata=(("retweet", POSTS[2]),))
    with queue_of("twitter", tmp_path, EditMode.PATCH) as (provider, profile):
        provider.create(asked, [profile])
        (live,) = provider.read([profile]).entries
        assert (live.entry.text, live.entry.metadata) == ("So true", (("retweet", "20"),))
        changed = replace(asked, text="Still true")
        provider.update(live.id, changed, live.entry, profile)
        with open_world(tmp_path, {}) as world:
            (kept,) = (one.extras["metadata"]["retweet"] for one in world.snapshot())
    assert kept == {"id": "20", "comment": "Still true"}
