"""GitHub and GitLab: one comment on the request that is reviewed, written over their APIs.

The environment that the CI sets says which of the two a run belongs to, and as which account it
acts.
"""

from __future__ import annotations

from collections.abc import Mapping

from plancast.forges.comment import Done, Put, newest, put
from plancast.forges.events import GITHUB, GITLAB, ci_of, event_of
from plancast.forges.protocol import Comment, Forge, ForgeError, ReviewRequest, RunEvent, Trouble
from plancast.model.ports import Clock

__all__ = [
    "GITHUB",
    "GITLAB",
    "Comment",
    "Done",
    "Forge",
    "ForgeError",
    "Put",
    "ReviewRequest",
    "RunEvent",
    "Trouble",
    "ci_of",
    "detect",
    "event_of",
    "newest",
    "put",
]


def detect(environ: Mapping[str, str], clock: Clock) -> Forge | None:
    """Return the forge whose CI this run is part of, None if it is part of none.

    Sends no request. Raises ForgeError if the environment is not as the CI makes it.
    """
    forge = ci_of(environ)
    if forge == GITHUB:
        from plancast.forges.github import github  # noqa: PLC0415

        return github(environ, clock)
    if forge == GITLAB:
        from plancast.forges.gitlab import gitlab  # noqa: PLC0415

        return gitlab(environ, clock)
    return None
