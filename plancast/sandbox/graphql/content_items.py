"""Content items: one piece of content on several channels, created by one request.

Every post is checked before the first is created, and one that is refused stops them all. What goes
wrong later is answered by the same type, while the content item and its posts exist
(docs/buffer/graphql.md#experimental-parts). Only content items with posts are supported, no drafts
of content.

Assumptions of ours: the sentence that sums up a failure, and that one after the creation lists
errors of the same types as a refusal.
"""

from collections.abc import Mapping
from typing import Any

from plancast.sandbox import database
from plancast.sandbox.graphql import account, labels, paging, posts, writing
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import (
    INVALID,
    LIMIT,
    NOT_FOUND,
    WENT_WRONG,
    Refused,
    bad_input,
    invalid,
    not_found,
)
from plancast.sandbox.graphql.listing import Where, order
from plancast.sandbox.graphql.schema import Info
from plancast.sandbox.v1.serialize import ORGANIZATION_ID
from plancast.sandbox.values import ContentItem

Shown = dict[str, Any]

_FOR_CHANNEL = {
    INVALID: "CreateContentItemVariantInvalidInputError",
    LIMIT: "CreateContentItemVariantLimitReachedError",
    NOT_FOUND: "CreateContentItemVariantNotFoundError",
}
"""The errors of one channel, by the type that createPost has for them."""

_COLUMNS = {"targetDate": "target_at", "createdAt": "created_at"}


def item(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Return one content item. Raises GraphQLError if there is none."""
    query = "SELECT * FROM items WHERE id = ?"
    records = database.rows(context.session.db, query, sent["id"])
    if not records:
        raise not_found("Content item")
    return show(context, database.item_of(records[0]))


def items(context: Context, sent: Mapping[str, Any], cut: paging.Cut) -> Shown:
    """Return one page of content items, the newest first unless sorted."""
    context.check_organization(sent["organizationId"])
    where = _where(sent.get("filter") or {})
    query = f"SELECT * FROM items WHERE {where} ORDER BY {order(sent.get('sort'), _COLUMNS)}"
    rows = {row["id"]: row for row in database.rows(context.session.db, query, *where.values)}
    page = paging.cut(list(rows), cut)
    shown = page.connection([show(context, database.item_of(rows[id_])) for id_ in page.ids])
    return {**shown, "totalCount": len(rows)}


def _where(asked: Mapping[str, Any]) -> Where:
    """Return the conditions of a filter. Raises GraphQLError."""
    where = Where()
    if asked.get("contentStatus") == "draftContent":
        # There are no drafts of content here, so none matches.
        where.add("0")
    tags = asked.get("tags")
    if tags is not None:
        where.tagged(tags["in"], tags["isEmpty"])
    target = asked.get("targetDate") or {}
    span, presence = target.get("range"), target.get("presence")
    if span is not None and presence is not None:
        raise bad_input("targetDate takes a presence or a range.")
    if presence is not None:
        where.add(f"target_at IS {'NOT ' if presence == 'present' else ''}NULL")
    if span is not None:
        where.between("target_at", span.get("start"), span.get("end"))
    return where


def show(context: Context, of: ContentItem) -> Shown:
    """Return a content item with its posts that still exist."""

    def body(_info: Info) -> Shown:
        query = "SELECT * FROM posts WHERE item_id = ? ORDER BY number"
        stored = [database.update_of(r) for r in database.rows(context.session.db, query, of.id)]
        own = [post for post in stored if post.profile_id in context.channels]
        return {"__typename": "PostContent", "posts": [posts.show(context, p) for p in own]}

    known = context.tags() if of.tags else {}
    return {
        "id": of.id,
        "accountId": context.account.id,
        "allowedActions": [],
        "author": account.author(context),
        "body": body,
        "organizationId": ORGANIZATION_ID,
        "tags": [labels.show(tag) for id_, tag in known.items() if id_ in of.tags],
        "targetDate": of.target_at,
        "title": of.title,
        "createdAt": of.created_at,
    }


def create(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Create a content item and its posts, all of them or none. Raises Refused."""
    if sent["organizationId"] != ORGANIZATION_ID:
        raise Refused(NOT_FOUND, "Organization not found")
    post_inputs = sent["posts"]
    channels = [post["channelId"] for post in post_inputs]
    if not post_inputs:
        raise invalid("A content item has at least one post.")
    if len(set(channels)) < len(channels):
        raise invalid("A content item has at most one post per channel.")
    prepared_posts, refusals = _prepared(context, post_inputs)
    if refusals:
        return _failure(refusals)
    db, now = context.session.db, context.session.now
    at = sent.get("targetDate")
    tags = labels.known(context, sent.get("tagIds"))
    content_item = ContentItem(
        database.new_id(db, now), sent.get("title"), None if at is None else int(at), tags, now
    )
    database.save_item(db, content_item)
    dropped = prepared_posts[-1].owner.id if context.drop == "*" else context.drop
    for post in prepared_posts:
        if post.owner.id != dropped:
            writing.insert(context, post, content_item.id)
        else:
            refusals.append(_for_channel(Refused(INVALID, WENT_WRONG), context.turn(dropped)))
    if refusals:
        return _failure(refusals)
    return {"__typename": "CreateContentItemSuccess", "content": show(context, content_item)}


def _prepared(
    context: Context, post_inputs: list[Mapping[str, Any]]
) -> tuple[list[writing.Ready], list[Shown]]:
    """Check all posts before anything is stored; return those that can be, and the refusals."""
    prepared_posts: list[writing.Ready] = []
    refusals: list[Shown] = []
    for post in post_inputs:
        try:
            prepared_posts.append(writing.prepare(context, post))
        except Refused as refused:
            refusals.append(_for_channel(refused, post["channelId"]))
    return prepared_posts, refusals


def _for_channel(refused: Refused, channel_id: str) -> Shown:
    """Return a refusal as the error of one channel, by the id that clients know."""
    kind = _FOR_CHANNEL[refused.kind]
    return {"__typename": kind, "channelId": channel_id, "message": refused.message}


def _failure(errors: list[Shown]) -> Shown:
    """Return the failure of a creation, with the errors of its channels."""
    message = f"The content item failed on {len(errors)} of its channels."
    return {"__typename": "CreateContentItemFailure", "errors": errors, "message": message}
