"""Renderer of the plan for a terminal.

Sign, address and title come from the plan. The order is that of a reader: what happens to which
entry and when, what is different, what a person did in Buffer, which entries are not ours, what is
wrong, and at the very end, just above the prompt, the sentence that sums it up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from plancast.model.diagnostics import Severity
from plancast.model.entry import Stage
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.model.quoting import shorten
from plancast.render.by_day import by_day
from plancast.render.options import ViewOptions
from plancast.render.summary_text import (
    left,
    left_out,
    not_by_themselves,
    problems_elsewhere,
    requests,
    scope_of_targets,
    stop,
    with_bonds,
)
from plancast.render.terminal.content_block import labelled, text_block, whole
from plancast.render.terminal.diff_block import difference, drifted
from plancast.render.terminal.entry_block import staged
from plancast.render.terminal.problems import render_diagnostics
from plancast.render.terminal.style import Ink, columns, cut, one_line, paint, wrap
from plancast.render.terminal.tables import WIDEST
from plancast.render.text import at, count, distance, local, when

INK = {
    Action.CREATE: Ink.CREATE,
    Action.UPDATE: Ink.UPDATE,
    Action.DESTROY: Ink.DESTROY,
    Action.ADOPT: Ink.STATE,
    Action.RENAME: Ink.STATE,
    Action.FORGET: Ink.STATE,
    Action.NONE: Ink.STRONG,
}

RULE = 80
"""Columns of the line of a heading, at most: a longer one would be hard to follow."""

UNMANAGED_SHOWN = 5
"""Entries of others that are listed without -v."""


def render(plan: Plan, options: ViewOptions) -> str:
    """Render the whole plan. It ends with a line end."""
    plan = with_bonds(plan)
    blocks = [_offline(plan, options)]
    blocks.extend(_changes(plan, options))
    blocks.append(_unmanaged(plan, options))
    blocks.append(_problems(plan, options))
    blocks.append(_closing(plan, options))
    return "\n\n".join(block.rstrip("\n") for block in blocks if block) + "\n"


def _offline(plan: Plan, options: ViewOptions) -> str:
    if plan.offline_as_of is None:
        return ""
    age = distance(plan.offline_as_of, options.now)
    return paint(
        f"Offline: compared with what was last seen in {options.title}, {age}.",
        Ink.WARNING,
        color=options.color,
    )


def _changes(plan: Plan, options: ViewOptions) -> Iterator[str]:
    """Yield the changes, in blocks: day by day, each under its heading, or by address."""
    if options.sort == "address":
        yield from _blocks(plan.visible, options)
        return
    for day in by_day(plan.visible, options.now):
        yield _rule(day.heading, options)
        yield from _blocks(day.changes, options, within_day=day.day is not None)


def _rule(heading: str, options: ViewOptions) -> str:
    """Return the heading of a day, with a line to the end of the view."""
    strong = paint(heading, Ink.STRONG, color=options.color)
    line = "─" * max(2, min(options.width, RULE) - columns(heading) - 4)
    before, after = (paint(part, Ink.FAINT, color=options.color) for part in ("──", line))
    return f"{before} {strong} {after}"


def _blocks(
    changes: Iterable[Change], options: ViewOptions, *, within_day: bool = False
) -> Iterator[str]:
    """Yield a block for each group of changes of a post that read the same on several profiles."""
    blocks: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        # The end of a long text is not shown, so lines alone do not prove that texts are the same.
        whole = (change.address.post, change.after, change.before and change.before.text)
        lines = _body(change, options, within_day=within_day)
        blocks.setdefault((*whole, *lines), []).append(change)
    for (_, _, _, *body), found in blocks.items():
        yield "\n".join([*_heads(found, options), *map(str, body)])


def _heads(changes: list[Change], options: ViewOptions) -> Iterator[str]:
    names = [one_line(str(change.address)) for change in changes]
    widest = min(WIDEST, max(columns(name) for name in names))
    for change, name in zip(changes, names, strict=True):
        ink = INK[change.action]
        sign = paint(change.action.sign, ink, color=options.color)
        padding = " " * (widest - columns(name))
        service = paint(one_line(change.profile.service), Ink.FAINT, color=options.color)
        strong = paint(name, Ink.STRONG, color=options.color)
        yield f"{sign} {strong}{padding}  {service}".rstrip()


def _body(change: Change, options: ViewOptions, *, within_day: bool) -> Iterator[str]:
    yield from _title(change, options, within_day=within_day)
    stage = staged(change, options.title)
    for line in wrap(stage, options.width - 2) if stage else ():
        yield f"  {paint(line, Ink.WARNING, color=options.color)}"
    notes = [] if change.action is Action.NONE else [item.value for item in change.situations]
    remark = ": ".join(part for part in (", ".join(notes), change.reason) if part)
    for line in wrap(one_line(remark), options.width - 2) if remark else ():
        yield f"  {paint(line, Ink.FAINT, color=options.color)}"
    if change.live and change.live.link:
        yield labelled("link", change.live.link, options)
    if change.action is Action.CREATE and change.after:
        yield from whole(change.after, options)
    elif change.action in (Action.DESTROY, Action.ADOPT, Action.FORGET) and change.before:
        yield from text_block(change.before.text, options, lines=2)
    elif change.after and Situation.MISSED in change.situations:
        yield from text_block(change.after.text, options, lines=2)
    if change.action in (Action.UPDATE, Action.NONE):
        yield from difference(change, change.fields, options)
    # The reason says that an entry was removed; that each of its values is gone says nothing more.
    if change.drift and not change.is_removed:
        heading = f"changed in {options.title} since the last apply:"
        yield f"  {paint(heading, Ink.WARNING, color=options.color)}"
        yield from drifted(change, options)


def _title(change: Change, options: ViewOptions, *, within_day: bool) -> Iterator[str]:
    """Yield what will happen and when: on one line if both fit."""
    title, moment = one_line(change.title), _moment(change, options, within_day=within_day)
    shown = f"  {paint(title, INK[change.action], color=options.color)}"
    # Five columns: two of margin and three for ` · `.
    if moment and columns(title) + columns(moment) + 5 > options.width:
        yield from (shown, f"  {moment}")
    else:
        yield f"{shown} · {moment}" if moment else shown


def _moment(change: Change, options: ViewOptions, *, within_day: bool) -> str:
    """Return when the entry goes out; "" if the difference shows that.

    `within_day`: a heading names the day.
    """
    words = at if within_day else when
    if any(leaf.path == "due_at" for leaf in change.fields):
        return ""
    entry = change.after or change.before
    queued = entry is not None and entry.due_at is None
    if change.stage is not Stage.SCHEDULED:
        due = change.due_at
        return f"meant for {words(due, change.zone, options.now)}" if due else "no time yet"
    if change.action is Action.CREATE and queued:
        top = entry is not None and entry.queue is not None and entry.queue.value == "top"
        return "at the head of the queue" if top else "next free slot of the queue"
    if change.due_at is None:
        return ""
    moment = words(change.due_at, change.zone, options.now)
    return f"queue slot {moment}" if queued else moment


def _unmanaged(plan: Plan, options: ViewOptions) -> str:
    if not plan.unmanaged:
        return ""
    counts = Counter(item.profile.alias or item.profile.id for item in plan.unmanaged)
    places = ", ".join(f"{number:,} on {one_line(name)}" for name, number in sorted(counts.items()))
    total = count(len(plan.unmanaged), "entry")
    heading = f"Not made by plancast and left alone: {total} ({places})"
    lines = wrap(heading, options.width)
    head = len(lines)
    shown = plan.unmanaged if options.verbose else plan.unmanaged[:UNMANAGED_SHOWN]
    for item in shown:
        due = local(item.due_at, options.zone) if item.due_at else "no time"
        name = one_line(item.profile.alias or item.profile.id)
        lines.append(cut(f"  {name} · {due} · {one_line(item.text)}", options.width))
    left = len(plan.unmanaged) - len(shown)
    if left:
        lines.append(f"  … {left:,} more (-v shows them)")
    return "\n".join(
        [*lines[:head], *(paint(line, Ink.FAINT, color=options.color) for line in lines[head:])]
    )


def _problems(plan: Plan, options: ViewOptions) -> str:
    if options.quiet:
        found = [item for item in plan.diagnostics if item.severity is Severity.ERROR]
    else:
        found = list(plan.diagnostics if options.verbose else plan.diagnostics_here)
    shown = render_diagnostics(found, color=options.color, width=options.width)
    more = "" if options.quiet or options.verbose else problems_elsewhere(plan)
    return "\n".join(part for part in (shown, "\n".join(wrap(more, options.width))) if part)


def _closing(plan: Plan, options: ViewOptions) -> str:
    lines = [paint(plan.verdict, Ink.STRONG, color=options.color)]
    lines.extend(_remarks(plan, options))
    if plan.has_changes:
        lines.extend(_cost(plan, options))
    return "\n".join(lines)


def _remarks(plan: Plan, options: ViewOptions) -> Iterable[str]:
    summary = plan.summary
    parts = [f"{summary['unchanged']:,} unchanged"] if summary["unchanged"] else []
    parts.extend(
        f"{summary[item.value]:,} {item.value}" for item in Situation if summary[item.value]
    )
    if plan.history:
        parts.append(f"{plan.history:,} in the past by policy.history_before")
    if parts:
        yield ", ".join(parts) + "."
    if not_by_themselves(plan):
        yield not_by_themselves(plan)
    if plan.targets:
        words = scope_of_targets(plan, lambda target: one_line(shorten(target)))
        yield from wrap(f"{words[:1].upper()}{words[1:]}.", options.width)
    if plan.scope:
        yield f"Only what is to be {plan.scope}."
    if left_out(plan):
        yield from wrap(one_line(left_out(plan)), options.width)


def _cost(plan: Plan, options: ViewOptions) -> Iterator[str]:
    if not plan.budget.requests:
        yield "Nothing is sent: only the state changes."
        return
    cost, free = requests(plan.budget), left(plan.budget, brief=True)
    if not free:
        yield f"{cost}."
    elif columns(f"{cost}; left: {free}.") <= options.width:
        yield f"{cost}; left: {free}."
    else:
        yield f"{cost}."
        yield from wrap(f"Left: {free}.", options.width)
    for line in wrap(stop(plan.budget), options.width) if plan.budget.stops else ():
        yield paint(line, Ink.WARNING, color=options.color)
