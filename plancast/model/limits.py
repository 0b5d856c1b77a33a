"""How long a text may be on a network, and how it is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Counting(Enum):
    """How a network measures the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    TWITTER = "twitter"
    GRAPHEMES = "graphemes"
    MASTODON = "mastodon"


@dataclass(frozen=True, slots=True)
class NetworkLimits:
    """The rules of one network. A None limit is not known and not checked.

    `link_in_text`: there is no link card, Buffer appends the link to the text
    (docs/buffer/v1.md#text-and-links-on-read-back), where it counts. A video does for
    an image where one is needed, but where `needs_image` and `video` is False.
    `first_comment`: None where the network has none. `requires`: settings without
    which it refuses a post (docs/networks.md#required-content).
    """

    text: int | None = None
    counting: Counting = Counting.CHARACTERS
    images: int | None = None
    alt_text: int | None = None
    needs_image: bool = False
    needs_text: bool = False
    link_in_text: bool = False
    video: bool = True
    needs_video: bool = False
    text_with_video: int | None = None
    threads: bool = False
    first_comment: int | None = None
    title: int | None = None
    requires: tuple[str, ...] = ()
