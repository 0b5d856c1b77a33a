"""No server is waited for without end, however little it sends at a time.

The alarms of most of these tests go off when the server says so: nothing here is about seconds.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import httpx
import pytest

from plancast.net.deadline import BODY, CONNECTING, HEAD, Connections, Deadline
from plancast.net.transport import (
    MAX_HEADERS,
    HttpxTransport,
    Lost,
    NotSent,
    Request,
    TransportError,
)
from tests.net.peers import Peer, read_request

TOKEN = "1/0123456789abcdef0123456789abcdef"
POST = Request("POST", "/updates/create.json")
HOUR = 3600.0
FEW = 5
"""Pieces of an endless answer that are sent before the alarm goes off."""

MANY = 10_000
"""Pieces after which an endless answer ends all the same, or a broken transport would hang."""

LEAVING = "http11.send_request_headers.started"
START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass
class Alarms:
    """Alarms that go off when a test says so."""

    acts: list[Callable[[], None]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)

    def set(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        number = len(self.acts)
        self.acts.append(act)
        self.seconds.append(seconds)
        return lambda: self.cancelled.add(number)

    def go_off(self) -> None:
        """All that were ever set, as if those that were cancelled had come too late for that."""
        for act in tuple(self.acts):
            act()


def headers() -> Iterator[bytes]:
    yield START
    yield from (b"X-%d: x\r\n" % number for number in count())


def one_header() -> Iterator[bytes]:
    yield START + b"X-Name: "
    yield from (b"x" for _ in count())


def informational() -> Iterator[bytes]:
    yield from (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" for _ in count())


def continues() -> Iterator[bytes]:
    yield from (b"HTTP/1.1 100 Continue\r\n\r\n" for _ in count())


def status_line() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 "
    yield from (b"O" for _ in count())


def body() -> Iterator[bytes]:
    yield START + b"Content-Length: 1000000\r\n\r\n"
    yield from (b" " for _ in count())


def chunks() -> Iterator[bytes]:
    yield CHUNKED
    yield from (b"1\r\n \r\n" for _ in count())


def size_of_a_chunk() -> Iterator[bytes]:
    """No byte of the body ever comes."""
    yield CHUNKED + b"1;x="
    yield from (b"x" for _ in count())


def trailers() -> Iterator[bytes]:
    yield CHUNKED + b"2\r\n{}\r\n0\r\n"
    yield from (b"X-%d: x\r\n" % number for number in count())


ENDLESS: dict[Callable[[], Iterator[bytes]], str] = {
    headers: HEAD,
    one_header: HEAD,
    informational: HEAD,
    continues: HEAD,
    status_line: HEAD,
    body: BODY,
    chunks: BODY,
    size_of_a_chunk: BODY,
    trailers: BODY,
}


def sending(
    pieces: Callable[[], Iterator[bytes]], after_few: Callable[[], None], gap: threading.Event
) -> Callable[[socket.socket], None]:
    """Serve an endless answer; say so after the first few pieces of it."""

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        for number, piece in zip(range(MANY), pieces(), strict=False):
            connection.sendall(piece)
            if number == FEW:
                after_few()
            gap.wait(0.002)

    return serve


@pytest.mark.parametrize("pieces", ENDLESS)
def test_an_answer_without_end_is_lost_when_the_alarm_goes_off(
    pieces: Callable[[], Iterator[bytes]],
) -> None:
    alarms = Alarms()
    with Peer(sending(pieces, alarms.go_off, threading.Event())) as peer:
        wire = HttpxTransport(peer.url, TOKEN, HOUR, alarm=alarms.set)
        with pytest.raises(Lost) as caught:
            wire.send(POST)
        wire.close()
        assert str(caught.value) == ENDLESS[pieces]
        assert caught.value.__context__ is None
        assert peer.connections == 1
    assert set(alarms.seconds) == {HOUR}


@pytest.mark.parametrize("pieces", ENDLESS)
def test_the_alarm_of_this_machine_goes_off_by_itself(
    pieces: Callable[[], Iterator[bytes]],
) -> None:
    with Peer(sending(pieces, lambda: None, threading.Event())) as peer:
        wire = HttpxTransport(peer.url, TOKEN, timeout=0.2)
        with pytest.raises(Lost, match="in time"):
            wire.send(POST)
        wire.close()


def polite(connection: socket.socket) -> None:
    while True:
        read_request(connection)
        connection.sendall(START + b"Content-Length: 2\r\n\r\n{}")


def test_an_alarm_that_goes_off_too_late_does_not_touch_the_next_request() -> None:
    alarms = Alarms()
    with Peer(polite) as peer:
        wire = HttpxTransport(peer.url, TOKEN, HOUR, idle=60, alarm=alarms.set)
        for _ in range(3):
            assert wire.send(POST).body == b"{}"
            assert alarms.cancelled == set(range(len(alarms.acts)))
            alarms.go_off()
        wire.close()
        assert peer.connections == 1


def test_after_an_alarm_the_next_request_has_a_connection_of_its_own() -> None:
    alarms = Alarms()
    served = count()

    def serve(connection: socket.socket) -> None:
        if next(served):
            polite(connection)
        else:
            sending(headers, alarms.go_off, threading.Event())(connection)

    with Peer(serve) as peer:
        wire = HttpxTransport(peer.url, TOKEN, HOUR, idle=60, alarm=alarms.set)
        with pytest.raises(Lost):
            wire.send(POST)
        assert wire.send(POST).status == 200
        wire.close()
        assert peer.connections == 2


def test_a_proxy_that_does_not_get_on_has_passed_nothing_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alarms = Alarms()
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(connection.recv(65536))
        for number, piece in zip(range(MANY), headers(), strict=False):
            connection.sendall(piece)
            if number == FEW:
                alarms.go_off()

    with Peer(serve) as peer:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{peer.port}")
        wire = HttpxTransport("https://api.example/1", TOKEN, HOUR, alarm=alarms.set)
        with pytest.raises(NotSent):
            wire.send(POST)
        wire.close()
    assert heads[0].startswith(b"CONNECT api.example:443 ")
    assert TOKEN.encode() not in heads[0]


def test_a_greeting_of_tls_that_does_not_come_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    alarms = Alarms()

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        alarms.go_off()
        connection.recv(1)

    with Peer(serve) as peer:
        wire = HttpxTransport(f"https://127.0.0.1:{peer.port}/1", TOKEN, HOUR, alarm=alarms.set)
        with pytest.raises(NotSent, match=CONNECTING):
            wire.send(POST)
        wire.close()


def test_nothing_leaves_in_the_open_while_a_connection_is_shut_down() -> None:
    here, there = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    connections, alarms = Connections(), Alarms()
    with there, context.wrap_socket(here, do_handshake_on_connect=False) as wrapped:
        connections.made(wrapped)
        watch = Deadline(HOUR, alarms.set, connections)
        watch.trace(LEAVING, {"request": httpx.Request("POST", "https://api.example/1")})
        watch.break_off()
        assert there.recv(1) == b""
        with pytest.raises(OSError, match=r".*"):
            wrapped.unwrap()  # ValueError, had it lost its encryption
        watch.end()


def test_no_handle_on_a_connection_is_left_behind() -> None:
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(START + b"Content-Length: 2\r\n\r\n{}")
        if connection.recv(1) == b"":
            ended.set()

    with Peer(serve) as peer:
        wire = HttpxTransport(peer.url, TOKEN, HOUR, idle=60, alarm=Alarms().set)
        wire.send(POST)
        wire.close()
        assert ended.wait(60), "a connection ends when the last handle on it is closed"


# -- the size of a head ----


def answer(head: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(START + head + b"Content-Length: 2\r\n\r\n{}")

    return serve


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"X: x\r\n" * MAX_HEADERS, "headers"),
        (b"X: " + b"x" * 70_000 + b"\r\n", "larger"),
        (b"X: " + b"x" * 2_000_000 + b"\r\n", "broke"),
    ],
)
def test_a_head_without_measure_is_lost(head: bytes, message: str) -> None:
    with Peer(answer(head)) as peer:
        wire = HttpxTransport(peer.url, TOKEN)
        with pytest.raises(Lost, match=message):
            wire.send(POST)
        wire.close()


def test_a_head_as_large_as_heads_are_is_none_too_large() -> None:
    with Peer(answer(b"X: x\r\n" * 100 + b"Y: " + b"y" * 8000 + b"\r\n")) as peer:
        wire = HttpxTransport(peer.url, TOKEN)
        assert wire.send(POST).header("y") == "y" * 8000
        wire.close()


# -- what has begun to leave ----


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ProxyError("407"),
        httpx.PoolTimeout("busy"),
        UnicodeError("label too long"),
        httpx.ReadError("reset"),
    ],
)
@pytest.mark.parametrize("sent", [True, False])
def test_once_a_byte_has_left_nothing_is_not_sent(error: Exception, sent: bool) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if sent:
            request.extensions["trace"](LEAVING, {"request": request})
        raise error

    wire = HttpxTransport("https://api.example/1", TOKEN, inner=httpx.MockTransport(handler))
    with pytest.raises(TransportError) as caught:
        wire.send(POST)
    lost = sent or isinstance(error, httpx.ReadError)
    assert type(caught.value) is (Lost if lost else NotSent)


# -- what stays behind ----


@pytest.mark.parametrize(
    "cookie",
    [
        b"session=abc; Path=/",
        b"a=\xff\xfe",
        b"999; expires=Mon, 99 Foo 99999999 99:99:99 GMT",
        b"=; ;;;",
        b"a=b; max-age=99999999999999999999999",
    ],
)
def test_a_cookie_is_neither_kept_nor_read(cookie: bytes) -> None:
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        while True:
            heads.append(read_request(connection))
            line = b"Set-Cookie: " + cookie + b"\r\nSet-Cookie2: " + cookie + b"\r\n"
            connection.sendall(START + line + b"Content-Length: 2\r\n\r\n{}")

    with Peer(serve) as peer:
        wire = HttpxTransport(peer.url, TOKEN, idle=60)
        for _ in range(2):
            assert wire.send(POST).status == 200
        wire.close()
    assert len(heads) == 2
    assert all(b"cookie" not in head.lower() for head in heads)
