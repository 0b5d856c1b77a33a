"""Assets and metadata as the API shows them.

The real service finds the size of an image and the length of a video by reading the file. The
sandbox fetches nothing, so these numbers are always the same. That a post without a thread shows an
empty one is an assumption of ours.
"""

from collections.abc import Callable, Mapping
from typing import Any

from plancast.sandbox import compose, media, text
from plancast.sandbox.graphql import boards, rules
from plancast.sandbox.graphql.post_input import Json, Piece
from plancast.sandbox.services import GRAPHQL_SERVICES
from plancast.sandbox.settings import Settings
from plancast.sandbox.values import Profile

_MIME = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif"}

_PASSED_ON = 1_767_225_600
"""When the posts on X went out that posts of the sandbox pass on: the first second of 2026."""

Shown = dict[str, Any]


def assets(listed: tuple[Json, ...] | list[Json], settings: Settings) -> list[Shown]:
    """Return images, videos and documents, in their order."""
    return [_SHOWN[asset["kind"]](asset, settings) for asset in listed if asset["kind"] in _SHOWN]


def _image(asset: Json, settings: Settings) -> Shown:
    """Return an image as the API shows it."""
    suffix = media.suffix_of(asset["url"])
    image = {
        "altText": asset.get("altText", ""),
        "animatedThumbnail": asset.get("animatedThumbnail"),
        "height": 630,
        "isAnimated": suffix == "gif",
        "userTags": asset.get("userTags"),
        "width": 1200,
    }
    source = asset["url"]
    if settings.rehost_images:
        source = compose.rehosted(source)["picture"]
    thumbnail = asset.get("thumbnailUrl", source)
    return _asset("ImageAsset", source, thumbnail, _MIME.get(suffix, "image/jpeg"), image=image)


def _video(asset: Json, _settings: Settings) -> Shown:
    """Return a video as the API shows it."""
    video = {
        "durationMs": 15_000,
        "height": 1920,
        "isTranscodingRequired": False,
        "isVideoProcessing": False,
        "thumbnailOffset": asset.get("thumbnailOffset"),
        "title": asset.get("title"),
        "width": 1080,
    }
    return _asset("VideoAsset", asset["url"], f"{asset['url']}.jpg", "video/mp4", video=video)


def _document(asset: Json, _settings: Settings) -> Shown:
    thumbnail = asset["thumbnailUrl"]
    document = {"numPages": 1, "thumbnails": [thumbnail], "title": asset.get("title")}
    kind = "application/pdf"
    return _asset("DocumentAsset", asset["url"], thumbnail, kind, document=document)


def _asset(name: str, source: str, thumbnail: str, mime: str, **inside: Shown) -> Shown:
    kind = next(iter(inside))
    shown = {"id": None, "mimeType": mime, "source": source, "thumbnail": thumbnail, "type": kind}
    return {"__typename": name, **shown, **inside}


_SHOWN: Mapping[str, Callable[[Json, Settings], Shown]] = {
    "image": _image,
    "video": _video,
    "document": _document,
}


# --- metadata -----------------------------------------------------------------------------------


def metadata(piece: Piece, owner: Profile, settings: Settings) -> Shown | None:
    """Return the metadata of a post: always present, and of the type that its service has."""
    sent = piece.metadata
    many = len(piece.thread) > 1
    shown: Shown = {
        **sent,
        "annotations": [],
        "type": sent.get("type") or ("thread" if many else "post"),
    }
    network = GRAPHQL_SERVICES[owner.service]
    if network.threaded:
        shown["thread"] = [_part(part, owner, settings) for part in piece.thread]
        shown["threadCount"] = len(piece.thread)
    if network.link_card:
        shown["linkAttachment"] = link(sent.get("linkAttachment"))
    add = _METADATA.get(owner.service, _plain)
    return {"__typename": network.metadata, **shown, **add(sent, owner)}


