"""Renderer of the status for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from plancast.reconcile.status import Standing, StatusRow
from plancast.render.options import ViewOptions
from plancast.render.summary_text import FAILED_STAY, standings
from plancast.render.terminal.style import Ink, columns, one_line, paint, wrap, wrap_words
from plancast.render.terminal.tables import GAP, render_table
from plancast.render.text import distance, local


def render_status(rows: Sequence[StatusRow], options: ViewOptions, not_applied: str = "") -> str:
    """Render a table, trouble first, and a sentence or two.

    `not_applied` says that the files ask for something else; "" if they do not.
    """
    failed = any(row.standing is Standing.FAILED for row in rows)
    notes = (FAILED_STAY if failed else "", not_applied)
    more = "".join(f"{line}\n" for note in notes for line in wrap(note, options.width) if note)
    if not rows:
        return f"Nothing is owned yet.\n{more}"
    ordered = sorted(rows, key=lambda row: (not row.standing.is_trouble, row.address))
    is_well = not (not_applied or any(row.standing.is_trouble for row in rows))
    ending = ": all is well." if is_well else "."
    return f"{_table(ordered, options)}\n{standings(rows)}{ending}\n{more}"


def _table(rows: Sequence[StatusRow], options: ViewOptions) -> str:
    """Return the table in the widest form that fits.

    If it is too wide, distances are left out, then links and reasons move below their line. They
    are never cut: a part of a link leads nowhere, and the reason is what the reader needs.
    """
    notes = [row.link or row.detail for row in rows]
    # From the widest to the narrowest: notes beside or below, with and without distances.
    forms = [(distances, beside) for beside in (True, False) for distances in (True, False)]
    # The last form is taken even if it is too wide.
    for distances, beside in forms if any(notes) else forms[2:]:
        headers = ["STATUS", "ADDRESS", "WHEN"]
        cells = [
            [row.standing.value, str(row.address), _when(row, options, distances=distances)]
            for row in rows
        ]
        if beside:
            headers.append("LINK OR REASON")
            cells = [[*cell, note] for cell, note in zip(cells, notes, strict=True)]
        lines = render_table(headers, cells, color=False, width=0, whole=True).splitlines()
        if max(map(columns, lines)) <= options.width:
            break
    lines[0] = paint(lines[0], Ink.FAINT, color=options.color)
    if not beside:
        # A note begins below the address.
        margin = " " * (max(len(word) for word, *_ in (headers, *cells)) + GAP)
        pairs = zip(lines[1:], notes, strict=True)
        left = options.width - len(margin)
        noted = (_with_note(line, note, margin, left) for line, note in pairs)
        lines = [lines[0], *chain.from_iterable(noted)]
    return "\n".join(lines) + "\n"


def _with_note(line: str, note: str, margin: str, left: int) -> tuple[str, ...]:
    if not note:
        return (line,)
    return (line, *(f"{margin}{part}" for part in wrap_words(one_line(note), left)))


def _when(row: StatusRow, options: ViewOptions, *, distances: bool) -> str:
    if row.when is None:
        return "-"
    moment = local(row.when, row.zone)
    return f"{moment} ({distance(row.when, options.now)})" if distances else moment
