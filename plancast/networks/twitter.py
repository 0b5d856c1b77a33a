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
    NetworkText,
    NetworkVideos,
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
    settings=(AI_GENERATED,),
    # Its rules forbid the same text on several accounts (docs/buffer/v1.md#the-same-text-twice).
    one_account_per_text=True,
)
