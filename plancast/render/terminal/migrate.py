"""Renderer of a migration: which profile and which entry has which id in the current API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import indent

from plancast.rebuild.migrate import FoundEntries, Moved
from plancast.rebuild.profile_matching import Channel, Roster
from plancast.rebuild.rebuild import RebuildQuestion
from plancast.render.options import ViewOptions
from plancast.render.terminal.style import Ink, cut, one_line, paint
from plancast.render.terminal.tables import render_table
from plancast.render.text import count, local

HINT = """\
To settle one: `--match ADDRESS=ID` says which post it is. `--forget ADDRESS` lets go of it: then
the next plan creates it anew where a file asks for it, beside whatever is in the queue."""

HOW = {
    "id": "by their ids",
    "exact": "by text and time",
    "minute": "by text but for its links, and time",
    "order": "by text, at another time",
    "likeness": "by a text that is like it",
    "born": "by the second in which they were made",
    "given": "as you said",
}
"""Words for the ways in which entries are matched, in the order in which they are shown."""

INDENT = "  "


def render_channels(roster: Roster, channels: Mapping[str, Channel], options: ViewOptions) -> str:
    """Render a table with a row for each profile that is paired, sorted by alias."""
    rows = sorted(
        (
            ", ".join(roster.names(channel.old.id)) or "-",
            channel.new.service,
            channel.old.id,
            channel.new.id,
            channel.by.value,
            channel.new.label,
        )
        for channel in channels.values()
    )
    rows.extend(
        (
            alias,
            channel_by_alias.service,
            "-",
            channel_by_alias.id,
            "its selector fits it",
            channel_by_alias.label,
        )
        for alias, channel_by_alias in sorted(roster.direct.items())
    )
    headers = ("ALIAS", "NETWORK", "PROFILE", "CHANNEL", "BECAUSE IT IS", "NAME")
    return _table(headers, rows, options)


def render_found(found: FoundEntries, options: ViewOptions) -> str:
    """Render how entries were found, those to check, and those that a person decides."""
    parts = [_counts(found), _uncertain(found.moved, options), _doubtful(found, options)]
    return "\n".join(part for part in parts if part)


def _counts(found: FoundEntries) -> str:
    counts = Counter(moved.how for moved in found.moved)
    words = [f"{counts[how]:,} {HOW[how]}" for how in HOW if counts[how]]
    # Every binding is in one of the groups, so the total is what the state owns.
    total = len(found.moved) + len(found.doubtful) + len(found.kept)
    lines = [
        f"Found {len(found.moved):,} of {count(total, 'entry')}: {', '.join(words) or 'none'}."
    ]
    if found.kept:
        lines.append(
            f"{count(len(found.kept), 'entry')} that went out long ago: nothing is left to find, "
            "and nothing will be created again."
        )
    return "\n".join(lines) + "\n"


def _uncertain(moved: Sequence[Moved], options: ViewOptions) -> str:
    rows = [
        (str(entry.binding.address), entry.live.id, entry.how, entry.evidence or HOW[entry.how])
        for entry in moved
        if not entry.is_certain
    ]
    if not rows:
        return ""
    title = f"{count(len(rows), 'entry')} that changed since, or cannot be told by an id:"
    headers = ("ADDRESS", "ID", "STAGE", "EVIDENCE")
    return f"{_strong(title, options)}\n{_table(headers, rows, options, whole=True)}"


def _doubtful(found: FoundEntries, options: ViewOptions) -> str:
    if not found.doubtful:
        return ""
    title = f"{count(len(found.doubtful), 'entry')} of which it is not certain what is live:"
    parts = [_strong(title, options) + "\n"]
    parts.extend(_question(asked, options) for asked in found.ambiguous)
    for wanted in found.lost:
        when = f", due {local(wanted.entry.due_at, wanted.zone)}" if wanted.entry.due_at else ""
        excerpt = cut(one_line(wanted.entry.text), 60)
        parts.append(f"\n{one_line(str(wanted.address))}: nothing is like it{when}: {excerpt}\n")
    return f"{''.join(parts)}\n{HINT}\n"


def _question(asked: RebuildQuestion, options: ViewOptions) -> str:
    rows = [
        (
            candidate.live.id,
            f"{candidate.score:.2f}",
            local(candidate.live.due_at, asked.item.zone) if candidate.live.due_at else "-",
            candidate.evidence,
            candidate.live.entry.text,
        )
        for candidate in asked.candidates
    ]
    headers = ("ID", "SCORE", "WHEN", "EVIDENCE", "TEXT")
    table = _table(headers, rows, options)
    heading = one_line(f"{asked.item.address}: {asked.reason}.")
    return f"\n{heading}\n{indent(table, INDENT)}"


def _strong(title: str, options: ViewOptions) -> str:
    return paint(title, Ink.STRONG, color=options.color)


def _table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    options: ViewOptions,
    *,
    whole: bool = False,
) -> str:
    return render_table(headers, rows, color=options.color, width=options.width, whole=whole)
