"""The resolvers of all root fields.

A mutation is all or nothing: its effects before a refusal are undone. A refusal is a member of the
mutation's payload; a union that has no such member has VoidMutationError.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLUnionType, get_named_type

from plancast.sandbox.graphql import account, content_items, labels, listing, posts, schema, writing
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import Refused, problem
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
    "createContentItem": content_items.create,
    "createPost": writing.create,
    "createTag": labels.create,
    "deletePost": writing.delete,
    "editPost": writing.edit,
    "movePostInQueue": writing.move,
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
        return _CHANGING[name](context, sent)
    except Refused as refused:
        db.execute("ROLLBACK TO mutation")
        payload = get_named_type(info.return_type)
        types = [t.name for t in payload.types] if isinstance(payload, GraphQLUnionType) else []
        # A member that this payload has: the kind of the refusal, or the most general one.
        kind = next(
            t for t in (refused.kind, "VoidMutationError", "InvalidInputError") if t in types
        )
        return {"__typename": kind, "message": refused.message}
    except GraphQLError:
        db.execute("ROLLBACK TO mutation")
        raise
    finally:
        db.execute("RELEASE mutation")
