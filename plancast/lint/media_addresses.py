"""Addresses of media, taken apart: host, path, query, and whether the host is public. Pure.

An address is read as a browser reads it, as far as a verdict needs that: a backslash is a slash,
names are compared in lower case, and an IPv4 address may be written as one number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv4Address

from plancast.lint.media_types import ENDINGS, FileType
from plancast.net.public_addresses import is_public

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
)
_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_UNSAFE = re.compile(r"[\x00-\x20\"#%<>?\\^`{|}\x7f]")
_PORT = re.compile(r":[0-9]*$")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")

_LOCAL_ENDINGS = (
    "localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan",
    "home.arpa", "test", "invalid", "onion",
)  # fmt: skip
"""Endings of names that are reserved or that no registry gives out: only a private network or no
network at all knows them. `example` is reserved as well, for texts that show an example."""

_NAMES_ANOTHER_TYPE = frozenset({"format", "fm", "f", "fmt", "auto", "output", "type", "as", "to"})
"""Keys of a query by which services that convert images choose another type than the ending."""


@dataclass(frozen=True)
class MediaAddress:
    """An address in parts. `host` is in lower case, `path` and `query` are without escapes.

    `with_password`: the address names a user, and maybe a password.
    """

    url: str
    scheme: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]
    with_password: bool

    @classmethod
    def parse(cls, url: str) -> MediaAddress | None:
        """Return the parts of an address; None if it is none."""
        head, question, tail = url.partition("?")
        match = _ADDRESS.match(head.replace("\\", "/") + question + tail)
        if match is None:
            return None
        user, at, place = match["authority"].rpartition("@")
        host = _PORT.sub("", unescape(place).lower()).rstrip(".")
        query = tuple(
            (unescape(key), unescape(value.replace("+", " ")))
            for key, _, value in (part.partition("=") for part in (match["query"] or "").split("&"))
            if key
        )
        scheme = match["scheme"].lower()
        path = unescape(match["path"]) or "/"
        return cls(url, scheme, host.strip("[]"), path, query, bool(at and user))

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query by key in lower case; of a key that is there twice, the first value."""
        return {key.lower(): value for key, value in reversed(self.query)}

    @cached_property
    def file_type(self) -> FileType | None:
        """The type that the ending of the path names; None if it names none for certain."""
        if self.query and _NAMES_ANOTHER_TYPE & self.parameters.keys():
            return None
        name = self.path.rpartition("/")[2]
        return ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None

    @property
    def is_private(self) -> bool:
        """Whether only this machine or a private network can reach the host."""
        return _is_private(self.host)


@lru_cache(maxsize=1000)  # a workspace has thousands of addresses on a few hosts
def _is_private(host: str) -> bool:
    literal = _ip_of(host)
    if literal:
        return not is_public(literal)
    labels = host.split(".")
    endings = (".".join(labels[-count:]) for count in (1, 2))
    return len(labels) == 1 or any(ending in _LOCAL_ENDINGS for ending in endings)


def unescape(text: str) -> str:
    """Return a text without the escapes of an address: `%41` is `A`."""
    if "%" not in text:
        return text
    return _ESCAPES.sub(
        lambda run: bytes.fromhex(run.group().replace("%", "")).decode("utf-8", "replace"), text
    )


def escape(path: str) -> str:
    """Return a path with the escapes that it needs in an address."""
    return _UNSAFE.sub(lambda sign: f"%{ord(sign.group()):02X}", path)


def _ip_of(host: str) -> str:
    """Return the IP address that a host is; "" if it is a name.

    `127.1`, `0x7f000001` and `2130706433` are 127.0.0.1, as everywhere where names are resolved.
    """
    if ":" in host:
        return host
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return ""
    numbers = [_number(part) for part in parts]
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(parts)):
        return ""
    value = last
    for place, number in enumerate(first):
        value += number << (8 * (3 - place))
    return str(IPv4Address(value))


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text[2:] or "0", 16)
    octal = text.startswith("0") and set(text) <= set("01234567")
    # Python reads no decimal of thousands of digits; twelve are too large for an address already.
    return int(text, 8) if octal else int(text.lstrip("0")[:12])
