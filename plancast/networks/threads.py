"""Threads, the network; posts that follow each other are `Network.threads`."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    LOCATION,
    Layout,
    Network,
    NetworkImages,
    NetworkLinks,
    NetworkLook,
    NetworkSetting,
    NetworkText,
)

THREADS = Network(
    name="threads",
    title="Threads",
    look=NetworkLook("@", "#3d3d3d", Layout.STREAM, outlined=True),
    text=NetworkText(500, Counting.BYTES),
    images=NetworkImages(10, alt_text=1000, alt_counting=Counting.UTF16),
    links=NetworkLinks(cards=True, most=5),
    threads=True,
    settings=(NetworkSetting("topic", "The topic of the post.", longest=50), *LOCATION),
)
