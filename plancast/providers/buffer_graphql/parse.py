"""The parser of answers: JSON of the wire becomes values of the model. Pure.

It is lenient: unknown words and types are skipped, and missing fields get defaults, so a new
feature of Buffer breaks no run. Only an object without an identity is refused (Unreadable).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from plancast.model.bounds import instant, whole_number
from plancast.model.entry import Entry, Image, Link, LiveEntry, LiveStatus, Stage, ThreadItem, Video
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Account, Board, Profile
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_graphql import metadata
from plancast.providers.buffer_graphql.responses import Json
from plancast.providers.buffer_text import is_copy, plain

LONG_POSTS = frozenset({"basic", "premium", "premiumplus"})
"""Subscriptions to X with which a post may be longer (docs/networks.md#texts)."""

_SENDING = "sending"
_STATUSES = {
    "scheduled": LiveStatus.SCHEDULED,
    _SENDING: LiveStatus.SCHEDULED,
    "draft": LiveStatus.SCHEDULED,
    "needs_approval": LiveStatus.SCHEDULED,
    "error": LiveStatus.FAILED,
    "sent": LiveStatus.PUBLISHED,
}
_STAGES = {"draft": Stage.DRAFT, "needs_approval": Stage.NEEDS_APPROVAL}


class Unreadable(ValueError):  # noqa: N818  # an adjective: the object is unreadable
    """An object without an id, or a post without a channel."""


def account(answer: Json) -> Account:
    """Parse the account that the key belongs to, which may have several organizations."""
    return Account(
        id=_id(answer),
        name=_text(answer, "name") or _text(answer, "email"),
        timezone=_text(answer, "timezone") or "UTC",
    )


def profile(channel: Json) -> Profile:
    """Parse a channel (docs/buffer/graphql.md#channels)."""
    own = _mapping(channel, "metadata")
    shortening = _mapping(channel, "linkShortening")
    domain = _text(_mapping(shortening, "config"), "domain") or "yes"
    boards = (item for item in _list(own, "boards") if _text(item, "serviceId"))
    return Profile(
        id=_id(channel),
        service=_text(channel, "service"),
        service_type=_text(channel, "type"),
        service_id=_text(channel, "serviceId"),
        username=(_text(channel, "name") or _text(channel, "displayName")).removeprefix("@"),
        timezone=_text(channel, "timezone") or "UTC",
        disconnected=channel.get("isDisconnected") is True,
        paused=channel.get("isQueuePaused") is True,
        locked=channel.get("isLocked") is True,
        shortens=domain if shortening.get("isEnabled") is True else "",
        text_limit=_text_limit(own, _text(channel, "service")),
        boards=tuple(Board(_text(item, "serviceId"), _text(item, "name")) for item in boards),
        reminders=own.get("defaultToReminders") is True,
    )


def limits(services: Sequence[Json]) -> dict[str, NetworkLimits]:
    """Parse the longest text of each network that we know, of whatever kind the post is."""
    longest: dict[str, int] = {}
    for one in services:
        service = _text(one, "service")
        for content in _list(one, "content"):
            for rule in _list(content, "rules"):
                length = whole_number(rule.get("maxLength"), 1)
                if service in NETWORKS and rule.get("property") == "text" and length is not None:
                    longest[service] = max(length, longest.get(service, 0))
    return {service: NetworkLimits(length) for service, length in longest.items()}


def live(post: Json, ownership: str = "") -> LiveEntry:
    """Parse a post (docs/buffer/graphql.md#posts-on-read-back).

    `ownership` is the tag by which plancast marks its posts; it is left out of the entry. An error
    beside the status `sending` may go away again, so it is no reason why the post failed.

    Raises Unreadable if the post has no id or no channel.
    """
    owner = _text(post, "channelId")
    if not owner:
        raise Unreadable("a post without a channel")
    status = _text(post, "status")
    due_at = _moment(post, "dueAt")
    # Only a chosen time belongs to the entry; that of a queue slot is Buffer's.
    chosen = post.get("isCustomScheduled") is True or post.get("shareMode") == "customScheduled"
    return LiveEntry(
        id=_id(post),
        profile_id=owner,
        entry=_entry(post, due_at if chosen else None, ownership),
        status=_STATUSES.get(status, LiveStatus.SCHEDULED),
        due_at=due_at,
        created_at=_moment(post, "createdAt"),
        sent_at=_moment(post, "sentAt"),
        link=_text(post, "externalLink"),
        error="" if status == _SENDING else _failure(_mapping(post, "error")),
        statistics=_statistics(_list(post, "metrics"), _text(post, "channelService")),
        reminder=post.get("schedulingType") == "notification",
        sending=status == _SENDING,
    )


def _failure(error: Json) -> str:
    """Return why a post failed. `rawError` names the cause if `message` is a general one."""
    message, raw = plain(error.get("message")), plain(error.get("rawError"))
    if not raw or raw in message:
        return message
    return f"{message.rstrip('.')}: {raw}" if message else raw


def _entry(post: Json, due_at: datetime | None, ownership: str) -> Entry:
    own = _mapping(post, "metadata")
    settings = metadata.parse_settings(own)
    service = _text(post, "channelService") or metadata.service_of(own)
    # The first part of a thread repeats the post itself.
    parts = _list(own, "thread")
    assets = _list(post, "assets") or (_list(parts[0], "assets") if parts else [])
    tags = {_text(tag, "name") for tag in _list(post, "tags")} - {"", ownership}
    return Entry(
        text=_text(post, "text"),
        due_at=due_at,
        link=_card(_mapping(own, "linkAttachment")) or _button(settings.button_url),
        images=tuple(_images(assets)),
        video=_video(assets, service),
        thread=tuple(_thread_item(part, service) for part in parts[1:]),
        first_comment=_text(own, "firstComment"),
        metadata=settings.settings,
        tags=tuple(sorted(tags)),
        stage=_STAGES.get(_text(post, "status"), Stage.SCHEDULED),
    )


def _thread_item(part: Json, service: str) -> ThreadItem:
    own = _mapping(_mapping(part, "metadata"), metadata.wire_name(service))
    return ThreadItem(
        _text(part, "text"),
        tuple(_images(_list(part, "assets"))),
        _card(_mapping(own, "linkAttachment")),
    )


def _card(attachment: Json) -> Link | None:
    url = _text(attachment, "url")
    if not url:
        return None
    return Link(
        url=url,
        title=_text(attachment, "title") or None,
        description=_text(attachment, "text") or None,
        thumbnail=_text(attachment, "thumbnail") or None,
    )


def _button(url: str) -> Link | None:
    return Link(url) if url else None


def _images(assets: Sequence[Json]) -> Iterable[Image]:
    """Yield the images. An alternative text "" counts as unknown: networks without any send it too.

    See docs/buffer/graphql.md#posts-on-read-back.
    """
    for item in assets:
        url = _text(item, "source")
        if url and _kind(item) == "image":
            alt = _text(_mapping(item, "image"), "altText") or None
            yield Image(url, alt, hosted=is_copy(url))


def _video(assets: Sequence[Json], service: str) -> Video | None:
    videos = (item for item in assets if _kind(item) == "video" and _text(item, "source"))
    asset = next(videos, {})
    url, about = _text(asset, "source"), _mapping(asset, "video")
    if not url:
        return None
    cover = about.get("thumbnailOffset") if service in metadata.COVERED else None
    return Video(
        url=url,
        title=_text(about, "title") or None,
        cover_ms=whole_number(cover),
        hosted=is_copy(url),
    )


def _kind(asset: Json) -> str:
    return _text(asset, "type") or _text(asset, "__typename").removesuffix("Asset").lower()


def _text_limit(own: Json, service: str) -> int | None:
    """Return the limit that Mastodon's server reports, or that X gives by subscription.

    None if the answer says nothing about either. An account of X without a subscription is known
    to have the usual limit.
    """
    reported = whole_number(own.get("maxCharacters"), 1)
    if reported is not None:
        return reported
    plan = re.sub("[^a-z]", "", _text(own, "subscriptionType").replace("+", "plus").lower())
    network = NETWORKS.get(service)
    if "subscriptionType" not in own or network is None or network.text.for_subscribers is None:
        return None
    return network.text.for_subscribers if plan in LONG_POSTS else network.text.longest


LIKES_AS_REACTIONS = frozenset({"instagram", "tiktok"})
"""Networks whose likes come as `reactions` (docs/buffer/graphql.md#posts-on-read-back). Elsewhere a
reaction may be something else than a like, so both names stay."""


def _statistics(metrics: Sequence[Json], service: str) -> dict[str, int]:
    """Return the whole numbers by their type; rates and other fractions are left out."""
    counts: dict[str, int] = {}
    for item in metrics:
        name, value = _text(item, "type") or _text(item, "name"), item.get("value")
        # 0.5 stands for "no number": it fails the test below. Beyond 2**53 floats skip integers.
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0.5
        if name and abs(number) < 2**53 and number == int(number):
            counts[name] = int(number)
    if service in LIKES_AS_REACTIONS and "reactions" in counts:
        reactions = counts.pop("reactions")
        counts.setdefault("likes", reactions)
    return counts


def _id(answer: Json) -> str:
    identity = _text(answer, "id")
    if not identity:
        raise Unreadable("an object without an id")
    return identity


def _text(answer: Json, key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def _mapping(answer: Json, key: str) -> Json:
    value = answer.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(answer: Json, key: str) -> list[Json]:
    value = answer.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _moment(answer: Json, key: str) -> datetime | None:
    """Parse a DateTime into whole seconds; the service sends UTC with milliseconds.

    See docs/buffer/graphql.md#enums-and-scalars.
    """
    try:
        return instant(datetime.fromisoformat(_text(answer, key)))
    except ValueError:
        return None
