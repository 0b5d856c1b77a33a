"""Differences of one change in a terminal: only the fields that differ, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from plancast.model.plan import Change, FieldDiff
from plancast.render.options import ViewOptions
from plancast.render.terminal.entry_block import is_text, label, value
from plancast.render.terminal.style import MARKS, Ink, columns, cut, one_line, paint, safe, wrap
from plancast.render.text import count, local, moved
from plancast.render.text_diff import DiffPiece, pieces

_REMOVED, _ADDED = ("\x01", "\x02"), ("\x03", "\x04")
"""The keys of `style.MARKS` that open and close a run of text."""

_MARK = re.compile("([\x01-\x04])")
_INKS = {"\x01": Ink.DESTROY, "\x03": Ink.CREATE}
_CONTEXT = 1
"""Unchanged lines that are shown on either side of a changed one."""

LABEL = range(6, 25)
"""Columns of the labels: at least the first number, at most the last; a longer label is cut."""


def difference(
    change: Change, leaves: Sequence[FieldDiff], options: ViewOptions, indent: str = "  "
) -> Iterator[str]:
    """Yield one or more lines for each field that differs.

    A text has its label on a line of its own, unless it is the post's text, and then its
    difference.
    """
    names = {
        diff.path: cut(one_line(label(diff.path, brief=True)), LABEL[-1])
        for diff in leaves
        if diff.path != "text"
    }
    beside = [columns(name) for path, name in names.items() if not is_text(path)]
    # The label of a text stands on its own line, so it does not widen the column.
    widest = max([LABEL[0], *beside])
    for diff in leaves:
        name = names.get(diff.path, "")
        if is_text(diff.path):
            if name:
                yield f"{indent}{paint(name, Ink.FAINT, color=options.color)}"
            yield from _text(diff, options, indent)
            continue
        padding = " " * (widest - columns(name))
        head = f"{indent}{paint(name, Ink.FAINT, color=options.color)}{padding} "
        room = options.width - len(indent) - widest - 1
        lines = _time(diff, change.zone, room) if diff.path == "due_at" else _values(diff, room)
        for number, line in enumerate(lines):
            yield f"{head if number == 0 else ' ' * (len(indent) + widest + 1)}{line}".rstrip()


def drifted(change: Change, options: ViewOptions) -> Iterator[str]:
    """Yield the lines of what a person changed in the queue, indented further."""
    yield from difference(change, change.drift, options, indent="    ")


def _time(leaf: FieldDiff, zone: str, room: int) -> list[str]:
    """Return both times and how far apart they are, on as few lines as there is room for."""
    before, after = leaf.before, leaf.after
    if isinstance(before, datetime) and isinstance(after, datetime):
        gap = moved(before, after, zone)
        parts = (local(before, zone), f"→ {local(after, zone)}, {gap}")
        return [" ".join(parts)] if columns(" ".join(parts)) <= room else list(parts)
    shown = [
        local(moment, zone) if isinstance(moment, datetime) else "a slot of the queue"
        for moment in (before, after)
    ]
    return [" → ".join(shown)]


def _values(leaf: FieldDiff, room: int) -> list[str]:
    """Return both sides on one line, or one below the other if that is too long."""
    before, after = (_value(value(leaf.path, side)) for side in (leaf.before, leaf.after))
    if columns(before) + columns(after) + len(" → ") <= room:
        return [f"{before} → {after}"]
    lines = wrap(after, max(20, room - 2))
    return [*wrap(before, max(20, room)), f"→ {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _value(side: object) -> str:
    if side is None:
        return "(none)"
    if isinstance(side, bool):
        return "yes" if side else "no"
    return one_line(str(side)) or "(empty)"


def _text(leaf: FieldDiff, options: ViewOptions, indent: str) -> Iterator[str]:
    bar = paint("│", Ink.FAINT, color=options.color)
    lines = _lines(pieces(_plain(leaf.before), _plain(leaf.after)))
    for line in _around(lines, keep_all=options.verbose):
        for part in _painted(line, options.width - len(indent) - 2, color=options.color):
            yield f"{indent}{bar} {part}".rstrip()


def _plain(value: object) -> str:
    return safe(str(value)) if value is not None else ""


def _lines(diff_pieces: Sequence[DiffPiece]) -> list[str]:
    """Split a difference into lines. A change that runs over several is marked in each of them.

    A painted run must not go over a line end, since each line is wrapped and painted by itself.
    """
    lines: list[list[str]] = [[]]
    for piece in diff_pieces:
        if piece.kept:
            runs = [(piece.before, "", "")]
        else:
            runs = [(piece.before, *_REMOVED), (piece.after, *_ADDED)]
        # If nothing but blanks differs, a line end that was added or removed needs a sign.
        ending = "" if (piece.before + piece.after).strip() else "⏎"
        for text, opening, closing in runs:
            for number, part in enumerate(text.split("\n")):
                if number:
                    if opening and ending:
                        lines[-1].append(f"{opening}{ending}{closing}")
                    lines.append([])
                if part:
                    lines[-1].append(f"{opening}{part}{closing}")
    return ["".join(parts) for parts in lines]


def _around(lines: list[str], *, keep_all: bool) -> Iterator[str]:
    """Yield the changed lines with _CONTEXT around them, and counts of the lines left out."""
    changed = [any(mark in line for mark in _INKS) for line in lines]
    skipped = 0
    for index, line in enumerate(lines):
        # A line is kept if one within _CONTEXT lines of it has changed.
        near = changed[max(0, index - _CONTEXT) : index + _CONTEXT + 1]
        if keep_all or any(near):
            if skipped:
                yield f"… {count(skipped, 'unchanged line')}"
            skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield f"… {count(skipped, 'unchanged line')}"


def _painted(line: str, width: int, *, color: bool) -> Iterator[str]:
    """Wrap a line, write its marks out (`{+new+}`), and paint the runs between them.

    A run that is wrapped goes on in the next part, so `opening` is carried over.
    """
    opening = ""
    for part in wrap(line, max(20, width)):
        painted, run = "", ""
        for words in _MARK.split(part):
            # `split` returns texts and marks in turn; a mark opens or closes a run.
            if words not in MARKS:
                run += words
                continue
            if words in _INKS:
                painted += run
                opening, run = words, MARKS[words]
            else:
                painted += paint(run + MARKS[words], _INKS[opening], color=color)
                opening, run = "", ""
        ink = _INKS.get(opening)
        yield painted + (paint(run, ink, color=color) if ink else run)
