"""How networks are told apart: a name, a letter, and the way in which they lay out a post.

No marks of anybody: letters and colours of our own, just enough that a reader sees the post and not
the record of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Layout(Enum):
    """Who stands beside the text, who above it, and who shows the picture first."""

    STREAM = "stream"
    PAGE = "page"
    PHOTO = "photo"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class NetworkTheme:
    """`name` is for people, `letter` for the badge, `style` the class in the CSS."""

    name: str
    letter: str
    style: str
    layout: Layout


_KNOWN = {
    "twitter": NetworkTheme("X", "X", "twitter", Layout.STREAM),
    "bluesky": NetworkTheme("Bluesky", "B", "bluesky", Layout.STREAM),
    "threads": NetworkTheme("Threads", "@", "threads", Layout.STREAM),
    "mastodon": NetworkTheme("Mastodon", "M", "mastodon", Layout.STREAM),
    "linkedin": NetworkTheme("LinkedIn", "in", "linkedin", Layout.PAGE),
    "facebook": NetworkTheme("Facebook", "f", "facebook", Layout.PAGE),
    "instagram": NetworkTheme("Instagram", "◎", "instagram", Layout.PHOTO),
    "pinterest": NetworkTheme("Pinterest", "P", "pinterest", Layout.PIN),
    "tiktok": NetworkTheme("TikTok", "T", "tiktok", Layout.PHOTO),
    "youtube": NetworkTheme("YouTube", "▶", "youtube", Layout.PAGE),
    "googlebusiness": NetworkTheme("Google Business", "G", "google", Layout.PAGE),
    "google": NetworkTheme("Google", "G", "google", Layout.PAGE),
}


def look(service: str) -> NetworkTheme:
    """The look of a network; of one that nobody has told us about, a plain one."""
    known = _KNOWN.get(service)
    if known is not None:
        return known
    return NetworkTheme(
        service or "Unknown network", (service or "?")[:1].upper(), "other", Layout.PAGE
    )


def initials(alias: str) -> str:
    """`acme-x` → `A`, `acme-labs-x` → `AL`: what stands in the place of a portrait."""
    parts = [part for part in alias.replace("_", "-").replace(".", "-").split("-") if part]
    named = parts[:-1] or parts
    return "".join(part[0] for part in named[:2]).upper() or "?"
