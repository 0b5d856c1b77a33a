"""Every job leaves a summary, however it ends; the merge that removes the last post is applied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ci.ci_repository import CiRepository, ci_repository, post
from tests.ci.gitlab_job import run
from tests.forges.stand_in import GitHubStandIn, GitLabStandIn

WRONG = "profiles: [x]\nschedule: tomorrow\ntext: </pre>@everyone\n"
ONE: dict[str, str | None] = {"posts/a.yaml": post("First.")}
REMOVED: dict[str, str | None] = {"posts/a.yaml": None}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[CiRepository]:
    with ci_repository(tmp_path, GitHubStandIn(app=True)) as found:
        settings = f"{(found.checkout('main') / 'plancast.yaml').read_text()}content: posts\n"
        found.push("main", {"plancast.yaml": settings, "posts/.keep": None})
        yield found


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[CiRepository]:
    with ci_repository(tmp_path, GitLabStandIn(me="project_7_bot")) as found:
        settings = f"{(found.checkout('main') / 'plancast.yaml').read_text()}content: posts\n"
        found.push("main", {"plancast.yaml": settings, "posts/.keep": None})
        yield found


def merged(repository: CiRepository, branch: str, files: dict[str, str | None]) -> None:
    """Plan a request, merge it, and apply the merge. GitHub."""
    repository.push(branch, files)
    planned = repository.run("plan", "plan", branch, "pull_request")
    assert planned.ok, planned.log
    assert ("PC702" in repository.comment()) is (None in files.values()), "its reviewers read it"
    repository.merge(branch)
    ready = repository.run("apply", "plan", "main", "push")
    assert ready.ok, ready.log
    done = repository.run("apply", "apply", "main", "push")
    assert done.ok, done.log
    assert done.summary.startswith("### ✅ Apply: 1 applied.")


@pytest.mark.night
def test_the_last_post_is_removed_on_github(github: CiRepository) -> None:
    repository = github
    merged(repository, "first", dict(ONE))
    assert repository.texts() == ["First."]
    repository.push("main", dict(REMOVED))
    unseen = repository.run("apply", "plan", "main", "push")
    assert not unseen.ok
    assert "Nothing was applied: not what was reviewed" in unseen.summary
    by_hand = repository.run("apply", "plan", "main", "workflow_dispatch")
    assert by_hand.outputs["reviewed"] == "", "without the id of a plan nothing is applied"
    night = repository.run("nightly", "drift", "main", "schedule")
    assert night.codes["plan"] == 4
    assert repository.run("nightly", "top-up", "main", "schedule").ok
    assert repository.texts() == ["First."]

    repository.push("main", dict(ONE))
    merged_back = repository.run("nightly", "drift", "main", "schedule")
    assert merged_back.ok, merged_back.log
    repository.forge.notes.clear()
    repository.forge.number = 13  # what the first one approved of is spent
    merged(repository, "last", dict(REMOVED))
    assert repository.texts() == []


def test_the_last_post_is_removed_on_gitlab(gitlab: CiRepository) -> None:
    repository = gitlab
    for branch, files, left in (("first", ONE, ["First."]), ("last", REMOVED, [])):
        repository.push(branch, dict(files))
        planned = run(repository, "plancast plan", branch, "merge_request_event")
        assert planned.code == 0, planned.log
        repository.merge(branch)
        done = run(repository, "plancast apply", "main", "push")
        assert done.code == 0, done.log
        assert repository.texts() == left
        assert "### ✅ Apply: 1 applied." in (done.files / "summary.md").read_text("utf-8")
        repository.forge.notes.clear()
        repository.forge.number += 1


def test_on_github_every_job_leaves_a_summary(github: CiRepository) -> None:
    repository = github
    repository.push("bad", {"posts/bad.yaml": WRONG})
    planned = repository.run("plan", "plan", "bad", "pull_request")
    assert planned.outcomes["plan"] == "skipped"
    assert planned.summary.startswith("### ❌ The files have errors: no plan was made\n\n<pre>\n")
    assert "error[PC401]" in planned.summary
    assert planned.summary.count("</pre>") == 1

    wrong = {"BUFFER_ACCESS_TOKEN": "a-token-that-nobody-knows"}
    refused = repository.run("plan", "plan", "main", "pull_request", secrets=wrong)
    assert refused.summary.startswith("### ❌ No plan could be made")
    assert "error[PC803]" in refused.summary
    for job in ("drift", "top-up"):
        failed = repository.run("nightly", job, "main", "schedule", secrets=wrong)
        assert not failed.ok
        assert "error[PC803]" in failed.summary

    nothing = repository.run("nightly", "top-up", "main", "schedule")
    assert nothing.ok, nothing.log
    assert nothing.summary.startswith("### ✅ Apply: nothing was to do.")


def test_on_gitlab_every_job_leaves_a_summary(gitlab: CiRepository) -> None:
    repository = gitlab
    repository.push("bad", {"posts/bad.yaml": WRONG})
    planned = run(repository, "plancast plan", "bad", "merge_request_event")
    assert planned.code == 1
    summary = (planned.files / "summary.md").read_text("utf-8")
    assert summary.startswith("### plancast plan: exit code 1\n\n<pre>\n")
    assert "error[PC401]" in summary
    assert summary.count("</pre>") == 1
    for job in ("plancast drift", "plancast top-up"):
        done = run(repository, job, "main", "schedule")
        assert done.code == 0, done.log
        summary = (done.files / "summary.md").read_text("utf-8")
        assert ("No changes." if "drift" in job else "nothing was to do") in summary
    repository.push("main", {"posts/a.yaml": post("Unseen.")})
    refused = run(repository, "plancast apply", "main", "push")
    assert refused.code == 4
    summary = (refused.files / "summary.md").read_text("utf-8")
    assert "1 to create" in summary
    assert "### plancast reviewed: exit code 0" in summary
