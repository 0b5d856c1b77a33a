"""Posts as the wire shows them, row by row, however odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Image, Link, LiveStatus, Stage, ThreadItem, Video
from plancast.model.profile import Account, Board, Profile
from plancast.providers.buffer_graphql import parse
from tests.providers.graphql.wire import FB, GB, IG, MA, PI, TH, X, account, channel, post

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
URL = "https://acme.example/launch"
PICTURE = "https://acme.example/a.png"
OTHER = "https://acme.example/b.png"
CLIP = "https://acme.example/a.mp4"
COPY = "https://buffer-media-uploads.s3.amazonaws.com/x.png"
HELLO = Entry("hello")


def image(url: str, alt: str = "") -> dict[str, Any]:
    return {"__typename": "ImageAsset", "type": "image", "source": url, "image": {"altText": alt}}


def video(url: str, **about: object) -> dict[str, Any]:
    return {"__typename": "VideoAsset", "type": "video", "source": url, "video": about}


def about(kind: str, **fields: object) -> dict[str, Any]:
    return {"metadata": {"__typename": f"{kind}PostMetadata", **fields}}


# -- accounts and channels ------------------------------------------------------------------------


def test_accounts() -> None:
    assert parse.account(account()) == Account("a-1", "Acme", "Europe/Berlin")
    bare = {"id": "a", "email": "who@acme.example", "name": None, "timezone": None}
    assert parse.account(bare) == Account("a", "who@acme.example", "UTC")


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({}, {}),
        ({"name": "@acme"}, {}),
        ({"name": "", "displayName": "Acme Inc"}, {"username": "Acme Inc"}),
        ({"isDisconnected": True, "isQueuePaused": True}, {"disconnected": True, "paused": True}),
        ({"isLocked": True}, {"locked": True}),
        ({"timezone": "Europe/Berlin"}, {"timezone": "Europe/Berlin"}),
        (
            {"linkShortening": {"isEnabled": True, "config": {"domain": "buff.ly"}}},
            {"shortens": "buff.ly"},
        ),
        ({"linkShortening": {"isEnabled": True, "config": None}}, {"shortens": "yes"}),
        ({"linkShortening": {"isEnabled": False, "config": {"domain": "buff.ly"}}}, {}),
        ({"linkShortening": None}, {}),
        ({"metadata": {"subscriptionType": "Premium"}}, {"text_limit": 25_000}),
        ({"metadata": {"subscriptionType": "PremiumPlus"}}, {"text_limit": 25_000}),
        ({"metadata": {"subscriptionType": "premium+"}}, {"text_limit": 25_000}),
        ({"metadata": {"subscriptionType": "none"}}, {"text_limit": 280}),
        ({"metadata": {"subscriptionType": None}}, {"text_limit": 280}),
        (
            {"service": "linkedin", "metadata": {"subscriptionType": "Premium"}},
            {"service": "linkedin"},
        ),
        ({"metadata": {"maxCharacters": 5000}}, {"text_limit": 5000}),
        ({"metadata": {"maxCharacters": 0}}, {}),
        ({"metadata": {"defaultToReminders": True}}, {"reminders": True}),
        (
            {"metadata": {"boards": [{"serviceId": "b", "name": "B"}, {"name": "no id"}, None]}},
            {"boards": (Board("b", "B"),)},
        ),
        ({"metadata": {"__typename": "SomethingNew"}}, {}),
    ],
)
def test_channels(fields: dict[str, object], changes: dict[str, Any]) -> None:
    assert parse.profile(channel(X, **fields)) == replace(X, **changes)


# -- posts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "fields", "entry"),
    [
        (X, {}, HELLO),
        (X, {"text": None}, Entry("")),
        (X, {"isCustomScheduled": True}, Entry("hello", AT)),
        (X, {"shareMode": "customScheduled"}, Entry("hello", AT)),
        (X, {"isCustomScheduled": True, "dueAt": None}, HELLO),
        (X, {"shareMode": "shareNext"}, HELLO),
        (X, {"status": "draft"}, replace(HELLO, stage=Stage.DRAFT)),
        (X, {"status": "needs_approval"}, replace(HELLO, stage=Stage.NEEDS_APPROVAL)),
        (X, {"status": "archived"}, HELLO),
        (
            X,
            {"assets": [image(PICTURE, "A"), image(OTHER)]},
            replace(HELLO, images=(Image(PICTURE, "A"), Image(OTHER))),
        ),
        (X, {"assets": [image(COPY)]}, replace(HELLO, images=(Image(COPY, hosted=True),))),
        (X, {"assets": [{"source": PICTURE, "__typename": "DocumentAsset"}, None, {}]}, HELLO),
        (
            IG,
            {"assets": [video(CLIP, title="T", thumbnailOffset=1500)]},
            replace(HELLO, video=Video(CLIP, "T", 1500)),
        ),
        # Elsewhere there are no covers, whatever the answer says.
        (X, {"assets": [video(CLIP, thumbnailOffset=0)]}, replace(HELLO, video=Video(CLIP))),
        (
            X,
            {"tags": [{"id": "2", "name": "b"}, {"id": "1", "name": "a"}, {"name": None}]},
            replace(HELLO, tags=("a", "b")),
        ),
        (
            FB,
            about("Facebook", type="post", firstComment="First", linkAttachment=None),
            replace(HELLO, first_comment="First"),
        ),
        (
            FB,
            about("Facebook", linkAttachment={"url": URL, "title": "T", "text": "D"}),
            replace(HELLO, link=Link(URL, "T", "D")),
        ),
        (
            FB,
            about("Facebook", linkAttachment={"url": URL, "title": "", "thumbnail": PICTURE}),
            replace(HELLO, link=Link(URL, thumbnail=PICTURE)),
        ),
        (
            GB,
            about("GoogleBusiness", details={"button": "learn_more", "link": URL}),
            replace(HELLO, link=Link(URL)),
        ),
        (MA, about("Mastodon", spoilerText="S"), replace(HELLO, metadata=(("spoiler_text", "S"),))),
        (
            X,
            about("Twitter", thread=[{"text": "hello"}, {"text": "two", "assets": [image(OTHER)]}]),
            replace(HELLO, thread=(ThreadItem("two", (Image(OTHER),)),)),
        ),
        (X, about("Twitter", thread=[{"text": "hello", "assets": []}]), HELLO),
        # If the answer shows the pictures of the first part with that part alone.
        (
            TH,
            about("Threads", thread=[{"text": "hello", "assets": [image(PICTURE)]}]),
            replace(HELLO, images=(Image(PICTURE),)),
        ),
    ],
)
def test_entries(owner: Profile, fields: dict[str, object], entry: Entry) -> None:
    assert parse.live(post("1", owner, **fields)).entry == entry


def test_a_tag_of_ours_is_no_part_of_an_entry() -> None:
    tagged = post(tags=[{"id": "1", "name": "by plancast"}, {"id": "2", "name": "a"}])
    assert parse.live(tagged, "by plancast").entry.tags == ("a",)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("scheduled", LiveStatus.SCHEDULED),
        ("sending", LiveStatus.SCHEDULED),
        ("draft", LiveStatus.SCHEDULED),
        ("needs_approval", LiveStatus.SCHEDULED),
        ("error", LiveStatus.FAILED),
        ("sent", LiveStatus.PUBLISHED),
        ("archived", LiveStatus.SCHEDULED),
        (None, LiveStatus.SCHEDULED),
    ],
)
def test_statuses(status: object, expected: LiveStatus) -> None:
    assert parse.live(post(status=status)).status is expected


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-12-01T08:30:00.000Z", AT),
        ("2026-12-01T08:30:00Z", AT),
        ("2026-12-01T08:30:00.999Z", AT),
        ("2026-12-01T09:30:00+01:00", AT),
        ("2026-12-01T08:30:00", AT),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (1_800_000_000, None),
    ],
)
def test_times(value: object, moment: datetime | None) -> None:
    assert parse.live(post(dueAt=value)).due_at == moment


def test_the_rest_of_a_post() -> None:
    live = parse.live(
        post(
            status="sent",
            sentAt="2026-12-01T08:30:00.000Z",
            externalLink="https://x.example/1",
            error={"message": "<b>no</b>\x07"},
            schedulingType="notification",
            metrics=[
                {"type": "clicks", "name": "Clicks", "value": 3.0},
                {"type": "engagementRate", "name": "Rate", "value": 3.7},
                {"type": None, "name": "new", "value": 1},
                {"type": "huge", "value": 1e300},
                {"type": "odd", "value": "many"},
            ],
        )
    )
    assert (live.link, live.sent_at, live.error) == ("https://x.example/1", AT, "no")
    assert live.created_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert live.statistics == {"clicks": 3, "new": 1}
    assert live.reminder
    assert not parse.live(post(schedulingType=None)).reminder


PASSING = {
    "message": "Something went wrong while publishing.",
    "rawError": "connect ETIMEDOUT",
    "supportUrl": None,
}


@pytest.mark.parametrize("error", [None, PASSING, {**PASSING, "rawError": None}])
def test_an_error_beside_sending_is_no_verdict(error: object) -> None:
    live = parse.live(post(status="sending", error=error, allowedActions=["addPostNote"]))
    assert (live.status, live.sending, live.error) == (LiveStatus.SCHEDULED, True, "")


@pytest.mark.parametrize("status", ["draft", "needs_approval", "scheduled", "sent", "error", "new"])
def test_only_sending_is_on_its_way(status: str) -> None:
    live = parse.live(post(status=status, error=PASSING))
    assert (live.sending, live.error) == (
        False,
        "Something went wrong while publishing: connect ETIMEDOUT",
    )


@pytest.mark.parametrize(
    ("service", "given", "shown"),
    [
        ("instagram", {"reactions": 4}, {"likes": 4}),
        ("tiktok", {"reactions": 4, "views": 9}, {"likes": 4, "views": 9}),
        ("instagram", {"reactions": 4, "likes": 5}, {"likes": 5}),
        ("facebook", {"reactions": 4, "likes": 3}, {"reactions": 4, "likes": 3}),
        ("linkedin", {"reactions": 4}, {"reactions": 4}),
        ("twitter", {"likes": 4}, {"likes": 4}),
    ],
)
def test_likes_that_come_as_reactions_are_likes(
    service: str, given: dict[str, int], shown: dict[str, int]
) -> None:
    metrics = [{"type": name, "name": name, "value": float(n)} for name, n in given.items()]
    assert parse.live(post(channelService=service, metrics=metrics)).statistics == shown


@pytest.mark.parametrize("wire", [{}, {"id": "1"}, {"channelId": "c"}, post(""), {"id": 7}])
def test_what_nobody_can_identify_is_unreadable(wire: dict[str, object]) -> None:
    with pytest.raises(parse.Unreadable):
        parse.live(wire)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("text", "url", "assets", "type", "__typename")), inner)
    ),
    max_leaves=8,
)
FIELDS = sorted({*post(), "metrics"} - {"id", "channelId"})


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON),
    st.dictionaries(st.sampled_from(("thread", "details", "linkAttachment", "board")), JSON),
    st.sampled_from(("Facebook", "Pinterest", "GoogleBusiness", "Threads", "New")),
)
def test_no_post_is_too_odd(fields: dict[str, object], own: dict[str, object], kind: str) -> None:
    given = {**about(kind, **own), **fields}
    live = parse.live({"id": "1", "channelId": "c", **given})
    assert (live.id, live.profile_id) == ("1", "c")


@given(st.dictionaries(st.sampled_from(sorted(channel(PI))), JSON))
def test_no_channel_is_too_odd(fields: dict[str, object]) -> None:
    found = parse.profile({**channel(PI, **fields), "id": "c"})
    assert found.id == "c"
