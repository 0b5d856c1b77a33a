"""Content items after their creation, and drafts of content: made with a key, edited, promoted.

A draft of content has no channels and obeys no network's rules. Its client can give it a key: a
repeated creation with the same key returns the first content item in its present state. Promotion
turns a draft into posts, once and in one direction (docs/buffer/graphql.md#experimental-parts).

Assumptions of ours: the wording of all refusals; that a key is remembered for ever, and that a
promotion makes all of its posts or none (switches say otherwise); that a content item whose posts
were all deleted stays, without posts.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plancast.sandbox import compose, database
from plancast.sandbox.graphql import content_items, labels, post_input, posts
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import INVALID, LIMIT, NO_TEXT_OR_MEDIA, NOT_FOUND, Refused
from plancast.sandbox.settings import Promotion
from plancast.sandbox.v1 import actions
from plancast.sandbox.values import ContentItem, Update

Sent = Mapping[str, Any]
Shown = dict[str, Any]

_STATE = "ContentItemStateError"
_PROMOTED: content_items.Kinds = {
    INVALID: "PostInvalidInputError",
    LIMIT: "PostLimitReachedError",
    NOT_FOUND: "PostChannelNotFoundError",
}
_NOT_PROMOTED = "Invalid post: This channel takes no promoted posts."
_DONE = frozenset(("sent", "sending"))


def create(context: Context, sent: Sent) -> Shown:
    """Create a draft of content, or return the content item that has its key. Raises Refused."""
    content_items.check_organization(sent)
    key = sent.get("correlationId") or ""
    made = _with_key(context, key) if key else None
    if made is None or made.created_at + context.settings.graphql_key_memory <= context.session.now:
        db, now = context.session.db, context.session.now
        draft = _draft(sent["draft"], database.new_id(db, now))
        made = ContentItem(
            database.new_id(db, now),
            sent.get("title"),
            _time(sent.get("targetDate")),
            labels.known(context, sent.get("tagIds")),
            now,
            draft,
            key,
        )
        database.save_item(db, made)
    elif context.settings.graphql_refuses_keys:
        raise Refused(INVALID, "The correlationId has been used already.")
    return _success(context, "CreateContentItemDraftSuccess", made)


def update(context: Context, sent: Sent) -> Shown:
    """Change title and date of a content item; an omitted value is kept. Raises Refused."""
    stored = _stored(context, sent["id"])
    title = sent.get("title", stored.title)  # null clears it
    changed = replace(stored, title=title, target_at=_new_time(sent, stored))
    database.save_item(context.session.db, changed)
    return _success(context, "UpdateContentItemSuccess", changed)


def update_draft(context: Context, sent: Sent) -> Shown:
    """Replace the content of a draft. Raises Refused once it was promoted."""
    stored = _stored_draft(context, sent["id"])
    changed = replace(
        stored,
        draft=_draft(sent["draft"], (stored.draft or {})["id"]),
        tags=_new_tags(context, sent, stored),
        target_at=_new_time(sent, stored),
    )
    database.save_item(context.session.db, changed)
    return _success(context, "UpdateContentItemDraftSuccess", changed)


def promote(context: Context, sent: Sent) -> Shown:
    """Turn a draft into posts. Raises Refused.

    Either all of them are made or none, unless the setting `half_promotes` says otherwise.
    """
    stored = _stored(context, sent["id"])
    mode = context.settings.graphql_promotion
    if stored.draft is None and mode is Promotion.IGNORED:
        return _success(context, "PromoteContentItemDraftToPostsSuccess", stored)
    if mode is not Promotion.AGAIN:
        _check_draft(stored)
    prepared_posts, errors = content_items.prepare(context, sent["posts"], _PROMOTED)
    taken = [one for one in prepared_posts if not context.settings.refuses_promotion(one.owner.id)]
    errors += [
        content_items.for_channel(_PROMOTED[INVALID], context.turn(one.owner.id), _NOT_PROMOTED)
        for one in prepared_posts
        if one not in taken
    ]
    if errors and not (context.settings.half_promotes and taken):
        return content_items.failure("PromoteContentItemDraftToPostsFailure", errors)
    promoted = replace(stored, draft=None, tags=_new_tags(context, sent, stored))
    database.save_item(context.session.db, promoted)
    errors += content_items.insert(context, taken, promoted, _PROMOTED)
    if errors:
        return content_items.failure("PromoteContentItemDraftToPostsFailure", errors)
    return _success(context, "PromoteContentItemDraftToPostsSuccess", promoted)


def delete(context: Context, sent: Sent) -> Shown:
    """Delete a content item and its posts, unless one of them went out. Raises Refused."""
    stored = _stored(context, sent["id"])
    own = content_items.posts_of(context, stored)
    errors = [
        content_items.for_channel(
            "PostNotDeletableError",
            context.turn(post.profile_id),
            "This post has been published and cannot be deleted any more.",
        )
        for post in own
        if posts.status(context, post) in _DONE
    ]
    if errors:
        return content_items.failure("DeleteContentItemFailure", errors)
    for post in own:
        actions.remove(context.session, post)
    context.session.db.execute("DELETE FROM items WHERE id = ?", (stored.id,))
    return {"__typename": "EmptySuccess", "_empty": ""}


def add_post(context: Context, sent: Sent) -> Shown:
    """Make a post part of a content item that is no draft. Raises Refused."""
    stored, post = _stored(context, sent["id"]), _post(context, sent["postId"])
    if stored.draft is not None:
        raise Refused(_STATE, "The content item is a draft and has no posts yet.")
    return _with_post(
        context, "AddPostToContentItemSuccess", stored, replace(post, item_id=stored.id)
    )


def remove_post(context: Context, sent: Sent) -> Shown:
    """Take a post out of a content item; the post stays as it is. Raises Refused."""
    stored, post = _stored(context, sent["id"]), _post(context, sent["postId"])
    if post.item_id == stored.id:
        post = replace(post, item_id="")
    return _with_post(context, "RemovePostFromContentItemSuccess", stored, post)


# --- inside ---------------------------------------------------------------------------------------


def _with_post(context: Context, kind: str, of: ContentItem, post: Update) -> Shown:
    database.save_update(context.session.db, post)
    return {**_success(context, kind, of), "post": posts.show(context, post)}


def _success(context: Context, kind: str, of: ContentItem) -> Shown:
    return {"__typename": kind, "contentItem": content_items.show(context, of)}


def _with_key(context: Context, key: str) -> ContentItem | None:
    """Return the newest content item with a key: one that was forgotten may be given again."""
    query = (
        "SELECT * FROM items WHERE key = ? AND key <> '' ORDER BY created_at DESC, id DESC LIMIT 1"
    )
    records = database.rows(context.session.db, query, key)
    return database.item_of(records[0]) if records else None


def _stored(context: Context, id_: str) -> ContentItem:
    stored = content_items.find(context, id_)
    if stored is None:
        raise Refused(NOT_FOUND, "Content item not found")
    return stored


def _stored_draft(context: Context, id_: str) -> ContentItem:
    stored = _stored(context, id_)
    _check_draft(stored)
    return stored


def _check_draft(stored: ContentItem) -> None:
    if stored.draft is None:
        raise Refused(_STATE, "The content item has posts and is no draft any more.")


def _post(context: Context, id_: str) -> Update:
    post = context.post(id_)
    if post is None:
        raise Refused(NOT_FOUND, "Document not found")
    return post


def _draft(sent: Sent, id_: str) -> dict[str, Any]:
    """Return the content of a draft as it is kept. Raises Refused."""
    assets = post_input.assets(sent["assets"])
    if not sent["text"].strip(compose.BLANK) and not assets:
        raise Refused(INVALID, NO_TEXT_OR_MEDIA)
    return {"id": id_, "text": sent["text"], "assets": assets, "aiAssisted": sent["aiAssisted"]}


def _time(moment: float | None) -> int | None:
    return None if moment is None else int(moment)


def _new_time(sent: Sent, stored: ContentItem) -> int | None:
    """Return the date after a change: an omitted one is kept, null clears it."""
    return _time(sent["targetDate"]) if "targetDate" in sent else stored.target_at


def _new_tags(context: Context, sent: Sent, stored: ContentItem) -> tuple[str, ...]:
    """Return the tags after a change: omitted ones are kept, null or an empty list removes all."""
    return labels.known(context, sent["tagIds"]) if "tagIds" in sent else stored.tags
