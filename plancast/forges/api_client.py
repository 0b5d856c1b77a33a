"""HTTP for the API of a forge: as much of it as one comment needs.

Terms. *Reading* changes nothing; it is sent again if the answer is lost, the server fails or says
"later". *Writing* is sent once. If its answer is lost it is UNCLEAR, and the caller looks before
anything is sent a second time. Two answers surely mean that nothing was written: "too many
requests", after which it is sent again, and a redirect that keeps the method (307, 308), with which
GitHub answers for a repository that has moved.

A redirect is followed within the origin of the API, and nowhere else: the token would go along.

The token travels in one header. No text that leaves this module holds it, not even if a server
echoes it.

Not done here: the differences between GitHub and GitLab.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from plancast.forges.protocol import ForgeError, Trouble
from plancast.model.ports import Clock
from plancast.net.deadline import Alarm, Connections, Deadline, timer
from plancast.net.rate_limiter import retry_after
from plancast.net.transport import (
    LOGGER,
    Lost,
    NoCookies,
    NotSent,
    Response,
    TransportError,
    UnsafeAddress,
    check_base_url,
    check_head,
    is_token,
    judged,
    whole_body,
)

if TYPE_CHECKING:
    import httpx

Query = tuple[tuple[str, str], ...]

TIMEOUT = 30.0
"""Seconds, for every silence of a server and for an answer as a whole."""

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes. A page is a hundred comments, and each can be long."""

PAUSES = (1.0, 3.0, 9.0)
"""Seconds before a read is tried once more."""

LONGEST_PAUSE = 60.0
"""Seconds. A forge that asks for a longer pause is not waited for."""

_HOPS = 3
_MESSAGE = 300
"""Characters of a refusal that are shown."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, and the header that it travels in. `missing` says where the token should be."""

    token: str
    missing: str
    header: str = "Authorization"
    prefix: str = "Bearer "


@dataclass(frozen=True, slots=True)
class ForgeAnswer:
    """A JSON document, and the response that it came in (for `response.header`)."""

    document: Any
    response: Response


def safe_address(url: str, name: str) -> str:
    """Return the address in its plain form. Raises ForgeError, naming the variable `name`."""
    try:
        return check_base_url(url)
    except UnsafeAddress as error:
        failure = ForgeError(Trouble.UNSAFE, f"{name}: {error}")
    raise failure


