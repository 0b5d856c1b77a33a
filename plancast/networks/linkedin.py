"""LinkedIn: people and companies."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    Layout,
    Network,
    NetworkImages,
    NetworkLinks,
    NetworkLook,
    NetworkText,
    Portrait,
)

LINKEDIN = Network(
    name="linkedin",
    title="LinkedIn",
    look=NetworkLook("in", "#0a5c9e", Layout.PAGE, Portrait.SQUARE),
    text=NetworkText(3000, Counting.UTF16),
    images=NetworkImages(9, alt_text=4086),
    links=NetworkLinks(cards=True),
    first_comment=1250,
)
