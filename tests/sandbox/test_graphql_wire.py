"""The GraphQL API as HTTP: tokens, bodies, documents, limits, and what is counted."""

from __future__ import annotations

from typing import Any

import pytest

from plancast.sandbox import Fault, FaultKind, SandboxServer
from plancast.sandbox.graphql import schema
from tests.sandbox.graphql_client import CREATE, DELETE, ORGANIZATION, UNKNOWN, GraphqlClient
from tests.sandbox.sandbox_client import HEADERS, SandboxClient

ACCOUNT = "{ account { id } }"
CHANNELS = f'channels(input: {{organizationId: "{ORGANIZATION}"}}) {{ id }}'


def codes(answer: Any) -> list[str | None]:
    return [error.get("extensions", {}).get("code") for error in answer.json["errors"]]


@pytest.mark.parametrize("path", ["/", "/graphql", "//graphql", "/graphql?x=1"])
def test_there_are_two_addresses(path: str) -> None:
    answer = GraphqlClient().client.post(path, json={"query": ACCOUNT}, headers=HEADERS)
    assert answer.json == {"data": {"account": {"id": "4eb854340acb04e870000001"}}}
    assert answer.content_type == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer nobody"}, {"Authorization": "sandbox-token"}],
)
def test_without_a_good_token_nothing_is_done(headers: dict[str, str]) -> None:
    sandbox = GraphqlClient()
    for body in ({"query": ACCOUNT}, {"query": "{ nothing"}, {}):
        answer = sandbox.client.post("/graphql", json=body, headers=headers)
        message = "An authentication JWT or Access Token is required"
        entry = {"message": message, "extensions": {"code": "UNAUTHENTICATED"}}
        assert (answer.status_code, answer.json) == (401, {"errors": [entry]})
    assert sandbox.world.requests().executed == {}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b'"x"', b"{}", b'{"query": 7}', b'{"query": ""}', b"\xff", b"[" * 9999),
        *(b'{"query": "{a}", "variables": 7}', b'{"query": "{a}", "operationName": 7}'),
    ],
)
def test_bodies_that_are_no_requests(body: bytes) -> None:
    answer = GraphqlClient().client.post(
        "/graphql", data=body, headers=HEADERS, content_type="application/json"
    )
    assert (answer.status_code, codes(answer)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("path", ["/", "/graphql"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_there_is_one_method(method: str, path: str) -> None:
    answer = GraphqlClient().client.open(path, method=method, headers=HEADERS)
    assert (answer.status_code, codes(answer)) == (405, ["METHOD_NOT_ALLOWED"])
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ("application/json; charset=us-ascii", 200),
        ("application/json; charset=utf-16", 415),
        (None, 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=b", 415),
        ("application/graphql", 415),
    ],
)
def test_documents_come_as_json(kind: str | None, status: int) -> None:
    sandbox = GraphqlClient()
    body = f'{{"query": "{ACCOUNT}"}}'.encode()
    answer = sandbox.client.post("/graphql", data=body, headers=HEADERS, content_type=kind)
    assert answer.status_code == status
    if status == 415:
        assert codes(answer) == ["UNSUPPORTED_MEDIA_TYPE"]
        assert sandbox.world.requests().received == {}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ account { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            'mutation { deletePost(input: {id: "1"}) { ... on NotFoundError { message } } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ organizations { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ account { ...A } } fragment A on Account { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ account {", "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_documents_that_do_not_validate(document: str, code: str) -> None:
    answer = GraphqlClient().ask(document)
    assert (answer.status_code, codes(answer)) == (400, [code])
    assert answer.json
    assert answer.json["errors"][0]["locations"][0]["line"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"id": 7},
        {"id": ["x"]},
        {"id": "x", "colour": "red"},
    ],
)
def test_variables_of_the_wrong_type(sent: object) -> None:
    answer = GraphqlClient().ask(DELETE, input=sent)
    assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("due", ["tomorrow", "", 7, "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_times_that_are_none(due: object) -> None:
    sent = {"channelId": UNKNOWN, "mode": "shareNow", "schedulingType": "automatic", "dueAt": due}
    answer = GraphqlClient().ask(CREATE, input=sent)
    assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])


def test_an_operation_that_is_not_there() -> None:
    sandbox = GraphqlClient()
    body = {"query": "query A { account { id } } query B { account { name } }"}
    for name, status in ((None, 400), ("C", 400), ("B", 200)):
        sent = body | ({"operationName": name} if name else {})
        answer = sandbox.client.post("/", json=sent, headers=HEADERS)
        assert answer.status_code == status
    assert sandbox.world.requests().executed == {"query account": 1}


@pytest.mark.parametrize(
    ("document", "fits"),
    [
        ("{" + " ".join(f"a{n}: account {{ id }}" for n in range(30)) + "}", True),
        ("{" + " ".join(f"a{n}: account {{ id }}" for n in range(31)) + "}", False),
        ("{ account { id" + " @skip(if: true)" + " } }", True),
        ("{ account {" + " id @skip(if: true)" * 51 + "} }", False),
        ("{ channels(input: {organizationId: [" + ' "a"' * 14_900 + "]}) { id } }", True),
        ("{ channels(input: {organizationId: [" + ' "a"' * 15_000 + "]}) { id } }", False),
        ("{" + " a {" * 24 + " a " + "}" * 25, True),
        ("{" + " a {" * 25 + " a " + "}" * 26, False),
        ("{" + " a {" * 5000, False),
        (
            "{ ...A } fragment A on Q { a {...B} } fragment B on X {" + "a {" * 24 + "a" + "}" * 25,
            0,
        ),
    ],
)
def test_documents_have_limits(document: str, fits: bool) -> None:
    found = schema.prepared(document)
    plain = [error for error in found.errors if "extensions" not in error]
    assert bool(plain) is not bool(fits)
    if not fits:
        answer = GraphqlClient().ask(document)
        assert (answer.status_code, codes(answer)) == (400, [None])


def test_half_a_character_is_mended() -> None:
    assert "\ufffd" in GraphqlClient().made("Hi \ud83d")["text"]


def test_what_is_not_served_says_so() -> None:
    sandbox = GraphqlClient()
    query = f'{{ ideas(input: {{organizationId: "{ORGANIZATION}"}}) {{ edges {{ cursor }} }} }}'
    answer = sandbox.ask(query)
    assert answer.json
    assert answer.json["data"] is None
    assert answer.json["errors"][0]["message"] == "The sandbox does not serve ideas."
    assert codes(answer) == ["UNEXPECTED"]
    template = '{ account { id } postTemplate(input: {id: "1"}) { id } }'
    assert sandbox.ask(template).json["data"]["account"] is not None  # type: ignore[index]


def test_it_can_be_introspected() -> None:
    found = GraphqlClient().data("{ __schema { mutationType { name } } __typename }")
    assert found == {"__schema": {"mutationType": {"name": "Mutation"}}, "__typename": "Query"}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (ACCOUNT, "query account"),
        ("{ account { id } " + CHANNELS + " }", "query account+channels"),
        ("{ a: account { id } b: account { id } }", "query account*2"),
        ("{ ...A } fragment A on Query { ... { account { id } } }", "query account"),
        (
            'mutation { a: deletePost(input: {id: "1"}) { __typename }'
            ' b: deletePost(input: {id: "2"}) { __typename } }',
            "mutation deletePost*2",
        ),
        ("{ nothing }", "invalid"),
    ],
)
def test_what_requests_are_called(document: str, name: str) -> None:
    sandbox = GraphqlClient()
    sandbox.ask(document)
    assert sandbox.world.requests().received == {name: 1}
    assert sandbox.world.requests().executed == ({} if name == "invalid" else {name: 1})


