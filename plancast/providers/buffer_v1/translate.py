"""The translation between API v1 and the model, both ways. Pure; recorded answers test it.

`expected` is the harder half: it predicts how an entry reads back after Buffer has rewritten it.
Texts come back trimmed. If a network has no link cards, the link is appended to the text
(docs/buffer/v1.md#text-and-links-on-read-back); if it has, a link becomes a card and the pictures
beside it are dropped (docs/buffer/v1.md#media-on-read-back). Fields that Buffer accepts but never
returns (shortening, cards on or off) have their defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from plancast.model.bounds import MOST, instant, whole_number
from plancast.model.entry import Entry, Image, Link, LiveEntry, LiveStatus, QueuePosition
from plancast.model.limits import Counting, NetworkLimits
from plancast.model.profile import Account, Profile
from plancast.net.transport import Pairs
from plancast.networks.sent_text import place_link, with_link
from plancast.providers.buffer_features import CLASSIC, WITHOUT_CARDS
from plancast.providers.buffer_text import first_url, is_copy, plain
from plancast.providers.buffer_v1.client import Json

_LAST_SECOND = 253_402_300_799
"""The end of the year 9999 in Unix seconds: later dates do not exist in Python."""
_STATUSES = {
    "buffer": LiveStatus.SCHEDULED,
    "error": LiveStatus.FAILED,
    "sent": LiveStatus.PUBLISHED,
    "service": LiveStatus.PUBLISHED,
    "service_reply": LiveStatus.PUBLISHED,
    "notified": LiveStatus.PUBLISHED,
}


class V1Unreadable(ValueError):  # noqa: N818  # an adjective: the object is unreadable
    """An object without an id, or an update without a profile."""


# -- from the wire --------------------------------------------------------------------------------


def account(user: Json) -> Account:
    """Parse a user. Answers of 2013 have no `name`; an absent time zone becomes UTC."""
    return Account(
        id=_id(user),
        name=_text(user, "name"),
        timezone=_text(user, "timezone") or "UTC",
        plan=_text(user, "plan"),
    )


def profile(answer: Json) -> Profile:
    """Parse a profile. Fields may be missing or null; Twitter profiles have no names since 2019.

    See docs/buffer/v1.md#profiles.
    """
    return Profile(
        id=_id(answer),
        service=_text(answer, "service"),
        service_type=_text(answer, "service_type"),
        service_id=_text(answer, "service_id"),
        username=_text(answer, "service_username")
        or _text(answer, "formatted_username").removeprefix("@"),
        timezone=_text(answer, "timezone") or "UTC",
        disconnected=bool(answer.get("disconnected")),
        paused=bool(answer.get("paused")),
    )


def live(update: Json, profile_id: str = "") -> LiveEntry:
    """Parse an update (docs/buffer/v1.md#the-update-object).

    `profile_id` is that of the list it came in, for an update that names none.

    Raises V1Unreadable if it has no id or no profile.
    """
    due_at = _moment(update, "due_at")
    scheduled_at = _moment(update, "scheduled_at")
    identity = _id(update)
    owner = _text(update, "profile_id") or profile_id
    if not owner:
        raise V1Unreadable("an update without a profile")
    return LiveEntry(
        id=identity,
        profile_id=owner,
        entry=Entry(
            text=_words(update),
            # A pinned update holds a slot of its queue: the time is the slot's, not a chosen one.
            due_at=None if update.get("pinned") else scheduled_at,
            link=_link(update),
            images=tuple(_images(update)),
        ),
        status=_STATUSES.get(_text(update, "status"), LiveStatus.SCHEDULED),
        due_at=due_at,
        created_at=_moment(update, "created_at") or _born(identity),
        sent_at=_moment(update, "sent_at"),
        link=_text(update, "service_link"),
        error=plain(update.get("error")),
        fingerprint=_text(update, "text_md5"),
        statistics=_statistics(update.get("statistics")),
    )


def limits(configuration: Json) -> dict[str, NetworkLimits]:
    """Parse the limits of services: the longest text of any of its types, and links in texts."""
    limits_by_service: dict[str, NetworkLimits] = {}
    services = configuration.get("services")
    for name, service in services.items() if isinstance(services, Mapping) else ():
        types = service.get("types") if isinstance(service, Mapping) else None
        every = types.values() if isinstance(types, Mapping) else ()
        kinds = [kind for kind in every if isinstance(kind, Mapping)]
        numbers = [whole_number(kind.get("character_limit"), 1) for kind in kinds]
        lengths = [length for length in numbers if length]
        if lengths:
            in_text = any(kind.get("link_attachments") is False for kind in kinds)
            counting = Counting.TWITTER if name == "twitter" else Counting.CHARACTERS
            limits_by_service[str(name)] = NetworkLimits(
                text=max(lengths), counting=counting, link_in_text=in_text
            )
    return limits_by_service


def _id(answer: Json) -> str:
    """Return the id. Real answers have `_id` and `id`, equal; documented ones only `id`."""
    identity = _text(answer, "id") or _text(answer, "_id")
    if not identity:
        raise V1Unreadable("an object without an id")
    return identity


def _born(identity: str) -> datetime | None:
    """Return the time at which an id was made: its first eight digits are Unix seconds.

    See docs/buffer/v1.md#when-an-id-was-made.
    """
    if not re.fullmatch("[0-9a-f]{24}", identity):
        return None
    return _moment({"made": int(identity[:8], 16)}, "made")


def _text(answer: Json, key: str) -> str:
    """Return a text, "" if there is none; ids of networks may come as numbers."""
    value = answer.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _moment(answer: Json, key: str) -> datetime | None:
    """Parse Unix seconds; 0 stands for no time at all (docs/buffer/v1.md#the-update-object)."""
    value = answer.get(key)
    if isinstance(value, str) and re.fullmatch("[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if not 0 < value <= _LAST_SECOND:
        return None
    return instant(datetime.fromtimestamp(value, UTC))


def _link(update: Json) -> Link | None:
    """Return the link beside the text; None on networks without cards: there it counts as text.

    For those the documentation shows both, recordings only the text
    (docs/buffer/v1.md#text-and-links-on-read-back).
    """
    media = update.get("media")
    url = _text(media, "link") if isinstance(media, Mapping) else ""
    if not isinstance(media, Mapping) or not url or _is_cardless(update):
        return None
    return Link(
        url=url,
        title=_text(media, "title") or None,
        description=_text(media, "description") or None,
        thumbnail=_text(media, "picture") or _text(media, "preview") or None,
    )


def _words(update: Json) -> str:
    """Return the text; on a network without cards, with the link beside it appended.

    The same entry can come back in either form, depending on who appended the link, and must be
    recognized in both (docs/buffer/v1.md#text-and-links-on-read-back).
    """
    text, media = _text(update, "text"), update.get("media")
    url = _text(media, "link") if isinstance(media, Mapping) else ""
    if not url or not _is_cardless(update):
        return text
    return with_link(text, url)


def _is_cardless(update: Json) -> bool:
    return _text(update, "profile_service") in WITHOUT_CARDS


def _images(update: Json) -> Iterable[Image]:
    """Yield the images. They are sent as `photo` and come back as `picture`.

    PHP writes an empty map as a list, and a list with gaps as a map; both are accepted.
    """
    media = update.get("media")
    extra = update.get("extra_media")
    if isinstance(extra, Mapping):
        extra = list(extra.values())
    candidates: list[object] = [media, *(extra if isinstance(extra, list) else ())]
    for item in candidates:
        if not isinstance(item, Mapping) or _text(item, "link"):
            continue
        url = _text(item, "picture") or _text(item, "photo")
        if url:
            alt = _text(item, "alt_text") or None
            yield Image(url, alt, hosted=is_copy(url))


def _statistics(values: object) -> dict[str, int]:
    if not isinstance(values, Mapping):
        return {}
    numbers = ((str(key), whole_number(value, -MOST)) for key, value in values.items())
    return {name: number for name, number in numbers if number is not None}


# -- to the wire ----------------------------------------------------------------------------------


def create_form(entry: Entry, profiles: Sequence[Profile]) -> Pairs:
    """Build the form of a create. `shorten` is always sent: without it, both outcomes are recorded.

    If the entry has a link, callers pass profiles that all have link cards, or that all have none.
    """
    pairs = [("profile_ids[]", profile.id) for profile in profiles]
    pairs.extend(_content(entry, profiles))
    pairs.extend(_media(entry, profiles))
    if entry.due_at is not None:
        pairs.append(("scheduled_at", str(int(entry.due_at.timestamp()))))
    elif entry.queue is QueuePosition.TOP:
        pairs.append(("top", "true"))
    return tuple(pairs)


def update_form(entry: Entry, previous: Entry, profile: Profile) -> Pairs:
    """Build the form of an update: the text always, the rest only if it differs from `previous`.

    See docs/buffer/v1.md#updating-an-update. Media that are not sent are kept, media that are sent
    empty are cleared. A time that is sent empty puts the entry back into the queue.
    """
    pairs = list(_content(entry, [profile]))
    if not _keeps_media(entry, previous):
        media = _media(entry, [profile]) or (("media", ""),)
        pairs.extend(media)
        if not any(name.startswith("extra_media") for name, _ in media):
            pairs.append(("extra_media", ""))
    if entry.due_at is not None:
        pairs.append(("scheduled_at", str(int(entry.due_at.timestamp()))))
    elif previous.due_at is not None:
        pairs.append(("scheduled_at", ""))
        if entry.queue is QueuePosition.TOP:
            pairs.append(("top", "true"))
    return tuple(pairs)


def _content(entry: Entry, profiles: Sequence[Profile]) -> Pairs:
    """Build the fields for the text and its treatment.

    If none of the networks has cards, plancast appends the link to the text itself: documentation
    and recordings contradict each other about whether Buffer would
    (docs/buffer/v1.md#text-and-links-on-read-back). `attachment` is about links in the text; if the
    entry has a link of its own, Buffer could take it to mean that one, so it is true then.
    """
    card = entry.link_card or entry.link is not None
    return (
        ("text", _placed_text(entry, profiles)),
        ("shorten", "true" if entry.shorten else "false"),
        ("attachment", "true" if card else "false"),
    )


def _media(entry: Entry, profiles: Sequence[Profile]) -> Pairs:
    """Build the fields for link and images."""
    pairs: list[tuple[str, str]] = []
    images = entry.images
    link = entry.link
    if link is not None and _no_cards(profiles):
        images = images or _pictured(link)
    elif link is not None:
        images = ()  # the card drops them
        parts = (
            ("link", link.url),
            ("title", link.title),
            ("description", link.description),
            ("picture", link.thumbnail),
        )
        pairs.extend((f"media[{name}]", value) for name, value in parts if value is not None)
    for index, image in enumerate(images):
        name = "media" if index == 0 else f"extra_media[{index - 1}]"
        pairs.append((f"{name}[photo]", image.url))
        if image.alt is not None:
            pairs.append((f"{name}[alt_text]", image.alt))
    return tuple(pairs)


def _keeps_media(entry: Entry, previous: Entry) -> bool:
    """Return whether the media of the queue are the wanted ones, as far as Buffer shows them.

    Buffer does not return alternative texts, so an image that has one is always sent again.
    """
    images = (*entry.images, *previous.images)
    if entry.link is not None or any(image.alt is not None for image in images):
        return False
    if previous.link is not None:
        # A card of the link in the text was made by Buffer and may stay; any other one was asked
        # for by the previous entry or made by a person, and must go.
        if entry.images or not entry.link_card:
            return False
        return not previous.images and previous.link.url == first_url(entry.text)
    return [image.url for image in entry.images] == [image.url for image in previous.images]


def is_mixed(profiles: Sequence[Profile]) -> bool:
    """Return whether some of the networks show link cards and others do not."""
    return len({profile.service in WITHOUT_CARDS for profile in profiles}) > 1


def _no_cards(profiles: Sequence[Profile]) -> bool:
    return all(profile.service in WITHOUT_CARDS for profile in profiles)


# -- what reads back ------------------------------------------------------------------------------


def expected(entry: Entry, profile: Profile) -> Entry:
    """Predict how an entry reads back from Buffer; the docstring of the module has the rules."""
    text, link, images = entry.text, entry.link, entry.images
    if link is not None and profile.service in WITHOUT_CARDS:
        text = _placed_text(entry, [profile])
        images, link = images or _pictured(link), None
    elif link is not None:
        images = ()
    elif not images and entry.link_card and profile.service not in WITHOUT_CARDS:
        url = first_url(text)
        link = Link(url) if url else None
    shown = tuple(Image(image.url) for image in images)
    return Entry(text=text.strip(), due_at=entry.due_at, link=link, images=shown)


def _placed_text(entry: Entry, profiles: Sequence[Profile]) -> str:
    """Return the text for profiles that all have link cards, or that all have none."""
    service = profiles[0].service if profiles else ""
    return place_link(entry, service, CLASSIC.link_cards).text


def _pictured(link: Link) -> tuple[Image, ...]:
    """Return the picture of a link as an image, for networks without a card to show it on."""
    return (Image(link.thumbnail),) if link.thumbnail else ()
