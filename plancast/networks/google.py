"""Google+, which has gone. Only API v1 of Buffer still names it."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    Layout,
    Network,
    NetworkImages,
    NetworkLook,
    NetworkText,
)

GOOGLE = Network(
    name="google",
    title="Google+",
    look=NetworkLook("G", "#1c6b3c", Layout.PAGE),
    text=NetworkText(5000, Counting.CHARACTERS, source="`documented`, API v1 only"),
    images=NetworkImages(1),
    needs_source="",
)
