"""The three layers of errors, and which of four things an answer is."""

from __future__ import annotations

import json

import pytest

from plancast.net.rate_limiter import Spent
from plancast.net.transport import Lost, NotSent, Response
from plancast.providers.buffer_graphql.client import Made
from plancast.providers.buffer_graphql.responses import (
    NO_RIGHT,
    NotSentError,
    RefusedError,
    UnclearError,
    WireError,
    is_hasty,
)
from tests.providers.graphql.calls import CALLS, GIVEN, WRITES, Call, kinds, refused
from tests.providers.graphql.wire import (
    ORG,
    account,
    client,
    data,
    errors,
    invalid,
    made,
    page,
    post,
    typed,
)
from tests.providers.wire import reply

# -- layer 3: the status --------------------------------------------------------------------------


REFUSED_BY_STATUS: list[tuple[Response, int | str, str]] = [
    (reply(errors("UNAUTHENTICATED", "a token is required"), 401), "UNAUTHENTICATED", "a token"),
    (reply(errors("UNAUTHORIZED"), 401), "UNAUTHORIZED", "no"),
    (reply(b"", 401), "UNAUTHORIZED", "HTTP 401"),
    (reply(b"<h1>Unauthorized", 401), "UNAUTHORIZED", "HTTP 401"),
    (reply(errors("FORBIDDEN", "no scope"), 403), "FORBIDDEN", "no scope"),
    (reply(b"<html>Attention Required! | Cloudflare", 403), "BLOCKED", "at the edge"),
    (reply(b"", 403), "BLOCKED", "at the edge"),
    (invalid(), "GRAPHQL_VALIDATION_FAILED", 'Unknown field "x". (3:7)'),
    (reply({"errors": [{"message": "an odd word"}]}, 400), "", "an odd word"),
    (reply(b"<html>Bad Request", 400), "", "HTTP 400"),
    (reply(b"", 404), "", "HTTP 404"),
    (reply({"message": "not here"}, 405), "", "not here"),
    (reply(b"", 413), "", "HTTP 413"),
]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("response", "code", "words"), REFUSED_BY_STATUS)
def test_a_status_can_refuse(name: str, response: Response, code: str, words: str) -> None:
    error = refused(CALLS[name][0], response)
    assert (error.status, error.code) == (response.status, code)
    assert words in str(error)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [100, 204, 302, 307, 408, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway", json.dumps(errors("X")).encode()])
def test_a_status_can_prove_nothing(name: str, status: int, body: bytes) -> None:
    assert kinds(CALLS[name][0], reply(body, status)) == {UnclearError}


RATE = "RATE_LIMIT_EXCEEDED"
HASTE: list[tuple[Response, float | None]] = [
    (reply(errors(RATE, "slow down"), 429, ("retry-after", "17")), 17.0),
    (reply(b"slow down", 429), None),
    (reply(errors(RATE), 200, ("retry-after", "9")), 9.0),
    (
        reply(
            errors(RATE),
            429,
            ("ratelimit", '"100-in-15min"; r=99; t=9, "250-in-1day"; r=0; t=3600'),
        ),
        3600.0,
    ),
    (reply({"errors": [{"message": "slow", "extensions": {"code": RATE}}]}), None),
]


@pytest.mark.parametrize("name", [name for name in CALLS if "*" not in name])
@pytest.mark.parametrize(("response", "wait"), HASTE)
def test_haste_is_told_from_other_refusals(
    name: str, response: Response, wait: float | None
) -> None:
    assert is_hasty(response)
    error = refused(CALLS[name][0], response)
    assert (error.code, error.wait) == (429, wait)


@pytest.mark.parametrize("status", [201, 302, 400, 401, 403, 429, 500, 503])
def test_a_post_that_is_shown_was_made_whatever_the_status_says(status: int) -> None:
    answer = {**errors(RATE), **data(createPost=made(post()))}
    assert client(reply(answer, status)).create_post({}).post["id"] == post()["id"]


@pytest.mark.parametrize(
    "response", [reply(data(posts=page())), reply(b"", 503), reply(errors("NOT_FOUND")), reply([])]
)
def test_nothing_else_is_haste(response: Response) -> None:
    assert not is_hasty(response)


def test_a_budget_that_is_used_up_is_haste_with_a_long_wait() -> None:
    one = client(Spent(7200.0))
    with pytest.raises(RefusedError) as caught:
        one.account()
    assert (caught.value.code, caught.value.wait) == (429, 7200.0)
    assert isinstance(caught.value.__cause__, Spent)
    assert one.requests == 0


def test_broken_connections_keep_their_difference() -> None:
    with pytest.raises(NotSentError, match="refused"):
        client(NotSent("refused")).account()
    with pytest.raises(UnclearError, match="broke"):
        client(Lost("broke")).account()


# -- layer 2: errors[] ----------------------------------------------------------------------------


PROMOTION = "promoteContentItemDraftToPosts"


@pytest.mark.parametrize("name", [name for name in CALLS if "*" not in name])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNAUTHORIZED", RefusedError),
        ("UNAUTHENTICATED", RefusedError),
        ("FORBIDDEN", RefusedError),
        ("NOT_FOUND", RefusedError),
        ("BAD_USER_INPUT", RefusedError),
        ("GRAPHQL_VALIDATION_FAILED", RefusedError),
        ("UNEXPECTED", UnclearError),
        ("INTERNAL_SERVER_ERROR", UnclearError),
        ("SOMETHING_NEW", UnclearError),
        ("", UnclearError),
    ],
)
def test_errors_without_data(name: str, code: str, kind: type[WireError]) -> None:
    root = name.split("+", maxsplit=1)[0]
    if name in ("createContentItem", PROMOTION) and code not in NO_RIGHT:
        kind = UnclearError  # what its fields refuse may have been refused after the deed
    for path in ({}, {"path": [root]}):
        answer = errors(code, "why", **path)
        assert kinds(CALLS[name][0], answer) == {kind}
        answer = errors(code, "why", body=dict.fromkeys(name.split("+")), **path)
        assert kinds(CALLS[name][0], answer) == {kind}


