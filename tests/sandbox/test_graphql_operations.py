"""The operations that Buffer's own client knew in October 2026, with documents of our own.

For each operation there is one input. The document asks for every field of the result, some levels
deep, so that no field of the schema lacks a value when a client asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    validate,
)

from plancast.sandbox import Fault, FaultKind
from plancast.sandbox.graphql.schema import schema
from tests.sandbox.graphql_client import (
    EVERYBODY,
    GOOGLE,
    ORGANIZATION,
    PINTEREST,
    PNG,
    THREADS,
    TIKTOK,
    UNKNOWN,
    VIDEO,
    YOUTUBE,
    GraphqlClient,
)
from tests.sandbox.sandbox_client import BLUESKY, FACEBOOK, INSTAGRAM, LINKEDIN, MASTODON, TWITTER
from tests.sandbox.test_graphql_items import tag

KNOWN = Path(__file__).resolve().parents[3] / "shared/facts/buffer-operations-2026-10.md"
DEPTH = 5
LEVELS = {"createPost": 6, "editPost": 6, "movePostInQueue": 6, "post": 6, "posts": 7}
"""How deep a document goes, if not DEPTH: the metadata of a post lie deep."""

CARD = {"url": "https://acme.example/launch", "title": "Launch"}
DAY = "2026-12-01T10:00:00Z"
POSTS: dict[str, dict[str, Any]] = {
    TWITTER: {"metadata": {"twitter": {"thread": [{"text": "Hello"}, {"text": "More"}]}}},
    LINKEDIN: {"metadata": {"linkedin": {"firstComment": "First", "linkAttachment": CARD}}},
    MASTODON: {"metadata": {"mastodon": {"spoilerText": "Careful"}}},
    BLUESKY: {"metadata": {"bluesky": {"linkAttachment": CARD}}},
    THREADS: {"metadata": {"threads": {"topic": "Stages", "linkAttachment": CARD}}},
    FACEBOOK: {"metadata": {"facebook": {"type": "post", "firstComment": "First"}}},
    INSTAGRAM: {
        "assets": [PNG],
        "metadata": {"instagram": {"type": "post", "shouldShareToFeed": True}},
    },
    PINTEREST: {
        "assets": [PNG],
        "metadata": {"pinterest": {"boardServiceId": "77", "title": "A stage"}},
    },
    YOUTUBE: {
        "assets": [VIDEO],
        "metadata": {"youtube": {"title": "A stage", "categoryId": "22"}},
    },
    TIKTOK: {"assets": [PNG], "metadata": {"tiktok": {"title": "A stage"}}},
    GOOGLE: {
        "metadata": {
            "google": {
                "type": "event",
                "detailsEvent": {
                    "title": "Come",
                    "startDate": DAY,
                    "endDate": "2026-12-02T10:00:00Z",
                    "isFullDayEvent": False,
                    "button": "book",
                    "link": "https://acme.example",
                },
            }
        }
    },
}
"""A post of each network, with what is special there."""

QUEUED = {"schedulingType": "automatic", "mode": "addToQueue", "text": "Hello"}


class Stage:
    """A sandbox with a post of each network, a draft of content, a content item and tags.

    `ids` are those of the post on X, of the post on LinkedIn, of the draft, the item and a tag.
    """

    def __init__(self) -> None:
        self.client = GraphqlClient(seed=EVERYBODY)
        label = tag(self.client, "launch")["tag"]["id"]
        made = {
            channel: self.client.made(channel=channel, tagIds=[label], **sent)["id"]
            for channel, sent in POSTS.items()
        }
        self.ids = {
            "x": made[TWITTER],
            "li": made[LINKEDIN],
            "draft": self.run("createContentItemDraft", draft={"text": "Idea"})["contentItem"][
                "id"
            ],
            "item": self.run("createContentItem", posts=[self.post(MASTODON)])["content"]["id"],
            "tag": label,
        }

    @staticmethod
    def post(channel: str) -> dict[str, Any]:
        return {**QUEUED, "channelId": channel, **POSTS[channel]}

    def run(self, name: str, **sent: object) -> Any:
        """Return the result of an operation on the one organization."""
        wanted = {"organizationId": ORGANIZATION, **sent}
        return self.client.data(document(name), input=wanted)[name]


Input = dict[str, Any]
ORG = {"organizationId": ORGANIZATION}


def inputs(ids: Mapping[str, str]) -> dict[str, Input]:
    """Return an input for each operation that the sandbox serves."""
    x, li, draft, item = ids["x"], ids["li"], ids["draft"], ids["item"]
    post = Stage.post(FACEBOOK)
    return {
        "account": {},
        "channel": {"id": INSTAGRAM},
        "channels": {**ORG, "filter": {"isLocked": False, "product": "publish"}},
        "configuration": ORG,
        "contentItem": {"id": item},
        "contentItems": {
            **ORG,
            "filter": {"contentStatus": "postContent", "targetDate": {"presence": "absent"}},
            "sort": [{"field": "createdAt", "direction": "desc"}],
        },
        "dailyPostingLimits": {"channelIds": [TWITTER, FACEBOOK], "date": DAY},
        "post": {"id": x},
        "posts": {
            **ORG,
            "filter": {"status": ["scheduled"], "tagIds": [ids["tag"]], "postTypes": ["post"]},
            "sort": [{"field": "dueAt", "direction": "asc"}],
        },
        "tag": {"id": ids["tag"]},
        "tagsV2": {**ORG, "filter": {"isLocked": False}},
        "addPostToContentItem": {"id": item, "postId": li},
        "removePostFromContentItem": {"id": item, "postId": li},
        "createContentItem": {**ORG, "posts": [post], "tagIds": [ids["tag"]], "title": "Launch"},
        "createContentItemDraft": {
            **ORG,
            "draft": {"text": "Idea", "assets": [PNG], "aiAssisted": False},
            "correlationId": "0b6c9d52-6a0f-5c61-9d5e-6d1c4a1f2b3c",
        },
        "updateContentItem": {"id": item, "title": "Launch day", "targetDate": DAY},
        "updateContentItemDraft": {"id": draft, "draft": {"text": "Better"}, "targetDate": None},
        "promoteContentItemDraftToPosts": {"id": draft, "posts": [post]},
        "deleteContentItem": {"id": item},
        "createPost": post,
        "editPost": {
            "id": li,
            **{n: v for n, v in Stage.post(LINKEDIN).items() if n != "channelId"},
        },
        "movePostInQueue": {"id": x, "position": "bottom"},
        "deletePost": {"id": x},
    }


IDEA = {"content": {"title": "Idea", "text": "A stage"}, "group": {"groupId": "g"}}
TEMPLATE = {"title": "Weekly", "body": "Market day", "visibility": "private"}
NOT_SERVED: dict[str, Input] = {
    "aggregatedPostMetrics": {**ORG, "startDateTime": DAY, "endDateTime": DAY},
    "ideaGroups": ORG,
    "ideas": ORG,
    "createIdea": {**ORG, **IDEA},
    "postTemplate": {"id": UNKNOWN},
    "postTemplates": {**ORG, "filter": {"visibility": "private"}},
    "createPostTemplate": {**ORG, **TEMPLATE},
    "updatePostTemplate": {"id": UNKNOWN, **TEMPLATE},
    "deletePostTemplate": {"id": UNKNOWN},
    "instagramAudio": {"audioId": "1", "channelId": INSTAGRAM},
    "searchInstagramAudio": {"audioType": "music", "channelId": INSTAGRAM, "query": "jazz"},
    "trendingInstagramAudio": {"audioType": "music", "channelId": INSTAGRAM},
}
"""The operations about what plancast does not touch: ideas, templates, metrics in sums, audio."""

SERVED = tuple(inputs(dict.fromkeys(("x", "li", "draft", "item", "tag"), UNKNOWN)))
FAILS_AFTER = tuple(name for name in SERVED if "ContentItem" in name and name[:7] != "content")
"""The mutations of content items, each of which may fail after it took effect."""


# -- documents ------------------------------------------------------------------------------------


def root(name: str) -> GraphQLField:
    """Return the root field of an operation."""
    known = schema()
    assert known.query_type
    assert known.mutation_type
    found: GraphQLField = {**known.query_type.fields, **known.mutation_type.fields}[name]
    return found


@cache
def document(name: str) -> str:
    """Return a document that asks for everything that an operation shows, some levels deep."""
    known, field = schema(), root(name)
    kind = "query" if known.query_type and name in known.query_type.fields else "mutation"
    below = everything(get_named_type(field.type), LEVELS.get(name, DEPTH))
    if "input" not in field.args:
        return f"{kind} {{ {name} {below} }}"
    first = ", first: 20" if "first" in field.args else ""
    return f"{kind}($input: {field.args['input'].type}) {{ {name}(input: $input{first}) {below} }}"


def everything(of: GraphQLNamedType, depth: int) -> str:
    """Return a selection of all fields of a type, of each member if it has several."""
    if isinstance(of, GraphQLObjectType):
        return f"{{ __typename {' '.join(fields(of, depth, {}))} }}"
    assert isinstance(of, GraphQLInterfaceType | GraphQLUnionType)
    types: dict[str, str] = {}
    members = sorted(schema().get_possible_types(of), key=lambda member: member.name)
    parts = [f"... on {one.name} {{ {' '.join(fields(one, depth, types))} }}" for one in members]
    return f"{{ __typename {' '.join(parts)} }}"


def fields(of: GraphQLObjectType, depth: int, types: dict[str, str]) -> Iterator[str]:
    """Yield the selections of the fields of a type, down to `depth` levels.

    `types` are those of the fields of other members by name: a field of another type needs an alias
    beside them.
    """
    yield "__typename"
    for name, field in of.fields.items():
        inner = get_named_type(field.type)
        if any(map(is_required_argument, field.args.values())):
            continue
        if not is_leaf_type(inner) and depth <= 1:
            continue
        same = types.setdefault(name, str(field.type)) == str(field.type)
        below = "" if is_leaf_type(inner) else f" {everything(inner, depth - 1)}"
        yield f"{name if same else f'{of.name}_{name}: {name}'}{below}"


# -- laws -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*SERVED, *NOT_SERVED])
def test_every_document_is_valid(name: str) -> None:
    assert [error.message for error in validate(schema(), parse(document(name)))] == []


@pytest.mark.part(3)
@pytest.mark.parametrize("name", SERVED)
def test_the_sandbox_answers_with_every_field(name: str) -> None:
    stage = Stage()
    shown = stage.client.data(document(name), input=inputs(stage.ids)[name])[name]
    kinds = {item.get("__typename", "") for item in (shown if isinstance(shown, list) else [shown])}
    assert not any(kind.endswith(("Error", "Failure")) for kind in kinds), shown


@pytest.mark.parametrize("name", NOT_SERVED)
def test_what_the_sandbox_does_not_serve_is_refused_by_name(name: str) -> None:
    answer = GraphqlClient(seed=EVERYBODY).ask(document(name), input=NOT_SERVED[name])
    assert answer.status_code == 200
    assert answer.json is not None
    (error,) = answer.json["errors"]
    assert error["message"] == f"The sandbox does not serve {name}."
    assert error["extensions"]["code"] == "UNEXPECTED"


@pytest.mark.part(3)
@pytest.mark.parametrize("name", FAILS_AFTER)
def test_a_failure_after_success_shows_nothing_of_it(name: str) -> None:
    """What was done stays, so an answer like this one must never be taken for a refusal."""
    stage = Stage()
    before = state(stage)
    stage.client.world.arm(Fault(FaultKind.FAILURE_AFTER, f"mutation {name}"))
    shown = stage.client.data(document(name), input=inputs(stage.ids)[name])[name]
    assert shown["__typename"].endswith(("Failure", "Error")), shown
    assert "content" not in shown
    assert state(stage) != before or name == "removePostFromContentItem"


def state(stage: Stage) -> list[object]:
    """Return all posts and content items, each as the API shows it."""
    items = stage.run("contentItems")["edges"]
    return [*items, *stage.client.page(first=100)["edges"]]


def test_every_network_shows_its_metadata() -> None:
    stage = Stage()
    edges = stage.run("posts")["edges"]
    shown = {edge["node"]["metadata"]["__typename"] for edge in edges}
    assert len(shown) == len(POSTS)
    assert {edge["node"]["channelService"] for edge in edges} == {
        profile["service"] for profile in EVERYBODY["profiles"]
    }


def test_the_operations_are_those_that_are_known() -> None:
    if not KNOWN.exists():
        pytest.skip("the list of operations is not here")
    part = KNOWN.read_text(encoding="utf-8").partition("## 1.")[2].partition("## 2.")[0]
    rows = re.findall(r"^\| \**(\w+)\**(?: \(new\))? \|", part, re.MULTILINE)
    known = set(rows) - {"query", "mutation"}
    assert len(known) == 35
    assert {*SERVED, *NOT_SERVED} == known
