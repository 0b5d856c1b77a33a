"""Faults that can be armed: failures of networks, proxies and the service itself.

A fault strikes requests whose endpoint matches its pattern, after `skip` of them, `times` times.
What matters to a client that must never post twice is whether the request was executed:

    nothing happened     lost_request error_500_before html_502_before rate_429 success_false_200
                         message_object unauthorized html_401 html_403 unexpected_error
    it was executed      lost_answer error_500_after html_502_after html_504_after
                         truncated_body empty_body unparsable_200 slow errors_beside_data new_enum
                         failure_after
    it will be executed  late_commit
    executed in part     partial_create
    all but executed     edit_ignored (an edit that succeeds and changes nothing)

graphql/fault_replies.py shows each of them over GraphQL. The kinds of GRAPHQL_ONLY have no form in
v1: there they strike without any effect.
"""

import fnmatch
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, cast

from plancast.sandbox import database
from plancast.sandbox.v1.errors import ApiError, GateError
from plancast.sandbox.v1.replies import Reply, challenge, page, reply
from plancast.sandbox.values import Answer


class FaultKind(StrEnum):
    """The kind of a fault; the table of the module says what has happened by then."""

    LOST_REQUEST = "lost_request"
    LOST_ANSWER = "lost_answer"
    LATE_COMMIT = "late_commit"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER = "error_500_after"
    HTML_502_BEFORE = "html_502_before"
    HTML_502_AFTER = "html_502_after"
    HTML_504_AFTER = "html_504_after"
    RATE_429 = "rate_429"
    SUCCESS_FALSE_200 = "success_false_200"
    TRUNCATED_BODY = "truncated_body"
    EMPTY_BODY = "empty_body"
    UNPARSABLE_200 = "unparsable_200"
    SLOW = "slow"
    MESSAGE_OBJECT = "message_object"
    UNAUTHORIZED = "unauthorized"
    HTML_401 = "html_401"
    PARTIAL_CREATE = "partial_create"
    HTML_403 = "html_403"
    ERRORS_BESIDE_DATA = "errors_beside_data"
    EDIT_IGNORED = "edit_ignored"
    UNEXPECTED_ERROR = "unexpected_error"
    NEW_ENUM = "new_enum"
    FAILURE_AFTER = "failure_after"


GRAPHQL_ONLY = frozenset(
    (
        FaultKind.ERRORS_BESIDE_DATA,
        FaultKind.EDIT_IGNORED,
        FaultKind.UNEXPECTED_ERROR,
        FaultKind.NEW_ENUM,
        FaultKind.FAILURE_AFTER,
    )
)


class Phase(StrEnum):
    """The last step that a request reached before its connection ended."""

    REQUEST = "request"  # nothing happened
    LATE = "late"  # nothing happened yet
    ANSWER = "answer"  # executed, no byte of an answer
    BODY = "body"  # executed, part of an answer


class FaultError(ValueError):
    """A fault that cannot be armed."""


class ConnectionDropped(Exception):  # noqa: N818 - an event to pass on, not a mistake
    """The client must see its connection end; no answer may be made of this.

    With Phase.BODY, `partial` is the part of the answer that was sent; the rest never will be.
    """

    def __init__(self, phase: Phase, partial: Reply | None = None) -> None:
        super().__init__(f"connection dropped: {phase}")
        self.phase = phase
        self.partial = partial


@dataclass(frozen=True, slots=True)
class Fault:
    """One armed fault.

    endpoint     glob on "METHOD /path", such as "POST /updates/create.json" or "*"; ids may be
                 written out, starred, or as in the reference: "POST /updates/{id}/update.json";
                 over GraphQL on "query posts" or "mutation createPost", for each root field
    skip, times  requests to let pass first, and to strike then; times 0: until cleared
    seconds      slow: the delay; late_commit: how much later, in real time
    retry_after  rate_429: the header's seconds; None: without the header
    profile      partial_create: the profile that is dropped; "": the last one
    id           assigned when it is armed
    """

    kind: FaultKind
    endpoint: str = "*"
    skip: int = 0
    times: int = 1
    seconds: float = 1.0
    retry_after: int | None = None
    profile: str = ""
    id: int = 0

    def strikes(self, *names: str) -> bool:
        """Return whether any of an endpoint's names matches the pattern."""
        return any(fnmatch.fnmatchcase(n, self.endpoint) or n == self.endpoint for n in names)


