"""The prober of the current API: an implementation of `probing.Prober`.

Its calls differ from those of the provider in that a failure is an answer here: what the server
refuses, and in which form, is what a probe asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from plancast.model.bounds import instant
from plancast.model.entry import Entry, LiveEntry, Stage
from plancast.model.findings import Answer
from plancast.model.ports import NotFound, OutcomeUnknown, Rejected
from plancast.model.probing import NOT_OFFERED, MissingReply, ProbedItem, Refusal
from plancast.model.profile import Profile
from plancast.providers.buffer_graphql import build_input, parse, probe_queries, queries
from plancast.providers.buffer_graphql.client import GraphqlClient, GraphqlPage
from plancast.providers.buffer_graphql.errors import changing, reading_only
from plancast.providers.buffer_graphql.pagination import whole_list
from plancast.providers.buffer_graphql.responses import (
    NOT_FOUND,
    NOT_VALID,
    Json,
    RefusedError,
    UnclearError,
    result,
    typed_error,
)
from plancast.providers.buffer_text import plain

WAITING = ("draft", "needs_approval", "scheduled", "sending", "error")
PAGE = 50
_UNKNOWN_FIELD = re.compile(r"Cannot query field \W(\w+)\W")
_REFUSALS = {
    "ContentItemStateError": Refusal.STATE,
    "PostLimitReachedError": Refusal.LIMIT,
}


class BufferProber:
    """The prober on one connection. `organization` returns the id of that of the key."""

    def __init__(self, client: GraphqlClient, organization: Callable[[], str]) -> None:
        self._client = client
        self._organization = organization

    def missing_operations(self) -> tuple[str, ...] | None:
        """See probing.Prober."""
        missing: list[str] = []
        for kind, names in (
            ("query", probe_queries.QUERIES),
            ("mutation", probe_queries.MUTATIONS),
        ):
            document = probe_queries.which_exist(kind, names)
            with reading_only():
                problems = self._client.problems(f"operations of {kind}", document)
            unknown = {
                found.group(1)
                for item in problems
                if (found := _UNKNOWN_FIELD.search(item.message)) is not None
            }
            # Without the name that no schema has, the words are not those that we know.
            if probe_queries.SENTINEL not in unknown:
                return None
            missing += [name for name in names if name in unknown]
        return tuple(missing)

    # -- posts --------------------------------------------------------------------------------

    def create_post(
        self, profile: Profile, text: str, due_at: datetime, *, draft: bool
    ) -> LiveEntry:
        """See probing.Prober."""
        fields = build_input.create_input(_entry(text, due_at, draft=draft), profile)
        with changing():
            return parse.live(self._client.create_post(fields).post)

    def edit_without_text(self, post_id: str, profile: Profile, due_at: datetime) -> LiveEntry:
        """See probing.Prober."""
        whole = build_input.create_input(_entry("", due_at, draft=True), profile)
        left_out = {"text", "assets", "channelId", "needsApproval"}
        fields = {key: value for key, value in whole.items() if key not in left_out}
        with changing():
            return parse.live(self._client.edit_post({"id": post_id, **fields}).post)

    def post(self, post_id: str) -> LiveEntry:
        """See probing.Prober."""
        with reading_only():
            return parse.live(self._client.post(post_id))

    def posts_since(self, profile: Profile, since: datetime) -> tuple[LiveEntry, ...]:
        """See probing.Prober."""
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        chosen = {"channelIds": [profile.id], "status": WAITING, "createdAt": {"start": start}}
        organization = self._organization()
        with reading_only():
            posts = whole_list(lambda after: self._client.posts(organization, chosen, after))
            return tuple(parse.live(post) for post in posts)

    def delete_post(self, post_id: str) -> None:
        """See probing.Prober."""
        with changing():
            self._client.delete_post(post_id)

    def delete_missing(self, post_id: str) -> MissingReply:
        """See probing.Prober."""
        variables = {"input": {"id": post_id}}
        with changing():
            try:
                answer = self._client.change("deletePost", queries.DELETE_POST, variables)
                payload = result(answer, "deletePost")
            except RefusedError as refused:
                if refused.code != NOT_FOUND:
                    raise
                return MissingReply(Answer.IN_ERRORS, str(refused))
        error = typed_error(payload) if isinstance(payload, dict) else UnclearError("no payload")
        if not isinstance(error, RefusedError):
            return MissingReply(Answer.UNCLEAR, str(error))
        is_known = error.code == NOT_FOUND
        return MissingReply(Answer.TYPED if is_known else Answer.OTHER_WORDS, str(error))

    # -- content items ------------------------------------------------------------------------

    def create_item(self, key: str, text: str) -> ProbedItem:
        """See probing.Prober."""
        variables = {"organization": self._organization(), "key": key, "text": text}
        payload = self._payload(
            "createContentItemDraft", probe_queries.CREATE_ITEM_DRAFT, variables
        )
        if payload.get("__typename") == "CreateContentItemDraftFailure":
            # Whether it had an effect is not certain; the probe looks for it in any case.
            raise Rejected(plain(payload.get("message")), "refused")
        return _shown(payload)

    def promote(
        self, item_id: str, profile: Profile, text: str, due_at: datetime
    ) -> ProbedItem | Refusal:
        """See probing.Prober."""
        post = build_input.create_input(_entry(text, due_at, draft=False), profile)
        payload = self._payload(
            "promoteContentItemDraftToPosts",
            probe_queries.PROMOTE_ITEM,
            {"id": item_id, "posts": [post]},
        )
        if payload.get("__typename") != "PromoteContentItemDraftToPostsFailure":
            return _shown(payload)
        errors = payload.get("errors")
        kinds = {
            _REFUSALS.get(str(item.get("__typename")), Refusal.OTHER)
            for item in (errors if isinstance(errors, list) else [])
            if isinstance(item, dict)
        }
        return kinds.pop() if len(kinds) == 1 else Refusal.OTHER

    def item(self, item_id: str) -> ProbedItem:
        """See probing.Prober."""
        with reading_only():
            answer = self._client.ask("contentItem", probe_queries.ITEM, {"id": item_id})
            return _item(result(answer, "contentItem"))

    def items_since(self, since: datetime) -> tuple[ProbedItem, ...]:
        """See probing.Prober."""
        organization = self._organization()

        def page(after: str | None) -> GraphqlPage:
            variables = {"organization": organization, "first": PAGE, "after": after}
            found = self._client.page_of("contentItems", probe_queries.ITEMS, variables)
            # The newest come first, so a page that ends with an older item is the last of interest.
            oldest = _moment(found.nodes[-1]) if found.nodes else None
            return GraphqlPage(found.nodes) if oldest is not None and oldest < since else found

        with _offered(), reading_only():
            items = tuple(_item(node) for node in whole_list(page))
        return tuple(item for item in items if item.created_at is None or item.created_at >= since)

    def delete_item(self, item_id: str) -> None:
        """See probing.Prober."""
        payload = self._payload("deleteContentItem", probe_queries.DELETE_ITEM, {"id": item_id})
        if payload.get("__typename") == "EmptySuccess":
            return
        message = plain(payload.get("message"))
        if "not found" in message.lower():
            raise NotFound(message)
        raise OutcomeUnknown(message or "the answer has another form than expected")

    def _payload(self, name: str, document: str, variables: dict[str, Any]) -> Json:
        """Return the payload of a mutation. Raises the errors of the port."""
        with _offered(), changing():
            payload = result(self._client.change(name, document, variables), name)
            if not isinstance(payload, dict):
                raise UnclearError("the answer has another form than expected")
            return payload


@contextmanager
def _offered() -> Iterator[None]:
    """Give a refusal of the document itself the code NOT_OFFERED."""
    try:
        yield
    except Rejected as error:
        if error.code == NOT_VALID:
            raise Rejected(error.message, NOT_OFFERED) from None
        raise


def _entry(text: str, due_at: datetime, *, draft: bool) -> Entry:
    stage = Stage.DRAFT if draft else Stage.SCHEDULED
    return Entry(text=text, due_at=due_at, link_card=False, stage=stage)


def _shown(payload: Json) -> ProbedItem:
    with changing():
        return _item(payload.get("contentItem"))


def _item(node: object) -> ProbedItem:
    """Parse a content item. Raises UnclearError if it is none."""
    if not isinstance(node, dict) or not isinstance(node.get("id"), str):
        raise UnclearError("the answer shows no content item")
    body = node.get("body")
    body = body if isinstance(body, dict) else {}
    posts = body.get("posts")
    return ProbedItem(
        node["id"],
        str(body.get("text") or "") if body.get("__typename") == "DraftContent" else None,
        tuple(parse.live(post) for post in (posts if isinstance(posts, list) else ())),
        _moment(node),
    )


def _moment(node: Json) -> datetime | None:
    try:
        return instant(datetime.fromisoformat(str(node.get("createdAt"))))
    except ValueError:
        return None
