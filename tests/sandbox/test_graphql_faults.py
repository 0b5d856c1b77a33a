"""Every fault over GraphQL: what the client sees, and what has happened by then."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from plancast.sandbox import ConnectionDropped, Fault, FaultKind, Phase
from plancast.sandbox.faults import GRAPHQL_ONLY
from tests.sandbox.graphql_client import CREATE, DELETE, EDIT, ORGANIZATION, GraphqlClient
from tests.sandbox.sandbox_client import LINKEDIN, TWITTER, seconds
from tests.sandbox.test_graphql_items import CREATE_ITEM, errors, post

SENT = {"channelId": TWITTER, "text": "Hello", "mode": "addToQueue", "schedulingType": "automatic"}
ACCOUNT = "{ account { id } }"
MUTATION = "mutation createPost"


def create(sandbox: GraphqlClient, **sent: object) -> TestResponse:
    return sandbox.ask(CREATE, input={**SENT, **sent})


def armed(kind: FaultKind, name: str = MUTATION, **more: Any) -> GraphqlClient:
    sandbox = GraphqlClient()
    sandbox.world.arm(Fault(kind, name, **more))
    return sandbox


def body(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize(
    ("kind", "phase", "posts"),
    [
        (FaultKind.LOST_REQUEST, Phase.REQUEST, 0),
        (FaultKind.LATE_COMMIT, Phase.LATE, 0),
        (FaultKind.LOST_ANSWER, Phase.ANSWER, 1),
        (FaultKind.TRUNCATED_BODY, Phase.BODY, 1),
    ],
)
def test_connections_that_go_away(kind: FaultKind, phase: Phase, posts: int) -> None:
    sandbox = armed(kind)
    with pytest.raises(ConnectionDropped) as caught:
        create(sandbox)
    assert caught.value.phase is phase
    assert len(sandbox.world.snapshot()) == posts
    assert sandbox.world.requests().received == {MUTATION: 1}
    assert sandbox.world.requests().executed == ({MUTATION: 1} if posts else {})


CODES = {
    FaultKind.MESSAGE_OBJECT: (200, 0, "FORBIDDEN"),
    FaultKind.UNAUTHORIZED: (401, 0, "UNAUTHENTICATED"),
    FaultKind.RATE_429: (429, 0, "RATE_LIMIT_EXCEEDED"),
    FaultKind.PARTIAL_CREATE: (200, 1, "UNEXPECTED"),
    FaultKind.ERRORS_BESIDE_DATA: (200, 1, "UNEXPECTED"),
}
PAYLOADS = {
    FaultKind.SUCCESS_FALSE_200: (0, "InvalidInputError"),
    FaultKind.UNEXPECTED_ERROR: (0, "UnexpectedError"),
    FaultKind.EDIT_IGNORED: (1, "PostActionSuccess"),
    FaultKind.NEW_ENUM: (1, "PostActionSuccess"),
    FaultKind.FAILURE_AFTER: (1, "UnexpectedError"),
    FaultKind.SLOW: (1, "PostActionSuccess"),
}
FOREIGN = {
    FaultKind.ERROR_500_BEFORE: (500, 0),
    FaultKind.ERROR_500_AFTER: (500, 1),
    FaultKind.HTML_502_BEFORE: (502, 0),
    FaultKind.HTML_502_AFTER: (502, 1),
    FaultKind.HTML_504_AFTER: (504, 1),
    FaultKind.HTML_401: (401, 0),
    FaultKind.HTML_403: (403, 0),
    FaultKind.EMPTY_BODY: (200, 1),
    FaultKind.UNPARSABLE_200: (200, 1),
}
DROPPED = {
    *(FaultKind.LOST_REQUEST, FaultKind.LOST_ANSWER, FaultKind.LATE_COMMIT),
    FaultKind.TRUNCATED_BODY,
}


def test_every_fault_has_a_form() -> None:
    assert {*CODES, *PAYLOADS, *FOREIGN, *DROPPED} == set(FaultKind)


@pytest.mark.parametrize("kind", CODES)
def test_errors(kind: FaultKind) -> None:
    sandbox = armed(kind)
    status, posts, code = CODES[kind]
    answer = create(sandbox)
    assert (answer.status_code, len(sandbox.world.snapshot())) == (status, posts)
    assert [error["extensions"]["code"] for error in body(answer)["errors"]] == [code]
    data = body(answer).get("data")
    assert (data is not None) is (kind is FaultKind.ERRORS_BESIDE_DATA)
    if data:
        assert data["createPost"]["post"]["text"] == "Hello"
    assert create(sandbox).status_code == 200


@pytest.mark.parametrize("kind", PAYLOADS)
def test_payloads(kind: FaultKind) -> None:
    sandbox = armed(kind)
    posts, name = PAYLOADS[kind]
    answer = create(sandbox)
    assert body(answer)["data"]["createPost"]["__typename"] == name
    assert (answer.status_code, len(sandbox.world.snapshot())) == (200, posts)
    assert sandbox.world.requests().executed.get(MUTATION, 0) == posts


@pytest.mark.parametrize("kind", FOREIGN)
def test_answers_of_others(kind: FaultKind) -> None:
    sandbox = armed(kind)
    status, posts = FOREIGN[kind]
    answer = create(sandbox)
    assert (answer.status_code, len(sandbox.world.snapshot())) == (status, posts)
    assert not answer.is_json or "data" not in (answer.get_json(silent=True) or {})


@pytest.mark.parametrize(
    "kind", sorted({*CODES, *PAYLOADS} - {FaultKind.NEW_ENUM, FaultKind.FAILURE_AFTER})
)
def test_queries_have_them_too(kind: FaultKind) -> None:
    sandbox = armed(kind, "query *")
    answer = sandbox.ask(ACCOUNT)
    assert answer.status_code == CODES.get(kind, (200,))[0]
    harmless = {FaultKind.PARTIAL_CREATE, FaultKind.EDIT_IGNORED, FaultKind.SLOW}
    assert ("errors" in body(answer)) is (kind not in harmless)
    assert sandbox.world.faults() == ()


@pytest.mark.parametrize("kind", [FaultKind.SUCCESS_FALSE_200, FaultKind.UNEXPECTED_ERROR])
def test_unions_without_the_type_have_another_one(kind: FaultKind) -> None:
    sandbox = armed(kind, "mutation deletePost")
    made = sandbox.made()
    answer = sandbox.ask(DELETE, input={"id": made["id"]})
    assert body(answer)["data"]["deletePost"]["__typename"] == "VoidMutationError"
    assert len(sandbox.world.snapshot()) == 1


def test_what_was_carried_out_can_answer_with_the_same_type_of_error() -> None:
    sandbox = armed(FaultKind.FAILURE_AFTER, "mutation deletePost")
    made = sandbox.made()
    answer = sandbox.ask(DELETE, input={"id": made["id"]})
    assert body(answer)["data"]["deletePost"]["__typename"] == "VoidMutationError"
    assert sandbox.world.snapshot() == ()


def test_a_late_request_is_executed_when_its_time_has_come() -> None:
    sandbox = armed(FaultKind.LATE_COMMIT, seconds=5.0)
    sandbox.world.run()
    with pytest.raises(ConnectionDropped):
        create(sandbox, text="Grüße")
    sandbox.time.now += 4.9
    assert sandbox.listed() == []
    sandbox.time.now += 20
    (item,) = sandbox.world.snapshot()
    assert (item.content.text, item.created_at) == ("Grüße", seconds("2026-11-23T07:00:05Z"))
    assert sandbox.world.requests().executed[MUTATION] == 1


def test_an_edit_that_is_ignored_says_that_it_succeeded() -> None:
    sandbox = armed(FaultKind.EDIT_IGNORED, "mutation editPost")
    made = sandbox.made("a")
    for text in ("a", "b"):
        answer = sandbox.ask(EDIT, input={"id": made["id"], "text": "b"})
        payload = body(answer)["data"]["editPost"]
        assert (payload["__typename"], payload["post"]["text"]) == ("PostActionSuccess", text)


def test_a_status_that_nobody_knows() -> None:
    sandbox = armed(FaultKind.NEW_ENUM, "query posts")
    sandbox.made("a")
    assert sandbox.page()["edges"][0]["node"]["status"] == "archived"
    assert sandbox.page()["edges"][0]["node"]["status"] == "scheduled"


@pytest.mark.parametrize(("profile", "left"), [("", [TWITTER]), (TWITTER, [LINKEDIN])])
def test_a_content_item_leaves_somebody_out(profile: str, left: list[str]) -> None:
    sandbox = armed(FaultKind.PARTIAL_CREATE, "mutation createContentItem", profile=profile)
    sent = {"organizationId": ORGANIZATION, "posts": [post(TWITTER), post(LINKEDIN)]}
    payload = sandbox.data(CREATE_ITEM, input=sent)["createContentItem"]
    ((kind, channel, _),) = errors(payload)
    assert kind == "CreateContentItemVariantInvalidInputError"
    assert [channel] == [one for one in (TWITTER, LINKEDIN) if one not in left]
    assert [made.profile_id for made in sandbox.world.snapshot()] == left


def test_a_content_item_fails_after_it_was_created() -> None:
    sandbox = armed(FaultKind.FAILURE_AFTER, "mutation createContentItem")
    sent = {"organizationId": ORGANIZATION, "posts": [post(TWITTER), post(LINKEDIN)]}
    payload = sandbox.data(CREATE_ITEM, input=sent)["createContentItem"]
    assert errors(payload) == [("InvalidInputError", "", "Something went wrong.")]
    assert [made.profile_id for made in sandbox.world.snapshot()] == [TWITTER, LINKEDIN]


def test_a_failure_that_refuses_leaves_nothing_and_looks_the_same() -> None:
    sandbox = armed(FaultKind.SUCCESS_FALSE_200, "mutation createContentItem")
    sent = {"organizationId": ORGANIZATION, "posts": [post(TWITTER), post(LINKEDIN)]}
    payload = sandbox.data(CREATE_ITEM, input=sent)["createContentItem"]
    assert errors(payload) == [("InvalidInputError", "", "Something went wrong.")]
    assert sandbox.world.snapshot() == ()


@pytest.mark.parametrize(
    ("pattern", "struck"),
    [
        ("*", True),
        ("query *", True),
        ("query account", True),
        ("query account+channels", True),
        ("query channels", True),
        ("query posts", False),
        ("mutation *", False),
        ("POST *", False),
    ],
)
def test_patterns(pattern: str, struck: bool) -> None:
    sandbox = armed(FaultKind.HTML_502_BEFORE, pattern)
    channels = f'channels(input: {{organizationId: "{ORGANIZATION}"}}) {{ id }}'
    answer = sandbox.ask("{ account { id } " + channels + " }")
    assert (answer.status_code == 502) is struck


def test_a_batch_is_struck_as_what_it_holds() -> None:
    batch = """mutation($a: CreatePostInput!, $b: CreatePostInput!) {
      p0: createPost(input: $a) { __typename ... on MutationError { message } }
      p1: createPost(input: $b) { __typename } }"""
    variables = {"a": {**SENT, "channelId": "nobody"}, "b": SENT}
    for pattern in ("mutation createPost", "mutation createPost*2"):
        sandbox = armed(FaultKind.ERROR_500_AFTER, pattern)
        assert sandbox.ask(batch, **variables).status_code == 500
        assert len(sandbox.world.snapshot()) == 1
    found = GraphqlClient().data(batch, **variables)
    assert found["p0"]["__typename"] == "NotFoundError"
    assert found["p1"]["__typename"] == "PostActionSuccess"


def test_v1_does_not_notice_the_kinds_that_it_has_no_form_for() -> None:
    for kind in GRAPHQL_ONLY:
        sandbox = armed(kind, "*")
        assert sandbox.get("user.json").status_code == 200
        assert sandbox.world.faults() == ()
    assert armed(FaultKind.HTML_403, "*").get("user.json").status_code == 403
