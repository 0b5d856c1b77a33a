"""Renderer of the status as Markdown, for the summary of a scheduled run: trouble comes first."""

from __future__ import annotations

from collections.abc import Sequence

from plancast.model.quoting import shorten
from plancast.reconcile.status import Standing, StatusRow
from plancast.render.markdown.escape import attribute, code, is_address, phrase, plain
from plancast.render.markdown.fitting import Section, fit, possible
from plancast.render.markdown.parts import row, table
from plancast.render.options import ViewOptions
from plancast.render.summary_text import FAILED_STAY, standings
from plancast.render.text import count, distance, local


def render_status(rows: Sequence[StatusRow], options: ViewOptions, not_applied: str = "") -> str:
    """Render a headline and a table. Ends with one line end.

    `not_applied` says that the files ask for something else; "" if they do not.
    """
    troubles = sum(1 for status_row in rows if status_row.standing.is_trouble)
    if troubles:
        need = "needs" if troubles == 1 else "need"
        head = f"### ⚠️ Status: {count(troubles, 'entry')} {need} a look"
    else:
        head = "### Status: nothing is owned yet"
        if rows and not_applied:
            head = "### Status: the queue is not what the files ask for"
        elif rows:
            head = "### ✅ Status: all is well"
    if rows:
        head += f"\n\n{standings(rows)}."
    if any(one.standing is Standing.FAILED for one in rows):
        head += f"\n\n{FAILED_STAY}"
    if not_applied:
        head += f"\n\n{not_applied}"
    # Rows that do not fit are left out from the end, so trouble is never left out first.
    ordered = sorted(
        rows, key=lambda status_row: (not status_row.standing.is_trouble, status_row.address)
    )
    heads = ("", "entry", "when", "link or reason")
    table_rows = [_row(status_row, options) for status_row in possible(ordered, options.limit)]
    listing = table(heads, table_rows, 1, "entries", "Each entry", total=len(ordered))
    return fit((Section((head,), 0), listing), options.limit)


def _row(status_row: StatusRow, options: ViewOptions) -> str:
    words = plain(status_row.standing.value)
    standing = f"<b>{words}</b>" if status_row.standing.is_trouble else words
    when = ""
    if status_row.when is not None:
        gap = distance(status_row.when, options.now)
        when = f"{plain(local(status_row.when, status_row.zone))}<br><sub>{plain(gap)}</sub>"
    note = phrase(shorten(status_row.detail))
    if status_row.link:
        shown = code(status_row.link)
        link = (
            f'<a href="{attribute(status_row.link)}">{shown}</a>'
            if is_address(status_row.link)
            else shown
        )
        note = f"{link}<br>{note}" if note else link
    return row((standing, code(str(status_row.address)), when, note))
