"""The real resolver and the real transport of `media_probe.py`: names of this machine, and TLS.

The transport connects to the IP address that it is given and looks no name up. Proxies, cookies,
`.netrc` and certificates that the environment names are not used: a proxy would resolve the name a
second time, out of sight.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from plancast.net.deadline import Alarm, Connections, Deadline, timer
from plancast.net.media_probe import Head, HeadRequest, NoSuchName
from plancast.net.transport import (
    NoCookies,
    NotSent,
    TransportError,
    check_head,
    judged,
)

if TYPE_CHECKING:
    import ssl

    import httpx

CONNECT_SECONDS = 5.0

_NO_NAME = frozenset(
    {socket.EAI_NONAME, *(getattr(socket, name, socket.EAI_NONAME) for name in ("EAI_NODATA",))}
)


class SystemResolver:
    """The resolver of the operating system."""

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a name in the system's order. Raises NoSuchName, OSError."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno in _NO_NAME:
                raise NoSuchName(host) from None
            raise
        except UnicodeError:  # a label that is empty or too long
            raise NoSuchName(host) from None
        return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class PinnedTransport:
    """One request over TLS to a given IP address. Threads may share it.

    The certificate has to be that of the name. `context` replaces the usual certificates, and
    `alarm` goes off when the time of a request is over.
    """

    def __init__(self, context: ssl.SSLContext | None = None, alarm: Alarm = timer) -> None:
        self._context = context
        self._alarm = alarm
        self._lock = threading.Lock()

    def ask(self, request: HeadRequest, seconds: float) -> Head:
        """Return the head of the answer; its body is not read. Raises TransportError."""
        import httpx  # noqa: PLC0415

        # A connection of its own, so that nothing of one host can reach the request of another.
        deadline = Deadline(seconds, self._alarm, Connections())
        failure: TransportError
        try:
            with (
                self._client(min(CONNECT_SECONDS, seconds), seconds) as client,
                client.stream(
                    request.method,
                    httpx.URL(request.url).copy_with(host=request.ip),
                    headers=_headers(request),
                    extensions={"sni_hostname": request.host, "trace": deadline.trace},
                ) as answer,
            ):
                check_head(answer.headers.raw)
                pairs = ((key.lower(), value) for key, value in answer.headers.multi_items())
                return Head(answer.status_code, tuple(pairs))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = NotSent(_words(error))
        except httpx.TimeoutException:
            failure = TransportError("no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            failure = TransportError("the connection broke, or what came was no answer")
        except TransportError as error:
            failure = error
        finally:
            deadline.end()
        raise judged(failure, deadline)

    def _client(self, connecting: float, seconds: float) -> httpx.Client:
        import httpx  # noqa: PLC0415

        return httpx.Client(
            verify=self._certificates(),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=connecting),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
            cookies=NoCookies(),
        )

    def _certificates(self) -> ssl.SSLContext:
        """Return the certificates that are trusted; reading them takes longer than a request."""
        import httpx  # noqa: PLC0415

        with self._lock:
            if self._context is None:
                self._context = httpx.create_ssl_context(trust_env=False)
            return self._context


def _headers(request: HeadRequest) -> dict[str, str]:
    from plancast import __version__  # noqa: PLC0415

    literal = f"[{request.host}]" if ":" in request.host else request.host
    return {
        "Host": literal if request.port == 443 else f"{literal}:{request.port}",
        "User-Agent": f"plancast/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **({"Range": "bytes=0-0"} if request.ranged else {}),
    }


def _words(error: Exception) -> str:
    """Return words for a connection that was not made; the system's may name a private address."""
    text = str(error).lower()
    if "certificate" in text:
        return "its certificate is not valid for its name"
    return "no connection in time" if "timed out" in text else "no connection"