class Wire:
    """The connection to an API below `base`, an address that was checked. Close it when done.

    `inner` takes the place of the network in a test, `alarm` that of the timer.
    """

    def __init__(  # noqa: PLR0913  # what a test replaces
        self,
        base: str,
        credential: Credential,
        clock: Clock,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        inner: httpx.BaseTransport | None = None,
        alarm: Alarm = timer,
    ) -> None:
        self.base = base
        self._credential = credential
        self._clock = clock
        self._headers = headers or {}
        self._timeout = timeout
        self._inner = inner
        self._alarm = alarm
        self._connections = Connections()
        self._client: httpx.Client | None = None
        self._log = logging.getLogger(LOGGER)

    def read(self, target: str, query: Query = (), document: object = None) -> ForgeAnswer:
        """GET a path below the base, or a whole address of the same origin. Raises ForgeError.

        With a document it is a POST that changes nothing, such as a query of GraphQL.
        """
        url = self._address(target) + (f"?{urlencode(query)}" if query else "")
        method = "GET" if document is None else "POST"
        for pause in (*PAUSES, None):  # None: no try is left
            try:
                return self._once(method, url, document)
            except ForgeError as error:
                if pause is None or error.trouble not in (Trouble.UNREACHABLE, Trouble.UNCLEAR):
                    failure = error
                    break
            self._clock.sleep(pause)
        if failure.trouble is Trouble.UNCLEAR:  # a read changes nothing, so it leaves no doubt
            raise ForgeError(Trouble.UNREACHABLE, str(failure), failure.status)
        raise failure

    def write(self, method: str, path: str, document: object) -> ForgeAnswer:
        """Send a write once. Raises ForgeError; UNCLEAR if it may have been carried out."""
        return self._once(method, self._address(path), document)

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # -- one request --------------------------------------------------------------------------

    def _once(self, method: str, url: str, document: object) -> ForgeAnswer:
        """Send one request, with the redirects and repetitions that surely repeat no write."""
        hops, pauses = 0, iter(PAUSES)
        while True:
            response = self._send(method, url, document)
            status = response.status
            if status in (307, 308) or (method == "GET" and status in (301, 302)):
                url, hops = self._moved(url, response), hops + 1
                if hops <= _HOPS:
                    continue
                raise ForgeError(Trouble.ODD, "it redirects without end", status)
            pause = self._pause(response, next(pauses, None))
            if pause is None:
                return self._understood(method, response)
            self._clock.sleep(pause)

    def _send(self, method: str, url: str, document: object) -> Response:
        """Send one request and log it. Raises ForgeError if there is no answer."""
        started = self._clock.monotonic()
        shown = f"{method} {urlsplit(url).path}"
        self._log.debug("%s ...", shown)
        try:
            response = self._exchange(method, url, document)
        except TransportError as error:
            failure = error
        else:
            took = (self._clock.monotonic() - started) * 1000
            self._log.info("%s: %s, %.0f ms", shown, response.status, took)
            return response
        self._log.info("%s: %s: %s", shown, type(failure).__name__, failure)
        trouble = Trouble.UNREACHABLE if isinstance(failure, NotSent) else Trouble.UNCLEAR
        raise ForgeError(trouble, str(failure))

    def _exchange(self, method: str, url: str, document: object) -> Response:
        """Send one request and read its answer. Raises NotSent or Lost.

        They are raised outside of the handlers: an exception of httpx holds the token, and must not
        become the context of ours.
        """
        import httpx  # noqa: PLC0415

        body = b"" if document is None else json.dumps(document).encode("ascii")
        headers = {"Content-Type": "application/json"} if body else {}
        deadline = Deadline(self._timeout, self._alarm, self._connections)
        failure: TransportError
        try:
            with self._open().stream(
                method, url, content=body, headers=headers, extensions={"trace": deadline.trace}
            ) as answer:
                response = self._whole(answer)
                deadline.end()  # before the connection can carry another request
                return response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            failure = NotSent(self._failure_text("could not connect", error))
        except httpx.ProxyError as error:
            failure = NotSent(self._failure_text("the proxy refused to connect", error))
        except UnicodeError:
            failure = NotSent("the name of the server is not valid")
        except httpx.TimeoutException as error:
            failure = Lost(self._failure_text("no answer in time", error))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = Lost(self._failure_text("the connection broke", error))
        except TransportError as error:
            failure = error
        finally:
            deadline.end()
        raise judged(failure, deadline)

    def _whole(self, answer: httpx.Response) -> Response:
        """Read the whole answer. Raises Lost if it is too large or too slow."""
        check_head(answer.headers.raw)
        body = whole_body(answer, MAX_ANSWER, self._clock.monotonic, self._timeout)
        headers = tuple((key.lower(), value) for key, value in answer.headers.multi_items())
        return Response(answer.status_code, headers, body)

    def _open(self) -> httpx.Client:
        """Return the client, made when first needed. Raises ForgeError without a token, NotSent."""
        import httpx  # noqa: PLC0415

        if self._client is not None:
            return self._client
        credential = self._credential
        if not credential.token:
            raise ForgeError(Trouble.NO_TOKEN, credential.missing)
        if not is_token(credential.token):
            # Not quoted: it is a secret, whatever is wrong with it.
            raise ForgeError(Trouble.REFUSED, "it holds characters that no token has")
        secure = self.base.startswith("https://")
        try:
            self._client = httpx.Client(
                transport=self._inner,
                # As in net.transport: no certificates without TLS, this machine without a proxy.
                verify=True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                trust_env=secure,
                timeout=self._timeout,
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                cookies=NoCookies(),
                follow_redirects=False,
                headers={
                    credential.header: f"{credential.prefix}{credential.token}",
                    "User-Agent": _user_agent(),
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                    **self._headers,
                },
            )
        except (ImportError, ValueError, httpx.InvalidURL, OSError):
            # Not quoted: the address of a proxy may hold its password.
            failure = NotSent("the proxy or the certificates that the environment names are no use")
        else:
            return self._client
        raise failure

    # -- reading the answer -------------------------------------------------------------------

    def _understood(self, method: str, response: Response) -> ForgeAnswer:
        """Return the document of an answer.

        Raises the ForgeError that any other answer stands for.
        """
        status = response.status
        try:
            document = json.loads(response.body)
        except (ValueError, RecursionError):
            document = None
        if 200 <= status < 300 and document is not None:
            return ForgeAnswer(document, response)
        message = f"HTTP {status}{self._clean(_message(document))[:_MESSAGE]}"
        if 200 <= status < 300:
            # After a write this says that something was done, but not what.
            trouble = Trouble.ODD if method == "GET" else Trouble.UNCLEAR
            raise ForgeError(trouble, f"HTTP {status}, and the answer is not JSON", status)
        if _is_busy(response):
            raise ForgeError(Trouble.BUSY, message, status)
        raise ForgeError(_TROUBLES.get(status, _trouble(status)), message, status)

    def _pause(self, response: Response, pause: float | None) -> float | None:
        """Return the seconds to wait before the request is sent again; None if it is not to be.

        By `Retry-After`, else by GitHub's `X-RateLimit-Reset` (Unix seconds), else `pause`.
        """
        if not _is_busy(response) or pause is None:
            return None
        now = self._clock.now().timestamp()
        asked = retry_after(response, now)
        reset = response.header("x-ratelimit-reset") or ""
        if asked is None and reset.isascii() and reset.isdecimal() and len(reset) < 12:
            asked = max(0.0, int(reset) - now) + 1.0  # the header has whole seconds
        wanted = pause if asked is None else asked
        return wanted if wanted <= LONGEST_PAUSE else None

    def _address(self, target: str) -> str:
        """Return the whole address of a path.

        Raises ForgeError for an address of another origin.
        """
        if target.startswith("/"):
            return self.base + target
        if _origin(target) != _origin(self.base):
            raise ForgeError(Trouble.ODD, "it points to another server; nothing was sent there")
        return target

    def _moved(self, url: str, response: Response) -> str:
        """Return the address that a redirect leads to.

        Raises ForgeError if it is of another origin.
        """
        try:
            target = urljoin(url, response.header("location") or "")
        except ValueError:
            target = ""
        # An address that makes no sense has another origin, and is refused like one.
        return self._address(target or "nowhere:")

    def _failure_text(self, what: str, error: Exception) -> str:
        """Return a message for a failure, without the token."""
        detail = self._clean(str(error)).strip()
        return f"{what}: {detail}" if detail else what

    def _clean(self, text: str) -> str:
        """Return a text with the token replaced, in whichever form it stands there."""
        token = self._credential.token
        for form in (token, quote(token, safe=""), json.dumps(token)[1:-1]):
            text = text.replace(form, "(token)") if form else text
        return text


