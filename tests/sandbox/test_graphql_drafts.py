"""Drafts of content: made with a key, edited, promoted to posts, and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from plancast.sandbox import Fault, FaultKind
from tests.sandbox.graphql_client import ORGANIZATION, UNKNOWN, GraphqlClient
from tests.sandbox.sandbox_client import FACEBOOK, LINKEDIN, TWITTER
from tests.sandbox.test_graphql_items import GET_ITEM, ITEMS, post, tag

KEY = "0b6c9d52-6a0f-5c61-9d5e-6d1c4a1f2b3c"
SHOWN = """id title targetDate allowedActions tags { name }
  body { __typename ... on DraftContent { id text aiAssisted assets { source } }
    ... on PostContent { posts { id text channelId contentItemId status tags { name } } } }"""
ERRORS = """__typename ... on MutationError { message }
  ... on PostInvalidInputError { channelId } ... on PostLimitReachedError { channelId }
  ... on PostChannelNotFoundError { channelId }"""


def mutation(name: str, success: str = "contentItem", errors: str = "") -> str:
    """Return the document of a mutation of content items."""
    kind = name[0].upper() + name[1:]
    listed = errors or "__typename ... on MutationError { message }"
    return f"""mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename
      ... on {kind}Success {{ {success} {{ {SHOWN} }} }}
      ... on {kind}Failure {{ message errors {{ {listed} }} }} }} }}"""


CREATE = mutation("createContentItemDraft")
UPDATE = mutation("updateContentItem")
UPDATE_DRAFT = mutation("updateContentItemDraft")
PROMOTE = mutation("promoteContentItemDraftToPosts", errors=ERRORS)
DELETE = """mutation($input: DeleteContentItemInput!) { deleteContentItem(input: $input) {
  __typename ... on DeleteContentItemFailure { message errors { channelId message } } } }"""
JOIN = """mutation($input: %sPost%sContentItemInput!) { %sPost%sContentItem(input: $input) {
  __typename ... on %sPost%sContentItemSuccess { post { contentItemId } }
  ... on MutationError { message } } }"""
ADD = JOIN % ("Add", "To", "add", "To", "Add", "To")
REMOVE = JOIN % ("Remove", "From", "remove", "From", "Remove", "From")


def draft(sandbox: GraphqlClient, text: str = "Hello", **sent: object) -> dict[str, Any]:
    wanted = {"organizationId": ORGANIZATION, "draft": {"text": text}, **sent}
    payload: dict[str, Any] = sandbox.data(CREATE, input=wanted)["createContentItemDraft"]
    return payload


def promote(sandbox: GraphqlClient, id_: str, *posts: object, **sent: object) -> dict[str, Any]:
    wanted = {"id": id_, "posts": posts, **sent}
    payload: dict[str, Any] = sandbox.data(PROMOTE, input=wanted)["promoteContentItemDraftToPosts"]
    return payload


def read(sandbox: GraphqlClient, id_: str) -> dict[str, Any]:
    document = GET_ITEM.replace(GET_ITEM[GET_ITEM.index("{ id title") :], f"{{ {SHOWN} }} }}")
    found: dict[str, Any] = sandbox.data(document, input={"id": id_})["contentItem"]
    return found


def kinds(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return type and channel of each error of a failure."""
    assert payload["__typename"].endswith("Failure")
    return [(error["__typename"], error.get("channelId", "")) for error in payload["errors"]]


def test_a_draft_is_no_post() -> None:
    sandbox = GraphqlClient()
    picture = {"image": {"url": "https://acme.example/a.png"}}
    content = {"text": "Hello", "assets": [picture]}
    item = draft(sandbox, title="Launch", draft=content)["contentItem"]
    assert item["body"]["__typename"] == "DraftContent"
    assert item["body"]["text"] == "Hello"
    assert item["body"]["assets"] == [{"source": "https://acme.example/a.png"}]
    assert read(sandbox, item["id"]) == item
    assert sandbox.world.snapshot() == ()


@pytest.mark.parametrize(("status", "found"), [("draftContent", 1), ("postContent", 2)])
def test_drafts_are_listed_apart(status: str, found: int) -> None:
    sandbox = GraphqlClient()
    ids = [draft(sandbox, text)["contentItem"]["id"] for text in "abc"]
    for id_ in ids[:2]:
        promote(sandbox, id_, post(TWITTER))
    sent = {"organizationId": ORGANIZATION, "filter": {"contentStatus": status}}
    assert sandbox.data(ITEMS, input=sent)["contentItems"]["totalCount"] == found


def test_a_repeated_key_gives_the_first_item_in_its_present_state() -> None:
    sandbox = GraphqlClient()
    first = draft(sandbox, "one", correlationId=KEY)["contentItem"]
    assert draft(sandbox, "two", correlationId=KEY.upper())["contentItem"] == first
    other = draft(sandbox, "one", correlationId=KEY[:-1] + "d")["contentItem"]
    assert other["id"] != first["id"]
    assert len({draft(sandbox)["contentItem"]["id"] for _ in range(2)}) == 2, "no key is no key"
    promoted = promote(sandbox, first["id"], post(TWITTER))["contentItem"]
    assert draft(sandbox, "one", correlationId=KEY)["contentItem"] == promoted
    assert len(sandbox.world.snapshot()) == 1


