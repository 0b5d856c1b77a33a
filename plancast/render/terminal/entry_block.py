"""Words for the parts of an entry, and their order, the same in every view.

A thread is numbered from its first post, which is the entry itself: `2/3` is the post after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plancast.model.entry import Entry, Image, Link, Stage, Video
from plancast.model.entry_fields import ENTRY_FIELDS, FIELD, PARTS, EntryField, Kind, defaults
from plancast.model.plan import Action, Change
from plancast.networks.base import SettingKind
from plancast.networks.registry import NETWORKS

STAGES: Mapping[Stage, str] = {Stage.DRAFT: "draft", Stage.NEEDS_APPROVAL: "needs approval"}
"""Words for the stages in which an entry does not go out by itself."""

_UNTIL = {Stage.DRAFT: "schedules", Stage.NEEDS_APPROVAL: "approves"}

_SETTINGS: Mapping[str, str] = {
    setting.name: setting.label
    for network in NETWORKS.values()
    for setting in network.settings
    if setting.label
}
"""Labels of the settings whose names in files would not be clear to a reader."""

_ORDER = ("type", "title", "board", "url", "start", "end", "full_day", "link", "button")
"""Settings in the order in which a reader needs them; the others follow by name."""

_TIMES = frozenset(
    setting.name
    for network in NETWORKS.values()
    for setting in network.settings
    if setting.kind is SettingKind.TIME
)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?(Z|[+-]\d\d:\d\d)")

_LABELS_OF_PARTS = {
    f"{row.name}.{part.name}": part.label
    for row, owner in ((FIELD["link"], Link), (FIELD["video"], Video))
    for part in PARTS[owner]
    if part.label
}

_PART = re.compile(r"thread\[(\d{1,9})\](?:\.(text)$|\.?)")


def staged(change: Change, title: str) -> str:
    """Say why an entry does not go out by itself; "" if it does, or if the change removes it.

    `title` is that of the provider.
    """
    if change.stage not in STAGES or not change.action.keeps:
        return ""
    reason = f"it does not go out until somebody {_UNTIL[change.stage]} it in {title}"
    # The title of a create names the stage already.
    return reason if change.action is Action.CREATE else f"{STAGES[change.stage]}: {reason}"


def label(path: str, *, brief: bool = False) -> str:
    """Return the label of a field that differs. `brief`: the short one, for a narrow column.

    `thread[0].images[1].url` is `part 2 images[1].url`, `metadata.type` is `type`.
    """
    part_match = _PART.match(path)
    if part_match:
        rest = path[part_match.end() :]
        # `thread` has no first post, and people count from 1: index 0 is part 2.
        part = f"part {int(part_match.group(1)) + 2}"
        return f"{part} {label(rest, brief=brief)}" if rest else part
    if path.startswith("metadata."):
        return setting(path.removeprefix("metadata."))
    field = FIELD.get(path)
    if field is not None:
        return (brief and field.brief) or field.label
    return _LABELS_OF_PARTS.get(path, path)


def setting(key: str) -> str:
    """Return the label of a setting of a network."""
    return _SETTINGS.get(key, key.replace("_", " "))


def is_text(path: str) -> bool:
    """Return whether a field that differs is a text, whose difference is shown word by word."""
    part, field = _PART.match(path), FIELD.get(path)
    is_text = field is not None and field.kind is Kind.TEXT
    return is_text or (part is not None and part.group(2) is not None)


def value(path: str, plain: object) -> object:
    """Return a value of a field that differs as it is shown: most are shown as they are."""
    field = FIELD.get(path)
    if field is not None and field.kind is Kind.WORD and isinstance(plain, str):
        return plain.replace("_", " ")
    if path == "video.cover_ms" and isinstance(plain, str) and re.fullmatch(r"[0-9]{1,9}", plain):
        return seconds(int(plain))
    if path.startswith("metadata.") and isinstance(plain, str) and plain:
        return _setting_value(path.removeprefix("metadata."), plain)
    return plain


def seconds(milliseconds: int) -> str:
    """Return a moment of a video: `at 1.5 s`."""
    whole, rest = divmod(milliseconds, 1000)
    return f"at {f'{whole}.{rest:03}'.rstrip('0').rstrip('.')} s"


def parts(entry: Entry) -> Iterator[tuple[str, str, tuple[Image, ...]]]:
    """Yield the posts after the first of a thread: place (`2/3`), text and images."""
    of = len(entry.thread) + 1
    for number, item in enumerate(entry.thread, start=2):
        yield f"{number}/{of}", item.text.strip(), item.images


def first(entry: Entry) -> str:
    """Return the place of the first post of a thread, `1/3`; "" if there is no thread."""
    return f"1/{len(entry.thread) + 1}" if entry.thread else ""


def about_video(video: Video) -> Iterator[tuple[str, str]]:
    """Yield label and value of everything known of a video beside its address."""
    if video.title:
        yield "title", video.title
    if video.cover_ms is not None:
        yield "cover", seconds(video.cover_ms)


def texts(entry: Entry) -> tuple[tuple[EntryField, str], ...]:
    """Return the texts beside the post's own that are not empty, such as the first comment."""
    stripped = ((row, getattr(entry, row.name).strip()) for row in _TEXTS)
    return tuple((row, text) for row, text in stripped if text)


def names(entry: Entry) -> tuple[tuple[EntryField, str], ...]:
    """Return the lists of names that are not empty, joined: the tags."""
    listed = ((row, getattr(entry, row.name)) for row in _NAMES)
    return tuple((row, ", ".join(values)) for row, values in listed if values)


def instructions(entry: Entry) -> tuple[EntryField, ...]:
    """Return the fields of flags that the author has set to another value than the default."""
    return tuple(row for row in _FLAGS if getattr(entry, row.name) != _DEFAULTS[row.name])


def answer(entry: Entry, flag: EntryField) -> str:
    """Return the value of a flag as `yes` or `no`, for a view that has no better words."""
    return "yes" if getattr(entry, flag.name) else "no"


_DEFAULTS = defaults(Entry)
_TEXTS = tuple(row for row in ENTRY_FIELDS if row.kind is Kind.TEXT and row.name != "text")
_NAMES = tuple(row for row in ENTRY_FIELDS if row.kind is Kind.NAMES)
_FLAGS = tuple(row for row in ENTRY_FIELDS if row.kind is Kind.FLAG)


def settings(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Return label and value of the network's settings, in the order of _ORDER."""
    rank = {key: number for number, key in enumerate(_ORDER)}
    ordered = sorted(entry.metadata, key=lambda pair: rank.get(pair[0], len(_ORDER)))
    return tuple((setting(key), _setting_value(key, value)) for key, value in ordered)


def _setting_value(key: str, value: str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    # A time of an event is shown as it was written, with its own offset, not in the reader's zone.
    time = _TIME.fullmatch(value) if key in _TIMES else None
    return " ".join(time.groups()) if time else value or "empty"


def flags(entry: Entry) -> Iterator[str]:
    """Yield a sign for thread, images and video, for a view with one line per entry."""
    if entry.thread:
        yield f"🧵 {len(entry.thread) + 1}"
    if entry.images:
        yield f"🖼 {len(entry.images)}"
    if entry.video:
        yield "🎬"
