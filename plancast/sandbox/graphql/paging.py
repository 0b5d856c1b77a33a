"""Pages of a list: forward only, by cursors that stand for ids.

A cursor is opaque to clients: base64 of base64 of `o"<id>"`. It is valid for the order that it came
from, and only as long as its object exists.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from plancast.sandbox.graphql.errors import bad_input

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


def cut(ids: Sequence[str], wanted: Cut, own: Callable[[str], str] = str) -> Page:
    """Return one page of an ordered list. `own` turns the id of a cursor into one of the list.

    Raises GraphQLError for a size or a cursor that is not valid.
    """
    size = DEFAULT if wanted.first is None else wanted.first
    if not 1 <= size <= MAX:
        raise bad_input(f"first is from 1 to {MAX}.")
    begin = 0
    if wanted.after is not None:
        id_ = own(_id(wanted.after))
        if id_ not in ids:
            raise bad_input("There is nothing at this cursor.")
        begin = ids.index(id_) + 1
    return Page(tuple(ids[begin : begin + size]), begin + size < len(ids))


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
