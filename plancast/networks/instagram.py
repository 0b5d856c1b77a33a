"""Instagram: photos and reels."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    AI_GENERATED,
    ANIMATED,
    LOCATION,
    Layout,
    Network,
    NetworkImages,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    NetworkVideos,
    Portrait,
    SettingKind,
)

INSTAGRAM = Network(
    name="instagram",
    title="Instagram",
    look=NetworkLook("◎", "#b0306e", Layout.PHOTO, Portrait.RINGED),
    text=NetworkText(2196, Counting.UTF16),
    images=NetworkImages(10, alt_text=1000, required=True, types=ANIMATED),
    videos=NetworkVideos(cover=True, types=("mp4", "mov"), megabytes=300),
    first_comment=2200,
    settings=(
        NetworkSetting(
            "type",
            "What kind of post it is.",
            SettingKind.CHOICE,
            choices=("post", "reel", "story"),
        ),
        NetworkSetting(
            "share_to_feed",
            "Whether a reel is shown in the feed as well.",
            SettingKind.FLAG,
            label="in the feed",
        ),
        NetworkSetting("link", "The link of a grid on a start page.", SettingKind.ADDRESS),
        AI_GENERATED,
        *LOCATION,
    ),
    hashtags=30,
    posts_a_day=50,
    needs_source="`documented`; the refusal is `measured`",
)
