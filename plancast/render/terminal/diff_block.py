"""The differences of one change in a terminal: only what differs, and in words."""

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
"""The signs of `paint.MARKS` that open and close a run of text."""

_MARK = re.compile("([\x01-\x04])")
_INKS = {"\x01": Ink.DESTROY, "\x03": Ink.CREATE}
_CONTEXT = 1
"""Unchanged lines that are kept on either side of a changed one."""

LABEL = range(6, 25)
"""How wide the column of labels may be; a longer label is cut."""


def difference(
    change: Change, leaves: Sequence[FieldDiff], options: ViewOptions, indent: str = "  "
) -> Iterator[str]:
    """One or more lines for each leaf that differs."""
    names = {
        leaf.path: cut(one_line(label(leaf.path, brief=True)), LABEL[-1])
        for leaf in leaves
        if leaf.path != "text"
    }
    beside = [columns(name) for path, name in names.items() if not is_text(path)]
    widest = max([LABEL[0], *beside])
    for leaf in leaves:
        name = names.get(leaf.path, "")
        if is_text(leaf.path):
            if name:
                yield f"{indent}{paint(name, Ink.FAINT, color=options.color)}"
            yield from _text(leaf, options, indent)
            continue
        padding = " " * (widest - columns(name))
        head = f"{indent}{paint(name, Ink.FAINT, color=options.color)}{padding} "
        room = options.width - len(indent) - widest - 1
        lines = _time(leaf, change.zone) if leaf.path == "due_at" else _values(leaf, room)
        for number, line in enumerate(lines):
            yield f"{head if number == 0 else ' ' * (len(indent) + widest + 1)}{line}".rstrip()


def drifted(change: Change, options: ViewOptions) -> Iterator[str]:
    """What a person changed, further in."""
    yield from difference(change, change.drift, options, indent="    ")


def _time(leaf: FieldDiff, zone: str) -> list[str]:
    before, after = leaf.before, leaf.after
    if isinstance(before, datetime) and isinstance(after, datetime):
        return [f"{local(before, zone)} → {local(after, zone)}, {moved(before, after, zone)}"]
    shown = [
        local(moment, zone) if isinstance(moment, datetime) else "a slot of the queue"
        for moment in (before, after)
    ]
    return [" → ".join(shown)]


def _values(leaf: FieldDiff, room: int) -> list[str]:
    """Both sides on one line, or one below the other where that is too long."""
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


def _lines(found: Sequence[DiffPiece]) -> list[str]:
    """The difference in lines. A change that runs over several is marked in each of them."""
    lines: list[list[str]] = [[]]
    for piece in found:
        if piece.kept:
            runs = [(piece.before, "", "")]
        else:
            runs = [(piece.before, *_REMOVED), (piece.after, *_ADDED)]
        # Where nothing but blanks differ, they have to be seen.
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
    """The changed lines with a little around them; the rest is counted."""
    changed = [any(mark in line for mark in _INKS) for line in lines]
    skipped = 0
    for index, line in enumerate(lines):
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
    """The line wrapped, its marks written out and in colour."""
    opening = ""
    for part in wrap(line, max(20, width)):
        painted, run = "", ""
        for words in _MARK.split(part):
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
