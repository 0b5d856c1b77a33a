"""Helpers for texts that both Buffer providers share: messages of the service, and addresses. Pure.

Messages are cleaned before they reach a terminal; addresses are found as readers would find them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from plancast.model.entry import Entry
from plancast.model.entry_fields import ENTRY_FIELDS, PARTS

MAX_MESSAGE = 400
"""Characters of a message of the service that are read; the rest is cut."""

_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_CLOSING = ".,;:!?'\")]}»\u201d\u2019"
"""Characters that may follow an address in a sentence and are no part of it."""

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")

_COPIES = re.compile(
    r"https?://(buffer-[a-z-]+\.s3[a-z0-9.-]*\.amazonaws\.com/|s3[a-z0-9.-]*\.amazonaws\.com/buffer-)"
)
"""Buffer's own storage: buffer-pictures in 2016, and other names of the kind since
(docs/buffer/v1.md#media-on-read-back)."""


def parsed(body: bytes) -> Any:
    """Parse an answer in JSON; None if it is not JSON.

    JSON can hold half a character (a lone surrogate), which no file and no screen can: it becomes
    U+FFFD, the mark for what cannot be shown.
    """
    try:
        value = json.loads(body)
        if _HALF.search(body):
            # UTF-16 joins escaped pairs into characters, so only true halves are replaced.
            halves = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            value = json.loads(halves.decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        return None
    return value


def plain(message: object) -> str:
    """Reduce a message of the service to one line: from a text, HTML, or an object with `text`.

    Control characters are removed, since they could steer a terminal; long messages are cut.
    """
    if isinstance(message, Mapping):
        message = message.get("text")
    if not isinstance(message, str):
        return ""
    words = unescape(re.sub(r"<[^<>]*>", "", message[:MAX_MESSAGE]))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def first_url(text: str) -> str:
    """Return the first address in a text, without the punctuation behind it; "" if it has none."""
    address = _URL.search(text)
    return address.group().rstrip(_CLOSING) if address else ""


def is_copy(url: str) -> bool:
    """Return whether an address is that of Buffer's own copy, which does not show the original."""
    return _COPIES.match(url) is not None


def texts_of(value: object) -> Iterator[str]:
    """Yield every text in an entry, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item)
    else:
        rows = ENTRY_FIELDS if isinstance(value, Entry) else PARTS.get(type(value), ())
        for row in rows:
            yield from texts_of(getattr(value, row.name))
