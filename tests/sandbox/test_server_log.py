"""The log of the server: one line for each request, without tokens, harmless on a terminal."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.sandbox import Fault, FaultKind
from plancast.sandbox.seed import DEFAULT_TOKEN
from plancast.sandbox.server import access_log
from tests.sandbox.raw_http import (
    CREATE,
    FORM,
    JSON,
    TEXT,
    post,
    request,
    served,
)

DOCUMENT = "query A { account { id } } query Mine { a: account { id } b: account { name } }"
NAMED = json.dumps({"query": DOCUMENT, "operationName": "Mine"}).encode()
MUTATION = b'{"query": "mutation { a: deletePost(input: {id: \\"x\\"}) { __typename } }"}'

LINES: dict[str, tuple[bytes, str]] = {
    "v1": (request(), "GET /1/user.json 200"),
    "a query": (
        request("GET /1/user.json?pretty=1&utc=true HTTP/1.1"),
        "GET /1/user.json?pretty=1&utc=true 200",
    ),
    "a token in the query": (
        request("GET /1/user.json?access_token=sandbox-token&utc=1 HTTP/1.1", token=False),
        "GET /1/user.json?access_token=[hidden]&utc=1 200",
    ),
    "a token in an odd query": (
        request("GET /1/user.json?utc=1;access_token=a&x[token]=b&access_%74oken=c HTTP/1.1"),
        "GET /1/user.json?utc=[hidden]&[hidden]&[hidden] 200",
    ),
    "a token that is encoded twice": (
        request("GET /1/user.json?access_%2574oken=abc HTTP/1.1"),
        "GET /1/user.json?[hidden] 200",
    ),
    "a token in the path": (
        request("GET /1/user.json&access_token=abc HTTP/1.1"),
        "GET /1/user.json&access_token=[hidden] 406",
    ),
    "the token of the header elsewhere": (
        request("GET /1/sandbox-token.json?text=sandbox%2Dtoken+sandbox-token HTTP/1.1"),
        "GET /1/[hidden].json?text=[hidden] 404",
    ),
    "GraphQL": (post("/graphql", JSON, body=MUTATION), "POST /graphql mutation deletePost 200"),
    "a named operation": (
        post("/graphql", JSON, body=NAMED),
        "POST /graphql query account*2 (Mine) 200",
    ),
    "no document": (post("/", JSON, body=b"[]"), "POST / invalid 400"),
    "a whole URL": (request("GET http://user:pw@localhost/ HTTP/1.1"), "(unreadable) 400"),
    "another host": (
        request(host="acme.example"),
        "GET /1/user.json 403",
    ),
    "an odd path": (request("GET /1/\xc3\xa9%0a%1b[2J HTTP/1.1"), "GET /1/%C3%A9%0a%1b[2J 404"),
    "a long path": (request(f"GET /{'a' * 400} HTTP/1.1"), f"GET /{'a' * 299}... 404"),
    "no HTTP": (b"\x1b]0;title\x07\r\n\r\n", "(unreadable) 400"),
    "a strange method": (request("\x1b[2J / HTTP/1.1"), "(unreadable) 400"),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_each_request_is_one_line(case: str) -> None:
    content, expected = LINES[case]
    with served() as one:
        one.ask(content)
    (line,) = one.log
    assert re.fullmatch(r"[0-9]+ ms(: .+)?", line.removeprefix(f"{expected} ")), line
    assert DEFAULT_TOKEN not in line


def test_refusals_say_why() -> None:
    with served() as one:
        one.ask(request(host="acme.example"))
        one.ask(post(CREATE, FORM, "Content-Length: x"))
    assert {line.partition(" ms: ")[2] for line in one.log} == {
        "The Host of the request is not this machine.",
        "The Content-Length is not a number.",
    }


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (FaultKind.LOST_REQUEST, "dropped (request)"),
        (FaultKind.LATE_COMMIT, "dropped (late)"),
        (FaultKind.LOST_ANSWER, "dropped (answer)"),
        (FaultKind.TRUNCATED_BODY, "dropped (body)"),
        (FaultKind.HTML_502_AFTER, "502"),
    ],
)
def test_faults_are_seen_in_the_log(kind: FaultKind, outcome: str) -> None:
    with served() as one:
        one.world.arm(Fault(kind))
        one.send_away(post(CREATE, FORM, body=TEXT))
    (line,) = one.log
    assert line.startswith(f"POST {CREATE} {outcome} ")


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    def fail(_line: str) -> None:
        raise BrokenPipeError

    with served(log=fail) as one:
        assert [one.ask(request()).status for _ in range(2)] == [200, 200]
        assert one.reports == []


TOKENS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=6, max_size=40)


def encoded(token: str, every: int) -> str:
    """The token with some of its characters percent-encoded, in lower case."""
    return "".join(
        f"%{ord(character):02x}" if number % every == 0 else character
        for number, character in enumerate(token)
    )


@given(
    token=TOKENS,
    before=st.text(max_size=20),
    after=st.text(max_size=20),
    name=st.sampled_from(["access_token", "text", "x[y]", "client_secret", ""]),
    every=st.integers(1, 5),
)
def test_no_token_is_shown(token: str, before: str, after: str, name: str, every: int) -> None:
    for written in (token, quote(token), quote(token, ""), encoded(token, every)):
        query = f"{name}={quote(before)}{written}{quote(after)}"
        shown = access_log.show_target(f"/1/{quote(before)}{written}", query, [token])
        assert token not in unquote(shown.replace(access_log.HIDDEN, "\n"))
        report = access_log.bug_report(ValueError([before, written, after]), "GET /", [token])
        assert token not in unquote(report.replace(access_log.HIDDEN, "\n"))


@given(text=st.text())
def test_what_is_logged_is_printable_ascii(text: str) -> None:
    shown = access_log.printable(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert access_log.printable(shown) == shown
