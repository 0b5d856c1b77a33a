"""A request as it comes over the wire, and what it turns out to ask for."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from plancast.sandbox.graphql import schema
from plancast.sandbox.graphql.answers import Body, answer, error
from plancast.sandbox.v1.replies import Reply

#: Nesting of a JSON body. Variables of a document that is 25 deep stay far below it.
_MAX_DEPTH = 100


class BodyError(ValueError):
    """The body of a request that holds no GraphQL request."""


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
        """Read the body of a request; a body that cannot be used becomes a `refusal`."""
        try:
            found = _read_object(body)
        except BodyError as problem:
            return cls(token, refusal=error(400, str(problem), "BAD_REQUEST"))
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

    @property
    def label(self) -> str:
        """The name for a log, with the client's own name of the operation in brackets."""
        return f"{self.name} ({self.operation})" if self.operation else self.name

    def to_json(self, user_id: str) -> str:
        """The question as it is kept until it is delivered late."""
        kept = {"query": self.query, "variables": self.variables, "operationName": self.operation}
        return json.dumps({"user_id": user_id, "body": kept})


def from_json(text: str) -> tuple[str, Question]:
    """The reverse of Question.to_json: the user and the question."""
    kept = json.loads(text)
    return kept["user_id"], Question.read(json.dumps(kept["body"]).encode(), "")


def _read_object(body: bytes) -> Body:
    """Return the JSON object in a body, read as JavaScript reads it. Raises BodyError.

    Only UTF-8, with or without a byte order mark; of a repeated name the last value counts;
    NaN and Infinity are not JSON.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BodyError("The body is not UTF-8.") from None
    try:
        found = _mended(json.loads(text, parse_constant=_refuse_constant), 0)
    except BodyError:
        raise
    except RecursionError:
        raise BodyError(_TOO_DEEP) from None
    except ValueError:  # also an integer with more digits than Python converts
        raise BodyError("The body is not JSON.") from None
    if isinstance(found, list):
        raise BodyError("The body is a batch; send one operation in each request.")
    if not isinstance(found, dict):
        raise BodyError("The body is not an object.")
    return found


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
