"""JSON text in pieces, so that a document of many items is never in memory as a whole.

The text is that of `json.dumps(document, indent=indent, ensure_ascii=False)`, whose encoder with an
indent is plain Python and takes twice as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring as _quoted


def json_pieces(document: Mapping[str, object], indent: int) -> Iterator[str]:
    r"""Yield the text of a document, the items of each value that is an iterator one by one.

    No piece but the first begins within a line, except for the comma or the bracket that ends the
    line before: what is true of each line is true of the lines of each piece.

    >>> "".join(json_pieces({"changes": iter([1])}, 1))
    '{\n "changes": [\n  1\n ]\n}'
    """
    step = " " * indent
    before = "{"
    for key, value in document.items():
        head = f"{before}\n{step}{_quoted(key)}: "
        if isinstance(value, Iterator):
            yield from _list_pieces(head, value, step)
        else:
            yield head + _text(value, step, step)
        before = ","
    yield "\n}" if document else "{}"


def _list_pieces(head: str, items: Iterator[object], step: str) -> Iterator[str]:
    before = f"{head}["
    is_empty = True
    for item in items:
        yield f"{before}\n{step}{step}{_text(item, step * 2, step)}"
        before, is_empty = ",", False
    yield f"{before}]" if is_empty else f"\n{step}]"


def _text(value: object, lead: str, step: str) -> str:
    """Return the text of a value; `lead` is the indent of its last line."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict) and value:
        inner = lead + step
        rows = [f"{inner}{_quoted(key)}: {_text(item, inner, step)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{lead}}}"
    if isinstance(value, list | tuple) and value:
        inner = lead + step
        rows = [f"{inner}{_text(item, inner, step)}" for item in value]
        return "[\n" + ",\n".join(rows) + f"\n{lead}]"
    return json.dumps(value)  # numbers, true, false, null, and what is empty
