"""The sandbox on a port of this machine: one thread for each connection, and a limit for both."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address
from socketserver import BaseRequestHandler, TCPServer
from types import FrameType

from plancast.sandbox.app import SandboxApp
from plancast.sandbox.server.connection import Connection
from plancast.sandbox.server.options import ServerOptions
from plancast.sandbox.world import World


class ServeError(Exception):
    """The server cannot be started at that address."""


class SandboxServer(TCPServer):
    """A server of both APIs on loopback. Use it as a context manager, or call start and stop."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        world: World,
        host: str = "127.0.0.1",
        port: int = 0,
        options: ServerOptions | None = None,
    ) -> None:
        if not _is_loopback(host):
            raise ServeError(f"{host} is not a loopback address; the sandbox is for this machine")
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.app = SandboxApp(world)
        self._options = options or ServerOptions()
        self._has_ended = False
        try:
            super().__init__((host, port), BaseRequestHandler)
        except OSError as error:
            raise ServeError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        self._thread: threading.Thread | None = None
        self._open: dict[socket.socket, threading.Thread] = {}

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
        """Serve in a thread until `stop`."""
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End serving, free the port, finish the answers under way, end all connections."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
            self._thread = None
        self.server_close()
        end = self._options.clock() + self._options.limits.stop_seconds
        # First no new request can arrive, then connections that did not end in time are cut off.
        for how in (socket.SHUT_RD, socket.SHUT_RDWR):
            for connection, thread in tuple(self._open.items()):
                with suppress(OSError):  # the client was faster
                    connection.shutdown(how)
                thread.join(max(0.0, end - self._options.clock()))
        self._has_ended = True

    def process_request(self, request: object, _address: object) -> None:
        """Give a connection that has been accepted to a thread of its own."""
        assert isinstance(request, socket.socket)  # the base class knows datagrams as well
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        limits, number = self._options.limits, len(self._open)
        if number >= limits.connections + limits.spare:
            request.close()
            return
        is_spare = number >= limits.connections
        options = replace(self._options, report=self._report)
        connection = Connection(request, self.app, options, is_spare)
        thread = threading.Thread(target=self._serve, args=(request, connection), daemon=True)
        self._open[request] = thread
        try:
            thread.start()
        except RuntimeError:  # this machine has no thread left
            del self._open[request]
            request.close()

    def _serve(self, request: socket.socket, connection: Connection) -> None:
        """Serve one connection, and forget it at its end."""
        try:
            connection.serve()
        finally:
            self._open.pop(request, None)

    def _report(self, text: str) -> None:
        """Pass on the report of a bug, unless the server has ended: the world may be closed."""
        if not self._has_ended:
            self._options.report(text)

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(
    world: World,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] | None = None,
    options: ServerOptions | None = None,
) -> None:
    """Serve until the process is asked to end (SIGINT, SIGTERM); `ready` receives the port."""
    server = SandboxServer(world, host, port, options)
    with _ended_by_signals(server):
        if ready is not None:
            ready(int(server.server_address[1]))
        server.serve_forever(poll_interval=0.05)
    server.stop()


@contextmanager
def _ended_by_signals(server: SandboxServer) -> Iterator[None]:
    """Let signals end serve_forever.

    Outside the main thread Python delivers none, so it only yields.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        # shutdown() waits for the loop that this very thread runs: here it would wait for good.
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
