"""Second half of `pull`: choose the layer of a post file that receives each changed value.

A value comes from a layer: the post itself, its variant for the network, or its variant for the
profile. A changed value is written into the layer it comes from if all entries that take it from
there changed alike; else into the variant of each profile, which wins over everything. A value from
a defaults file is written into the post, because other posts use those defaults as well. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from plancast.content.editing.key_order import said_of
from plancast.content.editing.patch import Value
from plancast.content.variants import layer_of, variants_for
from plancast.content.yaml_reader import Path
from plancast.model.entry import Entry, Image, Link, QueuePosition, ThreadItem, Video
from plancast.model.entry_fields import ENTRY_FIELDS, Kind, Presence, details, file_parts, rows_of
from plancast.model.workspace import Desired, Post, Schedule, Workspace

_OFFSET = re.compile(r"\s*(Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
_PULLED = {
    row.file_key: row
    for row in ENTRY_FIELDS
    if row.compared.is_read_back and row.kind not in (Kind.SETTINGS, Kind.NAMES)
}
"""The keys that a person can change in Buffer, settings apart: see `_settings`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a document: the value to write at a path; None removes the key."""

    path: Path
    value: Value | None


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry as the files ask for it now, and as they must ask for it after the pull."""

    desired: Desired
    entry: Entry

    @property
    def alias(self) -> str:
        """The alias of its profile."""
        return self.desired.address.profile


def edits(
    post: Post,
    document: Mapping[str, Any],
    wishes: Sequence[Wish],
    siblings: Sequence[Desired],
    workspace: Workspace,
) -> tuple[Edit, ...]:
    """Return the edits of a post's document that make its entries ask for `wishes`.

    `document` is the mapping in its file, without defaults. `siblings` are all entries of the post,
    unchanged ones included: a layer may be edited only if all entries that use it agree.
    """
    made: list[Edit] = []
    for key in _PULLED:
        wanted = {
            wish.alias: _value(key, wish, post, workspace)
            for wish in wishes
            if _differs(key, wish.desired.entry, wish.entry)
        }
        for layer, value in _placed((key,), post, wanted, siblings).items():
            made.extend(_written(key, layer, value, _value_at(document, (*layer, key))))
    return (*made, *_settings(post, wishes, siblings))


def _settings(post: Post, wishes: Sequence[Wish], siblings: Sequence[Desired]) -> Iterator[Edit]:
    """Yield the edits of `metadata`: each setting is a value by itself, and of one network."""
    changed: dict[Path, dict[str, str | bool]] = {}
    for wish in wishes:
        before, service = dict(wish.desired.entry.metadata), wish.desired.profile.service
        for name, value in wish.entry.metadata:
            if before.get(name) != value:
                changed.setdefault(("metadata", service, name), {})[wish.alias] = value
    for path, wanted in changed.items():
        sharing = [item for item in siblings if item.profile.service == path[1]]
        for layer, value in _placed(path, post, wanted, sharing).items():
            yield Edit((*layer, *path), value)


def _differs(key: str, now: Entry, then: Entry) -> bool:
    names = [row.name for row in rows_of(key)]
    return any(getattr(now, name) != getattr(then, name) for name in names)


def _value(key: str, wish: Wish, post: Post, workspace: Workspace) -> Any:
    if key == "schedule":
        return _schedule(wish, post, workspace)
    return getattr(wish.entry, _PULLED[key].name)


def _layer(path: Path, post: Post, item: Desired) -> Path:
    return layer_of(path, post, item.address.profile, item.profile)


def _placed(
    path: Path, post: Post, wanted: Mapping[str, Any], siblings: Sequence[Desired]
) -> dict[Path, Any]:
    """Choose the layers for one key: return the value for each layer that gets one."""
    sharing: dict[Path, list[str]] = {}
    for item in siblings:
        sharing.setdefault(_layer(path, post, item), []).append(item.address.profile)
    placed: dict[Path, Any] = {}
    for layer, aliases in sharing.items():
        concerned = [alias for alias in aliases if alias in wanted]
        alike = len({wanted[alias] for alias in concerned}) == 1
        if concerned and alike and len(concerned) == len(aliases):
            placed[layer] = wanted[concerned[0]]
            continue
        # The others keep the value of the layer, so the changed ones get variants of their own.
        placed.update((("variants", alias), wanted[alias]) for alias in concerned)
    return placed


# -- times ----------------------------------------------------------------------------------------


def _schedule(wish: Wish, post: Post, workspace: Workspace) -> Schedule:
    """Return the new time on the author's wall clock, in the notation of the old one.

    An offset stays an offset, a `T` stays a `T`, and the zone is named only if it has to be.
    """
    due_at = wish.entry.due_at
    if due_at is None:
        return Schedule(queue=QueuePosition.NEXT)
    old = _in_force("schedule", post, wish.desired) or Schedule()
    offset = _OFFSET.search(old.at.strip())
    local = due_at.astimezone(_fixed(offset.group(1)) if offset else ZoneInfo(wish.desired.zone))
    sign = "T" if "T" in old.at.upper() else " "
    shown = local.strftime(f"%Y-%m-%d{sign}%H:%M" + (":%S" if local.second else ""))
    if offset:
        return Schedule(shown + offset.group())
    zone = wish.desired.zone if wish.desired.zone != _zone(post, wish.desired, workspace) else ""
    twofold = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    fold = ("later" if local.fold else "earlier") if twofold else ""
    return Schedule(shown, zone, fold)


def _in_force(key: str, post: Post, item: Desired) -> Any:
    layer = _layer((key,), post, item)
    return getattr(post.variants[str(layer[1])] if layer else post.fields, key)


