"""The writer of new files: posts for `import`, a first post and a plancast.yaml for `init`.

The files are tidy, as a person would write them, and read back as exactly the values given.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from plancast.content.editing.key_order import KEYS, SETTINGS, WIDTH, said_of
from plancast.content.yaml_reader import plain_scalar
from plancast.files.folder import OPEN_TO_UMASK, folder_below
from plancast.files.refusals import unwritable
from plancast.model.diagnostics import problem
from plancast.model.entry import (
    Entry,
    Image,
    Link,
    QueuePosition,
    Setting,
    ThreadItem,
    Video,
)
from plancast.model.entry_fields import ENTRY_FIELDS, EntryField, Kind, defaults
from plancast.model.exit_codes import Stop
from plancast.model.workspace import Selector

_PLAIN = re.compile(r"[A-Za-z0-9/_][A-Za-z0-9 @/_.+()-]*")  # also between brackets
_BLOCK = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")
_HIDDEN = re.compile(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def _modeline(schema: str) -> str:
    """Return the comment that points editors to a schema, relative to the file; "" without one."""
    return f"# yaml-language-server: $schema={schema}\n" if schema else ""


def post_to_yaml(  # noqa: PLR0913  # what a file can hold, each by its name
    profiles: Sequence[str],
    entry: Entry,
    zone: str,
    *,
    post_id: str = "",
    timezone: str = "",
    schema: str = "",
    services: Sequence[str] = (),
    denied: Collection[str] = (),
) -> str:
    """Write a post that expands to `entry` on each of `profiles`, times on the clock of `zone`.

    `services` are the networks that get the settings of the entry. `timezone` is written into the
    post: callers pass it if the profiles would read times in another zone. `schema` is the path to
    the schema of posts, relative to the file. `denied` are keys that defaults set and the entry
    does not have: the empty value of `NONE` is written for them, if they have one.
    """
    lines = [_modeline(schema)]
    if post_id:
        lines.append(f"id: {scalar(post_id)}\n")
    lines.append(_list("profiles", profiles))
    if timezone:
        lines.append(f"timezone: {scalar(timezone)}\n")
    lines.append(_schedule(entry, zone))
    written = {key: NONE[key] for key in denied if key in NONE} | dict(_content(entry))
    if entry.metadata and services:
        settings = "".join(_settings(service, entry.metadata) for service in services)
        written["metadata"] = f"metadata:\n{settings}"
    lines.extend(written[key] for key in KEYS if key in written)
    return "".join(lines)


def _content(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the lines of each field apart from profiles, time and settings, by its key."""
    for row in _CONTENT_ROWS:
        value = getattr(entry, row.name)
        if value != _DEFAULTS[row.name]:
            yield row.file_key, _WRITERS[row.kind](row.file_key, value)


def first_post(profiles: Sequence[str], schema: str = "") -> str:
    """Write a draft to begin with: the first post of a new workspace."""
    return (
        _modeline(schema)
        + f"profiles: [{', '.join(scalar(name) for name in profiles[:2])}]\n"
        + "schedule: queue            # or a time: 2030-01-31 09:30\n"
        + "status: draft              # a draft is validated and never planned\n"
        + "text: |\n  Hello from a file in git.\n"
    )


