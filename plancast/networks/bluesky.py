"""Bluesky. `counting.py` says how graphemes are counted."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    Layout,
    Network,
    NetworkImages,
    NetworkLinks,
    NetworkLook,
    NetworkText,
)

BLUESKY = Network(
    name="bluesky",
    title="Bluesky",
    handle_ending=".bsky.social",
    look=NetworkLook("B", "#0b5fcc", Layout.STREAM),
    text=NetworkText(300, Counting.GRAPHEMES, most_bytes=3000),
    images=NetworkImages(4, alt_text=2000),
    links=NetworkLinks(cards=True),
    threads=True,
)
