"""Refusals in the two forms that the API has for them.

Refused is a typed member of a mutation's payload, under HTTP 200 inside `data`. `problem` is an
entry of errors[], which queries use (docs/buffer/graphql.md#errors-in-three-layers). Mistakes in a
document or its variables are found earlier, by `schema`.
"""

from graphql import GraphQLError

INVALID, NOT_FOUND = "InvalidInputError", "NotFoundError"
LIMIT, UNEXPECTED = "LimitReachedError", "UnexpectedError"

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


def problem(code: str, message: str) -> GraphQLError:
    """Build an entry of errors[] with its `extensions.code`."""
    return GraphQLError(message, extensions={"code": code})


def not_found(what: str) -> GraphQLError:
    """Build the error of a query for something that does not exist."""
    return problem("NOT_FOUND", f"{what} not found")


def bad_input(message: str) -> GraphQLError:
    """Build the error for arguments that are of the right type and still make no sense."""
    return problem("BAD_USER_INPUT", message)