def test_both_apis_have_a_port() -> None:
    sandbox = GraphqlClient()
    with SandboxServer(sandbox.world) as server:
        assert server.graphql_url == server.url.removesuffix("1") + "graphql"


# -- rate limits ----------------------------------------------------------------------------------

LIVE = "100/900 250/86400 3000/2592000"


def test_the_tokens_of_an_account_share_its_windows() -> None:
    seed = {"account": {"tokens": ["sandbox-token", "second"]}}
    sandbox = GraphqlClient(seed=seed, graphql_windows="2/900")
    first = sandbox.ask(ACCOUNT)
    headers = {"Authorization": "Bearer second"}
    second = sandbox.client.post("/", json={"query": ACCOUNT}, headers=headers)
    assert second.headers["RateLimit"] == '"2-in-15min"; r=0; t=900'
    assert second.headers["RateLimit-Policy"] == first.headers["RateLimit-Policy"]
    assert sandbox.ask(ACCOUNT).status_code == 429


def test_the_windows_are_told_with_every_answer_in_one_line() -> None:
    sandbox = GraphqlClient(graphql_windows=LIVE)
    sandbox.ask(ACCOUNT)
    sandbox.time.now += 100.5
    for document in (ACCOUNT, "{ nothing }"):
        answer = sandbox.ask(document)
    assert answer.headers.getlist("RateLimit") == [
        '"100-in-15min"; r=97; t=800, "250-in-1day"; r=247; t=86300,'
        ' "3000-in-30days"; r=2997; t=2591900'
    ]
    policy = answer.headers.getlist("RateLimit-Policy")
    assert len(policy) == 1
    parts = policy[0].split(", ")
    assert [part.partition("; pk=:")[0] for part in parts] == [
        '"100-in-15min"; q=100; w=900',
        '"250-in-1day"; q=250; w=86400',
        '"3000-in-30days"; q=3000; w=2592000',
    ]
    assert "RateLimit" not in sandbox.client.post("/", json={"query": ACCOUNT}).headers


