"""Pagination by numbers: a whole list from its pages, although the list may change meanwhile.

A queue has no version and no snapshot. If an update leaves between two pages, the others shift
forward and one of them falls between the pages; if one joins, they shift back and one is seen
twice. Totals and repetitions reveal both, and then the list is read again. An entry that is missed
would be created a second time, so a list that keeps changing is an error, not a result.

One case stays unnoticed: an update leaves and another one joins between the same two pages, which
are requested a fraction of a second apart.

The first page of a queue says how many there are, so the others can be read at the same time, and
beside the pages of other lists. What is checked does not depend on the order in which they come.
Nothing is checked of a list that only grows at its beginning: it is whole because its pages are
read one after the other, so those of one list are never read at the same time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from plancast.net.side_by_side import in_order
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


def whole_lists(
    fetches: Sequence[Fetch], at_once: int, *, moves: bool = True, filtered: bool = False
) -> Iterator[Whole]:
    """Read several lists, up to `at_once` pages at a time; yield them in the order of `fetches`.

    See `whole_list` for what they have in common.
    """
    for start in range(0, len(fetches), at_once):
        # Not more lists than that, so that little time passes between two pages of one of them.
        some = fetches[start : start + at_once]
        if at_once == 1:
            yield whole_list(some[0], moves=moves, filtered=filtered)
        else:
            yield from _side_by_side(some, at_once, moves=moves, filtered=filtered)


def _side_by_side(
    fetches: Sequence[Fetch], at_once: int, *, moves: bool, filtered: bool
) -> Iterator[Whole]:
    """Read the first pages at the same time, then the further ones; yield the lists."""
    firsts = deque(in_order((partial(fetch, 1) for fetch in fetches), at_once))
    # Under a filter the total is no promise of pages. In a list that grows, an entry that moves
    # from page 2 to page 3 would be lost if page 3 was read first.
    lengths = [1 if filtered or not moves else _pages(first) for first in firsts]
    further = (
        partial(fetch, number)
        for fetch, length in zip(fetches, lengths, strict=True)
        for number in range(2, length + 1)
    )
    with closing(in_order(further, at_once)) as rest:
        for fetch, length in zip(fetches, lengths, strict=True):
            ready = {1: firsts.popleft(), **dict(zip(range(2, length + 1), rest, strict=False))}
            page = partial(_ready_or_fetched, ready, fetch)
            whole = whole_list(page, moves=moves, filtered=filtered)
            # Pages that a wrong total promised were asked for as well.
            yield replace(whole, requests=whole.requests + len(ready))


def _ready_or_fetched(ready: dict[int, Json], fetch: Fetch, number: int) -> Json:
    """Return a page that was read already, once: if the list is read again, it is fetched."""
    return ready.pop(number) if number in ready else fetch(number)


def _pages(first: Json) -> int:
    """Return the number of pages of a list, as far as the first one can be relied on."""
    total, shown = _total(first), len(first["updates"])
    # A service that sends shorter pages than it was asked for has more of them than this.
    return min(-(-total // PAGE), _MOST_PAGES) if total and shown == PAGE else 1


def whole_list(fetch: Fetch, *, moves: bool = True, filtered: bool = False) -> Whole:
    """Read all pages.

    `moves`: entries may leave the list. A list that only grows at its beginning (sent updates) can
    repeat entries but loses none, if its pages are fetched in their order. `filtered`: the request
    has a filter, and the total may be that of the whole list. Raises V1UnclearError if the list
    keeps changing, and what `fetch` raises.
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
