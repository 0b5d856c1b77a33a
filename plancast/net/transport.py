"""The HTTP transport: one request out, one answer in.

Terms. A *transport* has one method: `send` takes a `Request` and returns a `Response`, whatever its
status. Everything else that can happen is one of two exceptions, and the difference is all that an
applier needs to know about a broken connection:

* `NotSent`: no byte of the request can have reached the server (name, connection, TLS, proxy);
* `Lost`: the server may have carried it out, but the answer was lost. A server that read a POST and
  closed, one that closed before it read, and a truncated answer all look alike from here, so no
  finer distinction is made.

Premise. A POST is sent once. There are no retries and no redirects. A connection that has idled is
not used again, because a server that has just closed it would turn an unsent POST into a Lost. Once
the first byte of a request has left, no failure is a NotSent.

Nothing that a server sends affects the next request: cookies are not kept. And no server is waited
for without end: head and body of an answer have a largest size and a time limit (see `deadline`).

The token travels in one header and nowhere else. No text that leaves this module holds it, not even
if a server echoes it.

Not done here: understanding statuses and bodies, waiting for a rate limit (see `rate_limiter`).
"""

from __future__ import annotations

import json
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlencode
from weakref import WeakSet

from plancast.net.deadline import BODY, Alarm, Connections, Deadline, timer
from plancast.net.unpacking import UnpackError, unpacked

if TYPE_CHECKING:
    import httpx


Pairs = tuple[tuple[str, str], ...]

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes. A page of 100 updates is far below 1 MiB; no answer of the API is larger than this."""

MAX_HEADERS = 256
MAX_HEAD = 64 * 1024
"""Bytes of all headers of an answer. Buffer's take 2 KiB."""

IDLE_SECONDS = 2.0
"""Seconds for which a connection may idle and still carry a request.

The longer it idles, the likelier the server has closed it, and a POST on a closed connection may be
Lost although the server never read it.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an API.

    `path` begins with a slash and is appended to the base address, its parts quoted already.
    `query` and `form` are pairs in their order; a form makes an urlencoded body, `json` is the text
    of a body of JSON, and a request has one of them at most. `idempotent`: it only reads, so a lost
    answer is no harm. `name` is what the log shows if the path says too little: "mutation
    createPost".
    """

    method: str
    path: str
    query: Pairs = ()
    form: Pairs = ()
    idempotent: bool = False
    json: str = field(default="", repr=False)
    name: str = ""

    def __post_init__(self) -> None:
        if self.form and self.json:
            raise ValueError("a request has one body")


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. The names of headers are in lower case."""

    status: int
    headers: Pairs = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Return the first header of that name, None if there is none."""
        return next((value for key, value in self.headers if key == name.lower()), None)


class TransportError(Exception):
    """There is no answer. See the two kinds below."""


class NotSent(TransportError):  # noqa: N818  # the name of an outcome
    """No byte of the request can have reached the server."""


class Lost(TransportError):  # noqa: N818
    """The request was on its way when the connection failed: it may have been carried out."""


class UnsafeAddress(ValueError):  # noqa: N818
    """An address that no token may be sent to."""


class Transport(Protocol):
    """The way to send requests; the module's docstring defines its terms."""

    def send(self, request: Request) -> Response:
        """Send a request once and return the answer. Raises NotSent or Lost."""


_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~-]+)*)/?",
    re.IGNORECASE,
)


def check_base_url(url: str) -> str:
    """Return the address in its plain form, without a slash at its end.

    https is allowed to any host, http to this machine only (127.0.0.0/8, ::1, localhost). Raises
    UnsafeAddress for everything else. The grammar is narrower than that of addresses in general: an
    address that two parsers could read in two ways is refused.
    """
    for sign, what in (("@", "a user name"), ("?", "a query"), ("#", "a fragment")):
        if sign in url:
            # Not quoted: the part before the @ may be a password.
            raise UnsafeAddress(f"an address with {what} is not accepted")
    match = _ADDRESS.fullmatch(url)
    if match is None or ".." in url or int(match["port"] or 1) not in range(1, 65536):
        raise UnsafeAddress(f"{url!r} is not an address such as https://api.example.com/1")
    scheme, host = match["scheme"].lower(), match["host"].lower()
    if scheme == "http" and not is_loopback(host):
        raise UnsafeAddress(f"{url!r} must begin with https: only this machine may do without")
    port = f":{int(match['port'])}" if match["port"] else ""
    return f"{scheme}://{host}{port}{match['path']}"


def is_loopback(host: str) -> bool:
    """Return whether a host of an address, in lower case, is this machine."""
    if host in ("localhost", "[::1]"):
        return True
    try:
        return IPv4Address(host).is_loopback
    except ValueError:
        return False


def is_token(text: str) -> bool:
    """Return whether a text can stand in a header as a token: visible ASCII and nothing else."""
    return bool(text) and all("!" <= sign <= "~" for sign in text)


