"""The values that the file of a network is made of.

`plancast/networks/<name>.py` holds one `Network`: all that plancast knows about it. A fact that is
not known is None or left out, and is not checked. How sure each figure is stands in
docs/networks.md, whose tables are made from these values; so are `metadata` in the post schema and
the colours of the page. A fact gets its field here together with the code that reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from plancast.model.limits import Counting, NetworkLimits

DOCUMENTED = "`documented`"
"""How sure a fact is, in the words of docs/networks.md."""


class Layout(Enum):
    """How the page lays out a post: author beside the text, author above it, picture first, pin."""

    STREAM = "stream"
    PAGE = "page"
    PHOTO = "photo"
    PIN = "pin"


class Portrait(Enum):
    """The shape of an author's picture on the page."""

    ROUND = "round"
    ROUNDED = "rounded"
    SQUARE = "square"
    RINGED = "ringed"


class SettingKind(Enum):
    """The values that a setting takes."""

    TEXT = "text"
    FLAG = "flag"
    CHOICE = "choice"
    ADDRESS = "address"
    TIME = "time"
    NUMBER = "number"
    POST = "post"
    """A post on the network, by its number or its address (`Network.post_of`)."""


@dataclass(frozen=True, slots=True)
class NetworkText:
    """How long a post may be, and how it is counted (docs/networks.md#texts).

    `with_video` holds for a post with a video, `for_subscribers` for an account that pays the
    network. `set_by_server`: the server of an account may allow more, and the provider reports it.
    `most_bytes` is a second limit, in bytes of UTF-8. `warning` is the setting that hides the text
    and counts with it. `refused` are characters for which the network refuses a text.
    """

    longest: int | None
    counting: Counting
    with_video: int | None = None
    for_subscribers: int | None = None
    set_by_server: bool = False
    required: bool = False
    source: str = DOCUMENTED
    most_bytes: int | None = None
    warning: str = ""
    refused: str = ""


STILL = ("jpeg", "png", "heic")
"""The types of images that Buffer takes for every network (docs/media.md#types-of-files)."""

ANIMATED = (*STILL, "gif")
"""The types of images of the networks for which Buffer takes GIF as well."""


@dataclass(frozen=True, slots=True)
class NetworkImages:
    """How many images a post may have, of which types, and how long alternative texts may be.

    `title` is the longest title of a post with images, if that is not the one of other posts.
    `alt_counting` is the unit of alternative texts; None: that of texts. No network shortens
    addresses there, so they count in full (docs/networks.md#images).
    """

    most: int | None = None
    alt_text: int | None = None
    title: int | None = None
    required: bool = False
    alt_counting: Counting | None = None
    types: tuple[str, ...] = STILL


@dataclass(frozen=True, slots=True)
class NetworkVideos:
    """Whether a post may or must have a video. `cover`: a moment of it can be its cover.

    `types` and `megabytes` of its file are those that Buffer names (docs/media.md#types-of-files).
    """

    allowed: bool = True
    required: bool = False
    cover: bool = False
    types: tuple[str, ...] = ()
    megabytes: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkLinks:
    """Whether a link becomes a card (docs/networks.md#links-and-threads).

    `in_text`: Buffer appends the link to the text, so that it counts there. `most` is how many
    different addresses a post may have, that of its card included.
    """

    cards: bool = False
    in_text: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkSetting:
    """A key under `metadata` in a post file.

    `longest` is checked by the schema. `heading`: the network shows it above the text. `label` is
    the name in plans if the key says too little. If the setting `type` decides which settings a
    post takes, `only_for` lists the types that take this one and `required_for` those that need it.
    `choices` of a number are those that the network has today. `needs` is another setting without
    which this one means nothing. `excludes` are fields and settings that a post cannot have beside
    this one. `note` is for the table in docs/files.md.
    """

    name: str
    description: str
    kind: SettingKind = SettingKind.TEXT
    choices: tuple[str, ...] = ()
    longest: int | None = None
    required: bool = False
    only_for: tuple[str, ...] = ()
    required_for: tuple[str, ...] = ()
    heading: bool = False
    label: str = ""
    note: str = ""
    needs: str = ""
    excludes: tuple[str, ...] = ()


