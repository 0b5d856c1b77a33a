"""Renderer of `import --rebuild`: the entries that were found again after the state was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from textwrap import indent

from plancast.model.entry import Address, LiveEntry
from plancast.model.plan import Action, Change, Situation
from plancast.rebuild.rebuild import Match, RebuildQuestion, Rebuilt
from plancast.render.options import ViewOptions
from plancast.render.terminal.style import Ink, one_line, paint
from plancast.render.terminal.tables import render_table
from plancast.render.text import count, local

HINT = """\
To settle one: give its file the text and the time of one of them, or remove the others in \
{provider};
then run this again. Until then `status: draft` keeps it out of every plan."""

INDENT = "  "


def render_rebuild(
    rebuilt: Rebuilt,
    next_plan: Mapping[Address, Change],
    aliases: Mapping[str, str],
    options: ViewOptions,
) -> str:
    """Render the matches, the ambiguous and the lost addresses, and the entries left alone.

    `next_plan` has the change of each address that will not be owned; `aliases` are by profile id.
    """
    parts = (
        _matches(rebuilt.matches, options),
        _questions(rebuilt.ambiguous, next_plan, options),
        _lost([wanted.address for wanted in rebuilt.lost], next_plan, options),
        _foreign(rebuilt.foreign, aliases, options),
    )
    return "\n".join(part for part in parts if part)


def _matches(matches: Sequence[Match], options: ViewOptions) -> str:
    rows = [
        (
            str(match.item.address),
            match.live.id,
            match.stage.value,
            f"{match.score:.2f}",
            match.evidence,
        )
        for match in matches
    ]
    title = f"{count(len(rows), 'entry')} found again:"
    headers = ("ADDRESS", "ID", "STAGE", "SCORE", "EVIDENCE")
    return _section(title, headers, rows, options, whole=True)


def _questions(
    questions: Sequence[RebuildQuestion], next_plan: Mapping[Address, Change], options: ViewOptions
) -> str:
    if not questions:
        return ""
    title = f"{count(len(questions), 'entry')} of which it is not certain what is live:"
    parts = [paint(title, Ink.STRONG, color=options.color) + "\n"]
    for question in questions:
        address = question.item.address
        rows = [
            (
                candidate.live.id,
                f"{candidate.score:.2f}",
                _when(candidate.live.due_at, question.item.zone),
                candidate.evidence,
                candidate.live.entry.text,
            )
            for candidate in question.candidates
        ]
        headers = ("ID", "SCORE", "WHEN", "EVIDENCE", "TEXT")
        heading = one_line(f"{address}: {question.reason}; {outcome(next_plan[address])}.")
        # The table is indented, so it has less room.
        table = _table(headers, rows, replace(options, width=options.width - len(INDENT)))
        parts.append(f"\n{heading}\n{indent(table, INDENT)}")
    return f"{''.join(parts)}\n{HINT.replace('{provider}', options.title)}\n"


def _lost(
    addresses: Sequence[Address], next_plan: Mapping[Address, Change], options: ViewOptions
) -> str:
    rows = [(str(address), outcome(next_plan[address])) for address in addresses]
    title = f"{count(len(rows), 'entry')} like nothing that is live:"
    return _section(title, ("ADDRESS", "WHAT FOLLOWS"), rows, options)


def _foreign(entries: Sequence[LiveEntry], aliases: Mapping[str, str], options: ViewOptions) -> str:
    rows = [
        (
            aliases.get(entry.profile_id, entry.profile_id),
            entry.id,
            _when(entry.due_at, options.zone),
            entry.entry.text,
        )
        for entry in entries
    ]
    title = f"{count(len(rows), 'entry')} in the queue that no file asks for, left alone:"
    return _section(title, ("PROFILE", "ID", "WHEN", "TEXT"), rows, options)


def outcome(change: Change) -> str:
    """Say what the next plan does with an address that is not owned."""
    if change.action is Action.CREATE:
        return "the next plan would create it"
    if change.action is Action.ADOPT:
        return f"the next plan would adopt {change.remote_id}"
    if change.action is Action.RENAME:
        return f"the next plan would rename {change.previous_address}"
    if Situation.MISSED in change.situations:
        return "its time has passed, so no plan creates it"
    return f"the next plan says: {change.title}"


def _section(
    title: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    options: ViewOptions,
    *,
    whole: bool = False,
) -> str:
    if not rows:
        return ""
    table = _table(headers, rows, options, whole=whole)
    return f"{paint(title, Ink.STRONG, color=options.color)}\n{table}"


def _table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    options: ViewOptions,
    *,
    whole: bool = False,
) -> str:
    return render_table(headers, rows, color=options.color, width=options.width, whole=whole)


def _when(moment: datetime | None, zone: str) -> str:
    return local(moment, zone) if moment else "-"
