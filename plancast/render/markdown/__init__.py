"""Renderer of the plan as a comment on a pull request: Markdown for GitHub and GitLab.

The comment is made to be read from the top in a hurry: counts of what will happen, dangers, the
times at which posts go out, and then, folded, every post as it will look. It fits into
`options.limit` for any plan. Words and counts come from the plan; `escape` keeps texts of others
from being obeyed by a forge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plancast.model.diagnostics import Diagnostic, Severity
from plancast.model.entry import Entry, Stage
from plancast.model.features import LinkCards
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.reconcile.approvals import plan_id
from plancast.reconcile.risks import Danger, Peril, dangers
from plancast.render.markdown.content import counter
from plancast.render.markdown.escape import code, phrase, plain, span
from plancast.render.markdown.fitting import Section, fit, fit_counted, possible
from plancast.render.markdown.parts import clock, problem_list, row, table
from plancast.render.markdown.posts import Group, folded, groups, sign
from plancast.render.markdown.receipt import render_receipt
from plancast.render.markdown.status import render_status
from plancast.render.markdown.weeks import spans_days, weeks
from plancast.render.options import ViewOptions
from plancast.render.summary_text import (
    cost,
    not_by_themselves,
    problems_elsewhere,
    scope_of_targets,
    stale,
    stop,
    with_bonds,
)
from plancast.render.terminal.entry_block import flags, staged
from plancast.render.terminal.style import cut, one_line
from plancast.render.text import count, listed, local

__all__ = [
    "ShownPlan",
    "render",
    "render_problems",
    "render_receipt",
    "render_status",
    "show_plan",
]

NAMED = 12
"""Addresses that a danger names before it counts the rest."""

NAME = 80
"""Columns of an address among the dangers."""

EXCERPT = 60
"""Columns of a text in the table of times."""

BRIEF = 30
"""Columns of a text in the list with one line for each change."""

TOO_LONG = (
    "Not every change has a line here, so this comment approves of none. Merge it in smaller "
    "parts; or, after the merge, read the plan in the page and run the workflow by hand with its "
    "id."
)
"""The note in a comment that has no room for every change."""


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan as Markdown. `is_whole` is true if each of its changes has at least a line."""

    text: str
    is_whole: bool


def render(plan: Plan, options: ViewOptions) -> str:
    """Render the whole comment. It ends with one line end."""
    return show_plan(plan, options).text


def show_plan(plan: Plan, options: ViewOptions) -> ShownPlan:
    """Render the whole comment, and return whether it shows every change.

    If the tables do not fit, one line for each change takes their place. If not even these fit, the
    comment shows a part of the tables, and the note that it approves of nothing.
    """
    plan = with_bonds(plan)
    shown, limit = groups(plan.visible), options.limit
    tables = (_times(shown, options), _elsewhere(shown, limit, options.title))
    fitted = _fitted(plan, shown, options, tables)
    if not fitted.is_whole:
        fitted = _fitted(plan, shown, options, (_lines(shown, limit),))
    return fitted if fitted.is_whole else _fitted(plan, shown, options, tables, TOO_LONG)


def _fitted(
    plan: Plan,
    shown: Sequence[Group],
    options: ViewOptions,
    lists: Sequence[Section],
    note: str = "",
) -> ShownPlan:
    """Render the comment with these lists of changes, which decide whether it is whole."""
    sections = [
        Section((_head(plan, options, note),), 0),
        *(Section((_box(danger, options.title),), 0) for danger in dangers(plan)),
        *lists,
        *([weeks(plan.changes)] if spans_days(plan) else []),
        problem_list(plan.diagnostics_here, 2, options.files),
        Section((f"_{problems_elsewhere(plan)}_",) if problems_elsewhere(plan) else (), 0),
        _posts(shown, options),
        Section((_closing(plan, options),), 0),
    ]
    text, missing = fit_counted(sections, options.limit)
    # Only lists of changes count for approval: a post or a problem may be left out.
    counts = zip(sections, missing, strict=True)
    return ShownPlan(text, not any(left for section, left in counts if section in lists))


def _lines(shown: Sequence[Group], limit: int) -> Section:
    """Build the section with one line for each group of changes."""
    items = [_item(group) for group in possible(shown, limit)]
    opening = "#### Every change\n\n<ul>"
    return Section(tuple(items), 1, "changes", opening, "</ul>", total=len(shown))


