"""Diagnostics about pairs: errors that only an author can settle, and warnings.

The errors are those of rules (c) and (d) of `match`. Each names both readings of the files and the
line that states either one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.plan import Change
from plancast.model.state import Binding
from plancast.model.workspace import Desired
from plancast.reconcile.match import How, OwnedKind, Pair, is_to_come, kind_of
from plancast.reconcile.repairs import is_failed, only_for
from plancast.reconcile.slugs import unused


def remarks(
    pairs: Iterable[tuple[Pair, Change]], now: datetime, names: Iterable[str]
) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each pair that needs it. `names` are the ids of all posts."""
    taken, pairs = set(names), list(pairs)
    failed = {pair.address.post: pair.address.profile for pair, _ in pairs if is_failed(pair.live)}
    for pair, change in pairs:
        remark = _remark(pair, now, taken)
        if remark is not None:
            code, detail, hint = remark
            if pair.how is How.OCCUPIED and pair.address.post in failed:
                # Most likely the author gave another time to the profile that refused the post.
                alias = failed[pair.address.post]
                hint = f"It failed on {alias}. {only_for(alias)} {hint}"
            address = str(pair.address)
            yield problem(code, detail, hint=hint, address=address, source=change.source)


def _remark(pair: Pair, now: datetime, taken: set[str]) -> tuple[str, str, str] | None:
    """Return the code, the detail and the hint about a pair; None if it needs no remark."""
    item, published = pair.desired, pair.published
    if item is None:
        return None
    if published is not None:
        if pair.how is How.OCCUPIED:
            return _occupied(item, published, taken)
        return _repeated(item, published, now)
    return _sent_already(pair, item) if is_to_come(item.entry, now) else None


def _sent_already(pair: Pair, item: Desired) -> tuple[str, str, str] | None:
    """Warn about an entry to come that counts as published, so that nothing is sent for it."""
    binding = pair.binding if pair.how is How.EQUAL else None
    if binding is not None and kind_of(binding, pair.live) is OwnedKind.PUBLISHED:
        return "PC909", f"as {binding.address}{_when(pair, item.zone)}; nothing is sent", ""
    if pair.how is How.SENT:
        return "PC909", f"it was sent{_when(pair, item.zone)}; nothing is sent now", ""
    return None


def _occupied(item: Desired, published: Binding, taken: set[str]) -> tuple[str, str, str]:
    """Ask about rule (c): the file of a published post asks for something else now."""
    post = item.address.post
    detail = (
        f"{item.address} was published{_sent(published, item.zone)}, and its file asks for "
        "something else now. A new post would be sent, a correction of the old one would not: "
        "which of the two it is, plancast does not guess."
    )
    hint = (
        f"A new post: write `id: {unused(post, taken | {post})}` into it, or rename its file. "
        f"The same post: write `was: {post}` into it, and nothing is sent."
    )
    return "PC619", detail, hint


def _repeated(item: Desired, published: Binding, now: datetime) -> tuple[str, str, str]:
    """Ask about rule (d): nearly the same text was published, and its file is gone."""
    detail = (
        f"nearly the same text was published as {published.address}"
        f"{_sent(published, item.zone)}, and no file asks for that any more. A new post would be "
        "sent, the same one would not: which of the two it is, plancast does not guess."
    )
    apart = " a day or more from the old one" if item.entry.due_at is not None else ""
    hint = (
        f"The same post: write `was: {published.address.post}` into it, and nothing is sent. "
        f"A new post: give it a time{apart}, such as `schedule: {_in_a_week(item, published, now)}`"
        ", or put the old file back."
    )
    return "PC620", detail, hint


def _in_a_week(item: Desired, published: Binding, now: datetime) -> str:
    """Suggest a time that is surely to come, and far from that of the published entry."""
    known = (now, published.due_at, published.applied.due_at, item.entry.due_at)
    last = max(moment for moment in known if moment is not None)
    day = (last + timedelta(days=7)).astimezone(ZoneInfo(item.zone))
    return f"{day:%Y-%m-%d} 09:00"


def _when(pair: Pair, zone: str) -> str:
    live, binding = pair.live, pair.binding
    if live is not None and live.sent_at is not None:
        return _at(live.sent_at, zone)
    return _sent(binding, zone) if binding is not None else ""


def _sent(binding: Binding, zone: str) -> str:
    return _at(binding.sent_at or binding.due_at, zone)


def _at(moment: datetime | None, zone: str) -> str:
    return f" on {moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}" if moment else ""
