"""Requests that are refused for their HTTP: one row for each decision.

Each must leave the whole database as it was, and the server alive.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from plancast.sandbox.v1.php_form import MAX_FIELDS
from tests.sandbox.raw_http import (
    ACCOUNT,
    CREATE,
    FORM,
    JSON,
    MULTIPART,
    PARTS,
    TEXT,
    Served,
    chunked,
    post,
    request,
    served,
)

BAD = ("v1", 400)
UNREAD = ("v1", 1003)


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    with served() as one:
        yield one


@pytest.fixture
def one(shared: Served) -> Served:
    shared.reports.clear()
    shared.log.clear()
    return shared


REFUSED: dict[str, tuple[bytes, int, tuple[str, int | str]]] = {
    # the request line
    "no HTTP at all": (b"hello\r\n\r\n", 400, BAD),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00", 400, BAD),
    "HTTP/0.9": (b"GET /1/user.json\r\n\r\n", 400, BAD),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, ("v1", 505)),
    "a version in lower case": (request("GET / http/1.1"), 400, BAD),
    "two blanks": (request("GET  / HTTP/1.1"), 400, BAD),
    "a blank in the address": (request("GET /1/a b HTTP/1.1"), 400, BAD),
    "a tab in the address": (request("GET /\t HTTP/1.1"), 400, BAD),
    "a raw null in the address": (request("GET /1/\0 HTTP/1.1"), 400, BAD),
    "a fragment": (request("GET /1/user.json#x HTTP/1.1"), 400, BAD),
    "an address of another kind": (request("GET user.json HTTP/1.1"), 400, BAD),
    "an https URL": (request("GET https://localhost/ HTTP/1.1"), 400, BAD),
    "a port beyond all": (request("GET http://localhost:65536/ HTTP/1.1"), 400, BAD),
    "an address that is too long": (
        request(f"GET /1/{'a' * 20_000} HTTP/1.1"), 414, ("v1", 414),
    ),
    "no method": (request(" / HTTP/1.1"), 400, BAD),
    "a method that is no word": (request("G@T / HTTP/1.1"), 400, BAD),
    "a method in lower case": (request("get /1/user.json HTTP/1.1"), 501, ("v1", 501)),
    "a method nobody knows": (request("BREW /1/user.json HTTP/1.1"), 501, ("v1", 501)),
    "TRACE": (request("TRACE /1/user.json HTTP/1.1"), 501, ("v1", 501)),
    "CONNECT": (request("CONNECT localhost:80 HTTP/1.1"), 501, ("v1", 501)),
    "line feeds alone": (request().replace(b"\r\n", b"\n"), 400, BAD),
    "one line feed alone": (request("GET /1/user.json HTTP/1.1", "X: y\nZ: z"), 400, BAD),
    "nothing but empty lines": (b"\r\n" * 9, 400, BAD),
    # addresses
    "a raw byte that is not UTF-8": (request("GET /1/user.json?x=\xff HTTP/1.1"), 400, BAD),
    "a path that is not UTF-8": (request("GET /1/updates/%ff.json HTTP/1.1"), 400, BAD),
    "a null in the path": (request("GET /1/updates/%00.json HTTP/1.1"), 400, BAD),
    "a query that is not UTF-8": (request("GET /1/user.json?x=%ff HTTP/1.1"), 400, UNREAD),
    "too many parameters": (
        post(CREATE, FORM, body=b"a=1&" * (MAX_FIELDS + 1)), 413, ("v1", 413),
    ),
    # the header
    "no Host": (request(host=None), 400, BAD),
    "an empty Host": (request(host=""), 400, BAD),
    "two Hosts": (request("GET / HTTP/1.1", "Host: localhost"), 400, ("graphql", "BAD_REQUEST")),
    "a Host that is a URL": (request(host="http://localhost"), 400, BAD),
    "a Host with a name before it": (request(host="localhost@localhost"), 400, BAD),
    "two tokens": (request("GET /1/user.json HTTP/1.1", "Authorization: Bearer x"), 400, BAD),
    "a line without a colon": (request("GET /1/user.json HTTP/1.1", "Hello"), 400, BAD),
    "a blank before the colon": (request("GET /1/user.json HTTP/1.1", "X : y"), 400, BAD),
    "a folded line": (request("GET /1/user.json HTTP/1.1", "X: y", " z"), 400, BAD),
    "a null in the header": (request("GET /1/user.json HTTP/1.1", "X: \0"), 400, BAD),
    "a lone CR in the header": (request("GET /1/user.json HTTP/1.1", "X: a\rY: b"), 400, BAD),
    "many fields": (
        request("GET /1/user.json HTTP/1.1", *["X: y"] * 101), 431, ("v1", 431),
    ),
    "a large header": (
        request("GET /1/user.json HTTP/1.1", f"X: {'y' * 40_000}"), 431, ("v1", 431),
    ),
    "a header that ends early": (request()[:-2], 400, BAD),
    # the length of a body
    "a length that is a word": (post(CREATE, FORM, "Content-Length: x"), 400, BAD),
    "a length with a sign": (post(CREATE, FORM, "Content-Length: +1", body=b"a"), 400, BAD),
    "a negative length": (post(CREATE, FORM, "Content-Length: -1"), 400, BAD),
    "a length in other digits": (post(CREATE, FORM, b"Content-Length: \xb2"), 400, BAD),
    "two lengths": (
        post(CREATE, FORM, "Content-Length: 44", "Content-Length: 1", body=TEXT), 400, BAD,
    ),
    "one length twice": (
        post(CREATE, FORM, "Content-Length: 1", "Content-Length: 1", body=b"a"), 400, BAD,
    ),
    "a list of lengths": (post(CREATE, FORM, "Content-Length: 1, 1", body=b"a"), 400, BAD),
    "a body that ends early": (
        post(CREATE, FORM, f"Content-Length: {len(TEXT) + 1}", body=TEXT), 400, BAD,
    ),
    "a body that is too large": (
        post(CREATE, FORM, f"Content-Length: {1024**2 + 1}"), 413, ("v1", 413),
    ),
    "a body of more than all memory": (
        post("/graphql", JSON, f"Content-Length: {10**17}"), 413,
        ("graphql", "REQUEST_ENTITY_TOO_LARGE"),
    ),
    # chunks
    "chunks and a length": (
        post(CREATE, FORM, "Content-Length: 4", "Transfer-Encoding: chunked", body=chunked(TEXT)),
        400, BAD,
    ),
    "chunks in HTTP/1.0": (
        request(f"POST {CREATE} HTTP/1.0", FORM, "Transfer-Encoding: chunked", body=chunked(TEXT)),
        400, BAD,
    ),
    "another coding": (
        post(CREATE, FORM, "Transfer-Encoding: gzip, chunked", body=chunked(TEXT)),
        501, ("v1", 501),
    ),
    "two codings in two lines": (
        post(CREATE, FORM, *["Transfer-Encoding: chunked"] * 2, body=chunked(TEXT)), 400, BAD,
    ),
    "a chunk without a length": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"zz\r\n"), 400, BAD,
    ),
    "a chunk with a sign": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"+2\r\na=\r\n0\r\n\r\n"), 400, BAD,
    ),
    "a chunk longer than it says": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"1\r\na=\r\n0\r\n\r\n"), 400, BAD,
    ),
    "a chunk without a line end": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"2\r\na=xx0\r\n\r\n"), 400, BAD,
    ),
    "chunk lines with line feeds alone": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"2\na=\n0\n\n"), 400, BAD,
    ),
    "an endless line before a chunk": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"2;" + b"x" * 2000), 400, BAD,
    ),
    "chunks that end early": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=chunked(TEXT)[:-5]), 400, BAD,
    ),
    "chunks that are too many": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"fffff\r\n" + b"a" * 2**20),
        400, BAD,
    ),
    "a chunk that is too large": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=b"ffffffff\r\n"), 413, ("v1", 413),
    ),
    "chunks that are too large together": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=chunked(b"a" * 2**19, b"a" * 2**20)),
        413, ("v1", 413),
    ),
    "trailers that are no fields": (
        post(CREATE, FORM, "Transfer-Encoding: chunked", body=chunked(TEXT)[:-2] + b"x\r\n\r\n"),
        400, BAD,
    ),
    "a wish that cannot be met": (
        post(CREATE, FORM, "Expect: a miracle", body=TEXT), 417, ("v1", 417),
    ),
    # forms
    "a form that is not UTF-8": (post(CREATE, FORM, body=TEXT + b"&x=\xff"), 400, UNREAD),
    "an escape that is not UTF-8": (post(CREATE, FORM, body=TEXT + b"&x=%ff"), 400, UNREAD),
    "a name that is not UTF-8": (post(CREATE, FORM, body=TEXT + b"&%ff=x"), 400, UNREAD),
    "half a surrogate pair": (post(CREATE, FORM, body=TEXT + b"&x=%ed%a0%80"), 400, UNREAD),
    "another charset": (
        post(CREATE, f"{FORM}; charset=iso-8859-1", body=TEXT), 415, ("v1", 415),
    ),
    "a charset nobody knows": (post(CREATE, f"{FORM}; charset=x", body=TEXT), 415, ("v1", 415)),
    "a form in gzip": (
        post(CREATE, FORM, "Content-Encoding: gzip", body=gzip.compress(TEXT)), 415, ("v1", 415),
    ),
    "parts without a boundary": (
        post(CREATE, "Content-Type: multipart/form-data", body=PARTS), 400, UNREAD,
    ),
    "parts with another boundary": (
        post(CREATE, MULTIPART + "x", body=PARTS), 400, UNREAD,
    ),
    "parts that end early": (post(CREATE, MULTIPART, body=PARTS[:-9]), 400, UNREAD),
    "parts that are not UTF-8": (
        post(CREATE, MULTIPART, body=PARTS.replace(b"Hi", b"\xff")), 400, UNREAD,
    ),
    "a part without a name": (
        post(CREATE, MULTIPART, body=b"--b\r\nX: y\r\n\r\nHi\r\n--b--\r\n"), 400, UNREAD,
    ),
    # methods that an address does not take
    "PUT": (request("PUT /1/user.json HTTP/1.1"), 405, ("v1", 405)),
    "OPTIONS": (request("OPTIONS /1/user.json HTTP/1.1"), 405, ("v1", 405)),
    "OPTIONS *": (request("OPTIONS * HTTP/1.1"), 404, ("v1", 404)),
    "GraphQL by GET": (
        request("GET /graphql?query={account{id}} HTTP/1.1"),
        405, ("graphql", "METHOD_NOT_ALLOWED"),
    ),
    "GraphQL by GET at the other address": (
        request("GET / HTTP/1.1"), 405, ("graphql", "METHOD_NOT_ALLOWED"),
    ),
    # types of GraphQL requests
    "a document without a type": (
        post("/graphql", body=ACCOUNT), 415, ("graphql", "UNSUPPORTED_MEDIA_TYPE"),
    ),
    "a document as plain text": (
        post("/", "Content-Type: text/plain", body=ACCOUNT),
        415, ("graphql", "UNSUPPORTED_MEDIA_TYPE"),
    ),
    "a document in a form": (
        post("/graphql", FORM, body=b"query={account{id}}"),
        415, ("graphql", "UNSUPPORTED_MEDIA_TYPE"),
    ),
    "a document in UTF-16": (
        post("/graphql", f"{JSON}; charset=utf-16", body=ACCOUNT.decode().encode("utf-16")),
        415, ("graphql", "UNSUPPORTED_MEDIA_TYPE"),
    ),
    "a document in gzip": (
        post("/graphql", JSON, "Content-Encoding: gzip", body=gzip.compress(ACCOUNT)),
        415, ("graphql", "UNSUPPORTED_MEDIA_TYPE"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request_changes_nothing(one: Served, case: str) -> None:
    content, status, refusal = REFUSED[case]
    before = one.rows()
    answer = one.ask(content)
    assert (answer.status, answer.refusal) == (status, refusal), answer.content
    assert (
        answer.headers["content-type"].lower().replace(" ", "") == "application/json;charset=utf-8"
    )
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert one.rows() == before
    assert one.ask(request()).status == 200
    assert one.reports == []