def _item(group: Group) -> str:
    change = group[0]
    entry = change.after or change.before
    names = ", ".join(plain(member.profile.alias or member.profile.id) for member in group)
    due = plain(local(change.due_at, change.zone)) if change.due_at else ""
    text = phrase(cut(one_line(entry.text), BRIEF)) if entry else ""
    parts = (code(change.address.post), names, plain(change.title), due, text)
    return f"<li>{sign(change)} {' · '.join(filter(None, parts))}</li>"


def _posts(shown: Sequence[Group], options: ViewOptions) -> Section:
    """Build the section of the folded posts, without those that cannot fit in any case.

    Of 3,000 posts only some 200 fit, so most of the work is saved.
    """
    pieces = tuple(folded(group, options) for group in possible(shown, options.limit))
    return Section(pieces, 4, "posts", "#### Each post", total=len(shown))


# -- the top ----------------------------------------------------------------------------------


def _head(plan: Plan, options: ViewOptions, more: str = "") -> str:
    lines = [f"### {plan.verdict}", "", " · ".join(_aside(plan, options))]
    notes = (stale(plan, options.now, options.zone, options.title), stop(plan.budget), more)
    for note in filter(None, notes):
        lines += ["", f"> [!NOTE]\n> {note}"]
    return "\n".join(lines)


def _aside(plan: Plan, options: ViewOptions) -> Iterator[str]:
    if options.revision:
        yield f"for {span(options.revision[:10])}"
    summary = plan.summary
    if summary["unchanged"]:
        yield f"{summary['unchanged']:,} unchanged"
    yield from (
        f"{summary[situation.value]:,} {situation.value}"
        for situation in Situation
        if summary[situation.value]
    )
    if not_by_themselves(plan):
        yield not_by_themselves(plan).removesuffix(".")
    if plan.history:
        yield f"{plan.history:,} in the past by `history_before`"
    if plan.targets:
        yield scope_of_targets(plan, lambda target: span(cut(one_line(target), NAME)))
    if plan.scope:
        yield f"only what is to be {plan.scope}"
    if plan.held_by_scope:
        them = "it" if len(plan.held_by_scope) == 1 else "them"
        yield f"{len(plan.held_by_scope):,} held back with what belongs to {them} and is left out"
    if plan.offline_as_of is None:
        yield f"queue of {span(plan.provider)} read {local(plan.generated_at, options.zone)}"


def _box(danger: Danger, title: str) -> str:
    """Render a danger as an alert of its own, with the addresses that it is about."""
    kind = "CAUTION" if danger.peril.is_grave else "WARNING"
    noun = "error" if danger.peril is Peril.REFUSED else "entry"
    lines = [
        f"> [!{kind}]",
        f"> **{count(danger.count, noun)}** {danger.peril.words(phrase(title))}.",
    ]
    if danger.peril is Peril.REFUSED:
        return "\n".join(lines)
    named = [span(cut(one_line(str(change.address)), NAME)) for change in danger.changes[:NAMED]]
    left = danger.count - len(named)
    if left:
        named.append(f"{left:,} more")
    return "\n".join([*lines, f"> {listed(named)}"])


# -- the tables -------------------------------------------------------------------------------


def _times(shown: Sequence[Group], options: ViewOptions) -> Section:
    """Build the table of what goes out, by day and time; each day begins with a row of its own."""
    timed = [group for group in shown if group[0].due_at is not None and _goes_out(group[0])]
    timed.sort(key=lambda group: (group[0].due_at, group[0].address))
    rows: list[str] = []
    today = ""
    for group in possible(timed, options.limit):
        change = group[0]
        assert change.due_at is not None
        day, time = clock(change.due_at, change.zone)
        # The head of a day belongs to its first row: neither is shown without the other.
        head = "" if day == today else f'<tr><th align="left" colspan="5">{day}</th></tr>\n'
        today = day
        rows.append(head + _line(group, time, options.link_cards))
    heads = ("time", "", "profile", "post", "length")
    return table(heads, rows, 3, "posts", "What goes out when", total=len(timed), share=0.4)


