"""Where requests are reviewed: a comment on them, by the API of GitHub or GitLab.

Which of the two a run meets, and as whom, comes from the environment that its CI sets.
"""

from __future__ import annotations

from collections.abc import Mapping

from plancast.core.ports import Clock
from plancast.forges.base import Comment, Event, Forge, ForgeError, Request, Trouble
from plancast.forges.single import Done, Put, newest, put

__all__ = [
    "Comment",
    "Done",
    "Event",
    "Forge",
    "ForgeError",
    "Put",
    "Request",
    "Trouble",
    "detect",
    "newest",
    "put",
]


def detect(environ: Mapping[str, str], clock: Clock) -> Forge | None:
    """The forge whose CI this run is part of; None where it is part of none.

    No request. Raises ForgeError where the environment is not as the CI makes it.
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        from plancast.forges.github import github  # noqa: PLC0415

        return github(environ, clock)
    if environ.get("GITLAB_CI") == "true":
        from plancast.forges.gitlab import gitlab  # noqa: PLC0415

        return gitlab(environ, clock)
    return None
