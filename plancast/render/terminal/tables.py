"""Tables of text: aligned by what a terminal shows, not by how many characters there are."""

from __future__ import annotations

from collections.abc import Sequence

from plancast.render.terminal.style import Ink, columns, cut, one_line, paint

GAP = 2
WIDEST = 80
"""Columns to which other rows are aligned: one endless cell must not lengthen every row."""


def render_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    color: bool,
    width: int,
    whole: bool = False,
) -> str:
    """One line a row; the last column is cut where it does not fit, unless it is wanted `whole`.

    Ends with a line end.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [
        max(columns(row[index]) for row in (list(headers), *cells)) for index in range(len(headers))
    ]
    widths[:-1] = (min(WIDEST, size) for size in widths[:-1])
    taken = sum(widths[:-1]) + GAP * (len(headers) - 1)
    if not whole:
        widths[-1] = max(12, min(widths[-1], width - taken))
    lines = [paint(_line(list(headers), widths), Ink.FAINT, color=color)]
    lines.extend(_line(row, widths) for row in cells)
    return "\n".join(lines) + "\n"


def _line(row: list[str], widths: list[int]) -> str:
    padded = [cell + " " * (size - columns(cell)) for cell, size in zip(row, widths, strict=True)]
    return (" " * GAP).join([*padded[:-1], cut(row[-1], widths[-1])]).rstrip()
