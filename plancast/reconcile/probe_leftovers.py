"""Objects of a probe that may be left: find them among what is live, and decide. Pure.

Terms. A *record* is a `ProbeObject` of the state: an object that was about to be made. It is
*settled* once its object is removed, is gone, or cannot arrive any more; until then the state keeps
it. An object without an id in its record is *unidentified*: the answer to its creation was lost, or
the process died before the answer was written.

A live object is taken for ours in two cases only. Its id is in a record, and its text is still that
of the probe (or empty, which an edit of the probe can cause). Or no record has its id, it was
created after the record, its text is that of the probe, and there are no more of them than records
without id. In every other case a person may have made or changed it, and it is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plancast.model.entry import LiveEntry
from plancast.model.findings import ProbeObject
from plancast.model.probing import ProbedItem
from plancast.reconcile.probe_answers import is_text_of
from plancast.reconcile.strays import CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The decision about all records of one kind.

    `remove` maps the ids of live objects to their records, `settled` are records whose object is
    gone, `taken_over` those whose object a person has changed, `waiting` those that may still
    arrive, and `unclear` those that have more candidates than there can be.
    """

    remove: tuple[tuple[str, ProbeObject], ...] = ()
    settled: tuple[ProbeObject, ...] = ()
    taken_over: tuple[ProbeObject, ...] = ()
    waiting: tuple[ProbeObject, ...] = ()
    unclear: tuple[ProbeObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A live object that may be one of a probe: its texts, and when it was created."""

    id: str
    texts: tuple[str, ...]
    created_at: datetime | None


def shown_post(post: LiveEntry) -> Shown:
    """Return a live post as `sort_leftovers` compares it."""
    return Shown(post.id, (post.entry.text,), post.created_at)


def shown_item(item: ProbedItem) -> Shown:
    """Return a live content item as `sort_leftovers` compares it: by its draft or its posts."""
    texts = tuple(post.entry.text for post in item.posts) if item.text is None else (item.text,)
    return Shown(item.id, texts, item.created_at)


@dataclass(frozen=True, slots=True)
class LeftoverFacts:
    """The facts for a decision beside records and live objects.

    `markers` are those of all records, of both kinds: a content item can hold posts of several of
    them. `owned` are ids that the state owns.
    """

    now: datetime
    quiet_period: timedelta
    markers: frozenset[str]
    owned: frozenset[str] = frozenset()


def sort_leftovers(
    records: Sequence[ProbeObject], shown: Sequence[Shown], facts: LeftoverFacts
) -> Leftovers:
    """Decide about records of one kind, given what is live of it."""
    known = {record.remote_id for record in records if record.remote_id}
    live = {one.id: one for one in shown if one.id not in facts.owned}
    remove: list[tuple[str, ProbeObject]] = []
    settled: list[ProbeObject] = []
    taken_over: list[ProbeObject] = []
    waiting: list[ProbeObject] = []
    unclear: list[ProbeObject] = []
    nameless: dict[str, list[ProbeObject]] = {}
    for record in records:
        one = live.get(record.remote_id)
        if not record.remote_id:
            nameless.setdefault(record.marker, []).append(record)
        elif one is None:
            settled.append(record)
        elif _is_still_ours(one, facts.markers):
            remove.append((one.id, record))
        else:
            taken_over.append(record)
    for marker, group in nameless.items():
        since = min(record.recorded_at for record in group) - CLOCK_TOLERANCE
        alike = [
            one
            for one in live.values()
            if one.id not in known
            and _is_made_since(one, since)
            and _has_text(one, marker, facts.markers)
        ]
        if len(alike) > len(group):
            unclear.extend(group)
            continue
        remove.extend(zip((one.id for one in alike), group, strict=False))
        for record in group[len(alike) :]:
            may_arrive = facts.now < record.recorded_at + facts.quiet_period
            (waiting if may_arrive else settled).append(record)
    return Leftovers(
        tuple(remove), tuple(settled), tuple(taken_over), tuple(waiting), tuple(unclear)
    )


def _is_still_ours(one: Shown, markers: Collection[str]) -> bool:
    """Return whether all texts of an object are those of the probe, or empty.

    A content item whose posts are gone has no text, and is ours by its id.
    """
    return all(
        not text.strip() or any(is_text_of(text, marker) for marker in markers)
        for text in one.texts
    )


def _has_text(one: Shown, marker: str, markers: Collection[str]) -> bool:
    """Return whether an object has the text of a record, and none that is not of the probe."""
    return any(is_text_of(text, marker) for text in one.texts) and _is_still_ours(one, markers)


def _is_made_since(one: Shown, since: datetime) -> bool:
    """Return whether it was created since; without a time of creation it could be older."""
    return one.created_at is not None and one.created_at >= since


def without_probes(
    entries: Sequence[LiveEntry], probes: Sequence[ProbeObject]
) -> tuple[LiveEntry, ...]:
    """Return live entries without the objects of a probe, which a plan must not show or adopt.

    One that a person has edited since is that person's, and stays.
    """
    if not probes:
        return tuple(entries)
    ids, markers = {record.remote_id for record in probes}, {record.marker for record in probes}
    return tuple(
        entry
        for entry in entries
        if not any(is_text_of(entry.entry.text, marker) for marker in markers)
        and not (entry.id in ids and not entry.entry.text.strip())
    )
