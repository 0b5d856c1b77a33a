"""Tags and content items."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.graphql_client import ORGANIZATION, UNKNOWN, GraphqlClient, refused
from tests.sandbox.sandbox_client import FACEBOOK, LINKEDIN, TWITTER

CREATE_TAG = """mutation($input: CreateTagInput!) { createTag(input: $input) {
  __typename ... on TagActionSuccess { tag { id name color isLocked } }
  ... on MutationError { message } } }"""
TAGS = """query($input: TagsInput!, $first: Int, $after: String) {
  tagsV2(input: $input, first: $first, after: $after) {
    edges { cursor node { id name } } pageInfo { hasNextPage endCursor } } }"""
TAG = "query($input: TagByIdInput!) { tag(input: $input) { name } }"
ITEM = """id title targetDate createdAt organizationId tags { name }
  body { __typename
    ... on PostContent { posts { id text channelId contentItemId tags { name } } } }"""
CREATE_ITEM = f"""mutation($input: CreateContentItemInput!) {{ createContentItem(input: $input) {{
  __typename ... on CreateContentItemSuccess {{ content {{ {ITEM} }} }}
  ... on CreateContentItemFailure {{ message errors {{ __typename
    ... on MutationError {{ message }}
    ... on CreateContentItemVariantInvalidInputError {{ channelId }}
    ... on CreateContentItemVariantLimitReachedError {{ channelId }}
    ... on CreateContentItemVariantNotFoundError {{ channelId }} }} }} }} }}"""
GET_ITEM = f"query($input: ContentItemInput!) {{ contentItem(input: $input) {{ {ITEM} }} }}"
ITEMS = f"""query($input: ContentItemsInput!, $first: Int, $after: String) {{
  contentItems(input: $input, first: $first, after: $after) {{
    edges {{ node {{ {ITEM} }} }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}"""


def tag(sandbox: GraphqlClient, name: str, color: str = "#1A2b3C") -> dict[str, Any]:
    sent = {"organizationId": ORGANIZATION, "tag": {"name": name, "color": color}}
    found: dict[str, Any] = sandbox.data(CREATE_TAG, input=sent)["createTag"]
    return found


def names(sandbox: GraphqlClient, **page: object) -> list[str]:
    found = sandbox.data(TAGS, input={"organizationId": ORGANIZATION}, **page)["tagsV2"]
    return [edge["node"]["name"] for edge in found["edges"]]


def test_tags_are_made_and_listed_by_name() -> None:
    sandbox = GraphqlClient()
    made = [tag(sandbox, name)["tag"] for name in ("b", "a", "A")]
    assert made[0]["color"] == "#1A2b3C"
    assert names(sandbox) == ["A", "a", "b"]
    assert names(sandbox, first=2) == ["A", "a"]
    page = sandbox.data(TAGS, input={"organizationId": ORGANIZATION}, first=2)["tagsV2"]
    assert page["pageInfo"]["hasNextPage"] is True
    assert names(sandbox, after=page["pageInfo"]["endCursor"]) == ["b"]
    assert sandbox.data(TAG, input={"id": made[1]["id"]}) == {"tag": {"name": "a"}}
    unlocked = {"organizationId": ORGANIZATION, "filter": {"isLocked": False}}
    locked = {"organizationId": ORGANIZATION, "filter": {"isLocked": True}}
    assert len(sandbox.data(TAGS, input=unlocked)["tagsV2"]["edges"]) == 3
    assert sandbox.data(TAGS, input=locked)["tagsV2"]["edges"] == []
    for first in (0, 101):
        sent = {"organizationId": ORGANIZATION}
        assert sandbox.errors(TAGS, input=sent, first=first) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("name", "color"),
    [
        ("", "#000000"),
        ("x" * 101, "#000000"),
        ("x", "000000"),
        ("x", "#00000"),
    ],
)
def test_tags_that_cannot_be(name: str, color: str) -> None:
    sandbox = GraphqlClient()
    tag(sandbox, "there")
    assert refused(tag(sandbox, name, color))[0] == "InvalidInputError"
    assert names(sandbox) == ["there"]


def test_a_name_is_there_once() -> None:
    sandbox = GraphqlClient()
    tag(sandbox, "there")
    assert refused(tag(sandbox, "there"))[0] == "DuplicateError"
    assert names(sandbox) == ["there"]


def test_the_free_plan_has_three_tags() -> None:
    sandbox = GraphqlClient(seed={"account": {"plan": "free"}})
    kinds = [tag(sandbox, name)["__typename"] for name in "abcd"]
    assert kinds == ["TagActionSuccess"] * 3 + ["LimitReachedError"]


def post(channel: str, text: str = "Hello", **sent: object) -> dict[str, object]:
    usual = {"channelId": channel, "text": text, "mode": "addToQueue"}
    return {**usual, "schedulingType": "automatic", **sent}


def create(sandbox: GraphqlClient, *posts: dict[str, object], **sent: object) -> dict[str, Any]:
    wanted = {"organizationId": ORGANIZATION, "posts": posts, **sent}
    found: dict[str, Any] = sandbox.data(CREATE_ITEM, input=wanted)["createContentItem"]
    return found


def test_one_request_makes_the_posts_of_several_channels() -> None:
    sandbox = GraphqlClient()
    made = tag(sandbox, "x")["tag"]
    payload = create(
        sandbox,
        post(TWITTER),
        post(LINKEDIN, "Good day", mode="customScheduled", dueAt="2026-12-01T09:00:00Z"),
        title="Launch",
        targetDate="2026-12-01T09:00:00Z",
        tagIds=[made["id"]],
    )
    item = payload["content"]
    assert (item["title"], item["targetDate"]) == ("Launch", "2026-12-01T09:00:00.000Z")
    assert item["tags"] == [{"name": "x"}]
    posts = item["body"]["posts"]
    assert [(p["channelId"], p["text"]) for p in posts] == [
        (TWITTER, "Hello"),
        (LINKEDIN, "Good day"),
    ]
    assert [p["tags"] for p in posts] == [[], []], "tags of the item do not reach its posts"
    assert {p["contentItemId"] for p in posts} == {item["id"]}
    assert sandbox.data(GET_ITEM, input={"id": item["id"]}) == {"contentItem": item}
    sandbox.delete(posts[0]["id"])
    left = sandbox.data(GET_ITEM, input={"id": item["id"]})["contentItem"]["body"]["posts"]
    assert left == posts[1:]


def errors(payload: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return type, channel and words of each error of a failure."""
    assert payload["__typename"] == "CreateContentItemFailure"
    return [
        (
            error["__typename"],
            error.get("channelId", ""),
            error["message"].removeprefix("Invalid post: "),
        )
        for error in payload["errors"]
    ]


INVALID, INVALID_ONE = "InvalidInputError", "CreateContentItemVariantInvalidInputError"
NOT_FOUND_ONE = "CreateContentItemVariantNotFoundError"


@pytest.mark.parametrize(
    ("posts", "listed"),
    [
        ([], [(INVALID, "", "A content item has at least one post.")]),
        (
            [post(TWITTER), post(TWITTER, "b")],
            [(INVALID, "", "A content item has at most one post per channel.")],
        ),
        (
            [post(TWITTER), post(FACEBOOK)],
            [(INVALID_ONE, FACEBOOK, "Facebook posts require a type (post, story, or reel).")],
        ),
        ([post(TWITTER), post(UNKNOWN)], [(NOT_FOUND_ONE, UNKNOWN, "Channel not found")]),
        (
            [post(TWITTER, tagIds=[UNKNOWN]), post(LINKEDIN, tagIds=[UNKNOWN])],
            [
                (NOT_FOUND_ONE, TWITTER, "Tag not found"),
                (NOT_FOUND_ONE, LINKEDIN, "Tag not found"),
            ],
        ),
    ],
)
def test_all_or_nothing(posts: list[dict[str, object]], listed: list[tuple[str, str, str]]) -> None:
    sandbox = GraphqlClient()
    assert errors(create(sandbox, *posts)) == listed
    assert sandbox.world.snapshot() == ()
    assert (
        sandbox.data(ITEMS, input={"organizationId": ORGANIZATION})["contentItems"]["edges"] == []
    )


def test_a_full_channel_stops_the_whole_item() -> None:
    sandbox = GraphqlClient(queue_limit=1)
    sandbox.made(channel=LINKEDIN)
    payload = create(sandbox, post(TWITTER), post(LINKEDIN, "b"))
    ((kind, channel, _),) = errors(payload)
    assert (kind, channel) == ("CreateContentItemVariantLimitReachedError", LINKEDIN)
    assert len(sandbox.world.snapshot()) == 1


def target(**asked: object) -> dict[str, object]:
    return {"filter": {"targetDate": asked}}


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, "cba"),
        ({"sort": [{"field": "createdAt", "direction": "asc"}]}, "abc"),
        ({"sort": [{"field": "targetDate", "direction": "desc"}]}, "abc"),
        ({"filter": {"contentStatus": "postContent"}}, "cba"),
        ({"filter": {"contentStatus": "draftContent"}}, ""),
        (target(presence="absent"), "c"),
        (target(presence="present"), "ba"),
        (target(range={"start": "2026-12-02T00:00:00Z"}), "a"),
        ({"filter": {"tags": {"in": [], "isEmpty": True}}}, "cba"),
        ({"filter": {"tags": {"in": [UNKNOWN]}}}, ""),
    ],
)
def test_items_are_listed(asked: dict[str, object], titles: str) -> None:
    sandbox = GraphqlClient()
    for title, date in (("a", "2026-12-02T09:00:00Z"), ("b", "2026-12-01T09:00:00Z"), ("c", None)):
        create(sandbox, post(TWITTER, title), title=title, targetDate=date)
        sandbox.world.advance(1)
    sent = {"organizationId": ORGANIZATION, **asked}
    found = sandbox.data(ITEMS, input=sent)["contentItems"]
    assert "".join(edge["node"]["title"] for edge in found["edges"]) == titles
    first = sandbox.data(ITEMS, input=sent, first=1)["contentItems"]
    assert found["totalCount"] == first["totalCount"] == len(titles)
    assert first["pageInfo"]["hasNextPage"] is (len(titles) > 1)


def test_a_target_date_is_a_range_or_a_presence() -> None:
    sent = {"organizationId": ORGANIZATION, **target(presence="absent", range={})}
    assert GraphqlClient().errors(ITEMS, input=sent) == ["BAD_USER_INPUT"]


def test_other_organizations() -> None:
    sandbox = GraphqlClient()
    payload = create(sandbox, post(TWITTER), organizationId=UNKNOWN)
    assert errors(payload) == [("NotFoundError", "", "Organization not found")]
    sent = {"organizationId": UNKNOWN, "tag": {"name": "x", "color": "#000000"}}
    assert refused(sandbox.data(CREATE_TAG, input=sent)["createTag"])[1] == "Organization not found"