def from_mapping(values: Mapping[str, object]) -> Fault:
    """Build a fault from JSON, such as `{"kind": "late_commit", "seconds": 5}`.

    Raises FaultError.
    """
    unknown = set(values) - {f.name for f in fields(Fault)} or {"kind"} - set(values)
    if unknown:
        raise FaultError(f"a fault has a kind and no {', '.join(sorted(unknown))}")
    try:
        kind = FaultKind(str(values["kind"]))
    except ValueError:
        words = ", ".join(sorted(FaultKind))
        raise FaultError(f"no fault {values['kind']!r}; there are: {words}") from None
    for name in ("endpoint", "profile"):
        if not isinstance(values.get(name, ""), str):
            raise FaultError(f"{name} is a word")
    for name in ("skip", "times", "seconds", "retry_after"):
        number = values.get(name)
        if number is not None and not (isinstance(number, int | float) and number >= 0):
            raise FaultError(f"{name} is a number from 0 on")
    arguments = {name: value for name, value in values.items() if value is not None}
    return Fault(**cast("dict[str, Any]", {**arguments, "kind": kind}))


def arm(db: sqlite3.Connection, fault: Fault) -> Fault:
    """Store a fault and return it with its id. Raises FaultError if it could not be read back."""
    from_mapping(asdict(fault))
    cursor = db.execute("INSERT INTO faults (fault) VALUES (?)", ("{}",))
    armed = replace(fault, id=cursor.lastrowid or 0)
    _save(db, armed)
    return armed


def armed(db: sqlite3.Connection) -> tuple[Fault, ...]:
    """Return the faults that wait for their request, in the order of arming."""
    records = database.rows(db, "SELECT fault FROM faults ORDER BY id")
    return tuple(from_mapping(json.loads(row[0])) for row in records)


def take(db: sqlite3.Connection, *names: str) -> Fault | None:
    """Return the fault that strikes a request, and count it; None if none does.

    `names` are those of the request's endpoint.
    """
    for fault in armed(db):
        if not fault.strikes(*names):
            continue
        if fault.skip:
            _save(db, replace(fault, skip=fault.skip - 1))
            continue
        if fault.times == 1:
            db.execute("DELETE FROM faults WHERE id = ?", (fault.id,))
        elif fault.times:
            _save(db, replace(fault, times=fault.times - 1))
        return fault
    return None


def _save(db: sqlite3.Connection, fault: Fault) -> None:
    db.execute("UPDATE faults SET fault = ? WHERE id = ?", (json.dumps(asdict(fault)), fault.id))


def instead(fault: Fault) -> Reply | None:
    """Return the reply that replaces the execution of the request; None if it is to be executed."""
    answer = _INSTEAD.get(fault.kind)
    return answer(fault) if answer else None


def distort(fault: Fault, honest: Reply) -> Reply:
    """Return the reply that the client sees after its request was executed.

    Raises ConnectionDropped.
    """
    if fault.kind is FaultKind.LOST_ANSWER:
        raise ConnectionDropped(Phase.ANSWER)
    if fault.kind is FaultKind.TRUNCATED_BODY:
        half = honest.content[: len(honest.content) // 2]
        raise ConnectionDropped(Phase.BODY, replace(honest, content=half))
    if fault.kind is FaultKind.EMPTY_BODY:
        return replace(honest, content=b"", length=0)
    return _AFTER[fault.kind]() if fault.kind in _AFTER else honest


def too_many(retry_after: int | None) -> Answer:
    """Return a 429, with the header that says when to come back or without it."""
    answer = GateError(429).answer()
    if retry_after is None:
        return answer
    return replace(answer, headers=(("Retry-After", str(retry_after)),))


def _object_for_message(_fault: Fault) -> Reply:
    words = {"text": ApiError(1022).message}
    return reply(Answer(400, {"success": False, "message": words, "code": 1022}))


_INSTEAD: Mapping[FaultKind, Callable[[Fault], Reply]] = {
    FaultKind.ERROR_500_BEFORE: lambda _: reply(ApiError(1000).answer()),
    FaultKind.HTML_502_BEFORE: lambda _: page(502, "502 Bad Gateway"),
    FaultKind.HTML_401: lambda _: challenge(),
    FaultKind.HTML_403: lambda _: page(403, "Sorry, you have been blocked"),
    FaultKind.UNAUTHORIZED: lambda _: reply(GateError(401).answer()),
    FaultKind.RATE_429: lambda fault: reply(too_many(fault.retry_after)),
    FaultKind.SUCCESS_FALSE_200: lambda _: reply(ApiError(1022, status=200).answer()),
    FaultKind.MESSAGE_OBJECT: _object_for_message,
}

_AFTER: Mapping[FaultKind, Callable[[], Reply]] = {
    FaultKind.ERROR_500_AFTER: lambda: reply(ApiError(1000).answer()),
    FaultKind.HTML_502_AFTER: lambda: page(502, "502 Bad Gateway"),
    FaultKind.HTML_504_AFTER: lambda: page(504, "504 Gateway Time-out"),
    FaultKind.UNPARSABLE_200: lambda: page(200, "Be right back"),
}
