"""The template for GitLab: its script in a real shell, from a merge request to the receipt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import plancast
from tests.ci.runner import ROOT, bash, installed
from tests.ci.stage import BUFFER, Stage, post, stage
from tests.forges.stand_in import TOKEN, GitLabStandIn
from tests.store.gits import git

TEMPLATE = ROOT / "ci" / "gitlab-ci.yml"
FILES: dict[str, str | None] = {
    "posts/a.yaml": post("First."),
    "posts/b.yaml": post("Second.", 6, "li"),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, GitLabStandIn(me="project_7_bot")) as found:
        yield found


@dataclass(frozen=True)
class Done:
    code: int
    log: str
    files: Path


def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    return found


def run(
    here: Stage,
    name: str,
    branch: str,
    source: str,
    *,
    fork: bool = False,
    plan: str = "",
    at: str = "",
) -> Done:
    """Run a job of the template as a runner does: one shell for `before_script` and `script`.

    Nothing is installed: a Python that has plancast stands where it would have been. `plan` is the
    id that a person gives, `at` the commit of a pipeline that is repeated.
    """
    assert isinstance(here.forge, GitLabStandIn)
    template = document()
    base, job = template[".plancast"], template[name]
    machine = here.job(branch, {}, {}, at)
    temp = here.folder / f"temp-{machine.checkout.name}"
    installed(here.folder / "venv")
    before = replaced(base["before_script"], f'ln -s "{here.folder}/venv" "$work/venv"')
    request = here.forge.environ(here.folder) if "merge_request" in source else {}
    secrets = {} if fork else here.secrets
    environ = {
        **machine.environ,
        **(request or here.forge.after_merge()),
        **{key: str(value).replace("$$", "$") for key, value in base["variables"].items()},
        **secrets,
        "CI": "true",
        "CI_PIPELINE_SOURCE": source,
        "CI_PROJECT_DIR": str(machine.checkout),
        "CI_PROJECT_URL": f"file://{here.remote.folder}".removesuffix(".git"),
        "CI_DEFAULT_BRANCH": "main",
        **({"PLANCAST_PLAN": plan} if plan else {}),
        **of_the_source(here, machine.checkout, branch, source),
        "CI_SERVER_URL": "https://gitlab.example",
        "TMPDIR": str(temp),
    }
    if fork:
        environ.pop("GITLAB_TOKEN")
    script = here.folder / "script.sh"
    script.write_text("\n".join([*before, *job["script"]]) + "\n", encoding="utf-8")
    done = bash(script, machine.checkout, environ)
    artifacts = machine.checkout / ".plancast-out"
    assert not artifacts.is_symlink()
    left = [path.name for path in temp.iterdir() if path.name != "plancast.venv"]
    assert left == [], "the temporary folder is removed"
    return Done(done.returncode, done.stdout, artifacts)


def of_the_source(here: Stage, checkout: Path, branch: str, source: str) -> dict[str, str]:
    """What a pipeline knows of its commit, or of its merge request."""
    if "merge_request" in source:
        git(checkout, "fetch", "-q", "--unshallow")  # GIT_DEPTH is 0
        return {
            "CI_MERGE_REQUEST_PROJECT_URL": f"file://{here.remote.folder}".removesuffix(".git"),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        }
    return {"CI_COMMIT_SHA": git(checkout, "rev-parse", "HEAD"), "CI_COMMIT_BRANCH": branch}


def replaced(before_script: list[str], line: str) -> list[str]:
    """The script with a line in the place of its part that installs."""
    installing = [part for part in before_script if "-m venv" in part]
    assert len(installing) == 1
    return [line if part in installing else part for part in before_script]


def test_from_a_merge_request_to_the_receipt_and_through_the_night(here: Stage) -> None:
    here.push("first", FILES)
    planned = run(here, "plancast plan", "first", "merge_request_event")
    assert planned.code == 0, planned.log
    assert "Plan: 2 to create" in here.comment()
    assert (planned.files / "preview.html").is_file()

    here.merge("first")
    done = run(here, "plancast apply", "main", "push")
    assert done.code == 0, done.log
    assert here.texts() == ["First.", "Second."]
    assert "Apply: 2 applied." in here.comment()
    again = run(here, "plancast apply", "main", "push")
    assert again.code == 0, again.log
    assert len(here.live()) == 2

    assert run(here, "plancast drift", "main", "schedule").code == 0
    assert run(here, "plancast top-up", "main", "schedule").code == 0
    here.world.person_edit(here.live()[0].id, text="Edited by hand.")
    loud = run(here, "plancast drift", "main", "schedule")
    assert loud.code == 2
    assert "all is well" not in loud.log
    assert "The files ask for changes: 1 to update." in loud.log
    assert "plancast apply /" not in planned.log + done.log + loud.log, "it is out of reach by then"
    assert "Edited by hand." in here.texts()


def test_what_nobody_reviewed_is_refused_until_a_pipeline_is_run_by_hand(here: Stage) -> None:
    here.push("main", FILES)
    refused = run(here, "plancast apply", "main", "push")
    assert refused.code == 4, refused.log
    assert "Not what was reviewed (unknown)" in refused.log
    assert here.texts() == []
    only = run(here, "plancast apply", "main", "web")
    assert only.code == 0, only.log
    assert here.texts() == [], "without the id of a plan it is only shown"
    (named,) = re.findall(r"The plan is ([0-9a-f]{32}) by now", only.log)
    by_hand = run(here, "plancast apply", "main", "web", plan=named)
    assert by_hand.code == 0, by_hand.log
    assert here.texts() == ["First.", "Second."]


def test_a_merge_request_behind_its_target_is_planned_as_the_merge_will_be(here: Stage) -> None:
    here.push("mine", {"posts/mine.yaml": post("Mine.", 8)})
    here.push("main", FILES)
    assert run(here, "plancast plan", "mine", "merge_request_event").code == 0
    assert "Plan: 3 to create, 0 to update, 0 to destroy." in here.comment()


def test_a_conflict_with_the_target_is_called_one(here: Stage) -> None:
    here.push("mine", {"posts/a.yaml": post("Mine.", 8)})
    here.push("main", {"posts/a.yaml": post("Theirs.", 9)})
    planned = run(here, "plancast plan", "mine", "merge_request_event")
    assert planned.code == 1
    assert "It conflicts with main, so there is no plan of the merge" in planned.log


def test_pipelines_in_another_order_than_the_merges_apply_the_tip_alone(here: Stage) -> None:
    here.push("first", FILES)
    assert run(here, "plancast plan", "first", "merge_request_event").code == 0
    here.merge("first")
    old = here.remote.refs()["refs/heads/main"]
    here.push("main", {"posts/a.yaml": None})
    late = run(here, "plancast apply", "main", "push", at=old)
    assert late.code == 0, late.log
    assert "A newer commit is on the branch" in late.log
    assert here.texts() == []


def test_a_night_creates_nothing_that_nobody_reviewed(here: Stage) -> None:
    here.push("main", FILES)
    done = run(here, "plancast top-up", "main", "schedule")
    assert done.code == 0, done.log
    assert "PC843" in done.log
    assert here.texts() == []


def test_mistakes_stand_in_the_comment(here: Stage) -> None:
    here.push("bad", {"posts/bad.yaml": "profiles: [x]\nschedule: tomorrow\ntext: Hello.\n"})
    planned = run(here, "plancast plan", "bad", "merge_request_event")
    assert planned.code == 1
    assert "No plan: 1 error in the files" in here.comment()


def test_a_merge_request_from_a_fork_is_planned_without_any_token(here: Stage) -> None:
    here.push("theirs", FILES)
    planned = run(here, "plancast plan", "theirs", "merge_request_event", fork=True)
    assert planned.code == 0, planned.log
    page = (planned.files / "preview.html").read_text(encoding="utf-8")
    assert "the environment has no BUFFER_ACCESS_TOKEN" in page
    assert "warning[PC813]" in planned.log
    assert here.forge.bodies() == []
    assert BUFFER not in planned.log
    assert TOKEN not in planned.log


def test_it_installs_this_version_and_serialises_what_changes_the_queue() -> None:
    template = document()
    script = "\n".join(template[".plancast"]["before_script"])
    assert f'"plancast=={plancast.__version__}"' in script
    assert template[".plancast"]["interruptible"] is False
    changing = ("plancast apply", "plancast top-up")
    assert {template[name]["resource_group"] for name in changing} == {"plancast"}
    quiet = ("plancast plan", "plancast drift")
    assert [name for name in quiet if "resource_group" in template[name]] == []
