"""Both sides of matching in short, for the tests of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plancast.model.entry import Entry, LiveEntry, LiveStatus, Stage
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired
from plancast.reconcile.match import Facts, Live, Matched, match
from plancast.testing.builders import NOW, entry, live
from tests.reconcile.making import as_it_is, binding, desired

PAST, DUE, LATER = "2026-11-23 08:00", "2026-12-01 08:30", "2026-12-05 10:00"
TEXT = "Spring is here, and so is our new collection of garden tools."
NEARLY = "Spring is here, and so is our new collection of garden tools!"
LIKE = "Spring is here, and so is our big collection of kitchen tools."
OTHER = "Which of these four bridges is the oldest? Answers on Sunday."


def sent(id: str, content: Entry | None = None, at: str = PAST) -> LiveEntry:
    return live(id, content, due_at=at, sent_at=at, status=LiveStatus.PUBLISHED)


def run(
    wanted: list[Desired],
    bound: list[Binding] | None = None,
    queue: list[LiveEntry] | None = None,
    sent_list: list[LiveEntry] | None = None,
    **facts: Any,
) -> Matched:
    lists = Live(tuple(queue or ()), tuple(sent_list or ()))
    return match(wanted, bound or [], lists, Facts(as_it_is, NOW, **facts))


def pair_summaries(matched: Matched) -> list[tuple[str, str, str]]:
    """Each pair: address, how it was found, and the remote id that it is about."""
    return [
        (
            str(pair.address),
            pair.how.value.removeprefix("step ").removeprefix("rule "),
            pair.binding.remote_id if pair.binding else pair.live.id if pair.live else "-",
        )
        for pair in matched.pairs
    ]


def want(name: str, text: str = TEXT, at: str | None = DUE, **fields: Any) -> Desired:
    return desired(f"{name}@acme-x", entry(text, at=at), **fields)


def have(name: str, text: str = TEXT, at: str | None = DUE, **fields: Any) -> Binding:
    return binding(f"{name}@acme-x", entry(text, at=at), remote_id=f"r-{name}", **fields)


def waits(owned: Binding, text: str | None = None, **fields: Any) -> LiveEntry:
    content = owned.applied if text is None else replace(owned.applied, text=text)
    return replace(live(owned.remote_id, content, due_at=content.due_at), **fields)


def sent_entry(owned: Binding) -> LiveEntry:
    return sent(owned.remote_id, owned.applied)


A, B = have("a"), have("b")
GONE_OUT = have("a", status=BindingStatus.PUBLISHED)
QUEUED_OUT = have("a", at=None, status=BindingStatus.PUBLISHED)
RESERVED = replace(
    have("a", at="2032-01-01 00:00", inert=True),
    applied=entry(TEXT, at="2032-01-01 00:00", stage=Stage.DRAFT),
)
