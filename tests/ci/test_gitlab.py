"""The template for GitLab: its script in a real shell, from a merge request to the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import plancast
from tests.ci.ci_repository import CiRepository, ci_repository, post
from tests.ci.gitlab_job import document, run
from tests.ci.runner import ROOT
from tests.forges.stand_in import GitLabStandIn

TEMPLATE = ROOT / "ci" / "gitlab-ci.yml"
FILES: dict[str, str | None] = {
    "posts/a.yaml": post("First."),
    "posts/b.yaml": post("Second.", 6, "li"),
}


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[CiRepository]:
    with ci_repository(tmp_path, GitLabStandIn(me="project_7_bot")) as found:
        yield found


def test_a_merge_request_behind_its_target_is_planned_as_the_merge_will_be(
    repository: CiRepository,
) -> None:
    repository.push("mine", {"posts/mine.yaml": post("Mine.", 8)})
    repository.push("main", FILES)
    assert run(repository, "plancast plan", "mine", "merge_request_event").code == 0
    assert "Plan: 3 to create, 0 to update, 0 to destroy." in repository.comment()


def test_a_conflict_with_the_target_is_called_one(repository: CiRepository) -> None:
    repository.push("mine", {"posts/a.yaml": post("Mine.", 8)})
    repository.push("main", {"posts/a.yaml": post("Theirs.", 9)})
    planned = run(repository, "plancast plan", "mine", "merge_request_event")
    assert planned.code == 1
    assert "It conflicts with main, so there is no plan of the merge" in planned.log


def test_mistakes_stand_in_the_comment(repository: CiRepository) -> None:
    repository.push("bad", {"posts/bad.yaml": "profiles: [x]\nschedule: tomorrow\ntext: Hello.\n"})
    planned = run(repository, "plancast plan", "bad", "merge_request_event")
    assert planned.code == 1
    assert "No plan: 1 error in the files" in repository.comment()


def test_it_installs_this_version_and_serialises_what_changes_the_queue() -> None:
    template = document()
    script = "\n".join(template[".plancast"]["before_script"])
    assert f'"plancast=={plancast.__version__}"' in script
    assert template[".plancast"]["interruptible"] is False
    changing = ("plancast apply", "plancast top-up")
    assert {template[name]["resource_group"] for name in changing} == {"plancast"}
    quiet = ("plancast plan", "plancast drift")
    assert [name for name in quiet if "resource_group" in template[name]] == []
