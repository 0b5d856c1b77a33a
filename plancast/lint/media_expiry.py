"""The moment at which a signed address stops working, as its query or path says. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plancast.lint.media_addresses import MediaAddress

_SIGNED = frozenset(
    {
        *("signature", "sig", "awsaccesskeyid", "googleaccessid", "ossaccesskeyid"),
        *("key-pair-id", "keyname", "hmac", "token", "policy"),
    }
)
"""Keys beside `Expires` that show that it is part of a signature, and not of a page's own."""

_AKAMAI = re.compile(r"(?:^|~)exp=([0-9]{1,12})(?:~|$)")
_BASIC = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_YEARS = timedelta(days=3660)
"""An address that lives for ten years does not expire for the purposes of a post."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of an address. `at` is None if it expires at a moment that it does not name."""

    service: str
    at: datetime | None = None


def expiry(address: MediaAddress) -> Expiry | None:
    """Return when an address expires; None if nothing in it says that it does."""
    if not address.query:  # as of nearly all, and every reader looks there alone
        return None
    for service, read in _READERS:
        found = read(address)
        if found is not None:
            return Expiry(service, found)
    for service, host, key in _SHORT_LIVED:
        if address.host == host and key in address.parameters:
            return Expiry(service)
    return None


def _from_start(prefix: str) -> Callable[[MediaAddress], datetime | None]:
    """Return a reader of `<prefix>-Date` plus `<prefix>-Expires` seconds."""

    def read(address: MediaAddress) -> datetime | None:
        start = _basic(address.parameters.get(f"{prefix}-date", ""))
        seconds = _integer(address.parameters.get(f"{prefix}-expires", ""))
        if start is None or seconds is None or timedelta(seconds=seconds) > _YEARS:
            return None
        try:
            return start + timedelta(seconds=seconds)
        except OverflowError:  # beyond the calendar
            return None

    return read


def _signed_unix(address: MediaAddress) -> datetime | None:
    if not _SIGNED & address.parameters.keys():
        return None
    return _unix(address.parameters.get("expires", ""))


def _azure(address: MediaAddress) -> datetime | None:
    if "sig" not in address.parameters:
        return None
    text = address.parameters.get("se", "")
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no time, or one beyond the calendar
        return None


def _on(hosts: tuple[str, ...], key: str) -> Callable[[MediaAddress], datetime | None]:
    """Return a reader of hexadecimal Unix seconds in `key`, on these hosts and those below them."""

    def read(address: MediaAddress) -> datetime | None:
        if not any(address.host == host or address.host.endswith(f".{host}") for host in hosts):
            return None
        text = address.parameters.get(key, "")
        return _unix(str(int(text, 16))) if re.fullmatch("[0-9a-fA-F]{1,10}", text) else None

    return read


def _akamai(address: MediaAddress) -> datetime | None:
    for key in ("hdnts", "hdnea", "hdntl", "__token__"):
        found = _AKAMAI.search(address.parameters.get(key, ""))
        if found:
            return _unix(found[1])
    return None


_READERS: tuple[tuple[str, Callable[[MediaAddress], datetime | None]], ...] = (
    ("AWS", _from_start("x-amz")),
    ("Google Cloud", _from_start("x-goog")),
    ("Alibaba Cloud", _from_start("x-oss")),
    ("its host", _signed_unix),
    ("Azure", _azure),
    ("Discord", _on(("cdn.discordapp.com", "media.discordapp.net"), "ex")),
    ("Meta", _on(("fbcdn.net", "cdninstagram.com"), "oe")),
    ("Akamai", _akamai),
)
"""The services that sign addresses, and how each writes the end of one."""

_SHORT_LIVED = (
    ("GitHub", "raw.githubusercontent.com", "token"),
    ("GitHub", "private-user-images.githubusercontent.com", "jwt"),
    ("GitHub", "media.githubusercontent.com", "token"),
)
"""Addresses of private files: the service, the host and the key of the token, which ends soon."""


def _basic(text: str) -> datetime | None:
    """Parse `20261201T093000Z`."""
    found = _BASIC.fullmatch(text)
    try:
        return datetime(*map(int, found.groups()), tzinfo=UTC) if found else None  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,12}", text) else None


def _unix(text: str) -> datetime | None:
    seconds = _integer(text)
    # Years 2001 to 2286: another number is no moment, or one in milliseconds.
    if seconds is None or not 10**9 <= seconds < 10**10:
        return None
    return datetime.fromtimestamp(seconds, UTC)
