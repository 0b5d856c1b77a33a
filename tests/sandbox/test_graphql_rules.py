"""The demands of each network on a post, in the words of the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.graphql_client import (
    EVERYBODY,
    GOOGLE,
    PINTEREST,
    PNG,
    THREADS,
    TIKTOK,
    VIDEO,
    YOUTUBE,
    GraphqlClient,
    refused,
    words,
)
from tests.sandbox.sandbox_client import BLUESKY, FACEBOOK, INSTAGRAM, LINKEDIN, MASTODON, TWITTER

FB = {"facebook": {"type": "post"}}
IG = {"instagram": {"type": "post", "shouldShareToFeed": True}}
PIN = {"pinterest": {"boardServiceId": "77"}}
TUBE = {"youtube": {"title": "A stage", "categoryId": "22"}}
NEWS = {"google": {"type": "whats_new"}}
#: What is enough for each network.
ENOUGH: dict[str, dict[str, Any]] = {
    TWITTER: {},
    LINKEDIN: {},
    MASTODON: {},
    BLUESKY: {},
    THREADS: {},
    FACEBOOK: {"metadata": FB},
    INSTAGRAM: {"assets": [PNG], "metadata": IG},
    PINTEREST: {"assets": [PNG], "metadata": PIN},
    YOUTUBE: {"assets": [VIDEO], "metadata": TUBE},
    TIKTOK: {"assets": [PNG]},
    GOOGLE: {"metadata": NEWS},
}
LONG = "x" * 101
SPAN = {"title": "Sale", "startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-02T00:00:00Z"}


@pytest.fixture(scope="module")
def sandbox() -> GraphqlClient:
    return GraphqlClient(seed=EVERYBODY)


def create(sandbox: GraphqlClient, channel: str, **sent: object) -> dict[str, Any]:
    return sandbox.create(channel=channel, **{"text": "Hello", **sent})


@pytest.mark.parametrize("channel", ENOUGH)
def test_what_is_enough(sandbox: GraphqlClient, channel: str) -> None:
    assert create(sandbox, channel, **ENOUGH[channel])["__typename"] == "PostActionSuccess"


@pytest.mark.parametrize("channel", ENOUGH)
@pytest.mark.parametrize("text", ["", "  \n", None])
def test_a_post_says_or_shows_something(
    sandbox: GraphqlClient, channel: str, text: str | None
) -> None:
    enough = {**ENOUGH[channel], "text": text, "assets": []}
    message = "Post must have either text or media"
    assert refused(create(sandbox, channel, **enough)) == ("InvalidInputError", message)


@pytest.mark.parametrize(
    ("channel", "sent", "message"),
    [
        (FACEBOOK, {}, "Facebook posts require a type (post, story, or reel)."),
        (
            INSTAGRAM,
            {},
            "Instagram posts require at least one image or video.,"
            " Instagram posts require a type (post, story, or reel).",
        ),
        (INSTAGRAM, {"assets": [PNG]}, "Instagram posts require a type (post, story, or reel)."),
        (
            INSTAGRAM,
            {"assets": [PNG], "metadata": {"instagram": {**IG["instagram"], "type": "offer"}}},
            "Instagram posts require a type (post, story, or reel).",
        ),
        (
            PINTEREST,
            {},
            "Pinterest posts require at least one image or video.,"
            " Pinterest posts require a board.",
        ),
        (
            PINTEREST,
            {"assets": [PNG], "metadata": {"pinterest": {"boardServiceId": "1"}}},
            "The Pinterest board was not found.",
        ),
        (
            YOUTUBE,
            {"assets": [PNG]},
            "YouTube posts require a video., YouTube posts require a title.,"
            " YouTube posts require a category.",
        ),
        (
            YOUTUBE,
            {"assets": [VIDEO], "metadata": {"youtube": {"title": LONG, "categoryId": "3"}}},
            "The YouTube category does not exist.,"
            " The title is too long for YouTube: 101 of 100 characters.",
        ),
        (TIKTOK, {}, "TikTok posts require at least one image or video."),
        (GOOGLE, {}, "Google Business posts require a type (whats_new, offer, or event)."),
        (
            GOOGLE,
            {"metadata": {"google": {"type": "offer", "detailsWhatsNew": {}}}},
            "The details of a Google Business post must match its type.",
        ),
        (
            GOOGLE,
            {"metadata": {"google": {"type": "offer"}}},
            "A Google Business offer requires title and startDate and endDate.",
        ),
        (
            GOOGLE,
            {
                "metadata": {
                    "google": {
                        "type": "offer",
                        "detailsOffer": {**SPAN, "endDate": "2026-11-30T00:00:00Z"},
                    }
                }
            },
            "A Google Business offer cannot end before it starts.",
        ),
        (
            THREADS,
            {"metadata": {"threads": {"topic": "x" * 51}}},
            "The topic is too long for Threads: 51 of 50 characters.",
        ),
        (
            LINKEDIN,
            {"assets": [PNG], "metadata": {"linkedin": {"linkAttachment": {"url": "https://a.b"}}}},
            "A post cannot have both a link attachment and media.",
        ),
        (
            BLUESKY,
            {"metadata": {"bluesky": {"linkAttachment": {"url": "nowhere"}}}},
            "The link attachment has no web address.",
        ),
        (
            TWITTER,
            {"assets": [{"link": {"url": "https://a.b"}}]},
            "This network has no link attachments.",
        ),
        (
            TWITTER,
            {"assets": [{**PNG, **VIDEO}]},
            "An asset is exactly one of image, video, document or link.",
        ),
        (TWITTER, {"assets": [{}]}, "An asset is exactly one of image, video, document or link."),
        (
            TWITTER,
            {"assets": [{"video": {"url": "https://a.b/c.mp4", "thumbnailUrl": "https://a"}}]},
            "The thumbnail of a video cannot be set by its address.",
        ),
        (TWITTER, {"mode": "customScheduled"}, "A post with mode customScheduled requires dueAt."),
    ],
)
def test_what_is_refused(
    sandbox: GraphqlClient, channel: str, sent: dict[str, object], message: str
) -> None:
    before = sandbox.world.snapshot()
    assert words(create(sandbox, channel, **sent)) == message
    assert sandbox.world.snapshot() == before


def test_a_time_that_has_passed_is_refused_in_the_words_of_the_service(
    sandbox: GraphqlClient,
) -> None:
    payload = create(sandbox, TWITTER, mode="customScheduled", dueAt="2026-11-23T06:59:59Z")
    assert payload["message"] == "Invalid post input: dueAt must be in the future"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://acme.example/a.heic", ""),
        ("https://acme.example/a", ""),
        ("https://localhost/a.png", "Invalid image url parameter supplied."),
        ("http://10.0.0.1/a.png", "Invalid image url parameter supplied."),
        ("a.png", "Invalid image url parameter supplied."),
        ("https://acme.example/a.svg", "The media file type .svg is not supported."),
    ],
)
def test_addresses_of_pictures(sandbox: GraphqlClient, url: str, message: str) -> None:
    payload = create(sandbox, TWITTER, assets=[{"image": {"url": url}}])
    assert payload.get("message", "").removeprefix("Invalid post: ") == message


def test_addresses_may_go_unchecked() -> None:
    sandbox = GraphqlClient(check_images=False)
    sandbox.made(assets=[{"image": {"url": "a.svg"}}])


@pytest.mark.parametrize(
    ("channel", "limit"),
    [
        *((TWITTER, 280), (LINKEDIN, 3000), (MASTODON, 500), (BLUESKY, 300), (THREADS, 500)),
        *((FACEBOOK, 5000), (INSTAGRAM, 2196), (PINTEREST, 500), (YOUTUBE, 5000)),
        *((TIKTOK, 4000), (GOOGLE, 4000)),
    ],
)
@pytest.mark.parametrize("letter", ["x", "😀"])
def test_characters_are_units_of_utf_16_if_buffer_counts_so(
    sandbox: GraphqlClient, channel: str, limit: int, letter: str
) -> None:
    sandbox.world.set_setting("counting", "utf16")
    size = len(letter.encode("utf-16-le")) // 2
    fits = create(sandbox, channel, **{**ENOUGH[channel], "text": letter * (limit // size)})
    assert fits["__typename"] == "PostActionSuccess"
    longer = {**ENOUGH[channel], "text": letter * (limit // size + 1)}
    assert f"{limit + size} of {limit} characters" in words(create(sandbox, channel, **longer))


@pytest.mark.parametrize(
    ("service", "extras", "limit"),
    [
        ("twitter", {"subscription_type": "Premium"}, 25_000),
        ("twitter", {"subscription_type": "None"}, 280),
        ("mastodon", {"max_characters": 1000}, 1000),
    ],
)
def test_channels_may_have_limits_of_their_own(
    service: str, extras: dict[str, object], limit: int
) -> None:
    profiles = [{"id": TWITTER, "service": service, "extras": extras}]
    sandbox = GraphqlClient(seed={"profiles": profiles})
    sandbox.made("x" * limit)
    assert f" of {limit} " in words(create(sandbox, TWITTER, text="x" * (limit + 1)))
    sandbox.world.set_setting("character_limits", {service: 5})
    assert " of 5 " in words(create(sandbox, TWITTER, text="x" * 6))


def test_a_video_on_tiktok_leaves_less_room(sandbox: GraphqlClient) -> None:
    payload = create(sandbox, TIKTOK, text="x" * 2201, assets=[VIDEO])
    assert words(payload) == "The text is too long for TikTok: 2201 of 2200 characters."


@pytest.mark.parametrize(
    ("channel", "key", "limit"),
    [(FACEBOOK, "facebook", 5000), (INSTAGRAM, "instagram", 2200), (LINKEDIN, "linkedin", 1250)],
)
def test_first_comments_have_limits(
    sandbox: GraphqlClient, channel: str, key: str, limit: int
) -> None:
    enough = ENOUGH[channel]
    metadata = enough.get("metadata", {}).get(key, {})
    for length, fits in ((limit, True), (limit + 1, False)):
        sent = {**enough, "metadata": {key: {**metadata, "firstComment": "x" * length}}}
        payload = create(sandbox, channel, **sent)
        assert (payload["__typename"] == "PostActionSuccess") is fits


@pytest.mark.parametrize(
    ("channel", "key"),
    [(TWITTER, "twitter"), (MASTODON, "mastodon"), (BLUESKY, "bluesky"), (THREADS, "threads")],
)
def test_threads(sandbox: GraphqlClient, channel: str, key: str) -> None:
    parts: list[dict[str, object]] = [
        {"text": "Hello", "assets": [PNG]},
        {"text": "Second"},
        {"assets": [PNG]},
    ]
    payload = create(sandbox, channel, assets=[PNG], metadata={key: {"thread": parts}})
    metadata = payload["post"]["metadata"]
    assert (metadata["threadCount"], metadata["type"]) == (3, "thread")
    assert [part["text"] for part in metadata["thread"]] == ["Hello", "Second", ""]
    assert [len(part["assets"]) for part in metadata["thread"]] == [1, 0, 1]

    def refusal(*thread: dict[str, object]) -> str:
        return words(create(sandbox, channel, metadata={key: {"thread": list(thread)}}))

    assert (
        refusal({"text": "Other"}) == "The first item of a thread must have the text of the post."
    )
    empty = "Every item of a thread must have either text or media."
    assert refusal({"text": "Hello"}, {"text": " "}) == empty
    assert "Item 2 of the thread is too long" in refusal({"text": "Hello"}, {"text": "x" * 501})


def test_metadata_of_another_network_are_passed_over(sandbox: GraphqlClient) -> None:
    payload = create(sandbox, TWITTER, metadata={**FB, **PIN})
    assert payload["post"]["metadata"]["type"] == "post"


@pytest.mark.parametrize(
    ("channel", "sent", "shown"),
    [
        (
            FACEBOOK,
            {"metadata": {"facebook": {"type": "reel", "firstComment": "Hi"}}},
            {"type": "reel", "firstComment": "Hi", "linkAttachment": None},
        ),
        (
            INSTAGRAM,
            {"metadata": {"instagram": {"type": "story", "shouldShareToFeed": False}}},
            {"type": "story", "shouldShareToFeed": False},
        ),
        (
            PINTEREST,
            {"metadata": {"pinterest": {"boardServiceId": "77", "title": "T"}}},
            {"board": {"name": "Stages", "serviceId": "77"}, "title": "T", "url": None},
        ),
        (
            YOUTUBE,
            {},
            {"category": {"categoryId": "22"}, "privacy": "public", "license": "youtube"},
        ),
        (
            YOUTUBE,
            {"metadata": {"youtube": {**TUBE["youtube"], "privacy": "unlisted"}}},
            {"privacy": "unlisted", "madeForKids": False, "title": "A stage"},
        ),
        (
            GOOGLE,
            {"metadata": {"google": {"type": "offer", "detailsOffer": SPAN}}},
            {"details": {"__typename": "GoogleBusinessOfferMetaData", **SPAN, "code": None}},
        ),
        (
            THREADS,
            {"metadata": {"threads": {"topic": "Stages"}}},
            {"topic": "Stages", "threadCount": 0, "thread": []},
        ),
    ],
)
def test_metadata_are_read_back(
    sandbox: GraphqlClient, channel: str, sent: dict[str, object], shown: dict[str, Any]
) -> None:
    post = create(sandbox, channel, **{**ENOUGH[channel], **sent})["post"]
    found = sandbox.show(post["id"])["metadata"]
    if "details" in shown:
        for key in ("startDate", "endDate"):
            shown["details"][key] = shown["details"][key].replace("Z", ".000Z")
    assert {key: found[key] for key in shown} == shown


def test_assets_are_read_back(sandbox: GraphqlClient) -> None:
    video = {
        "video": {"url": "https://a.b/c.mp4", "metadata": {"title": "T", "thumbnailOffset": 9}}
    }
    document = {"document": {"url": "https://a.b/c.pdf", "title": "D", "thumbnailUrl": "https://a"}}
    shown = create(sandbox, LINKEDIN, assets=[PNG, video, document, PNG])["post"]["assets"]
    assert [asset["type"] for asset in shown] == ["image", "video", "document", "image"]
    assert {asset["id"] for asset in shown} == {None}
    assert shown[0]["source"] == PNG["image"]["url"]
    assert shown[0]["image"]["altText"] == "A stage"
    assert shown[1]["video"] == {"title": "T", "thumbnailOffset": 9}
    assert shown[2]["document"] == {"title": "D"}
    plain = create(sandbox, TWITTER, assets=[{"image": {"url": "https://a.b/c.png"}}])["post"]
    assert plain["assets"][0]["image"]["altText"] == ""


@pytest.mark.parametrize(
    ("channel", "key"), [(LINKEDIN, "linkedin"), (BLUESKY, "bluesky"), (THREADS, "threads")]
)
def test_link_cards(sandbox: GraphqlClient, channel: str, key: str) -> None:
    link = {"url": "https://acme.example/big-stage", "title": "Stage"}
    by_metadata = create(sandbox, channel, metadata={key: {"linkAttachment": link}})["post"]
    by_asset = create(sandbox, channel, assets=[{"link": link}])["post"]
    for post in (by_metadata, by_asset):
        card = post["metadata"]["linkAttachment"]
        assert (card["url"], card["title"]) == (link["url"], "Stage")
        assert card["text"] == "A page of acme.example."
        assert post["assets"] == []
