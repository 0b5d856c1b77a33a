"""Settings of networks, both ways. Pure.

`Entry.metadata` holds what an author asked for, by our names; the wire has a type for each network,
and some of its fields are required (docs/buffer/graphql.md#settings-of-networks). What nobody asked
for is sent as Buffer's own default where something must be sent, and is left out of what is read: a
default must not look like somebody's wish. So there is one form in which both sides are compared,
`canonical`.

A Google Business post of the kind "what's new" shows its link on a button. That is what an
entry's link is there, and a link of the settings on the button "learn more" is the same thing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plancast.model.entry import Setting
from plancast.model.profile import Profile
from plancast.networks.registry import NETWORKS
from plancast.providers.buffer_graphql.wire_networks import ROWS, settings_of

Json = Mapping[str, Any]
Value = str | bool

GOOGLE = "googlebusiness"
COVERED = frozenset(name for name, network in NETWORKS.items() if network.videos.cover)
"""Networks whose videos take a cover (docs/buffer/graphql.md#creating-posts)."""
_WHATS_NEW = "whats_new"
_LEARN_MORE = "learn_more"

_NEEDED = frozenset({"board", "category"})
"""What a post cannot be without, so that there is no undoing it."""

_GOOGLE_DEFAULTS: Mapping[str, Value] = {"type": _WHATS_NEW, "button": "none", "full_day": False}

_SERVICES: Mapping[str, str] = {row.typename: name for name, row in ROWS.items()}

_GALLERIES = {"carousel": "post"}
"""A post of several pictures may read back as what it became."""


@dataclass(frozen=True, slots=True)
class Told:
    """Settings in their one form, and the address that stands on a button."""

    settings: tuple[Setting, ...]
    button_url: str = ""


# -- to the wire ----------------------------------------------------------------------------------


def wire_name(service: str) -> str:
    """The key of a network in PostInputMetaData."""
    row = ROWS.get(service)
    return (row.key if row else "") or service


def settings_input(
    settings: tuple[Setting, ...],
    profile: Profile,
    link_url: str = "",
    held: Collection[str] = (),
) -> dict[str, Any]:
    """The fields for the wire, required ones and defaults that must be said among them.

    `held` are the names of settings that a post has now: what nobody asks for any more is undone,
    since an edit may keep what it leaves out (docs/buffer/graphql.md#editing-posts).
    """
    asked = dict(settings)
    if profile.service == GOOGLE:
        return _google_input(asked, link_url)
    fields: dict[str, Any] = {}
    for field in settings_of(profile.service):
        value = asked.get(field.name)
        if field.name == "board" and value is not None:
            value = board_id(str(value), profile)
        if value is not None:
            fields[field.wire] = value
        elif field.sent:
            fields[field.wire] = field.default
        elif field.name in held and field.name not in _NEEDED:
            fields[field.wire] = field.default if field.default != "" else None
    return fields


def board_id(asked: str, profile: Profile) -> str:
    """The id of a board that is asked for by its id or its name; what nobody knows is an id."""
    for key in (lambda text: text, str.casefold):
        for board in profile.boards:
            if key(asked) in (board.id, key(board.name)):
                return board.id
    return asked


def _google_input(asked: Mapping[str, Value], link_url: str) -> dict[str, Any]:
    """All fields of the kind: an edit keeps the others (docs/buffer/graphql.md#editing-posts)."""
    kind, button, url = _google_parts(asked, link_url)
    title = asked.get("title")
    fields = {"type": kind, "title": title}
    if kind not in ("event", "offer"):
        return {**fields, "detailsWhatsNew": {"button": button, "link": url or None}}
    details = {
        "title": title,
        "link": url or None,
        "startDate": asked.get("start"),
        "endDate": asked.get("end"),
    }
    if kind == "offer":
        own = {"code": asked.get("code"), "terms": asked.get("terms")}
        return {**fields, "detailsOffer": {**details, **own}}
    own = {"button": button, "isFullDayEvent": asked.get("full_day", False)}
    return {**fields, "detailsEvent": {**details, **own}}


def _google_parts(asked: Mapping[str, Value], link_url: str) -> tuple[Value, Value, str]:
    """Kind, button and address. An address without a button gets one."""
    kind = asked.get("type", _WHATS_NEW)
    url = str(asked.get("link") or link_url)
    standard = _LEARN_MORE if url and kind == _WHATS_NEW else "none"
    return kind, asked.get("button") or standard, url


# -- from the wire --------------------------------------------------------------------------------


def service_of(metadata: Json) -> str:
    """The network that metadata are of, by the name of their type; "" for a new one."""
    return _SERVICES.get(str(metadata.get("__typename")), "")


def told(metadata: Json) -> Told:
    """Settings as they are read, defaults left out. Unknown types have none."""
    service = service_of(metadata)
    if service == GOOGLE:
        return canonical(_google_told(metadata), Profile("", service))
    found: dict[str, Value] = {}
    for field in settings_of(service):
        if field.name in ("board", "category"):
            value = _identity(metadata.get(field.name), field.name)
        else:
            value = metadata.get(field.wire)
        if isinstance(value, str | bool):
            found[field.name] = value
    return canonical(tuple(found.items()), Profile("", service))


def canonical(settings: tuple[Setting, ...], profile: Profile, link_url: str = "") -> Told:
    """Settings in the form in which both sides are compared: sorted, without what is default."""
    found = dict(settings)
    button_url = ""
    if profile.service == GOOGLE:
        kind, button, url = _google_parts(found, link_url)
        if kind == _WHATS_NEW and button == _LEARN_MORE and url:
            button_url = url
            found.pop("link", None)
            found.pop("button", None)
        elif url:
            found["link"] = url
        defaults: Mapping[str, Value] = _GOOGLE_DEFAULTS
    else:
        defaults = {field.name: field.default for field in settings_of(profile.service)}
    plain = ((name, _plain(name, value, profile)) for name, value in found.items())
    kept = (pair for pair in plain if pair[1] not in ("", defaults.get(pair[0], "")))
    return Told(tuple(sorted(kept)), button_url)


def _plain(name: str, value: Value, profile: Profile) -> Value:
    if isinstance(value, bool):
        return value
    if name == "type":
        return _GALLERIES.get(value, value)
    if name == "board":
        return board_id(value, profile)
    if name in ("start", "end"):
        return _instant(value)
    return value.strip()


def _instant(text: str) -> str:
    """A time as the same text, however it was written; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
        known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return known.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return text


def _identity(found: object, name: str) -> object:
    key = {"board": "serviceId", "category": "categoryId"}[name]
    return found.get(key) if isinstance(found, Mapping) else None


def _google_told(metadata: Json) -> tuple[Setting, ...]:
    details = metadata.get("details")
    inner: Json = details if isinstance(details, Mapping) else {}
    pairs = (
        ("type", metadata.get("type")),
        ("title", inner.get("title") or metadata.get("title")),
        ("button", inner.get("button")),
        ("link", inner.get("link")),
        ("code", inner.get("code")),
        ("terms", inner.get("terms")),
        ("start", inner.get("startDate")),
        ("end", inner.get("endDate")),
        ("full_day", inner.get("isFullDayEvent")),
    )
    return tuple((name, value) for name, value in pairs if isinstance(value, str | bool))
