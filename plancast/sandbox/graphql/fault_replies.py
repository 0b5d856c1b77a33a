"""The replies of faults over GraphQL.

A refusal that v1 puts into its body is here a typed member of the payload (success_false_200,
unexpected_error) or an entry of errors[] (message_object). A partial success is an answer whose
data is null although the post exists (partial_create), an errors[] beside it (errors_beside_data),
or a typed failure of a mutation that was carried out (failure_after). Lost, cut and foreign answers
are the same in both APIs: `faults` makes them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from plancast.sandbox import faults
from plancast.sandbox.faults import Fault, FaultKind
from plancast.sandbox.graphql import errors, schema
from plancast.sandbox.graphql.answers import Body, answer, error
from plancast.sandbox.graphql.request import Question
from plancast.sandbox.graphql.schema import Info
from plancast.sandbox.v1.replies import Reply

_NO_TOKEN = "An authentication JWT or Access Token is required"
_TOO_MANY = "Too many requests from this client. Please try again later."

#: Kinds that refuse without executing, by the type that their payload has.
REFUSALS: Mapping[FaultKind, str] = {
    FaultKind.SUCCESS_FALSE_200: errors.INVALID,
    FaultKind.UNEXPECTED_ERROR: errors.UNEXPECTED,
}


def unauthenticated() -> Reply:
    """Return the 401 for a missing or a wrong token."""
    return error(401, _NO_TOKEN, "UNAUTHENTICATED")


def too_many(retry_after: int | None, window: str) -> Reply:
    """Return a 429, with the header that says when to come back or without it."""
    refusal = error(429, _TOO_MANY, "RATE_LIMIT_EXCEEDED", window=window)
    if retry_after is None:
        return refusal
    headers = (("Retry-After", str(retry_after)),)
    return Reply(refusal.status, refusal.content, refusal.content_type, headers, refusal.length)


def instead(fault: Fault) -> Reply | None:
    """Return the reply that replaces the execution of the request; None if it is to be executed."""
    if fault.kind in _INSTEAD:
        return _INSTEAD[fault.kind](fault)
    return None if fault.kind in REFUSALS else faults.instead(fault)


def _forbidden(_fault: Fault) -> Reply:
    entry = {"message": "You do not have permission to do that.", "extensions": _code("FORBIDDEN")}
    return answer(200, {"errors": [entry], "data": None})


def _code(code: str) -> dict[str, str]:
    return {"code": code}


_INSTEAD: Mapping[FaultKind, Callable[[Fault], Reply]] = {
    FaultKind.MESSAGE_OBJECT: _forbidden,
    FaultKind.UNAUTHORIZED: lambda _: unauthenticated(),
    FaultKind.RATE_429: lambda fault: too_many(fault.retry_after, "15m"),
}


def root(kind: FaultKind) -> dict[str, Any]:
    """Return resolvers that refuse everything: mutations in their payload, queries in errors[]."""
    resolvers: dict[str, Any] = {}
    known = schema.schema()
    for name, field in (known.mutation_type.fields if known.mutation_type else {}).items():
        resolvers[name] = _typed(errors.member(field.type, REFUSALS[kind], errors.WENT_WRONG))
    for name in known.query_type.fields if known.query_type else ():
        resolvers[name] = _failing
    return resolvers


def _typed(payload: dict[str, Any] | None) -> Callable[..., dict[str, Any]]:
    """Return a resolver that refuses in the payload, or with errors[] without one."""

    def refuse(_info: Info, **_: object) -> dict[str, Any]:
        if payload is None:
            raise errors.problem("UNEXPECTED", errors.WENT_WRONG)
        return payload

    return refuse


def _failing(_info: Info, **_: object) -> None:
    """Refuse a query."""
    raise errors.problem("UNEXPECTED", errors.WENT_WRONG)


def after(fault: Fault | None, question: Question, body: Body) -> Body:
    """Return the body of an executed request as a fault changes it."""
    if fault is None:
        return body
    entry = {"message": errors.WENT_WRONG, "extensions": _code("UNEXPECTED")}
    if fault.kind is FaultKind.ERRORS_BESIDE_DATA:
        return {"errors": [*body.get("errors", []), entry], "data": body["data"]}
    # A content item lacks one of its posts and answers with a failure. A single post cannot be
    # made in part: it exists, and the answer does not show it.
    if fault.kind is FaultKind.PARTIAL_CREATE and "mutation createPost" in question.names:
        return {"errors": [entry], "data": None}
    return body