def test_a_key_is_a_uuid() -> None:
    sent = {"organizationId": ORGANIZATION, "draft": {"text": "a"}, "correlationId": "launch"}
    answer = GraphqlClient().ask(CREATE, input=sent)
    assert answer.status_code == 400
    assert "Uuid cannot represent" in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {"draft": {"text": " "}},
        {"organizationId": UNKNOWN},
        {"tagIds": [UNKNOWN]},
        {"draft": {"text": "a", "assets": [{}]}},
    ],
)
def test_drafts_that_cannot_be(sent: dict[str, Any]) -> None:
    sandbox = GraphqlClient()
    assert kinds(draft(sandbox, **sent)) == [("InvalidInputError", "")]
    listed = sandbox.data(ITEMS, input={"organizationId": ORGANIZATION})["contentItems"]
    assert listed["totalCount"] == 0


def test_an_edit_keeps_what_it_omits_and_clears_what_is_null() -> None:
    sandbox = GraphqlClient()
    label = tag(sandbox, "x")["tag"]
    date = "2026-12-01T09:00:00.000Z"
    made = draft(sandbox, title="a", targetDate=date, tagIds=[label["id"]])["contentItem"]
    id_ = made["id"]

    def edited(document: str, name: str, **sent: object) -> dict[str, Any]:
        payload = sandbox.data(document, input={"id": id_, **sent})[name]
        found: dict[str, Any] = payload["contentItem"]
        return found

    assert edited(UPDATE, "updateContentItem", title="b") == {**made, "title": "b"}
    assert edited(UPDATE, "updateContentItem", title=None)["title"] is None
    assert edited(UPDATE, "updateContentItem", targetDate=None)["targetDate"] is None
    changed = edited(UPDATE_DRAFT, "updateContentItemDraft", draft={"text": "new"})
    assert (changed["body"]["text"], changed["tags"]) == ("new", [{"name": "x"}])
    assert changed["body"]["id"] == made["body"]["id"]
    bare = edited(UPDATE_DRAFT, "updateContentItemDraft", draft={"text": "new"}, tagIds=None)
    assert bare["tags"] == []


def test_a_promotion_makes_the_posts_once() -> None:
    sandbox = GraphqlClient()
    label = tag(sandbox, "x")["tag"]
    id_ = draft(sandbox, tagIds=[label["id"]])["contentItem"]["id"]
    tagged = post(LINKEDIN, tagIds=[label["id"]])
    item = promote(sandbox, id_, post(TWITTER), tagged)["contentItem"]
    shown = [(one["channelId"], one["tags"]) for one in item["body"]["posts"]]
    assert shown == [(TWITTER, []), (LINKEDIN, [{"name": "x"}])]
    assert {one["contentItemId"] for one in item["body"]["posts"]} == {id_}
    assert item["tags"] == [{"name": "x"}]
    again = promote(sandbox, id_, post(TWITTER))
    assert kinds(again) == [("ContentItemStateError", "")]
    assert len(sandbox.world.snapshot()) == 2


@pytest.mark.parametrize(
    ("posts", "errors"),
    [
        ([], [("InvalidInputError", "")]),
        ([post(TWITTER), post(TWITTER)], [("InvalidInputError", "")]),
        ([post(TWITTER), post(FACEBOOK)], [("PostInvalidInputError", FACEBOOK)]),
        ([post(UNKNOWN), post(TWITTER)], [("PostChannelNotFoundError", UNKNOWN)]),
        (
            [post(TWITTER), post(LINKEDIN), post(FACEBOOK)],
            [("PostLimitReachedError", LINKEDIN), ("PostInvalidInputError", FACEBOOK)],
        ),
    ],
)
def test_a_promotion_that_is_refused_leaves_the_draft(
    posts: list[dict[str, object]], errors: list[tuple[str, str]]
) -> None:
    sandbox = GraphqlClient(queue_limit=1)
    sandbox.made(channel=LINKEDIN)
    item = draft(sandbox)["contentItem"]
    assert kinds(promote(sandbox, item["id"], *posts)) == errors
    assert read(sandbox, item["id"]) == item
    assert len(sandbox.world.snapshot()) == 1