@pytest.mark.parametrize(
    ("windows", "window", "wait"),
    [
        ("2/900", "15m", 900),
        ("9/900 2/86400", "24h", 86_400),
        ("2/900 2/2592000", "30d", 2_592_000),
        ("2/9", "9s", 9),
    ],
)
def test_a_full_window(windows: str, window: str, wait: int) -> None:
    sandbox = GraphqlClient(graphql_windows=windows)
    assert [sandbox.ask(ACCOUNT).status_code for _ in range(3)] == [200, 200, 429]
    answer = sandbox.ask("{ nothing }")
    assert answer.json == {
        "errors": [
            {
                "message": "Too many requests from this client. Please try again later.",
                "extensions": {"code": "RATE_LIMIT_EXCEEDED", "window": window},
            }
        ]
    }
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(wait))
    assert "; r=0; " in answer.headers["RateLimit"]
    sandbox.time.now += wait
    assert sandbox.ask(ACCOUNT).status_code == 200
    assert sandbox.world.requests().limited == {"query account": 1, "invalid": 1}


def test_windows_roll() -> None:
    sandbox = GraphqlClient(graphql_windows="2/100")
    sandbox.ask(ACCOUNT)
    sandbox.time.now += 60
    sandbox.ask(ACCOUNT)
    assert sandbox.ask(ACCOUNT).headers["Retry-After"] == "40"
    sandbox.time.now += 40
    assert [sandbox.ask(ACCOUNT).status_code for _ in range(2)] == [200, 429]
    assert sandbox.ask(ACCOUNT).headers["Retry-After"] == "60"


def test_refused_requests_may_count() -> None:
    sandbox = GraphqlClient(graphql_windows="2/100", rate_counts_refused=True)
    for _ in range(3):
        sandbox.ask(ACCOUNT)
    sandbox.time.now += 99
    assert sandbox.ask(ACCOUNT).headers["Retry-After"] == "1"
    sandbox.time.now += 1  # the first three are too old, the fourth is not
    assert [sandbox.ask(ACCOUNT).status_code for _ in range(2)] == [200, 429]


def test_a_batch_is_one_request_and_v1_is_no_part_of_it() -> None:
    sandbox = GraphqlClient(graphql_windows="1/900", rate_requests=1)
    assert sandbox.ask("{ a: account { id } b: account { id } }").status_code == 200
    assert sandbox.ask(ACCOUNT).status_code == 429
    assert sandbox.get("user.json").status_code == 200
    assert sandbox.get("user.json").status_code == 429


def test_a_world_without_a_rate_limit_has_no_windows() -> None:
    def windows(**seed: object) -> str:
        sandbox = SandboxClient(seed=seed)
        return sandbox.world.settings.graphql_windows

    assert windows() == LIVE
    assert windows(rate_limit=None) == ""
    assert windows(rate_limit={"requests": 0, "windows": "5/9"}) == "5/9"
    assert windows(rate_limit={"requests": 5}) == LIVE


def test_a_fault_may_ask_for_patience_as_well() -> None:
    sandbox = GraphqlClient()
    sandbox.world.arm(Fault(FaultKind.RATE_429, "query account", retry_after=7))
    answer = sandbox.ask(ACCOUNT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert codes(answer) == ["RATE_LIMIT_EXCEEDED"]
