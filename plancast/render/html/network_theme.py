"""Look of each network on the page: its letter, its colour and its layout, from plancast/networks.

No logos of the networks are used: a letter and a colour are enough for a reader to recognize a
post.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plancast.networks.base import Layout, Network, Portrait
from plancast.networks.registry import NETWORKS


@dataclass(frozen=True, slots=True)
class NetworkTheme:
    """The look of one network: its name for people, the letter of its badge, its CSS class."""

    name: str
    letter: str
    style: str
    layout: Layout


_PORTRAITS: Mapping[Portrait, str] = {
    Portrait.SQUARE: "border-radius: 6px;",
    Portrait.ROUNDED: "border-radius: 10px;",
    Portrait.RINGED: (
        "box-shadow: 0 0 0 2px var(--raised), "
        "0 0 0 4px color-mix(in srgb, var(--net) 55%, transparent);"
    ),
}
"""The CSS declarations of each shape of a portrait. ROUND has none: it is the one in posts.css."""

_OUTLINE = "box-shadow: 0 0 0 1px light-dark(transparent, #50545a);"


def look(service: str, networks: Mapping[str, Network] = NETWORKS) -> NetworkTheme:
    """Return the look of a network; a plain one if the network is unknown."""
    known = networks.get(service)
    if known is not None:
        return NetworkTheme(known.title, known.look.letter, known.name, known.look.layout)
    return NetworkTheme(
        service or "Unknown network", (service or "?")[:1].upper(), "other", Layout.PAGE
    )


def network_styles(networks: Mapping[str, Network] = NETWORKS) -> str:
    """Return the CSS rules of all networks: colours, outlines, shapes of portraits."""
    return "".join(f"{rule}\n" for rule in _rules(networks))


def _rules(networks: Mapping[str, Network]) -> Iterator[str]:
    for network in networks.values():
        yield f".n-{network.name} {{ --net: {network.look.colour}; }}"
    for network in networks.values():
        if network.look.outlined:
            yield f".badge.n-{network.name} {{ {_OUTLINE} }}"
        shape = _PORTRAITS.get(network.look.portrait)
        if shape:
            yield f".avatar.n-{network.name} {{ {shape} }}"


def initials(alias: str) -> str:
    """Return the initials that are shown as a portrait: `acme-x` → `A`, `acme-labs-x` → `AL`.

    The last part of an alias names the network, so it does not count.
    """
    parts = [part for part in alias.replace("_", "-").replace(".", "-").split("-") if part]
    named = parts[:-1] or parts
    return "".join(part[0] for part in named[:2]).upper() or "?"
