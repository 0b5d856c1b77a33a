"""The features of Buffer's two APIs: what a post may contain beside text, links and images."""

from __future__ import annotations

from datetime import timedelta

from plancast.model.features import Features, LinkCards, RepeatRule
from plancast.networks.registry import NETWORKS

WITHOUT_CARDS = frozenset(
    {
        *("twitter", "instagram", "pinterest", "mastodon", "bluesky", "threads", "appdotnet"),
        *("tiktok", "youtube"),
    }
)
"""Networks on which API v1 takes no link attachment: the link goes into the text
(docs/buffer/v1.md#text-and-links-on-read-back)."""

CARDS = frozenset(name for name, network in NETWORKS.items() if network.links.cards)
"""Networks with a `linkAttachment` in the current API (docs/networks.md#links-and-threads)."""

GOOGLE = "googlebusiness"
"""A link is a button there, beside anything else (docs/buffer/graphql.md#settings-of-networks)."""

REPEATS = RepeatRule(timedelta(hours=24), picture_services=frozenset({"pinterest"}))
"""docs/buffer/graphql.md#the-same-text-twice. That Buffer refuses a repeated text is certain; the
24 hours after it went out are `assumed`, and this is their only place."""

CLASSIC = Features(
    "Buffer",
    "API v1 of Buffer",
    link_cards=LinkCards(never=WITHOUT_CARDS, replaces_images=True),
    repeats=REPEATS,
)
"""Text, links and images (docs/buffer/v1.md#creating-updates)."""

CURRENT = Features(
    "Buffer",
    "Buffer's API",
    threads=True,
    first_comment=True,
    video=True,
    metadata=True,
    stages=True,
    tags=True,
    shorten=False,
    link_cards=LinkCards(only=CARDS, beside_media=frozenset({GOOGLE}), alone=True, fills_text=True),
    repeats=REPEATS,
)
"""docs/buffer/graphql.md#creating-posts. Links are shortened by the channel there, whatever a post
says (docs/buffer/graphql.md#link-shortening)."""
