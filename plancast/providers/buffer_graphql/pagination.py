"""A whole list out of pages, while it moves.

A cursor is made of an id (docs/buffer/graphql.md#lists-and-pages), and lists are read in the order
in which posts were made. So a post that leaves between two pages shifts no other one, and one that
joins comes last: there is nothing to read twice, as there is where pages have numbers. What is left
is a server that does something else. A cursor that comes again, or a page that brings nothing new,
would never end, and is not believed.

What stays unseen: a server that leaves out what it should show. There is no total to tell.
"""

from __future__ import annotations

from collections.abc import Callable

from plancast.providers.buffer_graphql.client import GraphqlPage
from plancast.providers.buffer_graphql.responses import Json, UnclearError

_MOST_PAGES = 1000
"""A list that goes on after that has no end."""

Fetch = Callable[[str | None], GraphqlPage]
"""Gets the page after a cursor, the first one for None."""


def whole_list(fetch: Fetch) -> list[Json]:
    """All nodes, each once, in the order of the list; of one that comes twice the later word.

    Raises UnclearError where the list does not end, and what `fetch` raises.
    """
    found: dict[str, Json] = {}
    cursors: set[str] = set()
    after: str | None = None
    for _ in range(_MOST_PAGES):
        page = fetch(after)
        fresh = {str(node.get("id") or ""): node for node in page.nodes}
        stuck = bool(fresh) and fresh.keys() <= found.keys()
        found.update(fresh)
        if page.after is None:
            return list(found.values())
        if stuck or page.after in cursors:
            raise UnclearError("the list repeats itself")
        cursors.add(page.after)
        after = page.after
    raise UnclearError("the list has no end")
