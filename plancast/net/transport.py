"""One request out, one answer in.

Terms. A *transport* has one method: `send` takes a `Request` and gives a `Response`, whatever its
status. Everything else that can happen is one of two exceptions, and the difference is all that
an applier wants to know of a broken connection:

* `NotSent`: no byte of the request can have reached the server (name, connection, TLS, proxy);
* `Lost`: it may have been carried out, and nobody will ever tell. A server that read a POST and
  closed, one that closed before it read, and a truncated answer all look alike from here, so no
  finer distinction is made.

Premise. A POST is sent once. There are no retries and no redirects; a connection that has idled
is not used again, because a server that has just closed it would turn an unsent POST into a Lost.
Once the first byte of a request has left, nothing that fails is a NotSent.

Nothing that a server sends stays behind for the next request: cookies are not kept. And no server
is waited for without end: head and body of an answer have a size and a time (see `deadline`).

The token travels in one header and nowhere else. No text that leaves this module holds it, not
even where a server echoes it.

What is not done here: understanding statuses and bodies, waiting for a rate limit (pacing).
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

from plancast.net.bodies import UnpackError, unpacked
from plancast.net.deadline import BODY, Alarm, Connections, Deadline, timer

if TYPE_CHECKING:
    import httpx


Pairs = tuple[tuple[str, str], ...]

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes. A page of 100 updates is far below 1 MiB; more than this is no answer of an API."""

MAX_HEADERS = 256
MAX_HEAD = 64 * 1024
"""Bytes of all headers of an answer. Buffer's take 2 KiB."""

IDLE_SECONDS = 2.0
"""How long a connection may idle and still carry a request. The longer it idles, the likelier the
server has closed it, and a POST on a closed connection may be Lost although it was never read."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    `path` begins with a slash and is appended to the base address, its parts quoted already.
    `query` and `form` are pairs in their order; a form makes an urlencoded body, `json` is the
    text of a body of JSON, and there is one of them at most. `idempotent`: it only reads, so that
    an answer that was lost has lost nothing. `name` is what it is called in the log where the
    path tells nothing: "mutation createPost".
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
    """What came back, complete. Names of headers are in lower case."""

    status: int
    headers: Pairs = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name.lower()), None)


class TransportError(Exception):
    """No answer."""


class NotSent(TransportError):  # noqa: N818  # an outcome, said as one says it
    """Surely nothing of the request has reached the server."""


class Lost(TransportError):  # noqa: N818
    """The request was on its way when the connection failed: it may have been carried out."""


class UnsafeAddress(ValueError):  # noqa: N818
    """An address that no token may be sent to."""


class Transport(Protocol):
    """See the module's essay."""

    def send(self, request: Request) -> Response:
        """Send it once. Raises NotSent or Lost."""


_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~-]+)*)/?",
    re.IGNORECASE,
)


def check_base_url(url: str) -> str:
    """The address in its plain form, without a slash at its end.

    https to anywhere, http to this machine only (127.0.0.0/8, ::1, localhost). Raises
    UnsafeAddress for everything else. The grammar is narrower than that of addresses in general:
    what two parsers could read in two ways is refused.
    """
    for sign, what in (("@", "a user name"), ("?", "a query"), ("#", "a fragment")):
        if sign in url:
            # Not quoted: what stands before the @ may be a password.
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
    """Whether a host of an address, in lower case, is this machine."""
    if host in ("localhost", "[::1]"):
        return True
    try:
        return IPv4Address(host).is_loopback
    except ValueError:
        return False


def is_token(text: str) -> bool:
    """Whether a text can stand in a header as a token: visible ASCII and nothing else."""
    return bool(text) and all("!" <= sign <= "~" for sign in text)


class NoCookies(CookieJar):
    """Keeps no cookies, and does not even read them: a header that is odd enough ends in a warning
    with a traceback, and one that was kept can spoil every request that comes after.
    """

    def extract_cookies(self, response: object, request: object) -> None:
        """Leave them in the answer."""


def whole_body(
    answer: httpx.Response, limit: int, stopwatch: Callable[[], float], seconds: float
) -> bytes:
    """Read the body of an answer. Raises Lost if it is too large, odd, or comes too slowly."""
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


