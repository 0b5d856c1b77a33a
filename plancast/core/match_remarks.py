"""What a person has to read about pairs: errors that only an author can settle, and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from plancast.core.diagnostics import Diagnostic, problem
from plancast.core.match import How, Kind, Pair, is_to_come, kind_of
from plancast.core.model import Address, Desired
from plancast.core.naming import unused
from plancast.core.plan import Change
from plancast.core.state import Binding


def remarks(
    pairs: Iterable[tuple[Pair, Change]], now: datetime, names: Iterable[str]
) -> Iterator[Diagnostic]:
    """Return one diagnostic for each pair that needs it. `names` are the ids of all posts."""
    taken = set(names)
    for pair, change in pairs:
        found = _remark(pair, now, taken)
        if found is not None:
            code, detail, hint = found
            address = str(pair.address)
            yield problem(code, detail, hint=hint, address=address, source=change.source)


def _remark(pair: Pair, now: datetime, taken: set[str]) -> tuple[str, str, str] | None:
    if pair.published is not None and pair.how is How.OCCUPIED:
        return _occupied(pair.address, pair.published, taken)
    if pair.published is not None:
        return _repeated(pair.published, pair.desired)
    item = pair.desired
    if item is None or not is_to_come(item.entry, now):
        return None
    binding = pair.binding if pair.how is How.EQUAL else None
    if binding is not None and kind_of(binding, pair.live) is Kind.PUBLISHED:
        return "PC909", f"as {binding.address}{_when(pair)}; nothing is sent", ""
    if pair.how is How.SENT:
        return "PC909", f"it was sent{_when(pair)}; nothing is sent now", ""
    return None


def _occupied(address: Address, published: Binding, taken: set[str]) -> tuple[str, str, str]:
    other = unused(address.post, taken | {address.post})
    detail = (
        f"{address} was published{_at(published.sent_at or published.due_at)}, and its file asks "
        "for something else now. It may be a new post or the same one, corrected; that is not "
        "guessed."
    )
    hint = (
        f"A new post needs its own id: write `id: {other}`, or rename the file. The same post: "
        f"write `was: {address.post}`, and nothing is sent."
    )
    return "PC619", detail, hint


def _repeated(published: Binding, item: Desired | None) -> tuple[str, str, str]:
    detail = (
        f"nearly the same text was published as {published.address}"
        f"{_at(published.sent_at or published.due_at)}, and no file asks for that any more. It may "
        "be the same post or a new one; that is not guessed."
    )
    is_timed = item is not None and item.entry.due_at is not None
    time = "give it a time a day or more from the old one" if is_timed else "give it a time"
    hint = (
        f"The same post: write `was: {published.address.post}`, and nothing is sent. A new one: "
        f"{time}, such as `schedule: 2026-12-01 09:00`, or put the old file back."
    )
    return "PC620", detail, hint


def _when(pair: Pair) -> str:
    live, binding = pair.live, pair.binding
    sent_at = live.sent_at if live else None
    if sent_at is None and binding is not None:
        sent_at = binding.sent_at or binding.due_at
    return _at(sent_at)


def _at(moment: datetime | None) -> str:
    return f" on {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
