"""How values are spelled: each function gives a form that reads back as exactly what was meant.

The reader is asked, not imitated: a spelling that looks right is tried, and one that does not
read back as the value is not used. Double quotes can spell every text there is.
"""

from __future__ import annotations

import re

from plancast.content.editing.cst import Leaf, header
from plancast.content.editing.emitter import scalar
from plancast.content.yaml_reader import plain_scalar, read

_WALL = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(?::(\d{2}))?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)


def reads_as(spelled: str, value: str, *, flow: bool = False) -> bool:
    """Whether a spelling behind a key means the text `value`."""
    documents, flaws = read(f"k: [{spelled}, z]\n" if flow else f"k: {spelled}\n")
    wanted: object = [value, "z"] if flow else value
    return not flaws and len(documents) == 1 and documents[0].value == {"k": wanted}


def plain(text: str, *, flow: bool = False) -> str:
    """Without quotes where that is possible at all, as for addresses and times."""
    if "\n" not in text and " #" not in text and reads_as(text, text, flow=flow):
        return text
    return scalar(text)


def quoted(text: str) -> str:
    """In double quotes, whether it needs them or not."""
    spelled = scalar(text)
    return spelled if spelled.startswith('"') else f'"{spelled}"'


def shows_itself(text: str) -> bool:
    """Whether a reader of the file sees every sign of a text: none that quotes would spell out."""
    lines = text.replace("\\", "/").replace('"', "'").split("\n")
    return all(not line or (line.strip() and quoted(line) == f'"{line}"') for line in lines)


def single_quoted(text: str, *, flow: bool = False) -> str:
    """In single quotes, or in double ones where those cannot."""
    spelled = "'" + text.replace("'", "''") + "'"
    return spelled if "\n" not in text and reads_as(spelled, text, flow=flow) else quoted(text)


def block(text: str, indent: int, sign: str = "|") -> list[str] | None:
    """A block below its key: its header and its lines. None where the text cannot be one."""
    content = text.rstrip("\n")
    ends = len(text) - len(content)
    chomping = "-" if ends == 0 else "+" if ends > 1 else ""
    body = [*content.split("\n"), *[""] * (ends - 1)]
    lines = [f"{sign}{chomping}", *(f"{' ' * indent}{line}" if line else "" for line in body)]
    tried = "\n".join([lines[0], *(f" {line}" if line else "" for line in body)])
    return lines if content and reads_as(tried, text) else None


def text_block(text: str, indent: int) -> list[str] | None:
    """A block for the text of a post, around which blanks and line ends mean nothing."""
    lines = block(text + "\n", indent)
    return lines if lines and lines[0] == "|" else None


def folded(leaf: Leaf, source: str, indent: int) -> list[str] | None:
    """A block that folds its lines, as it is, moved to another indentation."""
    signs, _ = header(leaf, source)
    if not re.fullmatch(r">[+-]?", signs):
        return None
    body = source[leaf.start : leaf.end].replace("\r\n", "\n").split("\n")[1:]
    if any(line.isspace() for line in body):
        return None
    margin = min((len(line) - len(line.lstrip(" ")) for line in body if line.strip()), default=0)
    lines = [f"{' ' * indent}{line[margin:]}" if line.strip() else "" for line in body]
    return [signs, *lines] if lines else None


def wall_clock(said: str) -> str:
    """A time as it is written everywhere: `2026-12-01 09:30`, seconds and offset where needed."""
    found = _WALL.fullmatch(said.strip())
    if found is None:
        return said
    day, clock, seconds, offset = found.groups()
    whole = f"{day} {clock}" if seconds in (None, "00") else f"{day} {clock}:{seconds}"
    if not offset:
        return whole
    if offset.upper() != "Z" and ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:]}"
    return f"{whole} {offset.upper()}"


def is_wall_clock(said: str) -> bool:
    """Whether it looks like a time, be there such a time or not."""
    return _WALL.fullmatch(said.strip()) is not None


def one_line(leaf: Leaf, said: str, source: str, *, flow: bool = False) -> str:
    """A value on one line: with quotes or without as the author had it, double ones by default.

    `said` is what it shall mean: for a text that is without the blanks around it.
    """
    if leaf.style == "'" and ('"' in said or "\\" in said):
        return single_quoted(said, flow=flow)
    if leaf.style in ("'", '"'):
        return quoted(said)
    spelled = source[leaf.start : leaf.end]
    moved = (flow and not set(spelled).isdisjoint(",[]{}")) or spelled[:1] in ("-", "?", ":")
    if leaf.style or "\n" in spelled or (moved and is_text(leaf)):
        return plain(said, flow=flow)
    return spelled or ("null" if flow else "")


def is_text(leaf: Leaf) -> bool:
    """Whether a scalar means a text, and not a number, true, false or nothing."""
    return bool(leaf.style) or isinstance(plain_scalar(leaf.value), str)
