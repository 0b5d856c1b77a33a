"""HTTP as bytes, for the tests of the server: requests as written, answers as they came."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from plancast.sandbox import SandboxServer, ServerLimits, ServerOptions, World
from plancast.sandbox.seed import DEFAULT_TOKEN
from tests.sandbox.sandbox_client import MONDAY, TWITTER

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
BEARER = f"Authorization: Bearer {DEFAULT_TOKEN}"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class HttpReply:
    """One answer. `headers` are in lower case; a repeated one keeps its last value."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def closes(self) -> bool:
        return self.headers.get("connection") == "close"

    @property
    def refusal(self) -> tuple[str, int | str]:
        """The API whose shape a refusal has, and the code that it names."""
        if "errors" in self.json:
            (error,) = self.json["errors"]
            return "graphql", error["extensions"]["code"]
        return "v1", self.json["code"]


def request(
    line: str = "GET /1/user.json HTTP/1.1",
    *headers: str | bytes,
    body: bytes = b"",
    host: str | None = "localhost",
    token: bool = True,
) -> bytes:
    """A request; its Content-Length is written unless the headers say something of the length."""
    lines = [line.encode("latin-1")]
    lines += [f"Host: {host}".encode("latin-1")] if host is not None else []
    lines += [BEARER.encode()] if token else []
    lines += [item if isinstance(item, bytes) else item.encode("latin-1") for item in headers]
    framed = re.search(rb"(?mi)^(content-length|transfer-encoding)\s*:", b"\n".join(lines))
    if body and not framed:
        lines.append(f"Content-Length: {len(body)}".encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def post(target: str, *headers: str | bytes, body: bytes = b"", **more: Any) -> bytes:
    return request(f"POST {target} HTTP/1.1", *headers, body=body, **more)


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


CREATE = "/1/updates/create.json"
TEXT = f"profile_ids[]={TWITTER}&text=Hi&shorten=0".encode()
ACCOUNT = b'{"query": "{ account { id } }"}'
MULTIPART = "Content-Type: multipart/form-data; boundary=b"
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="profile_ids[]"\r\n\r\n'
    + TWITTER.encode()
    + b'\r\n--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nHi\r\n--b--\r\n'
)


class Client:
    """A connection that sends bytes as they are, and believes nothing that is not HTTP."""

    def __init__(self, server: SandboxServer) -> None:
        address = server.server_address
        self.socket = socket.create_connection((str(address[0]), int(address[1])), PATIENCE)
        self._file = self.socket.makefile("rb")

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def end(self) -> None:
        """Nothing more is sent."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reply(self, *, head: bool = False) -> HttpReply | None:
        """The next answer; None once the server has ended the connection."""
        line = self._file.readline()
        if not line:
            return None
        found = re.fullmatch(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [A-Za-z -]*\r\n", line)
        assert found, line
        headers = {}
        while (line := self._file.readline()) != b"\r\n":
            name, colon, value = line.removesuffix(b"\r\n").decode("ascii").partition(": ")
            assert colon, line
            headers[name.lower()] = value
        length = 0 if head or found[1] == b"100" else int(headers["content-length"])
        content = self._file.read(length)
        assert len(content) == length
        return HttpReply(int(found[1]), headers, content)

    def replies(self) -> list[HttpReply]:
        """All answers until the server ends the connection."""
        found = []
        while answer := self.reply():
            found.append(answer)
        return found

    def rest(self) -> bytes:
        """Everything that comes until the server ends the connection."""
        return self._file.read()

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ask(server: SandboxServer, content: bytes, *, head: bool = False) -> HttpReply:
    """The first answer to some bytes, after which the client sends nothing more."""
    with Client(server) as client:
        client.send(content)
        client.end()
        answer = client.reply(head=head)
        assert answer is not None
        assert not head or client.rest() == b""
        return answer


@dataclass(frozen=True, slots=True)
class Served:
    """A server, the world behind it, and what it has written."""

    server: SandboxServer
    world: World
    log: list[str]
    reports: list[str]

    def ask(self, content: bytes, *, head: bool = False) -> HttpReply:
        return ask(self.server, content, head=head)

    def send_away(self, content: bytes) -> None:
        """Send some bytes, and take whatever comes: an answer, half of one, or a reset."""
        with Client(self.server) as client, suppress(OSError):
            client.send(content)
            client.end()
            client.rest()

    def rows(self) -> str:
        """The whole database, the counts of requests and the faults included."""
        with self.world._database.transaction() as db:
            return "\n".join(db.iterdump())


@contextmanager
def served(
    limits: ServerLimits | None = None,
    *,
    world: World | None = None,
    log: Callable[[str], None] | None = None,
) -> Iterator[Served]:
    """A server on a world whose clock stands still, without limits of requests.

    It has ended when the context ends, and has written all of its log.
    """
    lines: list[str] = []
    reports: list[str] = []
    options = ServerOptions(limits or ServerLimits(), log or lines.append, reports.append)
    with world or World() as opened:
        opened.reset({"clock": MONDAY, "rate_limit": {"requests": 0, "windows": ""}})
        with SandboxServer(opened, options=options) as server:
            yield Served(server, opened, lines, reports)
