"""Codecs of times, addresses, entries, live entries and profiles.

Entries are encoded by the table of fields (`model.entry_fields`): a new field needs a row there and
no code here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from plancast.codec.reader import CodecError, Reader, is_plain_text
from plancast.model.entry import (
    Address,
    Entry,
    Image,
    Link,
    LiveEntry,
    LiveStatus,
    ThreadItem,
    Video,
)
from plancast.model.entry_fields import (
    ENTRY_FIELDS,
    PARTS,
    AnyField,
    Kind,
    Presence,
    defaults,
    in_documents,
)
from plancast.model.profile import Board, Profile

Plain = dict[str, object]
_T = TypeVar("_T")


def time_to_text(moment: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in UTC, in whole seconds: `2026-12-01T09:00:00Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def entry_to_dict(entry: Entry) -> Plain:
    """Encode an entry. Most fields are left out if they have their defaults (`Presence`)."""
    return _written(Entry, entry)


def entry_digest(entry: Entry) -> str:
    """Return a short digest of an entry: equal for equal entries, in every later version too."""
    return sha256(json.dumps(entry_to_dict(entry), sort_keys=True).encode("ascii")).hexdigest()[:32]


def entry_from_dict(reader: Reader) -> Entry:
    """Decode what `entry_to_dict` returns. Raises CodecError."""
    return _read(Entry, reader)


def optional_entry(reader: Reader) -> Entry | None:
    """Decode an entry; None if it is missing or null."""
    return None if reader.absent else entry_from_dict(reader)


# -- by the table of fields -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _FieldCodec:
    """The codec of one field. The field is left out of a document if its value is `omitted`.

    `absent` is its value if a document lacks it, and `_NEVER` if none may.
    """

    name: str
    row: AnyField
    encode: Callable[[Any], object]
    decode: Callable[[Reader, _FieldCodec], Any]
    default: Any
    omitted: Any
    absent: Any = None


_NEVER = object()
"""Equal to no value, so a field with this `omitted` is always written."""


def _written(owner: type, value: object) -> Plain:
    """Encode an `Entry` or a value inside it, by the table of its class."""
    plain: Plain = {}
    for codec in _CODECS[owner]:
        field_value = getattr(value, codec.name)
        if field_value != codec.omitted:
            plain[codec.name] = codec.encode(field_value)
    return plain


def _read(owner: type[_T], reader: Reader) -> _T:
    """Decode an `Entry` or a value inside it, by the table of its class."""
    values = {}
    mapping = reader.mapping()
    for codec in _CODECS[owner]:
        name = codec.name
        value = mapping.get(name)
        # Most fields of most entries are absent or plain texts: no reader is built for them.
        if value is None and codec.absent is not _NEVER:
            values[name] = codec.absent
        elif codec.decode is _text and is_plain_text(value):
            values[name] = value
        else:
            values[name] = codec.decode(reader.at(name), codec)
    return owner(**values)


def _codecs(owner: type, table: Iterable[AnyField]) -> tuple[_FieldCodec, ...]:
    """Build the codecs of a class from its table, in the order of documents."""
    usual = defaults(owner)
    codecs = (
        _FieldCodec(
            row.name,
            row,
            _ENCODERS[row.kind],
            _DECODERS[row.kind],
            usual.get(row.name),
            usual.get(row.name) if row.presence is Presence.IF_SET else _NEVER,
        )
        for row in in_documents(owner, table)
    )
    return tuple(replace(codec, absent=_absent(codec)) for codec in codecs)


def _absent(codec: _FieldCodec) -> Any:
    """Return what a field is decoded to if it is missing or null; _NEVER if it is required."""
    try:
        return codec.decode(Reader(None), codec)
    except CodecError:
        return _NEVER


def _same(value: object) -> object:
    return value


def _word_to_text(value: Enum | None) -> object:
    return None if value is None else value.value


def _optional(owner: type) -> Callable[[object], Plain | None]:
    return lambda value: None if value is None else _written(owner, value)


def _each(owner: type) -> Callable[[Iterable[object]], list[Plain]]:
    return lambda values: [_written(owner, value) for value in values]


_ENCODERS: Mapping[Kind, Callable[[Any], object]] = {
    Kind.TEXT: _same,
    Kind.NUMBER: _same,
    Kind.FLAG: _same,
    Kind.MOMENT: time_to_text,
    Kind.WORD: _word_to_text,
    Kind.LINK: _optional(Link),
    Kind.IMAGES: _each(Image),
    Kind.VIDEO: _optional(Video),
    Kind.THREAD: _each(ThreadItem),
    Kind.SETTINGS: dict,
    Kind.NAMES: list,
}


def _text(reader: Reader, codec: _FieldCodec) -> str | None:
    if codec.row.presence is Presence.REQUIRED:
        return reader.text()
    return reader.optional_text() if codec.default is None else reader.text(codec.default)


def _word(reader: Reader, codec: _FieldCodec) -> Enum | None:
    assert codec.row.words is not None, "a word has its enumeration"
    default: Enum | None = codec.default
    return default if reader.absent else reader.member(codec.row.words)


def _optional_part(owner: type) -> Callable[[Reader, _FieldCodec], object]:
    return lambda reader, _: None if reader.absent else _read(owner, reader)


def _list(owner: type) -> Callable[[Reader, _FieldCodec], object]:
    return lambda reader, _: reader.items(partial(_read, owner))


_DECODERS: Mapping[Kind, Callable[[Reader, _FieldCodec], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: lambda reader, codec: codec.default if reader.absent else reader.number(),
    Kind.FLAG: lambda reader, codec: reader.flag(codec.default),
    Kind.MOMENT: lambda reader, _: reader.optional_moment(),
    Kind.WORD: _word,
    Kind.LINK: _optional_part(Link),
    Kind.IMAGES: _list(Image),
    Kind.VIDEO: _optional_part(Video),
    Kind.THREAD: _list(ThreadItem),
    Kind.SETTINGS: lambda reader, _: tuple(sorted(reader.pairs(Reader.text_or_flag).items())),
    Kind.NAMES: lambda reader, _: reader.items(Reader.text),
}

_CODECS: Mapping[type, tuple[_FieldCodec, ...]] = {
    Entry: _codecs(Entry, ENTRY_FIELDS),
    **{owner: _codecs(owner, table) for owner, table in PARTS.items()},
}


def live_to_dict(live: LiveEntry) -> Plain:
    """Encode a live entry."""
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
    # Left out if they are not set, so that documents of older versions stay as they were.
    marks: Plain = {"reminder": live.reminder, "sending": live.sending}
    return plain | {name: True for name, is_set in marks.items() if is_set}


def live_from_dict(reader: Reader) -> LiveEntry:
    """Decode what `live_to_dict` returns. Raises CodecError."""
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
        sending=reader.at("sending").flag(False),
    )


def profile_to_dict(profile: Profile) -> Plain:
    """Encode a profile. Fields of later versions are left out if they have their defaults."""
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
    # An unset field leaves no trace, so states of older versions keep their form.
    return plain | {key: value for key, value in more.items() if value}


def profile_from_dict(reader: Reader) -> Profile:
    """Decode what `profile_to_dict` returns. Raises CodecError."""
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
        text_limit=None if limit.absent else limit.number(least=1),
        boards=reader.at("boards").items(_board_from_dict),
        reminders=reader.at("reminders").flag(False),
    )


def _board_from_dict(reader: Reader) -> Board:
    return Board(reader.at("id").name(), reader.at("name").text(""))


def address_from(reader: Reader) -> Address:
    """Decode an address from its printed form. Raises CodecError."""
    try:
        return Address.parse(reader.text())
    except ValueError as error:
        raise CodecError(f"{reader.path}: {error}") from None
