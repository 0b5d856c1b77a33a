"""Problems, for people: what, where, the line itself, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from plancast.codec import diagnostic_to_dict
from plancast.model.diagnostics import Diagnostic, Severity, SourceRange, in_order
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
    """All of them, the worst first, and how many there are. Nothing for none."""
    found = in_order(diagnostics)
    if not found:
        return ""
    blocks = [_block(item, color=color, width=width) for item in found]
    return "\n".join(blocks) + "\n" + tally(found) + "\n"


def diagnostics_to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The same for machines: a list in the form that the JSON plan has."""
    found = [diagnostic_to_dict(item) for item in in_order(diagnostics)]
    return to_json(found, indent=2) + "\n"


def tally(found: Sequence[Diagnostic]) -> str:
    """`2 errors and 1 warning.`"""
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
    for label, text in (("", item.detail), ("hint: ", item.hint)):
        if text:
            lines.extend(_paragraph(label, text, color=color, width=width))
    return "\n".join(lines) + "\n"


def _place(item: Diagnostic) -> str:
    if item.source:
        return one_line(str(item.source))
    return one_line(item.at.file) if item.at else ""


def _paragraph(label: str, text: str, *, color: bool, width: int) -> list[str]:
    wrapped = wrap(safe(text), max(20, width - 2 - len(label)))
    first = f"  {paint(label, Ink.INFO, color=color)}{wrapped[0]}"
    return [first, *(" " * (2 + len(label)) + line for line in wrapped[1:])]


def _excerpt(source: SourceRange, *, color: bool, width: int) -> list[str]:
    """The line, and a mark under the place; of a long line the part around it."""
    number = str(source.line)
    room = max(20, width - len(number) - 4)
    before, meant, after = (one_line_kept(part.rstrip("\r\n")) for part in source.parts)
    if columns(before) > room - 10:
        # Half of the room is for what stands before the place; counted from its end.
        before = "…" + before[len(before) - fitting(before[::-1], room // 2) :]
    elif source.text_column > 1:
        before = "…" + before
    offset = columns(before)
    length = max(1, min(columns(meant), room - offset))
    margin = " " * len(number)
    bar = paint("│", Ink.FAINT, color=color)
    mark = paint("^" * length, Ink.ERROR, color=color)
    shown = cut(before + meant + after, room)
    return [
        f" {paint(number, Ink.FAINT, color=color)} {bar} {shown}".rstrip(),
        f" {margin} {bar} {' ' * offset}{mark}",
    ]


def one_line_kept(text: str) -> str:
    """Safe, and still one line, with every blank where it was."""
    return safe(text).replace("\n", " ")


def brief(item: Diagnostic) -> str:
    """One line, for places with little room."""
    return one_line(f"{item.code} {item.summary}: {item.detail}")
