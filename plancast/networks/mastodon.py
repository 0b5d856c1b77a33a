"""Mastodon, on any server."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    ANIMATED,
    Layout,
    Network,
    NetworkImages,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    Portrait,
)

MASTODON = Network(
    name="mastodon",
    title="Mastodon",
    look=NetworkLook("M", "#5a45c8", Layout.STREAM, Portrait.ROUNDED),
    text=NetworkText(500, Counting.MASTODON, set_by_server=True, warning="spoiler_text"),
    images=NetworkImages(4, alt_text=1500, types=ANIMATED, alt_counting=Counting.CHARACTERS),
    threads=True,
    settings=(
        NetworkSetting(
            "spoiler_text",
            "The warning that hides the post until somebody opens it.",
            heading=True,
            label="content warning",
        ),
    ),
)
