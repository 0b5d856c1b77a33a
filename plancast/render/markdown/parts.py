"""Parts that several comments share: tables, times, places in files, and the list of problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from plancast.model.diagnostics import Diagnostic, Severity, SourceRange, in_order
from plancast.render.markdown.escape import attribute, code, phrase, plain, prose
from plancast.render.markdown.fitting import Section
from plancast.render.text import local

TABLE = "<table>"
END = "</table>"
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "💬"}


def row(cells: Iterable[str], *, head: bool = False) -> str:
    """Return one row of a table. The cells are HTML."""
    tag = "th" if head else "td"
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def table(  # noqa: PLR0913  # the parts of a section, by their names
    heads: Sequence[str],
    rows: Sequence[str],
    weight: int,
    noun: str,
    title: str,
    *,
    total: int = 0,
    share: float = 1.0,
) -> Section:
    """Build a section that is a table under a heading. It is empty if there are no rows."""
    opening = f"#### {title}\n\n{TABLE}\n{row(heads, head=True)}"
    return Section(tuple(rows), weight, noun, opening, END, total=total, share=share)


def clock(moment: datetime, zone: str) -> tuple[str, str]:
    """Return day and time: `Tue 1 Dec 2026` and `09:30 CET`."""
    words = local(moment, zone).rsplit(" ", 2)
    return words[0], f"{words[1]} {words[2]}"


def place(source: SourceRange, files: str) -> str:
    """Return `posts/a.yaml:3`, as a link if the forge shows files below the address `files`."""
    shown = code(f"{source.file}:{source.line}")
    if not files:
        return shown
    # Names of files need not be UTF-8.
    name = quote(source.file.encode("utf-8", "surrogateescape"))
    return f'<a href="{attribute(f"{files}/{name}#L{source.line}")}">{shown}</a>'


def problem_list(
    diagnostics: Iterable[Diagnostic], weight: int, files: str = "", title: str = "Problems"
) -> Section:
    """Build the section of the problems, the worst first."""
    items = tuple(_problem(diagnostic, files) for diagnostic in in_order(diagnostics))
    return Section(items, weight, "problems", f"#### {title}\n\n<ul>", "</ul>", share=0.25)


def _problem(diagnostic: Diagnostic, files: str) -> str:
    file = code(diagnostic.at.file) if diagnostic.at else ""
    source_place = place(diagnostic.source, files) if diagnostic.source else file
    address = code(diagnostic.address) if diagnostic.address else ""
    location = " · ".join(part for part in (source_place, address) if part)
    lines = [
        f"{_MARKS[diagnostic.severity]} <b>{plain(diagnostic.code)}</b> {plain(diagnostic.summary)}"
    ]
    if location:
        lines.append(location)
    if diagnostic.detail:
        lines.append(phrase(diagnostic.detail))
    if diagnostic.hint:
        lines.append(f"<i>{prose(diagnostic.hint)}</i>")
    return "<li>" + "<br>".join(lines) + "</li>"
