"""Odd requests that are read: what is made of them, one row for each decision."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from plancast.sandbox import ServerLimits
from tests.sandbox.raw_http import (
    ACCOUNT,
    CREATE,
    FORM,
    JSON,
    MULTIPART,
    PARTS,
    TEXT,
    Client,
    Served,
    chunked,
    post,
    request,
    served,
)
from tests.sandbox.sandbox_client import TWITTER


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    with served() as one:
        yield one


@pytest.fixture
def one(shared: Served) -> Served:
    shared.reports.clear()
    shared.log.clear()
    return shared


#: Creates that are read although they are odd, and the text of the post that they make.
CREATES: dict[str, tuple[bytes, str]] = {
    "chunks": (post(CREATE, FORM, "Transfer-Encoding: chunked", body=chunked(TEXT)), "Hi"),
    "chunks with extensions and trailers": (
        post(
            CREATE,
            FORM,
            "Transfer-Encoding: Chunked",
            body=b"0001;a=b;c\r\n" + TEXT[:1] + b'\r\n%X ;q="x"\r\n' % (len(TEXT) - 1)
            + TEXT[1:] + b"\r\n000\r\nX-Sum: 1\r\nText: other\r\n\r\n",
        ),
        "Hi",
    ),
    "HTTP/1.0": (request(f"POST {CREATE} HTTP/1.0", FORM, body=TEXT), "Hi"),
    "HTTP/1.0 without a Host": (
        request(f"POST {CREATE} HTTP/1.0", FORM, body=TEXT, host=None), "Hi",
    ),
    "a later HTTP/1": (request(f"POST {CREATE} HTTP/1.7", FORM, body=TEXT), "Hi"),
    "a whole URL": (request(f"POST http://127.0.0.1:1{CREATE} HTTP/1.1", FORM, body=TEXT), "Hi"),
    "empty lines before it": (b"\r\n\r\n" + post(CREATE, FORM, body=TEXT), "Hi"),
    "names in any case": (
        post(CREATE, FORM.upper().replace("APPLICATION", "Application"), body=TEXT), "Hi",
    ),
    "a charset that is UTF-8": (post(CREATE, f'{FORM}; charset="UTF-8"', body=TEXT), "Hi"),
    "a coding that is none": (
        post(CREATE, FORM, "Content-Encoding: identity", body=TEXT), "Hi",
    ),
    "raw UTF-8 in a form": (post(CREATE, FORM, body=TEXT + "&text=Grüße".encode()), "Grüße"),
    "raw UTF-8 in the query": (
        post(f"{CREATE}?text=Gr\xc3\xbc\xc3\x9fe", FORM, body=f"profile_ids[]={TWITTER}".encode()),
        "Grüße",
    ),
    "a percent sign alone": (post(CREATE, FORM, body=TEXT + b"&text=100%&x=%zz"), "100%"),
    "a semicolon separates nothing": (post(CREATE, FORM, body=TEXT + b"&text=a;b=c"), "a;b=c"),
    "an index beyond all numbers": (
        post(CREATE, FORM, body=TEXT + b"&a[" + b"9" * 5000 + b"]=1&a[]=2"), "Hi",
    ),
    "a length of many zeros": (
        post(CREATE, FORM, f"Content-Length: {len(TEXT):018}", body=TEXT), "Hi",
    ),
    "multipart": (post(CREATE, MULTIPART, body=PARTS), "Hi"),
    "multipart with a file": (
        post(
            CREATE,
            MULTIPART,
            body=PARTS.replace(
                b"--b--",
                b'--b\r\nContent-Disposition: form-data; name="text"; filename="x"\r\n'
                b"\r\nFile\r\n--b--",
            ),
        ),
        "Hi",
    ),
    "a field with an underscore": (
        post(CREATE, FORM, "Content_Encoding: gzip", "Transfer_Encoding: x", body=TEXT), "Hi",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CREATES)
def test_odd_creates_that_are_read(case: str) -> None:
    content, text = CREATES[case]
    with served() as one:
        answer = one.ask(content)
        assert answer.status == 200, answer.content
        assert [update.content.text for update in one.world.snapshot()] == [text]
        assert answer.closes is (b"HTTP/1.0" in content)
        assert one.reports == []


#: Requests that are read and change nothing, and the status of their answer.
READ: dict[str, tuple[bytes, int]] = {
    "a GET with a body": (request("GET /1/user.json HTTP/1.1", FORM, body=b"access_token=x"), 200),
    "a GET with a body that is not UTF-8": (
        request("GET /1/user.json HTTP/1.1", FORM, body=b"\xff"), 200,
    ),
    "a token in the body of a GET": (
        request("GET /1/user.json HTTP/1.1", FORM, body=b"access_token=sandbox-token", token=False),
        403,
    ),
    "raw brackets in the query": (request("GET /1/user.json?a[]=1&{}|^ HTTP/1.1"), 200),
    "an empty query": (request("GET /1/user.json? HTTP/1.1"), 200),
    "a slash too many": (request("GET //1//user.json HTTP/1.1"), 200),
    "dots in the path": (request("GET /1/../1/user.json HTTP/1.1"), 404),
    "a line end in the path": (request("GET /1/updates/a%0d%0ab.json HTTP/1.1"), 404),
    "latin letters in the token": (
        request("GET /1/user.json HTTP/1.1", b"Authorization: Bearer \xff", token=False), 401,
    ),
    "JSON for v1": (post(CREATE, JSON, body=b'{"text": "Hi"}'), 400),
    "text for v1": (post(CREATE, "Content-Type: text/plain", body=TEXT), 400),
    "a form without a type": (post(CREATE, body=TEXT), 400),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_requests_that_change_nothing(one: Served, case: str) -> None:
    content, status = READ[case]
    answer = one.ask(content)
    assert (answer.status, answer.closes) == (status, False), answer.content
    assert one.world.snapshot() == ()
    assert one.reports == []


DOCUMENT = '"query": "{ account { id } }"'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (ACCOUNT, None),
        (b"\xef\xbb\xbf" + ACCOUNT, None),
        (f'{{"query": "{{", {DOCUMENT}}}'.encode(), None),  # the last one counts, as in JavaScript
        (f'{{{DOCUMENT}, "x": {"[" * 90 + "]" * 90}}}'.encode(), None),
        (f'{{{DOCUMENT}, "x": {"[" * 101 + "]" * 101}}}'.encode(), "BAD_REQUEST"),
        (f'{{{DOCUMENT}, "x": {"[" * 300_000 + "]" * 300_000}}}'.encode(), "BAD_REQUEST"),
        (f'{{{DOCUMENT}, "variables": {{"x": NaN}}}}'.encode(), "BAD_REQUEST"),
        (f'{{{DOCUMENT}, "variables": {{"x": -Infinity}}}}'.encode(), "BAD_REQUEST"),
        (f'{{{DOCUMENT}, "x": 1e999}}'.encode(), None),
        (f'{{{DOCUMENT}, "x": {"9" * 5000}}}'.encode(), "BAD_REQUEST"),
        (f'{{{DOCUMENT}, "x": "\\ud800"}}'.encode(), None),
        (f'{{{DOCUMENT}, "x": "a\0b"}}'.encode(), "BAD_REQUEST"),
        (f'{{{DOCUMENT}, "x": "\xff"}}'.encode("latin-1"), "BAD_REQUEST"),
        (ACCOUNT.decode().encode("utf-16"), "BAD_REQUEST"),
        (b"[" + ACCOUNT + b"]", "BAD_REQUEST"),
        (b"[]", "BAD_REQUEST"),
        (b"", "BAD_REQUEST"),
    ],
)
def test_how_json_is_read(one: Served, body: bytes, code: str | None) -> None:
    answer = one.ask(post("/graphql", JSON, body=body))
    errors = answer.json.get("errors", [])
    assert [error["extensions"]["code"] for error in errors] == ([code] if code else [])
    assert answer.status == (400 if code else 200)
    assert one.reports == []


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/json, application/graphql-response+json;q=0.5", "application/json"),
        ("application/graphql-response+json", "application/graphql-response+json"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json",
        ),
        ("application/graphql-response+json;q=0, */*", "application/json"),
    ],
)
def test_the_type_of_a_graphql_answer(one: Served, accept: str | None, expected: str) -> None:
    headers = [JSON] + ([f"Accept: {accept}"] if accept else [])
    answer = one.ask(post("/graphql", *headers, body=ACCOUNT))
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"
    assert json.loads(answer.content)["data"]["account"]["id"]


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("PUT /1/user.json HTTP/1.1", "GET, HEAD"),
        ("DELETE /1/oauth2/token.json HTTP/1.1", "POST"),
        ("GET /graphql HTTP/1.1", "POST"),
        ("HEAD /1/updates/x/approve.json HTTP/1.1", "GET, POST"),
    ],
)
def test_a_405_names_the_methods_there_are(one: Served, line: str, allowed: str) -> None:
    answer = one.ask(request(line), head=line.startswith("HEAD"))
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_a_head_has_the_header_of_a_get_and_no_body(one: Served) -> None:
    whole = one.ask(request())
    head = one.ask(request("HEAD /1/user.json HTTP/1.1"), head=True)
    assert (head.status, head.headers) == (200, whole.headers)
    refused = one.ask(request("HEAD /1/user.json HTTP/1.1", "X : y"), head=True)
    assert (refused.status, refused.content) == (400, b"")


def test_a_head_changes_nothing() -> None:
    with served() as one:
        draft = one.world.person_create(TWITTER, "Draft", draft=True)
        before = one.rows()
        for path in (f"updates/{draft.id}/approve.json", f"updates/approve/{draft.id}.json"):
            answer = one.ask(request(f"HEAD /1/{path} HTTP/1.1"), head=True)
            assert answer.status == 405
        assert one.rows() == before


# -- several requests on one connection ------------------------------------------------------------


def test_requests_may_come_before_their_answers(one: Served) -> None:
    with Client(one.server) as client:
        client.send(
            request()
            + request("GET /1/nothing.json HTTP/1.1")
            + post("/graphql", JSON, "Transfer-Encoding: chunked", body=chunked(ACCOUNT))
            + request("GET /1/profiles.json HTTP/1.1", "Connection: Close")
            + request()
        )
        statuses = [answer.status for answer in client.replies()]
    assert statuses == [200, 404, 200, 200]


@pytest.mark.parametrize("case", ["chunks", "multipart", "HTTP/1.0"])
def test_a_request_may_come_byte_by_byte(case: str) -> None:
    content, text = CREATES[case]
    with served() as one, Client(one.server) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        for number in range(len(content)):
            client.send(content[number : number + 1])
        answer = client.reply()
        assert answer is not None
        assert answer.status == 200
        assert [update.content.text for update in one.world.snapshot()] == [text]


def test_nothing_behind_a_refused_request_is_read(one: Served) -> None:
    smuggled = post(CREATE, FORM, body=TEXT)
    hiding = post(CREATE, "Content-Length: 3", "Transfer-Encoding: chunked", body=chunked(smuggled))
    with Client(one.server) as client:
        client.send(hiding + smuggled)
        answers = client.replies()
    assert [(answer.status, answer.closes) for answer in answers] == [(400, True)]
    assert one.world.snapshot() == ()


def test_a_large_body_is_refused_and_the_answer_arrives() -> None:
    content = post(CREATE, FORM, body=b"text=" + b"a" * 1024**2 * 16)
    with served(ServerLimits(linger_seconds=60.0)) as one:
        with Client(one.server) as client:
            client.send(content[:200])
            answer = client.reply()  # the body is not waited for
            assert answer is not None
            assert (answer.status, answer.closes) == (413, True)
        assert one.ask(content).status == 413


def test_a_client_may_ask_before_it_sends_a_body() -> None:
    head, _, body = post(CREATE, FORM, "Expect: 100-continue", body=TEXT).partition(b"\r\n\r\n")
    with served() as one, Client(one.server) as client:
        client.send(head + b"\r\n\r\n")
        encouraged = client.reply()
        assert encouraged is not None
        assert encouraged.status == 100
        client.send(body)
        answer = client.reply()
        assert answer is not None
        assert answer.status == 200
        client.send(head.replace(b"Host: localhost", b"Host: acme.example") + b"\r\n\r\n")
        assert [answer.status for answer in client.replies()] == [403]
        # One that does not wait needs no encouragement.
        assert (
            one.ask(post(CREATE, FORM, "Expect: 100-continue", body=TEXT + b"&text=Ho")).status
            == 200
        )
        assert len(one.world.snapshot()) == 2
