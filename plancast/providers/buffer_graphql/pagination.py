"""Pagination by cursors: a whole list from its pages, although the list may change meanwhile.

A cursor is made of an id (docs/buffer/graphql.md#lists-and-pages), and lists are read in the order
in which posts were made. So a post that leaves between two pages shifts no other one, and one that
joins comes last: no page has to be read twice, as it must be if pages have numbers. A misbehaving
server is still possible: a cursor that comes again, or a page without anything new, would never
end, and is refused.

A post that the server leaves out by mistake stays unnoticed, since there is no total to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plancast.providers.buffer_graphql.client import GraphqlPage
from plancast.providers.buffer_graphql.responses import Json, UnclearError

_MOST_PAGES = 1000
"""A list that goes on after so many pages is taken for endless."""

Fetch = Callable[[str | None], GraphqlPage]
"""Gets the page after a cursor, the first one for None."""


_T = TypeVar("_T")


def whole_list(fetch: Fetch) -> list[Json]:
    """Return all nodes as the service sends them; see `parsed_list`."""
    return parsed_list(fetch, lambda node: node)


def parsed_list(fetch: Fetch, parse: Callable[[Json], _T]) -> list[_T]:
    """Return all nodes, each once, in the order of the list; the later copy of a repeated one.

    They are parsed page by page: of a long list, the answers take more memory than all the rest.

    Raises UnclearError if the list does not end, and whatever `fetch` and `parse` raise.
    """
    nodes: dict[str, _T] = {}
    cursors: set[str] = set()
    after: str | None = None
    for _ in range(_MOST_PAGES):
        page = fetch(after)
        fresh = {str(node.get("id") or ""): parse(node) for node in page.nodes}
        stuck = bool(fresh) and fresh.keys() <= nodes.keys()
        nodes.update(fresh)
        if page.after is None:
            return list(nodes.values())
        if stuck or page.after in cursors:
            raise UnclearError("the list repeats itself")
        cursors.add(page.after)
        after = page.after
    raise UnclearError("the list has no end")
