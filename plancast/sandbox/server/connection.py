"""One connection: read a request, have it answered, write the answer, begin again.

It is not built on `http.server`, because faults need what ready-made servers refuse: a connection
that breaks in the middle of an answer. And a server of today has to refuse requests that
`http.server` lets pass.
"""

import re
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from urllib.parse import unquote, unquote_to_bytes

from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Request

from plancast.sandbox.app import OPERATION, TOKENS, SandboxApp
from plancast.sandbox.faults import ConnectionDropped
from plancast.sandbox.refusals import internal_error, refuse
from plancast.sandbox.server import access_log, guard, reading
from plancast.sandbox.server.options import ServerOptions
from plancast.sandbox.server.request import (
    Framing,
    RequestHead,
    RequestLine,
    check_fields,
    framing,
)
from plancast.sandbox.server.socket_reader import EndOfInput, SocketReader
from plancast.sandbox.v1.errors import GateError
from plancast.sandbox.v1.replies import Reply

Headers = tuple[tuple[str, str], ...]

_ENDED = "The request ends before it is complete."
_UNREADABLE = RequestLine("(unreadable)", "")


@dataclass(slots=True)
class _Exchange:
    """One request, as far as it is known yet, and the parts of its line in the log."""

    began: float
    line: RequestLine = _UNREADABLE
    tokens: tuple[str, ...] = ()
    environ: dict[str, object] = field(default_factory=dict)
    keeps_open: bool = False
    outcome: str = ""
    note: str = ""

    def read_line(self, line: RequestLine) -> None:
        """Note the request line."""
        self.line = line

    def read_tokens(self, tokens: tuple[str, ...]) -> None:
        """Note the tokens of the header."""
        self.tokens = tokens

    def read_whole(self, environ: dict[str, object], *, keeps_open: bool) -> None:
        """Note a request that was read to its end."""
        self.environ, self.keeps_open = environ, keeps_open

    def close(self, note: str = "") -> None:
        """End the connection with this exchange."""
        self.keeps_open, self.note = False, note or self.note

    def end(self, outcome: str) -> None:
        """Note how it ended, or how it ends if what comes next fails."""
        self.outcome = outcome

    @property
    def path(self) -> str:
        """The path as the application sees it; "" if it is not known."""
        return re.sub("/{2,}", "/", unquote(self.line.path))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The tokens of the request: those in its header, and those that the application found."""
        found_tokens = self.environ.get(TOKENS, ())
        return (*self.tokens, *(found_tokens if isinstance(found_tokens, tuple) else ()))

    @property
    def shown(self) -> str:
        """Path and query for the log."""
        return access_log.show_target(self.line.path, self.line.query, self.secrets)


class Connection:
    """The server's side of a connection. `is_spare`: it is one too many, and is only refused."""

    def __init__(
        self, client: socket.socket, app: SandboxApp, options: ServerOptions, is_spare: bool
    ) -> None:
        self._client = client
        self._app = app
        self._options = options
        self._limits = options.limits
        self._is_spare = is_spare
        self._reader = SocketReader(client, options.clock)

    def serve(self) -> None:
        """Answer requests until one of the two sides ends the connection, and close it."""
        # OSError: the client closed the connection, which it may do at any time.
        with self._client, suppress(OSError):
            while self._is_asked():
                exchange = _Exchange(self._options.clock())
                try:
                    self._converse(exchange)
                finally:
                    self._log(exchange)
                if not exchange.keeps_open:
                    self._linger()
                    break

    def _is_asked(self) -> bool:
        """Wait for the next request; return False if there is none."""
        self._reader.allow(self._patience(self._limits.idle_seconds))
        try:
            self._reader.wait()
        except (EndOfInput, TimeoutError):
            return False
        return True

    def _patience(self, seconds: float) -> float:
        """Return how long to wait for a client: only briefly for one that will be refused."""
        return min(seconds, self._limits.linger_seconds) if self._is_spare else seconds

    def _converse(self, exchange: _Exchange) -> None:
        """Read one request and answer it."""
        self._reader.allow(self._patience(self._limits.request_seconds))
        try:
            request = self._receive(exchange)
        except GateError as problem:
            self._refuse(exchange, problem)
        except EndOfInput:
            self._refuse(exchange, GateError(400, _ENDED))
        except TimeoutError:
            self._refuse(exchange, GateError(408))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # any bug: the client gets an answer
            exchange.close()
            self._fail(exchange, error)
        else:
            self._answer(exchange, request)

    # --- reading ---

    def _receive(self, exchange: _Exchange) -> Request:
        """Read a request to its end.

        Raises GateError if it is malformed, too large or not allowed.
        """
        exchange.read_line(reading.read_request_line(self._reader, self._limits))
        head = RequestHead(exchange.line, reading.read_fields(self._reader, self._limits))
        exchange.read_tokens(
            tuple(value.split()[-1] for value in head.values("authorization") if value)
        )
        check_fields(head)
        guard.check_source(head)
        frame = framing(head)
        reading.check_length(frame, self._limits)
        # Only now: a request that is wrong in itself must not be sent again as it is.
        if self._is_spare:
            raise GateError(503, headers=(("Retry-After", "1"),))
        self._encourage(head, frame)
        body = reading.read_body(self._reader, frame, self._limits)
        keeps_open = not head.line.is_old and "close" not in head.options("connection")
        environ = _environ(head, body, self._client.getsockname())
        exchange.read_whole(environ, keeps_open=keeps_open)
        return Request(environ)

    def _encourage(self, head: RequestHead, frame: Framing) -> None:
        """Ask for the body if the client waits to be asked (`Expect: 100-continue`).

        Raises GateError 417.
        """
        expected = head.value("expect").lower()
        if not expected or head.line.is_old:
            return
        if expected != "100-continue":
            raise GateError(417)
        if self._reader.is_empty and frame != Framing():
            self._send_bytes(b"HTTP/1.1 100 Continue\r\n\r\n")

    # --- answering ---

    def _answer(self, exchange: _Exchange, request: Request) -> None:
        """Have the application answer a complete request, and send its answer."""
        try:
            response = self._app.respond(request)
        except ConnectionDropped as dropped:
            self._drop(exchange, dropped)
        except Exception as error:  # noqa: BLE001  # any bug: the client gets an answer
            self._fail(exchange, error)
        else:
            headers = tuple(response.headers.items())
            self._send(exchange, response.status_code, headers, response.get_data())

    def _refuse(self, exchange: _Exchange, problem: GateError) -> None:
        """Answer a request that was not read to its end, which ends the connection."""
        exchange.close(problem.message)
        self._reply(exchange, refuse(problem, exchange.path))

    def _fail(self, exchange: _Exchange, error: Exception) -> None:
        """Report a bug of the sandbox, and answer that there is one."""
        where = f"{exchange.line.method} {exchange.shown}"
        self._options.report(access_log.bug_report(error, where, exchange.secrets))
        self._reply(exchange, internal_error(exchange.path))

    def _drop(self, exchange: _Exchange, dropped: ConnectionDropped) -> None:
        """End the connection as a fault demands: after half an answer, or with a reset."""
        keeps_open = exchange.keeps_open
        exchange.close()
        if dropped.partial is None:
            # With a linger time of 0 close() sends a reset: to the client the connection breaks.
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._client.close()
        else:
            self._reply(exchange, dropped.partial, closes=not keeps_open)
        exchange.end(f"dropped ({dropped.phase})")

    def _reply(self, exchange: _Exchange, reply: Reply, closes: bool | None = None) -> None:
        length = ("Content-Length", str(reply.length))
        headers = (*reply.headers, ("Content-Type", reply.content_type), length)
        self._send(exchange, reply.status, headers, reply.content, closes)

    def _send(
        self,
        exchange: _Exchange,
        status: int,
        headers: Headers,
        content: bytes,
        closes: bool | None = None,
    ) -> None:
        """Write an answer. `closes`: it announces that the connection ends with it."""
        exchange.end(f"{status} (not taken)")
        lines = [f"HTTP/1.1 {status} {HTTP_STATUS_CODES.get(status, '')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if not exchange.keeps_open if closes is None else closes:
            lines.append("Connection: close")
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
        self._send_bytes(head if exchange.line.method == "HEAD" else head + content)
        exchange.end(str(status))

    def _send_bytes(self, content: bytes) -> None:
        self._client.settimeout(self._limits.answer_seconds)
        self._client.sendall(content)

    def _linger(self) -> None:
        """Let the client read the last answer before the connection is closed.

        Closing with unread bytes would send a reset, and the client could lose the answer.
        """
        with suppress(OSError, EndOfInput):
            self._client.shutdown(socket.SHUT_WR)
            self._reader.allow(self._limits.linger_seconds)
            self._reader.drain()

    def _log(self, exchange: _Exchange) -> None:
        """Log one request, if the server logs."""
        if self._options.log is None:
            return
        operation = exchange.environ.get(OPERATION, "")
        line = access_log.log_line(
            method=exchange.line.method,
            target=exchange.shown,
            operation=str(operation),
            outcome=exchange.outcome or "(gone)",
            seconds=self._options.clock() - exchange.began,
            note=exchange.note,
        )
        with suppress(OSError, ValueError):  # the log's reader is gone: no reason to stop serving
            self._options.log(line)


def _environ(head: RequestHead, body: bytes, address: tuple[object, ...]) -> dict[str, object]:
    """Return a complete request as a WSGI environment."""
    environ: dict[str, object] = {
        "REQUEST_METHOD": head.line.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head.line.path).decode("latin-1"),
        "QUERY_STRING": head.line.query,
        "SERVER_NAME": str(address[0]),
        "SERVER_PORT": str(address[1]),
        "SERVER_PROTOCOL": "HTTP/1.0" if head.line.is_old else "HTTP/1.1",
        "CONTENT_TYPE": head.value("content-type"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name in {name for name, _ in head.fields}:
        # The body has been read, so its framing does not matter any more. In the environment a name
        # with an underscore would look like the same name with a hyphen.
        if "_" not in name and name not in ("content-type", "content-length", "transfer-encoding"):
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = head.value(name)
    return environ
