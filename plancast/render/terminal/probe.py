"""The table of a probe in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from plancast.render.probe_words import ProbeRow
from plancast.render.terminal.tables import render_wrapped_table

HEADERS = ("QUESTION", "ANSWER", "WHAT FOLLOWS")


def render_probe(rows: Sequence[ProbeRow], *, color: bool, width: int) -> str:
    """Render the questions of a probe, each with its answer and what follows from it."""
    cells = [(row.question, row.answer, row.follows) for row in rows]
    return render_wrapped_table(HEADERS, cells, color=color, width=width)
