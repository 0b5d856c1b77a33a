"""Asking one address of media for its head: the rules, and the walk along its redirects.

The addresses come from a repository, so anyone who can open a request can write them. They must not
make this machine reach what only this machine can reach. So only https is asked, without any
credential; a name is resolved once, every address of it has to be public, and the connection is
made to one of exactly these. All of this holds again after each redirect. docs/media.md says it
for users.

Terms. A *resolver* turns a name into addresses. A *head transport* makes one request to one IP
address. Both are small Protocols; `media_transport.py` has the real ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.net.public_addresses import is_public
from plancast.net.transport import Pairs, TransportError

MOST_REDIRECTS = 5
MOST_TRIES = 2
"""Addresses of one name that are tried, such as one of IPv6 and one of IPv4."""

SECONDS = 10.0
"""Seconds for one address of media, with all its redirects."""

KNOWN_NAME = "buffer.com"
"""A name that exists, by which a machine shows that it can look names up."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TOTAL = re.compile(r"bytes [0-9*-]+/([0-9]{1,15})")
_REMOVAL = re.compile(r'expiry-date="([^"]{1,60})"')
_CONTENT_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")


@dataclass(frozen=True, slots=True)
class HeadRequest:
    """A request for the head of an address.

    `host` is the name for the certificate and for `Host`, in ASCII; `ip` is where to connect.
    """

    url: str
    host: str
    port: int
    ip: str
    ranged: bool = False

    @property
    def method(self) -> str:
        """HEAD; for a host that refuses it, a GET of the first byte."""
        return "GET" if self.ranged else "HEAD"


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer. The names of headers are in lower case."""

    status: int
    headers: Pairs = ()

    def header(self, name: str) -> str:
        """Return the first header of that name, "" if there is none."""
        return next((value for key, value in self.headers if key == name), "")


class NoSuchName(Exception):  # noqa: N818  # the name of an outcome
    """The name does not exist, which is certain. A resolver that is out of reach is an OSError."""


class Resolver(Protocol):
    """The way to look names up."""

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return the IP addresses of a name. Raises NoSuchName, OSError."""


class HeadTransport(Protocol):
    """The way to make one request to one IP address."""

    def ask(self, request: HeadRequest, seconds: float) -> Head:
        """Return the head of the answer, and read no body. Raises TransportError."""


class _Refused(Exception):  # noqa: N818
    """The rules forbid to ask an address. The message says why, without a private address."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The parts of an address that may be asked."""

    url: str
    host: str
    port: int


