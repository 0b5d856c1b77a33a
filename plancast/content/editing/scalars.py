"""Spellings of values: each function returns one that reads back as exactly the value given.

The rules of YAML are not imitated: a spelling that looks right is read by `yaml_reader`, and is not
used if it does not read back as the value. Double quotes can spell every text.
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
    """Return whether a spelling behind a key (or in a list, with `flow`) means the text `value`."""
    documents, flaws = read(f"k: [{spelled}, z]\n" if flow else f"k: {spelled}\n")
    wanted: object = [value, "z"] if flow else value
    return not flaws and len(documents) == 1 and documents[0].value == {"k": wanted}


def plain(text: str, *, flow: bool = False) -> str:
    """Spell a text without quotes if that is possible at all, as for addresses and times."""
    if "\n" not in text and " #" not in text and reads_as(text, text, flow=flow):
        return text
    return scalar(text)


def quoted(text: str) -> str:
    """Spell a text in double quotes, whether it needs them or not."""
    spelled = scalar(text)
    return spelled if spelled.startswith('"') else f'"{spelled}"'


def shows_itself(text: str) -> bool:
    """Return whether every character of a text is visible without escapes.

    Quotes and backslashes count as visible, blanks on an empty line do not.
    """
    lines = text.replace("\\", "/").replace('"', "'").split("\n")
    return all(not line or (line.strip() and quoted(line) == f'"{line}"') for line in lines)


def single_quoted(text: str, *, flow: bool = False) -> str:
    """Spell a text in single quotes, or in double ones if single ones cannot spell it."""
    spelled = "'" + text.replace("'", "''") + "'"
    return spelled if "\n" not in text and reads_as(spelled, text, flow=flow) else quoted(text)


def block(text: str, indent: int, sign: str = "|") -> list[str] | None:
    """Spell a text as a block: its header, then its lines. None if no block can spell it."""
    content = text.rstrip("\n")
    ends = len(text) - len(content)
    # `-` ends without a line end, `+` keeps several; neither means exactly one.
    chomping = "-" if ends == 0 else "+" if ends > 1 else ""
    body = [*content.split("\n"), *[""] * (ends - 1)]
    lines = [f"{sign}{chomping}", *(f"{' ' * indent}{line}" if line else "" for line in body)]
    tried = "\n".join([lines[0], *(f" {line}" if line else "" for line in body)])
    return lines if content and reads_as(tried, text) else None


def text_block(text: str, indent: int) -> list[str] | None:
    """Spell the text of a post as a block; blanks and line ends around it mean nothing."""
    lines = block(text + "\n", indent)
    return lines if lines and lines[0] == "|" else None


def folded(leaf: Leaf, source: str, indent: int) -> list[str] | None:
    """Return a folded block (`>`) with the same lines, moved to another indentation.

    None if it cannot be moved safely: an indentation in the header, or lines of blanks alone.
    """
    signs, _ = header(leaf, source)
    if not re.fullmatch(r">[+-]?", signs):
        return None
    body = source[leaf.start : leaf.end].replace("\r\n", "\n").split("\n")[1:]
    if any(line.isspace() for line in body):
        return None
    margin = min((len(line) - len(line.lstrip(" ")) for line in body if line.strip()), default=0)
    lines = [f"{' ' * indent}{line[margin:]}" if line.strip() else "" for line in body]
    return [signs, *lines] if lines else None


def wall_clock(text: str) -> str:
    """Spell a time canonically: `2026-12-01 09:30`, with seconds and offset only if needed."""
    time = _WALL.fullmatch(text.strip())
    if time is None:
        return text
    day, clock, seconds, offset = time.groups()
    whole = f"{day} {clock}" if seconds in (None, "00") else f"{day} {clock}:{seconds}"
    if not offset:
        return whole
    if offset.upper() != "Z" and ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:]}"
    return f"{whole} {offset.upper()}"


def is_wall_clock(text: str) -> bool:
    """Return whether a text has the form of a time, even if the calendar has no such day."""
    return _WALL.fullmatch(text.strip()) is not None


def one_line(leaf: Leaf, value: str, source: str, *, flow: bool = False) -> str:
    """Spell a value on one line, with quotes or without as the author did; double by default.

    `value` is its meaning: callers strip the blanks around a text that mean nothing.
    """
    # Single quotes stay if they save escapes.
    if leaf.style == "'" and ('"' in value or "\\" in value):
        return single_quoted(value, flow=flow)
    if leaf.style in ("'", '"'):
        return quoted(value)
    spelled = source[leaf.start : leaf.end]
    # Plain spellings that may mean something else at their new place, such as `a, b` in brackets.
    is_risky = (flow and not set(spelled).isdisjoint(",[]{}")) or spelled[:1] in ("-", "?", ":")
    if leaf.style or "\n" in spelled or (is_risky and is_text(leaf)):
        return plain(value, flow=flow)
    # Numbers, words such as `true` and all other plain texts keep the author's spelling.
    return spelled or ("null" if flow else "")


def is_text(leaf: Leaf) -> bool:
    """Return whether a scalar means a text, and not a number, true, false or nothing."""
    return bool(leaf.style) or isinstance(plain_scalar(leaf.value), str)
