"""Changing one value in somebody's file, and nothing else in it.

`put` and `drop` work on the text by the places of `layout`: the signs of the one
value are exchanged, in the author's own style where it can say the new value,
and every other sign of the file stays: order, quotes, comments, line ends.
A key that is not there yet is put where the canonical form has it.

Whether the result is what was meant is not for this module to say: who calls it
reads the file again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from plancast.content.editing.cst import (
    BLOCK,
    Branch,
    Item,
    Leaf,
    Node,
    Sheet,
    header,
    sheets,
    step_into,
)
from plancast.content.editing.emitter import scalar
from plancast.content.editing.key_order import KEYS
from plancast.content.editing.scalars import (
    plain,
    quoted,
    shows_itself,
    single_quoted,
    text_block,
)
from plancast.content.yaml_reader import Path

_ON_ONE_LINE = {"at", "timezone", "fold"}
"""A time with its zone is written in braces, as the canonical form has it."""

Value = str | bool | int | Sequence["Value"] | Mapping[str, "Value"]


def put(text: str, number: int, path: Path, value: Value) -> str:
    """The text with `value` at `path` of its document `number`. Raises Odd.

    Mappings on the way that are not there are made.
    """
    sheet = sheets(text)[number]
    node, steps = sheet.root, list(path)
    if node is None:
        return _begun(text, sheet, _nested(steps, value))
    item: Item | None = None
    while steps and isinstance(node, Branch):
        found = step_into(node, steps[0])
        if found is None:
            return _inserted(text, node, str(steps[0]), _nested(steps[1:], value))
        item, node = found, found.value
        steps.pop(0)
    assert item is not None, "a path has a step"
    return _replaced(text, sheet, item, _nested(steps, value))


def drop(text: str, number: int, path: Path) -> str:
    """The text without the key at the end of a path. Its comment stays. Raises Odd."""
    node: Node | None = sheets(text)[number].root
    for step in path[:-1]:
        found = step_into(node, step)
        node = found.value if found else None
    item = step_into(node, path[-1])
    if item is None or not isinstance(node, Branch):
        return text
    if node.flow:
        return _without_pair(text, node, item)
    start = text.rfind("\n", 0, item.start) + 1
    if text[start : item.start].strip():
        # Of the keys behind a dash the next one takes its place.
        return text[: item.start] + text[node.items[1].start :] if len(node.items) > 1 else text
    line_end = _line_end(text, item.value.end)
    aside = text[item.value.end : line_end].strip()
    if isinstance(item.value, Leaf) and item.value.style in BLOCK:
        aside = header(item.value, text)[1].strip()
    if aside:
        return text[:start] + " " * node.column + aside + text[line_end:]
    return text[:start] + text[_next_line(text, line_end) :]


def rewritten(name: str, raw: str, edits: Iterable[tuple[int, Path, Value | None]]) -> str:
    """The text of a whole file after some edits of its documents. Raises Odd.

    None for a value takes the key away. Of a Markdown post the text is below its front matter.
    """
    for number, path, value in edits:
        if not name.endswith(".md"):
            raw = _edited(raw, number, path, value)
            continue
        head, front, rest = front_matter(raw)
        body = rest[_next_line(rest, _line_end(rest, 0)) :]
        if path == ("text",) and body.strip() and isinstance(value, str):
            raw = put_body(raw, value)
        else:
            raw = head + _edited(front, number, path, value) + rest
    return raw


def _edited(text: str, number: int, path: Path, value: Value | None) -> str:
    return drop(text, number, path) if value is None else put(text, number, path, value)


def front_matter(raw: str) -> tuple[str, str, str]:
    """A Markdown post in three parts: up to its YAML, the YAML, and from the fence below it on."""
    begin = place = raw.find("\n") + 1
    while raw[place : _line_end(raw, place)].rstrip() not in ("---", "..."):
        place = _next_line(raw, _line_end(raw, place))
    return raw[:begin], raw[begin:place], raw[place:]


def put_body(raw: str, text: str) -> str:
    """A Markdown post with another text below its front matter."""
    rest = front_matter(raw)[2]
    body = rest[_next_line(rest, _line_end(rest, 0)) :]
    head, tail = len(body) - len(body.lstrip()), len(body.rstrip())
    said = _eol(raw).join(text.split("\n"))
    return raw[: len(raw) - len(body)] + body[:head] + said + (body[tail:] or _eol(raw))


# -- places ---------------------------------------------------------------------------------------


def _eol(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _line_end(text: str, place: int) -> int:
    """Where the line ends in which a place is; before the sign or the two that end it."""
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    return end - 1 if end > place and text[end - 1 : end] == "\r" else end


def _comment_end(text: str, place: int, column: int) -> int | None:
    """Where the comments end that stand below a place, further in than a column; None: no such."""
    end = None
    line = _next_line(text, _line_end(text, place))
    while line < len(text):
        stop = _line_end(text, line)
        said = text[line:stop].lstrip(" ")
        if said.strip() and not (said.startswith("#") and stop - line - len(said) > column):
            break
        end = stop if said.strip() else end
        line = _next_line(text, stop)
    return end


def _next_line(text: str, line_end: int) -> int:
    end = text.find("\n", line_end)
    return len(text) if end < 0 else end + 1


def _nested(steps: Sequence[str | int], value: Value) -> Value:
    for step in reversed(steps):
        value = {str(step): value}
    return value


# -- writing --------------------------------------------------------------------------------------


def _begun(text: str, sheet: Sheet, value: Value) -> str:
    """The first keys of a document that had none."""
    eol = _eol(text)
    lines = eol.join(_mapping(value, 0)) + eol if isinstance(value, Mapping) else ""
    head = text[: sheet.end]
    gap = "" if not head or head.endswith("\n") else eol
    return head + gap + lines + text[sheet.end :]


def _replaced(text: str, sheet: Sheet, item: Item, value: Value) -> str:
    eol, old = _eol(text), item.value
    flow = _in_flow(sheet.root, item)
    indent = _column(text, item) + (2 if item.key else 0)
    if isinstance(old, Leaf) and old.style in BLOCK:
        indent = _indent_of(text, old) or indent
    inline, *more = _spelled(old, text, value, indent, flow=flow)
    if more and not inline and not item.key:
        inline, more = more[0].strip(), more[1:]  # behind the dash
    if more and isinstance(value, str) and _comment_end(text, old.end, indent - 1) is not None:
        inline, more = quoted(value), []  # a block would take the comment below it for its own
    before = text[: old.start]
    if item.key is not None and old.start == item.key.end + 1:
        before += " "  # nothing stood behind the colon
    if isinstance(old, Branch) and not old.flow:
        before = text[: item.key.end + 1] if item.key else text[: old.start]
        before += " " if inline and item.key else ""
    if not more:
        aside = header(old, text)[1] if isinstance(old, Leaf) and old.style in BLOCK else ""
        return before + inline + aside + text[old.end :]
    line_end = _line_end(text, old.end)
    aside = text[old.end : line_end]
    if isinstance(old, Leaf) and old.style in BLOCK:
        aside = header(old, text)[1]
    return (
        eol.join([before.rstrip(" ") + (" " if inline else "") + inline + aside, *more])
        + text[line_end:]
    )


def _spelled(old: Node, text: str, value: Value, indent: int, *, flow: bool) -> list[str]:
    """A value behind its key: the first line, and those below. In the style of what stood there."""
    if not isinstance(value, str):
        return [_brackets(value)] if flow else _below(value, indent)
    style = old.style if isinstance(old, Leaf) else ""
    if isinstance(old, Leaf) and style in BLOCK:
        lines = text_block(value, indent) or [quoted(value)]
        chomping = header(old, text)[0].strip("|>123456789")
        return [lines[0] + (chomping if lines[0] == "|" else ""), *lines[1:]]
    if "\n" in value:
        return [quoted(value)] if flow else _fresh(value, indent)
    if style == "'":
        return [single_quoted(value, flow=flow)]
    return [quoted(value) if style == '"' else plain(value, flow=flow)]


def _below(value: Value, indent: int) -> list[str]:
    """A list or a mapping in block style below its key."""
    if isinstance(value, Mapping):
        on_one_line = not value or set(value) <= _ON_ONE_LINE
        return [_brackets(value)] if on_one_line else ["", *_mapping(value, indent)]
    if isinstance(value, str):
        return _fresh(value, indent)
    if isinstance(value, int):
        return [_literal(value)]
    lines: list[str] = []
    for entry in value:
        if isinstance(entry, Mapping) and entry:
            first, *rest = _mapping(entry, indent + 2)
            first = first[indent + 2 :]
        else:
            first, *rest = _fresh(entry, indent + 2) if isinstance(entry, str) else [""]
        lines.extend([f"{' ' * indent}- {first}".rstrip(" "), *rest])
    return ["", *lines] if lines else ["[]"]


def _mapping(value: Mapping[str, Value], indent: int) -> list[str]:
    lines: list[str] = []
    for key, entry in value.items():
        inline, *more = _below(entry, indent + 2)
        lines.append(f"{' ' * indent}{scalar(key)}: {inline}".rstrip(" "))
        lines.extend(more)
    return lines


def _fresh(value: str, indent: int) -> list[str]:
    """A text in a place where none stood."""
    if "\n" in value:
        lines = text_block(value, indent) if shows_itself(value) else None
        return lines or [quoted(value)]
    return [plain(value)]


def _brackets(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_brackets(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return plain(value, flow=True) if "\n" not in value else quoted(value)
    if isinstance(value, int):
        return _literal(value)
    return "[" + ", ".join(map(_brackets, value)) + "]"


def _literal(value: int) -> str:
    """A number, or true or false."""
    return str(value).lower()


def _inserted(text: str, node: Branch, key: str, value: Value) -> str:
    """A key that was not there, behind the last of those that stand before it in the form."""
    eol, rank = _eol(text), _rank(key)
    before = [item for item in node.items if item.key and _rank(item.key.value) <= rank]
    if node.flow:
        pair = f"{scalar(key)}: {_brackets(value)}"
        if not node.items:
            return text[: node.start + 1] + pair + text[node.start + 1 :]
        after = before[-1].value.end if before else node.items[-1].value.end
        return text[:after] + f", {pair}" + text[after:]
    inline, *more = _below(value, node.column + 2)
    lines = [f"{' ' * node.column}{scalar(key)}: {inline}".rstrip(" "), *more]
    first = node.items[0].start
    line_start = text.rfind("\n", 0, first) + 1
    if not before and not text[line_start:first].strip():
        return text[:line_start] + eol.join(lines) + eol + text[line_start:]
    last = before[-1] if before else node.items[-1]
    place = _comment_end(text, last.value.end, node.column)
    place = _line_end(text, last.value.end) if place is None else place
    return text[:place] + eol + eol.join(lines) + text[place:]


def _rank(key: str) -> int:
    return KEYS.index(key) if key in KEYS else len(KEYS)


def _without_pair(text: str, node: Branch, item: Item) -> str:
    index = node.items.index(item)
    if len(node.items) == 1:
        return text[: item.start] + text[item.value.end :]
    if index == 0:
        return text[: item.start] + text[node.items[1].start :]
    return text[: node.items[index - 1].value.end] + text[item.value.end :]


def _in_flow(root: Node | None, item: Item) -> bool:
    """Whether an item stands between brackets."""
    node = root
    while isinstance(node, Branch):
        if node.flow and node.start <= item.start < node.end:
            return True
        around = (inner for inner in node.items if inner.start <= item.start < inner.value.end)
        found = next(around, None)
        if found is None or found == item:
            return False
        node = found.value
    return False


def _column(text: str, item: Item) -> int:
    return item.start - text.rfind("\n", 0, item.start) - 1


def _indent_of(text: str, leaf: Leaf) -> int:
    """How far the lines of a block are indented."""
    body = text[leaf.start : leaf.end].split("\n")[1:]
    signs = header(leaf, text)[0]
    lines = [line for line in body if line.strip()]
    if not lines or any(sign.isdigit() for sign in signs):
        return 0
    return len(lines[0]) - len(lines[0].lstrip(" "))
