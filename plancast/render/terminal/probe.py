"""The table of a probe in a terminal: its last column is wrapped."""

from __future__ import annotations

from collections.abc import Sequence

from plancast.render.probe_words import ProbeRow
from plancast.render.terminal.style import Ink, paint, wrap

GAP = "  "
LEAST = 24
"""Columns of the last column in the narrowest terminal."""

HEADERS = ProbeRow("QUESTION", "ANSWER", "WHAT FOLLOWS")


def render_probe(rows: Sequence[ProbeRow], *, color: bool, width: int) -> str:
    """Render the questions of a probe, each with its answer and what follows from it."""
    first = max(len(row.question) for row in (HEADERS, *rows))
    second = max(len(row.answer) for row in (HEADERS, *rows))
    left = max(LEAST, width - first - second - 2 * len(GAP))
    lines = [paint(_line(HEADERS, first, second, HEADERS.follows), Ink.FAINT, color=color)]
    for row in rows:
        parts = wrap(row.follows, left) or [""]
        lines.append(_line(row, first, second, parts[0]))
        indent = " " * (first + second + 2 * len(GAP))
        lines.extend(f"{indent}{part}" for part in parts[1:])
    return "\n".join(lines) + "\n"


def _line(row: ProbeRow, first: int, second: int, follows: str) -> str:
    return GAP.join((row.question.ljust(first), row.answer.ljust(second), follows)).rstrip()
