"""The connection for the head of media: where it goes, what it carries, and what it does not."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plancast.net.media_probe import HeadRequest, NoSuchName
from plancast.net.media_transport import PinnedTransport, SystemResolver
from plancast.net.transport import TransportError
from tests.net.peers import Peer, read_request

NAME = "images.acme.example"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\n\r\n"
SECONDS = 30.0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME that no one signed, with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    whole = folder / "both.pem"
    whole.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return whole


@pytest.fixture
def trusting(certificate: Path) -> PinnedTransport:
    return PinnedTransport(ssl.create_default_context(cafile=str(certificate)))


class Server:
    """A TLS server that keeps what it was sent and the name that was asked for."""

    def __init__(self, certificate: Path, answer: Callable[[ssl.SSLSocket], None]) -> None:
        self.heads: list[str] = []
        self.names: list[str | None] = []
        self._answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._context.sni_callback = self._keep_name

    def _keep_name(self, _socket: object, name: str | None, _context: object) -> None:
        self.names.append(name)

    def serve(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secure:
            self.heads.append(read_request(secure).decode())
            self._answer(secure)


@contextmanager
def serving(
    certificate: Path, answer: bytes | Callable[[ssl.SSLSocket], None] = OK
) -> Iterator[tuple[Server, int]]:
    respond = answer if callable(answer) else (lambda secure: secure.sendall(answer))
    server = Server(certificate, respond)
    with Peer(server.serve) as peer:
        yield server, peer.port


def request(port: int, host: str = NAME, *, ranged: bool = False) -> HeadRequest:
    url = f"https://{host}:{port}/a.png?x=1"
    return HeadRequest(url, host, port, "127.0.0.1", ranged=ranged)


def test_it_connects_to_the_address_and_speaks_to_the_name(
    certificate: Path, trusting: PinnedTransport
) -> None:
    """NAME leads nowhere: a lookup would fail, and the tests refuse one."""
    with serving(certificate) as (server, port):
        head = trusting.ask(request(port), SECONDS)
    assert (head.status, head.header("content-type")) == (200, "image/png")
    assert server.names == [NAME]
    lines = server.heads[0].split("\r\n")
    assert lines[0] == "HEAD /a.png?x=1 HTTP/1.1"
    assert f"Host: {NAME}:{port}" in lines


ALLOWED = {"host", "user-agent", "accept", "accept-encoding", "connection", "range"}


def test_nothing_of_the_user_goes_along(
    certificate: Path, trusting: PinnedTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a cookie of an earlier answer, nor `.netrc`, nor a proxy of the environment."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {NAME} login me password word\ndefault login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(certificate) as (server, port):
        for ranged in (False, True, False):
            assert trusting.ask(request(port, ranged=ranged), SECONDS).status == 200
    for head in server.heads:
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names <= ALLOWED
    assert "Range: bytes=0-0" in server.heads[1]


def test_a_certificate_of_another_name_is_refused_before_anything_is_sent(
    certificate: Path, trusting: PinnedTransport
) -> None:
    with serving(certificate) as (server, port), pytest.raises(TransportError) as caught:
        trusting.ask(request(port, "other.acme.example"), SECONDS)
    assert "certificate" in str(caught.value)
    assert server.heads == []


def test_a_certificate_that_is_not_trusted_is_refused(certificate: Path) -> None:
    with serving(certificate) as (server, port), pytest.raises(TransportError, match="certificate"):
        PinnedTransport().ask(request(port), SECONDS)
    assert server.heads == []


def test_a_redirect_is_returned_and_not_followed(
    certificate: Path, trusting: PinnedTransport
) -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    with serving(certificate, answer) as (server, port):
        head = trusting.ask(request(port), SECONDS)
    assert (head.status, head.header("location")) == (302, "https://127.0.0.1/")
    assert len(server.heads) == 1


def test_a_body_is_not_read(certificate: Path, trusting: PinnedTransport) -> None:
    """The server sends until the connection is closed: reading it all would never end."""

    def endless(secure: ssl.SSLSocket) -> None:
        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while True:
            secure.sendall(b"x" * 65536)

    with serving(certificate, endless) as (_, port):
        head = trusting.ask(request(port, ranged=True), SECONDS)
    assert head.header("content-length") == "1000000000000"


ANSWERS = [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nbroken"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_no_answer_is_a_failure(
    certificate: Path, trusting: PinnedTransport, answer: bytes
) -> None:
    with serving(certificate, answer) as (_, port), pytest.raises(TransportError):
        trusting.ask(request(port), SECONDS)


def test_too_many_headers_are_a_failure(certificate: Path, trusting: PinnedTransport) -> None:
    many = b"".join(b"X-%d: x\r\n" % number for number in range(300))
    answer = b"HTTP/1.1 200 OK\r\n" + many + b"\r\n"
    with serving(certificate, answer) as (_, port), pytest.raises(TransportError, match="headers"):
        trusting.ask(request(port), SECONDS)


def test_a_head_that_never_ends_is_broken_off(certificate: Path) -> None:
    """The alarm goes off once the server has begun to drip its headers."""
    acts: list[Callable[[], None]] = []

    def alarm(seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        acts.append(act)
        return lambda: None

    def drip(secure: ssl.SSLSocket) -> None:
        secure.sendall(b"HTTP/1.1 200 OK\r\n")
        acts[-1]()
        for _ in range(10_000):
            secure.sendall(b"X-More: x\r\n")

    context = ssl.create_default_context(cafile=str(certificate))
    with serving(certificate, drip) as (_, port), pytest.raises(TransportError, match="in time"):
        PinnedTransport(context, alarm).ask(request(port), SECONDS)


def test_no_connection_says_nothing_about_the_network(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    context = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(TransportError) as caught:
        PinnedTransport(context).ask(request(port), SECONDS)
    assert str(caught.value) == "no connection"


def test_the_system_resolves_names_and_literals() -> None:
    assert "127.0.0.1" in SystemResolver().resolve("127.0.0.1", 443)
    assert set(SystemResolver().resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


def test_a_name_that_no_resolver_takes_does_not_exist() -> None:
    with pytest.raises(NoSuchName):
        SystemResolver().resolve("a" * 64, 443)
