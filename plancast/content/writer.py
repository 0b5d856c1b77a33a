"""Writing files that people will go on with: tidy, and read back as exactly what was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from plancast.content.yamltree import plain_scalar
from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.model import Entry, Image, Link, QueuePosition, Selector

_PLAIN = re.compile(r"[A-Za-z0-9/_][A-Za-z0-9 @/_.+()-]*")  # also between brackets
_BLOCK = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")
_HIDDEN = re.compile(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def _modeline(schema: str) -> str:
    """Tells editors where the schema is, seen from the file; nothing where there is none."""
    return f"# yaml-language-server: $schema={schema}\n" if schema else ""


def post_to_yaml(  # noqa: PLR0913  # what a file can hold, each by its name
    profiles: Sequence[str],
    entry: Entry,
    zone: str,
    *,
    post_id: str = "",
    timezone: str = "",
    schema: str = "",
) -> str:
    """A post that expands to `entry` on each of `profiles`, times on the wall clock of `zone`.

    `timezone` is written into the post where its profiles would read times in another one.
    `schema` is the path to the schema of posts, seen from the file.
    """
    lines = [_modeline(schema)]
    if post_id:
        lines.append(f"id: {scalar(post_id)}\n")
    lines.append(f"profiles: [{', '.join(scalar(name) for name in profiles)}]\n")
    if timezone:
        lines.append(f"timezone: {scalar(timezone)}\n")
    lines.append(_schedule(entry, zone))
    if entry.text:
        lines.append(f"text: {_text(entry.text)}")
    if entry.link:
        lines.append(_link(entry.link))
    if entry.images:
        lines.append("images:\n")
        lines.extend(_image(image) for image in entry.images)
    if entry.shorten:
        lines.append("shorten: true\n")
    if not entry.link_card:
        lines.append("link_card: false\n")
    return "".join(lines)


def first_post(profiles: Sequence[str], schema: str = "") -> str:
    """A draft to begin with."""
    return (
        _modeline(schema)
        + f"profiles: [{', '.join(scalar(name) for name in profiles[:2])}]\n"
        + "schedule: queue            # or a time: 2030-01-31 09:30\n"
        + "status: draft              # a draft is validated and never planned\n"
        + "text: |\n  Hello from a file in git.\n"
    )


def workspace_to_yaml(
    provider: str,
    zone: str,
    selectors: Sequence[Selector],
    schema: str = "",
    *,
    state: str = "local",
) -> str:
    """A plancast.yaml that selects these profiles. `state` is the backend."""
    lines = [
        _modeline(schema),
        "version: 1\n",
        f"provider: {scalar(provider)}\n",
        "content: posts\n",
        f"timezone: {scalar(zone)}\n",
        "profiles:\n",
    ]
    for selector in selectors:
        criteria = ", ".join(f"{name}: {scalar(value)}" for name, value in selector.criteria)
        lines.append(f"  {scalar(selector.alias)}: {{{criteria}}}\n")
    if state != "local":
        lines.append(f"state: {{backend: {scalar(state)}}}\n")
    return "".join(lines)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises Stop where it is, or where the disk refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            _write_all(file, path, text)
    except OSError as error:
        raise Stop([problem("PC007", f"{path}: {error.strerror}")]) from error


def _write_all(file: TextIO, path: Path, text: str) -> None:
    """All of it or no file: half of one would be taken for a post."""
    try:
        file.write(text)
        file.flush()
    except OSError:
        path.unlink(missing_ok=True)
        raise


def scalar(text: str) -> str:
    """The text plain where it reads back as itself, else in double quotes (JSON is YAML)."""
    if _PLAIN.fullmatch(text) and text == text.strip() and plain_scalar(text) == text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    # JSON would write an emoji as two surrogates, which YAML refuses.
    return _HIDDEN.sub(lambda found: f"\\U{ord(found[0]):08x}", quoted)


def _text(text: str) -> str:
    """A block, where it reads back as itself."""
    lines = text.split("\n")
    whole = all(line == "" or (_BLOCK.fullmatch(line) and line.strip()) for line in lines)
    if whole and lines[0][:1] not in ("", " ") and text == text.strip():
        body = "".join(f"  {line}\n" if line else "\n" for line in lines)
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


def _link(link: Link) -> str:
    if link.title is None and link.description is None and link.thumbnail is None:
        return f"link: {scalar(link.url)}\n"
    parts = (
        ("url", link.url),
        ("title", link.title),
        ("description", link.description),
        ("thumbnail", link.thumbnail),
    )
    body = "".join(f"  {name}: {scalar(value)}\n" for name, value in parts if value is not None)
    return f"link:\n{body}"


def _image(image: Image) -> str:
    name, value = ("file", image.file) if image.file else ("url", image.url)
    alt = f"    alt: {scalar(image.alt)}\n" if image.alt is not None else ""
    return f"  - {name}: {scalar(value)}\n{alt}"