def _goes_out(change: Change) -> bool:
    done = change.action not in (Action.DESTROY, Action.FORGET, Action.NONE)
    return done and change.stage is Stage.SCHEDULED


def _line(group: Group, time: str, cards: LinkCards) -> str:
    change = group[0]
    entry = change.after or change.before
    text = entry.text if entry else ""
    names = "<br>".join(
        f"{plain(item.profile.alias or item.profile.id)} <sub>{plain(item.profile.service)}</sub>"
        for item in group
    )
    lengths = "<br>".join(counter(entry, item.profile, cards) for item in group if entry and text)
    post_cell = f"{_excerpt(text)}{_beside(entry)}<br><sub>{_named(change)}</sub>"
    return row((plain(time).replace(" ", "&nbsp;"), sign(change), names, post_cell, lengths))


def _beside(entry: Entry | None) -> str:
    return "".join(f" {flag}" for flag in flags(entry)) if entry else ""


def _excerpt(text: str) -> str:
    return phrase(cut(one_line(text), EXCERPT))


def _named(change: Change) -> str:
    source = f" · {change.source.file}:{change.source.line}" if change.source else ""
    return code(f"{change.address.post}{source}")


def _elsewhere(shown: Sequence[Group], limit: int, title: str) -> Section:
    """Build the table of changes that have no time, leave the queue, or do not go out."""
    rest = [group for group in shown if group[0].due_at is None or not _goes_out(group[0])]
    rows = [_placed(group, title) for group in possible(rest, limit)]
    heads = ("", "profile", "post", "what")
    return table(heads, rows, 3, "posts", "Beside the calendar", total=len(rest), share=0.25)


def _placed(group: Group, title: str) -> str:
    change = group[0]
    entry = change.after or change.before
    names = "<br>".join(plain(member.profile.alias or member.profile.id) for member in group)
    text = entry.text if entry else ""
    words = [plain(change.title)]
    waits = change.stage is not Stage.SCHEDULED
    if stage := staged(change, title):
        words.append(f"<b>{plain(stage)}</b>")
    if change.action is Action.CREATE and entry is not None and not waits:
        top = entry.queue is not None and entry.queue.value == "top"
        words.append("at the head of the queue" if top else "next free slot of the queue")
    if change.due_at is not None:
        due = local(change.due_at, change.zone)
        words.append(f"meant for {due}" if waits else due)
    post_cell = f"{_excerpt(text)}{_beside(entry)}<br><sub>{_named(change)}</sub>"
    return row((sign(change), names, post_cell, "<br>".join(words)))


# -- the end ----------------------------------------------------------------------------------


def _closing(plan: Plan, options: ViewOptions) -> str:
    parts = [cost(plan)] if plan.has_changes else []
    if plan.unmanaged:
        counts = Counter(entry.profile.alias or entry.profile.id for entry in plan.unmanaged)
        places = [f"{number:,} on {span(name)}" for name, number in sorted(counts.items())[:10]]
        total = count(len(plan.unmanaged), "entry")
        parts.append(f"{total} made by others and left alone: {listed(places)}.")
    if plan.has_changes:
        parts.append(f"The id of this plan: {span(plan_id(plan))}.")
    if options.run:
        parts.append(f"The page with the calendar, and the saved plan: {options.run}")
    return "---\n\n" + "<br>\n".join(parts) if parts else ""


def render_problems(diagnostics: Iterable[Diagnostic], options: ViewOptions) -> str:
    """Render the comment of a run without a plan: the problems of the files, or a note.

    The note says that the files are in order and the log of the run has the cause. Ends with one
    line end.
    """
    problems = tuple(diagnostics)
    errors = sum(1 for diagnostic in problems if diagnostic.severity is Severity.ERROR)
    if errors:
        head = f"### ❌ No plan: {count(errors, 'error')} in the files"
        rest = "Nothing changes in the queue before this is mended."
    else:
        head = "### ❌ No plan could be made"
        rest = "The files are in order; what went wrong stands in the log of the run."
    lines = [head, "", rest]
    if options.revision:
        lines += ["", f"for {span(options.revision[:10])}"]
    sections = [
        Section(("\n".join(lines),), 0),
        problem_list(problems, 1, options.files),
        Section((f"---\n\nThe run: {options.run}",) if options.run else (), 0),
    ]
    return fit(sections, options.limit)
