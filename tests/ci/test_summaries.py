"""Every job leaves a summary, however it ends; the merge that removes the last post is applied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ci.gitlab_job import run
from tests.ci.stage import Stage, post, stage
from tests.forges.stand_in import GitHubStandIn, GitLabStandIn

WRONG = "profiles: [x]\nschedule: tomorrow\ntext: </pre>@everyone\n"
ONE: dict[str, str | None] = {"posts/a.yaml": post("First.")}
GONE: dict[str, str | None] = {"posts/a.yaml": None}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, GitHubStandIn(app=True)) as found:
        settings = f"{(found.checkout('main') / 'plancast.yaml').read_text()}content: posts\n"
        found.push("main", {"plancast.yaml": settings, "posts/.keep": None})
        yield found


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, GitLabStandIn(me="project_7_bot")) as found:
        settings = f"{(found.checkout('main') / 'plancast.yaml').read_text()}content: posts\n"
        found.push("main", {"plancast.yaml": settings, "posts/.keep": None})
        yield found


def merged(here: Stage, branch: str, files: dict[str, str | None]) -> None:
    """Plan a request, merge it, and apply the merge. GitHub."""
    here.push(branch, files)
    planned = here.run("plan", "plan", branch, "pull_request")
    assert planned.ok, planned.log
    assert ("PC702" in here.comment()) is (None in files.values()), "its reviewers read it"
    here.merge(branch)
    ready = here.run("apply", "plan", "main", "push")
    assert ready.ok, ready.log
    done = here.run("apply", "apply", "main", "push")
    assert done.ok, done.log
    assert done.summary.startswith("### ✅ Apply: 1 applied.")


@pytest.mark.night
def test_the_last_post_is_removed_on_github(github: Stage) -> None:
    here = github
    merged(here, "first", dict(ONE))
    assert here.texts() == ["First."]
    here.push("main", dict(GONE))
    unseen = here.run("apply", "plan", "main", "push")
    assert not unseen.ok
    assert "Nothing was applied: not what was reviewed" in unseen.summary
    by_hand = here.run("apply", "plan", "main", "workflow_dispatch")
    assert by_hand.outputs["reviewed"] == "", "without the id of a plan nothing is applied"
    night = here.run("nightly", "drift", "main", "schedule")
    assert night.codes["plan"] == 4
    assert here.run("nightly", "top-up", "main", "schedule").ok
    assert here.texts() == ["First."]

    here.push("main", dict(ONE))
    merged_back = here.run("nightly", "drift", "main", "schedule")
    assert merged_back.ok, merged_back.log
    here.forge.notes.clear()
    here.forge.number = 13  # what the first one approved of is spent
    merged(here, "last", dict(GONE))
    assert here.texts() == []


def test_the_last_post_is_removed_on_gitlab(gitlab: Stage) -> None:
    here = gitlab
    for branch, files, left in (("first", ONE, ["First."]), ("last", GONE, [])):
        here.push(branch, dict(files))
        planned = run(here, "plancast plan", branch, "merge_request_event")
        assert planned.code == 0, planned.log
        here.merge(branch)
        done = run(here, "plancast apply", "main", "push")
        assert done.code == 0, done.log
        assert here.texts() == left
        assert "### ✅ Apply: 1 applied." in (done.files / "summary.md").read_text("utf-8")
        here.forge.notes.clear()
        here.forge.number += 1


def test_on_github_every_job_leaves_a_summary(github: Stage) -> None:
    here = github
    here.push("bad", {"posts/bad.yaml": WRONG})
    planned = here.run("plan", "plan", "bad", "pull_request")
    assert planned.outcomes["plan"] == "skipped"
    assert planned.summary.startswith("### ❌ The files have errors: no plan was made\n\n<pre>\n")
    assert "error[PC401]" in planned.summary
    assert planned.summary.count("</pre>") == 1

    wrong = {"BUFFER_ACCESS_TOKEN": "a-token-that-nobody-knows"}
    refused = here.run("plan", "plan", "main", "pull_request", secrets=wrong)
    assert refused.summary.startswith("### ❌ No plan could be made")
    assert "error[PC803]" in refused.summary
    for job in ("drift", "top-up"):
        failed = here.run("nightly", job, "main", "schedule", secrets=wrong)
        assert not failed.ok
        assert "error[PC803]" in failed.summary

    nothing = here.run("nightly", "top-up", "main", "schedule")
    assert nothing.ok, nothing.log
    assert nothing.summary.startswith("### ✅ Apply: nothing was to do.")


def test_on_gitlab_every_job_leaves_a_summary(gitlab: Stage) -> None:
    here = gitlab
    here.push("bad", {"posts/bad.yaml": WRONG})
    planned = run(here, "plancast plan", "bad", "merge_request_event")
    assert planned.code == 1
    summary = (planned.files / "summary.md").read_text("utf-8")
    assert summary.startswith("### plancast plan: exit code 1\n\n<pre>\n")
    assert "error[PC401]" in summary
    assert summary.count("</pre>") == 1
    for job in ("plancast drift", "plancast top-up"):
        done = run(here, job, "main", "schedule")
        assert done.code == 0, done.log
        summary = (done.files / "summary.md").read_text("utf-8")
        assert ("No changes." if "drift" in job else "nothing was to do") in summary
    here.push("main", {"posts/a.yaml": post("Unseen.")})
    refused = run(here, "plancast apply", "main", "push")
    assert refused.code == 4
    summary = (refused.files / "summary.md").read_text("utf-8")
    assert "1 to create" in summary
    assert "### plancast reviewed: exit code 0" in summary
