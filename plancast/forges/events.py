"""The event that started a run of CI, read from the environment without a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from plancast.forges.protocol import ForgeError, RunEvent, Trouble, at

GITHUB, GITLAB = "GitHub", "GitLab"

_EVENTS = {
    GITHUB: {
        "push": RunEvent.PUSH,
        "pull_request": RunEvent.REQUEST,
        "workflow_dispatch": RunEvent.PERSON,
        "schedule": RunEvent.CLOCK,
    },
    GITLAB: {
        "push": RunEvent.PUSH,
        "merge_request_event": RunEvent.REQUEST,
        "web": RunEvent.PERSON,
        "schedule": RunEvent.CLOCK,
    },
}
_NAMED_BY = {GITHUB: "GITHUB_EVENT_NAME", GITLAB: "CI_PIPELINE_SOURCE"}
MAX_EVENT = 32 * 1024 * 1024
"""Bytes. GitHub sends no event above 25 MB."""


def ci_of(environ: Mapping[str, str]) -> str:
    """Return which CI runs this, `GitHub` or `GitLab`; "" if neither does."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return GITHUB
    return GITLAB if environ.get("GITLAB_CI") == "true" else ""


def event_of(environ: Mapping[str, str]) -> RunEvent | None:
    """Return what started a run of CI; None outside of CI."""
    forge = ci_of(environ)
    return _EVENTS[forge].get(environ.get(_NAMED_BY[forge], ""), RunEvent.OTHER) if forge else None


def read_event(environ: Mapping[str, str]) -> object:
    """Return the JSON document of the event; None if the environment names no file.

    Raises ForgeError.
    """
    name = environ.get("GITHUB_EVENT_PATH", "")
    if not name:
        return None
    try:
        path = Path(name)
        if path.stat().st_size > MAX_EVENT:
            raise ValueError("it is larger than any event")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        failure = ForgeError(Trouble.SETTING, f"GITHUB_EVENT_PATH: {name}: {reason}")
    raise failure


def is_request_from_fork(environ: Mapping[str, str]) -> bool:
    """Return whether this is a run of CI for a request whose content comes from a fork.

    If the event of a request cannot be read, the answer is True.
    """
    forge = ci_of(environ)
    if forge == GITLAB:
        project = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "")
        is_own = project != "" and project == environ.get("CI_MERGE_REQUEST_PROJECT_PATH", "")
        return event_of(environ) is RunEvent.REQUEST and not is_own
    if forge != GITHUB or not environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        return False
    try:
        event = read_event(environ)
    except ForgeError:
        return True
    source = at(event, "pull_request", "head", "repo", "full_name")
    target = at(event, "pull_request", "base", "repo", "full_name")
    return not isinstance(source, str) or source != target


def fork_of(environ: Mapping[str, str]) -> str:
    """Return a description of the project that this repository is a fork of; "" if it is none.

    GitHub's event says that a repository is a fork, but not of which one. GitLab runs the pipeline
    of a merge request from a fork in the fork. If the event cannot be read the answer is "".
    """
    forge = ci_of(environ)
    if forge == GITLAB:
        target = environ.get("CI_MERGE_REQUEST_PROJECT_PATH", "")
        here = environ.get("CI_PROJECT_PATH", "")
        return (
            f"{target}, of which {here} is a fork," if target and here not in {"", target} else ""
        )
    if forge != GITHUB:
        return ""
    try:
        is_fork = at(read_event(environ), "repository", "fork") is True
    except ForgeError:
        return ""
    here = environ.get("GITHUB_REPOSITORY", "this repository")
    return f"the repository that {here} is a fork of" if is_fork else ""
