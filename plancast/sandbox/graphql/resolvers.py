"""The resolvers of all root fields.

A mutation is all or nothing: its effects before a refusal are undone. A refusal is a member of the
mutation's payload (`errors.member`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError

from plancast.sandbox.graphql import (
    account,
    content_drafts,
    content_items,
    labels,
    listing,
    posts,
    schema,
    writing,
)
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import UNEXPECTED, WENT_WRONG, Refused, member, problem
from plancast.sandbox.graphql.paging import Cut
from plancast.sandbox.graphql.schema import Info

Shown = dict[str, Any]
Sent = Mapping[str, Any]

_ONE: Mapping[str, Callable[[Context, Sent], Shown | list[Shown]]] = {
    "channel": account.channel,
    "channels": account.channels,
    "configuration": account.configuration,
    "contentItem": content_items.item,
    "dailyPostingLimits": account.daily_limits,
    "post": posts.post,
    "tag": labels.tag,
}
_PAGED: Mapping[str, Callable[[Context, Sent, Cut], Shown]] = {
    "contentItems": content_items.items,
    "posts": listing.posts_page,
    "tagsV2": labels.tags,
}
_CHANGING: Mapping[str, Callable[[Context, Sent], Shown]] = {
    "addPostToContentItem": content_drafts.add_post,
    "createContentItem": content_items.create,
    "createContentItemDraft": content_drafts.create,
    "createPost": writing.create,
    "createTag": labels.create,
    "deleteContentItem": content_drafts.delete,
    "deletePost": writing.delete,
    "editPost": writing.edit,
    "movePostInQueue": writing.move,
    "promoteContentItemDraftToPosts": content_drafts.promote,
    "removePostFromContentItem": content_drafts.remove_post,
    "updateContentItem": content_drafts.update,
    "updateContentItemDraft": content_drafts.update_draft,
}


def root(context: Context) -> dict[str, Any]:
    """Return the resolvers of all root fields, including those that the sandbox does not serve."""
    known = schema.schema()
    names = [
        name
        for type_ in (known.query_type, known.mutation_type)
        for name in (type_.fields if type_ else ())
    ]
    return {name: _resolver(context, name) for name in names}


def _resolver(context: Context, name: str) -> Callable[..., Any]:
    """Return the resolver of one root field."""

    def resolve(info: Info, **arguments: Any) -> Any:
        if name == "account":
            return account.account(context)
        if name in _ONE:
            return _ONE[name](context, arguments["input"])
        if name in _PAGED:
            cut = Cut(arguments.get("first"), arguments.get("after"))
            return _PAGED[name](context, arguments["input"], cut)
        if name in _CHANGING:
            return _changed(context, name, arguments["input"], info)
        raise problem("UNEXPECTED", f"The sandbox does not serve {name}.")

    return resolve


def _changed(context: Context, name: str, sent: Sent, info: Info) -> Shown:
    """Run a mutation; undo it and return a member of its payload if it is refused."""
    db = context.session.db
    db.execute("SAVEPOINT mutation")
    try:
        shown = _CHANGING[name](context, sent)
        # A fault: what was done stays, and the answer says that it failed.
        failed = context.fails_after and member(info.return_type, UNEXPECTED, WENT_WRONG)
        return failed or shown
    except Refused as refused:
        db.execute("ROLLBACK TO mutation")
        answer = member(info.return_type, refused.kind, refused.message)
        assert answer is not None, f"the payload of {name} has no member for a refusal"
        return answer
    except GraphQLError:
        db.execute("ROLLBACK TO mutation")
        raise
    finally:
        db.execute("RELEASE mutation")
