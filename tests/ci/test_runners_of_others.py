"""The files of `init --ci`, run by `act` and `gitlab-ci-local`: from a request to the night.

One story for each, since every chapter begins with what the one before left. Titles and names of
branches try to run; so do the files of the checkout (hostile.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ci import hostile
from tests.ci.ci_repository import CiRepository, ci_repository, post
from tests.ci.runners_of_others import Run, github_run, gitlab_run, install_workflows, program
from tests.forges.stand_in import GitHubStandIn, GitLabStandIn

pytestmark = [pytest.mark.clients, pytest.mark.stories(3)]

COMMANDS = "::add-path::/hostile\n::set-env name=BASH_ENV::/hostile\n::set-output name=reviewed::no"
FILES: dict[str, str | None] = {
    "posts/a.yaml": post(f"First.\n{COMMANDS}"),
    "posts/b.yaml": post("Second.", 6, "li"),
}
TEXTS = [f"First.\n{COMMANDS}", "Second."]
UNSEEN: dict[str, str | None] = {"posts/c.yaml": post("Unseen.", 7)}
INCLUDE = {".gitlab-ci.yml": "include: {local: .gitlab/plancast.yml}\n"}
UNSAFE = """\
on: pull_request
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.pull_request.title }}"
"""


@pytest.fixture
def github(tmp_path: Path) -> Iterator[CiRepository]:
    program("act")
    with ci_repository(tmp_path, GitHubStandIn(app=True)) as found:
        install_workflows(found, "github", {})
        yield found


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[CiRepository]:
    program("gitlab-ci-local")
    program("rsync")
    with ci_repository(tmp_path, GitLabStandIn(me="project_7_bot")) as found:
        install_workflows(found, "gitlab", INCLUDE)
        yield found


def canary(repository: CiRepository, word: str) -> str:
    """A shell command without a blank that leaves a word in the canary file."""
    return f"$(echo${{IFS}}{word}>>{repository.folder}/canary.txt)"


def plan_named(run: Run) -> str:
    """The id of the plan that a run shows to a person."""
    found = re.search(r"the id of the plan, ([0-9a-f]{32})", run.log)
    assert found is not None, run.log
    return found[1]


def test_act_runs_the_workflows_from_a_pull_request_to_the_night(github: CiRepository) -> None:
    repository = github
    branch = f"fix/{canary(repository, 'branch')}"
    title = f'"; {canary(repository, "title")} #'
    repository.push(branch, FILES)
    planned = github_run(
        repository, "pull_request", branch, {"title": title, "head": {"ref": branch}}
    )
    assert planned.jobs == {"Plan": "success"}, planned.log
    assert "Plan: 2 to create, 0 to update, 0 to destroy." in repository.comment()
    assert repository.texts() == []
    only_ours_are_obeyed(planned)

    repository.merge(branch)
    merged = github_run(repository, "push", "main")
    assert merged.jobs == {"Plan": "success", "Apply": "success"}, merged.log
    assert repository.texts() == TEXTS
    assert "### ✅ Apply: 2 applied." in repository.comment()
    only_ours_are_obeyed(merged)

    repository.push("main", UNSEEN)
    refused = github_run(repository, "push", "main")
    assert refused.jobs == {"Plan": "failure"}, refused.log
    assert repository.texts() == TEXTS
    by_hand = github_run(repository, "workflow_dispatch", "main", plan=plan_named(refused))
    assert by_hand.jobs == {"Plan": "success", "Apply": "success"}, by_hand.log
    assert repository.texts() == [*TEXTS, "Unseen."]

    repository.world.person_edit(repository.live()[1].id, text="Edited by hand.")
    night = github_run(repository, "schedule", "main")
    assert night.jobs == {"Drift and status": "failure", "Top up full queues": "success"}
    assert "Edited by hand." in repository.texts()


def only_ours_are_obeyed(run: Run) -> None:
    """Assert that the runner was given paths, outputs and summaries by our steps alone."""
    assert [line for line in run.commands if "hostile" in line] == []
    assert {line.partition(" ")[0] for line in run.commands} >= {"add-path", "stop-commands"}


def test_act_would_run_a_title_if_a_workflow_let_it(tmp_path: Path) -> None:
    """Without this the test above could pass because its titles are harmless."""
    program("act")
    with ci_repository(tmp_path, GitHubStandIn(app=True)) as repository:
        repository.push("main", {".github/workflows/unsafe.yml": UNSAFE})
        repository.push("branch", FILES)
        title = f'"; {canary(repository, "title")} #'
        ended = github_run(repository, "pull_request", "branch", {"title": title})
        assert ended.jobs == {"greet": "success"}, ended.log
        assert hostile.ran(repository.folder) == ["title"]
        (repository.folder / "canary.txt").unlink()


def test_gitlab_ci_local_runs_the_template_from_a_merge_request_to_the_night(
    gitlab: CiRepository,
) -> None:
    repository = gitlab
    branch = f"fix/{canary(repository, 'branch')}"
    title = f'"; {canary(repository, "title")} #'
    repository.push(branch, FILES)
    names = {
        "CI_COMMIT_REF_NAME": branch,
        "CI_COMMIT_TITLE": title,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": branch,
        "CI_MERGE_REQUEST_TITLE": title,
    }
    planned = gitlab_run(repository, "merge_request_event", branch, names)
    assert planned.jobs == {"plancast plan": "PASS"}, planned.log
    assert "Plan: 2 to create, 0 to update, 0 to destroy." in repository.comment()
    assert repository.texts() == []

    repository.merge(branch)
    merged = gitlab_run(repository, "push", "main", {"CI_COMMIT_TITLE": title})
    assert merged.jobs == {"plancast apply": "PASS"}, merged.log
    assert repository.texts() == TEXTS
    assert "Apply: 2 applied." in repository.comment()

    repository.push("main", UNSEEN)
    refused = gitlab_run(repository, "push", "main")
    assert refused.jobs == {"plancast apply": "FAIL"}, refused.log
    assert repository.texts() == TEXTS
    by_hand = gitlab_run(repository, "web", "main", {"PLANCAST_PLAN": plan_named(refused)})
    assert by_hand.jobs == {"plancast apply": "PASS"}, by_hand.log
    assert repository.texts() == [*TEXTS, "Unseen."]

    repository.world.person_edit(repository.live()[1].id, text="Edited by hand.")
    night = gitlab_run(repository, "schedule", "main")
    assert night.jobs == {"plancast drift": "FAIL", "plancast top-up": "PASS"}, night.log
    assert "Edited by hand." in repository.texts()
