"""Refusals in the two forms that the API has for them.

Refused is a typed member of a mutation's payload, under HTTP 200 inside `data`. `problem` is an
entry of errors[], which queries use (docs/buffer/graphql.md#errors-in-three-layers). What a
document or its variables have wrong never comes this far.
"""

from graphql import GraphQLError

INVALID, NOT_FOUND = "InvalidInputError", "NotFoundError"
LIMIT, UNEXPECTED = "LimitReachedError", "UnexpectedError"

NO_TEXT_OR_MEDIA = "Post must have either text or media"


class Refused(Exception):  # noqa: N818  # it is an answer
    """A mutation is refused; nothing of it has happened. `kind` is a type of its payload."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def invalid(*sentences: str) -> Refused:
    """All that is wrong with a post, joined as the API joins it."""
    return Refused(INVALID, f"Invalid post: {', '.join(sentences)}")


def problem(code: str, message: str) -> GraphQLError:
    """An entry of errors[] with its `extensions.code`."""
    return GraphQLError(message, extensions={"code": code})


def not_found(what: str) -> GraphQLError:
    """The errors[] of a query for something that is not there."""
    return problem("NOT_FOUND", f"{what} not found")


def bad_input(message: str) -> GraphQLError:
    """The errors[] of arguments that are of the right type and still make no sense."""
    return problem("BAD_USER_INPUT", message)
