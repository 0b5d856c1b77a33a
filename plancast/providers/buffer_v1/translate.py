"""Between the wire's words and ours. Pure; the recorded answers are its tables.

The hard half is `expected`: what an entry reads back as once Buffer has
rewritten it. Texts are trimmed. Where a network has no link cards the link is
appended to the text (sheet 4.5); where it has, a link makes a card and drops
the pictures beside it (4.6). What is only told to Buffer and never told back
(shortening, cards on or off) holds its default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plancast.core.model import (
    Account,
    Entry,
    Image,
    Link,
    LiveEntry,
    LiveStatus,
    Profile,
    QueuePosition,
)
from plancast.core.networks import NetworkLimits
from plancast.net.transport import Pairs

Json = Mapping[str, Any]

WITHOUT_CARDS = frozenset(
    {"twitter", "instagram", "pinterest", "mastodon", "bluesky", "threads", "appdotnet"}
)
"""Networks that take no link attachment: the link goes into the text (sheet 4.5, `link_attachments`
of the configuration in section 5)."""

_COPIES = re.compile(r"https?://buffer-[a-z-]+\.s3[.-][a-z0-9.-]*amazonaws\.com/")
_URL = re.compile(r"https?://[^\s<>\"]+")
_STATUSES = {
    "buffer": LiveStatus.SCHEDULED,
    "error": LiveStatus.FAILED,
    "sent": LiveStatus.PUBLISHED,
    "service": LiveStatus.PUBLISHED,
    "service_reply": LiveStatus.PUBLISHED,
    "notified": LiveStatus.PUBLISHED,
}


# -- from the wire --------------------------------------------------------------------------------


def account(user: Json) -> Account:
    """`name` came only after 2013; the time zone is told or assumed."""
    return Account(
        id=_id(user),
        name=_text(user, "name"),
        timezone=_text(user, "timezone") or "UTC",
        plan=_text(user, "plan"),
    )


def profile(found: Json) -> Profile:
    """Twitter profiles have had no names since 2019 (sheet 2.2); fields may be missing or null."""
    return Profile(
        id=_id(found),
        service=_text(found, "service"),
        service_type=_text(found, "service_type"),
        service_id=_text(found, "service_id"),
        username=_text(found, "service_username") or _text(found, "formatted_username"),
        timezone=_text(found, "timezone") or "UTC",
        disconnected=bool(found.get("disconnected")),
        paused=bool(found.get("paused")),
    )


def live(update: Json) -> LiveEntry:
    """One update (sheet 3)."""
    due_at = _moment(update, "due_at")
    scheduled_at = _moment(update, "scheduled_at")
    return LiveEntry(
        id=_id(update),
        profile_id=_text(update, "profile_id"),
        entry=Entry(
            text=_text(update, "text"),
            due_at=None if update.get("pinned") else scheduled_at,
            link=_link(update.get("media")),
            images=tuple(_images(update)),
        ),
        status=_STATUSES.get(_text(update, "status"), LiveStatus.SCHEDULED),
        due_at=due_at,
        created_at=_moment(update, "created_at"),
        sent_at=_moment(update, "sent_at"),
        link=_text(update, "service_link"),
        error=_error(update.get("error")),
        fingerprint=_text(update, "text_md5"),
        statistics=_statistics(update.get("statistics")),
    )


def limits(configuration: Json) -> dict[str, NetworkLimits]:
    """The longest text that any type of a service takes, and whether links go into the text."""
    told: dict[str, NetworkLimits] = {}
    services = configuration.get("services")
    for name, service in services.items() if isinstance(services, Mapping) else ():
        types = service.get("types") if isinstance(service, Mapping) else None
        kinds = [kind for kind in (types or {}).values() if isinstance(kind, Mapping)]
        lengths = [kind["character_limit"] for kind in kinds if _is_number(kind, "character_limit")]
        if lengths:
            in_text = any(kind.get("link_attachments") is False for kind in kinds)
            told[str(name)] = NetworkLimits(text=max(lengths), link_in_text=in_text)
    return told


def _is_number(kind: Json, key: str) -> bool:
    return isinstance(kind.get(key), int) and kind[key] > 0


def _id(found: Json) -> str:
    """Stored objects carry `_id` and `id`, equal; examples in the documentation only `id`."""
    return _text(found, "id") or _text(found, "_id")


def _text(found: Json, key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _moment(found: Json, key: str) -> datetime | None:
    """Unix seconds; 0 stands for no time at all (sheet 3, `due_at`)."""
    value = found.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    return datetime.fromtimestamp(value, UTC)


def _link(media: object) -> Link | None:
    if not isinstance(media, Mapping) or not _text(media, "link"):
        return None
    return Link(
        url=_text(media, "link"),
        title=_text(media, "title") or None,
        description=_text(media, "description") or None,
        thumbnail=_text(media, "picture") or _text(media, "preview") or None,
    )


def _images(update: Json) -> Iterable[Image]:
    """`photo` is what was sent, `picture` what is told back; an empty map can come as a list."""
    media = update.get("media")
    extra = update.get("extra_media")
    found: list[object] = [media, *(extra if isinstance(extra, list) else ())]
    for item in found:
        if not isinstance(item, Mapping) or _text(item, "link"):
            continue
        url = _text(item, "picture") or _text(item, "photo")
        if url:
            alt = _text(item, "alt_text") or None
            yield Image(url, alt, hosted=_COPIES.match(url) is not None)


def _error(found: object) -> str:
    if isinstance(found, Mapping):
        return _text(found, "text")
    return found if isinstance(found, str) else ""


def _statistics(found: object) -> dict[str, int]:
    if not isinstance(found, Mapping):
        return {}
    return {
        str(key): value
        for key, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


# -- to the wire ----------------------------------------------------------------------------------


def create_form(entry: Entry, profiles: Sequence[Profile]) -> Pairs:
    """The form of a create. `shorten` is always said: left out, both outcomes were recorded."""
    pairs = [("profile_ids[]", profile.id) for profile in profiles]
    pairs.extend(_content(entry))
    pairs.extend(_media(entry))
    if entry.due_at is not None:
        pairs.append(("scheduled_at", str(int(entry.due_at.timestamp()))))
    elif entry.queue is QueuePosition.TOP:
        pairs.append(("top", "true"))
    return tuple(pairs)


def update_form(entry: Entry, previous: Entry) -> Pairs:
    """The form of an update: text always, media kept, replaced or cleared (sheet 2.6)."""
    pairs = list(_content(entry))
    if not _keeps_media(entry, previous):
        pairs.extend(_media(entry) or _cleared(previous))
        if len(previous.images) > 1 and len(entry.images) < 2:
            pairs.append(("extra_media", ""))
    if entry.due_at is not None:
        pairs.append(("scheduled_at", str(int(entry.due_at.timestamp()))))
    elif previous.due_at is not None:
        pairs.append(("scheduled_at", ""))
    return tuple(pairs)


def _content(entry: Entry) -> Pairs:
    return (
        ("text", entry.text),
        ("shorten", "true" if entry.shorten else "false"),
        ("attachment", "true" if entry.link_card else "false"),
    )


def _media(entry: Entry) -> Pairs:
    pairs: list[tuple[str, str]] = []
    if entry.link is not None:
        parts = (
            ("link", entry.link.url),
            ("title", entry.link.title),
            ("description", entry.link.description),
            ("picture", entry.link.thumbnail if not entry.images else None),
        )
        pairs.extend((f"media[{name}]", value) for name, value in parts if value is not None)
    for index, image in enumerate(entry.images):
        name = "media" if index == 0 else f"extra_media[{index - 1}]"
        pairs.append((f"{name}[photo]", image.url))
        if image.alt is not None:
            pairs.append((f"{name}[alt_text]", image.alt))
    return tuple(pairs)


def _keeps_media(entry: Entry, previous: Entry) -> bool:
    """Whether what is there is what is wanted, as far as it is told."""
    if entry.link is not None or any(image.alt is not None for image in entry.images):
        return False
    grown = previous.link is not None and entry.link_card and previous.link.url in entry.text
    if previous.link is not None and not grown:
        return False
    return [image.url for image in entry.images] == [image.url for image in previous.images]


def _cleared(previous: Entry) -> Pairs:
    return (("media", ""),) if previous.link or previous.images else ()


# -- what reads back ------------------------------------------------------------------------------


def expected(entry: Entry, profile: Profile) -> Entry:
    """The entry as Buffer will show it; see the essay."""
    text, link, images = entry.text, entry.link, entry.images
    if link is not None and profile.service in WITHOUT_CARDS:
        text = text if link.url in text else f"{text} {link.url}"
        if not images and link.thumbnail:
            images = (Image(link.thumbnail),)
        link = None
    elif link is not None:
        images = ()
    elif not images and entry.link_card and profile.service not in WITHOUT_CARDS:
        found = _URL.search(text)
        link = Link(found.group()) if found else None
    return Entry(text=text.strip(), due_at=entry.due_at, link=link, images=images)
