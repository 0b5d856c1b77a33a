"""Media of posts as they are found on the web: kinds of files, and what their addresses answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class MediaKind(Enum):
    """The kind of file that a place in a post is for."""

    IMAGE = "image"
    VIDEO = "video"


class MediaOutcome(Enum):
    """How asking for the head of an address ended.

    NO_NAME: the name of the host does not exist. UNREACHED: no connection or no answer, which may
    be different the next time. NOT_ASKED: the rules of plancast/net/media_probe.py forbid to ask.
    LEFT_OUT: the time or the number of addresses of the run was used up.
    """

    ANSWERED = "answered"
    NO_NAME = "no name"
    UNREACHED = "unreached"
    NOT_ASKED = "not asked"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class MediaAnswer:
    """The head of the answer of an address, after its redirects.

    `content_type` is in lower case and without parameters, "" if there is none; `size` is in bytes,
    None if it is unknown. `removed_at` is the moment at which the host announces to remove the
    file. `detail` says in words why there is no answer.
    """

    outcome: MediaOutcome
    status: int = 0
    content_type: str = ""
    size: int | None = None
    removed_at: datetime | None = None
    detail: str = ""
