"""The parts of an entry in words: what every view calls them, and in which order they stand.

A thread is numbered from its first post, which is the entry itself: `2/3` is what follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plancast.model.entry import Entry, Image, Link, Stage, ThreadItem, Video
from plancast.model.entry_fields import ENTRY_FIELDS, FIELD, PARTS, EntryField, Kind, defaults
from plancast.model.plan import Action, Change
from plancast.networks.base import SettingKind
from plancast.networks.registry import NETWORKS

STAGES: Mapping[Stage, str] = {Stage.DRAFT: "draft", Stage.NEEDS_APPROVAL: "needs approval"}
"""What an entry is that does not go out by itself."""

_UNTIL = {Stage.DRAFT: "schedules", Stage.NEEDS_APPROVAL: "approves"}

_SETTINGS: Mapping[str, str] = {
    setting.name: setting.label
    for network in NETWORKS.values()
    for setting in network.settings
    if setting.label
}
"""Settings of a network whose own names say too little, or too much."""

_ORDER = ("type", "title", "board", "url", "start", "end", "full_day", "link", "button")
"""Settings in the order in which one wants to know them; the others follow by name."""

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
    """Say why it does not go out by itself; "" if it does, or is not ours for long.

    `title` is that of the provider.
    """
    if change.stage not in STAGES or not change.action.keeps:
        return ""
    reason = f"it does not go out until somebody {_UNTIL[change.stage]} it in {title}"
    # The title of a create says it already.
    return reason if change.action is Action.CREATE else f"{STAGES[change.stage]}: {reason}"


def label(path: str, *, brief: bool = False) -> str:
    """Return what a field that differs is called. `brief`: for a narrow column.

    `thread[0].images[1].url` is `part 2 images[1].url`, `metadata.type` is `type`.
    """
    found = _PART.match(path)
    if found:
        rest = path[found.end() :]
        part = f"part {int(found.group(1)) + 2}"
        return f"{part} {label(rest, brief=brief)}" if rest else part
    if path.startswith("metadata."):
        return setting(path.removeprefix("metadata."))
    field = FIELD.get(path)
    if field is not None:
        return (brief and field.brief) or field.label
    return _LABELS_OF_PARTS.get(path, path)


def setting(key: str) -> str:
    """What a setting of a network is called."""
    return _SETTINGS.get(key, key.replace("_", " "))


def is_text(path: str) -> bool:
    """Whether what differs is a text to be read, of which the words that changed are shown."""
    part, field = _PART.match(path), FIELD.get(path)
    is_text = field is not None and field.kind is Kind.TEXT
    return is_text or (part is not None and part.group(2) is not None)


def value(path: str, plain: object) -> object:
    """The value of a field that differs as it is told; of most fields that is the value itself."""
    field = FIELD.get(path)
    if field is not None and field.kind is Kind.WORD and isinstance(plain, str):
        return plain.replace("_", " ")
    if path == "video.cover_ms" and isinstance(plain, str) and re.fullmatch(r"[0-9]{1,9}", plain):
        return seconds(int(plain))
    if path.startswith("metadata.") and isinstance(plain, str) and plain:
        return _said(path.removeprefix("metadata."), plain)
    return plain


def seconds(milliseconds: int) -> str:
    """`at 1.5 s`: a moment of a video."""
    whole, rest = divmod(milliseconds, 1000)
    return f"at {f'{whole}.{rest:03}'.rstrip('0').rstrip('.')} s"


def parts(entry: Entry) -> Iterator[tuple[str, str, tuple[Image, ...]]]:
    """What follows the first post of a thread: `2/3`, its text, its images."""
    of = len(entry.thread) + 1
    for number, item in enumerate(entry.thread, start=2):
        yield f"{number}/{of}", item.text.strip(), item.images


def first(entry: Entry) -> str:
    """`1/3` for the first post of a thread, "" where there is none."""
    return f"1/{len(entry.thread) + 1}" if entry.thread else ""


def about_video(video: Video) -> Iterator[tuple[str, str]]:
    """What is known of a video beside its address."""
    if video.title:
        yield "title", video.title
    if video.cover_ms is not None:
        yield "cover", seconds(video.cover_ms)


def texts(entry: Entry) -> tuple[tuple[EntryField, str], ...]:
    """Return the texts beside the first one, such as the first comment."""
    said = ((row, getattr(entry, row.name).strip()) for row in _TEXTS)
    return tuple((row, text) for row, text in said if text)


def names(entry: Entry) -> tuple[tuple[EntryField, str], ...]:
    """Return the lists of names that are not empty: the tags."""
    said = ((row, getattr(entry, row.name)) for row in _NAMES)
    return tuple((row, ", ".join(found)) for row, found in said if found)


def instructions(entry: Entry) -> tuple[EntryField, ...]:
    """Return the flags that an author has set otherwise than usual."""
    return tuple(row for row in _FLAGS if getattr(entry, row.name) != _DEFAULTS[row.name])


def answer(entry: Entry, flag: EntryField) -> str:
    """Return a flag in words, for a view that has no better ones."""
    return "yes" if getattr(entry, flag.name) else "no"


_DEFAULTS = defaults(Entry)
_TEXTS = tuple(row for row in ENTRY_FIELDS if row.kind is Kind.TEXT and row.name != "text")
_NAMES = tuple(row for row in ENTRY_FIELDS if row.kind is Kind.NAMES)
_FLAGS = tuple(row for row in ENTRY_FIELDS if row.kind is Kind.FLAG)


def settings(entry: Entry) -> tuple[tuple[str, str], ...]:
    """What the network is told beside the content, in words."""
    rank = {key: number for number, key in enumerate(_ORDER)}
    found = sorted(entry.metadata, key=lambda pair: rank.get(pair[0], len(_ORDER)))
    return tuple((setting(key), _said(key, said)) for key, said in found)


def _said(key: str, said: str | bool) -> str:
    if isinstance(said, bool):
        return "yes" if said else "no"
    time = _TIME.fullmatch(said) if key in _TIMES else None
    return " ".join(time.groups()) if time else said or "empty"


def as_post(item: ThreadItem) -> Entry:
    """One of the posts of a thread as an entry, for whoever measures it."""
    return Entry(text=item.text.strip(), images=item.images)


def flags(entry: Entry) -> Iterator[str]:
    """A word for each thing beside the text that is worth knowing in a line."""
    if entry.thread:
        yield f"🧵 {len(entry.thread) + 1}"
    if entry.images:
        yield f"🖼 {len(entry.images)}"
    if entry.video:
        yield "🎬"
