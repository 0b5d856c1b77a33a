"""The names that Buffer's API has for networks and their settings: one row for each network.

plancast/networks defines what a network accepts. This module has the words for it on the wire, and
the defaults that Buffer sets (docs/buffer/graphql.md#settings-of-networks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WireSetting:
    """A setting: its name in a post file, and on the wire.

    A name such as `geolocation.id` is that of a field within an object. `default` is its value if
    the author sets none, and is sent all the same if `sent`.
    """

    name: str
    wire: str
    default: str | bool = ""
    sent: bool = False


@dataclass(frozen=True, slots=True)
class WireNetwork:
    """A network: the type of its metadata, the fields that are read from it, its settings.

    Fields for first comments, threads and link cards are added to `fields` as the network has them.
    `key` is its key in PostInputMetaData if that is not its name.
    """

    typename: str
    fields: str = ""
    settings: tuple[WireSetting, ...] = ()
    key: str = ""


_AI = WireSetting("ai_generated", "isAiGenerated", False)

_GOOGLE_DETAILS = """title
    details {
      __typename
      ... on GoogleBusinessWhatsNewMetaData { button link }
      ... on GoogleBusinessOfferMetaData { title code link terms startDate endDate }
      ... on GoogleBusinessEventMetaData { title button link startDate endDate isFullDayEvent }
    }"""

ROWS: Mapping[str, WireNetwork] = {
    "bluesky": WireNetwork("BlueskyPostMetadata"),
    "facebook": WireNetwork(
        "FacebookPostMetadata", settings=(WireSetting("type", "type", "post", sent=True),)
    ),
    # Its settings depend on the type of the post: metadata.py.
    "googlebusiness": WireNetwork("GoogleBusinessPostMetadata", _GOOGLE_DETAILS, key="google"),
    "instagram": WireNetwork(
        "InstagramPostMetadata",
        "link shouldShareToFeed isAiGenerated geolocation { id text }",
        (
            WireSetting("type", "type", "post", sent=True),
            WireSetting("share_to_feed", "shouldShareToFeed", True, sent=True),
            WireSetting("link", "link"),
            _AI,
            WireSetting("location_id", "geolocation.id"),
            WireSetting("location", "geolocation.text"),
        ),
    ),
    "linkedin": WireNetwork("LinkedInPostMetadata"),
    "mastodon": WireNetwork(
        "MastodonPostMetadata", "spoilerText", (WireSetting("spoiler_text", "spoilerText"),)
    ),
    "pinterest": WireNetwork(
        "PinterestPostMetadata",
        "title url board { serviceId name }",
        (
            WireSetting("board", "boardServiceId"),
            WireSetting("title", "title"),
            WireSetting("url", "url"),
        ),
    ),
    "substack": WireNetwork("SubstackPostMetadata"),
    "threads": WireNetwork(
        "ThreadsPostMetadata",
        "topic locationId locationName",
        (
            WireSetting("topic", "topic"),
            WireSetting("location_id", "locationId"),
            WireSetting("location", "locationName"),
        ),
    ),
    "tiktok": WireNetwork(
        "TiktokPostMetadata", "title isAiGenerated", (WireSetting("title", "title"), _AI)
    ),
    "twitter": WireNetwork(
        "TwitterPostMetadata",
        "isAiGenerated retweet { id }",
        (_AI, WireSetting("retweet", "retweet.id")),
    ),
    # Its defaults are documented (docs/buffer/graphql.md#settings-of-networks), and sent, since an
    # edit may keep what it leaves out.
    "youtube": WireNetwork(
        "YoutubePostMetadata",
        "title category { categoryId } privacy license notifySubscribers embeddable madeForKids "
        "isAiGenerated",
        (
            WireSetting("title", "title"),
            WireSetting("category", "categoryId"),
            WireSetting("privacy", "privacy", "public", sent=True),
            WireSetting("license", "license", "youtube", sent=True),
            WireSetting("notify_subscribers", "notifySubscribers", True, sent=True),
            WireSetting("embeddable", "embeddable", True, sent=True),
            WireSetting("made_for_kids", "madeForKids", False, sent=True),
            _AI,
        ),
    ),
}


def settings_of(service: str) -> tuple[WireSetting, ...]:
    """Return the settings of a network; none of an unknown one."""
    row = ROWS.get(service)
    return row.settings if row else ()
