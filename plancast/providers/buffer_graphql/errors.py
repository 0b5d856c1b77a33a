"""The translation of wire errors into the six errors of the port, and a check before sending.

The same wire error means different things for a read, which had no effect, and for a change, which
may have had one. So there is a context for each: `reading_only` and `changing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from plancast.model.entry import Entry
from plancast.model.ports import (
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Profile
from plancast.net.rate_limiter import Spent
from plancast.providers.buffer_graphql.build_input import COMMENTED, THREADED
from plancast.providers.buffer_graphql.parse import Unreadable
from plancast.providers.buffer_graphql.responses import (
    BLOCKED,
    INVALID,
    LIMIT,
    NO_RIGHT,
    NOT_FOUND,
    TOO_MANY,
    NotSentError,
    RefusedError,
    UnclearError,
    WireError,
)
from plancast.providers.buffer_text import texts_of

REPEATED = re.compile(
    r"(Invalid post: )?Whoops, it looks like you.ve "
    r"(already got this one scheduled|posted that one recently)",
    re.IGNORECASE,
)
"""The words of an InvalidInputError about a repeated text, which has no type of its own
(docs/buffer/graphql.md#the-same-text-twice)."""

_NO_POLICY = re.compile(r"needsApproval is only valid|approvalChange is only valid", re.IGNORECASE)
_ADVICE = (
    "; write `stage: draft` or `stage: scheduled`, or let the channel's posting policy in Buffer "
    "require approval"
)
"""Advice on a refusal that no file and no query of the channel could have foreseen
(docs/buffer/graphql.md#creating-posts)."""


@contextmanager
def reading_only() -> Iterator[None]:
    """Translate errors of calls without an effect: a lost answer has lost nothing."""
    try:
        yield
    except (UnclearError, NotSentError, Unreadable) as error:
        raise Unreachable(str(error)) from None
    except RefusedError as error:
        raise _refusal(error) from None


@contextmanager
def changing() -> Iterator[None]:
    """Translate errors of calls that change something: a lost answer is an unknown outcome."""
    try:
        yield
    except (WireError, Unreadable) as error:
        raise change_error(error) from None


def change_error(error: WireError | Unreadable) -> ProviderError:
    """Translate the error of a call that changes something, by what it proves of the effect."""
    if isinstance(error, RefusedError):
        return _refusal(error)
    return (
        Unreachable(str(error)) if isinstance(error, NotSentError) else OutcomeUnknown(str(error))
    )


def _refusal(error: RefusedError) -> ProviderError:
    message = str(error)
    if error.code == TOO_MANY:
        return RateLimited(message, error.wait, spent=isinstance(error.__cause__, Spent))
    if error.code == BLOCKED:
        # A proxy stopped it before Buffer saw it, so the key may well be valid.
        return Unreachable(message)
    if error.status == 401 or error.code in NO_RIGHT:
        return Unauthorized(message)
    if error.code == NOT_FOUND:
        return NotFound(message)
    # The type proves that nothing was made; the words only say why.
    repeated = error.code == INVALID and REPEATED.match(message) is not None
    advice = _ADVICE if error.code == INVALID and _NO_POLICY.search(message) else ""
    return Rejected(
        message + advice,
        error.code or error.status,
        queue_full=error.code == LIMIT,
        repeated=repeated,
    )


def check(entry: Entry, profile: Profile) -> None:
    """Refuse an entry that no request can hold, before anything is sent. Raises Rejected."""
    images = [*entry.images, *(image for item in entry.thread for image in item.images)]
    if any(not image.url for image in images):
        raise Rejected("Buffer takes images by their public address, not as files", "image_file")
    if entry.thread and profile.service not in THREADED:
        raise Rejected(f"there are no threads on {profile.service}", "thread")
    if entry.first_comment.strip() and profile.service not in COMMENTED:
        raise Rejected(f"there are no first comments on {profile.service}", "first_comment")
    try:
        "".join(texts_of(entry)).encode()
    except UnicodeEncodeError:
        raise Rejected("the text holds half a character, which cannot be sent", "text") from None
