"""To any bytes the server answers with HTTP, or closes, and lives on; over a real socket."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plancast.sandbox import ServerLimits
from tests.robustness.mutation import examples
from tests.sandbox.raw_http import (
    ACCOUNT,
    BEARER,
    CREATE,
    FORM,
    JSON,
    MULTIPART,
    PARTS,
    TEXT,
    Client,
    HttpReply,
    Served,
    chunked,
    post,
    request,
    served,
)
from tests.sandbox.sandbox_client import TWITTER

STATUSES = frozenset(
    (
        *(100, 200, 400, 401, 403, 404, 405, 406, 408, 413, 414, 415, 417, 431),
        *(501, 503, 505),
    )
)
DELETE = b'{"query": "mutation { deletePost(input: {id: \\"x\\"}) { __typename } }"}'


@pytest.fixture(scope="module")
def one() -> Iterator[Served]:
    with served(ServerLimits(linger_seconds=0.5)) as opened:
        opened.world.person_create(TWITTER, "There before")
        yield opened


def converse(one: Served, content: bytes) -> list[HttpReply]:
    """Send some bytes, and return all answers; each must be HTTP, and the close a clean one."""
    with Client(one.server) as client:
        client.send(content)
        client.end()
        answers = client.replies()
    assert {answer.status for answer in answers} <= STATUSES
    assert all(answer.json is not None for answer in answers if answer.status != 100)
    assert not any(answer.closes for answer in answers[:-1])
    return answers


def world_of(one: Served) -> str:
    """The database without what counts requests."""
    counting = re.compile('INSERT INTO "(counts|arrivals|questions)"')
    return "\n".join(line for line in one.rows().splitlines() if not counting.match(line))


def check(one: Served, content: bytes) -> None:
    before = world_of(one)
    answers = converse(one, content)
    if all(answer.status >= 400 or answer.status == 100 for answer in answers):
        assert world_of(one) == before
    assert one.reports == []
    assert one.ask(request()).status == 200


# -- bytes of any kind ----------------------------------------------------------------------------


@settings(max_examples=examples(30))
@given(content=st.binary(max_size=300).filter(lambda content: b"HEAD" not in content))
@example(content=b"")
@example(content=b"\r\n\r\n")
@example(content=b"\0" * 300)
@example(content=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
def test_bytes_that_are_not_http(one: Served, content: bytes) -> None:
    check(one, content)


# -- requests that are almost right ---------------------------------------------------------------

GOOD = (
    request(),
    request("GET /1/profiles.json?access_token=sandbox-token HTTP/1.1", token=False),
    request(f"POST {CREATE} HTTP/1.0", FORM, body=TEXT),
    post(CREATE, FORM, body=TEXT),
    post(CREATE, FORM, "Expect: 100-continue", body=TEXT),
    post(CREATE, FORM, "Transfer-Encoding: chunked", body=chunked(TEXT[:9], TEXT[9:])),
    post(CREATE, MULTIPART, body=PARTS),
    post("/graphql", JSON, body=ACCOUNT),
    post("/graphql", JSON, "Transfer-Encoding: chunked", body=chunked(DELETE)),
)
SNIPPETS = st.one_of(
    st.binary(max_size=3),
    st.sampled_from(
        [
            *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%", b"%00", b"%ff", b"\xff"),
            *(b"\xc3\xa9", b"&", b"[", b"[]", b"\r\n\r\n", b"--b", b"--b--", b"{", b"\\ud800"),
            *(b"0", b"00000000000", b"-1", b"ffffffff", b"999999999999", b"1e9", b"NaN"),
            *(b"HTTP/0.9", b"HTTP/2.0", b"OPTIONS", b"BREW", b"http://acme.example"),
            b"\r\nHost: acme.example",
            b"\r\nOrigin: null",
            b"\r\nSec-Fetch-Site: cross-site",
            b"\r\nContent-Length: 3",
            b"\r\nTransfer-Encoding: chunked",
            b"\r\nContent-Encoding: gzip",
            b"\r\nContent-Type: application/json; charset=x",
            b"\r\nContent-Type: multipart/form-data; boundary=",
            b"\r\nExpect: x",
            b"\r\nConnection: close",
            b"\r\n" + BEARER.encode(),
            b"x" * 20_000,
            b"\r\nX: y" * 120,
        ]
    ),
)


@st.composite
def almost(draw: st.DrawFn) -> bytes:
    """One or two requests with a few changes, possibly cut off."""
    content = b"".join(draw(st.lists(st.sampled_from(GOOD), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.one_of(st.just(start), st.integers(start, min(len(content), start + 20))))
        content = content[:start] + draw(SNIPPETS) + content[end:]
    return content[: draw(st.one_of(st.none(), st.integers(0, len(content))))]


@settings(max_examples=examples(60))
@given(content=almost().filter(lambda content: b"HEAD" not in content))
def test_requests_that_are_almost_right(one: Served, content: bytes) -> None:
    check(one, content)


# -- bodies of any kind ----------------------------------------------------------------------------

BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(SNIPPETS | st.sampled_from([TEXT, PARTS, ACCOUNT, b"profile_ids[]=", b'"query":']))
    .map(b"".join)
    .filter(lambda body: len(body) < 200_000),
)


@settings(max_examples=examples(30))
@given(
    target=st.sampled_from(
        [CREATE, "/graphql", "/1/updates/x/update.json", "/1/oauth2/token.json"]
    ),
    kind=st.sampled_from([FORM, JSON, MULTIPART, "Content-Type: multipart/form-data", "X: y"]),
    body=BODIES,
    pieces=st.integers(0, 3),
)
def test_bodies_of_any_kind(one: Served, target: str, kind: str, body: bytes, pieces: int) -> None:
    if pieces:
        cuts = [body[number::pieces] for number in range(pieces) if body[number::pieces]]
        check(one, post(target, kind, "Transfer-Encoding: chunked", body=chunked(*cuts)))
    else:
        check(one, post(target, kind, body=body))
