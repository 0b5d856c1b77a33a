"""Folded blocks of posts: content, length, differences, and drift with the ways out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from plancast.model.entry import Entry, Stage
from plancast.model.plan import Action, Change, FieldDiff, Situation
from plancast.render.markdown.content import counter, shown
from plancast.render.markdown.escape import block, code, phrase, plain
from plancast.render.markdown.parts import place
from plancast.render.options import ViewOptions
from plancast.render.terminal.entry_block import STAGES, is_text, label, staged
from plancast.render.text import local, moved, worded
from plancast.render.text_diff import pieces

Group = tuple[Change, ...]


def groups(changes: Iterable[Change]) -> tuple[Group, ...]:
    """Group the changes of one post that read the same on several profiles."""
    alike: dict[object, list[Change]] = {}
    for change in changes:
        # Everything that the block shows, but for the address: one block stands for all.
        whole = (change.address.post, change.action, change.before, change.after, change.fields)
        rest = (change.drift, change.situations, change.reason, change.due_at, change.zone)
        alike.setdefault((whole, rest), []).append(change)
    return tuple(tuple(group) for group in alike.values())


def folded(group: Group, options: ViewOptions) -> str:
    """Render the block of a group. Its parts are HTML blocks of one line each."""
    first = group[0]
    return "\n\n".join(
        [
            f"<details><summary>{_summary(group)}</summary>",
            *_body(first, group, options),
            "</details>",
        ]
    )


def sign(change: Change) -> str:
    """Return the sign of a change's action as code; "" if nothing is done."""
    return code(change.action.sign) if change.action is not Action.NONE else ""


def _summary(group: Group) -> str:
    first = group[0]
    names = ", ".join(plain(change.address.profile) for change in group)
    parts = [f"{sign(first)} <b>{plain(first.address.post)}</b>".strip(), names]
    parts.append(plain(first.title))
    if first.action not in (Action.CREATE, Action.FORGET) and first.stage in STAGES:
        parts.append(STAGES[first.stage])
    if first.due_at:
        due = local(first.due_at, first.zone)
        parts.append(due if first.stage is Stage.SCHEDULED else f"meant for {due}")
    return " · ".join(parts)


def _body(change: Change, group: Group, options: ViewOptions) -> Iterator[str]:
    entry, title = change.after or change.before, options.title
    yield _facts(group, entry, options)
    if stage := staged(change, title):
        yield f"<p>📝 <b>{plain(stage)}</b></p>"
    if change.reason:
        yield f"<p>{phrase(change.reason)}</p>"
    # A difference shows the new text as well, so the whole entry would repeat it.
    if change.action is Action.UPDATE or (change.action is Action.NONE and change.fields):
        yield from _differences(change.fields, change.zone)
    elif entry is not None:
        profiles = [member.profile for member in group]
        yield from shown(entry, profiles, title, options.link_cards)
    if change.drift:
        yield from _drift(change, title)


def _facts(group: Group, entry: Entry | None, options: ViewOptions) -> str:
    """Render the addresses, each with the length of its text, and the file."""
    items = []
    for change in group:
        words = [code(str(change.address)), plain(change.profile.service)]
        if entry is not None and entry.text:
            words.append(counter(entry, change.profile, options.link_cards))
        if Situation.PUBLISHED in change.situations and change.live and change.live.link:
            words.append(code(change.live.link))
        items.append(" · ".join(word for word in words if word))
    source = group[0].source
    if source:
        items.append(place(source, options.files))
    return "<p>" + "<br>".join(items) + "</p>"


def _differences(leaves: Sequence[FieldDiff], zone: str) -> Iterator[str]:
    for diff in leaves:
        if is_text(diff.path):
            name = "" if diff.path == "text" else f"<p>{phrase(label(diff.path))}</p>"
            words = _text(str(diff.before or ""), str(diff.after or ""))
            yield f"{name}<blockquote>{words}</blockquote>"
    rest = [diff for diff in leaves if not is_text(diff.path)]
    if rest:
        yield "<ul>" + "".join(f"<li>{_leaf(diff, zone)}</li>" for diff in rest) + "</ul>"


def _text(before: str, after: str) -> str:
    """Render the difference of two texts word by word, with `del` and `ins`, which forges show."""
    parts = []
    for piece in pieces(before, after):
        if piece.kept:
            parts.append(block(piece.after))
            continue
        if piece.before:
            parts.append(f"<del>{block(_seen(piece.before))}</del>")
        if piece.after:
            parts.append(f"<ins>{block(_seen(piece.after))}</ins>")
    return "".join(parts)


def _seen(text: str) -> str:
    """Make blanks visible if nothing but blanks differs."""
    return text if text.strip() else text.replace("\n", "⏎\n").replace(" ", "·")


def _leaf(leaf: FieldDiff, zone: str) -> str:
    name = phrase(label(leaf.path))
    before, after = leaf.before, leaf.after
    if isinstance(before, datetime) and isinstance(after, datetime):
        gap = moved(before, after, zone)
        return f"{name}: {local(before, zone)} → <b>{local(after, zone)}</b>, {gap}"
    old, new = (phrase(worded(leaf.path, value, zone)) for value in (before, after))
    return f"{name}: {old} → <b>{new}</b>"


def _drift(change: Change, title: str) -> Iterator[str]:
    """Yield what a person changed in the queue, and how to keep either version."""
    if change.is_removed:
        yield f"<p>⚠️ <b>Removed in {phrase(title)} by a person since the last apply.</b></p>"
    else:
        yield f"<p>⚠️ <b>Changed in {phrase(title)} by a person since the last apply:</b></p>"
        yield from _differences(change.drift, change.zone)
    ways = _ways(change)
    if ways:
        yield "<p>" + "<br>".join(ways) + "</p>"


def _ways(change: Change) -> tuple[str, ...]:
    """Return how to keep the person's version, and how to go back to the file's.

    An adoption has no ways: the file already asks for what is live.
    """
    pull = code(f"plancast pull {change.address}")
    to_file = f"To keep theirs: {pull} takes it into the file."
    match change.action:
        case Action.CREATE:
            draft = f"To leave it removed: {code('status: draft')} in the file, or remove the file."
            return (draft, "To have it back: apply this plan.")
        case Action.NONE if change.live is None:
            overwrite = code("on_drift: overwrite")
            return ("It is left removed.", f"To have it back: {overwrite} in the file.")
        case Action.NONE:
            overwrite = code("on_drift: overwrite")
            return (to_file, f"To go back to the file's: {overwrite} in the file.")
        case Action.ADOPT:
            return ()
        case _:
            return (to_file, "To go back to the file's: apply this plan.")
