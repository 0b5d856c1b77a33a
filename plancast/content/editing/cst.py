"""The concrete syntax tree of a YAML file: every value with its span of text, and the comments.

`yaml_reader` returns the values of a file and throws the spelling away. A program that edits the
file of an author needs the spelling: quotes, order, line ends, comments. So the same parser runs
once more, and this time every value keeps the span of text that it stands in:

* A *leaf* is a scalar, with the sign of its style (none, `'`, `"`, `|`, `>`).
* A *branch* is a mapping or a list, in block or flow style, and has *items*.
* Between two spans stand blanks, indicators and comments, nothing else.

A comment belongs to the item below it (`above`), to the value that ends before it on its line
(`beside`), or to the end of a branch (`below`). Its indentation decides. That is a guess about
the intention of authors, and it is made here alone.

Callers pass only texts that `yaml_reader.read` found no flaw in. Syntax that cannot be edited
without risk (anchors, tags, directives, keys behind a `?`, line ends that no editor shows) raises
Odd, and the file is left as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from plancast.content.yaml_reader import MAX_DEPTH, events

_COMMENT = re.compile(r"#[^\r\n]*")
_HEADER = re.compile(r"[|>][+-]?[1-9]?[+-]?([ \t]+#[^\r\n]*)?")
_THIRD_KIND = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
"""Characters that end a line for the YAML parser, but in no editor."""

_BLANK = re.compile(r"[ \t]*\r?\n[ \t]*\r?\n")
BLOCK = ("|", ">")


class Odd(Exception):  # noqa: N818  # an adjective: the text is odd, not wrong
    """A text whose syntax cannot be edited safely; the message names the reason."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar: its span, the sign of its style, and the text that it stands for."""

    start: int
    end: int
    style: str
    value: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping or a list. `column` is that of its first item, if it is in block style."""

    start: int
    end: int
    is_mapping: bool
    flow: bool
    column: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A value and its key; a list has no keys."""

    key: Leaf | None
    value: Node

    @property
    def start(self) -> int:
        """The place of its key, or of its value in a list."""
        return self.value.start if self.key is None else self.key.start

    @property
    def mark(self) -> tuple[int, bool]:
        """Its identity in a document: a mapping in a list begins at the place of its first key."""
        return (self.start, self.key is not None)


Node = Leaf | Branch


