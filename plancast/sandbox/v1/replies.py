"""Answers as bytes."""

from dataclasses import dataclass

from plancast.sandbox.v1.serialize import encode
from plancast.sandbox.values import Answer

_JSON = "application/json;charset=UTF-8"
_HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is sent.

    `length` is the value of Content-Length, which can differ from the content's.
    """

    status: int
    content: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    length: int = 0


def reply(answer: Answer, pretty: bool = False) -> Reply:
    """Return an answer as JSON."""
    content = encode(answer.body, pretty)
    return Reply(answer.status, content, _JSON, answer.headers, len(content))


def page(status: int, title: str) -> Reply:
    """Return the page of HTML with which a proxy answers."""
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Reply(status, text.encode(), _HTML, length=len(text))


def challenge() -> Reply:
    """Return the 401 of 2013: no body at all, and not JSON."""
    header = ("WWW-Authenticate", "OAuth realm='Service', error='invalid_request'")
    return Reply(401, b"", _HTML, (header,))
