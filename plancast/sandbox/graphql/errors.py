"""Refusals in the two forms that the API has for them.

Refused is a typed member of a mutation's payload, under HTTP 200 inside `data`. `problem` is an
entry of errors[], which queries use (docs/buffer/graphql.md#errors-in-three-layers). Mistakes in a
document or its variables are found earlier, by `schema`.
"""

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_named_type,
)

INVALID, NOT_FOUND = "InvalidInputError", "NotFoundError"
DUPLICATE = "DuplicateError"
LIMIT, UNEXPECTED = "LimitReachedError", "UnexpectedError"

WENT_WRONG = "Something went wrong."
NO_TEXT_OR_MEDIA = "Post must have either text or media"


class Refused(Exception):  # noqa: N818  # an answer, not a mistake
    """A mutation is refused; nothing of it has happened. `kind` is a type of its payload."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def invalid(*sentences: str) -> Refused:
    """Build the refusal of a post from all of its mistakes, joined as the API joins them."""
    return Refused(INVALID, f"Invalid post: {', '.join(sentences)}")


def member(payload: GraphQLOutputType, kind: str, message: str) -> dict[str, Any] | None:
    """Return the member of a mutation's payload that says no; None if the payload has none.

    That is the type `kind`, else the most general error, else a failure that lists its errors.
    """
    types = _types(payload)
    names = [type_.name for type_ in types]
    chosen = next((name for name in (kind, "VoidMutationError", INVALID) if name in names), "")
    if chosen:
        return {"__typename": chosen, "message": message}
    failed = next((type_ for type_ in types if type_.name.endswith("Failure")), None)
    if failed is None:
        return None
    errors = [type_.name for type_ in _types(failed.fields["errors"].type)]
    # A failure whose errors are all about one channel has none that fits here.
    fitting = next((name for name in (kind, INVALID) if name in errors), "")
    listed = [{"__typename": fitting, "message": message}] if fitting else []
    return {"__typename": failed.name, "message": message, "errors": listed}


def _types(of: GraphQLOutputType) -> list[GraphQLObjectType]:
    """Return the object types that a field of this type can show."""
    named = get_named_type(of)
    if isinstance(named, GraphQLUnionType):
        return list(named.types)
    return [named] if isinstance(named, GraphQLObjectType) else []


def problem(code: str, message: str) -> GraphQLError:
    """Build an entry of errors[] with its `extensions.code`."""
    return GraphQLError(message, extensions={"code": code})


def not_found(what: str) -> GraphQLError:
    """Build the error of a query for something that does not exist."""
    return problem("NOT_FOUND", f"{what} not found")


def bad_input(message: str) -> GraphQLError:
    """Build the error for arguments that are of the right type and still make no sense."""
    return problem("BAD_USER_INPUT", message)
