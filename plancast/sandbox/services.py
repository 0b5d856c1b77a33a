"""The networks of the sandbox, with the limits and properties that the APIs show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plancast.sandbox import counting


@dataclass(frozen=True, slots=True)
class GraphqlService:
    """A network as the GraphQL API knows it.

    `metadata` is the type of a post's metadata, `input_key` its key in PostInputMetaData if that is
    not the name of the service. `characters` is None if no limit is published. `longest`: limits of
    single fields. `warning`: a field that counts with the text. `is_merged`: an edit changes the
    metadata field by field, and does not replace them (docs/buffer/graphql.md#editing-posts).
    `reminds`: a person can be reminded to publish a post there
    (docs/buffer/graphql.md#enums-and-scalars).
    """

    title: str
    characters: int | None
    metadata: str
    comment: int | None = None
    threaded: bool = False
    link_card: bool = False
    longest: tuple[tuple[str, int], ...] = ()
    warning: str = ""
    input_key: str = ""
    is_merged: bool = False
    reminds: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """One network.

    `character_limit` is None if API v1 does not know the network.
    `card`: a link becomes a card beside the text; elsewhere the link is appended to the text.
    `unit` is the unit of its texts (counting.py), `most_bytes` a second limit of them. `alt_text`
    is the longest description of a picture, in `alt_unit` if that is not the unit of texts.
    `most_links`, `most_hashtags`: in one post, a card or a first comment included. `most_a_day`:
    posts in any 24 hours. `photo_title`: of a title beside photos, refused only when the post goes
    out (docs/networks.md#contents-of-texts). `url_length` is what the configuration says that a
    link counts, 0 if it says nothing. `user_url`, `hashtag_url`: prefixes that turn mentions and
    hashtags into links. `graphql`: None if the GraphQL API does not know the network.
    """

    name: str
    types: Mapping[str, str]
    character_limit: int | None
    schedule_limit: int
    card: bool
    verb: str = "post"
    url_length: int = 0
    user_url: str = ""
    hashtag_url: str = ""
    cashtag_url: str = ""
    post_url: str = ""
    interactions: tuple[str, ...] = ("likes", "like", "comments", "comment")
    filters: tuple[str, ...] = ("likes", "comments", "clicks")
    statistics: tuple[str, ...] = ("likes", "comments", "shares", "clicks")
    needs_picture: bool = False
    unit: str = counting.UTF16
    most_bytes: int | None = None
    alt_text: int | None = None
    alt_unit: str = ""
    most_links: int | None = None
    most_hashtags: int | None = None
    most_a_day: int | None = None
    photo_title: int | None = None
    refused_characters: str = ""
    graphql: GraphqlService | None = None


def _types(title: str, *kinds: str) -> dict[str, str]:
    return {k: title if k == "profile" else f"{title} {k.capitalize()}" for k in kinds}


SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        Service(
            "twitter",
            _types("Twitter", "profile"),
            280,
            730,
            card=False,
            verb="tweet",
            url_length=23,
            user_url="https://twitter.com/",
            hashtag_url="https://twitter.com/#!/search?q=%23",
            cashtag_url="https://twitter.com/#!/search?q=%24",
            post_url="https://twitter.com/i/status/",
            interactions=("mentions", "mention", "retweets", "retweet"),
            filters=("retweets", "favorites", "replies", "clicks", "reach"),
            statistics=("reach", "clicks", "retweets", "favorites", "mentions"),
            unit=counting.X,
            alt_text=1000,
            refused_characters="\ufeff\ufffe\uffff",
            graphql=GraphqlService("X", 280, "TwitterPostMetadata", threaded=True),
        ),
        Service(
            "facebook",
            _types("Facebook", "profile", "page", "group"),
            5000,
            25,
            card=True,
            user_url="https://www.facebook.com/",
            post_url="https://www.facebook.com/",
            filters=("likes", "comments", "clicks", "shares", "reach"),
            statistics=("likes", "comments", "shares", "clicks", "reach"),
            most_a_day=35,
            graphql=GraphqlService(
                "Facebook", 5000, "FacebookPostMetadata", link_card=True, comment=5000
            ),
        ),
        Service(
            "linkedin",
            _types("LinkedIn", "profile", "group", "page"),
            3000,
            100,
            card=True,
            user_url="http://www.linkedin.com/search/fpsearch?type=people&keywords=",
            post_url="https://www.linkedin.com/feed/update/",
            interactions=("comments", "comment", "likes", "like"),
            filters=("comments", "likes", "clicks", "reshares", "connections"),
            statistics=("likes", "comments", "reshares", "clicks"),
            alt_text=4086,
            graphql=GraphqlService(
                "LinkedIn", 3000, "LinkedInPostMetadata", link_card=True, comment=1250
            ),
        ),
        Service(
            "google",
            _types("Google+", "profile", "page"),
            5000,
            100,
            card=True,
            user_url="http://plus.google.com/",
            post_url="http://plus.google.com/posts/",
            interactions=("plusOnes", "plusOne", "comments", "comment", "reshares", "reshare"),
            filters=("comments", "clicks", "reshares", "+1s"),
            unit=counting.POINTS,
        ),
        Service(
            "googlebusiness",
            _types("Google Business Profile", "profile", "business"),
            4000,
            100,
            card=True,
            post_url="https://business.google.com/posts/",
            graphql=GraphqlService(
                "Google Business",
                4000,
                "GoogleBusinessPostMetadata",
                input_key="google",
                is_merged=True,
            ),
        ),
        Service(
            "instagram",
            _types("Instagram", "profile", "business"),
            2196,
            25,
            card=False,
            user_url="https://www.instagram.com/",
            post_url="https://www.instagram.com/p/",
            needs_picture=True,
            alt_text=1000,
            most_hashtags=30,
            most_a_day=50,
            graphql=GraphqlService(
                "Instagram", 2196, "InstagramPostMetadata", comment=2200, reminds=True
            ),
        ),
        Service(
            "pinterest",
            _types("Pinterest", "profile", "business"),
            500,
            100,
            card=False,
            user_url="https://www.pinterest.com/",
            post_url="https://www.pinterest.com/pin/",
            needs_picture=True,
            alt_text=500,
            graphql=GraphqlService(
                "Pinterest", 500, "PinterestPostMetadata", longest=(("title", 100),), is_merged=True
            ),
        ),
        Service(
            "mastodon",
            _types("Mastodon", "profile"),
            500,
            100,
            card=False,
            url_length=23,
            post_url="https://mastodon.example/statuses/",
            statistics=("favorites", "reblogs", "replies"),
            unit=counting.MASTODON,
            alt_text=1500,
            alt_unit=counting.POINTS,
            graphql=GraphqlService(
                "Mastodon", 500, "MastodonPostMetadata", threaded=True, warning="spoilerText"
            ),
        ),
        Service(
            "bluesky",
            _types("Bluesky", "profile"),
            300,
            100,
            card=False,
            user_url="https://bsky.app/profile/",
            post_url="https://bsky.app/post/",
            statistics=("likes", "reposts", "replies"),
            unit=counting.GRAPHEMES,
            most_bytes=3000,
            alt_text=2000,
            graphql=GraphqlService(
                "Bluesky", 300, "BlueskyPostMetadata", threaded=True, link_card=True
            ),
        ),
        Service(
            "threads",
            _types("Threads", "profile"),
            500,
            100,
            card=False,
            user_url="https://www.threads.net/@",
            post_url="https://www.threads.net/post/",
            unit=counting.BYTES,
            alt_text=1000,
            alt_unit=counting.UTF16,
            most_links=5,
            graphql=GraphqlService(
                "Threads",
                500,
                "ThreadsPostMetadata",
                threaded=True,
                link_card=True,
                longest=(("topic", 50),),
            ),
        ),
        Service(
            "youtube",
            _types("YouTube", "channel"),
            5000,
            100,
            card=False,
            verb="video",
            post_url="https://www.youtube.com/watch?v=",
            needs_picture=True,
            graphql=GraphqlService(
                "YouTube",
                5000,
                "YoutubePostMetadata",
                longest=(("title", 100),),
                is_merged=True,
                reminds=True,
            ),
        ),
        Service(
            "tiktok",
            _types("TikTok", "business", "account"),
            4000,
            100,
            card=False,
            user_url="https://www.tiktok.com/@",
            post_url="https://www.tiktok.com/video/",
            needs_picture=True,
            most_hashtags=5,
            most_a_day=25,
            photo_title=90,
            graphql=GraphqlService("TikTok", 4000, "TiktokPostMetadata", reminds=True),
        ),
        Service(
            "substack",
            _types("Substack", "profile"),
            None,
            100,
            card=True,
            post_url="https://substack.example/note/",
            graphql=GraphqlService("Substack", None, "SubstackPostMetadata", link_card=True),
        ),
    )
}

GRAPHQL_SERVICES: Mapping[str, GraphqlService] = {
    name: service.graphql for name, service in SERVICES.items() if service.graphql is not None
}
"""The networks of the GraphQL API. Google+ has gone; this API never knew it."""

CLASSIC_SERVICES: Mapping[str, Service] = {
    name: service for name, service in SERVICES.items() if service.character_limit is not None
}
"""The networks of API v1, which learns no new ones."""

PICTURE_TYPES = ("jpeg", "jpg", "gif", "png")
PICTURE_BYTES_MAX = 3_415_728
PREMIUM = 25_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Character limits, with those that the settings override."""

    overrides: Mapping[str, int] = field(default_factory=dict)

    def characters(self, service: str) -> int | None:
        """Return the most characters of a text, None if there is no limit."""
        return self.overrides.get(service, SERVICES[service].character_limit)


def longest_of_account(service: str, extras: Mapping[str, Any]) -> int | None:
    """Return the longest text by the account's subscription or server, None without either."""
    plan = str(extras.get("subscription_type") or "none").lower()
    if service == "twitter" and plan not in ("none", "free"):
        return PREMIUM
    if service == "mastodon" and "max_characters" in extras:
        return int(extras["max_characters"])
    return None


def configuration(limits: Limits) -> dict[str, object]:
    """Return the body of GET /info/configuration.json, with the limits that are in force."""
    services = {
        name: _service_entry(service, characters)
        for name, service in CLASSIC_SERVICES.items()
        if (characters := limits.characters(name)) is not None
    }
    media = {
        "picture_size_min": 0,
        "picture_size_max": PICTURE_BYTES_MAX,
        "picture_filetypes": list(PICTURE_TYPES),
    }
    return {"services": services, "media": media}


def _service_entry(service: Service, characters: int) -> dict[str, object]:
    """Return the entry of one network in the configuration."""
    types: dict[str, object] = {}
    for kind, title in service.types.items():
        entry: dict[str, object] = {
            "name": title,
            "character_limit": characters,
            "schedule_limit": service.schedule_limit,
        }
        if service.url_length:
            entry["characters_per_media"] = service.url_length + 1
            entry["short_url_length"] = service.url_length
            entry["short_url_length_https"] = service.url_length
        entry["icons"] = {str(size): _icon(service.name, size) for size in (16, 32, 64)}
        entry["supported_interactions"] = list(service.interactions)
        entry["link_attachments"] = service.card
        types[kind] = entry
    urls = {"user": service.user_url}
    if service.hashtag_url:
        urls |= {"hashtag": service.hashtag_url, "cashtag": service.cashtag_url}
    return {"types": types, "urls": urls, "analytics_filters": list(service.filters)}


def _icon(service: str, size: int) -> str:
    return f"http://static.bufferapp.com/images/services/{service}-{size}x{size}.png"