class HttpxTransport:
    """The transport over HTTP. Safe to share between threads, which take turns. Close it when done.

    `base_url` has passed `check_base_url`. `timeout` is in seconds and holds for connecting, for
    every silence of the server, for the time from the first byte of a request to the last header
    of its answer, and for the body of the answer. `inner` takes the place of the network: an
    application in this process, or a handler in a test. `alarm` goes off when a timeout is over,
    and `stopwatch` tells it of a body that comes from an `inner`.
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
            # Not quoted, of course.
            raise ValueError("a token is made of visible ASCII characters")
        self._base = base_url
        self._token = token
        self._timeout = timeout
        self._inner = inner
        self._idle = idle
        self._stopwatch = stopwatch
        self._alarm = alarm
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._connections = Connections()
        self._under_way: WeakSet[Deadline] = WeakSet()

    def send(self, request: Request) -> Response:
        """Send it once. Raises NotSent or Lost; ValueError where the text is no Unicode."""
        import httpx  # noqa: PLC0415

        body, kind = _body(request)
        headers = {"Content-Type": kind} if kind else {}
        query = urlencode(request.query)
        url = f"{self._base}{request.path}" + (f"?{query}" if query else "")
        deadline = Deadline(self._timeout, self._alarm, self._connections)
        self._under_way.add(deadline)
        # What failed is raised outside of the handler: the exceptions of httpx hold the request,
        # and with it the token, and must not hang on ours as their context.
        failure: TransportError
        try:
            with self._open().stream(
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
            failure = NotSent(self._words("could not connect", error))
        except httpx.ProxyError as error:
            failure = NotSent(self._words("the proxy refused to connect", error))
        except UnicodeError:
            failure = NotSent("the name of the server is not valid")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = Lost(self._words(_what_happened(error), error))
        except TransportError as error:
            failure = error
        finally:
            deadline.end()
        raise judged(failure, deadline)

    def close(self) -> None:
        """Close the connections that are kept open."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def abort(self) -> None:
        """Break off every request that is under way: it is Lost. For another thread to call."""
        for deadline in tuple(self._under_way):
            deadline.break_off()

    def _open(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> httpx.Client:
        import httpx  # noqa: PLC0415

        secure = self._base.startswith("https://")
        try:
            return httpx.Client(
                transport=self._inner,
                # Reading the certificates takes longer than a request to this machine; where
                # there is no TLS the context knows none, and would trust nobody.
                verify=True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                timeout=self._timeout,
                follow_redirects=False,
                # The environment names proxies and certificates. This machine is never reached
                # through a proxy: that would carry the token out in the open.
                trust_env=secure,
                # One connection, so that it is known which one a request goes out on.
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

    def _read(self, answer: httpx.Response) -> Response:
        """The whole answer, or Lost if it is too large or comes too slowly."""
        check_head(answer.headers.raw)
        body = whole_body(answer, MAX_ANSWER, self._stopwatch, self._timeout)
        for form in _written(self._token):
            body = body.replace(form.encode(), b"(token)")
        headers = ((key.lower(), self._clean(value)) for key, value in answer.headers.multi_items())
        return Response(answer.status_code, tuple(headers), body)

    def _words(self, what: str, error: Exception) -> str:
        detail = self._clean(str(error)).strip()
        return f"{what}: {detail}" if detail else what

    def _clean(self, text: str) -> str:
        for form in _written(self._token):
            text = text.replace(form, "(token)")
        return text


def check_head(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse more headers than any API sends. Raises Lost."""
    if len(headers) > MAX_HEADERS:
        raise Lost(f"the answer has more than {MAX_HEADERS} headers")
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        raise Lost(f"the headers of the answer are larger than {MAX_HEAD // 1024} KiB")


def judged(failure: TransportError, deadline: Deadline) -> TransportError:
    """Return the failure in the light of how far the request had come."""
    if deadline.late:
        return Lost(deadline.late) if deadline.sent else NotSent(deadline.late)
    return Lost(str(failure)) if deadline.sent and isinstance(failure, NotSent) else failure


def _body(request: Request) -> tuple[bytes, str]:
    """The body and its type; both empty where there is none."""
    if request.json:
        return request.json.encode(), "application/json"
    if request.form:
        return urlencode(request.form).encode(), "application/x-www-form-urlencoded"
    return b"", ""


def _what_happened(error: Exception) -> str:
    import httpx  # noqa: PLC0415

    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.DecodingError):
        return "the answer cannot be unpacked"
    return "the connection broke"


def _written(token: str) -> tuple[str, ...]:
    """The forms in which a token can come back: as it is, quoted, and as JSON of PHP."""
    forms = (token, quote(token, safe=""), json.dumps(token)[1:-1].replace("/", "\\/"))
    return tuple(form for form in dict.fromkeys(forms) if form)


def _user_agent() -> str:
    from plancast import __version__  # noqa: PLC0415

    return f"plancast/{__version__}"


LOGGER = "plancast.http"


class LoggedTransport:
    """A transport around another one that writes a line for each request."""

    def __init__(self, inner: Transport, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._stopwatch = stopwatch
        self._log = logging.getLogger(LOGGER)

    def send(self, request: Request) -> Response:
        """Send it once. Raises what the inner one raises."""
        started = self._stopwatch()
        self._log.debug("%s ...", _called(request))
        try:
            response = self._inner.send(request)
        except TransportError as error:
            self._log_request(request, started, f"{type(error).__name__}: {error}")
            raise
        self._log_request(request, started, f"{response.status}, {len(response.body)} bytes")
        return response

    def _log_request(self, request: Request, started: float, ended: str) -> None:
        took = (self._stopwatch() - started) * 1000
        self._log.info("%s: %s, %.0f ms", _called(request), ended, took)


def _called(request: Request) -> str:
    if not request.name:
        return f"{request.method} {request.path}"
    return f"{'GET' if request.idempotent else 'POST'} {request.name}"
