"""The creator of posts: one entry on several channels, optionally grouped into one request.

A create is for one channel (docs/buffer/graphql.md#creating-posts). Two ways of grouping exist,
both off unless the option `grouping` asks for them: a content item, which is experimental
(docs/buffer/graphql.md#experimental-parts), and several creates in one document
(docs/buffer/graphql.md#several-creates-in-one-document). If the service refuses the document
itself, nothing has happened: the creates are sent one by one, and grouping stays off. A content
item that fails may exist with its posts, so its failure is an unknown outcome for all of them.

A request that may have arrived is never sent a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from plancast.model.ports import Interrupted, StateMoved
from plancast.providers.buffer_graphql.client import GraphqlClient, Made
from plancast.providers.buffer_graphql.responses import (
    NO_RIGHT,
    TOO_MANY,
    Json,
    NotSentError,
    RefusedError,
    UnclearError,
    WireError,
)

_FOR_ALL = frozenset({TOO_MANY, *NO_RIGHT})

Inputs = Mapping[str, Mapping[str, Any]]
"""A CreatePostInput for each channel, by its id."""


class Grouping(Enum):
    """The ways in which several creates become one request."""

    OFF = "off"
    CONTENT_ITEM = "content_item"
    ALIASES = "aliases"


@dataclass(frozen=True, slots=True)
class Created:
    """The posts that answers show, and the first error that kept others from being shown.

    `refused`: the channels on which certainly nothing was made, each with the error.
    """

    posts: tuple[Json, ...]
    error: WireError | None = None
    refused: Mapping[str, WireError] = field(default_factory=dict)


class Creator:
    """The creator. `grouping` falls back to OFF for the rest of the run if it is refused."""

    def __init__(self, client: GraphqlClient, grouping: Grouping) -> None:
        self._client = client
        self.grouping = grouping

    def create(self, organization: str, inputs: Inputs) -> Created:
        """Create a post on each channel. Raises WireError if one error holds for all of them."""
        fields = list(inputs.values())
        if len(fields) == 1 or self.grouping is Grouping.OFF:
            return self._singly(inputs)
        try:
            if self.grouping is Grouping.CONTENT_ITEM:
                return Created(self._client.create_content_item(organization, fields))
            results = self._client.create_posts(fields)
        except RefusedError as error:
            if not _may_be_about_one(error):
                raise
            self.grouping = Grouping.OFF
            return self._singly(inputs)
        return _sorted(dict(zip(inputs, results, strict=True)))

    def _singly(self, inputs: Inputs) -> Created:
        """Send the creates one by one.

        A refusal of one post does not stop the others; an error that holds for all, or an unclear
        outcome, does. An interrupt between two of them is returned as errors of the rest, because
        the caller has to learn which posts were made before it.
        """
        results: dict[str, Made | WireError] = {}
        for channel, item in inputs.items():
            try:
                results[channel] = self._client.create_post(item)
            except RefusedError as error:
                results[channel] = error
                if not _may_be_about_one(error):
                    return _sorted(dict.fromkeys(inputs, error) | results)
            except WireError as error:
                results[channel] = error
                rest = NotSentError(f"not sent, since one before it was not answered: {error}")
                return _sorted(dict.fromkeys(inputs, rest) | results)
            except (Interrupted, StateMoved) as stopped:
                if not results:
                    raise
                rest = NotSentError(str(stopped) or "interrupted")
                return _sorted(dict.fromkeys(inputs, rest) | results)
        return _sorted(results)


def _sorted(results: Mapping[str, Made | WireError]) -> Created:
    """Sort results into posts and errors.

    Raises WireError if no post is shown and one error holds for all, or something may have been
    made.
    """
    posts = tuple(item.post for item in results.values() if isinstance(item, Made))
    errors = {key: item for key, item in results.items() if isinstance(item, WireError)}
    # Callers see one error for all: an unclear one must not hide behind a refusal.
    unclear = [item for item in errors.values() if isinstance(item, UnclearError)]
    if not posts and (unclear or len({str(item) for item in errors.values()}) == 1):
        raise [*unclear, *errors.values()][0]
    sure = {key: item for key, item in errors.items() if not isinstance(item, UnclearError)}
    return Created(posts, next(iter([*unclear, *errors.values()]), None), sure)


def _may_be_about_one(error: RefusedError) -> bool:
    """Return whether a refusal may be about one post of several, or about their grouping.

    Missing rights and a spent budget hold for each post alone as well.
    """
    return error.status in (200, 400) and error.code not in _FOR_ALL