def _part(part: Json, owner: Profile, settings: Settings) -> Shown:
    card = link(part.get("link"))
    return {
        "text": part["text"],
        "assets": assets(part["assets"], settings),
        "linkAttachment": card,  # until 2026-12-15, beside its new place
        "metadata": {owner.service: {"linkAttachment": card}} if card else None,
    }


def link(attachment: Json | None) -> Shown | None:
    """Return a link card: the values that were sent, and else those of the page itself."""
    if attachment is None:
        return None
    own_words = {
        key: str(attachment[key]) for key in ("title", "description") if attachment.get(key)
    }
    picture = (attachment.get("thumbnail") or {}).get("url")
    card = compose.card({"link": attachment["url"], **own_words})
    thumbnail = picture or card.get("preview")
    return {
        "expandedUrl": card["expanded_link"],
        "text": card.get("description", ""),
        "thumbnail": thumbnail,
        "thumbnails": [thumbnail] if thumbnail else [],
        "title": card.get("title") or text.address(attachment["url"]).hostname or "",
        "url": attachment["url"],
    }


def _plain(_values: Json, _owner: Profile) -> Shown:
    return {}


def _generated(values: Json, _owner: Profile) -> Shown:
    return {"isAiGenerated": values.get("isAiGenerated", False)}


def _instagram(values: Json, owner: Profile) -> Shown:
    feed = values.get("shouldShareToFeed", True)
    return {"shouldShareToFeed": feed, **_generated(values, owner)}


def _twitter(values: Json, owner: Profile) -> Shown:
    """Return the metadata of a post on X. The sandbox makes up the post that it passes on."""
    sent = values.get("retweet")
    author = {"avatar": "https://x.example/a.png", "name": "Acme", "username": "acme"}
    retweet = sent and {
        "id": sent["id"],
        "text": f"The post {sent['id']}",
        "thumbnails": [],
        "url": f"https://twitter.com/i/status/{sent['id']}",
        "user": author,
        "createdAt": _PASSED_ON,
    }
    return {"retweet": retweet, **_generated(values, owner)}


def _pinterest(values: Json, owner: Profile) -> Shown:
    return {"board": boards.named(owner, values.get("boardServiceId", ""))}


def _youtube(values: Json, owner: Profile) -> Shown:
    """Return the metadata of a YouTube post, with the defaults of the network."""
    category = values.get("categoryId")
    return {
        "type": values.get("type", "short"),
        "category": {"categoryId": category, "title": f"Category {category}"} if category else None,
        "embeddable": values.get("embeddable", True),
        "license": values.get("license", "youtube"),
        "madeForKids": values.get("madeForKids", False),
        "notifySubscribers": values.get("notifySubscribers", True),
        "privacy": values.get("privacy", "public"),
        **_generated(values, owner),
    }


_GOOGLE_DETAILS = {
    "whats_new": "GoogleBusinessWhatsNewMetaData",
    "offer": "GoogleBusinessOfferMetaData",
    "event": "GoogleBusinessEventMetaData",
}


def _google(values: Json, _owner: Profile) -> Shown:
    """Return the metadata of a Google post.

    One of v1 has a link at most, which its button opens.
    """
    kind = values.get("type", "whats_new")
    details = dict(values.get(rules.DETAILS[kind], {}))
    if "v1_link" in values and not details:
        details = {"button": "learn_more", "link": values["v1_link"]}
    if kind != "offer":
        details.setdefault("button", "none")
    shown = {"__typename": _GOOGLE_DETAILS[kind], **details}
    return {"type": kind, "details": shown}


_METADATA: Mapping[str, Callable[[Json, Profile], Shown]] = {
    "googlebusiness": _google,
    "instagram": _instagram,
    "pinterest": _pinterest,
    "tiktok": _generated,
    "twitter": _twitter,
    "youtube": _youtube,
}
"""The values that a network shows beside those that were sent."""
