"""Behaviours that are known to go either way in Buffer: the provider copes with both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.model.entry import Entry, Image, Link, QueuePosition, Stage, ThreadItem, Video
from plancast.model.ports import NotFound
from plancast.reconcile.compare import live_diffs, same_as_live
from tests.providers.provider_setup import DUE, OTHER, PICTURE, PROVIDER_SETUPS, URL, ProviderSetup


@pytest.fixture
def provider_setup(tmp_path: Path) -> Iterator[ProviderSetup]:
    with ExitStack() as stack:
        connected, world = stack.enter_context(PROVIDER_SETUPS["graphql"](tmp_path))
        stack.callback(connected.close)
        yield ProviderSetup(connected.provider, connected.clock, world)


PLAIN = Entry("Plain", DUE)
STEPS = {
    "text": (PLAIN, Entry("Other", DUE)),
    "time": (PLAIN, replace(PLAIN, due_at=DUE.replace(hour=1))),
    "into the queue": (PLAIN, Entry("Plain")),
    "out of the queue": (Entry("Plain"), PLAIN),
    "to the top": (PLAIN, Entry("Plain", queue=QueuePosition.TOP)),
    "within the queue": (Entry("Plain"), Entry("Other")),
    "images away": (Entry("a", DUE, images=(Image(PICTURE, "A"), Image(OTHER))), Entry("a", DUE)),
    "images there": (Entry("a", DUE), Entry("a", DUE, images=(Image(PICTURE, "A"),))),
    "alternative text": (
        Entry("a", DUE, images=(Image(PICTURE, "A"),)),
        Entry("a", DUE, images=(Image(PICTURE, "B"),)),
    ),
    "video for an image": (
        Entry("a", DUE, images=(Image(PICTURE),)),
        Entry("a", DUE, video=Video("https://acme.example/a.mp4")),
    ),
    "card away": (Entry("a", DUE, link=Link(URL, "T")), Entry("a", DUE)),
    "card there": (Entry("a", DUE), Entry("a", DUE, link=Link(URL, "T"))),
    "tags away": (Entry("a", DUE, tags=("one", "two")), Entry("a", DUE, tags=("two",))),
    "tags there": (Entry("a", DUE), Entry("a", DUE, tags=("one",))),
    "out of a draft": (Entry("a", DUE, stage=Stage.DRAFT), Entry("a", DUE)),
    "out of a draft into the queue": (Entry("a", stage=Stage.DRAFT), Entry("a")),
    "back to a draft": (Entry("a", DUE), Entry("a", DUE, stage=Stage.DRAFT)),
    "within a draft": (
        Entry("a", DUE, stage=Stage.DRAFT),
        Entry("b", DUE, stage=Stage.DRAFT),
    ),
    "for approval": (
        Entry("a", DUE, stage=Stage.DRAFT),
        Entry("a", DUE, stage=Stage.NEEDS_APPROVAL),
    ),
    "approved": (Entry("a", DUE, stage=Stage.NEEDS_APPROVAL), Entry("a", DUE)),
    "called back": (
        Entry("a", DUE, stage=Stage.NEEDS_APPROVAL),
        Entry("a", DUE, stage=Stage.DRAFT),
    ),
}
THREADS = {
    "thread there": (PLAIN, replace(PLAIN, thread=(ThreadItem("two", (Image(OTHER, "O"),)),))),
    "thread away": (replace(PLAIN, thread=(ThreadItem("two"), ThreadItem("three"))), PLAIN),
}
SPOILERS = {
    "setting away": (replace(PLAIN, metadata=(("spoiler_text", "S"),)), PLAIN),
    "setting there": (PLAIN, replace(PLAIN, metadata=(("spoiler_text", "S"),))),
    **THREADS,
}
COMMENTS = {
    "comment there": (PLAIN, replace(PLAIN, first_comment="first")),
    "comment away": (replace(PLAIN, first_comment="first"), PLAIN),
    "reel": (PLAIN, replace(PLAIN, metadata=(("type", "story"),))),
}
ALL_STEPS = [
    *((service, name, step) for service in ("facebook", "twitter") for name, step in STEPS.items()),
    *(("bluesky", name, step) for name, step in {**STEPS, **THREADS}.items()),
    *(("mastodon", name, step) for name, step in SPOILERS.items()),
    *(("facebook", name, step) for name, step in COMMENTS.items()),
]


@pytest.mark.part(4)
@pytest.mark.parametrize("mode", ["replace", "patch"])
@pytest.mark.parametrize(
    ("service", "name", "step"), ALL_STEPS, ids=lambda item: item if isinstance(item, str) else ""
)
def test_an_edit_means_the_same_whether_it_replaces_or_changes(
    provider_setup: ProviderSetup, mode: str, service: str, name: str, step: tuple[Entry, Entry]
) -> None:
    provider_setup.world.set_setting("edit_mode", mode)
    before, after = step
    (profile,) = provider_setup.on(service)
    (made,) = provider_setup.provider.create(before, [profile])
    kept = [tag for tag in made.entry.tags if tag in after.tags or tag not in before.tags]
    previous = replace(made.entry, tags=tuple(kept))
    shown = provider_setup.provider.update(made.id, after, previous, profile)
    assert provider_setup.queue(profile) == (shown,)
    assert live_diffs(after, provider_setup.provider.expected(after, profile), shown) == ()
    assert (shown.entry.stage, shown.entry.tags) == (after.stage, after.tags)
    assert shown.entry.metadata == after.metadata
    if name == "within the queue":
        assert shown.due_at == made.due_at


@pytest.mark.parametrize("form", ["payload", "errors"])
def test_what_is_gone_is_not_found_in_either_form(provider_setup: ProviderSetup, form: str) -> None:
    provider_setup.world.set_setting("delete_unknown", form)
    (profile,) = provider_setup.on("twitter")
    (made,) = provider_setup.provider.create(PLAIN, [profile])
    provider_setup.provider.delete(made.id)
    with pytest.raises(NotFound):
        provider_setup.provider.delete(made.id)


def test_a_post_that_a_person_has_to_publish_is_told_by_itself(
    provider_setup: ProviderSetup,
) -> None:
    (profile,) = provider_setup.on("twitter")
    assert not provider_setup.provider.create(PLAIN, [profile])[0].reminder
    provider_setup.world.set_setting("notification_downgrade", True)
    (made,) = provider_setup.provider.create(Entry("Another", DUE), [profile])
    assert made.reminder


def test_links_that_a_channel_shortens_are_no_difference(provider_setup: ProviderSetup) -> None:
    provider_setup.world.set_setting("graphql_shortens", True)
    for profile in provider_setup.provider.profiles():
        if profile.service == "instagram":
            continue
        entry = Entry(f"See {URL} and {URL}/2", DUE)
        (made,) = provider_setup.provider.create(entry, [profile])
        expected = provider_setup.provider.expected(entry, profile)
        assert same_as_live(entry, expected, made)
        changed = replace(entry, text=f"Look at {URL}")
        shown = provider_setup.provider.update(made.id, changed, made.entry, profile)
        if profile.shortens:
            assert URL not in shown.entry.text
    assert any(profile.shortens for profile in provider_setup.provider.profiles())
