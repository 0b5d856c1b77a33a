"""Tables of text, aligned by the columns that a terminal shows, not by numbers of characters."""

from __future__ import annotations

from collections.abc import Sequence

from plancast.render.terminal.style import Ink, columns, cut, one_line, paint, wrap_words

GAP = 2
WIDEST = 80
"""Columns of a cell that count for the alignment: one very long cell must not widen every row."""
LEAST = 24
"""Columns that a wrapped last column has in the narrowest terminal."""


def render_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    color: bool,
    width: int,
    whole: bool = False,
) -> str:
    """Render a table with one line per row, and a line end at the end.

    The last column is cut if it does not fit into `width`, unless `whole` is set.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [
        max(columns(row[index]) for row in (list(headers), *cells)) for index in range(len(headers))
    ]
    # The last column needs no padding, so its longest cell widens no other row.
    widths[:-1] = (min(WIDEST, size) for size in widths[:-1])
    used = sum(widths[:-1]) + GAP * (len(headers) - 1)
    if not whole:
        widths[-1] = max(12, min(widths[-1], width - used))
    lines = [paint(_line(list(headers), widths), Ink.FAINT, color=color)]
    lines.extend(_line(row, widths) for row in cells)
    return "\n".join(lines) + "\n"


def render_wrapped_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, color: bool, width: int
) -> str:
    """Render a table whose last column is wrapped to fit into `width`, and a line end at the end.

    For tables of sentences, which may not be cut. A word that is longer than the column stays
    whole, so that a path can be copied.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(headers, *cells, strict=True)][:-1]
    margin = sum(widths) + GAP * len(widths)
    left = max(LEAST, width - margin)
    lines = [paint(_line(list(headers), [*widths, left]), Ink.FAINT, color=color)]
    for *row, last in cells:
        first, *more = wrap_words(last, left)
        lines.append(_line([*row, first], [*widths, columns(first)]))
        lines.extend(f"{' ' * margin}{part}" for part in more)
    return "\n".join(lines) + "\n"


def _line(row: list[str], widths: list[int]) -> str:
    padded = [cell + " " * (size - columns(cell)) for cell, size in zip(row, widths, strict=True)]
    return (" " * GAP).join([*padded[:-1], cut(row[-1], widths[-1])]).rstrip()
