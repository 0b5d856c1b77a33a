"""Receipt of an apply: the comment after the plan was applied, or its summary in CI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from plancast.model.entry import Address
from plancast.model.events import ChangeFinished, Outcome
from plancast.model.plan import Action, Change, Plan
from plancast.model.quoting import shorten
from plancast.render.markdown.escape import code, phrase, plain, span
from plancast.render.markdown.fitting import Section, fit
from plancast.render.markdown.parts import place, row, table
from plancast.render.options import ViewOptions
from plancast.render.terminal.entry_block import STAGES
from plancast.render.text import count, listed, local

_MARKS = {
    Outcome.APPLIED: "✅",
    Outcome.FAILED: "❌",
    Outcome.UNKNOWN: "❓",
    Outcome.DEFERRED: "⏳",
    Outcome.NOT_ATTEMPTED: "⏸️",
}
_WORDS = {
    Outcome.APPLIED: "applied",
    Outcome.FAILED: "failed",
    Outcome.UNKNOWN: "outcome not known; nothing was repeated",
    Outcome.DEFERRED: "waits for its place in the queue",
    Outcome.NOT_ATTEMPTED: "not attempted",
}
_FIRST = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED, Outcome.DEFERRED)


def render_receipt(
    plan: Plan,
    finished: Sequence[ChangeFinished],
    options: ViewOptions,
    resumes_at: datetime | None = None,
) -> str:
    """Render how each change of the plan ended, failures first. Ends with one line end.

    `resumes_at` is given if the run ended because its requests were used up until then: what was
    not attempted is then no failure.
    """
    # An address can end twice, once with a destroy and once with a create: the action says which.
    ended = {(event.address, event.action): event for event in finished}
    asked = [change for change in plan.changes if change.action is not Action.NONE]
    outcomes = [_outcome(change, ended) for change in asked]
    pairs = sorted(
        zip(asked, outcomes, strict=True), key=lambda pair: (pair[1] not in _FIRST, _when(pair[0]))
    )
    words = _WORDS if resumes_at is None else _WORDS | {Outcome.NOT_ATTEMPTED: "for the next run"}
    rows = [
        _row(change, outcome, ended.get((change.address, change.action)), options.files, words)
        for change, outcome in pairs
    ]
    sections = [
        Section((_head(outcomes, options, resumes_at),), 0),
        table(("", "", "entry", "goes out", ""), rows, 1, "entries", "What was done"),
        Section((f"---\n\nThe run: {options.run}",) if options.run else (), 0),
    ]
    return fit(sections, options.limit)


def _outcome(change: Change, ended: dict[tuple[Address, Action], ChangeFinished]) -> Outcome:
    event = ended.get((change.address, change.action))
    # No event: the run ended before this change, or the record of events is cut off.
    return event.outcome if event else Outcome.NOT_ATTEMPTED


def _when(change: Change) -> tuple[bool, str, Address]:
    return (change.due_at is None, str(change.due_at or ""), change.address)


def _head(
    outcomes: Sequence[Outcome], options: ViewOptions, resumes_at: datetime | None = None
) -> str:
    counts = Counter(outcomes)
    is_whole = not set(outcomes) - {Outcome.APPLIED}
    is_interrupted_only = (
        not set(outcomes) - {Outcome.APPLIED, Outcome.NOT_ATTEMPTED} and resumes_at is not None
    )
    mark = (
        "✅"
        if is_whole
        else ("❓" if counts[Outcome.UNKNOWN] else ("⏸️" if is_interrupted_only else "⚠️"))
    )
    words = [
        f"{counts[outcome]:,} {outcome.value.replace('_', ' ')}"
        for outcome in Outcome
        if counts[outcome]
    ]
    totals = listed(words) if words else "nothing was to do"
    lines = [f"### {mark} Apply: {totals}."]
    if options.revision:
        lines += ["", f"for {span(options.revision[:10])}"]
    if counts[Outcome.UNKNOWN]:
        unknown = count(counts[Outcome.UNKNOWN], "entry")
        lines += [
            "",
            f"> [!CAUTION]\n> What became of **{unknown}** is not known. Nothing was sent twice. "
            "The next apply looks for it in the queue.",
        ]
    if resumes_at is not None:
        lines += [
            "",
            "> [!NOTE]\n> Stopped: the budget of requests is used up until "
            f"**{local(resumes_at, options.zone)}**. Apply again then, and it goes on.",
        ]
    return "\n".join(lines)


def _row(
    change: Change,
    outcome: Outcome,
    event: ChangeFinished | None,
    files: str,
    words_by_outcome: Mapping[Outcome, str],
) -> str:
    due = local(change.due_at, change.zone) if change.due_at else ""
    if change.action in (Action.DESTROY, Action.FORGET):
        due = ""
    elif change.stage in STAGES:
        due = STAGES[change.stage]
    applied = outcome is Outcome.APPLIED
    words = [] if applied else [words_by_outcome[outcome]]
    if event and event.message:
        message = phrase(shorten(event.message))
        words.append(f"⚠️ {message}" if applied else message)
    if event and event.remote_id:
        words.append(f"<sub>{code(event.remote_id)}</sub>")
    past = change.action.past
    title = past if applied else f"to be {past}"
    about = [plain(title), *([place(change.source, files)] if change.source else [])]
    name = f"{code(str(change.address))}<br><sub>{' · '.join(about)}</sub>"
    return row((_MARKS[outcome], code(change.action.sign), name, plain(due), "<br>".join(words)))
