"""The settings of networks, to the wire and from it. Pure.

`Entry.metadata` holds the settings that an author asked for, by plancast's names. The wire has a
type for each network, and some of its fields are required
(docs/buffer/graphql.md#settings-of-networks). Required settings that the author left out are sent
as Buffer's own defaults, and defaults are left out of what is read: a default must not look like a
wish of the author. So both sides are compared in one form, `canonical`.

A Google Business post of the kind "what's new" shows its link on a button. There an entry's link is
that button, and a link of the settings on the button "learn more" means the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plancast.model.entry import Setting
from plancast.model.profile import Profile
from plancast.networks.base import SettingKind
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
"""Settings that a post cannot be without, so an edit cannot clear them."""

_GOOGLE_DEFAULTS: Mapping[str, Value] = {"type": _WHATS_NEW, "button": "none", "full_day": False}

_SERVICES: Mapping[str, str] = {row.typename: name for name, row in ROWS.items()}

_POSTS = {
    name: frozenset(one.name for one in network.settings if one.kind is SettingKind.POST)
    for name, network in NETWORKS.items()
}
"""Settings that name a post on the network, which Buffer shows by its number."""

_GALLERIES = {"carousel": "post"}
"""Types that Buffer gives to posts of several pictures, and the type that was asked for."""


@dataclass(frozen=True, slots=True)
class ParsedSettings:
    """Settings in their canonical form, and the address of a button, which is the entry's link."""

    settings: tuple[Setting, ...]
    button_url: str = ""


# -- to the wire ----------------------------------------------------------------------------------


def wire_name(service: str) -> str:
    """Return the key of a network in PostInputMetaData."""
    row = ROWS.get(service)
    return (row.key if row else "") or service


def settings_input(
    settings: tuple[Setting, ...],
    profile: Profile,
    link_url: str = "",
    held: Collection[str] = (),
) -> dict[str, Any]:
    """Build the fields for the wire, with the required ones and the defaults that must be sent.

    `held` are the names of settings that the post has now. Those that are no longer asked for are
    reset, since an edit may keep what it leaves out (docs/buffer/graphql.md#editing-posts).
    """
    asked = dict(settings)
    if profile.service == GOOGLE:
        return _google_input(asked, link_url)
    fields: dict[str, Any] = {}
    for field in settings_of(profile.service):
        value = asked.get(field.name)
        if isinstance(value, str):
            value = _identified(field.name, value, profile)
        if value is not None:
            fields[field.wire] = value
        elif field.sent:
            fields[field.wire] = field.default
        elif field.name in held and field.name not in _NEEDED:
            fields[field.wire] = field.default if field.default != "" else None
    return _nested(fields)


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Build the objects of names such as `geolocation.id`. One without any value is null."""
    built: dict[str, Any] = {}
    for name, value in fields.items():
        whole, _, inner = name.partition(".")
        if not inner:
            built[name] = value
        else:
            built[whole] = {**(built.get(whole) or {}), inner: value}
    emptied = {
        name
        for name, value in built.items()
        if isinstance(value, dict) and not any(one is not None for one in value.values())
    }
    return {name: None if name in emptied else value for name, value in built.items()}


def board_id(asked: str, profile: Profile) -> str:
    """Return the id of a board given by id or name; an unknown word is passed on as an id."""
    # The exact word first: two boards may have names that differ in their case alone.
    for key in (lambda text: text, str.casefold):
        for board in profile.boards:
            if key(asked) in (board.id, key(board.name)):
                return board.id
    return asked


def _google_input(asked: Mapping[str, Value], link_url: str) -> dict[str, Any]:
    """Build all fields of the kind, empty ones as null: an edit keeps what it leaves out.

    See docs/buffer/graphql.md#editing-posts.
    """
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
    """Return kind, button and address. A "what's new" with an address gets a button by default."""
    kind = asked.get("type", _WHATS_NEW)
    url = str(asked.get("link") or link_url)
    standard = _LEARN_MORE if url and kind == _WHATS_NEW else "none"
    return kind, asked.get("button") or standard, url


# -- from the wire --------------------------------------------------------------------------------


def service_of(metadata: Json) -> str:
    """Return the network of a metadata object, by the name of its type; "" for an unknown one."""
    return _SERVICES.get(str(metadata.get("__typename")), "")


def parse_settings(metadata: Json) -> ParsedSettings:
    """Parse the settings of a post, without defaults. Unknown types have none."""
    service = service_of(metadata)
    if service == GOOGLE:
        return canonical(_google_settings(metadata), Profile("", service))
    settings: dict[str, Value] = {}
    for field in settings_of(service):
        if field.name in ("board", "category"):
            value = _identity(metadata.get(field.name), field.name)
        else:
            value = _at(metadata, field.wire)
        if isinstance(value, str | bool):
            settings[field.name] = value
    return canonical(tuple(settings.items()), Profile("", service))


def canonical(
    settings: tuple[Setting, ...], profile: Profile, link_url: str = ""
) -> ParsedSettings:
    """Return settings in the form in which both sides are compared: sorted, without defaults."""
    values = dict(settings)
    button_url = ""
    if profile.service == GOOGLE:
        kind, button, url = _google_parts(values, link_url)
        # The entry's link and the button "learn more" are one thing: it becomes the link.
        if kind == _WHATS_NEW and button == _LEARN_MORE and url:
            button_url = url
            values.pop("link", None)
            values.pop("button", None)
        elif url:
            values["link"] = url
        defaults: Mapping[str, Value] = _GOOGLE_DEFAULTS
    else:
        defaults = {field.name: field.default for field in settings_of(profile.service)}
    plain = ((name, _plain(name, value, profile)) for name, value in values.items())
    kept = (pair for pair in plain if pair[1] not in ("", defaults.get(pair[0], "")))
    return ParsedSettings(tuple(sorted(kept)), button_url)


def _plain(name: str, value: Value, profile: Profile) -> Value:
    if isinstance(value, bool):
        return value
    if name == "type":
        return _GALLERIES.get(value, value)
    if name in ("start", "end"):
        return _instant(value)
    return _identified(name, value, profile).strip()


def _identified(name: str, value: str, profile: Profile) -> str:
    """Return the id of a board or a post that a setting names; another setting is left as it is."""
    if name == "board":
        return board_id(value, profile)
    if name in _POSTS.get(profile.service, ()):
        return NETWORKS[profile.service].post_of(value) or value
    return value


def _instant(text: str) -> str:
    """Normalize a time to UTC, however it was written; return any other text as it is."""
    try:
        moment = datetime.fromisoformat(text)
        known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return known.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return text


def _at(metadata: Json, wire: str) -> object:
    """Return the value of a name such as `topic` or `geolocation.id`; None if it is not there."""
    whole, _, inner = wire.partition(".")
    value = metadata.get(whole)
    return value.get(inner) if inner and isinstance(value, Mapping) else value


def _identity(value: object, name: str) -> object:
    key = {"board": "serviceId", "category": "categoryId"}[name]
    return value.get(key) if isinstance(value, Mapping) else None


def _google_settings(metadata: Json) -> tuple[Setting, ...]:
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
