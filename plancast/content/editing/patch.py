"""The patcher: changes one value in an author's file and nothing else in it.

`put` and `drop` cut and paste in the text, at the spans that `cst` reports. The new value is
written in the author's own style if that style can spell it, and every other character of the file
stays: order, quotes, comments, line ends. A new key is inserted at its place in the canonical form.

This module does not verify its result. Callers read the new text again and compare its values with
the ones they asked for, before they write the file.
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
"""Keys of a `schedule`: a mapping of these alone is written in braces, as in the canonical form."""

Value = str | bool | int | Sequence["Value"] | Mapping[str, "Value"]


def put(text: str, number: int, path: Path, value: Value) -> str:
    """Return the text with `value` at `path` of its document `number`. Raises Odd.

    Mappings on the way that do not exist are created.
    """
    sheet = sheets(text)[number]
    node, steps = sheet.root, list(path)
    if node is None:
        return _begun(text, sheet, _nested(steps, value))
    item: Item | None = None
    while steps and isinstance(node, Branch):
        child = step_into(node, steps[0])
        if child is None:
            return _inserted(text, node, str(steps[0]), _nested(steps[1:], value))
        item, node = child, child.value
        steps.pop(0)
    assert item is not None, "a path has a step"
    return _replaced(text, sheet, item, _nested(steps, value))


def drop(text: str, number: int, path: Path) -> str:
    """Return the text without the key at the end of a path; its comment stays. Raises Odd.

    The text is returned unchanged if the path does not exist, and for the only key of an entry
    behind a dash: without it the entry would turn into null.
    """
    node: Node | None = sheets(text)[number].root
    for step in path[:-1]:
        child = step_into(node, step)
        node = child.value if child else None
    item = step_into(node, path[-1])
    if item is None or not isinstance(node, Branch):
        return text
    if node.flow:
        return _without_pair(text, node, item)
    start = text.rfind("\n", 0, item.start) + 1
    if text[start : item.start].strip():
        # The key stands behind a dash: the next key of the entry moves up to it.
        return text[: item.start] + text[node.items[1].start :] if len(node.items) > 1 else text
    line_end = _line_end(text, item.value.end)
    aside = text[item.value.end : line_end].strip()
    if isinstance(item.value, Leaf) and item.value.style in BLOCK:
        aside = header(item.value, text)[1].strip()
    if aside:  # the comment gets the line for itself
        return text[:start] + " " * node.column + aside + text[line_end:]
    return text[:start] + text[_next_line(text, line_end) :]


def rewritten(name: str, raw: str, edits: Iterable[tuple[int, Path, Value | None]]) -> str:
    """Return the text of a whole file after some edits of its documents. Raises Odd.

    An edit is (document number, path, value); None for a value removes the key. If a Markdown post
    has its text below the front matter, an edit of `text` goes there.
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
    """Split a Markdown post: its opening fence, its YAML, and all from the closing fence on."""
    begin = place = raw.find("\n") + 1
    while raw[place : _line_end(raw, place)].rstrip() not in ("---", "..."):
        place = _next_line(raw, _line_end(raw, place))
    return raw[:begin], raw[begin:place], raw[place:]


def put_body(raw: str, text: str) -> str:
    """Replace the text of a Markdown post below its front matter, and keep the blanks around it."""
    rest = front_matter(raw)[2]
    body = rest[_next_line(rest, _line_end(rest, 0)) :]
    head, tail = len(body) - len(body.lstrip()), len(body.rstrip())
    lines = _eol(raw).join(text.split("\n"))
    return raw[: len(raw) - len(body)] + body[:head] + lines + (body[tail:] or _eol(raw))


# -- places ---------------------------------------------------------------------------------------


