"""The reading of answers of the GraphQL API: each is sorted by what it proves.

Errors come in three layers (docs/buffer/graphql.md#errors-in-three-layers): a status other than
200; `errors[]` beside or instead of data; and a typed object in the place of the result, under 200
and without any `errors[]`. The result is one of four: data; a refusal, which proves that nothing
happened; no connection, which proves it too; or an answer that proves nothing.

Premises.

* A post that an answer shows was made. Data are read first, whatever the status is and whatever
  stands beside them: Buffer's own client takes a created post with a warning for a failure, and a
  user who then tries again has two (docs/buffer/graphql.md#buffers-own-client).
* An error whose path leads into a result happened while that result was being read out: the
  mutation was carried out before. Only an error at the field itself, or before all fields, can be a
  refusal.
* A document that was refused as a whole was not carried out. `data` is absent then, not null.
* A page of HTML comes from a proxy, not from Buffer.
* Words alone never prove that a create did nothing: they come from many programs, and change.
  A refused create is known by a status, a code, the place of a mistake in the document, or a type
  that is documented as a refusal (docs/buffer/graphql.md#words-of-refusals).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plancast.net.rate_headers import requested_wait
from plancast.net.transport import Response
from plancast.providers.buffer_text import parsed, plain

Json = Mapping[str, Any]

TOO_MANY = 429

UNAUTHORIZED = "UNAUTHORIZED"
NO_RIGHT = frozenset({"UNAUTHENTICATED", UNAUTHORIZED, "FORBIDDEN"})
NOT_FOUND = "NOT_FOUND"
LIMIT = "LIMIT_REACHED"
INVALID = "INVALID_INPUT"
BLOCKED = "BLOCKED"
"""Our code for a page of HTML under 403: a proxy stopped the request before Buffer saw the key."""

_RATE = "RATE_LIMIT_EXCEEDED"
_REFUSALS = frozenset(
    {
        *(*NO_RIGHT, NOT_FOUND, _RATE, "BAD_USER_INPUT", "BAD_REQUEST"),
        *("GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"),
    }
)
"""Codes that prove a refusal. UNEXPECTED and every unknown code prove nothing."""

_LIMITS = re.compile(r"complex|depth|alias|token|directive|cost|syntax", re.IGNORECASE)
"""Limits on documents have no code (docs/buffer/graphql.md#errors-in-three-layers)."""

_TYPED = {
    "NotFoundError": NOT_FOUND,
    "UnauthorizedError": UNAUTHORIZED,
    "LimitReachedError": LIMIT,
    "InvalidInputError": INVALID,
    "RestProxyError": "REST_PROXY",
    "VoidMutationError": "NOT_DONE",
}
_OWN = re.compile(
    r"unexpected|internal|went wrong|time[ds]?[ -]?out|try again|unavailable|gateway", re.IGNORECASE
)
"""Words of a failure, which is not a refusal. A RestProxyError may be either."""
_EITHER = "RestProxyError"
_GONE = re.compile(
    r"(the |this )?(document|post)\b(?!.*\b(channel|organization|account)\b)"
    r".*(not (be )?found|(does not|doesn't|no longer) exist)",
    re.IGNORECASE,
)
"""Words about a post that is gone. A channel that is gone is no reason to forget the post."""


class WireError(Exception):
    """A call that returned no data."""


class RefusedError(WireError):
    """A refusal: the service did nothing. `code` is its own word or number, else "".

    `wait` is the time in seconds that the service asks to wait, None if it does not say. `begun`:
    fields of the document were executed, so the refusal is about what it asked for; a document that
    was refused itself is not begun.
    """

    def __init__(
        self,
        status: int,
        code: int | str,
        message: str,
        wait: float | None = None,
        *,
        begun: bool = False,
    ) -> None:
        super().__init__(message or f"HTTP {status}")
        self.status = status
        self.code = code
        self.wait = wait
        self.begun = begun


class NotSentError(WireError):
    """A failure to connect: nothing of the request arrived."""


class UnclearError(WireError):
    """A call without an answer, or with one that proves nothing: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class GraphqlProblem:
    """One of `errors[]`. `place` is `line:column` in the document, "" if the error has none."""

    message: str
    code: str = ""
    path: tuple[str | int, ...] = ()
    place: str = ""

    def __str__(self) -> str:
        words = self.message or self.code or "an error without a word"
        return f"{words} ({self.place})" if self.place else words


@dataclass(frozen=True, slots=True)
class GraphqlAnswer:
    """A body in the form of GraphQL. `begun`: fields were executed, so something may be done.

    An error that names a field shows it as well as data do, even null.
    """

    status: int
    data: Json
    problems: tuple[GraphqlProblem, ...] = ()
    begun: bool = True
    wait: float | None = None


def is_hasty(response: Response) -> bool:
    """Return whether an answer means "too many requests", be it by the code in its body alone."""
    if response.status == TOO_MANY:
        return True
    # No refusal is as long as a page of posts; those need not be read twice.
    body = parsed(response.body) if len(response.body) < 2048 else None
    return any(problem.code == _RATE for problem in _problems(body))


def understood(response: Response) -> GraphqlAnswer:
    """Return the answer of a response. Raises RefusedError or UnclearError if it has none.

    The order of the checks is that of proof: data first, then refusals, then the rest.
    """
    body = parsed(response.body)
    answer = _answer(response, body)
    if _shows(answer.data):
        return answer
    status = response.status
    words = str(answer.problems[0]) if answer.problems else _foreign_message(body)
    code = answer.problems[0].code if answer.problems else ""
    if status == TOO_MANY:
        raise RefusedError(status, TOO_MANY, words or "too many requests", answer.wait)
    if status >= 500 or status < 200 or 300 <= status < 400 or status == 408:
        # Any hop on the way may have sent it, before or after the mutation was carried out.
        raise UnclearError(f"HTTP {status}: {words}" if words else f"HTTP {status}")
    if status == 401:
        raise RefusedError(status, code or UNAUTHORIZED, words)
    if status == 403 and not answer.problems:
        message = "blocked at the edge (HTTP 403 without an answer of Buffer's)"
        raise RefusedError(status, BLOCKED, message)
    if status >= 400 and not any(len(problem.path) > 1 for problem in answer.problems):
        raise RefusedError(status, code, words, answer.wait, begun=answer.begun)
    if not isinstance(body, Mapping):
        raise UnclearError("the answer is not JSON" if response.body else "the answer is empty")
    return answer


def result(
    answer: GraphqlAnswer, name: str, *, one_of_many: bool = False, creates: bool = False
) -> Any:
    """Return the value of a field of the answer, by its name or alias.

    `one_of_many`: other fields of the document change something too, and errors at those prove
    nothing about this one. `creates`: the field creates posts, so words prove nothing. Raises
    RefusedError or UnclearError if the field has no value.
    """
    value = answer.data.get(name)
    if value is not None:
        return value
    about = answer.problems
    if one_of_many and answer.begun:
        about = tuple(item for item in about if item.path[:1] in ((), (name,)))
    if not about:
        first = (
            answer.problems[0] if answer.problems else "the answer has another form than expected"
        )
        raise UnclearError(f"nothing is told of it: {first}")
    # The field was carried out, and the error happened while its result was read out.
    if any(len(item.path) > 1 for item in about):
        raise UnclearError(f"carried out or not, it was not told: {about[0]}")
    if not all(_refuses(item, answer, by_words=not creates) for item in about):
        raise UnclearError(f"the service met an error of its own: {about[0]}")
    if any(item.code == _RATE for item in about):
        raise RefusedError(answer.status, TOO_MANY, about[0].message, answer.wait)
    raise RefusedError(answer.status, about[0].code, str(about[0]), begun=answer.begun)


def typed_error(payload: Json, *, creates: bool = False) -> WireError:
    """Build the error that an object in the place of a result stands for: the third layer.

    `creates`: the field creates posts, so only a type that is known as a refusal is one. See
    docs/buffer/graphql.md#errors-in-three-layers.
    """
    named = payload.get("__typename")
    kind = named if isinstance(named, str) else ""
    message = _tidy(plain(payload.get("message")))
    if kind == "UnexpectedError" or (kind == _EITHER and (creates or _OWN.search(message))):
        return UnclearError(f"the service met an error of its own: {message}")
    if kind.endswith("Failure"):
        # The failure of a content item is sent for a refusal and for what went wrong after the
        # posts were made, promoted or deleted, and its errors do not show which of the two it was.
        return UnclearError(f"it failed, perhaps after it took effect: {_in_full(payload)}")
    if kind == "VoidMutationError" and _GONE.match(message):
        return RefusedError(200, NOT_FOUND, message)
    # A success without the object that it made: something happened, but what is unknown.
    if kind.endswith("Success"):
        return UnclearError("the answer says that it was done, and does not show it")
    # A type of which nothing is known may stand for a failure after the post was made.
    if kind in _TYPED or (kind and message and not creates):
        code = _TYPED.get(kind, plain(kind))
        return RefusedError(200, code, message or plain(kind), begun=True)
    words = f": {message or plain(kind)}" if message or kind else ""
    return UnclearError(f"the answer has another form than expected{words}")


def _in_full(payload: Json) -> str:
    """Return the message of a failure and those of its errors, each with its channel if it has one.

    A message that repeats an earlier one is left out.
    """
    errors = payload.get("errors")
    items = errors if isinstance(errors, list) else []
    parts = [_tidy(plain(payload.get("message")))]
    for item in (item for item in items if isinstance(item, Mapping)):
        message, channel = _tidy(plain(item.get("message"))), plain(item.get("channelId"))
        if channel:
            parts.append(f"channel {channel}: {message or plain(item.get('__typename'))}")
        else:
            parts.append(message)
    return "; ".join(dict.fromkeys(part for part in parts if part)) or "it does not say why"


def _answer(response: Response, body: Any) -> GraphqlAnswer:
    data = body.get("data") if isinstance(body, Mapping) else None
    problems = _problems(body)
    refused = bool(problems) or response.status == TOO_MANY
    return GraphqlAnswer(
        status=response.status,
        data=data if isinstance(data, Mapping) else {},
        problems=problems,
        begun=(isinstance(body, Mapping) and "data" in body) or any(p.path for p in problems),
        wait=requested_wait(response) if refused else None,
    )


def _shows(data: Json) -> bool:
    return any(value is not None for value in data.values())


def _refuses(problem: GraphqlProblem, answer: GraphqlAnswer, *, by_words: bool) -> bool:
    """Return whether a problem proves a refusal; `by_words`: its words may prove it as well."""
    if problem.code:
        return problem.code in _REFUSALS
    # Without a code only an error before all fields is a refusal: one with a place in the document
    # comes from its validation, and limits on documents are known by their words.
    early = not answer.begun and not problem.path
    limited = by_words and _LIMITS.search(problem.message) is not None
    return early and (bool(problem.place) or limited)


def problems_of(response: Response) -> tuple[GraphqlProblem, ...]:
    """Return everything that stands in `errors[]` of a response."""
    return _problems(parsed(response.body))


def _problems(body: Any) -> tuple[GraphqlProblem, ...]:
    errors = body.get("errors") if isinstance(body, Mapping) else None
    items = errors if isinstance(errors, list) else []
    return tuple(_problem(item) for item in items if isinstance(item, Mapping))


def _problem(item: Json) -> GraphqlProblem:
    extensions = item.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    path = item.get("path")
    steps: Sequence[object] = path if isinstance(path, list) else ()
    return GraphqlProblem(
        message=_tidy(plain(item.get("message"))),
        code=plain(code),
        path=tuple(step if isinstance(step, int) else str(step) for step in steps),
        place=_place(item.get("locations")),
    )


def _place(locations: object) -> str:
    first = locations[0] if isinstance(locations, list) and locations else None
    if not isinstance(first, Mapping):
        return ""
    line, column = first.get("line"), first.get("column")
    return f"{line}:{column}" if isinstance(line, int) and isinstance(column, int) else ""


def _foreign_message(body: Any) -> str:
    """Return the message of an error in another form than GraphQL's; "" if there is none."""
    if not isinstance(body, Mapping):
        return ""
    return plain(body.get("error") or body.get("message"))


def _tidy(message: str) -> str:
    """Separate sentences that the service joins by `.,`.

    See docs/buffer/graphql.md#errors-in-three-layers.
    """
    return re.sub(r"\.,\s*", ". ", message)
