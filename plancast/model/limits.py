"""Limits of networks: lengths, numbers of media, and what a post must contain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Counting(Enum):
    """The unit in which a network measures the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"
    TWITTER = "twitter"
    GRAPHEMES = "graphemes"
    MASTODON = "mastodon"


@dataclass(frozen=True, slots=True)
class NetworkLimits:
    """The rules of one network. A limit that is None is unknown and not checked.

    `text_bytes` is a second limit of a text, in bytes of UTF-8. `warning` is the setting that
    counts with the text. `alt_counting` is the unit of alternative texts if texts have another.
    `link_in_text`: the network has no link card, so Buffer appends the link to the text
    (docs/buffer/v1.md#text-and-links-on-read-back), whose length it adds to. `needs_image`: a post
    needs an image; a video will do, unless `video` is False. `first_comment` is a length, None if
    the network has no first comments. `requires` are the settings without which it refuses a post
    (docs/networks.md#required-content). `image_types` and `video_types` are types of files such as
    `jpeg`, as `plancast.lint.media_types` names them; None and () if they are unknown.
    `video_megabytes`: how large the file of a video may be.

    `links` are different addresses in a post, `hashtags` those of text and first comment together,
    `photo_title` is the length of the title of a post with images, `posts_a_day` counts any 24
    hours, and `refused` are characters that no text may have (docs/networks.md#contents-of-texts).

    `text_by_account`: an account of the network may have a limit of its own instead of `text`;
    `text_at_most` is the highest that any account has, None if that is not known.
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
    text_bytes: int | None = None
    warning: str = ""
    alt_counting: Counting | None = None
    image_types: tuple[str, ...] | None = None
    video_types: tuple[str, ...] = ()
    video_megabytes: int | None = None
    links: int | None = None
    hashtags: int | None = None
    photo_title: int | None = None
    posts_a_day: int | None = None
    refused: str = ""
    text_by_account: bool = False
    text_at_most: int | None = None