class MediaProbe:
    """Asks addresses of media for their heads. Threads may share it.

    `stopwatch` returns seconds of a clock that never jumps.
    """

    def __init__(
        self,
        resolver: Resolver,
        transport: HeadTransport,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolver = resolver
        self._transport = transport
        self._stopwatch = stopwatch

    def ask(self, url: str, seconds: float = SECONDS) -> MediaAnswer:
        """Return what an address answers after its redirects, within so many seconds."""
        until = self._stopwatch() + seconds
        try:
            return self._walk(url, until)
        except _Refused as error:
            return MediaAnswer(MediaOutcome.NOT_ASKED, detail=str(error))
        except NoSuchName as error:
            return self._no_name(str(error))
        except TransportError as error:
            return MediaAnswer(MediaOutcome.UNREACHED, detail=str(error))
        except OSError:
            # Not quoted: what the system says may name servers of a private network.
            detail = "the name of its host could not be looked up"
            return MediaAnswer(MediaOutcome.UNREACHED, detail=detail)

    def _no_name(self, host: str) -> MediaAnswer:
        """Return that a name does not exist, if this machine can know that.

        Behind a proxy that is the only way out, no name of the internet exists.
        """
        try:
            knows_the_internet = bool(self._resolver.resolve(KNOWN_NAME, 443))
        except (NoSuchName, OSError):
            knows_the_internet = False
        if knows_the_internet:
            return MediaAnswer(MediaOutcome.NO_NAME, detail=f"there is no host {host}")
        detail = "this machine cannot look up names of the internet"
        return MediaAnswer(MediaOutcome.UNREACHED, detail=detail)

    def _walk(self, url: str, until: float) -> MediaAnswer:
        """Follow redirects to the answer that is none. Raises what `ask` catches."""
        for _ in range(MOST_REDIRECTS + 1):
            place = _checked(url)
            head = self._head(place, until)
            if head.status not in _REDIRECTS or not head.header("location"):
                return _answer(head)
            url = _joined(place.url, head.header("location"))
        raise _Refused(f"it redirects more than {MOST_REDIRECTS} times")

    def _head(self, place: _Place, until: float) -> Head:
        """Ask one place: HEAD, and a GET of one byte if that is refused."""
        addresses = self._resolver.resolve(place.host, place.port)
        if not addresses:
            raise NoSuchName(place.host)
        if not all(is_public(ip) for ip in addresses):
            # One private address among public ones is how a name is made to change its meaning.
            raise _Refused(f"{place.host} is a name of a private network")
        head = self._first(place, addresses, until, ranged=False)
        if head.status >= 400 and head.status != 429:
            head = self._first(place, addresses, until, ranged=True)
        return head

    def _first(
        self, place: _Place, addresses: tuple[str, ...], until: float, *, ranged: bool
    ) -> Head:
        """Ask the first address that answers. Raises the TransportError of the last one."""
        failure = TransportError("no answer in time")
        for ip in addresses[:MOST_TRIES]:
            left = until - self._stopwatch()
            if left <= 0:
                break
            try:
                request = HeadRequest(place.url, place.host, place.port, ip, ranged=ranged)
                return self._transport.ask(request, left)
            except TransportError as error:
                failure = error
        raise failure


def _checked(url: str) -> _Place:
    """Return the parts of an address that may be asked. Raises _Refused."""
    import httpx  # noqa: PLC0415

    try:
        parsed = httpx.URL(url).copy_with(fragment=None)
        host = parsed.raw_host.decode("ascii").lower().rstrip(".")
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
        raise _Refused("it is no address that can be asked") from None
    if parsed.scheme != "https":
        raise _Refused("only https is asked")
    if parsed.userinfo:
        raise _Refused("it holds a user name or a password")
    if not host:
        raise _Refused("it names no host")
    port = 443 if parsed.port is None else parsed.port
    if not 0 < port < 65536:  # the system takes some of these, and reads them as other ports
        raise _Refused("its port is no port")
    return _Place(str(parsed), host, port)


def _joined(url: str, location: str) -> str:
    """Return where a redirect leads. Raises _Refused."""
    import httpx  # noqa: PLC0415

    try:
        return str(httpx.URL(url).join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
        raise _Refused("it redirects to what is no address") from None


def _answer(head: Head) -> MediaAnswer:
    content_type = head.header("content-type").partition(";")[0].strip().lower()
    return MediaAnswer(
        MediaOutcome.ANSWERED,
        head.status,
        content_type if _CONTENT_TYPE.fullmatch(content_type) else "",
        _size(head),
        _removed_at(head.header("x-amz-expiration")),
    )


def _size(head: Head) -> int | None:
    """Return the size of the whole file; that of a packed body or of an error says nothing."""
    if head.status == 206:
        total = _TOTAL.fullmatch(head.header("content-range"))
        return int(total[1]) if total else None
    length = head.header("content-length")
    if head.status != 200 or head.header("content-encoding") not in ("", "identity"):
        return None
    return int(length) if re.fullmatch("[0-9]{1,15}", length) else None


def _removed_at(header: str) -> datetime | None:
    """Return the moment at which S3 removes an object, from `x-amz-expiration`."""
    found = _REMOVAL.search(header)
    try:
        moment = parsedate_to_datetime(found[1]) if found else None
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):  # no date, or one beyond the calendar
        return None
