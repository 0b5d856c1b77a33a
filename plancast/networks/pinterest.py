"""Pinterest: pins on boards."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    ANIMATED,
    Layout,
    Network,
    NetworkImages,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    NetworkVideos,
    SettingKind,
)

PINTEREST = Network(
    name="pinterest",
    title="Pinterest",
    look=NetworkLook("P", "#b01c2e", Layout.PIN),
    text=NetworkText(500, Counting.UTF16, required=True),
    images=NetworkImages(1, alt_text=500, required=True, types=ANIMATED),
    # That it takes no video is assumed; Buffer takes covers for its videos all the same.
    videos=NetworkVideos(allowed=False, cover=True),
    setting_title=100,
    settings=(
        NetworkSetting(
            "board",
            "The board, by its name or its id.",
            required=True,
            note="by its name or its id",
        ),
        NetworkSetting("title", "The title of the pin.", heading=True),
        NetworkSetting("url", "Where the pin leads.", SettingKind.ADDRESS, label="leads to"),
    ),
    needs_source="`documented`; the text `reported`, the video `assumed`",
)
