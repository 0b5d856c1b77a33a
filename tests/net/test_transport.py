"""The transport: what it sends, what it makes of broken connections, and what it never says."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.net.transport import (
    MAX_ANSWER,
    HttpxTransport,
    Lost,
    NotSent,
    Request,
    Response,
    TransportError,
    UnsafeAddress,
    check_base_url,
    is_token,
)
from tests.net.peers import Peer, read_request

BASE = "https://api.example/1"
TOKEN = "1/0123456789abcdef0123456789abcdef"


def transport(
    handler: Callable[[httpx.Request], httpx.Response], token: str = TOKEN
) -> HttpxTransport:
    return HttpxTransport(BASE, token, inner=httpx.MockTransport(handler))


def answer(reply: httpx.Response | Exception, request: Request | None = None) -> Response:
    def handler(_: httpx.Request) -> httpx.Response:
        if isinstance(reply, Exception):
            raise reply
        return reply

    return transport(handler).send(request or Request("POST", "/updates/create.json"))


# -- what is sent ----


def test_a_request_has_the_token_in_its_header_and_nowhere_else() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    form = (("profile_ids[]", "a"), ("profile_ids[]", "b"), ("text", "ü & \n=é"), ("empty", ""))
    transport(handler).send(Request("POST", "/updates/create.json", (("utc", "1"),), form))
    (request,) = seen
    assert str(request.url) == f"{BASE}/updates/create.json?utc=1"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["User-Agent"].startswith("plancast/")
    assert httpx.QueryParams(request.content.decode()).multi_items() == list(form)
    assert TOKEN not in str(request.url) + request.content.decode()


def test_a_post_without_a_form_is_empty_and_has_no_content_type() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=dict(request.headers))

    got = transport(handler).send(Request("POST", "/updates/1/share.json")).body
    assert b'"content-length":"0"' in got.replace(b" ", b"")
    assert b"content-type" not in got


def test_json_is_sent_as_it_is_and_a_request_has_one_body() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=f"{request.headers['Content-Type']} {request.read()!r}")

    request = Request("POST", "/graphql", json='{"query": "{a}"}', idempotent=True)
    assert transport(handler).send(request).body == b"""application/json b'{"query": "{a}"}'"""
    assert "{a}" not in repr(request)
    with pytest.raises(ValueError, match="one body"):
        Request("POST", "/graphql", form=(("a", "b"),), json="{}")


def test_redirects_are_answers_like_others() -> None:
    moved = httpx.Response(307, headers={"Location": "https://evil.example/"})
    got = answer(moved)
    assert (got.status, got.header("location")) == (307, "https://evil.example/")


def test_text_that_is_no_unicode_is_refused_before_anything_is_sent() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    with pytest.raises(ValueError, match="surrogates"):
        transport(handler).send(Request("POST", "/x.json", form=(("text", "\ud800"),)))


# -- what becomes of failures ----


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("slow"), NotSent),
        (httpx.PoolTimeout("busy"), NotSent),
        (httpx.ProxyError("407"), NotSent),
        (UnicodeError("label too long"), NotSent),
        (httpx.ReadTimeout("slow"), Lost),
        (httpx.ReadError("reset"), Lost),
        (httpx.WriteError("reset"), Lost),
        (httpx.WriteTimeout("slow"), Lost),
        (httpx.CloseError("reset"), Lost),
        (httpx.RemoteProtocolError("odd"), Lost),
        (httpx.LocalProtocolError("odd"), Lost),
        (httpx.DecodingError("odd"), Lost),
        (httpx.UnsupportedProtocol("odd"), Lost),
    ],
)
def test_failures_are_of_two_kinds(error: Exception, outcome: type[TransportError]) -> None:
    with pytest.raises(TransportError) as caught:
        answer(error)
    assert type(caught.value) is outcome
    assert caught.value.__context__ is None


def test_an_answer_without_end_is_cut_off() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1024 * 1024

    with pytest.raises(Lost, match="larger"):
        answer(httpx.Response(200, content=endless()))


def test_an_answer_that_unpacks_to_too_much_is_cut_off() -> None:
    packed = gzip.compress(b"\0" * (MAX_ANSWER + 1))
    with pytest.raises(Lost, match="larger"):
        answer(httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))


def test_an_answer_that_comes_too_slowly_is_given_up() -> None:
    ticks = iter(range(0, 1000, 10))
    inner = httpx.MockTransport(lambda _: httpx.Response(200, content=(b"x" for _ in range(100))))
    slow = HttpxTransport(BASE, TOKEN, 25.0, inner, stopwatch=lambda: float(next(ticks)))
    with pytest.raises(Lost, match="in time"):
        slow.send(Request("GET", "/user.json"))


# -- what is never said ----


@pytest.mark.parametrize("echo", [TOKEN, TOKEN.replace("/", "%2F"), TOKEN.replace("/", "\\/")])
def test_no_answer_and_no_error_holds_the_token(echo: str) -> None:
    got = answer(httpx.Response(400, text=f"bad token {echo}", headers={"X-Token": echo}))
    assert b"0123456789" not in got.body
    assert "0123456789" not in repr(got)
    with pytest.raises(Lost) as caught:
        answer(httpx.ReadError(f"broke after {echo}"))
    assert "0123456789" not in "".join(traceback.format_exception(caught.value))


def test_its_own_repr_is_silent() -> None:
    assert TOKEN not in repr(transport(lambda _: httpx.Response(200)))


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "tökén", "a\x00"])
def test_what_cannot_stand_in_a_header_is_no_token(token: str) -> None:
    assert not is_token(token)
    with pytest.raises(ValueError, match="visible ASCII") as caught:
        transport(lambda _: httpx.Response(200), token)
    assert token.strip() == "" or token not in str(caught.value)


# -- addresses ----


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://api.bufferapp.com/1", "https://api.bufferapp.com/1"),
        ("https://api.bufferapp.com/1/", "https://api.bufferapp.com/1"),
        ("HTTPS://API.Example:8443/a/b", "https://api.example:8443/a/b"),
        ("http://127.0.0.1:8080/1", "http://127.0.0.1:8080/1"),
        ("http://127.9.9.9/1", "http://127.9.9.9/1"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://LocalHost", "http://localhost"),
    ],
)
def test_safe_addresses(url: str, plain: str) -> None:
    assert check_base_url(url) == plain


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example/1",
        "ftp://api.example/1",
        "http://api.example/1",
        "http://10.0.0.1/1",
        "http://0.0.0.0/1",
        "http://127.1/1",
        "http://2130706433/1",
        "http://127.0.0.1.evil.example/1",
        "http://localhost.evil.example/1",
        "http://localhost./1",
        "http://[::ffff:127.0.0.1]/1",
        "http://[::2]/1",
        "https://user:secret@api.example/1",
        "http://127.0.0.1:80@evil.example/1",
        "https://api.example/1?access_token=x",
        "https://api.example/1#x",
        "https://api.example\\@evil.example/1",
        "https://api.example/1 ",
        "https://api.example/\n1",
        "https://api.example/a/../b",
        "https://api.example//1",
        "https://api..example/1",
        "https://api.example:0/1",
        "https://api.example:99999/1",
        "https://bücher.example/1",
    ],
)
def test_unsafe_addresses(url: str) -> None:
    with pytest.raises(UnsafeAddress) as caught:
        check_base_url(url)
    assert "secret" not in str(caught.value)


@given(st.text(max_size=40))
def test_http_is_for_this_machine_only(rest: str) -> None:
    try:
        plain = check_base_url("http://" + rest)
    except UnsafeAddress:
        return
    host = httpx.URL(plain).host
    assert host in ("localhost", "::1") or host.startswith("127.")


# -- real connections ----


def rude_reset(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def rude_close(connection: socket.socket) -> None:
    read_request(connection)


def cut_short(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"updates":[')


def no_http(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"220 ready\r\n")


def silence(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


POST = Request("POST", "/updates/create.json")


@pytest.mark.parametrize("serve", [rude_reset, rude_close, cut_short, no_http, silence])
def test_a_request_that_arrived_is_lost_and_never_sent_again(
    serve: Callable[[socket.socket], None],
) -> None:
    with Peer(serve) as peer:
        rude = HttpxTransport(peer.url, TOKEN, timeout=0.5)
        with pytest.raises(Lost) as caught:
            rude.send(POST)
        rude.close()
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
        assert peer.connections == 1


def test_a_closed_port_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent):
        HttpxTransport(f"http://127.0.0.1:{port}/1", TOKEN).send(POST)


def test_a_connection_is_kept_but_not_after_it_has_idled() -> None:
    def polite(connection: socket.socket) -> None:
        while True:
            read_request(connection)
            connection.sendall(b"HTTP/1.1 200 Awesome\r\nContent-Length: 2\r\n\r\n{}")

    with Peer(polite) as peer:
        keeping = HttpxTransport(peer.url, TOKEN, idle=60)
        keeping.send(POST)
        keeping.send(POST)
        keeping.close()
        assert peer.connections == 1
        wary = HttpxTransport(peer.url, TOKEN, idle=0.01)
        wary.send(POST)
        time.sleep(0.05)
        wary.send(POST)
        wary.close()
        assert peer.connections == 3


def test_neither_netrc_nor_a_proxy_touches_what_goes_to_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []

    def polite(connection: socket.socket) -> None:
        heads.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with Peer(polite) as peer:
        direct = HttpxTransport(peer.url, TOKEN)
        direct.send(POST)
        direct.close()
    assert f"authorization: bearer {TOKEN}".encode() in heads[0].lower()


def test_a_proxy_that_cannot_be_used_is_not_sent_and_its_password_not_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://someone:hunter2@proxy.example")
    with pytest.raises(NotSent) as caught:
        HttpxTransport(BASE, TOKEN).send(POST)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
