"""Facebook: pages and groups."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    ANIMATED,
    Layout,
    Network,
    NetworkImages,
    NetworkLinks,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    NetworkVideos,
    SettingKind,
)

FACEBOOK = Network(
    name="facebook",
    title="Facebook",
    short="fb",
    look=NetworkLook("f", "#2257c5", Layout.PAGE),
    text=NetworkText(5000, Counting.UTF16),
    images=NetworkImages(10, types=ANIMATED),
    videos=NetworkVideos(types=("mp4", "mov", "avi", "m4v"), megabytes=1024),
    links=NetworkLinks(cards=True),
    first_comment=5000,
    settings=(
        NetworkSetting(
            "type",
            "What kind of post it is.",
            SettingKind.CHOICE,
            choices=("post", "reel", "story"),
        ),
    ),
    posts_a_day=35,
    needs="text or media; also a type, which plancast fills in",
)
