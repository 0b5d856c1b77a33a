"""LinkedIn: people and companies."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    ANIMATED,
    Layout,
    Network,
    NetworkImages,
    NetworkLinks,
    NetworkLook,
    NetworkText,
    NetworkVideos,
    Portrait,
)

LINKEDIN = Network(
    name="linkedin",
    title="LinkedIn",
    look=NetworkLook("in", "#0a5c9e", Layout.PAGE, Portrait.SQUARE),
    text=NetworkText(3000, Counting.UTF16),
    images=NetworkImages(9, alt_text=4086, types=ANIMATED),
    videos=NetworkVideos(types=("mp4", "mov", "avi", "m4v"), megabytes=1024),
    links=NetworkLinks(cards=True),
    first_comment=1250,
)
