"""Parts that several comments share: tables, times, places in files, and the list of problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from plancast.model.diagnostics import Diagnostic, Severity, SourceRange
from plancast.render.markdown.escape import attribute, code, phrase, plain, prose
from plancast.render.markdown.fitting import Section
from plancast.render.problem_groups import PlacesLine, ProblemGroup, detail_of, grouped
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
    """Build the section of the problems, the worst first; many of one code are one item."""
    items = tuple(
        _problem(group.first, files) if group.is_one else _group(group, files)
        for group in grouped(diagnostics)
    )
    return Section(items, weight, "problems", f"#### {title}\n\n<ul>", "</ul>", share=0.25)


PLACES = 12
"""Lines of places that a group of problems shows before it counts the rest."""


def _group(group: ProblemGroup, files: str) -> str:
    """Render many problems of one code, with a line for the places of each file."""
    first, places = group.first, group.lines
    head = f"{_MARKS[first.severity]} <b>{plain(first.code)}</b> {plain(first.summary)}"
    lines = [f"{head} ({len(group.problems):,} times)"]
    lines += [_places(line, files, "" if group.hint else line.hint) for line in places[:PLACES]]
    left = sum(len(line.problems) for line in places[PLACES:])
    if left:
        lines.append(f"… {left:,} more: <code>plancast validate</code> shows those of the files.")
    if group.hint:
        lines.append(f"<i>{prose(group.hint)}</i>")
    return "<li>" + "<br>".join(lines) + "</li>"


def _places(line: PlacesLine, files: str, hint: str) -> str:
    spots = tuple(dict.fromkeys(item.source for item in line.problems if item.source))
    shown = [place(source, files) for source in spots[:PLACES]]
    if len(spots) > PLACES:
        shown.append(f"{len(spots) - PLACES:,} more")
    if not spots and line.file:
        shown.append(code(line.file))
    addresses = line.addresses
    named = ", ".join(code(name) for name in addresses[:PLACES])
    parts = [", ".join(shown)]
    if named and (len(addresses) == 1 or not shown):
        parts.append(named)
    parts += [phrase(line.detail) if line.detail else "", f"<i>{prose(hint)}</i>" if hint else ""]
    return " · ".join(filter(None, parts))


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
    if detail := detail_of(diagnostic):
        lines.append(phrase(detail))
    if diagnostic.hint:
        lines.append(f"<i>{prose(diagnostic.hint)}</i>")
    return "<li>" + "<br>".join(lines) + "</li>"
