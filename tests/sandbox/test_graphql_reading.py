"""Account, channels, posts and daily limits, as the GraphQL API shows them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.graphql_client import (
    EVERYBODY,
    ORGANIZATION,
    PINTEREST,
    POSTS,
    TIKTOK,
    UNKNOWN,
    GraphqlClient,
)
from tests.sandbox.sandbox_client import FACEBOOK, LINKEDIN, MASTODON, TWITTER

ACCOUNT = """{ account { id name email timezone createdAt organizations {
  id name channelCount ownerEmail
  limits { channels scheduledPosts tags scheduledThreadsPerChannel scheduledStoriesPerChannel }
} } }"""
CHANNELS = """query($input: ChannelsInput!) { channels(input: $input) {
  id name displayName service serviceId type timezone isDisconnected isLocked isQueuePaused
  allowedActions scopes products createdAt organizationId
  postingSchedule { day paused times } linkShortening { isEnabled config { domain name } }
  metadata {
    __typename
    ... on PinterestMetadata { boards { id name serviceId url } }
    ... on MastodonMetadata { maxCharacters serverUrl }
    ... on TwitterMetadata { subscriptionType }
    ... on InstagramMetadata { defaultToReminders }
    ... on TiktokMetadata { defaultToReminders }
  }
} }"""
CHANNEL = "query($input: ChannelInput!) { channel(input: $input) { id service } }"
DAILY = """query($input: DailyPostingLimitsInput!) { dailyPostingLimits(input: $input) {
  channelId sent scheduled limit isAtLimit } }"""


CONFIGURATION = """query($input: ConfigurationInput!) { configuration(input: $input) {
  channels { channelId channelType service authorizationStatus { feature status } content {
    supportedProperties rules { property ... on LengthRule { maxLength } } } }
  services { service content { rules { property ... on LengthRule { maxLength } } } } } }"""


def channels(sandbox: GraphqlClient, **asked: object) -> dict[str, Any]:
    found = sandbox.data(CHANNELS, input={"organizationId": ORGANIZATION, "filter": asked})
    return {channel["service"]: channel for channel in found["channels"]}


def test_one_query_shows_what_all_channels_allow() -> None:
    sandbox = GraphqlClient(seed=EVERYBODY, character_limits={"facebook": 99})
    sandbox.world.set_profile(TWITTER, disconnected=True)
    shown = sandbox.data(CONFIGURATION, input={"organizationId": ORGANIZATION})["configuration"]
    by_id = {channel["channelId"]: channel for channel in shown["channels"]}
    assert set(by_id) == {channel["id"] for channel in channels(sandbox).values()}
    states = {id_: one["authorizationStatus"][0]["status"] for id_, one in by_id.items()}
    assert [id_ for id_, status in states.items() if status != "ok"] == [TWITTER]
    (content,) = by_id[FACEBOOK]["content"]
    assert {"property": "text", "maxLength": 99} in content["rules"]
    assert "thread" in by_id[MASTODON]["content"][0]["supportedProperties"]
    assert "thread" not in content["supportedProperties"]
    rules = {service["service"]: service["content"][0]["rules"] for service in shown["services"]}
    assert rules["bluesky"][0]["maxLength"] == 300
    assert rules["substack"] == [], "no limit of its notes is published"
    assert "retweetAttachment" in by_id[TWITTER]["content"][0]["supportedProperties"]
    assert "retweetAttachment" not in content["supportedProperties"]
    sent = {"organizationId": UNKNOWN}
    assert sandbox.errors(CONFIGURATION, input=sent) == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("plan", "limits"),
    [("free", (3, 10, 3, 1, 2000)), ("small", (100, 2000, 250, 2000, 2000))],
)
def test_the_plan_decides_the_limits(plan: str, limits: tuple[int, ...]) -> None:
    sandbox = GraphqlClient(seed={"account": {"plan": plan}})
    account = sandbox.data(ACCOUNT)["account"]
    (organization,) = account["organizations"]
    assert tuple(organization["limits"].values()) == limits
    assert (organization["id"], organization["channelCount"]) == (ORGANIZATION, 6)
    assert (account["timezone"], account["name"]) == ("Europe/Berlin", "Acme")


@pytest.mark.parametrize(("id_", "count"), [(ORGANIZATION, 1), (UNKNOWN, 0)])
def test_organizations_can_be_asked_for_by_id(id_: str, count: int) -> None:
    query = "query($f: OrganizationFilterInput) { account { organizations(filter: $f) { id } } }"
    found = GraphqlClient().data(query, f={"organizationId": id_})
    assert len(found["account"]["organizations"]) == count


def test_a_channel() -> None:
    sandbox = GraphqlClient()
    twitter = channels(sandbox)["twitter"]
    assert twitter["id"] == TWITTER
    assert (twitter["name"], twitter["displayName"], twitter["type"]) == (
        "acme",
        "@acme",
        "profile",
    )
    assert [day["day"] for day in twitter["postingSchedule"]] == [
        *("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    ]
    assert twitter["postingSchedule"][0]["times"] == ["09:00", "12:30", "17:15"]
    assert twitter["postingSchedule"][6]["times"] == ["11:00"]
    assert (twitter["allowedActions"], twitter["createdAt"]) == ([], "2011-11-07T21:57:08.000Z")
    assert twitter["linkShortening"] == {"isEnabled": False, "config": None}
    flags = ("isLocked", "isDisconnected", "isQueuePaused")
    assert [twitter[flag] for flag in flags] == [False, False, False]
    assert sandbox.data(CHANNEL, input={"id": FACEBOOK}) == {
        "channel": {"id": FACEBOOK, "service": "facebook"}
    }


def test_what_a_person_does_to_a_channel_shows() -> None:
    sandbox = GraphqlClient(graphql_shortens=True)
    sandbox.world.set_profile(TWITTER, locked=True, shortens=False)
    sandbox.world.set_profile(LINKEDIN, paused=True, disconnected=True, schedules=())
    found = channels(sandbox)
    assert found["twitter"]["isLocked"]
    assert found["twitter"]["linkShortening"]["isEnabled"] is False
    assert found["linkedin"]["isQueuePaused"]
    assert found["linkedin"]["isDisconnected"]
    assert [day["times"] for day in found["linkedin"]["postingSchedule"]] == [[]] * 7
    assert found["facebook"]["linkShortening"]["config"] == {"domain": "buff.ly", "name": "buff.ly"}
    assert list(channels(sandbox, isLocked=True)) == ["twitter"]
    assert len(channels(sandbox, product="publish")) == 6
    assert channels(sandbox, product="engage") == {}


def test_the_metadata_of_channels() -> None:
    seed = {**EVERYBODY}
    metadata = {name: item["metadata"] for name, item in channels(GraphqlClient(seed=seed)).items()}
    assert metadata["pinterest"]["boards"] == [
        {
            "id": f"{PINTEREST}-1",
            "name": "Stages",
            "serviceId": "77",
            "url": "https://www.pinterest.com/board/1",
        }
    ]
    assert metadata["mastodon"]["maxCharacters"] == 500
    assert metadata["twitter"]["subscriptionType"] is None
    assert metadata["instagram"]["defaultToReminders"] is False
    assert metadata["tiktok"] == {"__typename": "TiktokMetadata", "defaultToReminders": True}
    assert metadata["threads"] is None
    assert set(metadata) == {
        *("twitter", "linkedin", "facebook", "instagram", "mastodon", "bluesky"),
        *("pinterest", "youtube", "tiktok", "googlebusiness", "threads"),
    }


def test_what_this_api_does_not_know_is_not_there() -> None:
    profiles = [{"service": "google"}, {"service": "twitter", "user_id": UNKNOWN}]
    posts = [{"profile": "google", "text": "Plus"}, {"profile": "twitter", "text": "Theirs"}]
    sandbox = GraphqlClient(seed={"profiles": profiles, "posts": posts})
    assert (channels(sandbox), sandbox.listed()) == ({}, [])


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (CHANNELS, {"organizationId": UNKNOWN}),
        (CHANNEL, {"id": UNKNOWN}),
        (POSTS, {"organizationId": UNKNOWN}),
        (POSTS, {"organizationId": ORGANIZATION, "filter": {"channelIds": [TWITTER, UNKNOWN]}}),
        (DAILY, {"channelIds": [UNKNOWN]}),
        ("query($input: PostInput!) { post(input: $input) { id } }", {"id": UNKNOWN}),
        ("query($input: TagByIdInput!) { tag(input: $input) { id } }", {"id": UNKNOWN}),
        ("query($input: ContentItemInput!) { contentItem(input: $input) { id } }", {"id": UNKNOWN}),
    ],
)
def test_what_is_not_there(query: str, sent: object) -> None:
    assert GraphqlClient().errors(query, input=sent) == ["NOT_FOUND"]


# -- posts -----------------------------------------------------------------------------------------


@pytest.fixture
def sandbox() -> GraphqlClient:
    """Posts a, b, c, ... of every kind; the first is the oldest."""
    sandbox = GraphqlClient(
        seed={"tags": [{"name": "x", "id": "1" * 24}, {"name": "y", "id": "2" * 24}]}
    )
    custom = {"mode": "customScheduled"}
    sandbox.made("a now", mode="shareNow")
    sandbox.world.advance(60)
    sandbox.made("b custom", **custom, dueAt="2026-12-01T09:00:00Z", tagIds=["1" * 24])
    sandbox.world.advance(60)
    sandbox.made("c draft", saveToDraft=True, tagIds=["2" * 24, "1" * 24])
    sandbox.world.advance(60)
    sandbox.made("d approval", needsApproval=True, **custom, dueAt="2026-12-02T09:00:00Z")
    sandbox.world.advance(60)
    sandbox.made("e queue", channel=MASTODON)
    sandbox.world.set_setting("network_refuses", [LINKEDIN])
    sandbox.made("f error", channel=LINKEDIN, mode="shareNow")
    return sandbox


@pytest.mark.parametrize(
    ("asked", "letters"),
    [
        ({}, "fedcba"),
        ({"channelIds": [TWITTER]}, "dcba"),
        ({"channelIds": [LINKEDIN, MASTODON]}, "fe"),
        ({"channelIds": []}, ""),
        ({"status": ["sent"]}, "a"),
        ({"status": ["draft"]}, "c"),
        ({"status": ["needs_approval"]}, "d"),
        ({"status": ["scheduled", "error"]}, "feb"),
        ({"status": ["sending"]}, ""),
        ({"dueAt": {"start": "2026-12-01T09:00:00Z"}}, "db"),
        ({"dueAt": {"end": "2026-12-01T09:00:00Z"}}, "feba"),
        ({"dueAt": {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00+01:00"}}, "b"),
        ({"dueAtPresence": "absent"}, "c"),
        ({"dueAtPresence": "present", "status": ["draft", "needs_approval"]}, "d"),
        ({"createdAt": {"start": "2026-11-23T07:01:00Z", "end": "2026-11-23T07:02:00Z"}}, "cb"),
        ({"createdAt": {"start": "2026-11-23T07:01:00.001Z"}}, "fedc"),
        ({"startDate": "2026-12-01T00:00:00Z"}, "db"),
        ({"startDate": "2026-11-23T07:02:00Z", "endDate": "2026-11-23T07:03:00Z"}, "dc"),
        ({"tags": {"in": ["1" * 24]}}, "cb"),
        ({"tags": {"in": ["2" * 24, "3" * 24]}}, "c"),
        ({"tags": {"in": []}}, "fedcba"),
        ({"tags": {"in": [], "isEmpty": True}}, "feda"),
        ({"tags": {"in": ["2" * 24], "isEmpty": True}}, "fedca"),
        ({"tagIds": ["1" * 24]}, "cb"),
        ({"sort": [{"field": "createdAt", "direction": "asc"}]}, "abcdef"),
        ({"sort": [{"field": "dueAt", "direction": "asc"}]}, "cafebd"),
        ({"sort": [{"field": "dueAt", "direction": "desc"}]}, "dbefac"),
        ({"sort": []}, "fedcba"),
    ],
)
def test_filters_and_orders(sandbox: GraphqlClient, asked: dict[str, object], letters: str) -> None:
    assert "".join(text[0] for text in sandbox.listed(**asked)) == letters


def test_equal_keys_are_settled_by_the_next_ones() -> None:
    sandbox = GraphqlClient()
    for text, hour in (("a", 9), ("b", 8), ("c", 9)):
        sandbox.made(text, mode="customScheduled", dueAt=f"2026-12-01T0{hour}:00:00Z")
        sandbox.world.advance(1)
    due, made = {"field": "dueAt"}, {"field": "createdAt"}
    for directions, letters in ((("asc", "desc"), "bca"), (("desc", "asc"), "acb")):
        sort = [{**due, "direction": directions[0]}, {**made, "direction": directions[1]}]
        assert "".join(sandbox.listed(sort=sort)) == letters


@pytest.mark.parametrize(
    ("first", "filters"),
    [
        *((0, {}), (-1, {}), (101, {}), (10, {"dueAtPresence": "absent", "dueAt": {}})),
        *((10, {"postTypes": ["carousel"]}), (10, {"postTypes": ["post", "thread"]})),
    ],
)
def test_what_cannot_be_asked(first: int, filters: dict[str, object]) -> None:
    sent = {"organizationId": ORGANIZATION, "filter": filters}
    assert GraphqlClient().errors(POSTS, input=sent, first=first) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("types", "texts"),
    [
        (["post"], "bc"),
        (["story"], "a"),
        (["reel", "short"], ""),
        (["post", "story"], "abc"),
        ([], ""),
        (None, "abc"),
    ],
)
def test_posts_are_found_by_type(types: list[str] | None, texts: str) -> None:
    sandbox = GraphqlClient()
    picture = [{"image": {"url": "https://acme.example/a.png"}}]
    story = {"facebook": {"type": "story"}}
    thread = {"mastodon": {"thread": [{"text": "c"}, {"text": "more"}]}}
    sandbox.made("a", channel=FACEBOOK, metadata=story, assets=picture)
    sandbox.made("b", channel=TWITTER)
    sandbox.made("c", channel=MASTODON, metadata=thread)
    sent = {"organizationId": ORGANIZATION, "filter": {"postTypes": types}}
    edges = sandbox.data(POSTS, input=sent, first=10)["posts"]["edges"]
    assert "".join(sorted(edge["node"]["text"] for edge in edges)) == texts


@pytest.mark.parametrize("after", ["", "x", "eA==", base64.b64encode(b"eA==").decode(), "é"])
def test_cursors_that_are_none(after: str) -> None:
    sent = {"organizationId": ORGANIZATION}
    assert GraphqlClient().errors(POSTS, input=sent, after=after) == ["BAD_USER_INPUT"]


def test_pages_go_forward_by_ten() -> None:
    sandbox = GraphqlClient(
        seed={"posts": [{"profile": "twitter", "text": f"{n:02}"} for n in range(25)]}
    )
    seen: list[str] = []
    after: str | None = None
    for more in (True, True, False):
        page = sandbox.page(after=after)
        seen += [edge["node"]["text"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is more
        assert page["pageInfo"]["hasPreviousPage"] is False
        assert after == page["edges"][-1]["cursor"]
    assert seen == [f"{n:02}" for n in reversed(range(25))]
    assert sandbox.page(after=after) == {
        "edges": [],
        "pageInfo": {
            "startCursor": None,
            "endCursor": None,
            "hasNextPage": False,
            "hasPreviousPage": False,
        },
    }
    last = sandbox.page(first=1)["edges"][0]
    decoded = base64.b64decode(base64.b64decode(last["cursor"])).decode()
    assert decoded == f'o"{last["node"]["id"]}"'
    sandbox.world.person_delete(last["node"]["id"])
    sent = {"organizationId": ORGANIZATION}
    assert sandbox.errors(POSTS, input=sent, after=last["cursor"]) == ["BAD_USER_INPUT"]


def test_what_a_post_tells(sandbox: GraphqlClient) -> None:
    shown = {post["text"][0]: post for post in (e["node"] for e in sandbox.page()["edges"])}
    assert {letter: post["status"] for letter, post in shown.items()} == {
        "a": "sent",
        "b": "scheduled",
        "c": "draft",
        "d": "needs_approval",
        "e": "scheduled",
        "f": "error",
    }
    assert {post["via"] for post in shown.values()} == {"buffer"}
    assert shown["a"]["sentAt"] == shown["a"]["dueAt"] == "2026-11-23T07:00:00.000Z"
    assert shown["a"]["externalLink"].startswith("https://twitter.com/i/status/")
    assert (shown["a"]["sharedNow"], shown["a"]["shareMode"]) == (True, "shareNow")
    assert (shown["b"]["isCustomScheduled"], shown["b"]["shareMode"]) == (True, "customScheduled")
    assert (shown["b"]["sentAt"], shown["b"]["externalLink"]) == (None, None)
    assert [tag["name"] for tag in shown["c"]["tags"]] == ["x", "y"]
    assert shown["c"]["dueAt"] is None
    assert shown["d"]["dueAt"] == "2026-12-02T09:00:00.000Z"
    assert shown["e"]["dueAt"] == "2026-11-23T08:30:00.000Z"
    assert shown["f"]["error"] == {"message": "The network did not accept this post."}
    assert "updatePost" not in shown["a"]["allowedActions"]
    assert "approvePost" in shown["d"]["allowedActions"]


def test_a_post_that_is_on_its_way() -> None:
    sandbox = GraphqlClient(sending_seconds=30)
    post = sandbox.made(mode="customScheduled", dueAt="2026-11-23T08:00:00Z")
    stations = []
    for seconds in (3599, 1, 29, 1):
        sandbox.world.advance(seconds)
        shown = sandbox.show(post["id"])
        stations.append((shown["status"], shown["sentAt"] is not None))
        assert sandbox.listed(status=[shown["status"]]) == ["Hello"]
    assert stations == [
        *(("scheduled", False), ("sending", False), ("sending", False), ("sent", True))
    ]


def test_imported_posts_come_from_the_network_and_replies_do_not_come() -> None:
    posts = [
        {"profile": "twitter", "text": status, "status": status, "scheduled_at": "2026-11-01"}
        for status in ("service", "service_reply", "sent")
    ]
    sandbox = GraphqlClient(seed={"posts": posts})
    shown = [edge["node"] for edge in sandbox.page()["edges"]]
    assert [(post["text"], post["via"], post["status"]) for post in shown] == [
        ("sent", "buffer", "sent"),
        ("service", "network", "sent"),
    ]


def test_days_have_limits() -> None:
    extras = {"daily_limit": 2}
    profiles = [
        {"id": FACEBOOK, "service": "facebook", "timezone": "America/New_York"},
        {"id": TIKTOK, "service": "twitter", "extras": extras},
    ]
    sandbox = GraphqlClient(seed={"profiles": profiles})
    for hour in ("04:59", "05:00"):
        sandbox.made(
            channel=FACEBOOK,
            mode="customScheduled",
            dueAt=f"2026-12-01T{hour}:00Z",
            metadata={"facebook": {"type": "post"}},
        )
    sandbox.made("one", channel=TIKTOK, mode="shareNow")
    sandbox.made("two", channel=TIKTOK, mode="shareNow")
    payload = sandbox.create(channel=TIKTOK, text="three", mode="shareNow")
    assert payload["__typename"] == "LimitReachedError"

    def ask(date: str | None) -> list[list[object]]:
        sent = {"channelIds": [FACEBOOK, TIKTOK], "date": date}
        found = sandbox.data(DAILY, input=sent)["dailyPostingLimits"]
        return [list(entry.values())[1:] for entry in found]

    assert ask("2026-12-01T12:00:00Z") == [[0, 1, None, False], [0, 0, 2, False]]
    assert ask("2026-11-30T12:00:00Z") == [[0, 1, None, False], [0, 0, 2, False]]
    assert ask(None) == [[0, 0, None, False], [2, 0, 2, True]]
