"""One entry for several channels, in as few requests as the account wants to trust.

A create is for one channel (docs/buffer/graphql.md#creating-posts). Two ways of putting several
into one request exist, both off unless they are asked for: a content item, which is experimental
and refuses all or makes all (docs/buffer/graphql.md#experimental-parts), and several creates in one
document (docs/buffer/graphql.md#several-creates-in-one-document). Where one of them is refused as
such, nothing has happened; it is not tried again, and the creates are sent one by one.

What is not done: a second try of anything that may have arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from plancast.model.ports import Interrupted, StateMoved
from plancast.providers.buffer_graphql.client import GraphqlClient, Made
from plancast.providers.buffer_graphql.responses import (
    INVALID,
    LIMIT,
    NO_RIGHT,
    TOO_MANY,
    Json,
    NotSentError,
    RefusedError,
    UnclearError,
    WireError,
)

_FOR_ALL = frozenset({LIMIT, TOO_MANY, *NO_RIGHT})

Inputs = Mapping[str, Mapping[str, Any]]
"""A CreatePostInput for each channel, by its id."""


class Grouping(Enum):
    """How several creates become one request."""

    OFF = "off"
    CONTENT_ITEM = "content_item"
    ALIASES = "aliases"


@dataclass(frozen=True, slots=True)
class Created:
    """What is shown, and the first thing that kept the rest from being shown.

    `refused`: for which channels nothing was made for sure, and why.
    """

    posts: tuple[Json, ...]
    error: WireError | None = None
    refused: Mapping[str, WireError] = field(default_factory=dict)


class Creator:
    """Makes posts. `grouping` falls back to OFF for the rest of the run where it is refused."""

    def __init__(self, client: GraphqlClient, grouping: Grouping) -> None:
        self._client = client
        self.grouping = grouping

    def create(self, organization: str, inputs: Inputs) -> Created:
        """A post for each channel. Raises WireError where one thing holds for all of them."""
        given = list(inputs.values())
        if len(given) == 1 or self.grouping is Grouping.OFF:
            return self._singly(inputs)
        try:
            if self.grouping is Grouping.CONTENT_ITEM:
                return Created(self._client.create_content_item(organization, given))
            found = self._client.create_posts(given)
        except RefusedError as error:
            if not _is_about_the_way(error):
                raise
            if error.code != INVALID:
                self.grouping = Grouping.OFF
            return self._singly(inputs)
        return _sorted(dict(zip(inputs, found, strict=True)))

    def _singly(self, inputs: Inputs) -> Created:
        """One by one. What is refused stops no other; what holds for all or is not clear does.

        Whoever is stopped between two of them has to learn what was made before.
        """
        found: dict[str, Made | WireError] = {}
        for channel, item in inputs.items():
            try:
                found[channel] = self._client.create_post(item)
            except RefusedError as error:
                found[channel] = error
                if not _is_about_the_way(error) and error.code != LIMIT:
                    return _sorted(dict.fromkeys(inputs, error) | found)
            except WireError as error:
                found[channel] = error
                rest = NotSentError(f"not sent, since one before it was not answered: {error}")
                return _sorted(dict.fromkeys(inputs, rest) | found)
            except (Interrupted, StateMoved) as stopped:
                if not found:
                    raise
                rest = NotSentError(str(stopped) or "interrupted")
                return _sorted(dict.fromkeys(inputs, rest) | found)
        return _sorted(found)


def _sorted(found: Mapping[str, Made | WireError]) -> Created:
    """What was made. Raises WireError where one thing holds for all, and where nothing is shown and
    something may have been made.
    """
    posts = tuple(item.post for item in found.values() if isinstance(item, Made))
    errors = {key: item for key, item in found.items() if isinstance(item, WireError)}
    unclear = [item for item in errors.values() if isinstance(item, UnclearError)]
    if not posts and (unclear or len({str(item) for item in errors.values()}) == 1):
        raise [*unclear, *errors.values()][0]
    sure = {key: item for key, item in errors.items() if not isinstance(item, UnclearError)}
    return Created(posts, next(iter([*unclear, *errors.values()]), None), sure)


def _is_about_the_way(error: RefusedError) -> bool:
    """Whether a refusal may be about one of several, or about putting them together.

    No right and no time hold for each of them alike; so does no room in a group that is made as a
    whole.
    """
    return error.status in (200, 400) and error.code not in _FOR_ALL
