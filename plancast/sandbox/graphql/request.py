"""A GraphQL request: its body, and the operation that it asks for."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from plancast.sandbox.graphql import schema
from plancast.sandbox.graphql.answers import Body, answer, error
from plancast.sandbox.v1.replies import Reply

#: Nesting of a JSON body. Variables of a document that is 25 deep stay far below it.
_MAX_DEPTH = 100


class BodyError(ValueError):
    """The body holds no GraphQL request."""


@dataclass(frozen=True, slots=True)
class Question:
    """A document with its variables, or in `refusal` the reply to a request without one.

    `name` is what is counted, `names` what faults can also match. The token is not kept for later.
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
        """Read the body of a request; a body that cannot be used becomes a `refusal`."""
        try:
            document = _read_object(body)
        except BodyError as problem:
            return cls(token, refusal=error(400, str(problem), "BAD_REQUEST"))
        query, variables = document.get("query"), document.get("variables") or {}
        operation = document.get("operationName") or None
        if not isinstance(query, str) or not query:
            words = "The body must have a text `query`."
        elif not isinstance(variables, dict) or not isinstance(operation, str | None):
            words = "`variables` is an object and `operationName` a text."
        else:
            return cls._prepared(token, query, variables, operation)
        return cls(token, refusal=error(400, words, "BAD_REQUEST"))

    @classmethod
    def _prepared(cls, token: str, query: str, variables: Body, operation: str | None) -> Self:
        """Check the document of a question."""
        prepared = schema.prepared(query)
        if prepared.document is None:
            refusal = answer(400, {"errors": list(prepared.errors)})
            return cls(token, query, refusal=refusal)
        name, names = schema.name_of(prepared.document, operation)
        if not names:
            words = "There is no such operation, or there are several and none is named."
            return cls(token, query, refusal=error(400, words, "BAD_USER_INPUT"))
        return cls(token, query, variables, operation, name, names)

    @property
    def label(self) -> str:
        """The name for a log, with the client's own name of the operation in brackets."""
        return f"{self.name} ({self.operation})" if self.operation else self.name

    def to_json(self, user_id: str) -> str:
        """Return the question as it is stored until it is delivered late."""
        kept = {"query": self.query, "variables": self.variables, "operationName": self.operation}
        return json.dumps({"user_id": user_id, "body": kept})


def from_json(text: str) -> tuple[str, Question]:
    """Read a question that `Question.to_json` wrote; return the user's id and the question."""
    kept = json.loads(text)
    return kept["user_id"], Question.read(json.dumps(kept["body"]).encode(), "")


def _read_object(body: bytes) -> Body:
    """Return the JSON object in a body, read as JavaScript reads it. Raises BodyError.

    Only UTF-8 is read, with or without a byte order mark; the last value of a repeated name counts;
    NaN and Infinity are not JSON.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BodyError("The body is not UTF-8.") from None
    try:
        document = _mended(json.loads(text, parse_constant=_refuse_constant), 0)
    except BodyError:
        raise
    except RecursionError:
        raise BodyError(_TOO_DEEP) from None
    except ValueError:  # also an integer with more digits than Python converts
        raise BodyError("The body is not JSON.") from None
    if isinstance(document, list):
        raise BodyError("The body is a batch; send one operation in each request.")
    if not isinstance(document, dict):
        raise BodyError("The body is not an object.")
    return document


_TOO_DEEP = f"The body is nested more than {_MAX_DEPTH} deep."


def _refuse_constant(_name: str) -> NoReturn:
    raise BodyError("The body is not JSON: it has no numbers such as NaN.")


def _mended(value: Any, depth: int) -> Any:
    """Replace halves of surrogate pairs, which can be written in JSON and nowhere else."""
    if depth > _MAX_DEPTH:
        raise BodyError(_TOO_DEEP)
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {str(_mended(key, depth + 1)): _mended(v, depth + 1) for key, v in value.items()}
    return value
