"""What our providers do with words alike: those of the service, and addresses in texts. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from plancast.model.entry import Entry
from plancast.model.entry_fields import ENTRY_FIELDS, PARTS

MAX_MESSAGE = 400
"""Characters of a message of the service that are looked at."""

_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_CLOSING = ".,;:!?'\")]}»\u201d\u2019"
"""What follows an address in a sentence and is no part of it."""

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")

_COPIES = re.compile(
    r"https?://(buffer-[a-z-]+\.s3[a-z0-9.-]*\.amazonaws\.com/|s3[a-z0-9.-]*\.amazonaws\.com/buffer-)"
)
"""Buffer's own storage: buffer-pictures in 2016, and other names of the kind since
(docs/buffer/v1.md#media-on-read-back)."""


def parsed(body: bytes) -> Any:
    """What an answer in JSON says, None where it is none.

    Half a character can be written in JSON and nowhere else, neither in a file nor on a screen: it
    becomes the mark for what cannot be shown.
    """
    try:
        found = json.loads(body)
        if _HALF.search(body):
            halves = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass")
            found = json.loads(halves.decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        return None
    return found


def plain(message: object) -> str:
    """Words of the service as one line of plain text: a text, HTML, or an object with a `text`.

    What could control a terminal is left out, and what is too long is cut.
    """
    if isinstance(message, Mapping):
        message = message.get("text")
    if not isinstance(message, str):
        return ""
    words = unescape(re.sub(r"<[^<>]*>", "", message[:MAX_MESSAGE]))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def first_url(text: str) -> str:
    """The first address in a text, as a sentence means it; "" where there is none."""
    found = _URL.search(text)
    return found.group().rstrip(_CLOSING) if found else ""


def with_link(text: str, url: str) -> str:
    """The text with the address at its end, unless it holds it already."""
    return text if not url or url in text else f"{text} {url}"


def is_copy(url: str) -> bool:
    """Whether an address is that of a copy which Buffer made: it says nothing of the original."""
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
