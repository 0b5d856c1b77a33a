"""`plancast comment`: its text, its place on the request, and its message if it cannot comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from plancast.files.named_file import NamedFile
from plancast.model.plan import Plan
from plancast.reconcile.approvals import Marker, marks_in
from plancast.render.markdown import render
from plancast.store.plan_file import save
from plancast.testing import builders
from plancast.testing.builders import change, entry
from tests import strategies
from tests.commands.workspace_dir import WorkspaceDir, post
from tests.forges.stand_in import HEAD, SHA, TOKEN, Fault, GitHubStandIn, GitLabStandIn, serving
from tests.render.rendering import options

StandIns = GitHubStandIn | GitLabStandIn


pytestmark = pytest.mark.part(4)


@pytest.fixture(params=[GitHubStandIn, GitLabStandIn], ids=["github", "gitlab"])
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIns]:
    made: StandIns = request.param()
    with serving(made):
        yield made


@pytest.fixture
def workspace(stand_in: StandIns, tmp_path: Path) -> WorkspaceDir:
    """A workspace at the top of a checkout, in a run for the request."""
    (tmp_path / "posts" / ".git").mkdir(parents=True)
    workspace = WorkspaceDir.tiny(tmp_path / "posts", a=post("Hello."), b=post("There.", on="li"))
    workspace.environ = stand_in.environ(tmp_path)
    return workspace


def planned(workspace: WorkspaceDir) -> WorkspaceDir:
    saved = workspace.run("plan", "-o", "plan.json")
    assert saved.code == 0, saved.err
    return workspace


def at_home(workspace: WorkspaceDir) -> WorkspaceDir:
    """The same workspace without a CI around it, whose applies are bound to the tip."""
    return replace(workspace, environ={})


def marker(stand_in: StandIns) -> Marker:
    """That of the only comment."""
    (body,) = stand_in.bodies()
    found = Marker.parse(body)
    assert found is not None
    return found


# -- the plan ----


def test_the_plan_becomes_a_comment_and_its_address_is_the_result(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    done = planned(workspace).run("comment", "plan.json")
    assert done.code == 0, done.err
    assert re.fullmatch(r"https://[a-z]+\.example/\S+12#\w+[-_]1000\n", done.out)
    assert re.search(r"^Commented on (pull|merge) request 12\.$", done.err, re.MULTILINE)
    (body,) = stand_in.bodies()
    assert "Plan: 2 to create" in body
    assert "a@x" in body
    assert HEAD[:10] in body
    assert "/77" in body, "the address of the run"
    assert (marker(stand_in).key, marker(stand_in).revision) == (".", HEAD)
    assert len(marker(stand_in).plan) == 32


def test_the_next_plan_is_put_into_the_same_comment(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    planned(workspace).run("comment", "plan.json")
    before = marker(stand_in)
    workspace.write("c.yaml", post("More.", "2026-12-03 09:30"))
    done = planned(workspace).run("comment", "plan.json")
    assert (done.code, len(stand_in.notes)) == (0, 1), done.err
    assert "Plan: 3 to create" in stand_in.bodies()[0]
    assert marker(stand_in).plan != before.plan
    again = workspace.run("comment", "plan.json")
    assert "reads like this already" in again.err
    assert len(stand_in.sent()) == 2


def test_workspaces_of_one_repository_have_a_comment_each(
    stand_in: StandIns, tmp_path: Path
) -> None:
    (tmp_path / "top" / ".git").mkdir(parents=True)
    for name in ("brands/acme", "brands/cafè --> x"):
        workspace = WorkspaceDir.tiny(tmp_path / "top" / name, a=post())
        workspace.environ = stand_in.environ(tmp_path)
        assert planned(workspace).run("comment", "plan.json").code == 0
        assert workspace.run("comment", "plan.json").code == 0
    keys = [found.key for body in stand_in.bodies() if (found := Marker.parse(body))]
    assert keys == ["brands/acme", "brands/caf%C3%A8%20-%2D%3E%20x"]


def test_a_plan_that_is_too_long_for_a_comment_is_cut_to_fit(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    long = entry("🦊 " * 900)
    changes = [change(address=f"p{number:03d}@acme-x", after=long) for number in range(400)]
    save(NamedFile(workspace.folder / "plan.json"), builders.plan(*changes))
    done = workspace.run("comment", "plan.json")
    assert done.code == 0, done.err
    limit = 65_536 if stand_in.kind == "github" else 1_000_000
    size = len(stand_in.bodies()[0].encode("utf-16-le")) // 2
    assert limit // 2 < size <= limit
    assert marker(stand_in).plan


def test_what_a_comment_has_no_line_for_is_not_approved(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    number = 300 if stand_in.kind == "github" else 4_000
    long = "post" * 60  # so that fewer lines than posts have room
    changes = [
        change(address=f"{long}-{one:06d}@acme-x", after=entry(str(one))) for one in range(number)
    ]
    for shown, approved in ((changes[:20], 20), (changes, 0)):
        save(NamedFile(workspace.folder / "plan.json"), builders.plan(*shown))
        assert workspace.run("comment", "plan.json").code == 0
        body = stand_in.bodies()[0]
        assert marker(stand_in).plan
        assert len(marks_in(body)) == approved


@given(strategies.plans())
def test_no_text_of_others_becomes_an_order_for_a_forge(plan: Plan) -> None:
    """GitLab obeys lines such as `/merge` in a comment, and a marker stands at its beginning."""
    lines = render(plan, options()).split("\n")
    assert not [line for line in lines if line.lstrip().startswith("/")]
    assert not [line for line in lines if "<!--" in line]


# -- the problems ----


def test_without_a_plan_it_says_what_is_wrong_with_the_files(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    workspace.write("a.yaml", post(at="soon"))
    done = workspace.run("comment")
    assert done.code == 0, done.err
    (body,) = stand_in.bodies()
    assert "1 error in the files" in body
    assert "a.yaml:2" in body
    assert marker(stand_in) == Marker(".", "", HEAD)


def test_files_in_order_and_still_no_plan(workspace: WorkspaceDir, stand_in: StandIns) -> None:
    assert workspace.run("comment").code == 0
    assert "No plan could be made" in stand_in.bodies()[0]


@pytest.mark.parametrize("text", ["", "version: [", "version: 1\nprofiles: 3\n"])
def test_a_broken_workspace_is_a_problem_like_others(
    workspace: WorkspaceDir, stand_in: StandIns, text: str
) -> None:
    workspace.write("plancast.yaml", text)
    assert workspace.run("comment").code == 0
    assert "No plan" in stand_in.bodies()[0]


def test_where_there_is_no_workspace_the_comment_says_so(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    (workspace.folder / "plancast.yaml").unlink()
    assert workspace.run("comment").code == 0
    assert "PC001" in stand_in.bodies()[0]


def test_a_plan_takes_the_place_of_the_problems(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    workspace.write("a.yaml", post(at="soon"))
    workspace.run("comment")
    workspace.write("a.yaml", post())
    assert planned(workspace).run("comment", "plan.json").code == 0
    assert len(stand_in.notes) == 1
    assert "Plan: 2 to create" in stand_in.bodies()[0]


def test_what_was_merged_before_it_was_shown_is_not_commented_on(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    """The run of a request ends after the merge, so no reviewer has read its comment."""
    planned(workspace)
    stand_in.closed.append(stand_in.merged())
    done = workspace.run("comment", "plan.json")
    assert (done.code, stand_in.bodies()) == (0, [])
    assert "was merged or closed before it could show this plan" in done.err


def test_a_comment_that_was_shown_stays_if_its_run_is_repeated_later(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    planned(workspace).run("comment", "plan.json")
    before = stand_in.bodies()
    stand_in.closed.append(stand_in.merged())
    workspace.write("b.yaml", post("Another one."))
    planned(workspace).run("comment", "plan.json")
    assert stand_in.bodies() == before


def test_what_is_merged_while_it_is_shown_is_not_approved(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    stand_in.in_a_hurry = True
    done = planned(workspace).run("comment", "plan.json")
    assert done.code == 0, done.err
    (body,) = stand_in.bodies()
    assert marks_in(body) == frozenset()
    assert "merged before this was shown" in body
    assert "Plan: 2 to create" in body


# -- the receipt ----


def merged(workspace: WorkspaceDir, stand_in: StandIns) -> WorkspaceDir:
    """The run after the merge, its plan saved."""
    planned(workspace).run("comment", "plan.json")
    stand_in.commits[SHA] = [stand_in.merged()]
    workspace.environ = stand_in.after_merge()
    return planned(workspace)


def test_after_the_merge_the_comment_becomes_the_receipt(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    merged(workspace, stand_in)
    before = marker(stand_in)
    assert at_home(workspace).run("apply", "plan.json", "--json-into", "events.jsonl").code == 0
    done = workspace.run("comment", "plan.json", "--events", "events.jsonl")
    assert done.code == 0, done.err
    (body,) = stand_in.bodies()
    assert "Apply: 2 applied." in body
    assert SHA[:10] in body
    assert (marker(stand_in).plan, marker(stand_in).revision) == (before.plan, SHA)
    assert "PC829" not in done.err


@pytest.mark.parametrize(
    ("events", "head", "warned"),
    [
        ("", "2 not attempted", False),
        ('{"event": "apply_started", "at": "2026-11-30T08:00:00Z"', "2 unknown", True),
        (None, "2 unknown", True),
    ],
    ids=["empty", "torn", "missing"],
)
def test_a_receipt_says_what_is_known(
    workspace: WorkspaceDir, stand_in: StandIns, events: str | None, head: str, warned: bool
) -> None:
    merged(workspace, stand_in)
    if events is not None:
        workspace.write("events.jsonl", events)
    done = workspace.run("comment", "plan.json", "--events", "events.jsonl")
    assert done.code == 0, done.err
    assert f"Apply: {head}." in stand_in.bodies()[0]
    assert ("PC829" in done.codes) is warned


def test_events_alone_are_about_nothing(workspace: WorkspaceDir, stand_in: StandIns) -> None:
    done = workspace.run("comment", "--events", "events.jsonl")
    assert (done.code, done.codes, stand_in.seen) == (1, ["PC608"], [])


# -- no request to comment on, or no right to ----


def test_a_push_without_a_request_is_no_error(workspace: WorkspaceDir, stand_in: StandIns) -> None:
    planned(workspace)
    workspace.environ = stand_in.after_merge()
    done = workspace.run("comment", "plan.json")
    assert (done.code, done.out, stand_in.notes) == (0, "", [])
    assert "nothing to comment on" in done.err


def test_outside_of_a_ci_it_says_so(workspace: WorkspaceDir) -> None:
    planned(workspace).environ = {}
    for arguments in (("comment", "plan.json"), ("comment",), ("reviewed", "plan.json")):
        done = workspace.run(*arguments)
        assert (done.code, done.errors) == (1, ["PC820"])


@pytest.mark.parametrize("fork", ["", "mallory/posts"])
@pytest.mark.parametrize("way", ["read-only", "no token"])
def test_a_token_that_may_not_write_is_an_error_and_on_a_fork_a_matter_of_course(
    workspace: WorkspaceDir, stand_in: StandIns, tmp_path: Path, fork: str, way: str
) -> None:
    name = "GITHUB_TOKEN" if stand_in.kind == "github" else "GITLAB_TOKEN"
    stand_in.read_only = way == "read-only"
    environ = stand_in.environ(tmp_path, fork=fork)
    workspace.environ = {**environ, name: TOKEN if stand_in.read_only else ""}
    done = planned(workspace).run("comment", "plan.json")
    if fork:
        assert (done.code, done.out, done.codes) == (0, "", [])
        assert "comes from a fork" in done.err
    else:
        expected = "PC823" if stand_in.read_only else "PC821"
        assert (done.code, done.errors) == (1, [expected])
        assert re.search(r"hint: (Give|Set) .*GIT(HUB|LAB)_TOKEN|permissions:", done.err)
    assert stand_in.notes == []


def test_a_refused_token_is_told_and_not_shown(
    workspace: WorkspaceDir, stand_in: StandIns, tmp_path: Path
) -> None:
    name = "GITHUB_TOKEN" if stand_in.kind == "github" else "GITLAB_TOKEN"
    workspace.environ = stand_in.environ(tmp_path, **{name: "wrong-0123456789"})
    done = planned(workspace).run("comment", "plan.json")
    assert (done.code, done.errors) == (1, ["PC822"])
    assert "wrong-0123456789" not in done.out + done.err
    assert "(token)" in done.err


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("GET", 429, {"Retry-After": "9999"}), "PC828"),
        (Fault("POST", 422, body='{"message": "\\u001b[2J says no"}'), "PC828"),
        (Fault("GET", 200, body="<html>"), "PC825"),
    ],
)
def test_what_a_forge_answers_is_a_diagnostic(
    workspace: WorkspaceDir, stand_in: StandIns, fault: Fault, code: str
) -> None:
    stand_in.faults.append(fault)
    done = planned(workspace).run("comment", "plan.json")
    assert (done.code, done.errors) == (1, [code])
    assert "\x1b" not in done.err


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("URL", "http://forge.example/api", "PC826"), ("REPO", "", "PC827")],
)
def test_an_environment_that_no_ci_makes_is_told(
    workspace: WorkspaceDir, stand_in: StandIns, name: str, value: str, code: str
) -> None:
    names = {
        "github": {"URL": "GITHUB_API_URL", "REPO": "GITHUB_REPOSITORY"},
        "gitlab": {"URL": "CI_API_V4_URL", "REPO": "CI_MERGE_REQUEST_PROJECT_ID"},
    }[stand_in.kind]
    workspace.environ = {**workspace.environ, names[name]: value}
    if stand_in.kind == "gitlab" and name == "REPO":
        workspace.environ = {**workspace.environ, "CI_PROJECT_ID": ""}
    done = planned(workspace).run("comment", "plan.json")
    assert (done.code, done.errors) == (1, [code])
    assert stand_in.notes == []


def test_a_plan_that_cannot_be_read_sends_nothing(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    done = workspace.run("comment", "none.json")
    assert (done.code, done.errors, stand_in.seen) == (1, ["PC608"], [])


def test_a_request_that_changes_no_post_is_not_commented_on(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    assert at_home(workspace).apply().code == 0
    done = planned(workspace).run("comment", "plan.json")
    assert (done.code, done.out, stand_in.bodies()) == (0, "", [])
    assert "12 changes no post." in done.err


def test_what_was_said_before_is_set_right_where_nothing_changes_any_more(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    planned(workspace).run("comment", "plan.json")
    assert at_home(workspace).apply().code == 0
    assert planned(workspace).run("comment", "plan.json").code == 0
    (body,) = stand_in.bodies()
    assert "No changes." in body


def test_what_it_says_goes_to_a_file_as_well_also_without_a_request(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    summary = workspace.folder.parent / "summary.md"
    summary.write_text("Before.\n", encoding="utf-8")
    stand_in.commits.clear()
    workspace.environ = stand_in.after_merge()
    done = planned(workspace).run("comment", "plan.json", "--also", "../summary.md")
    assert done.code == 0, done.err
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("Before.\n### Plan: 2 to create")
    assert "<!--" not in text
    assert workspace.run("comment", "plan.json", "--also", "no/such/file").codes == ["PC007"]


def test_files_are_linked_at_the_commit_that_was_planned(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    workspace.environ = {**workspace.environ, "CI_PROJECT_URL": "https://gitlab.example/acme/posts"}
    planned(workspace).run("comment", "plan.json")
    (body,) = stand_in.bodies()
    assert re.search(rf'href="https://[^"]*/blob/{HEAD}/a\.yaml#L1"', body)
