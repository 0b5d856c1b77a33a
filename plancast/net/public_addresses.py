"""The IP addresses that belong to the public internet. Pure.

An address counts as public only if nothing speaks against it: not this machine, not a private or
local network, not the metadata service of a cloud, and no form of IPv6 that carries an IPv4 address
inside. The tables are our own, since those of Python's `ipaddress` differ between its versions.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider; metadata of Alibaba's cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # the agent of Azure's machines
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # for documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # for benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""All that is assigned. Outside lie loopback, IPv4-mapped addresses, NAT64, unique local and
link-local addresses, multicast, and what is not assigned."""

_NOT_PUBLIC_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # Teredo, benchmarks, identifiers that are no places
        "2001:db8::/32",  # for documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # for documentation
    )
)


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public internet; False for any other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _NOT_PUBLIC_4)
    if address.scope_id is not None or address not in _PUBLIC_6:
        return False
    return not any(address in block for block in _NOT_PUBLIC_6)
