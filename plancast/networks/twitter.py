"""X, by the name that Buffer gives it. Its counting is in weighted_length.py."""

from plancast.model.limits import Counting
from plancast.networks.base import (
    AI_GENERATED,
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

TWITTER = Network(
    name="twitter",
    title="X",
    short="x",
    look=NetworkLook("X", "#202124", Layout.STREAM, outlined=True),
    # twitter-text calls these invalid: a byte order mark, and two that are no characters.
    text=NetworkText(280, Counting.TWITTER, for_subscribers=25_000, refused="\ufffe\ufeff\uffff"),
    images=NetworkImages(4, alt_text=1000, types=ANIMATED),
    videos=NetworkVideos(types=("mp4", "mov", "avi", "m4v"), megabytes=1024),
    links=NetworkLinks(in_text=True),
    threads=True,
    settings=(
        AI_GENERATED,
        NetworkSetting(
            "retweet",
            "The post on X that this one passes on, by its address or its number. The text is the "
            "comment above it.",
            SettingKind.POST,
            label="passes on",
            note="by its address or its number, without media, `thread` and `ai_generated` (PC546)",
            excludes=("images", "video", "thread", "ai_generated"),
        ),
    ),
    # Addresses of one post: with or without its author, as an app or the old name writes them.
    post_reference=(
        r"(?i)(https?://(?:www\.|mobile\.|m\.)?(?:x|twitter)\.com"
        r"/(?:i/web|[a-z0-9_]{1,15})/status(?:es)?/)?([1-9][0-9]{0,18})(?(1)(?:[/?#]\S*)?)"
    ),
    # Its rules forbid the same text on several accounts (docs/buffer/v1.md#the-same-text-twice).
    one_account_per_text=True,
)
