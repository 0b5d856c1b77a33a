"""The tags of an organization: looks up their ids by name, and creates missing ones.

The list is read once, when the first tag is needed. That part of the API is experimental, and a
small plan has three tags in all (docs/buffer/graphql.md#ownership-and-tags): if a tag cannot be
had, posts go without it, and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.pagination import whole_list
from plancast.providers.buffer_graphql.responses import (
    INVALID,
    TOO_MANY,
    Json,
    RefusedError,
    UnclearError,
)

COLOR = "#7A8CA3"
"""The color of tags that plancast creates."""


_TWIN = frozenset({INVALID, "DuplicateError"})
"""The refusals that a name which is there already may get
(docs/buffer/graphql.md#ownership-and-tags)."""


class Tags:
    """The tags that are known so far. `ownership` is the tag that every post gets, "" for none.

    `room` returns how many tags the account may have, None if that is unknown. `notes` are
    sentences about tags that could not be had.
    """

    def __init__(
        self, client: GraphqlClient, ownership: str, room: Callable[[], int | None]
    ) -> None:
        self._client = client
        self._ownership = ownership
        self._room = room
        self._ids: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        self._listed = False
        self._usable = True
        self.notes: list[str] = []

    def saw(self, posts: Iterable[Json]) -> None:
        """Learn the ids of the tags that posts carry: that may save reading the list."""
        for post in posts:
            tags = post.get("tags")
            for tag in tags if isinstance(tags, list) else ():
                _learn(tag, self._seen)

    def ids(self, organization: str, names: Collection[str]) -> list[str] | None:
        """Return the ids for a post with these tags, and for the tag of ownership.

        None if no tags can be had. Raises WireError if nothing can be read at the moment.
        """
        wanted = [
            *sorted(names),
            *([self._ownership] if self._ownership not in ("", *names) else []),
        ]
        if not (self._listed or all(self._known(name) for name in wanted)):
            self._list(organization)
        for name in wanted:
            if self._usable and not self._known(name):
                self._make(organization, name)
        ids = [self._known(name) for name in wanted]
        return [identity for identity in ids if identity] or (None if wanted else [])

    def _known(self, name: str) -> str:
        return self._ids.get(name) or self._seen.get(name) or ""

    def _list(self, organization: str) -> None:
        try:
            tags = whole_list(lambda after: self._client.tags(organization, after))
        except RefusedError as error:
            if _holds_for_all(error):
                raise
            self._usable = False
            self._note(f"posts go without tags: {error}")
        else:
            for tag in tags:
                _learn(tag, self._ids)
        self._listed = True

    def _make(self, organization: str, name: str) -> None:
        """Create a tag. If there is no room for it, none is created for the rest of the run."""
        room = self._room()
        if room is not None and len(self._ids) >= room:
            self._usable = False
            self._note(f"there is no room for the tag {name!r}: {room} are used")
            return
        try:
            _learn(self._client.create_tag(organization, name, COLOR), self._ids)
        except UnclearError:
            self._listed = False  # the tag may exist now: read the list before the next attempt
            raise
        except RefusedError as error:
            if _holds_for_all(error):
                raise
            if error.code in _TWIN:
                self._list(organization)
            if self._known(name):
                return  # another process created it meanwhile
            self._usable = False
            self._note(f"the tag {name!r} could not be made: {error}")

    def _note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


def _learn(tag: object, known: dict[str, str]) -> None:
    name = tag.get("name") if isinstance(tag, Mapping) else None
    identity = tag.get("id") if isinstance(tag, Mapping) else None
    if isinstance(name, str) and isinstance(identity, str) and name and identity:
        known[name] = identity


def _holds_for_all(error: RefusedError) -> bool:
    return error.status == 401 or error.code == TOO_MANY
