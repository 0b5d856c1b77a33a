"""Lookups that matching needs besides the queues: sent lists and single ids.

`observer` makes the requests. The functions here decide which ones are worth it: a sent list or an
id is read only if the plan could otherwise create something that exists.
"""

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
    """Return the profiles whose sent lists must be read, with the time since when (None: all).

    A list is needed if an owned entry left the queue; if a new entry has a time that has passed; or
    if a new entry is for the queue, because then no time shows if it went out before.
    """
    needed: dict[str, datetime | None] = {}
    bound = list(bindings)
    waiting = {entry.id for entry in queue}
    # An owned entry that left the queue went out or was removed; only the sent list shows which.
    for binding in bound:
        if binding.status is BindingStatus.SCHEDULED and binding.remote_id not in waiting:
            read_since(needed, binding.profile_id, binding.created_at)
    # Match with the queues alone first: only what would be new needs a look into the past.
    looked_at = _with_a_past(desired, facts.now)
    first_look = match(looked_at, bound, Live(tuple(queue)), facts).pairs if looked_at else ()
    for pair in first_look:
        item = pair.desired
        if item is None or pair.how not in (How.NEW, How.MISSED):
            continue
        if item.entry.due_at is None:
            read_since(needed, item.profile.id, facts.now - QUEUE_LOOKBACK)
        elif item.entry.due_at <= facts.now:
            read_since(needed, item.profile.id, item.entry.due_at - timedelta(minutes=1))
    return needed


def _with_a_past(desired: Iterable[Desired], now: datetime) -> list[Desired]:
    """Return the desired entries of each profile on which one at least may have gone out already.

    Profiles are matched each by itself. If all times of a profile are to come, its matching cannot
    show that a look into the past is needed; it is half of all matching, so it is left out.
    """
    items = list(desired)
    profiles = {
        item.profile.id for item in items if item.entry.due_at is None or item.entry.due_at <= now
    }
    return [item for item in items if item.profile.id in profiles]


def read_since(needed: dict[str, datetime | None], profile_id: str, since: datetime | None) -> None:
    """Extend `needed` so that the sent list of a profile is read from `since` on; None: all."""
    known = needed.get(profile_id, since)
    needed[profile_id] = None if known is None or since is None else min(known, since)


def unlisted(
    desired: Iterable[Desired],
    bindings: Iterable[Binding],
    live: Live,
    facts: Facts,
) -> list[str]:
    """Return the ids of owned entries that no list shows and that a plan would create or forget.

    An entry in no list need not be gone: it may have a status that this version does not ask for.
    To create it again would publish it twice, so `observer` looks each of these up by its id.
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
    """Return whether the plan leaves a missing entry alone: `on_drift` says so, or it is late."""
    item = pair.desired
    if item is None:
        return False
    passed = item.entry.due_at is not None and item.entry.due_at <= now
    return passed or item.on_drift is not OnDrift.OVERWRITE
