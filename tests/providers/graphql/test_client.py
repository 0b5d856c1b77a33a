"""The operations of the GraphQL API: what is sent, and in which form results are taken."""

from __future__ import annotations

import json

import pytest

from plancast.providers.buffer_graphql.client import GraphqlClient, GraphqlPage, Made
from plancast.providers.buffer_graphql.responses import (
    RefusedError,
    UnclearError,
)
from tests.providers.graphql.calls import CALLS, GIVEN, READS, kinds
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
    variables,
)
from tests.providers.wire import Answer, Script, reply


@pytest.mark.parametrize("name", CALLS)
def test_every_operation(name: str) -> None:
    call, answer, document = CALLS[name]
    script = Script([answer])
    call(GraphqlClient(script))
    (request,) = script.seen
    assert (request.method, request.path) == ("POST", "/graphql")
    assert request.idempotent is (name in READS)
    assert request.name == f"{'query' if name in READS else 'mutation'} {name}"
    assert set(json.loads(request.json)) == {"query", "variables"}
    assert json.loads(request.json)["query"] == document


def test_what_is_asked_for_travels_as_variables() -> None:
    script = Script([data(posts=page()), data(p0=made(post()))])
    one = GraphqlClient(script)
    one.posts(ORG, {"channelIds": ["c"]}, "after")
    one.create_posts([GIVEN])
    asked = variables(script.seen[0])
    assert asked["input"]["organizationId"] == ORG
    assert asked["input"]["filter"] == {"channelIds": ["c"]}
    assert asked["input"]["sort"] == [{"field": "createdAt", "direction": "asc"}]
    assert (asked["first"], asked["after"]) == (100, "after")
    assert variables(script.seen[1]) == {"i0": GIVEN}


JUNK = [b"", b" ", b"null", b"[1]", b"7", b'"x"', b"{", b"{}", b"<html>", b"\xff\xfe\x00"]
JUNK += [b"[" * 9**5, b'{"data":null}', b'{"data":[]}', b'{"data":{}}', b'{"errors":[]}']
JUNK += [b'{"data":{"other":{"id":"1"}}}', b'{"errors":"no"}', b'{"data":null,"errors":[7]}']


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("junk", JUNK)
def test_no_operation_takes_junk_for_an_answer(name: str, junk: bytes) -> None:
    call, _, _ = CALLS[name]
    assert kinds(call, reply(junk)) == {UnclearError}


FORMS: tuple[object, ...] = (7, "x", [], [7], {}, {"__typename": 7}, {"id": 7})
OTHERS = [
    (name, value)
    for name in CALLS
    for value in FORMS
    # An object is all that is looked for there, and an empty list is one.
    if not (isinstance(value, dict) and name in ("account", "channel", "post", "contentItem"))
    and not (value == [] and name == "channels")
]


@pytest.mark.parametrize(("name", "value"), OTHERS)
def test_no_operation_takes_another_form_for_a_result(name: str, value: object) -> None:
    call, answer, _ = CALLS[name]
    assert isinstance(answer, dict)
    fields = dict.fromkeys(answer["data"], value)
    assert kinds(call, data(**fields)) == {UnclearError}


# -- several at once ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (data(p0=made(post()), p1=made(post("2"))), (Made, Made)),
        (data(p0=made(post()), p1=typed("InvalidInputError")), (Made, RefusedError)),
        (data(p0=made(post()), p1=typed("UnexpectedError")), (Made, UnclearError)),
        (data(p0=made(post())), (Made, UnclearError)),
        # A field that may not be null takes all of them down.
        (errors("UNEXPECTED", path=["p1"]), (UnclearError, UnclearError)),
        (errors("FORBIDDEN", path=["p1"]), (UnclearError, RefusedError)),
        (errors("UNEXPECTED"), (UnclearError, UnclearError)),
        (errors("FORBIDDEN", path=["p1", "post", "tags"]), (UnclearError, UnclearError)),
        (errors("FORBIDDEN", body={"p0": made(post()), "p1": None}), (Made, RefusedError)),
    ],
)
def test_each_of_several_has_an_outcome_of_its_own(
    answer: object, outcome: tuple[type, ...]
) -> None:
    found = client(answer).create_posts([GIVEN, GIVEN])
    assert tuple(type(item) for item in found) == outcome


@pytest.mark.parametrize("answer", [invalid(), reply({"errors": [{"message": "30 aliases"}]}, 400)])
def test_several_can_be_refused_as_a_whole(answer: Answer) -> None:
    with pytest.raises(RefusedError):
        client(answer).create_posts([GIVEN, GIVEN])


# -- pages ----------------------------------------------------------------------------------------


def test_a_list_that_is_null_without_an_error_is_empty() -> None:
    assert client(data(posts={**page(), "edges": None})).posts(ORG, {}) == GraphqlPage(())


@pytest.mark.parametrize(
    "info",
    [None, {}, {"hasNextPage": None}, {"hasNextPage": 1}, {"hasNextPage": True, "endCursor": None}],
)
def test_a_page_says_whether_there_is_more(info: object) -> None:
    with pytest.raises(UnclearError):
        client(data(posts={"edges": [], "pageInfo": info})).posts(ORG, {})


@pytest.mark.parametrize(
    "too_many",
    [
        reply(errors("BAD_USER_INPUT", "`first` must be 50 at most"), 400),
        errors("BAD_USER_INPUT", "first: too large"),
        reply({"errors": [{"message": "Query is too complex"}]}, 400),
    ],
)
def test_a_page_that_is_too_large_is_asked_for_smaller_and_that_is_remembered(
    too_many: Answer,
) -> None:
    script = Script([too_many, data(posts=page()), data(posts=page())])
    one = GraphqlClient(script)
    one.posts(ORG, {})
    one.sent(ORG, {})
    assert [variables(request)["first"] for request in script.seen] == [100, 50, 50]


def test_pages_do_not_become_smaller_without_end_or_for_other_reasons() -> None:
    script = Script([reply(errors("BAD_USER_INPUT", "first"), 400)] * 3)
    with pytest.raises(RefusedError, match="first"):
        GraphqlClient(script).posts(ORG, {})
    assert len(script.seen) == 3
    for other in (reply(errors("BAD_USER_INPUT", "no"), 400), reply(b"first", 429)):
        script = Script([other])
        with pytest.raises(RefusedError):
            GraphqlClient(script).posts(ORG, {})


def test_the_time_of_the_last_answer_is_remembered() -> None:
    answers = [
        reply(data(account=account()), 200, ("date", "Wed, 15 May 2013 01:43:34 GMT")),
        reply(data(account=account()), 200, ("date", "someday")),
    ]
    one = GraphqlClient(Script(answers))
    one.account()
    one.account()
    assert one.server_time is not None
    assert one.server_time.isoformat() == "2013-05-15T01:43:34+00:00"
    assert one.requests == 2
