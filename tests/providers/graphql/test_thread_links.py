"""Links of the posts of a thread over the sandbox: they read back as asked, and edits reach them.

On networks with link cards a link is a card beside its post. If the post has images, and on other
networks, the address ends its text.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Link, LiveEntry, ThreadItem
from plancast.model.profile import Profile
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_graphql import build_input, parse
from plancast.reconcile.compare import as_asked, drift, live_diffs
from plancast.sandbox.settings import EditMode
from tests.night import THOROUGH
from tests.providers.graphql.one_channel import queue_of
from tests.providers.provider_setup import DUE, PICTURE, URL

THREADED = [name for name, network in NETWORKS.items() if network.threads]
OTHER_URL = "https://acme.example/dates"
TEXTS = st.sampled_from(["Two.", f"Look: {URL}", "Three, and more", ""])
LINKS = st.none() | st.builds(
    Link,
    st.sampled_from([URL, OTHER_URL]),
    st.none() | st.just("A title"),
    st.none() | st.just("Some words"),
    st.none() | st.just(PICTURE),
)
IMAGES = st.sampled_from([(), (Image(PICTURE, "A yard"),)])
ITEMS = st.builds(ThreadItem, TEXTS, IMAGES, LINKS).filter(
    lambda item: item.text or item.images or item.link
)
THREADS = st.lists(ITEMS, max_size=3).map(tuple)


def thread_of(items: tuple[ThreadItem, ...]) -> Entry:
    return Entry("One.", DUE, thread=items)


@pytest.mark.parametrize("mode", EditMode)
@pytest.mark.parametrize("name", THREADED)
@settings(max_examples=60 if THOROUGH else 8, deadline=None)
@given(steps=st.lists(THREADS, min_size=2, max_size=3))
def test_links_of_a_thread_read_back_as_they_were_asked_for(
    name: str, mode: EditMode, steps: list[tuple[ThreadItem, ...]]
) -> None:
    first, *edits = map(thread_of, steps)
    with TemporaryDirectory() as folder, queue_of(name, Path(folder), mode) as (provider, profile):
        provider.create(first, [profile])
        for asked in (first, *edits):
            (live,) = provider.read([profile]).entries
            if asked is not first:
                provider.update(live.id, asked, live.entry, profile)
                (live,) = provider.read([profile]).entries
            assert live_diffs(asked, provider.expected(asked, profile), live) == ()
            assert drift(asked, live.entry, live) == ()
            for item, shown in zip(asked.thread, live.entry.thread, strict=True):
                carded = bool(NETWORKS[name].links.cards and item.link and not item.images)
                assert bool(shown.link) is carded
                assert item.link is None or carded or item.link.url in shown.text


@pytest.mark.parametrize(
    ("own", "link"),
    [
        (None, None),
        ({}, None),
        ({"bluesky": None}, None),
        ({"bluesky": {"linkAttachment": None}}, None),
        ({"bluesky": {"linkAttachment": {"url": URL, "title": "T"}}}, Link(URL, "T")),
        ({"threads": {"linkAttachment": {"url": URL}}}, None),
    ],
)
def test_the_card_of_a_post_is_read_from_its_own_network(own: object, link: Link | None) -> None:
    items = [{"text": "One."}, {"text": "Two.", "metadata": own}]
    metadata = {"__typename": "BlueskyPostMetadata", "thread": items}
    answer = {"id": "p", "channelId": "c", "channelService": "bluesky", "metadata": metadata}
    assert parse.live(answer).entry.thread == (ThreadItem("Two.", (), link),)


def test_a_link_within_the_text_of_a_post_asks_for_no_card() -> None:
    """The first post asks for one; the others never did, and what is in the queue stays equal."""
    entry = thread_of((ThreadItem(f"Look: {URL}"),))
    sent = build_input.create_input(entry, Profile("c", "bluesky"))
    assert "metadata" not in sent["metadata"]["bluesky"]["thread"][1]


@pytest.mark.parametrize(("text", "drifted"), [(f"Look: {URL}", False), ("Look.", True)])
def test_a_card_that_was_not_asked_for_is_drift_unless_it_grew_out_of_the_text(
    text: str, drifted: bool
) -> None:
    asked = thread_of((ThreadItem(text),))
    seen = thread_of((ThreadItem(text, (), Link(URL, "scraped")),))
    live = LiveEntry("u", "c", seen, due_at=DUE)
    assert bool(drift(asked, asked, live)) is drifted
    assert as_asked(seen, asked).thread[0].link == (Link(URL) if drifted else None)
