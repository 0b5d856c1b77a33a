"""A whole list out of pages, while it moves.

A queue has no version and no snapshot. An update that leaves between two pages shifts the others
forward, and one of them falls between the pages; one that joins shifts them back, and one is seen
twice. Totals and repetitions give both away, and the list is read again. An entry that is missed
would be created a second time, so a list that does not come to rest is no list at all.

What stays unseen: one update leaving and another one joining between the same two pages, which
come a fraction of a second apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plancast.providers.buffer_v1.client import PAGE, Json, V1UnclearError

_READS = 4
"""How often a list that moves is read before it is given up."""

_MOST_PAGES = 1000
"""A list that goes on after that has no end."""

Fetch = Callable[[int], Json]
"""Gets a page by its number, counted from 1: `{total, updates}`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All updates of a list, in its order, and how many requests that took."""

    updates: tuple[Json, ...]
    requests: int


@dataclass(frozen=True, slots=True)
class _Look:
    """One reading of all pages. `total` is what the service told, None where it did not."""

    found: dict[str, Json]
    requests: int
    settled: bool
    total: int | None


def whole_list(fetch: Fetch, *, moves: bool = True, filtered: bool = False) -> Whole:
    """Read all pages.

    `moves`: entries may leave the list. One that only ever grows at its beginning repeats some
    and loses none. `filtered`: a part was asked for, and the total may be that of all. Raises
    UnclearError where the list does not come to rest, and what `fetch` raises.
    """
    requests = 0
    before: tuple[str, ...] | None = None
    for _ in range(_READS):
        look = _look(fetch, moves=moves)
        requests += look.requests
        ids = tuple(look.found)
        exact = not moves or filtered or look.total in (None, len(ids))
        # A total that differs from the list, but twice the same list, has a mind of its own.
        if look.settled and (exact or ids == before):
            return Whole(tuple(look.found.values()), requests)
        before = ids if look.settled else None
    raise V1UnclearError("the list changes while it is read")


def _look(fetch: Fetch, *, moves: bool) -> _Look:
    found: dict[str, Json] = {}
    total: int | None = None
    for number in range(1, _MOST_PAGES + 1):
        page = fetch(number)
        fresh = {_key(item): item for item in page["updates"]}
        repeated = len(fresh) < len(page["updates"]) or any(key in found for key in fresh)
        changed = number > 1 and _total(page) != total
        if moves and (repeated or changed):
            return _Look(found, number, False, total)
        total = _total(page)
        ended = fresh.keys() <= found.keys()  # nothing, or nothing new
        found.update(fresh)
        # The service may give fewer a page than it was asked for: a short page ends nothing.
        last = len(fresh) < PAGE if total is None else len(found) >= total
        if ended or last:
            return _Look(found, number, True, total)
    raise V1UnclearError("the list has no end")


def _key(item: Json) -> str:
    return str(item.get("id") or item.get("_id") or "")


def _total(page: Json) -> int | None:
    total = page.get("total")
    return total if isinstance(total, int) and not isinstance(total, bool) else None
