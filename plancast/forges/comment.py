"""One comment that is found again and edited in place: look, decide, and send at most one write.

Premise. A comment that is posted twice is less harmful than a post that is, but the same mistake. A
forge has no idempotency key: only the comments themselves show whether one was posted. So before a
comment is posted it is looked for, and after a write whose answer was lost it is looked for again.
The marker in its first line identifies it; that we wrote it, the forge says (see `protocol`).

If there are several all the same (two runs at once), every run takes the newest one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from plancast.forges.protocol import Comment, Forge, ForgeError, ReviewRequest, Trouble
from plancast.model.ports import Clock
from plancast.reconcile.approvals import Marker

SETTLE = 5.0
"""Seconds after which a comment whose answer was lost is in the list, if it was posted."""

_SENDS = 2
_GONE = (404, 410)
"""Statuses of an edit if a person has deleted the comment since it was listed.

They can also mean that we may not edit it. Then the next look finds it again, and the second
refusal is raised.
"""


class Done(Enum):
    """The effect of `put`."""

    CREATED = "created"
    EDITED = "edited"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Put:
    """The comment as it is now, and the effect that `put` had."""

    comment: Comment
    done: Done


def newest(comments: Iterable[Comment], key: str) -> tuple[Comment, Marker] | None:
    """Return the last of our comments with the marker of this workspace; None if there is none."""
    latest = None
    for comment in comments:
        marker = Marker.parse(comment.body)
        if marker is not None and marker.key == key:
            latest = comment, marker
    return latest


def put(forge: Forge, request: ReviewRequest, key: str, body: str, clock: Clock) -> Put:
    """Make the comment read like `body`, whose first line is the marker with `key`.

    Raises ForgeError; UNCLEAR means that it may have been posted, but was not found afterwards.
    """
    done = Done.UNCHANGED
    # Two writes at most, each after a look; the last round only looks.
    for left in range(_SENDS, -1, -1):
        existing = newest(forge.comments(request), key)
        if existing is not None and _plain(existing[0].body) == _plain(body):
            return Put(existing[0], done)
        try:
            if not left:
                break
            if existing is not None:
                done = Done.EDITED
                return Put(forge.edit(request, existing[0], body), done)
            done = Done.CREATED
            return Put(forge.create(request, body), done)
        except ForgeError as error:
            failure = error
            if error.trouble in (Trouble.UNCLEAR, Trouble.UNREACHABLE):
                clock.sleep(SETTLE)
            # Raise every refusal but that of an edit whose comment may just have been deleted.
            elif not (error.status in _GONE and existing is not None and left == _SENDS):
                raise
    raise failure


def _plain(body: str) -> str:
    """Return a body as forges keep it: they trim both ends, and may change line ends."""
    return body.replace("\r\n", "\n").strip()