def _fixed(offset: str) -> tzinfo | None:
    """Return the zone of an offset such as `+01:00` or `Z`."""
    return datetime.fromisoformat(f"2000-01-01T00:00{offset.upper()}").tzinfo


def _zone(post: Post, item: Desired, workspace: Workspace) -> str:
    """Return the zone of a time that names none: of variant, post, profile or workspace."""
    for name in variants_for(item.address.profile, item.profile):
        variant = post.variants.get(name)
        if variant is not None and variant.timezone:
            return variant.timezone
    selector = workspace.selector(item.address.profile)
    own = selector.timezone if selector else ""
    return post.fields.timezone or own or workspace.timezone


# -- what is written ------------------------------------------------------------------------------


def _value_at(document: Mapping[str, Any], path: Path) -> Any:
    """Return the value that the file itself has at a path; None if it has none there."""
    node: Any = document
    for step in path:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _written(key: str, layer: Path, value: Any, old: Any) -> list[Edit]:
    row = _PULLED[key]
    # An empty text is removed from the post, but written out in a variant: without its key the
    # variant would fall back to the text of the post.
    if row.kind is Kind.TEXT and row.presence is Presence.IF_SET and not value and not layer:
        return [Edit((*layer, key), None)]
    return _EDITORS[row.kind]((*layer, key), value, old)


def _time(path: Path, value: Schedule, old: Any) -> list[Edit]:
    if value.queue is not None:
        return [Edit(path, "queue")]
    if isinstance(old, Mapping) and "at" in old:
        changes = [Edit((*path, "at"), value.at)]
        if value.fold or "fold" in old:
            changes.append(Edit((*path, "fold"), value.fold or None))
        return changes
    parts = {"at": value.at, "timezone": value.timezone, "fold": value.fold}
    whole = {name: part for name, part in parts.items() if part}
    return [Edit(path, whole if len(whole) > 1 else value.at)]


def _parted(path: Path, value: Link | Video | None, old: Any) -> list[Edit]:
    """Edit a link or a video: key by key in an old mapping, else as a whole."""
    if value is None:
        return [Edit(path, None)]
    parts = {name: getattr(value, name) for name in file_parts(type(value))}
    if isinstance(old, Mapping):
        changed = [name for name in parts if old.get(name) != parts[name]]
        return [Edit((*path, name), parts[name]) for name in changed]
    return [Edit(path, _linked(value))]


def _thread(path: Path, value: tuple[ThreadItem, ...], old: Any) -> list[Edit]:
    """Edit each part in its place; write all of them anew if their number changed."""
    if not isinstance(old, list) or len(old) != len(value):
        return [Edit(path, [_part(item) for item in value])]
    pairs = zip(range(len(old)), value, old, strict=True)
    return [edit for index, new, was in pairs for edit in _changed_part((*path, index), new, was)]


def _changed_part(path: Path, new: ThreadItem, old: Any) -> list[Edit]:
    if not isinstance(old, Mapping):
        same = isinstance(old, str) and _part(new) == old.strip()
        return [] if same else [Edit(path, _part(new))]
    changes = []
    if new.images or old.get("images"):
        changes.extend(_pictures((*path, "images"), new.images, old.get("images")))
    if old.get("text", "").strip() != new.text:
        changes.append(Edit((*path, "text"), new.text or None))
    was = old.get("link")
    if (_linked(new.link) if new.link else None) != was:
        changes.extend(_parted((*path, "link"), new.link, was))
    return changes


def _part(item: ThreadItem) -> Value:
    """Return the value for a part of a thread: its text alone, or a mapping if it has more."""
    if not (item.images or item.link):
        return item.text
    parts: dict[str, Any] = {"text": item.text} if item.text else {}
    if item.link:
        parts["link"] = _linked(item.link)
    if item.images:
        parts["images"] = [said_of(image) for image in item.images]
    return parts


def _linked(value: Link | Video) -> Value:
    """Return the value for a link or a video: its address alone, or a mapping with its details."""
    whole = said_of(value)
    return whole if len(whole) > 1 else value.url


def _pictures(path: Path, value: tuple[Image, ...], old: Any) -> list[Edit]:
    if isinstance(old, list) and len(old) == len(value):
        pairs = zip(range(len(old)), value, old, strict=True)
        return [edit for index, new, was in pairs for edit in _picture((*path, index), new, was)]
    return [Edit(path, [said_of(item) for item in value])]


def _picture(path: Path, new: Image, old: Any) -> list[Edit]:
    if not isinstance(old, Mapping):
        same = said_of(new) == {"url": old}
        return [] if same else [Edit(path, _image(new))]
    changes = []
    if new.file == "" and old.get("url") != new.url:
        changes.append(Edit((*path, "url"), new.url))
    changed = [name for name in details(Image) if old.get(name) != getattr(new, name)]
    return changes + [Edit((*path, name), getattr(new, name)) for name in changed]


def _image(image: Image) -> Value:
    """Return the value for an image: its address alone, or a mapping if it has details."""
    parts = said_of(image)
    return image.url if list(parts) == ["url"] else parts


def _whole(path: Path, value: Any, _old: Any) -> list[Edit]:
    return [Edit(path, value.value if isinstance(value, Enum) else value)]


_EDITORS: Mapping[Kind, Callable[[Path, Any, Any], list[Edit]]] = {
    Kind.TEXT: _whole,
    Kind.NUMBER: _whole,
    Kind.FLAG: _whole,
    Kind.MOMENT: _time,
    Kind.WORD: _whole,
    Kind.LINK: _parted,
    Kind.IMAGES: _pictures,
    Kind.VIDEO: _parted,
    Kind.THREAD: _thread,
    # With the next one: never pulled as a whole.
    Kind.SETTINGS: _whole,
    Kind.NAMES: _whole,
}
