"""Content items: one piece of content on several channels, created by one request.

Every post is checked before the first is created, and one that is refused stops them all. What goes
wrong later is answered by the same type, while the content item and its posts exist
(docs/buffer/graphql.md#experimental-parts). Drafts of content are in `content_drafts`.

Assumptions of ours: the sentence that sums up a failure, and that one after the creation lists
errors of the same types as a refusal.
"""

from collections.abc import Mapping
from typing import Any

from plancast.sandbox import database
from plancast.sandbox.graphql import account, labels, output, paging, posts, writing
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
from plancast.sandbox.graphql.keyset import Listing, Order, Where
from plancast.sandbox.graphql.schema import Info
from plancast.sandbox.v1.serialize import ORGANIZATION_ID
from plancast.sandbox.values import ContentItem, Update

Shown = dict[str, Any]

Kinds = Mapping[str, str]

CREATED: Kinds = {
    INVALID: "CreateContentItemVariantInvalidInputError",
    LIMIT: "CreateContentItemVariantLimitReachedError",
    NOT_FOUND: "CreateContentItemVariantNotFoundError",
}
"""The errors of one channel in a creation, by the type that createPost has for them."""

_COLUMNS = {"targetDate": "target", "createdAt": "created_at"}


def item(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Return one content item. Raises GraphQLError if there is none."""
    stored = find(context, sent["id"])
    if stored is None:
        raise not_found("Content item")
    return show(context, stored)


def find(context: Context, id_: str) -> ContentItem | None:
    """Return the content item with an id, None without one."""
    records = database.rows(context.session.db, "SELECT * FROM items WHERE id = ?", id_)
    return database.item_of(records[0]) if records else None


def items(context: Context, sent: Mapping[str, Any], cut: paging.Cut) -> Shown:
    """Return one page of content items, the newest first unless sorted."""
    context.check_organization(sent["organizationId"])
    db, where = context.session.db, _where(sent.get("filter") or {})
    found = Listing("items", [{}], where, Order.of(sent.get("sort"), _COLUMNS))
    page = paging.read(db, found, cut)
    own = [item for id_ in page.ids if (item := find(context, id_))]
    shown = page.connection([show(context, item) for item in own])

    # A function, so that they are counted only for queries that ask for it.
    def total(_info: Info) -> int:
        query = f"SELECT count(*) FROM items WHERE {where}"
        return int(database.rows(db, query, *where.values)[0][0])

    return {**shown, "totalCount": total}


def _where(asked: Mapping[str, Any]) -> Where:
    """Return the conditions of a filter. Raises GraphQLError."""
    where = Where()
    if asked.get("contentStatus") is not None:
        where.add("is_draft" if asked["contentStatus"] == "draftContent" else "NOT is_draft")
    tags = asked.get("tags")
    if tags is not None:
        where.tagged(tags["in"], tags["isEmpty"])
    target = asked.get("targetDate") or {}
    span, presence = target.get("range"), target.get("presence")
    if span is not None and presence is not None:
        raise bad_input("targetDate takes a presence or a range.")
    if presence is not None:
        where.present("target", presence == "present")
    if span is not None:
        where.between("target", span.get("start"), span.get("end"))
    return where


def show(context: Context, of: ContentItem) -> Shown:
    """Return a content item with its draft, or with its posts that still exist."""

    def body(_info: Info) -> Shown:
        if of.draft is not None:
            shown_assets = output.assets(of.draft["assets"], context.settings)
            return {"__typename": "DraftContent", **of.draft, "assets": shown_assets}
        own = posts_of(context, of)
        return {"__typename": "PostContent", "posts": [posts.show(context, p) for p in own]}

    known = context.tags() if of.tags else {}
    return {
        "id": of.id,
        "accountId": context.account.id,
        "allowedActions": ["deleteContentItem", "updateContentItem"],
        "author": account.author(context),
        "body": body,
        "organizationId": ORGANIZATION_ID,
        "tags": [labels.show(tag) for id_, tag in known.items() if id_ in of.tags],
        "targetDate": of.target_at,
        "title": of.title,
        "createdAt": of.created_at,
    }


def posts_of(context: Context, of: ContentItem) -> list[Update]:
    """Return the posts of a content item that still exist, in the order of their creation."""
    query = "SELECT * FROM posts WHERE item_id = ? AND item_id <> '' ORDER BY number"
    stored = [database.update_of(r) for r in database.rows(context.session.db, query, of.id)]
    return [post for post in stored if post.profile_id in context.channels]


def create(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Create a content item and its posts, all of them or none. Raises Refused."""
    check_organization(sent)
    prepared_posts, errors = prepare(context, sent["posts"], CREATED)
    if errors:
        return failure("CreateContentItemFailure", errors)
    db, now = context.session.db, context.session.now
    at = sent.get("targetDate")
    tags = labels.known(context, sent.get("tagIds"))
    content_item = ContentItem(
        database.new_id(db, now), sent.get("title"), None if at is None else int(at), tags, now
    )
    database.save_item(db, content_item)
    errors = insert(context, prepared_posts, content_item, CREATED)
    if errors:
        return failure("CreateContentItemFailure", errors)
    return {"__typename": "CreateContentItemSuccess", "content": show(context, content_item)}


def check_organization(sent: Mapping[str, Any]) -> None:
    """Refuse any organization but the only one. Raises Refused."""
    if sent["organizationId"] != ORGANIZATION_ID:
        raise Refused(NOT_FOUND, "Organization not found")


def prepare(
    context: Context, post_inputs: list[Mapping[str, Any]], kinds: Kinds
) -> tuple[list[writing.Ready], list[Shown]]:
    """Check all posts before anything is stored; return those that can be, and the errors.

    Raises Refused if the posts do not make a content item at all.
    """
    channels = [post["channelId"] for post in post_inputs]
    if not post_inputs:
        raise invalid("A content item has at least one post.")
    if len(set(channels)) < len(channels):
        raise invalid("A content item has at most one post per channel.")
    prepared_posts: list[writing.Ready] = []
    errors: list[Shown] = []
    for post in post_inputs:
        try:
            prepared_posts.append(writing.prepare(context, post))
        except Refused as refused:
            errors.append(for_channel(kinds[refused.kind], post["channelId"], refused.message))
    return prepared_posts, errors


def insert(
    context: Context, prepared_posts: list[writing.Ready], of: ContentItem, kinds: Kinds
) -> list[Shown]:
    """Store the posts of a content item; return the error of the post that a fault leaves out."""
    dropped = prepared_posts[-1].owner.id if context.drop == "*" else context.drop
    for post in prepared_posts:
        if post.owner.id != dropped:
            writing.insert(context, post, of.id)
    left_out = [post.owner.id for post in prepared_posts if post.owner.id == dropped]
    return [for_channel(kinds[INVALID], context.turn(id_), WENT_WRONG) for id_ in left_out]


def for_channel(kind: str, channel_id: str, message: str) -> Shown:
    """Return an error about one channel, by the id that clients know."""
    return {"__typename": kind, "channelId": channel_id, "message": message}


def failure(kind: str, errors: list[Shown]) -> Shown:
    """Return a failure with the errors of its channels."""
    message = f"The content item failed on {len(errors)} of its channels."
    return {"__typename": kind, "errors": errors, "message": message}
