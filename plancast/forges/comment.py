"""One comment, found again and edited in place: looking, deciding, and at most one thing done.

Premise. A comment that is posted twice is a small thing beside a post that is, and the same sin.
A forge offers nothing to tell a repetition by but the comment itself, so before a comment is
posted it is looked for, and after a post whose answer was lost it is looked for again. The marker
in its first line says that it is the one; that we wrote it, the forge says (`base`).

Where there are several all the same (two runs at once), the newest is the one, in every run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from plancast.forges.protocol import Comment, Forge, ForgeError, ReviewRequest, Trouble
from plancast.model.ports import Clock
from plancast.reconcile.approvals import Marker

SETTLE = 5.0
"""Seconds after which a comment whose answer was lost is in the list, if it ever is."""

_SENDS = 2
_GONE = (404, 410)
"""Somebody deleted it since it was seen; or we may not edit it, which the second look tells."""


class Done(Enum):
    """What was done."""

    CREATED = "created"
    EDITED = "edited"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Put:
    """The comment as it stands now."""

    comment: Comment
    done: Done


def newest(comments: Iterable[Comment], key: str) -> tuple[Comment, Marker] | None:
    """The last of our comments that is about this workspace."""
    found = None
    for comment in comments:
        marker = Marker.parse(comment.body)
        if marker is not None and marker.key == key:
            found = comment, marker
    return found


def put(forge: Forge, request: ReviewRequest, key: str, body: str, clock: Clock) -> Put:
    """Have the comment read like `body`, whose first line is the marker with `key`.

    Raises ForgeError: UNCLEAR where it may stand there, and could not be found.
    """
    done = Done.UNCHANGED
    for left in range(_SENDS, -1, -1):
        found = newest(forge.comments(request), key)
        if found is not None and _plain(found[0].body) == _plain(body):
            return Put(found[0], done)
        try:
            if not left:
                break
            if found is not None:
                done = Done.EDITED
                return Put(forge.edit(request, found[0], body), done)
            done = Done.CREATED
            return Put(forge.create(request, body), done)
        except ForgeError as error:
            failure = error
            if error.trouble in (Trouble.UNCLEAR, Trouble.UNREACHABLE):
                clock.sleep(SETTLE)
            elif not (error.status in _GONE and found is not None and left == _SENDS):
                raise
    raise failure


def _plain(body: str) -> str:
    """As forges keep it: they trim the ends, and may have line ends of their own."""
    return body.replace("\r\n", "\n").strip()
