"""The text of a post as it will be sent: where its link goes, and what counts with it.

A link becomes a card beside the text, or it ends the text, if the network or the provider has no
card for it. Providers place it with these functions when they send; checks and views measure what
comes out. So a counter cannot differ from what the network gets
(docs/networks.md#links-and-threads).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plancast.model.entry import Entry, Link, ThreadItem
from plancast.model.features import LinkCards
from plancast.model.limits import NetworkLimits

_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_CLOSING = ".,;:!?'\")]}»\u201d\u2019\u3001\u3002\u300d\u300f\uff01\uff09\uff1f"
"""Characters that may follow an address in a sentence and are no part of it."""


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A text with what became of the link: it is the `card`, or part of the text, or both."""

    text: str
    card: Link | None = None


def place_link(entry: Entry, service: str, cards: LinkCards) -> PlacedLink:
    """Return the text of an entry on a network, with the link in its place."""
    text, link = entry.text, entry.link
    if link is None:
        return PlacedLink(text)
    alone = not (entry.images or entry.video or entry.thread)
    if cards.fills_text and alone and not text:
        text = link.url
    if cards.shows(service, alone):
        return PlacedLink(text, link)
    return PlacedLink(with_link(text, link.url))


def as_post(item: ThreadItem) -> Entry:
    """Return a post of a thread as an entry: its link and its length follow the same rules.

    A link within its text does not become a card: only the first post asks for that.
    """
    return Entry(text=item.text.strip(), images=item.images, link=item.link, link_card=False)


def sent_text(entry: Entry, service: str, limits: NetworkLimits | None, cards: LinkCards) -> str:
    """Return the first text of an entry as it will be sent, without blanks around it."""
    placed = place_link(entry, service, cards)
    if placed.card and limits and limits.link_in_text:
        # The provider leaves it to Buffer to append the address.
        return with_link(placed.text, placed.card.url).strip()
    return placed.text.strip()


def loses_images(entry: Entry, service: str, cards: LinkCards) -> bool:
    """Return whether the images of an entry are not sent, since its link becomes a card."""
    return bool(entry.images and cards.replaces_images and place_link(entry, service, cards).card)


def content_warning(entry: Entry, limits: NetworkLimits | None) -> str:
    """Return the content warning that counts with the first text; "" if there is none."""
    if limits is None or not limits.warning:
        return ""
    return str(dict(entry.metadata).get(limits.warning, "")).strip()


def with_link(text: str, url: str) -> str:
    """Append an address to a text, unless it is among the addresses of the text already."""
    return text if not url or has_address(text, url) else f"{text} {url}"


def has_address(text: str, url: str) -> bool:
    """Return whether an address stands in a text, and not only the beginning of a longer one.

    It is the same for all networks, since one request can carry a text to several of them.
    """
    if url not in text:
        return False
    return url in text.split() or url in map(_bare, _ADDRESS.findall(text))


def _bare(address: str) -> str:
    """Return an address without the punctuation that ends its sentence.

    A bracket that the address opened belongs to it: `/wiki/Mercury_(planet)`.
    """
    end, surplus = len(address), address.count(")") - address.count("(")
    while end and address[end - 1] in _CLOSING:
        if address[end - 1] == ")":
            if surplus <= 0:
                break
            surplus -= 1
        end -= 1
    return address[:end]
