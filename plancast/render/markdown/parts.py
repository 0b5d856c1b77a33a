"""What the plan, the receipt and the list of problems have in common."""

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
    """One row of a table, its cells being HTML."""
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
    """A section that is a table under a heading; nothing where there are no rows."""
    opening = f"#### {title}\n\n{TABLE}\n{row(heads, head=True)}"
    return Section(tuple(rows), weight, noun, opening, END, total=total, share=share)


def clock(moment: datetime, zone: str) -> tuple[str, str]:
    """`Tue 1 Dec 2026` and `09:30 CET`."""
    words = local(moment, zone).rsplit(" ", 2)
    return words[0], f"{words[1]} {words[2]}"


def place(source: SourceRange, files: str) -> str:
    """`posts/a.yaml:3`, a link where the forge shows the file."""
    shown = code(f"{source.file}:{source.line}")
    if not files:
        return shown
    name = quote(source.file.encode("utf-8", "surrogateescape"))
    return f'<a href="{attribute(f"{files}/{name}#L{source.line}")}">{shown}</a>'


def problem_list(
    diagnostics: Iterable[Diagnostic], weight: int, files: str = "", title: str = "Problems"
) -> Section:
    """One item each, the worst first."""
    items = tuple(_problem(item, files) for item in in_order(diagnostics))
    return Section(items, weight, "problems", f"#### {title}\n\n<ul>", "</ul>", share=0.25)


def _problem(item: Diagnostic, files: str) -> str:
    file = code(item.at.file) if item.at else ""
    stands = place(item.source, files) if item.source else file
    address = code(item.address) if item.address else ""
    where = " · ".join(part for part in (stands, address) if part)
    lines = [f"{_MARKS[item.severity]} <b>{plain(item.code)}</b> {plain(item.summary)}"]
    if where:
        lines.append(where)
    if item.detail:
        lines.append(phrase(item.detail))
    if item.hint:
        lines.append(f"<i>{prose(item.hint)}</i>")
    return "<li>" + "<br>".join(lines) + "</li>"