AI_GENERATED = NetworkSetting(
    "ai_generated",
    "Whether it was made with the help of AI; the network marks it.",
    SettingKind.FLAG,
    label="made with AI",
)
"""Several networks ask for this in the same way."""

LOCATION = (
    NetworkSetting(
        "location_id",
        "The place of the post, by the id that the network has for it.",
        label="place (id)",
    ),
    NetworkSetting(
        "location",
        "The name of the place, which readers see; the id is needed as well.",
        label="place",
        needs="location_id",
        note="with `location_id` (PC547)",
    ),
)
"""A place that a post is tagged with. The networks have ids of their own for places."""


@dataclass(frozen=True, slots=True)
class NetworkLook:
    """The look of a post on the page: letters and colours of our own, no marks of the networks.

    `outlined`: the colour is so dark that a badge needs an outline on a dark page.
    """

    letter: str
    colour: str
    layout: Layout
    portrait: Portrait = Portrait.ROUND
    outlined: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """All that plancast knows about a network.

    `name` is the one in files and in Buffer, `title` the one for people. In an alias that plancast
    invents, `short` stands for the network, and a user name leaves out its `handle_ending`.

    `first_comment` is the longest first comment, None if there are none; `setting_title` is the
    longest title among the settings. `hashtags` are those of text and first comment together,
    `posts_a_day` how many may go out in any 24 hours. `one_account_per_text`: the same text must
    not go to several accounts with one request. `needs` replaces the words of
    docs/networks.md#required-content if the values do not say it all; with an empty `needs_source`
    the network is not in that table. `post_reference` is a pattern for a post on the network, by
    its number or its address; the last group is the number.
    """

    name: str
    title: str
    look: NetworkLook
    text: NetworkText
    images: NetworkImages = NetworkImages()
    videos: NetworkVideos = NetworkVideos()
    links: NetworkLinks = NetworkLinks()
    threads: bool = False
    first_comment: int | None = None
    setting_title: int | None = None
    settings: tuple[NetworkSetting, ...] = ()
    short: str = ""
    handle_ending: str = ""
    one_account_per_text: bool = False
    hashtags: int | None = None
    posts_a_day: int | None = None
    needs: str = ""
    needs_source: str = DOCUMENTED
    post_reference: str = ""

    @property
    def limits(self) -> NetworkLimits:
        """The limits that posts are checked against, which a provider can raise."""
        return NetworkLimits(
            text=self.text.longest,
            counting=self.text.counting,
            images=self.images.most,
            alt_text=self.images.alt_text,
            needs_image=self.images.required,
            needs_text=self.text.required,
            link_in_text=self.links.in_text,
            video=self.videos.allowed,
            needs_video=self.videos.required,
            text_with_video=self.text.with_video,
            threads=self.threads,
            first_comment=self.first_comment,
            title=self.setting_title,
            requires=tuple(setting.name for setting in self.settings if setting.required),
            text_bytes=self.text.most_bytes,
            warning=self.text.warning,
            alt_counting=self.images.alt_counting,
            image_types=self.images.types,
            video_types=self.videos.types,
            video_megabytes=self.videos.megabytes,
            links=self.links.most,
            hashtags=self.hashtags,
            photo_title=self.images.title,
            posts_a_day=self.posts_a_day,
            refused=self.text.refused,
            text_by_account=self.text.set_by_server or self.text.for_subscribers is not None,
            text_at_most=None if self.text.set_by_server else self.text.for_subscribers,
        )

    def type_of(self, values: Mapping[str, str | bool]) -> str:
        """Return the type of a post by its settings: the first choice unless it says another."""
        choices = next((one.choices for one in self.settings if one.name == "type"), ())
        return str(values.get("type") or (choices[0] if choices else ""))

    def post_of(self, reference: str) -> str:
        """Return the number of a post on this network, "" if a text names none.

        Example: "https://x.com/acme/status/20?s=20" and "20" are "20" on X.
        """
        found = (
            re.fullmatch(self.post_reference, reference.strip()) if self.post_reference else None
        )
        return str(found[found.re.groups]) if found else ""
