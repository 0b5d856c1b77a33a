"""The nouns as plain dicts: times, entries, profiles, what is live."""

from __future__ import annotations

from datetime import UTC, datetime

from plancast.codec.reader import CodecError, Reader
from plancast.model.entry import (
    Address,
    Entry,
    Image,
    Link,
    LiveEntry,
    LiveStatus,
    QueuePosition,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.profile import Board, Profile

Plain = dict[str, object]


def time_to_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with Z, whole seconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def entry_to_dict(entry: Entry) -> Plain:
    """`{text, due_at, link, images, queue, shorten, link_card}`, and the rest where it is set."""
    plain: Plain = {
        "text": entry.text,
        "due_at": time_to_text(entry.due_at),
        "link": _link_to_dict(entry.link) if entry.link else None,
        "images": [_image_to_dict(image) for image in entry.images],
        "queue": entry.queue.value if entry.queue else None,
        "shorten": entry.shorten,
        "link_card": entry.link_card,
    }
    more: Plain = {
        "video": _video_to_dict(entry.video) if entry.video else None,
        "thread": [
            {"text": item.text, "images": [_image_to_dict(image) for image in item.images]}
            for item in entry.thread
        ],
        "first_comment": entry.first_comment,
        "metadata": dict(entry.metadata),
        "tags": list(entry.tags),
        "stage": "" if entry.stage is Stage.SCHEDULED else entry.stage.value,
    }
    return plain | {key: value for key, value in more.items() if value}


def entry_from_dict(reader: Reader) -> Entry:
    """The reverse of `entry_to_dict`."""
    queue = reader.at("queue")
    link = reader.at("link")
    video = reader.at("video")
    stage = reader.at("stage")
    return Entry(
        text=reader.at("text").text(),
        due_at=reader.at("due_at").optional_moment(),
        link=None if link.absent else _link_from_dict(link),
        images=reader.at("images").items(_image_from_dict),
        queue=None if queue.absent else queue.member(QueuePosition),
        shorten=reader.at("shorten").flag(False),
        link_card=reader.at("link_card").flag(True),
        video=None if video.absent else _video_from_dict(video),
        thread=reader.at("thread").items(_item_from_dict),
        first_comment=reader.at("first_comment").text(""),
        metadata=tuple(sorted(reader.at("metadata").pairs(Reader.text_or_flag).items())),
        tags=reader.at("tags").items(Reader.text),
        stage=Stage.SCHEDULED if stage.absent else stage.member(Stage),
    )


def optional_entry(reader: Reader) -> Entry | None:
    """An entry or nothing."""
    return None if reader.absent else entry_from_dict(reader)


def _link_to_dict(link: Link) -> Plain:
    return {
        "url": link.url,
        "title": link.title,
        "description": link.description,
        "thumbnail": link.thumbnail,
    }


def _link_from_dict(reader: Reader) -> Link:
    return Link(
        url=reader.at("url").text(),
        title=reader.at("title").optional_text(),
        description=reader.at("description").optional_text(),
        thumbnail=reader.at("thumbnail").optional_text(),
    )


def _image_to_dict(image: Image) -> Plain:
    plain: Plain = {"url": image.url, "alt": image.alt}
    if image.file:
        plain["file"] = image.file
    if image.hosted:
        plain["hosted"] = True
    return plain


def _image_from_dict(reader: Reader) -> Image:
    return Image(
        url=reader.at("url").text(""),
        alt=reader.at("alt").optional_text(),
        file=reader.at("file").text(""),
        hosted=reader.at("hosted").flag(False),
    )


def _video_to_dict(video: Video) -> Plain:
    plain: Plain = {"url": video.url, "title": video.title, "cover_ms": video.cover_ms}
    if video.hosted:
        plain["hosted"] = True
    return plain


def _video_from_dict(reader: Reader) -> Video:
    cover = reader.at("cover_ms")
    return Video(
        url=reader.at("url").text(),
        title=reader.at("title").optional_text(),
        cover_ms=None if cover.absent else cover.number(),
        hosted=reader.at("hosted").flag(False),
    )


def _item_from_dict(reader: Reader) -> ThreadItem:
    return ThreadItem(reader.at("text").text(""), reader.at("images").items(_image_from_dict))


def live_to_dict(live: LiveEntry) -> Plain:
    """All of a live entry."""
    plain: Plain = {
        "id": live.id,
        "profile_id": live.profile_id,
        "entry": entry_to_dict(live.entry),
        "status": live.status.value,
        "due_at": time_to_text(live.due_at),
        "created_at": time_to_text(live.created_at),
        "sent_at": time_to_text(live.sent_at),
        "link": live.link,
        "error": live.error,
        "fingerprint": live.fingerprint,
        "statistics": dict(live.statistics),
    }
    return plain | {"reminder": True} if live.reminder else plain


def live_from_dict(reader: Reader) -> LiveEntry:
    """The reverse of `live_to_dict`."""
    return LiveEntry(
        id=reader.at("id").name(),
        profile_id=reader.at("profile_id").name(),
        entry=entry_from_dict(reader.at("entry")),
        status=reader.at("status").member(LiveStatus),
        due_at=reader.at("due_at").optional_moment(),
        created_at=reader.at("created_at").optional_moment(),
        sent_at=reader.at("sent_at").optional_moment(),
        link=reader.at("link").text(""),
        error=reader.at("error").text(""),
        fingerprint=reader.at("fingerprint").text(""),
        statistics=reader.at("statistics").pairs(Reader.number),
        reminder=reader.at("reminder").flag(False),
    )


def profile_to_dict(profile: Profile) -> Plain:
    """All of a profile."""
    plain: Plain = {
        "id": profile.id,
        "service": profile.service,
        "service_type": profile.service_type,
        "service_id": profile.service_id,
        "username": profile.username,
        "timezone": profile.timezone,
        "disconnected": profile.disconnected,
        "paused": profile.paused,
    }
    more: Plain = {
        "locked": profile.locked,
        "shortens": profile.shortens,
        "text_limit": profile.text_limit,
        "boards": [{"id": board.id, "name": board.name} for board in profile.boards],
        "reminders": profile.reminders,
    }
    return plain | {key: value for key, value in more.items() if value}


def profile_from_dict(reader: Reader) -> Profile:
    """The reverse of `profile_to_dict`."""
    limit = reader.at("text_limit")
    return Profile(
        id=reader.at("id").name(),
        service=reader.at("service").text(),
        service_type=reader.at("service_type").text(""),
        service_id=reader.at("service_id").text(""),
        username=reader.at("username").text(""),
        timezone=reader.at("timezone").text("UTC"),
        disconnected=reader.at("disconnected").flag(False),
        paused=reader.at("paused").flag(False),
        locked=reader.at("locked").flag(False),
        shortens=reader.at("shortens").text(""),
        text_limit=None if limit.absent else limit.number(),
        boards=reader.at("boards").items(_board_from_dict),
        reminders=reader.at("reminders").flag(False),
    )


def _board_from_dict(reader: Reader) -> Board:
    return Board(reader.at("id").name(), reader.at("name").text(""))


def address_from(reader: Reader) -> Address:
    """An address from its printed form."""
    try:
        return Address.parse(reader.text())
    except ValueError as error:
        raise CodecError(f"{reader.path}: {error}") from None