@pytest.mark.parametrize(
    ("kind", "made"), [(FaultKind.PARTIAL_CREATE, 1), (FaultKind.FAILURE_AFTER, 2)]
)
def test_a_promotion_can_fail_after_it_took_effect(kind: FaultKind, made: int) -> None:
    sandbox = GraphqlClient()
    id_ = draft(sandbox)["contentItem"]["id"]
    sandbox.world.arm(Fault(kind, "mutation promoteContentItemDraftToPosts"))
    failed = promote(sandbox, id_, post(TWITTER), post(LINKEDIN))
    assert failed["__typename"] == "PromoteContentItemDraftToPostsFailure"
    assert len(read(sandbox, id_)["body"]["posts"]) == made == len(sandbox.world.snapshot())
    assert kinds(promote(sandbox, id_, post(TWITTER))) == [("ContentItemStateError", "")]


@pytest.mark.parametrize("fails", [False, True])
def test_a_content_item_is_deleted_with_its_posts(fails: bool) -> None:
    sandbox = GraphqlClient()
    id_ = draft(sandbox)["contentItem"]["id"]
    promote(sandbox, id_, post(TWITTER), post(LINKEDIN))
    other = sandbox.made("another")
    if fails:
        sandbox.world.arm(Fault(FaultKind.FAILURE_AFTER, "mutation deleteContentItem"))
    payload = sandbox.data(DELETE, input={"id": id_})["deleteContentItem"]
    wanted = "DeleteContentItemFailure" if fails else "EmptySuccess"
    assert payload["__typename"] == wanted
    assert [one.id for one in sandbox.world.snapshot()] == [other["id"]]
    assert sandbox.errors(GET_ITEM, input={"id": id_}) == ["NOT_FOUND"]
    gone = sandbox.data(DELETE, input={"id": id_})["deleteContentItem"]
    assert gone["__typename"] == "DeleteContentItemFailure"


def test_a_content_item_of_which_a_post_went_out_stays_whole() -> None:
    sandbox = GraphqlClient()
    id_ = draft(sandbox)["contentItem"]["id"]
    promote(sandbox, id_, post(TWITTER, mode="shareNow"), post(LINKEDIN))
    payload = sandbox.data(DELETE, input={"id": id_})["deleteContentItem"]
    assert [error["channelId"] for error in payload["errors"]] == [TWITTER]
    assert len(read(sandbox, id_)["body"]["posts"]) == 2


def test_posts_join_and_leave_a_content_item() -> None:
    sandbox = GraphqlClient()
    id_ = draft(sandbox)["contentItem"]["id"]
    made = sandbox.made("another")
    sent = {"id": id_, "postId": made["id"]}
    early = sandbox.data(ADD, input=sent)["addPostToContentItem"]
    assert early["__typename"] == "VoidMutationError"
    promote(sandbox, id_, post(LINKEDIN))
    assert sandbox.data(ADD, input=sent)["addPostToContentItem"]["post"] == {"contentItemId": id_}
    for _ in range(2):
        left = sandbox.data(REMOVE, input=sent)["removePostFromContentItem"]
        assert left["post"] == {"contentItemId": None}, "a repetition succeeds"
    assert len(sandbox.world.snapshot()) == 2
    for wrong in ({**sent, "id": UNKNOWN}, {**sent, "postId": UNKNOWN}):
        assert (
            sandbox.data(ADD, input=wrong)["addPostToContentItem"]["__typename"]
            == "VoidMutationError"
        )


# -- switches ----


def test_a_key_can_be_forgotten() -> None:
    sandbox = GraphqlClient(graphql_key_memory=600)
    first = draft(sandbox, correlationId=KEY)["contentItem"]["id"]
    assert draft(sandbox, correlationId=KEY)["contentItem"]["id"] == first
    sandbox.world.advance(600)
    second = draft(sandbox, correlationId=KEY)["contentItem"]["id"]
    assert second != first
    assert draft(sandbox, correlationId=KEY)["contentItem"]["id"] == second
    sandbox.world.set_setting("graphql_key_memory", 0)
    assert draft(sandbox, correlationId=KEY)["contentItem"]["id"] not in (first, second)


@pytest.mark.parametrize("half", [False, True])
def test_a_channel_can_refuse_to_be_promoted_on(half: bool) -> None:
    sandbox = GraphqlClient(promote_refuses=(TWITTER,), half_promotes=half)
    id_ = draft(sandbox)["contentItem"]["id"]
    payload = promote(sandbox, id_, post(TWITTER), post(LINKEDIN))
    assert kinds(payload) == [("PostInvalidInputError", TWITTER)]
    made = ["PostContent", 1] if half else ["DraftContent", 0]
    assert [read(sandbox, id_)["body"]["__typename"], len(sandbox.world.snapshot())] == made


@pytest.mark.parametrize("half", [False, True])
def test_all_channels_can_refuse_to_be_promoted_on(half: bool) -> None:
    sandbox = GraphqlClient(promote_refuses=("*",), half_promotes=half)
    id_ = draft(sandbox)["contentItem"]["id"]
    payload = promote(sandbox, id_, post(TWITTER), post(LINKEDIN))
    assert [channel for _, channel in kinds(payload)] == [TWITTER, LINKEDIN]
    assert read(sandbox, id_)["body"]["__typename"] == "DraftContent"
    assert sandbox.world.snapshot() == ()
