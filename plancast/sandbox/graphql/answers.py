"""Answers of the GraphQL API as bytes. Imports no GraphQL library, so that refusals stay cheap."""

import json
from typing import Any

from plancast.sandbox.v1.replies import Reply

JSON = "application/json; charset=utf-8"

Body = dict[str, Any]


def answer(status: int, body: Body, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return a body as JSON, written as JavaScript writes it."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, content, JSON, headers, len(content))


def error(
    status: int,
    message: str,
    code: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    **extensions: str,
) -> Reply:
    """Return a single entry of errors[]."""
    entry: Body = {"message": message}
    if code:
        entry["extensions"] = {"code": code, **extensions}
    return answer(status, {"errors": [entry]}, headers)
