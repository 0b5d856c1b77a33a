"""Refusals at the level of HTTP, in the shape of the API that was asked.

API v1 answers `{"error", "code"}`, the GraphQL API `{"errors": [...]}`. A refusal is made without
the world: it changes nothing there and reveals nothing.
"""

from werkzeug.http import HTTP_STATUS_CODES

from plancast.sandbox.graphql import answers
from plancast.sandbox.v1.errors import ApiError, GateError
from plancast.sandbox.v1.replies import Reply, reply

#: The addresses of the GraphQL API.
GRAPHQL = frozenset(("/", "/graphql"))

_BUG = "The sandbox has failed; its standard error says why."


def refuse(problem: GateError, path: str) -> Reply:
    """Return the answer to a request for `path` that is refused."""
    if path not in GRAPHQL:
        return reply(problem.answer())
    return _graphql_error(problem.status, problem.message, problem.headers, problem.hint)


def internal_error(path: str) -> Reply:
    """Return the answer to a request that met a bug of the sandbox; it may have been executed."""
    if path not in GRAPHQL:
        return reply(ApiError(1000, _BUG).answer())
    return _graphql_error(500, _BUG)


def _graphql_error(
    status: int, message: str, headers: tuple[tuple[str, str], ...] = (), hint: str = ""
) -> Reply:
    # HTTPStatus has other names in each Python; this table does not change.
    code = HTTP_STATUS_CODES[status].upper().replace(" ", "_")
    more = {"hint": hint} if hint else {}
    return answers.error(status, message, code, headers, **more)
