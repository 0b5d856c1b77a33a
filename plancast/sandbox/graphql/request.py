"""A request as it comes over the wire, and what it turns out to ask for."""

import json
from dataclasses import dataclass, field
from typing import Any, Self

from plancast.sandbox.graphql import schema
from plancast.sandbox.replies import Reply

JSON = "application/json; charset=utf-8"

Body = dict[str, Any]


def answer(status: int, body: Body, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A body as JSON, written as JavaScript writes it."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, content, JSON, headers, len(content))


def error(status: int, message: str, code: str = "", **extensions: str) -> Reply:
    """A single entry of errors[]."""
    entry: Body = {"message": message}
    if code:
        entry["extensions"] = {"code": code, **extensions}
    return answer(status, {"errors": [entry]})


@dataclass(frozen=True, slots=True)
class Question:
    """A document with its variables, or in `refusal` why there is none.

    `name` is what is counted, `names` what faults may aim at beside it. The token goes no further.
    """

    token: str = field(default="", repr=False)
    query: str = ""
    variables: Body = field(default_factory=dict)
    operation: str | None = None
    name: str = schema.INVALID
    names: tuple[str, ...] = ()
    refusal: Reply | None = field(default=None, repr=False)

    @classmethod
    def read(cls, body: bytes, token: str) -> Self:
        """What the body of a request asks for."""
        try:
            found = _mended(json.loads(body))
        except (ValueError, RecursionError):
            return cls(token, refusal=error(400, "The body is not JSON.", "BAD_REQUEST"))
        if not isinstance(found, dict):
            return cls(token, refusal=error(400, "The body is not an object.", "BAD_REQUEST"))
        query, variables = found.get("query"), found.get("variables") or {}
        operation = found.get("operationName") or None
        if not isinstance(query, str) or not query:
            words = "The body must have a text `query`."
        elif not isinstance(variables, dict) or not isinstance(operation, str | None):
            words = "`variables` is an object and `operationName` a text."
        else:
            return cls._prepared(token, query, variables, operation)
        return cls(token, refusal=error(400, words, "BAD_REQUEST"))

    @classmethod
    def _prepared(cls, token: str, query: str, variables: Body, operation: str | None) -> Self:
        found = schema.prepared(query)
        if found.document is None:
            refusal = answer(400, {"errors": list(found.errors)})
            return cls(token, query, refusal=refusal)
        name, names = schema.name_of(found.document, operation)
        if not names:
            words = "There is no such operation, or there are several and none is named."
            return cls(token, query, refusal=error(400, words, "BAD_USER_INPUT"))
        return cls(token, query, variables, operation, name, names)

    def to_json(self, user_id: str) -> str:
        """The question as it is kept until it is delivered late."""
        kept = {"query": self.query, "variables": self.variables, "operationName": self.operation}
        return json.dumps({"user_id": user_id, "body": kept})


def from_json(text: str) -> tuple[str, Question]:
    """The reverse of Question.to_json: the user and the question."""
    kept = json.loads(text)
    return kept["user_id"], Question.read(json.dumps(kept["body"]).encode(), "")


def _mended(value: object) -> object:
    """Half a surrogate pair can be written in JSON and nowhere else; it becomes a mark."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {str(_mended(key)): _mended(item) for key, item in value.items()}
    return value
