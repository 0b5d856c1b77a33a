"""The differences of one change in a terminal: only what differs, and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from plancast.core.plan import Change, FieldDiff
from plancast.views.options import ViewOptions
from plancast.views.paint import Ink, one_line, paint, safe, wrap
from plancast.views.textdiff import Piece, pieces
from plancast.views.words import local, moved

_LABELS = {"due_at": "time", "link_card": "card", "shorten": "shorten", "queue": "queue"}
_MARKS = re.compile(r"(\[-|-\]|\{\+|\+\})")
_CONTEXT = 1
"""Unchanged lines that are kept on either side of a changed one."""


def difference(
    change: Change, leaves: Sequence[FieldDiff], options: ViewOptions, indent: str = "  "
) -> Iterator[str]:
    """One or more lines for each leaf that differs."""
    for leaf in leaves:
        label = paint(f"{_LABELS.get(leaf.path, leaf.path):<6}", Ink.FAINT, color=options.color)
        if leaf.path == "text":
            yield from _text(leaf, options, indent)
        elif leaf.path == "due_at":
            yield f"{indent}{label} {_time(leaf, change.zone)}"
        else:
            yield f"{indent}{label} {_value(leaf.before)} → {_value(leaf.after)}"


def drifted(change: Change, options: ViewOptions) -> Iterator[str]:
    """What a person changed, further in."""
    yield from difference(change, change.drift, options, indent="    ")


def _time(leaf: FieldDiff, zone: str) -> str:
    before, after = leaf.before, leaf.after
    if isinstance(before, datetime) and isinstance(after, datetime):
        return f"{local(before, zone)} → {local(after, zone)}, {moved(before, after)}"
    shown = [
        local(moment, zone) if isinstance(moment, datetime) else "a slot of the queue"
        for moment in (before, after)
    ]
    return " → ".join(shown)


def _value(value: object) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(str(value)) or "(empty)"


def _text(leaf: FieldDiff, options: ViewOptions, indent: str) -> Iterator[str]:
    bar = paint("│", Ink.FAINT, color=options.color)
    marked = "".join(_marked(piece) for piece in pieces(_plain(leaf.before), _plain(leaf.after)))
    inside = ""
    for line in _around(marked.split("\n"), keep_all=options.verbose):
        for part in wrap(line, max(20, options.width - len(indent) - 2)):
            painted, inside = _painted(part, inside, color=options.color)
            yield f"{indent}{bar} {painted}".rstrip()


def _plain(value: object) -> str:
    return safe(str(value)) if value is not None else ""


def _marked(piece: Piece) -> str:
    if piece.kept:
        return piece.before
    removed = f"[-{piece.before}-]" if piece.before else ""
    added = f"{{+{piece.after}+}}" if piece.after else ""
    return removed + added


def _around(lines: list[str], *, keep_all: bool) -> Iterator[str]:
    """The changed lines with a little around them; the rest is counted."""
    depth, changed = 0, []
    for line in lines:
        opened, closed = len(re.findall(r"\[-|\{\+", line)), len(re.findall(r"-\]|\+\}", line))
        changed.append(bool(depth or opened))
        depth = max(0, depth + opened - closed)
    skipped = 0
    for index, line in enumerate(lines):
        near = changed[max(0, index - _CONTEXT) : index + _CONTEXT + 1]
        if keep_all or any(near):
            if skipped:
                yield f"… {skipped} unchanged"
            skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield f"… {skipped} unchanged"


def _painted(line: str, inside: str, *, color: bool) -> tuple[str, str]:
    """A line with its marks in colour; `inside` is the mark that is still open."""
    painted = []
    for part in _MARKS.split(line):
        if part in ("[-", "{+"):
            inside = part
        ink = {"[-": Ink.DESTROY, "{+": Ink.CREATE}.get(inside)
        painted.append(paint(part, ink, color=color) if ink else part)
        if part in ("-]", "+}"):
            inside = ""
    return "".join(painted), inside
