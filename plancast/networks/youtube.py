"""YouTube: videos."""

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
    SettingKind,
)

YOUTUBE = Network(
    name="youtube",
    title="YouTube",
    look=NetworkLook("▶", "#a8201a", Layout.PAGE),
    text=NetworkText(5000, Counting.UTF16),
    images=NetworkImages(0),
    videos=NetworkVideos(
        required=True, types=("mp4", "mov", "mpeg", "avi", "webm"), megabytes=10_240
    ),
    setting_title=100,
    settings=(
        NetworkSetting("title", "The title of the video.", required=True, heading=True),
        NetworkSetting(
            "category",
            'The number of the category, such as "22".',
            SettingKind.NUMBER,
            choices=(
                *("1", "2", "10", "15", "17", "19", "20", "22"),
                *("23", "24", "25", "26", "27", "28", "29"),
            ),
            required=True,
            note='such as `"22"`',
        ),
        NetworkSetting(
            "privacy",
            "Who sees it.",
            SettingKind.CHOICE,
            choices=("public", "private", "unlisted"),
        ),
        NetworkSetting(
            "license",
            "How it may be used.",
            SettingKind.CHOICE,
            choices=("youtube", "creativeCommon"),
        ),
        NetworkSetting(
            "notify_subscribers",
            "Whether subscribers are told.",
            SettingKind.FLAG,
            label="tells subscribers",
        ),
        NetworkSetting("embeddable", "Whether other pages may show it.", SettingKind.FLAG),
        NetworkSetting(
            "made_for_kids",
            "Whether it is made for children.",
            SettingKind.FLAG,
            label="made for kids",
        ),
        AI_GENERATED,
    ),
)
