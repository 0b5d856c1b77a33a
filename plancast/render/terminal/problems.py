"""Renderer of diagnostics for people: the problem, its place with the line, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from plancast.model.diagnostics import Diagnostic, Severity, SourceRange, in_order
from plancast.render.problem_groups import PlacesLine, ProblemGroup, detail_of, grouped
from plancast.render.terminal.style import (
    Ink,
    columns,
    cut,
    fitting,
    one_line,
    paint,
    safe,
    to_json,
    wrap,
)
from plancast.render.text import count, listed

_INKS = {Severity.ERROR: Ink.ERROR, Severity.WARNING: Ink.WARNING, Severity.INFO: Ink.INFO}


def render_diagnostics(
    diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int = 100
) -> str:
    """Render all diagnostics, the worst first, and how many there are; "" for none.

    Many of one code become one block, with a line for each place.
    """
    ordered = in_order(diagnostics)
    if not ordered:
        return ""
    blocks = [
        _block(group.first, color=color, width=width)
        if group.is_one
        else _group(group, color=color, width=width)
        for group in grouped(ordered)
    ]
    return "\n".join(blocks) + "\n" + tally(ordered) + "\n"


def diagnostics_to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics as a JSON list, in the form that they have in a JSON plan."""
    from plancast.codec import diagnostic_to_dict  # noqa: PLC0415

    found = [diagnostic_to_dict(item) for item in in_order(diagnostics)]
    return to_json(found, indent=2) + "\n"


def tally(found: Sequence[Diagnostic]) -> str:
    """Return how many diagnostics of each severity there are: `2 errors and 1 warning.`"""
    counts = Counter(item.severity for item in found)
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
    words = [count(counts[item], noun) for item, noun in nouns.items() if counts[item]]
    return listed(words) + "."


def _block(item: Diagnostic, *, color: bool, width: int) -> str:
    head = paint(f"{item.severity.value}[{item.code}]", _INKS[item.severity], color=color)
    lines = [f"{head}: {paint(item.summary, Ink.STRONG, color=color)}"]
    place = " · ".join(part for part in (_place(item), one_line(item.address)) if part)
    if place:
        lines.append(f"  --> {place}")
    if item.source and item.source.text.strip():
        lines.extend(_excerpt(item.source, color=color, width=width))
    for label, text in (("", detail_of(item)), ("hint: ", item.hint)):
        if text:
            lines.extend(_paragraph(label, text, color=color, width=width))
    return "\n".join(lines) + "\n"


def _group(group: ProblemGroup, *, color: bool, width: int) -> str:
    """Render many problems of one code: their places, and the hint once if they share it."""
    first = group.first
    head = paint(f"{first.severity.value}[{first.code}]", _INKS[first.severity], color=color)
    summary = paint(first.summary, Ink.STRONG, color=color)
    lines = [f"{head}: {summary} ({len(group.problems):,} times)"]
    for line in group.lines:
        hint = "" if group.hint else line.hint
        words = (_places(line), line.detail, hint)
        text = " · ".join(one_line(part) for part in words if part)
        lines.extend(
            f"  {'  ' if number else ''}{part}"
            for number, part in enumerate(wrap(text, max(20, width - 4)))
        )
    if group.hint:
        lines.extend(_paragraph("hint: ", group.hint, color=color, width=width))
    return "\n".join(lines) + "\n"


def _places(line: PlacesLine) -> str:
    """Return `posts/a.yaml:3:7, 9:7`; the addresses if there is no place, or only one."""
    spots = dict.fromkeys(
        f"{item.source.line}:{item.source.column}" for item in line.problems if item.source
    )
    place = ":".join(part for part in (line.file, ", ".join(spots)) if part)
    addresses = line.addresses
    if place and len(addresses) != 1:
        return place
    return " · ".join(part for part in (place, ", ".join(addresses)) if part)


def _place(item: Diagnostic) -> str:
    if item.source:
        return one_line(str(item.source))
    return one_line(item.at.file) if item.at else ""


def _paragraph(label: str, text: str, *, color: bool, width: int) -> list[str]:
    wrapped = wrap(safe(text), max(20, width - 2 - len(label)))
    first = f"  {paint(label, Ink.INFO, color=color)}{wrapped[0]}"
    return [first, *(" " * (2 + len(label)) + line for line in wrapped[1:])]


def _excerpt(source: SourceRange, *, color: bool, width: int) -> list[str]:
    """Return the line with marks under the place; of a long line, the part around the place."""
    number = str(source.line)
    room = max(20, width - len(number) - 4)
    before, place, after = (one_line_kept(part.rstrip("\r\n")) for part in source.parts)
    if columns(before) > room - 10:
        # Half of the room is for the text before the place: keep its end.
        before = "…" + before[len(before) - fitting(before[::-1], room // 2) :]
    elif source.text_column > 1:
        before = "…" + before
    offset = columns(before)
    # At least one mark, also for a place behind the end of the line.
    length = max(1, min(columns(place), room - offset))
    margin = " " * len(number)
    bar = paint("│", Ink.FAINT, color=color)
    mark = paint("^" * length, Ink.ERROR, color=color)
    shown = cut(before + place + after, room)
    return [
        f" {paint(number, Ink.FAINT, color=color)} {bar} {shown}".rstrip(),
        f" {margin} {bar} {' ' * offset}{mark}",
    ]


def one_line_kept(text: str) -> str:
    """Make a text safe and one line, with every blank kept, so that marks stay in place."""
    return safe(text).replace("\n", " ")


def brief(item: Diagnostic) -> str:
    """Return code, summary and detail of a diagnostic on one line."""
    return one_line(f"{item.code} {item.summary}: {item.detail}")
