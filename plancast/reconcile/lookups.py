"""What must be read beside the queues so that matching knows enough: sent lists, single ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from plancast.model.entry import LiveEntry
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired, OnDrift
from plancast.reconcile.match import Facts, How, Live, OwnedKind, Pair, kind_of, match

QUEUE_LOOKBACK = timedelta(days=30)
"""How far back a text meant for the queue is looked for among what was sent: as far as the list
reaches for every user (docs/buffer/v1.md#the-sent-list)."""


def sent_needed(
    desired: Iterable[Desired],
    bindings: Iterable[Binding],
    queue: Sequence[LiveEntry],
    facts: Facts,
) -> dict[str, datetime | None]:
    """Return the profiles whose sent lists must be read, and since when (None: all there is).

    Needed if an owned entry left the queue, if an entry without owner should have gone out
    already, and if an unowned one is meant for the queue: it has no time that would tell whether
    it went out before.
    """
    needed: dict[str, datetime | None] = {}
    bound = list(bindings)
    waiting = {entry.id for entry in queue}
    for binding in bound:
        if binding.status is BindingStatus.SCHEDULED and binding.remote_id not in waiting:
            read_since(needed, binding.profile_id, binding.created_at)
    first_look = match(desired, bound, Live(tuple(queue)), facts)
    for pair in first_look.pairs:
        item = pair.desired
        if item is None or pair.how not in (How.NEW, How.MISSED):
            continue
        if item.entry.due_at is None:
            read_since(needed, item.profile.id, facts.now - QUEUE_LOOKBACK)
        elif item.entry.due_at <= facts.now:
            read_since(needed, item.profile.id, item.entry.due_at - timedelta(minutes=1))
    return needed


def read_since(needed: dict[str, datetime | None], profile_id: str, since: datetime | None) -> None:
    """Note that the sent list of a profile is read since then at the latest; None: all there is."""
    known = needed.get(profile_id, since)
    needed[profile_id] = None if known is None or since is None else min(known, since)


def unlisted(
    desired: Iterable[Desired],
    bindings: Iterable[Binding],
    live: Live,
    facts: Facts,
) -> list[str]:
    """Return the ids of what no list shows, and a plan would create anew or forget.

    That it is in no list need not mean that it is gone: a status may have come up that nobody
    asks for by its name. To be wrong about it is to publish twice.
    """
    bound = list(bindings)
    listed = {entry.id for entry in (*live.queue, *live.sent)}
    if all(
        binding.remote_id in listed or kind_of(binding, None) is OwnedKind.PUBLISHED
        for binding in bound
    ):
        return []
    matched = match(desired, bound, live, facts)
    kept = {
        pair.binding.remote_id
        for pair in matched.pairs
        if pair.binding and _is_kept(pair, facts.now)
    }
    return [
        binding.remote_id
        for binding in bound
        if binding.remote_id not in listed
        and binding.address not in facts.history
        and kind_of(binding, None) is OwnedKind.GONE
        and binding.remote_id not in kept
    ]


def _is_kept(pair: Pair, now: datetime) -> bool:
    """Whether the plan does nothing about what is gone: an author wants that, or it is late."""
    item = pair.desired
    if item is None:
        return False
    passed = item.entry.due_at is not None and item.entry.due_at <= now
    return passed or item.on_drift is not OnDrift.OVERWRITE
