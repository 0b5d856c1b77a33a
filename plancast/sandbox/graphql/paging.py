"""Pages of a list: forward only, by cursors that stand for ids.

A cursor is opaque to clients: base64 of base64 of `o"<id>"`. It is valid for the order that it came
from, and only as long as its object exists.
"""

import base64
import binascii
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from graphql import GraphQLError

from plancast.sandbox.graphql.errors import bad_input
from plancast.sandbox.graphql.keyset import Listing

DEFAULT, MAX = 10, 100


@dataclass(frozen=True, slots=True)
class Cut:
    """The page that is asked for: `first` so many, `after` a cursor."""

    first: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of one page, and whether there is another."""

    ids: tuple[str, ...]
    more: bool

    def connection(self, nodes: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the page as the API shows it; `nodes` are the objects of `ids`, in that order."""
        edges = [{"cursor": cursor(node["id"]), "node": node} for node in nodes]
        info = {
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
            "hasNextPage": self.more,
            "hasPreviousPage": False,
        }
        return {"edges": edges, "pageInfo": info}


def cut(ids: Sequence[str], wanted: Cut) -> Page:
    """Return one page of a short list.

    Raises GraphQLError for a size or a cursor that is not valid.
    """
    size = _size(wanted)
    begin = 0
    if wanted.after is not None:
        id_ = _id(wanted.after)
        if id_ not in ids:
            raise _nothing_there()
        begin = ids.index(id_) + 1
    return Page(tuple(ids[begin : begin + size]), begin + size < len(ids))


def read(
    db: sqlite3.Connection,
    listing: Listing,
    wanted: Cut,
    own: Callable[[str], str] = str,
    keeps: Callable[[str], bool] | None = None,
) -> Page:
    """Read one page of a list. `own` turns the id of a cursor into one of the list.

    `keeps` filters the list by id. Raises GraphQLError as `cut` does.
    """
    size = _size(wanted)
    after = None
    if wanted.after is not None:
        after = listing.row(db, own(_id(wanted.after)))
        if after is None or (keeps and not keeps(after["id"])):
            raise _nothing_there()
    ids = (row["id"] for row in listing.after(db, after))
    page = tuple(islice(filter(keeps, ids) if keeps else ids, size + 1))
    return Page(page[:size], len(page) > size)


def _size(wanted: Cut) -> int:
    """Return how many ids a page has. Raises GraphQLError."""
    size = DEFAULT if wanted.first is None else wanted.first
    if not 1 <= size <= MAX:
        raise bad_input(f"first is from 1 to {MAX}.")
    return size


def _nothing_there() -> GraphQLError:
    return bad_input("There is nothing at this cursor.")


def cursor(id_: str) -> str:
    """Return the cursor of the object with an id."""
    return base64.b64encode(base64.b64encode(f'o"{id_}"'.encode())).decode()


def _id(value: str) -> str:
    """Return the id in a cursor. Raises GraphQLError."""
    try:
        text = base64.b64decode(base64.b64decode(value, validate=True), validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_input("This is not a cursor.") from None
    match = re.fullmatch(r'o"(.+)"', text)
    if match is None:
        raise bad_input("This is not a cursor.")
    return match[1]
