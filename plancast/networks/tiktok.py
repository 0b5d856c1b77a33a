"""TikTok: videos and photos."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    AI_GENERATED,
    Layout,
    Network,
    NetworkImages,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    NetworkVideos,
)

TIKTOK = Network(
    name="tiktok",
    title="TikTok",
    look=NetworkLook("T", "#33313d", Layout.PHOTO),
    text=NetworkText(4000, Counting.UTF16, with_video=2200),
    images=NetworkImages(title=90, required=True),
    videos=NetworkVideos(cover=True, types=("mp4", "mov", "webm"), megabytes=1024),
    settings=(NetworkSetting("title", "The title of the post.", heading=True), AI_GENERATED),
    hashtags=5,
    posts_a_day=25,
    needs_source="`documented`; a newer page also names posts of text alone",
)
