"""The peculiarities of each forge: events, variables, apps, and repositories that moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.forges import Done, Forge, ForgeError, RunEvent, Trouble, detect, event_of, put
from plancast.reconcile.approvals import Marker
from plancast.testing.fakes import START, FakeClock
from tests.forges.stand_in import (
    HEAD,
    MOVED,
    SHA,
    Fault,
    GitHubStandIn,
    GitLabStandIn,
    serving,
)

KEY = "."
BODY = f"{Marker(KEY, 'f' * 64, HEAD)}\n\n### Plan\n"


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    made = GitHubStandIn()
    with serving(made):
        yield made


@pytest.fixture
def gitlab() -> Iterator[GitLabStandIn]:
    made = GitLabStandIn()
    with serving(made):
        yield made


def found(environ: dict[str, str], clock: FakeClock | None = None) -> Forge:
    forge = detect(environ, clock or FakeClock())
    assert forge is not None
    return forge


def place(forge: Forge, body: str = BODY) -> Done:
    request = forge.request()
    assert request is not None
    try:
        return put(forge, request, KEY, body, FakeClock()).done
    finally:
        forge.close()


# -- GitHub ----


@pytest.mark.parametrize(
    ("login", "app"),
    [("github-actions[bot]", True), ("our-app[bot]", True), ("a-person", False)],
)
def test_whoever_the_token_belongs_to_finds_the_comment_again(
    github: GitHubStandIn, tmp_path: Path, login: str, app: bool
) -> None:
    github.me, github.app = login, app
    environ = github.environ(tmp_path)
    assert place(found(environ)) is Done.CREATED
    assert place(found(environ), BODY + "more") is Done.EDITED
    assert len(github.bodies()) == 1


@pytest.mark.parametrize(
    "graphql",
    [
        Fault("POST", 403),
        Fault("POST", 404),
        Fault("POST", 200, body='{"errors": [{"type": "FORBIDDEN"}]}'),
        Fault("POST", 200, body='{"data": {"viewer": {"login": "github-actions"}}}'),
    ],
)
def test_a_token_that_may_not_ask_who_it_is_is_that_of_actions(
    github: GitHubStandIn, tmp_path: Path, graphql: Fault
) -> None:
    github.app = True
    github.write(github.me, BODY)
    github.faults.append(graphql)
    assert place(found(github.environ(tmp_path)), BODY + "more") is Done.EDITED


def test_a_repository_that_was_renamed_is_followed(github: GitHubStandIn, tmp_path: Path) -> None:
    environ = github.environ(tmp_path, repo="acme/old")
    assert place(found(environ)) is Done.CREATED
    assert len(github.bodies()) == 1
    assert ("POST", f"/api/v3/repositories/{MOVED}/issues/12/comments") in github.seen


def test_the_second_limit_is_waited_out_until_it_ends(
    github: GitHubStandIn, tmp_path: Path
) -> None:
    reset = str(int(START.timestamp()) + 30)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    github.faults.append(Fault("GET", 403, spent))
    clock = FakeClock()
    forge = found(github.environ(tmp_path), clock)
    request = forge.request()
    assert request is not None
    assert forge.comments(request) == ()
    assert clock.slept == [31.0]
    far = {**spent, "X-RateLimit-Reset": str(int(START.timestamp()) + 3000)}
    github.faults.append(Fault("GET", 403, far))
    with pytest.raises(ForgeError) as caught:
        forge.comments(request)
    assert caught.value.trouble is Trouble.BUSY
    forge.close()


def test_a_next_page_on_another_server_is_not_fetched(
    github: GitHubStandIn, tmp_path: Path
) -> None:
    with serving(GitHubStandIn()) as thief:
        forge = found(github.environ(tmp_path))
        request = forge.request()
        assert request is not None
        forge.comments(request)
        link = {"Link": f'<{thief.base}/user>; rel="next"'}
        github.faults.append(Fault("GET", 200, link, body="[]"))
        with pytest.raises(ForgeError, match="another server"):
            forge.comments(request)
        assert thief.seen == []
        forge.close()


def event(folder: Path, text: str) -> dict[str, str]:
    path = folder / "other.json"
    path.write_text(text, encoding="utf-8")
    return {"GITHUB_EVENT_PATH": str(path)}


def test_a_comment_on_a_pull_request_is_about_it(github: GitHubStandIn, tmp_path: Path) -> None:
    document = {"issue": {"number": 12, "pull_request": {}, "html_url": "https://x.example/12"}}
    document["issue"]["pull_request"] = {"url": "https://x.example/pulls/12"}
    environ = {**github.environ(tmp_path), **event(tmp_path, json.dumps(document))}
    request = found({**environ, "GITHUB_EVENT_NAME": "issue_comment"}).request()
    assert request is not None
    assert request.number == 12


@pytest.mark.parametrize("name", ["schedule", "merge_group", "release"])
def test_a_run_by_the_clock_is_about_no_pull_request(github: GitHubStandIn, name: str) -> None:
    """Else the check for drift would write over the receipt of whatever was merged last."""
    github.commits[SHA] = [github.merged()]
    environ = {**github.after_merge(), "GITHUB_EVENT_NAME": name}
    assert found(environ).request() is None
    assert github.seen == []


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "\udcff".encode("utf-8", "surrogateescape")]
)
def test_an_event_that_cannot_be_read_is_said(
    github: GitHubStandIn, tmp_path: Path, text: str | bytes
) -> None:
    environ = github.environ(tmp_path)
    Path(environ["GITHUB_EVENT_PATH"]).write_bytes(
        text if isinstance(text, bytes) else text.encode()
    )
    with pytest.raises(ForgeError, match="GITHUB_EVENT_PATH") as caught:
        found(environ).request()
    assert caught.value.trouble is Trouble.SETTING


def test_an_event_that_is_not_there_is_said(github: GitHubStandIn, tmp_path: Path) -> None:
    environ = {**github.environ(tmp_path), "GITHUB_EVENT_PATH": str(tmp_path / "none.json")}
    with pytest.raises(ForgeError, match=r"none\.json"):
        found(environ).request()


@pytest.mark.parametrize(
    "text", ["null", "[]", '{"pull_request": {"number": "12"}}', '{"pull_request": {"number": -1}}']
)
def test_an_event_of_another_kind_is_about_none(
    github: GitHubStandIn, tmp_path: Path, text: str
) -> None:
    environ = {**github.environ(tmp_path), **event(tmp_path, text)}
    assert found(environ).request() is None


@pytest.mark.parametrize("slug", ["", "acme", "../..", "acme/..", "acme/posts/x", "acme/po sts"])
def test_a_repository_that_is_none_is_said(
    github: GitHubStandIn, tmp_path: Path, slug: str
) -> None:
    forge = found(github.environ(tmp_path, repo=slug))
    with pytest.raises(ForgeError, match="GITHUB_REPOSITORY") as caught:
        place(forge)
    assert (caught.value.trouble, github.seen) == (Trouble.SETTING, [])


def test_a_fork_that_was_deleted_is_still_one(github: GitHubStandIn, tmp_path: Path) -> None:
    request = found(github.environ(tmp_path, fork=None)).request()
    assert request is not None
    assert request.foreign


# -- GitLab ----


def test_notes_of_the_system_are_no_comments(gitlab: GitLabStandIn, tmp_path: Path) -> None:
    gitlab.write(gitlab.me, BODY, system=True)
    assert place(found(gitlab.environ(tmp_path))) is Done.CREATED


def test_a_pipeline_of_a_fork_is_about_the_project_that_it_wants_into(
    gitlab: GitLabStandIn, tmp_path: Path
) -> None:
    place(found(gitlab.environ(tmp_path, fork="mallory/posts")))
    assert ("POST", "/api/v4/projects/7/merge_requests/12/notes") in gitlab.seen


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "\u0661\u0662"])
def test_a_number_that_is_none_leaves_it_to_the_commit(
    gitlab: GitLabStandIn, tmp_path: Path, number: str
) -> None:
    forge = found(gitlab.environ(tmp_path, CI_MERGE_REQUEST_IID=number))
    assert forge.request() is None
    assert gitlab.seen[-1][1].endswith(f"/commits/{SHA}/merge_requests")
    forge.close()


def test_a_pipeline_by_the_clock_is_about_no_merge_request(gitlab: GitLabStandIn) -> None:
    gitlab.commits[SHA] = [gitlab.merged()]
    assert found({**gitlab.after_merge(), "CI_PIPELINE_SOURCE": "schedule"}).request() is None
    assert gitlab.seen == []


@pytest.mark.parametrize("name", ["CI_API_V4_URL", "CI_PROJECT_ID"])
def test_what_the_ci_sets_must_be_there(gitlab: GitLabStandIn, name: str) -> None:
    environ = {key: value for key, value in gitlab.after_merge().items() if key != name}
    with pytest.raises(ForgeError, match=name) as caught:
        found(environ).request()
    assert caught.value.trouble is Trouble.SETTING


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "http://x"])
def test_the_page_of_the_run_is_an_https_address_or_none(
    gitlab: GitLabStandIn, tmp_path: Path, address: str
) -> None:
    assert found(gitlab.environ(tmp_path, CI_JOB_URL=address)).run == ""


# -- what was merged, and the addresses of files ----


def test_github_tells_what_was_merged_last(github: GitHubStandIn) -> None:
    github.closed = [github.merged(14), github.merged(13, merged=None), github.merged(12)]
    forge = found({**github.after_merge(), "GITHUB_REF_NAME": "main"})
    assert [item.number for item in forge.merged()] == [14, 12]
    forge.close()
    assert ("GET", "/api/v3/repos/acme/posts/pulls") in github.seen


def test_gitlab_tells_what_was_merged_last(gitlab: GitLabStandIn) -> None:
    gitlab.closed = [gitlab.merged(14), gitlab.merged(12)]
    forge = found({**gitlab.after_merge(), "CI_COMMIT_BRANCH": "main"})
    assert [item.number for item in forge.merged()] == [14, 12]
    forge.close()


def test_a_list_that_is_none_is_not_taken_for_nothing_merged(
    github: GitHubStandIn, gitlab: GitLabStandIn
) -> None:
    for made in (github, gitlab):
        made.faults = [Fault("GET", 200, body='{"a": 1}')]
        forge = found(made.after_merge())
        with pytest.raises(ForgeError) as error:
            forge.merged()
        assert error.value.trouble is Trouble.ODD
        forge.close()


def test_files_are_shown_at_the_commit_that_is_planned(
    github: GitHubStandIn, gitlab: GitLabStandIn, tmp_path: Path
) -> None:
    page = {"CI_PROJECT_URL": "https://gitlab.example/acme/posts"}
    of_a_request = found(github.environ(tmp_path))
    assert of_a_request.files == f"https://github.example/acme/posts/blob/{HEAD}"
    assert found(github.after_merge()).files == f"https://github.example/acme/posts/blob/{SHA}"
    at_gitlab = found({**gitlab.after_merge(), **page})
    assert at_gitlab.files == f"https://gitlab.example/acme/posts/-/blob/{SHA}"
    assert found({**github.after_merge(), "GITHUB_SERVER_URL": "http://x"}).files == ""
    assert found(gitlab.after_merge()).files == ""


# -- which branch, which event, and who ----

BRANCHES = {
    "a push": (
        {"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_NAME": "push"},
        "main",
        RunEvent.PUSH,
    ),
    "a tag with the name of a branch": (
        {"GITHUB_REF": "refs/tags/main", "GITHUB_EVENT_NAME": "workflow_dispatch"},
        "",
        RunEvent.PERSON,
    ),
    "a branch with a slash": (
        {"GITHUB_REF": "refs/heads/a/b", "GITHUB_EVENT_NAME": "schedule"},
        "a/b",
        RunEvent.CLOCK,
    ),
    "a merge queue": (
        {
            "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-12-abc",
            "GITHUB_EVENT_NAME": "merge_group",
        },
        "",
        RunEvent.OTHER,
    ),
    "a request": (
        {"GITHUB_REF": "refs/pull/12/merge", "GITHUB_EVENT_NAME": "pull_request"},
        "",
        RunEvent.REQUEST,
    ),
}


@pytest.mark.parametrize("case", BRANCHES)
def test_the_branch_of_a_run_is_that_of_its_full_ref(github: GitHubStandIn, case: str) -> None:
    environ, branch, event = BRANCHES[case]
    seen = {**github.after_merge(), **environ}
    forge = found(seen)
    assert (forge.branch, event_of(seen)) == (branch, event)


@pytest.mark.parametrize(
    ("source", "branch", "event"),
    [
        ("push", "main", RunEvent.PUSH),
        ("web", "main", RunEvent.PERSON),
        ("schedule", "main", RunEvent.CLOCK),
        ("merge_request_event", "", RunEvent.REQUEST),
        ("api", "main", RunEvent.OTHER),
    ],
)
def test_gitlab_names_the_branch_of_branches_alone(
    gitlab: GitLabStandIn, source: str, branch: str, event: RunEvent
) -> None:
    environ = {
        "CI_PIPELINE_SOURCE": source,
        "CI_COMMIT_BRANCH": branch,
        "CI_DEFAULT_BRANCH": "main",
    }
    seen = {**gitlab.after_merge(), **environ}
    forge = found(seen)
    assert (forge.branch, forge.default_branch, event_of(seen)) == (branch, "main", event)


@pytest.mark.parametrize(
    ("environ", "event"),
    [
        ({}, None),
        ({"GITHUB_EVENT_NAME": "schedule", "CI_PIPELINE_SOURCE": "schedule"}, None),
        ({"GITHUB_ACTIONS": "false", "GITHUB_EVENT_NAME": "schedule"}, None),
        ({"GITHUB_ACTIONS": "true"}, RunEvent.OTHER),
        ({"GITLAB_CI": "true", "GITHUB_EVENT_NAME": "schedule"}, RunEvent.OTHER),
        ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "schedule"}, RunEvent.CLOCK),
    ],
)
def test_an_event_is_one_of_the_ci_that_runs(
    environ: dict[str, str], event: RunEvent | None
) -> None:
    assert event_of(environ) is event


def test_github_says_in_its_event_what_the_default_branch_is(
    github: GitHubStandIn, tmp_path: Path
) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"repository": {"default_branch": "trunk"}}))
    environ = {**github.after_merge(), "GITHUB_EVENT_PATH": str(path)}
    assert found(environ).default_branch == "trunk"
    assert found(github.after_merge()).default_branch == ""


def test_who_repeats_a_run_is_who_runs_it(github: GitHubStandIn, gitlab: GitLabStandIn) -> None:
    environ = {"GITHUB_ACTOR": "ada", "GITHUB_TRIGGERING_ACTOR": "grace"}
    assert found({**github.after_merge(), **environ}).person == "grace"
    assert found({**gitlab.after_merge(), "GITLAB_USER_LOGIN": "ada"}).person == "ada"
