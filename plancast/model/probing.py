"""Port of a probe: the calls by which a provider is asked what no documentation settles.

A provider that has nothing to ask implements nothing: `Connected.prober` is None then. All methods
raise the errors of `model.ports`; a refusal of the document itself has the code NOT_OFFERED.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from plancast.model.entry import LiveEntry
from plancast.model.findings import Answer
from plancast.model.profile import Profile

NOT_OFFERED = "not offered"
"""`Rejected.code` if the API does not have the operation that was asked for."""


class Refusal(Enum):
    """The reason why a promotion failed, as far as the answer says it.

    STATE: the content item has posts already. LIMIT: the queue has no room. OTHER: anything else.
    """

    STATE = "state"
    LIMIT = "limit"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProbedItem:
    """A content item as the provider shows it: the text of its draft, or its posts.

    `text` is None if it is no draft. `created_at` is by the provider's clock, None if unknown.
    """

    id: str
    text: str | None
    posts: tuple[LiveEntry, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MissingReply:
    """The reply to the deletion of a post that does not exist: the form of it, and its words."""

    answer: Answer
    words: str = ""


class Prober(Protocol):
    """A provider that can be probed. Each method is one request, except where it says otherwise."""

    def missing_operations(self) -> tuple[str, ...] | None:
        """Return the operations that plancast may use and the API lacks; None if it does not say.

        2 requests, neither of which can have an effect.
        """

    def create_post(
        self, profile: Profile, text: str, due_at: datetime, *, draft: bool
    ) -> LiveEntry:
        """Create a post of a text alone, as a draft or scheduled."""

    def edit_without_text(self, post_id: str, profile: Profile, due_at: datetime) -> LiveEntry:
        """Edit a draft of a post, sending everything but its text."""

    def post(self, post_id: str) -> LiveEntry:
        """Read a post."""

    def posts_since(self, profile: Profile, since: datetime) -> tuple[LiveEntry, ...]:
        """Read the posts of a profile that have not gone out and were created since. All pages."""

    def delete_post(self, post_id: str) -> None:
        """Delete a post. Raises NotFound if it is gone."""

    def delete_missing(self, post_id: str) -> MissingReply:
        """Delete a post that is known to be gone, and return the form of the reply."""

    def create_item(self, key: str, text: str) -> ProbedItem:
        """Create a draft of content with a client's key, or get the item that has the key."""

    def promote(
        self, item_id: str, profile: Profile, text: str, due_at: datetime
    ) -> ProbedItem | Refusal:
        """Promote a draft of content to one scheduled post."""

    def item(self, item_id: str) -> ProbedItem:
        """Read a content item. Raises NotFound if it is gone."""

    def items_since(self, since: datetime) -> tuple[ProbedItem, ...]:
        """Read the content items that were created since, all pages."""

    def delete_item(self, item_id: str) -> None:
        """Delete a content item with its posts. Raises NotFound if it is gone."""