@dataclass(frozen=True, slots=True)
class CommentNode:
    """A comment, from its # to the end of the line.

    `alone`: nothing else stands on its line; else `gap` blanks part it from what does.
    `blank_after`: an empty line follows.
    """

    start: int
    text: str
    column: int
    alone: bool
    gap: int
    blank_after: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document of a text, from `begin` to `end`. `root` is None if it is empty."""

    number: int
    begin: int
    end: int
    root: Node | None


@dataclass(frozen=True, slots=True)
class Notes:
    """The comments of one document by the item (`Item.mark`) or branch (its start) they belong to.

    `loose` ones belong to none, as in an empty document.
    """

    above: dict[tuple[int, bool], list[CommentNode]] = field(default_factory=dict)
    beside: dict[tuple[int, bool], list[CommentNode]] = field(default_factory=dict)
    below: dict[int, list[CommentNode]] = field(default_factory=dict)
    loose: list[CommentNode] = field(default_factory=list)


def sheets(text: str) -> tuple[Sheet, ...]:
    """Parse a text into its documents, empty ones included, numbered as by the reader. Raises Odd.

    The spans of the documents follow each other without gaps and cover the whole text.
    """
    if _THIRD_KIND.search(text):
        raise Odd("it has line ends of a third kind")
    parsed: list[tuple[int, Node | None]] = []
    stream = events(text)
    for event in stream:
        if type(event) is yaml.DocumentStartEvent:
            if event.version or event.tags:
                raise Odd("it has directives")
            root = _node(next(stream), stream, text)
            empty = isinstance(root, Leaf) and not root.value and not root.style
            mark: Any = event.start_mark
            parsed.append((mark.index, None if empty else root))
    parsed = parsed or [(0, None)]  # a text of comments alone has no document
    ends = [begin for begin, _ in parsed[1:]] + [len(text)]
    return tuple(
        Sheet(number, begin if number else 0, end, root)
        for number, ((begin, root), end) in enumerate(zip(parsed, ends, strict=True))
    )


def _node(event: Any, stream: Iterator[Any], text: str) -> Node:
    if type(event) is yaml.AliasEvent or event.anchor:
        raise Odd("it uses anchors")
    if event.tag is not None:
        raise Odd("it uses tags")
    start, end = event.start_mark.index, event.end_mark.index
    if type(event) is yaml.ScalarEvent:
        return Leaf(start, _trimmed(event, text), event.style or "", event.value)
    is_mapping = type(event) is yaml.MappingStartEvent
    items: list[Item] = []
    # A branch in block style ends with its last value: the parser puts its end behind the blanks
    # and comments that follow, which may belong to an outer branch.
    for inner in stream:
        if type(inner) in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            end = inner.end_mark.index if event.flow_style else end
            break
        key = _key(inner, stream, text) if is_mapping else None
        value = _node(next(stream) if is_mapping else inner, stream, text)
        items.append(Item(key, value))
        end = max(end, value.end)
    return Branch(
        start, end, is_mapping, bool(event.flow_style), event.start_mark.column, tuple(items)
    )


def _key(event: Any, stream: Iterator[Any], text: str) -> Leaf:
    key = _node(event, stream, text)
    line = text[text.rfind("\n", 0, key.start) + 1 : key.start]
    if not isinstance(key, Leaf) or "\n" in text[key.start : key.end] or re.search(r"\?\s", line):
        raise Odd("it has keys that are not on one line")
    return key


def _trimmed(event: Any, text: str) -> int:
    """Return the end of a scalar; empty lines below a block are not counted as its own."""
    start, end = event.start_mark.index, event.end_mark.index
    if event.style not in BLOCK:
        return int(end)
    last = start + len(text[start:end].rstrip(" \t\r\n"))
    line_end = text.find("\n", last, end)
    return int(start) + len(text[start : end if line_end < 0 else line_end].rstrip("\r"))


def header(leaf: Leaf, text: str) -> tuple[str, str]:
    """Split the first line of a block into its signs and its comment with the blanks before it."""
    line = _HEADER.match(text, leaf.start)
    assert line is not None, "a block begins with its sign"
    comment = line.group(1) or ""
    return line.group().removesuffix(comment), comment


def step_into(node: Node | None, step: str | int) -> Item | None:
    """Return the item that a key or an index names; None if there is none."""
    if not isinstance(node, Branch):
        return None
    if isinstance(step, int):
        return node.items[step] if not node.is_mapping and step < len(node.items) else None
    return next((item for item in node.items if item.key and item.key.value == step), None)


# -- comments -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Solid:
    """A span that is no blank, indicator or comment. `kind`: key, value, open or close."""

    start: int
    end: int
    kind: str
    item: Item | None
    chain: tuple[Branch, ...]


def comments(text: str, sheet: Sheet) -> tuple[CommentNode, ...]:
    """Return all comments of a document, in order."""
    return tuple(comment for comment, _ in _comments(text, sheet, _all_solids(sheet)))


def _comments(
    text: str, sheet: Sheet, solids: Sequence[_Solid]
) -> Iterator[tuple[CommentNode, _Solid | None]]:
    """Yield each comment; if it stands in the first line of a block, with that block.

    A `#` counts only between two solid spans: inside a quoted or a block text it is no comment.
    """
    place = sheet.begin
    for solid in (*solids, _Solid(sheet.end, sheet.end, "", None, ())):
        for match in _COMMENT.finditer(text, place, max(place, solid.start)):
            yield _comment(text, match.start(), match.group()), None
        leaf = solid.item.value if solid.item and solid.kind == "value" else None
        if isinstance(leaf, Leaf) and leaf.style in BLOCK:
            signs, comment = header(leaf, text)
            if comment:
                start = leaf.start + len(signs) + len(comment) - len(comment.lstrip())
                yield _comment(text, start, comment.lstrip()), solid
        place = max(place, solid.end)


def _comment(text: str, start: int, comment: str) -> CommentNode:
    before = text[text.rfind("\n", 0, start) + 1 : start]
    gap = len(before) - len(before.rstrip(" \t"))
    blank = _BLANK.match(text, start + len(comment)) is not None
    return CommentNode(start, comment.rstrip(), len(before), not before.strip(), gap, blank)


def _all_solids(sheet: Sheet) -> tuple[_Solid, ...]:
    return tuple(_solids(sheet.root, None, ())) if sheet.root else ()


def _solids(node: Node, item: Item | None, chain: tuple[Branch, ...]) -> Iterator[_Solid]:
    if isinstance(node, Leaf):
        yield _Solid(node.start, node.end, "value", item, chain)
        return
    bracket = node.flow and node.end > node.start and not _is_lone_pair(node)
    if bracket:
        yield _Solid(node.start, node.start + 1, "open", item, chain)
    below = (*chain, node)
    for inner in node.items:
        if inner.key is not None:
            yield _Solid(inner.key.start, inner.key.end, "key", inner, below)
        yield from _solids(inner.value, inner, below)
    if bracket:
        yield _Solid(node.end - 1, node.end, "close", item, chain)


def _is_lone_pair(node: Branch) -> bool:
    """Return whether a mapping in flow style has no braces, as `a: b` in `[a: b]`."""
    return bool(node.items) and node.items[0].start == node.start


def notes(text: str, sheet: Sheet) -> Notes:
    """Find out for each comment of a document what it belongs to."""
    made = Notes()
    solids = _all_solids(sheet)
    ends = [solid.end for solid in solids]
    items = tuple(_items(sheet.root, ())) if sheet.root else ()
    starts = [item.start for item, _ in items]
    # Several comments can stand between the same two spans (one gap). Once one of them belongs to
    # an outer branch, the inner ones are closed: the next comment must not go back into them.
    gap, deepest = -1, MAX_DEPTH
    for comment, block in _comments(text, sheet, solids):
        index = bisect_right(ends, comment.start) - 1
        before = block or (solids[index] if index >= 0 else None)
        following = bisect_right(starts, comment.start)
        after = items[following] if following < len(items) else None
        if index != gap:
            gap, deepest = index, MAX_DEPTH
        deepest = _attach(comment, before, after, made, text, deepest)
    return made


def _items(node: Node, chain: tuple[Branch, ...]) -> Iterator[tuple[Item, tuple[Branch, ...]]]:
    if isinstance(node, Branch):
        below = (*chain, node)
        for item in node.items:
            yield item, below
            yield from _items(item.value, below)


def _attach(  # noqa: PLR0913, PLR0917  # a comment and what stands around it
    comment: CommentNode,
    before: _Solid | None,
    after: tuple[Item, tuple[Branch, ...]] | None,
    made: Notes,
    text: str,
    deepest: int,
) -> int:
    """Attach a comment to an item or a branch. Return the depth of that branch, for the next one.

    `before` is the span in front of the comment, `after` the item behind it with its branches.
    """
    near = before.item if before else None
    chain = before.chain if before else ()
    if before is not None and near is not None:
        value = near.value
        if before.kind == "open":
            chain = (*chain, value) if isinstance(value, Branch) else chain
        elif "\n" not in text[before.end : comment.start]:
            made.beside.setdefault(near.mark, []).append(comment)
            return deepest
        elif before.kind == "key" and isinstance(value, Leaf) and value.start > comment.start:
            made.above.setdefault(near.mark, []).append(comment)
            return deepest
    home = _home(comment, chain[:deepest])
    # A comment behind a dash (`- # like this`) is about the entry that the dash begins. Else the
    # item below takes it, unless the indentation shows that it closes a branch further in.
    if after is not None and (home is None or len(after[1]) >= home[1] or not comment.alone):
        made.above.setdefault(after[0].mark, []).append(comment)
        return deepest
    if home is None:
        made.loose.append(comment)
        return deepest
    made.below.setdefault(home[0].start, []).append(comment)
    return home[1]


def _home(comment: CommentNode, chain: tuple[Branch, ...]) -> tuple[Branch, int] | None:
    """Return the innermost branch that a comment's indentation allows, and its depth from 1."""
    home = None
    for depth, branch in enumerate(chain, start=1):
        outer = chain[depth - 2].column if depth > 1 else -1
        if branch.flow:
            # Between brackets indentation means nothing.
            if branch.start < comment.start < branch.end:
                home = (branch, depth)
        elif max(branch.column, outer + 1) <= comment.column:
            # A list may begin in the column of its key; a comment there is about the next key.
            home = (branch, depth)
        elif home is None:
            home = (branch, depth)
    return home