_TROUBLES = {401: Trouble.REFUSED, 403: Trouble.FORBIDDEN, 404: Trouble.FORBIDDEN}


def _trouble(status: int) -> Trouble:
    """Return the trouble of a status that has no entry in _TROUBLES."""
    # A server that fails, or a proxy in between, may have passed the write on first.
    if status >= 500 or status == 408 or status < 400:
        return Trouble.UNCLEAR
    return Trouble.SAID_NO


def _is_busy(response: Response) -> bool:
    """Return whether the answer says "later". GitHub says so with 403 as well."""
    if response.status == 429:
        return True
    spent = response.header("x-ratelimit-remaining") == "0"
    return response.status == 403 and (spent or response.header("retry-after") is not None)


def _origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address; empty values if it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    # The host includes a user name before an @: an address with one is of another origin.
    host = parts.netloc.lower().rpartition(":")[0] if parts.port else parts.netloc.lower()
    return parts.scheme, host, port


def _message(document: object) -> str:
    """Return the reason of a refusal on one line: `message`, or `error` with its description."""
    if not isinstance(document, dict):
        return ""
    reason = document.get("message") or document.get("error_description") or document.get("error")
    text = reason if isinstance(reason, str) else (json.dumps(reason) if reason else "")
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return f": {' '.join(shown.split())}" if shown.strip() else ""


def _user_agent() -> str:
    from plancast import __version__  # noqa: PLC0415

    return f"plancast/{__version__}"
