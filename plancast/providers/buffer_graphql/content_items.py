"""Keyed creates by content items: an implementation of `ports.KeyedCreates`.

The draft of a content item carries its key twice: as the correlation id, by which Buffer returns
the same item again, and in its title. A correlation id cannot be read back
(docs/buffer/graphql.md#keyed-creates), so only the title shows which drafts are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress

from plancast.model.entry import Entry, LiveEntry
from plancast.model.ports import ContentItem, NotFound, NotPromoted, OutcomeUnknown
from plancast.model.profile import Profile
from plancast.providers.buffer_graphql import build_input, parse
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.errors import (
    change_error,
    changing,
    check,
    reading_only,
    with_names,
)
from plancast.providers.buffer_graphql.responses import Json, PromotionError

DRAFT_PAGES = 3
"""Pages of drafts that are read in the search for one of ours. The newest come first, and only
drafts of the last day are looked for, so more pages would hold drafts of others."""

UNTITLED = "A post"
"""The text of a draft whose entry has neither text nor link: a draft without any is refused."""

Organization = Callable[[], str]
TagIds = Callable[[Iterable[str]], list[str] | None]


def title_of(key: str) -> str:
    """Return the title of the draft that has this key."""
    return f"plancast {key}"


class ContentItems:
    """The keyed creates of one provider, with its client, organization and tags."""

    def __init__(
        self, client: GraphqlClient, ownership: str, organization: Organization, tag_ids: TagIds
    ) -> None:
        self._client = client
        self._ownership = ownership
        self._organization = organization
        self._tag_ids = tag_ids

    def create_draft(self, key: str, entry: Entry) -> ContentItem:
        """See ports.KeyedCreates. The promotion brings all content, so the draft holds the text."""
        text = entry.text.strip() or (entry.link.url if entry.link else "") or UNTITLED
        fields = {
            "organizationId": self._organization(),
            "correlationId": key,
            "title": title_of(key),
            "draft": {"text": text},
        }
        with changing():
            return self._shown(self._client.create_item_draft(fields))

    def promote(self, item_id: str, entry: Entry, profiles: Sequence[Profile]) -> ContentItem:
        """See ports.KeyedCreates. Tags of an item do not reach its posts, so each post has them."""
        for profile in profiles:
            check(entry, profile)
        tag_ids = self._tag_ids(entry.tags)
        posts = [build_input.create_input(entry, profile, tag_ids) for profile in profiles]
        with changing():
            try:
                promoted = self._shown(self._client.promote_item(item_id, posts))
            except PromotionError as error:
                named = {key: change_error(refusal) for key, refusal in error.refused.items()}
                whole = change_error(error.whole) if error.whole else None
                raise NotPromoted(with_names(str(error), profiles), named, whole) from None
        if promoted.id != item_id or promoted.is_draft:
            raise OutcomeUnknown("the answer does not show the posts of the content item")
        return promoted

    def content_item(self, item_id: str) -> ContentItem | None:
        """See ports.KeyedCreates."""
        with suppress(NotFound), reading_only():
            shown = self._shown(self._client.item(item_id))
            if shown.id != item_id:
                raise parse.Unreadable("the answer shows another content item")
            return shown
        return None

    def remove_item(self, item_id: str) -> None:
        """See ports.KeyedCreates."""
        with changing():
            self._client.delete_item(item_id)

    def drafts(self, keys: Collection[str]) -> tuple[str, ...]:
        """See ports.KeyedCreates."""
        titles = {title_of(key) for key in keys}
        ours: list[str] = []
        after: str | None = None
        for _ in range(DRAFT_PAGES if titles else 0):
            with reading_only():
                page = self._client.item_drafts(self._organization(), after)
            ours += [str(item.get("id")) for item in page.nodes if item.get("title") in titles]
            after = page.after
            if after is None:
                break
        return tuple(ours)

    def _shown(self, item: Json) -> ContentItem:
        """Parse a content item. Raises Unreadable if its posts cannot be understood."""
        body, item_id = item.get("body"), item.get("id")
        if not isinstance(item_id, str) or not item_id or not isinstance(body, dict):
            raise parse.Unreadable("the content item has another form than expected")
        kind = body.get("__typename")
        if kind == "DraftContent":
            return ContentItem(item_id)
        posts = body.get("posts")
        if kind != "PostContent" or not isinstance(posts, list):
            raise parse.Unreadable("the content item has another form than expected")
        return ContentItem(item_id, tuple(self._live(post) for post in posts))

    def _live(self, post: Json) -> LiveEntry:
        return parse.live(post, self._ownership)