def _eol(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _line_end(text: str, place: int) -> int:
    """Return the end of the line around a place: the index of its LF or CRLF, or of the end."""
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    return end - 1 if end > place and text[end - 1 : end] == "\r" else end


def _comment_end(text: str, place: int, column: int) -> int | None:
    """Return the end of the comments below a place that are indented further than a column.

    None if there are none. The search ends at the first line that is neither empty nor such a
    comment.
    """
    end = None
    line = _next_line(text, _line_end(text, place))
    while line < len(text):
        stop = _line_end(text, line)
        content = text[line:stop].lstrip(" ")
        indent = stop - line - len(content)
        if content.strip() and not (content.startswith("#") and indent > column):
            break
        end = stop if content.strip() else end
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
    """Insert the first keys of a document that had none."""
    eol = _eol(text)
    lines = eol.join(_mapping(value, 0)) + eol if isinstance(value, Mapping) else ""
    head = text[: sheet.end]
    gap = "" if not head or head.endswith("\n") else eol
    return head + gap + lines + text[sheet.end :]


def _replaced(text: str, sheet: Sheet, item: Item, value: Value) -> str:
    eol, old = _eol(text), item.value
    flow = _in_flow(sheet.root, item)
    indent = _column(text, item) + (2 if item.key else 0)
    # A block keeps the author's indentation, which need not be two blanks.
    if isinstance(old, Leaf) and old.style in BLOCK:
        indent = _indent_of(text, old) or indent
    inline, *more = _spelled(old, text, value, indent, flow=flow)
    if more and not inline and not item.key:
        inline, more = more[0].strip(), more[1:]  # behind the dash
    if more and isinstance(value, str) and _comment_end(text, old.end, indent - 1) is not None:
        # The lines of a block end at the first line that is indented less, so an indented comment
        # below would become a part of the text.
        inline, more = quoted(value), []
    before = text[: old.start]
    if item.key is not None and old.start == item.key.end + 1:
        before += " "  # nothing stood behind the colon
    if isinstance(old, Branch) and not old.flow:
        # A branch in block style begins on the next line: remove the line end and the indentation.
        before = text[: item.key.end + 1] if item.key else text[: old.start]
        before += " " if inline and item.key else ""
    if not more:
        aside = header(old, text)[1] if isinstance(old, Leaf) and old.style in BLOCK else ""
        return before + inline + aside + text[old.end :]
    # The new value has several lines: the comment of the old one stays on the first.
    line_end = _line_end(text, old.end)
    aside = text[old.end : line_end]
    if isinstance(old, Leaf) and old.style in BLOCK:
        aside = header(old, text)[1]
    return (
        eol.join([before.rstrip(" ") + (" " if inline else "") + inline + aside, *more])
        + text[line_end:]
    )


def _spelled(old: Node, text: str, value: Value, indent: int, *, flow: bool) -> list[str]:
    """Spell a value in the style of the old one: the part behind the key, then the lines below."""
    if not isinstance(value, str):
        return [_brackets(value)] if flow else _below(value, indent)
    style = old.style if isinstance(old, Leaf) else ""
    if isinstance(old, Leaf) and style in BLOCK:
        lines = text_block(value, indent) or [quoted(value)]
        # `+` and `-` stay. A `>` becomes `|`: how the author would fold the new text is unknown.
        chomping = header(old, text)[0].strip("|>123456789")
        return [lines[0] + (chomping if lines[0] == "|" else ""), *lines[1:]]
    if "\n" in value:
        return [quoted(value)] if flow else _fresh(value, indent)
    if style == "'":
        return [single_quoted(value, flow=flow)]
    return [quoted(value) if style == '"' else plain(value, flow=flow)]


def _below(value: Value, indent: int) -> list[str]:
    """Spell a new value in block style: the part behind its key, then the lines below."""
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
    """Spell a text that replaces none, so that there is no style to keep."""
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
    """Spell a number, or true or false."""
    return str(value).lower()


def _inserted(text: str, node: Branch, key: str, value: Value) -> str:
    """Insert a new key behind the last key that precedes it in the canonical form."""
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
    """Return whether an item stands between brackets or braces, at any depth."""
    node = root
    while isinstance(node, Branch):
        if node.flow and node.start <= item.start < node.end:
            return True
        around = (inner for inner in node.items if inner.start <= item.start < inner.value.end)
        outer = next(around, None)
        if outer is None or outer == item:
            return False
        node = outer.value
    return False


def _column(text: str, item: Item) -> int:
    return item.start - text.rfind("\n", 0, item.start) - 1


def _indent_of(text: str, leaf: Leaf) -> int:
    """Return how far the lines of a block are indented; 0 if they do not show it.

    They do not if all are empty, or if the header gives the indentation as a digit.
    """
    body = text[leaf.start : leaf.end].split("\n")[1:]
    signs = header(leaf, text)[0]
    lines = [line for line in body if line.strip()]
    if not lines or any(sign.isdigit() for sign in signs):
        return 0
    return len(lines[0]) - len(lines[0].lstrip(" "))
