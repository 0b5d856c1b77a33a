"""Whether a run is for a request from a fork: what is not certain counts as one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plancast.forges.events import is_request_from_fork

OURS = "acme/posts"


def repositories(head: object, base: object = OURS) -> dict[str, Any]:
    return {
        "pull_request": {
            "head": {"repo": {"full_name": head} if head else None},
            "base": {"repo": {"full_name": base}},
        }
    }


GITHUB = [
    ("pull_request", repositories(OURS), False),
    ("pull_request", repositories("stranger/posts"), True),
    ("pull_request", repositories(None), True),  # the fork was removed
    ("pull_request", repositories(7), True),
    ("pull_request", {}, True),
    ("pull_request", [], True),
    ("pull_request_target", repositories("stranger/posts"), True),
    ("push", {}, False),
    ("schedule", {}, False),
    ("workflow_dispatch", {}, False),
]


@pytest.mark.parametrize(("name", "event", "expected"), GITHUB)
def test_on_github(tmp_path: Path, name: str, event: object, expected: bool) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(path),
    }
    assert is_request_from_fork(environ) is expected


@pytest.mark.parametrize("event", ["", "/nowhere/event.json"])
def test_an_event_that_cannot_be_read_is_not_trusted(event: str) -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}
    assert is_request_from_fork({**environ, "GITHUB_EVENT_PATH": event})


GITLAB = [
    ("merge_request_event", OURS, OURS, False),
    ("merge_request_event", "stranger/posts", OURS, True),
    ("merge_request_event", "", OURS, True),
    ("merge_request_event", "", "", True),
    ("push", "", "", False),
    ("schedule", "", "", False),
]


@pytest.mark.parametrize(("source", "project", "target", "expected"), GITLAB)
def test_on_gitlab(source: str, project: str, target: str, expected: bool) -> None:
    environ = {
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": source,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": project,
        "CI_MERGE_REQUEST_PROJECT_PATH": target,
    }
    assert is_request_from_fork(environ) is expected


def test_outside_of_ci_there_are_no_requests() -> None:
    assert not is_request_from_fork({"GITHUB_EVENT_NAME": "pull_request"})
