"""What became of every post, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from plancast.core.status import Standing, StatusRow
from plancast.views.options import ViewOptions
from plancast.views.tables import render_table
from plancast.views.words import distance, listed, local


def render_status(rows: Sequence[StatusRow], options: ViewOptions) -> str:
    """A table, what is wrong first, and one sentence."""
    if not rows:
        return "Nothing is owned yet.\n"
    ordered = sorted(rows, key=lambda row: (not row.standing.is_trouble, row.address))
    cells = [
        (
            row.standing.value,
            str(row.address),
            _when(row, options),
            row.link or row.detail,
        )
        for row in ordered
    ]
    headers = ("STATUS", "ADDRESS", "WHEN", "LINK OR REASON")
    table = render_table(headers, cells, color=options.color, width=options.width)
    return f"{table}\n{_sentence(rows)}\n"


def _when(row: StatusRow, options: ViewOptions) -> str:
    if row.when is None:
        return "-"
    return f"{local(row.when, row.zone)} ({distance(row.when, options.now)})"


def _sentence(rows: Sequence[StatusRow]) -> str:
    counts = Counter(row.standing for row in rows)
    words = [f"{counts[standing]} {standing.value}" for standing in Standing if counts[standing]]
    ending = "." if any(row.standing.is_trouble for row in rows) else ": all is well."
    return listed(words) + ending
