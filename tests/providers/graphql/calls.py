"""Every operation of the client, each with an answer that is all well."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plancast.providers.buffer_graphql import queries
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.responses import (
    RefusedError,
    WireError,
)
from tests.providers.graphql.wire import (
    ORG,
    account,
    client,
    data,
    made,
    page,
    post,
)
from tests.providers.wire import Answer

Call = Callable[[GraphqlClient], object]
GIVEN = {"channelId": "c-x"}
TAG = {"id": "t", "name": "Ours"}
CREATED = {
    "__typename": "CreateContentItemSuccess",
    "content": {"id": "i", "body": {"posts": [post()]}},
}

ITEM = {"id": "i", "title": "plancast k", "body": {"__typename": "DraftContent"}}

READS: dict[str, tuple[Call, object, str]] = {
    "account": (lambda c: c.account(), data(account=account()), queries.ACCOUNT),
    "account+channels": (
        lambda c: c.home(ORG),
        data(account=account(), channels=[]),
        queries.HOME,
    ),
    "channels": (lambda c: c.channels(ORG), data(channels=[]), queries.CHANNELS),
    "channel": (lambda c: c.channel("c"), data(channel={"id": "c"}), queries.CHANNEL),
    "post": (lambda c: c.post("1"), data(post=post()), queries.POST),
    "posts": (lambda c: c.posts(ORG, {}), data(posts=page()), queries.POSTS),
    "tagsV2": (lambda c: c.tags(ORG), data(tagsV2=page()), queries.TAGS),
    "contentItem": (lambda c: c.item("i"), data(contentItem=ITEM), queries.ITEM),
    "contentItems": (lambda c: c.item_drafts(ORG), data(contentItems=page()), queries.ITEM_DRAFTS),
}
WRITES: dict[str, tuple[Call, object, str]] = {
    "createPost": (
        lambda c: c.create_post(GIVEN),
        data(createPost=made(post())),
        queries.CREATE_POST,
    ),
    "createPost*2": (
        lambda c: c.create_posts([GIVEN, GIVEN]),
        data(p0=made(post()), p1=made(post("2"))),
        queries.create_posts(2),
    ),
    "createContentItem": (
        lambda c: c.create_content_item(ORG, [GIVEN]),
        data(createContentItem=CREATED),
        queries.CREATE_CONTENT_ITEM,
    ),
    "editPost": (
        lambda c: c.edit_post({"id": "1"}),
        data(editPost=made(post())),
        queries.EDIT_POST,
    ),
    "deletePost": (
        lambda c: c.delete_post("1"),
        data(deletePost={"__typename": "DeletePostSuccess", "id": "1"}),
        queries.DELETE_POST,
    ),
    "createTag": (
        lambda c: c.create_tag(ORG, "Ours", "#000000"),
        data(createTag={"__typename": "TagActionSuccess", "tag": TAG}),
        queries.CREATE_TAG,
    ),
    "createContentItemDraft": (
        lambda c: c.create_item_draft({"correlationId": "k"}),
        data(
            createContentItemDraft={
                "__typename": "CreateContentItemDraftSuccess",
                "contentItem": ITEM,
            }
        ),
        queries.CREATE_ITEM_DRAFT,
    ),
    "promoteContentItemDraftToPosts": (
        lambda c: c.promote_item("i", [GIVEN]),
        data(
            promoteContentItemDraftToPosts={
                "__typename": "PromoteContentItemDraftToPostsSuccess",
                "contentItem": ITEM,
            }
        ),
        queries.PROMOTE_ITEM,
    ),
    "deleteContentItem": (
        lambda c: c.delete_item("i"),
        data(deleteContentItem={"__typename": "EmptySuccess"}),
        queries.DELETE_ITEM,
    ),
}
CALLS = {**READS, **WRITES}


def kinds(call: Call, answer: Answer) -> set[type[WireError]]:
    """Return the types of the error that a call raised, or of its parts."""
    try:
        found = call(client(answer))
    except WireError as error:
        return {type(error)}
    assert isinstance(found, tuple)
    return {type(item) for item in found}


def refused(call: Call, answer: Answer) -> RefusedError:
    """Return the refusal of a call; a read that may be sent in another form gets it twice."""
    with pytest.raises(RefusedError) as caught:
        call(client(answer, answer))
    return caught.value
