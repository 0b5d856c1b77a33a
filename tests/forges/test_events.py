"""Whether a run is one of a fork, by what its forge says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.forges.events import fork_of

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "bo/posts"}
GITLAB = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "bo/posts"}

EVENTS = {
    '{"repository": {"fork": true}}': "the repository that bo/posts is a fork of",
    '{"repository": {"fork": false}}': "",
    '{"repository": {"fork": "true"}}': "",
    '{"repository": []}': "",
    '{"pull_request": {"head": {"repo": {"fork": true}}}, "repository": {"fork": false}}': "",
    "[]": "",
    "{": "",
    "[" * 100_000: "",
    "\ud800": "",
}


@pytest.mark.parametrize("number", range(len(EVENTS)))
def test_github_says_it_in_the_event(tmp_path: Path, number: int) -> None:
    text, wanted = list(EVENTS.items())[number]
    event = tmp_path / "event.json"
    event.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert fork_of({**GITHUB, "GITHUB_EVENT_PATH": str(event)}) == wanted
    assert fork_of({"GITHUB_EVENT_PATH": str(event)}) == "", "only in a run of CI"


@pytest.mark.parametrize("path", ["", "/nowhere", "/", "\0"])
def test_an_event_that_is_not_there_says_nothing(path: str) -> None:
    assert fork_of({**GITHUB, "GITHUB_EVENT_PATH": path}) == ""


@pytest.mark.parametrize(
    ("target", "wanted"),
    [("acme/posts", "acme/posts, of which bo/posts is a fork,"), ("bo/posts", ""), ("", "")],
)
def test_gitlab_says_it_in_variables(target: str, wanted: str) -> None:
    assert fork_of({**GITLAB, "CI_MERGE_REQUEST_PROJECT_PATH": target}) == wanted