def workspace_to_yaml(  # noqa: PLR0913  # what the file holds, each by its name
    provider: str,
    zone: str,
    selectors: Sequence[Selector],
    schema: str = "",
    *,
    identity: str = "",
    state: str = "local",
    options: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Write a plancast.yaml that selects these profiles.

    `identity` is the id of the workspace, `state` the backend, `options` are those of the provider.
    """
    extra = ", ".join(f"{name}: {scalar(value)}" for name, value in options.items())
    named = f"{{name: {scalar(provider)}, {extra}}}" if extra else scalar(provider)
    lines = [
        _modeline(schema),
        "version: 1\n",
        f"workspace: {scalar(identity)}\n" if identity else "",
        f"provider: {named}\n",
        "content: posts\n",
        f"timezone: {scalar(zone)}\n",
        "markdown: plain\n",
        "profiles:\n",
    ]
    for selector in selectors:
        criteria = ", ".join(f"{name}: {scalar(value)}" for name, value in selector.criteria)
        lines.append(f"  {scalar(selector.alias)}: {{{criteria}}}\n")
    if state != "local":
        lines.append(f"state: {{backend: {scalar(state)}}}\n")
    return "".join(lines)


def write_new(path: Path, text: str, root: Path) -> None:
    """Write a new file below `root`: all of it, or none.

    Links are followed as long as they stay inside. Raises Stop if one leads out of `root`, if the
    file exists, or if the disk refuses.
    """
    folder = folder_below(root, path.parent)
    if folder is None:
        raise Stop([problem("PC004", str(path.parent))])
    try:
        folder.create()
        if not folder.add(path.name, text.encode(), OPEN_TO_UMASK):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    except OSError as error:
        raise Stop([unwritable(path, error)]) from error


def remove_new(path: Path, root: Path) -> None:
    """Remove a file that `write_new` wrote below `root`. Raises OSError."""
    folder = folder_below(root, path.parent)
    if folder is not None:
        folder.remove(path.name)


def scalar(text: str) -> str:
    """Spell a text: plain if it reads back as itself, else in double quotes (JSON is YAML)."""
    if _PLAIN.fullmatch(text) and text == text.strip() and plain_scalar(text) == text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    # With `ensure_ascii` JSON would write an emoji as two surrogates, which YAML refuses. So other
    # invisible characters are escaped here.
    return _HIDDEN.sub(lambda hidden: f"\\U{ord(hidden[0]):08x}", quoted)


def _text(text: str, indent: int = 2) -> str:
    """Spell a text as a `|` block if that reads back as itself, else as a scalar."""
    lines = text.split("\n")
    whole = all(line == "" or (_BLOCK.fullmatch(line) and line.strip()) for line in lines)
    if whole and lines[0][:1] not in ("", " ") and text == text.strip():
        body = "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines)
        return f"|\n{body}"
    return scalar(text) + "\n"


def _schedule(entry: Entry, zone: str) -> str:
    if entry.due_at is None:
        top = entry.queue is QueuePosition.TOP
        return "schedule: {queue: top}\n" if top else "schedule: queue\n"
    local = entry.due_at.astimezone(ZoneInfo(zone))
    form = "%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M"
    if _is_twofold(local):
        fold = "later" if local.fold else "earlier"
        return f"schedule: {{at: {local.strftime(form)}, fold: {fold}}}\n"
    return f"schedule: {local.strftime(form)}\n"


def _is_twofold(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _part(item: ThreadItem) -> str:
    """Spell a part of a thread: its text alone if it has no link and no images."""
    if not (item.images or item.link):
        return f"  - {_text(item.text, 4)}"
    keys = [f"text: {_text(item.text, 6)}"] if item.text else []
    if item.link:
        keys.append(_parted("link", item.link, 6))
    if item.images:
        keys.append(f"images:\n{''.join(_image(image, 6) for image in item.images)}")
    return f"  - {'    '.join(keys)}"


def _parted(key: str, value: Link | Video, indent: int = 2) -> str:
    """Spell a link or a video: its address alone, or a line for each part that is known."""
    parts = said_of(value)
    if len(parts) == 1:
        return f"{key}: {scalar(value.url)}\n"
    blank = " " * indent
    return f"{key}:\n" + "".join(f"{blank}{name}: {_plain(part)}\n" for name, part in parts.items())


def _image(image: Image, indent: int = 2) -> str:
    first, *more = (f"{name}: {_plain(part)}\n" for name, part in said_of(image).items())
    blank = " " * indent
    return f"{blank}- {first}" + "".join(f"{blank}  {line}" for line in more)


def _plain(part: str | int) -> str:
    return scalar(part) if isinstance(part, str) else str(part)


def _settings(service: str, metadata: Sequence[Setting]) -> str:
    """Spell the settings of one network, in the order of the canonical form, unknown ones last."""
    settings = dict(metadata)
    keys = [key for key in SETTINGS.get(service, ()) if key in settings]
    lines = [f"  {scalar(service)}:\n"]
    for key in (*keys, *sorted(settings.keys() - set(keys))):
        value = settings[key]
        spelled = str(value).lower() if isinstance(value, bool) else scalar(value)
        lines.append(f"    {scalar(key)}: {spelled}\n")
    return "".join(lines)


def _list(key: str, values: Sequence[str]) -> str:
    """Spell a list: in brackets if that fits on a line, else one value on each line."""
    spelled = [scalar(value) for value in values]
    line = f"{key}: [{', '.join(spelled)}]"
    if len(line) <= WIDTH:
        return f"{line}\n"
    return f"{key}:\n" + "".join(f"  - {value}\n" for value in spelled)


def _apart(key: str, value: object) -> str:
    raise ValueError(f"{key}: {value!r} is written apart from the content")


_WRITERS: Mapping[Kind, Callable[[str, Any], str]] = {
    Kind.TEXT: lambda key, value: f"{key}: {_text(value)}",
    Kind.NUMBER: lambda key, value: f"{key}: {value}\n",
    Kind.FLAG: lambda key, value: f"{key}: {str(value).lower()}\n",
    Kind.MOMENT: _apart,
    Kind.WORD: lambda key, value: f"{key}: {value.value}\n",
    Kind.LINK: _parted,
    Kind.IMAGES: lambda key, value: f"{key}:\n{''.join(_image(image) for image in value)}",
    Kind.VIDEO: _parted,
    Kind.THREAD: lambda key, value: f"{key}:\n{''.join(_part(item) for item in value)}",
    Kind.SETTINGS: _apart,
    Kind.NAMES: _list,
}
_CONTENT_ROWS = tuple(
    row for row in ENTRY_FIELDS if row.file_key != "schedule" and row.kind is not Kind.SETTINGS
)
_DEFAULTS = defaults(Entry)


def _denial(row: EntryField) -> str:
    """Spell the empty value by which a post overrides defaults; "" if the field has none."""
    value = _DEFAULTS[row.name]
    if value in ("", ()):
        empty = '""' if value == "" else "[]"
        return f"{row.file_key}: {empty}\n"
    return "" if value is None else _WRITERS[row.kind](row.file_key, value)


NONE: Mapping[str, str] = {
    **{row.file_key: _denial(row) for row in _CONTENT_ROWS if _denial(row)},
    "campaign": 'campaign: ""\n',
}
"""The line by which a post overrides a default with nothing, by key. Links and videos have none."""
