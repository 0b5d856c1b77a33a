"""The sandbox on a real port of this machine."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from plancast.sandbox import Fault, FaultKind, SandboxServer, ServeError, World
from plancast.sandbox.seed import DEFAULT_TOKEN
from tests.sandbox.sandbox_client import TWITTER

ROOT = Path(__file__).resolve().parents[2]
TOKEN = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
FORM = {**TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
JSON = {**TOKEN, "Content-Type": "application/json"}
CREATE = urlencode({"profile_ids[]": TWITTER, "text": "Grüße"})


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with World() as world, SandboxServer(world) as running:
        yield running


@pytest.fixture
def connection(server: SandboxServer) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection(urlsplit(server.url).netloc)
    yield opened
    opened.close()


def test_many_requests_on_one_connection(connection: http.client.HTTPConnection) -> None:
    connection.connect()
    first = connection.sock
    for method, path, body in [
        ("GET", "/1/user.json", None),
        ("POST", "/1/updates/create.json", CREATE),
        ("GET", "/1/nothing.json", None),
        ("GET", f"/1//profiles/{TWITTER}/updates/pending.json?count=5", None),
    ]:
        connection.request(method, path, body, FORM)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        assert answer.version == 11
        assert connection.sock is first
    assert found["updates"][0]["text"] == "Grüße"


def test_posts_without_a_body_or_in_chunks(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/1/updates/create.json", iter([CREATE.encode(), b"&x=1"]), FORM)
    answer = connection.getresponse()
    id_ = json.loads(answer.read())["updates"][0]["id"]
    connection.request("POST", f"/1/updates/{id_}/share.json", headers=TOKEN)
    assert json.loads(connection.getresponse().read()) == {"success": True}


def test_head(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/1/user.json", headers=TOKEN)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(connection: http.client.HTTPConnection, method: str) -> None:
    connection.request(method, f"/1/profiles/{TWITTER}.json", headers=TOKEN)
    answer = connection.getresponse()
    answer.read()
    assert answer.status in (200, 405)


@pytest.mark.parametrize("header", [("Content-Length", "x"), ("Transfer-Encoding", "chunked")])
def test_bodies_that_cannot_be_measured(
    connection: http.client.HTTPConnection, header: tuple[str, str]
) -> None:
    connection.putrequest("POST", "/1/updates/create.json")
    connection.putheader(*header)
    connection.endheaders(b"zz\r\n")
    answer = connection.getresponse()
    answer.read()
    assert (answer.status, answer.headers["Connection"]) == (400, "close")


@pytest.mark.parametrize("kind", [FaultKind.LOST_REQUEST, FaultKind.LOST_ANSWER])
def test_a_dropped_connection(
    server: SandboxServer, connection: http.client.HTTPConnection, kind: FaultKind
) -> None:
    world = server.app.world
    world.arm(Fault(kind))
    connection.request("POST", "/1/updates/create.json", CREATE, FORM)
    with pytest.raises(ConnectionError):
        connection.getresponse()
    connection.close()
    assert len(world.snapshot()) == (1 if kind is FaultKind.LOST_ANSWER else 0)
    connection.request("GET", "/1/user.json", headers=TOKEN)
    assert connection.getresponse().status == 200


def test_half_an_answer(server: SandboxServer, connection: http.client.HTTPConnection) -> None:
    server.app.world.arm(Fault(FaultKind.TRUNCATED_BODY))
    connection.request("POST", "/1/updates/create.json", CREATE, FORM)
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    assert caught.value.partial.startswith(b'{"updates":[')


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "acme.example", ""])
def test_it_is_for_this_machine_only(host: str) -> None:
    with pytest.raises(ServeError, match="loopback"):
        SandboxServer(World(), host)


def test_a_port_that_is_taken(server: SandboxServer) -> None:
    port = urlsplit(server.url).port or 0
    with pytest.raises(ServeError, match="cannot listen"):
        SandboxServer(server.app.world, port=port)


def test_stopping_ends_open_connections() -> None:
    server = SandboxServer(World())
    server.start()
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0)) as opened:
        opened.sendall(b"GET /1/nothing.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert opened.recv(12) == b"HTTP/1.1 404"
        server.stop()
        while opened.recv(4096):
            pass
    server.stop()


def test_ipv6() -> None:
    try:
        server = SandboxServer(World(), "::1")
    except ServeError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        opened = http.client.HTTPConnection("::1", urlsplit(server.url).port)
        opened.request("GET", "/1/user.json", headers=TOKEN)
        assert opened.getresponse().status == 200
        opened.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path, number: int) -> None:
    (tmp_path / "seed.json").write_text(json.dumps({"account": {"name": "Zoo"}}))
    command = [sys.executable, "-m", "plancast.sandbox", "--db", str(tmp_path / "world.db")]
    options = ["--seed", str(tmp_path / "seed.json"), "--rate", "2/30"]
    options += ["--windows", "1/900"]
    with subprocess.Popen(
        command + options, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(" ")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        codes = []
        for _ in range(3):
            connection.request("GET", "/1/user.json", headers=TOKEN)
            answer = connection.getresponse()
            codes.append((answer.status, json.loads(answer.read()).get("name")))
        for _ in range(2):
            connection.request("POST", "/graphql", '{"query": "{ account { name } }"}', JSON)
            answer = connection.getresponse()
            codes.append(
                (answer.status, (json.loads(answer.read()).get("data") or {}).get("account"))
            )
        process.send_signal(number)
        assert process.wait() == 0
        connection.close()
    assert codes[:3] == [(200, "Zoo"), (200, "Zoo"), (429, None)]
    assert codes[3:] == [(200, {"name": "Zoo"}), (429, None)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "0.0.0.0"],
        ["--db", "/nowhere/at/all.db"],
        ["--seed", "/nowhere/seed.json"],
        ["--rate", "many/60"],
        ["--windows", "100"],
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "plancast.sandbox", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("sandbox: ")
    assert len(ended.stderr.splitlines()) == 1
