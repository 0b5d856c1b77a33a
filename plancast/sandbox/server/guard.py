"""The guard against web pages: a page that a browser shows may send requests to loopback, too.

A page of another site can send requests here in two ways. It can have its own name resolve to
127.0.0.1 (DNS rebinding): then the Host is that name. Or it can address 127.0.0.1 openly: then the
browser names the page in Origin, or at least says `cross-site` in Sec-Fetch-Site. Programs send
neither field.

The port of the Host is not compared: a page cannot choose it, and it differs if a port is
forwarded. Nothing here grants anything: no answer of the sandbox has a CORS header.
"""

import re
from ipaddress import IPv4Address, IPv6Address

from plancast.sandbox.server.request import RequestHead, host_name
from plancast.sandbox.v1.errors import GateError

_ORIGIN = re.compile(r"https?://(?P<authority>[^/?#@]+)", re.IGNORECASE)
_IPV6 = IPv6Address("::1")
#: The page is of the same host or of another port of it, or a person typed the address.
_NEAR = frozenset(("same-origin", "same-site", "none"))


def check_source(head: RequestHead) -> None:
    """Refuse a request that a web page of another site may have caused. Raises GateError 403."""
    named = (*head.values("host"), *filter(None, [head.line.authority]))
    if not all(is_loopback(host_name(authority)) for authority in named):
        raise GateError(
            403,
            "The Host of the request is not this machine.",
            hint="Address the sandbox as 127.0.0.1, localhost or [::1].",
        )
    for origin in head.values("origin"):
        if not _is_loopback_origin(origin):
            raise GateError(
                403,
                "The request comes from a web page that is not of this machine.",
                hint="Call the sandbox from a program, or from a page on localhost.",
            )
    sites = head.values("sec-fetch-site")
    if sites and head.value("sec-fetch-site") not in _NEAR:
        raise GateError(
            403,
            "The request comes from a web page of another site.",
            hint="Call the sandbox from a program, or open its address by hand.",
        )


def is_loopback(name: str) -> bool:
    """Return whether a name or address (IPv6 in brackets) stands for this machine alone."""
    if name in ("localhost", "localhost."):
        return True
    try:
        if name.startswith("[") and name.endswith("]"):
            # Not `is_loopback`: its answer for ::ffff:127.0.0.1 depends on the version of Python.
            return IPv6Address(name[1:-1]) == _IPV6
        return IPv4Address(name).is_loopback
    except ValueError:
        return False


def _is_loopback_origin(origin: str) -> bool:
    """Return whether an Origin is a page on this machine; `null` may be any page."""
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return False
    try:
        return is_loopback(host_name(match["authority"]))
    except GateError:
        return False