@pytest.mark.parametrize("code", ["NOT_FOUND", "FORBIDDEN", "UNEXPECTED", "BAD_USER_INPUT"])
@pytest.mark.parametrize("status", [200, 400])
def test_an_error_inside_of_a_result_was_met_after_the_deed(code: str, status: int) -> None:
    answer = errors(code, path=["createPost", "post", "channel"])
    with pytest.raises(UnclearError):
        client(reply(answer, status)).create_post(GIVEN)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "what", "locations": [{"line": 1, "column": 2}]}, RefusedError),
        ({"message": "Something went wrong"}, UnclearError),
        ({"message": "too complex", "path": ["createPost"]}, UnclearError),
        ({"message": 7, "locations": "x", "path": "y", "extensions": []}, UnclearError),
    ],
)
def test_a_document_that_is_refused_without_a_code_was_not_carried_out(
    error: object, kind: type[WireError]
) -> None:
    with pytest.raises(kind):
        client({"errors": [error]}).create_post(GIVEN)


@pytest.mark.parametrize(
    "message", ["Query is too complex", "Syntax Error: Unexpected }", "Alias limit exceeded"]
)
def test_words_alone_refuse_every_change_but_a_create(message: str) -> None:
    answer = {"errors": [{"message": message}]}
    for name, (call, *_) in WRITES.items():
        # A draft of content goes out by nothing but its promotion.
        creates = name.startswith(("create", "promote"))
        creates = creates and name not in ("createTag", "createContentItemDraft")
        assert kinds(call, answer) == {UnclearError if creates else RefusedError}, name


@pytest.mark.parametrize("status", [200, 400, 500, 502])
@pytest.mark.parametrize("code", ["UNEXPECTED", "NOT_FOUND", "FORBIDDEN", "RATE_LIMIT_EXCEEDED"])
def test_what_is_shown_was_made_whatever_stands_beside_it(status: int, code: str) -> None:
    body = {"createPost": made(post("7"))}
    found = client(reply(errors(code, "but", body), status)).create_post(GIVEN)
    assert found == Made(post("7"), ("but",))


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (lambda c: c.posts(ORG, {}), {"posts": page(post(metadata=None))}),
        (lambda c: c.posts(ORG, {}), {"posts": {**page(), "edges": None}}),
        (lambda c: c.post("1"), {"post": post()}),
        (lambda c: c.tags(ORG), {"tagsV2": page()}),
    ],
)
def test_a_list_with_an_error_beside_it_is_not_whole(call: Call, body: object) -> None:
    with pytest.raises(UnclearError, match="not whole"):
        call(client(errors("UNEXPECTED", "one is missing", body)))


