"""Parsing of the head of an HTTP/1.1 request: request line, header fields, framing of the body.

Pure. It is strict wherever two readers of the same bytes could disagree about the end of a request
(RFC 9112, section 11.2): one length, one way of framing, no folded lines, no blank before a colon.
Every failure is a GateError.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from plancast.sandbox.v1.errors import GateError

#: Methods that are known, even if no address accepts them. There is no proxy here for CONNECT,
#: and a TRACE would send tokens back.
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

TOKEN_CHARACTERS = rb"!#$%&'*+.^_`|~0-9A-Za-z-"
_TOKEN = re.compile(rb"[%s]+" % TOKEN_CHARACTERS)
_VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")
_UNSAFE_IN_TARGET = re.compile(rb"[\x00-\x20\x7f#]")
_UNSAFE_IN_FIELD = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_ABSOLUTE = re.compile(r"http://(?P<authority>[^/?]*)(?P<rest>.*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{0,5}))?")
#: Fields that must not be repeated: the readers of a request would choose among them.
_SINGLE = frozenset(
    (
        *("authorization", "content-encoding", "content-length", "content-type", "expect"),
        *("host", "origin", "transfer-encoding"),
    )
)

Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The first line of a request.

    `path` and `query` are percent-encoded ASCII; `authority` is empty unless the target is a whole
    URL, as in requests to a proxy. `is_old` stands for HTTP/1.0.
    """

    method: str
    path: str
    query: str = ""
    authority: str = ""
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Framing:
    """The framing of the body after a head: `length` bytes, or chunks."""

    length: int = 0
    is_chunked: bool = False


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A request line and its header fields, whose names are in lower case."""

    line: RequestLine
    fields: tuple[Field, ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for key, value in self.fields if key == name)

    def value(self, name: str) -> str:
        """Return the value of a field, or "" if it is missing."""
        return ", ".join(self.values(name))

    def options(self, name: str) -> frozenset[str]:
        """Return the words of a field that is a list, in lower case."""
        return frozenset(word.strip().lower() for word in self.value(name).split(","))


def parse_request_line(line: bytes) -> RequestLine:
    """Parse the first line of a request, without its line end."""
    parts = line.split(b" ")
    if not _TOKEN.fullmatch(parts[0]):
        raise GateError(400, "The first line is not that of an HTTP request.")
    if len(parts) == 2:  # HTTP/0.9
        raise GateError(400, "There is no HTTP version in the request line.")
    version = _VERSION.fullmatch(parts[-1])
    if len(parts) != 3 or version is None:
        raise GateError(400, "The request line is not METHOD TARGET VERSION.")
    if version[1] != b"1":
        raise GateError(505)
    method = parts[0].decode("ascii")
    if method not in METHODS:
        raise GateError(501)
    authority, path, query = _split_target(parts[1], method)
    return RequestLine(method, path, query, authority, is_old=version[2] == b"0")


def _split_target(raw: bytes, method: str) -> tuple[str, str, str]:
    """Return authority, path and query of a request target."""
    if _UNSAFE_IN_TARGET.search(raw):
        raise GateError(400, "There is a character in the address that must be encoded.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise GateError(400, "The address is not UTF-8.") from None
    # Clients send letters beyond ASCII as a person typed them; from here on they are encoded.
    ascii_only = quote_from_bytes(raw, safe=bytes(range(0x21, 0x7F)))
    if ascii_only == "*" and method == "OPTIONS":
        return "", "*", ""
    authority = ""
    if not ascii_only.startswith("/"):
        whole = _ABSOLUTE.fullmatch(ascii_only)
        if whole is None:
            raise GateError(400, "The address of the request is neither a path nor an http URL.")
        authority, ascii_only = whole["authority"], whole["rest"]
        host_name(authority)
    path, _, query = ascii_only.partition("?")
    return authority, path or "/", query


def parse_field(line: bytes) -> Field:
    """Parse one line of a header or trailer."""
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name):
        raise GateError(400, "A line of the header is not NAME: VALUE.")
    value = value.strip(b" \t")
    if _UNSAFE_IN_FIELD.search(value):
        raise GateError(400, "There is a control character in the header.")
    return name.decode("ascii").lower(), value.decode("latin-1")


def check_fields(head: RequestHead) -> None:
    """Refuse a head whose fields contradict each other, or that names no host."""
    for name in sorted(_SINGLE):
        if len(head.values(name)) > 1:
            raise GateError(400, f"The header has several fields {name.title()}.")
    hosts = head.values("host")
    if not hosts and not head.line.is_old:
        raise GateError(400, "There is no Host in the header, which HTTP/1.1 demands.")
    for host in hosts:
        host_name(host)


def host_name(authority: str) -> str:
    """Return the name or address in an authority such as localhost:8025, in lower case."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None or int(match["port"] or 0) > 65_535:
        raise GateError(400, "The Host of the request is not a name with a port.")
    return match["name"].lower()


def framing(head: RequestHead) -> Framing:
    """Return the framing of the body after a head that `check_fields` has passed."""
    lengths, codings = head.values("content-length"), head.values("transfer-encoding")
    if codings:
        if lengths or head.line.is_old:
            raise GateError(400, "The length of the body is given in two ways, or not in HTTP/1.0.")
        if codings[0].lower() != "chunked":
            raise GateError(501, "The only Transfer-Encoding that is read here is chunked.")
        return Framing(is_chunked=True)
    if not lengths:
        return Framing()
    if not re.fullmatch(r"[0-9]{1,18}", lengths[0]):
        raise GateError(400, "The Content-Length is not a number.")
    return Framing(int(lengths[0]))
