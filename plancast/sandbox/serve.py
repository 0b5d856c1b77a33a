"""The sandbox on a port of this machine.

An HTTP/1.1 server of its own, because faults need two things that ready-made ones refuse: a
connection that stays open between requests, and one that breaks in the middle of an answer.
"""

import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from ipaddress import ip_address
from types import FrameType
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Request

from plancast.sandbox.app import SandboxApp
from plancast.sandbox.faults import ConnectionDropped
from plancast.sandbox.world import World

_MAX_BODY = 16 * 1024 * 1024


class ServeError(Exception):
    """The server cannot be started where it was asked to."""


class SandboxServer(ThreadingHTTPServer):
    """One thread per connection. Use as a context manager, or call start and stop."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, world: World, host: str = "127.0.0.1", port: int = 0) -> None:
        if not _is_loopback(host):
            raise ServeError(f"{host} is not a loopback address; the sandbox is for this machine")
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.app = SandboxApp(world)
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise ServeError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        self._thread: threading.Thread | None = None
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """The base address of API v1, without a slash at its end."""
        host, port = self.server_address[0], self.server_address[1]
        shown = f"[{host!s}]" if self.address_family == socket.AF_INET6 else str(host)
        return f"http://{shown}:{port}/1"

    @property
    def graphql_url(self) -> str:
        """The address of the GraphQL API."""
        return f"{self.url.removesuffix('/1')}/graphql"

    def start(self) -> None:
        """Serves in a thread until `stop`."""
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends serving, frees the port and ends the connections that are open."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
            self._thread = None
        self.server_close()
        for connection in tuple(self._open):
            with suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accepts a connection, and remembers that it is open."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def close_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """Closes a connection; the base class also knows datagrams, which are bytes."""
        self._open.discard(request)
        super().close_request(request)

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def handle_error(self, *_: object) -> None:
        """Tells of our own bugs; a client that goes away in the middle is no news."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    """Bridges one connection to the application."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SandboxServer

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_OPTIONS(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Nothing is logged: addresses may hold tokens."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self._refuse()
            return
        try:
            response = self.server.app.respond(Request(self._environ(body)))
        except ConnectionDropped as dropped:
            if dropped.partial is not None:
                partial = dropped.partial
                length = ("Content-Length", str(partial.length))
                kind = ("Content-Type", partial.content_type)
                self._send(partial.status, (*partial.headers, kind, length), partial.content)
                self.close_connection = True
            else:
                self._break()
            return
        content = b"" if self.command == "HEAD" else response.get_data()
        self._send(response.status_code, tuple(response.headers.items()), content)

    def _body(self) -> bytes | None:
        """What was sent with the request; None where it cannot be told how much that is."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            size, _, _ = self.rfile.readline(1024).strip().partition(b";")
            try:
                count = int(size, 16)
            except ValueError:
                return None
            if count < 0 or len(body) + count > _MAX_BODY:
                return None
            body += self.rfile.read(count)
            if count == 0:
                while self.rfile.readline(1024).strip():
                    pass  # trailers
                return body
            self.rfile.readline(8)

    def _environ(self, body: bytes) -> dict[str, object]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[0], self.server.server_address[1]
        environ: dict[str, object] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            # The body has been read: how it came does not matter any more.
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"):
                environ[f"HTTP_{key}"] = value
        return environ

    def _send(self, status: int, headers: tuple[tuple[str, str], ...], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self) -> None:
        self.close_connection = True
        self._send(400, (("Content-Length", "0"),), b"")

    def _break(self) -> None:
        """Ends the connection with a reset, as a machine that has gone away does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()  # it holds on to the socket, which would not really close otherwise
        self.connection.close()


def serve(
    world: World,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Serves until the process is asked to end (SIGINT, SIGTERM); `ready` is told the port."""
    server = SandboxServer(world, host, port)
    with _ended_by_signals(server):
        if ready is not None:
            ready(int(server.server_address[1]))
        server.serve_forever(poll_interval=0.05)
    server.stop()


@contextmanager
def _ended_by_signals(server: SandboxServer) -> Iterator[None]:
    """Signals end serve_forever; outside the main thread, where there are none, nothing does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        # shutdown waits for the loop that this very thread runs
        threading.Thread(target=server.shutdown, daemon=True).start()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