def test_account_and_channels_are_believed_with_an_error_beside_them() -> None:
    body = {"account": account(), "channels": [{"id": "c", "metadata": None}]}
    found, channels = client(errors("UNEXPECTED", "no boards", body)).home(ORG)
    assert found["id"] == "a-1"
    assert channels[0]["id"] == "c"


# -- layer 1: typed errors ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["createPost", "editPost", "createTag"])
@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (typed("InvalidInputError", "Invalid post: A., B."), "INVALID_INPUT", "post: A. B."),
        (typed("InvalidInputError", "A.,\nB."), "INVALID_INPUT", "A. B."),
        (typed("LimitReachedError", "full"), "LIMIT_REACHED", "full"),
        (typed("NotFoundError", "gone"), "NOT_FOUND", "gone"),
        (typed("UnauthorizedError"), "UNAUTHORIZED", "no"),
        (typed("InvalidInputError", ""), "INVALID_INPUT", "InvalidInputError"),
        (typed("LimitReachedError", "\x1b[31mfull<br>"), "LIMIT_REACHED", "[31mfull"),
    ],
)
def test_typed_errors_refuse(name: str, error: object, code: int | str, words: str) -> None:
    found = refused(WRITES[name][0], data(**{name: error}))
    assert (found.status, found.code) == (200, code)
    assert words in str(found)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (typed("RestProxyError", "words"), "REST_PROXY"),
        (typed("SomethingNewError", "words"), "SomethingNewError"),
    ],
)
def test_types_that_may_be_a_failure_refuse_no_create(error: object, code: str) -> None:
    for name in ("editPost", "createTag"):
        assert refused(WRITES[name][0], data(**{name: error})).code == code
    assert kinds(WRITES["createPost"][0], data(createPost=error)) == {UnclearError}


FAILURES = (
    *("CreateContentItem", "CreateContentItemDraft", "UpdateContentItemDraft"),
    *("PromoteContentItemDraftToPosts", "DeleteContentItem"),
)
"""Mutations of content items: each fails by one type, before or after it took effect."""


@pytest.mark.parametrize(
    "name",
    ["createPost", "editPost", "createContentItem", "deletePost", PROMOTION, "deleteContentItem"],
)
@pytest.mark.parametrize(
    "error",
    [
        typed("UnexpectedError"),
        typed("RestProxyError", "Something unexpected happened."),
        typed("RestProxyError", "HTTP 504: Gateway Timeout"),
        typed("SomethingNew", ""),
        *(typed(f"{name}Failure", "Invalid post: too long", errors=[]) for name in FAILURES),
        {"__typename": "PostActionSuccess", "post": None},
        {"__typename": "PostActionSuccess", "message": "Done."},
        {"__typename": "DeletePostSuccess", "id": "2"},
        {"message": "no"},
    ],
)
def test_typed_errors_that_prove_nothing(name: str, error: object) -> None:
    with pytest.raises(UnclearError):
        WRITES[name][0](client(data(**{name: error})))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Post not found", "NOT_FOUND"),
        ("The post could not be found.", "NOT_FOUND"),
        ("This post no longer exists", "NOT_FOUND"),
        ("Document not found", "NOT_FOUND"),
        # Something else is gone, so the post may still go out.
        ("Channel not found", "NOT_DONE"),
        ("The channel of this post could not be found", "NOT_DONE"),
        ("Post cannot be deleted: its channel was not found", "NOT_DONE"),
        ("Organization does not exist", "NOT_DONE"),
        ("A post that is sent cannot be deleted", "NOT_DONE"),
    ],
)
def test_a_post_that_cannot_be_deleted_may_be_gone(message: str, code: str) -> None:
    answer = data(deletePost=typed("VoidMutationError", message))
    assert refused(lambda c: c.delete_post("1"), answer).code == code