class NoCookies(CookieJar):
    """A cookie jar that keeps no cookies, and does not even read them.

    An odd enough header makes the standard jar print a warning with a traceback, and a cookie that
    was kept can spoil every later request.
    """

    def extract_cookies(self, response: object, request: object) -> None:
        """Leave the cookies in the answer."""


def whole_body(
    answer: httpx.Response, limit: int, stopwatch: Callable[[], float], seconds: float
) -> bytes:
    """Read the body of an answer.

    Raises Lost if it is too large, badly packed, or comes too slowly. `limit` is in bytes,
    `seconds` counts from the call.
    """
    parts: list[bytes] = []
    until = stopwatch() + seconds
    source, packing = answer.iter_raw(), answer.headers.get("content-encoding", "")
    if answer.is_stream_consumed:  # by an application in this process, which read it whole
        source, packing = iter([answer.content]), ""
    try:
        for part in unpacked(source, packing, limit):
            parts.append(part)
            if stopwatch() > until:
                raise Lost(BODY)
    except UnpackError as error:
        raise Lost(str(error)) from None
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Lane:
    """A client with a single connection, so that it is known which one a request goes out on."""

    client: httpx.Client
    connections: Connections = field(default_factory=Connections)


class HttpxTransport:
    """The transport over HTTP. Threads may share it: each request has a connection to itself, which
    the next one uses again. Close it when done.

    `base_url` has passed `check_base_url`. `timeout` is in seconds and holds for connecting, for
    every silence of the server, for the time from the first byte of a request to the last header of
    its answer, and for the body of the answer. `inner` takes the place of the network: an
    application in this process, or a handler in a test. `alarm` goes off when a timeout is over;
    `stopwatch` measures a body that comes from an `inner`, which no alarm can break off.
    """

    def __init__(  # noqa: PLR0913  # what a test or a mount replaces
        self,
        base_url: str,
        token: str,
        timeout: float = 30.0,
        inner: httpx.BaseTransport | None = None,
        *,
        idle: float = IDLE_SECONDS,
        stopwatch: Callable[[], float] = time.monotonic,
        alarm: Alarm = timer,
    ) -> None:
        if not is_token(token):
            # Not quoted: it is a secret, whatever is wrong with it.
            raise ValueError("a token is made of visible ASCII characters")
        self._base = base_url
        self._token = token
        self._timeout = timeout
        self._inner = inner
        self._idle = idle
        self._stopwatch = stopwatch
        self._alarm = alarm
        self._lock = threading.Lock()
        self._idle_lanes: list[_Lane] = []
        self._verifying: ssl.SSLContext | None = None
        self._under_way: WeakSet[Deadline] = WeakSet()

    def send(self, request: Request) -> Response:
        """Send a request once and return the answer.

        Raises NotSent or Lost, and ValueError if a text of the request is not valid Unicode.
        """
        import httpx  # noqa: PLC0415

        body, kind = _body(request)
        headers = {"Content-Type": kind} if kind else {}
        query = urlencode(request.query)
        url = f"{self._base}{request.path}" + (f"?{query}" if query else "")
        lane = self._taken()
        deadline = Deadline(self._timeout, self._alarm, lane.connections)
        with self._lock:
            self._under_way.add(deadline)
        # The failure is raised outside of the handlers: an exception of httpx holds the request,
        # and with it the token, and must not become the context of ours.
        failure: TransportError
        try:
            with lane.client.stream(
                request.method,
                url,
                content=body,
                headers=headers,
                extensions={"trace": deadline.trace},
            ) as answer:
                response = self._read(answer)
                deadline.end()  # before the connection can carry another request
                return response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            failure = NotSent(self._message("could not connect", error))
        except httpx.ProxyError as error:
            failure = NotSent(self._message("the proxy refused to connect", error))
        except UnicodeError:  # from encoding the name for DNS, before a connection exists
            failure = NotSent("the name of the server is not valid")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = Lost(self._message(_what_happened(error), error))
        except TransportError as error:
            failure = error
        finally:
            deadline.end()
            with self._lock:
                self._idle_lanes.append(lane)
        raise judged(failure, deadline)

    def close(self) -> None:
        """Close the connections that are kept open."""
        with self._lock:
            while self._idle_lanes:
                self._idle_lanes.pop().client.close()

    def abort(self) -> None:
        """Break off every request that is under way, which makes it Lost.

        Another thread calls this.
        """
        with self._lock:
            under_way = tuple(self._under_way)
        for deadline in under_way:
            deadline.break_off()

    def _taken(self) -> _Lane:
        """Return a lane for one request: the one that was used last, or a new one."""
        with self._lock:
            return self._idle_lanes.pop() if self._idle_lanes else _Lane(self._new_client())

    def _new_client(self) -> httpx.Client:
        """Make a client for the base address.

        Raises NotSent if proxy or certificates cannot be used.
        """
        import httpx  # noqa: PLC0415

        secure = self._base.startswith("https://")
        try:
            return httpx.Client(
                transport=self._inner,
                verify=self._verification(),
                timeout=self._timeout,
                follow_redirects=False,
                # The environment names proxies and certificates. This machine is never reached
                # through a proxy: that would carry the token out in the open.
                trust_env=secure,
                limits=httpx.Limits(
                    max_connections=1, max_keepalive_connections=1, keepalive_expiry=self._idle
                ),
                cookies=NoCookies(),
                headers={
                    "Authorization": f"Bearer {self._token}",
                    "User-Agent": _user_agent(),
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                },
            )
        except (ImportError, ValueError, httpx.InvalidURL, OSError):
            # Not quoted: the address of a proxy may hold its password.
            failure = NotSent("the proxy or the certificates that the environment names are no use")
        raise failure

    def _verification(self) -> ssl.SSLContext:
        """Return what servers are verified by, the same for all clients. The caller holds the lock.

        Reading the certificates takes longer than a request to this machine. Without TLS they are
        not needed: an empty context would trust no server at all.
        """
        import httpx  # noqa: PLC0415

        if self._verifying is None:
            self._verifying = (
                httpx.create_ssl_context()
                if self._base.startswith("https://")
                else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            )
        return self._verifying

    def _read(self, answer: httpx.Response) -> Response:
        """Read the whole answer and remove the token from it.

        Raises Lost if it is too large or too slow.
        """
        check_head(answer.headers.raw)
        body = whole_body(answer, MAX_ANSWER, self._stopwatch, self._timeout)
        for form in _forms_of(self._token):
            body = body.replace(form.encode(), b"(token)")
        headers = ((key.lower(), self._clean(value)) for key, value in answer.headers.multi_items())
        return Response(answer.status_code, tuple(headers), body)

    def _message(self, what: str, error: Exception) -> str:
        """Return a message for a failure, without the token."""
        detail = self._clean(str(error)).strip()
        return f"{what}: {detail}" if detail else what

    def _clean(self, text: str) -> str:
        """Return a text with the token replaced, in whichever form it stands there."""
        for form in _forms_of(self._token):
            text = text.replace(form, "(token)")
        return text


