"""Pagination by numbers: a whole list from its pages, although the list may change meanwhile.

A queue has no version and no snapshot. If an update leaves between two pages, the others shift
forward and one of them falls between the pages; if one joins, they shift back and one is seen
twice. Totals and repetitions reveal both, and then the list is read again. An entry that is missed
would be created a second time, so a list that keeps changing is an error, not a result.

One case stays unnoticed: an update leaves and another one joins between the same two pages, which
are requested a fraction of a second apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plancast.providers.buffer_v1.client import PAGE, Json, V1UnclearError

_READS = 4
"""How often a changing list is read before plancast gives up."""

_MOST_PAGES = 1000
"""A list that goes on after so many pages is taken for endless."""

Fetch = Callable[[int], Json]
"""Gets a page by its number, counted from 1: `{total, updates}`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All updates of a list, in its order, and the number of requests that this took."""

    updates: tuple[Json, ...]
    requests: int


@dataclass(frozen=True, slots=True)
class _Look:
    """One reading of all pages, with the updates by id.

    `settled`: no page showed a sign of change. `total` is the service's, None if it sent none.
    """

    updates: dict[str, Json]
    requests: int
    settled: bool
    total: int | None


def whole_list(fetch: Fetch, *, moves: bool = True, filtered: bool = False) -> Whole:
    """Read all pages.

    `moves`: entries may leave the list. A list that only grows at its beginning (sent updates) can
    repeat entries but loses none. `filtered`: the request has a filter, and the total may be that
    of the whole list. Raises V1UnclearError if the list keeps changing, and what `fetch` raises.
    """
    requests = 0
    before: tuple[str, ...] | None = None
    for _ in range(_READS):
        look = _look(fetch, moves=moves)
        requests += look.requests
        ids = tuple(look.updates)
        exact = not moves or filtered or look.total in (None, len(ids))
        # A total can be wrong for good. Two equal readings in a row outweigh it.
        if look.settled and (exact or ids == before):
            return Whole(tuple(look.updates.values()), requests)
        before = ids if look.settled else None
    raise V1UnclearError("the list changes while it is read")


def _look(fetch: Fetch, *, moves: bool) -> _Look:
    """Read all pages once; stop at the first sign that the list changed."""
    updates: dict[str, Json] = {}
    total: int | None = None
    for number in range(1, _MOST_PAGES + 1):
        page = fetch(number)
        fresh = {_key(item): item for item in page["updates"]}
        repeated = len(fresh) < len(page["updates"]) or any(key in updates for key in fresh)
        changed = number > 1 and _total(page) != total
        if moves and (repeated or changed):
            return _Look(updates, number, False, total)
        total = _total(page)
        ended = fresh.keys() <= updates.keys()  # nothing, or nothing new
        updates.update(fresh)
        # The service may send shorter pages than it was asked for, so if there is a total, a short
        # page does not end the list.
        last = len(fresh) < PAGE if total is None else len(updates) >= total
        if ended or last:
            return _Look(updates, number, True, total)
    raise V1UnclearError("the list has no end")


def _key(item: Json) -> str:
    return str(item.get("id") or item.get("_id") or "")


def _total(page: Json) -> int | None:
    total = page.get("total")
    return total if isinstance(total, int) and not isinstance(total, bool) else None
