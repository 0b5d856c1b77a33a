"""The link cards of single items of a thread, and their metadata."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.graphql_client import GraphqlClient, words
from tests.sandbox.sandbox_client import BLUESKY, MASTODON

THREAD = """query($input: PostInput!) { post(input: $input) { metadata {
  ... on ThreadedPostMetadata { thread { text linkAttachment { url }
    metadata { bluesky { linkAttachment { url } } threads { linkAttachment { url } } } } } } } }"""
URL = "https://acme.example/launch"


def parts(**metadata: object) -> list[dict[str, Any]]:
    return [{"text": "a"}, {"text": "b", "metadata": metadata}]


def test_an_item_of_a_thread_keeps_its_link() -> None:
    sandbox = GraphqlClient()
    thread = parts(bluesky={"linkAttachment": {"url": URL}}, threads=None)
    made = sandbox.made("a", channel=BLUESKY, metadata={"bluesky": {"thread": thread}})
    shown = sandbox.data(THREAD, input={"id": made["id"]})["post"]["metadata"]["thread"]
    assert shown[0] == {"text": "a", "linkAttachment": None, "metadata": None}
    assert shown[1] == {
        "text": "b",
        "linkAttachment": {"url": URL},
        "metadata": {"bluesky": {"linkAttachment": {"url": URL}}, "threads": None},
    }


@pytest.mark.parametrize(("channel", "key"), [(BLUESKY, "bluesky"), (MASTODON, "mastodon")])
def test_the_metadata_of_another_network_are_refused(channel: str, key: str) -> None:
    thread = parts(threads={"linkAttachment": {"url": URL}})
    payload = GraphqlClient().create(
        text="a", channelId=channel, metadata={key: {"thread": thread}}
    )
    assert words(payload) == "The metadata of an item of a thread are those of another network."


def test_an_item_of_a_thread_has_a_link_or_media() -> None:
    item = {
        "text": "b",
        "assets": [{"image": {"url": "https://acme.example/a.png"}}],
        "metadata": {"bluesky": {"linkAttachment": {"url": URL}}},
    }
    metadata = {"bluesky": {"thread": [{"text": "a"}, item]}}
    payload = GraphqlClient().create(text="a", channelId=BLUESKY, metadata=metadata)
    assert words(payload) == ("An item of a thread cannot have both a link attachment and media.")