def check_head(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse more headers than any API sends. Raises Lost."""
    if len(headers) > MAX_HEADERS:
        raise Lost(f"the answer has more than {MAX_HEADERS} headers")
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        raise Lost(f"the headers of the answer are larger than {MAX_HEAD // 1024} KiB")


def judged(failure: TransportError, deadline: Deadline) -> TransportError:
    """Return the failure that is true given how far the request had come.

    An error that httpx takes for one of connecting is Lost if a byte of the request may have left.
    """
    if deadline.late:
        return Lost(deadline.late) if deadline.sent else NotSent(deadline.late)
    return Lost(str(failure)) if deadline.sent and isinstance(failure, NotSent) else failure


def _body(request: Request) -> tuple[bytes, str]:
    """Return the body of a request and its type; both are empty if it has none."""
    if request.json:
        return request.json.encode(), "application/json"
    if request.form:
        return urlencode(request.form).encode(), "application/x-www-form-urlencoded"
    return b"", ""


def _what_happened(error: Exception) -> str:
    """Describe an error of httpx after the request was on its way."""
    import httpx  # noqa: PLC0415

    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.DecodingError):
        return "the answer cannot be unpacked"
    return "the connection broke"


def _forms_of(token: str) -> tuple[str, ...]:
    """Return the forms in which a server can echo a token: as it is, quoted, and as JSON of PHP."""
    forms = (token, quote(token, safe=""), json.dumps(token)[1:-1].replace("/", "\\/"))
    return tuple(form for form in dict.fromkeys(forms) if form)


def _user_agent() -> str:
    from plancast import __version__  # noqa: PLC0415

    return f"plancast/{__version__}"


LOGGER = "plancast.http"


class LoggedTransport:
    """A transport around another one that logs a line for each request."""

    def __init__(self, inner: Transport, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._stopwatch = stopwatch
        self._log = logging.getLogger(LOGGER)

    def send(self, request: Request) -> Response:
        """Send a request once. Raises what the inner transport raises."""
        started = self._stopwatch()
        self._log.debug("%s ...", _log_name(request))
        try:
            response = self._inner.send(request)
        except TransportError as error:
            self._log_end(request, started, f"{type(error).__name__}: {error}")
            raise
        self._log_end(request, started, f"{response.status}, {len(response.body)} bytes")
        return response

    def _log_end(self, request: Request, started: float, ended: str) -> None:
        """Log how a request ended and how long it took."""
        took = (self._stopwatch() - started) * 1000
        self._log.info("%s: %s, %.0f ms", _log_name(request), ended, took)


def _log_name(request: Request) -> str:
    """Return how the log names a request: method and path or name, never query or body."""
    if not request.name:
        return f"{request.method} {request.path}"
    return f"{'GET' if request.idempotent else 'POST'} {request.name}"
