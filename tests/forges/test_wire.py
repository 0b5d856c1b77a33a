"""The wire by itself: what becomes of broken connections, and what it never says."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest

from plancast.forges.api_client import MAX_ANSWER, Credential, ForgeAnswer, Wire
from plancast.forges.protocol import ForgeError, Trouble
from plancast.net.transport import LOGGER
from plancast.testing.fakes import FakeClock
from tests.net.peers import Peer, read_request

BASE = "https://api.forge.example/v1"
TOKEN = 'to"ken/0123456789abcdef'

Handler = Callable[[httpx.Request], httpx.Response]


def wire(handler: Handler, clock: FakeClock | None = None) -> Wire:
    credential = Credential(TOKEN, "there is no token")
    return Wire(BASE, credential, clock or FakeClock(), inner=httpx.MockTransport(handler))


def failing(error: Exception) -> Handler:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return handler


def trouble(ask: Callable[[], ForgeAnswer]) -> Trouble:
    with pytest.raises(ForgeError) as caught:
        ask()
    assert caught.value.__context__ is None, "what httpx raises holds the token"
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value.trouble


@pytest.mark.parametrize(
    ("error", "writing"),
    [
        (httpx.ConnectError("refused"), Trouble.UNREACHABLE),
        (httpx.ConnectTimeout("slow"), Trouble.UNREACHABLE),
        (httpx.PoolTimeout("busy"), Trouble.UNREACHABLE),
        (httpx.ProxyError(f"407 {TOKEN}"), Trouble.UNREACHABLE),
        (UnicodeError("label too long"), Trouble.UNREACHABLE),
        (httpx.ReadTimeout("slow"), Trouble.UNCLEAR),
        (httpx.ReadError(f"reset {TOKEN}"), Trouble.UNCLEAR),
        (httpx.WriteError("reset"), Trouble.UNCLEAR),
        (httpx.RemoteProtocolError("odd"), Trouble.UNCLEAR),
        (httpx.DecodingError("odd"), Trouble.UNCLEAR),
    ],
)
def test_of_a_write_it_matters_whether_it_was_sent_of_a_read_it_does_not(
    error: Exception, writing: Trouble
) -> None:
    assert trouble(lambda: wire(failing(error)).write("POST", "/x", {})) is writing
    assert trouble(lambda: wire(failing(error)).read("/x")) is Trouble.UNREACHABLE


def test_a_write_is_sent_once() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        raise httpx.ReadError("reset")

    trouble(lambda: wire(handler).write("PATCH", "/x", {"body": "ü"}))
    assert seen == ["PATCH"]


def test_what_is_sent_is_json_in_ascii() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    wire(handler).write("POST", "/x", {"body": "ü\u2028\ud83d"})
    assert seen[0].content == b'{"body": "\\u00fc\\u2028\\ud83d"}'
    assert seen[0].headers["content-type"] == "application/json"
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert seen[0].headers["user-agent"].startswith("plancast/")


def test_an_answer_without_end_is_cut_off() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * (MAX_ANSWER // 4)

    assert trouble(
        lambda: wire(lambda _: httpx.Response(200, content=endless())).write("POST", "/x", {})
    ) is (Trouble.UNCLEAR)


def test_an_answer_that_comes_too_slowly_is_given_up() -> None:
    clock = FakeClock()

    def slow() -> Iterator[bytes]:
        for _ in range(100):
            clock.advance(10)
            yield b"x"

    found = wire(lambda _: httpx.Response(200, content=slow()), clock)
    assert trouble(lambda: found.write("POST", "/x", {})) is Trouble.UNCLEAR


@pytest.mark.parametrize(
    "echo",
    [
        f'{{"message": "no such token: {TOKEN.replace(chr(34), chr(92) + chr(34))}"}}',
        '{"message": {"token": ["to\\"ken/0123456789abcdef"]}}',
        '{"error": "x", "error_description": "to%22ken%2F0123456789abcdef is bad"}',
    ],
)
def test_a_token_that_a_server_echoes_is_not_repeated(echo: str) -> None:
    found = wire(lambda _: httpx.Response(422, content=echo.encode()))
    with pytest.raises(ForgeError) as caught:
        found.write("POST", "/x", {})
    assert "0123456789abcdef" not in str(caught.value)
    assert "(token)" in str(caught.value)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("plain", "HTTP 422: plain"),
        ("two\nlines\x1b[2J", "HTTP 422: two lines [2J"),
        ("\u202egnp", "HTTP 422: gnp"),
        ("x" * 5000, "HTTP 422: " + "x" * 298),
        ("", "HTTP 422"),
        (None, "HTTP 422"),
        (7, "HTTP 422: 7"),
    ],
)
def test_words_of_a_forge_are_one_line_of_plain_text(message: object, shown: str) -> None:
    found = wire(lambda _: httpx.Response(422, json={"message": message}))
    with pytest.raises(ForgeError) as caught:
        found.write("POST", "/x", {})
    assert str(caught.value) == shown


@pytest.mark.parametrize("token", ["se cret", "sécret", "se\ncret", "se\x7fcret"])
def test_a_token_with_odd_characters_is_refused_before_anything_is_sent(token: str) -> None:
    inner = httpx.MockTransport(failing(AssertionError("it was sent")))
    found = Wire(BASE, Credential(token, ""), FakeClock(), inner=inner)
    with pytest.raises(ForgeError) as caught:
        found.read("/x")
    assert caught.value.trouble is Trouble.REFUSED
    assert "cret" not in str(caught.value)


def test_the_log_has_a_line_for_each_request_and_nothing_that_was_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    wire(lambda _: httpx.Response(200, json={})).write("POST", "/x", {"body": "not public yet"})
    trouble(lambda: wire(failing(httpx.ReadError(f"a {TOKEN}"))).write("POST", "/y", {}))
    assert [record.getMessage() for record in caplog.records if record.name == LOGGER] == [
        "POST /v1/x ...",
        "POST /v1/x: 200, 0 ms",
        "POST /v1/y ...",
        "POST /v1/y: Lost: the connection broke: a (token)",
    ]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/v1/x",
        "http://api.forge.example/v1/x",
        "https://api.forge.example:8443/v1/x",
        "https://api.forge.example@evil.example/v1/x",
        "https://user@api.forge.example/v1/x",
        "https://api.forge.example:no/x",
        "//evil.example/x"[1:] + ":",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_elsewhere_is_not_asked(target: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "api.forge.example"
        assert request.url.port is None
        assert request.url.scheme == "https"
        assert not request.url.userinfo
        return httpx.Response(200, json=[])

    if target.startswith("/"):
        wire(handler).read(target)
    else:
        assert trouble(lambda: wire(handler).read(target)) is Trouble.ODD


@pytest.mark.parametrize("target", ["https://API.forge.example/v2/x", f"{BASE}/x?page=2", "/x"])
def test_an_address_at_home_is(target: str) -> None:
    assert wire(lambda _: httpx.Response(200, json=[])).read(target).document == []


def test_an_answer_without_end_is_given_up() -> None:
    acts: list[Callable[[], None]] = []

    def alarm(_seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        acts.append(act)
        return lambda: None

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 201 Created\r\n")
        for number in range(10_000):
            connection.sendall(b"X-%d: x\r\n" % number)
            if number == 5:
                acts[-1]()

    with Peer(serve) as peer:
        slow = Wire(peer.url, Credential("token", "missing"), FakeClock(), alarm=alarm)
        with pytest.raises(ForgeError, match="did not begin in time") as caught:
            slow.write("POST", "/x", {})
        slow.close()
    assert caught.value.trouble is Trouble.UNCLEAR
