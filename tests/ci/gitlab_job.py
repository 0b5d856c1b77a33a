"""The template for GitLab: a job of it in a real shell, as a runner of GitLab would run it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.ci.ci_repository import CiRepository
from tests.ci.runner import ROOT, bash, installed
from tests.forges.stand_in import GitLabStandIn
from tests.store.gits import git

TEMPLATE = ROOT / "ci" / "gitlab-ci.yml"


@dataclass(frozen=True)
class Done:
    code: int
    log: str
    files: Path


def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    return found


def run(
    repository: CiRepository,
    name: str,
    branch: str,
    source: str,
    *,
    fork: bool = False,
    plan: str = "",
    at: str = "",
    tag: bool = False,
) -> Done:
    """Run a job of the template as a runner does: one shell for `before_script` and `script`.

    Nothing is installed: a Python that has plancast stands where it would have been. `fork`: the
    merge request comes from one, which holds nothing but the commit. `plan` is the id that a person
    gives, `at` the commit of a pipeline that is repeated. `tag`: what `branch` names is a tag.
    """
    assert isinstance(repository.forge, GitLabStandIn)
    template = document()
    base, job = template[".plancast"], template[name]
    machine = repository.job(branch, {}, {}, at)
    temp = repository.folder / f"temp-{machine.checkout.name}"
    installed(repository.folder / "venv")
    before = replaced(base["before_script"], f'ln -s "{repository.folder}/venv" "$work/venv"')
    request = repository.forge.environ(repository.folder, fork="8" if fork else "")
    request = request if "merge_request" in source else {}
    secrets = {} if fork else repository.secrets
    project = f"file://{repository.remote.folder}".removesuffix(".git")
    environ = {
        **machine.environ,
        **(request or repository.forge.after_merge()),
        **{key: str(value).replace("$$", "$") for key, value in base["variables"].items()},
        **secrets,
        "CI": "true",
        "CI_PIPELINE_SOURCE": source,
        "CI_PROJECT_DIR": str(machine.checkout),
        "CI_PROJECT_URL": f"file://{repository.folder}/fork" if fork else project,
        "CI_DEFAULT_BRANCH": "main",
        **({"PLANCAST_PLAN": plan} if plan else {}),
        **of_the_source(repository, machine.checkout, "" if tag else branch, source),
        "CI_SERVER_URL": "https://gitlab.example",
        "TMPDIR": str(temp),
    }
    if fork:
        environ.pop("GITLAB_TOKEN")
    script = repository.folder / "script.sh"
    script.write_text("\n".join([*before, *job["script"]]) + "\n", encoding="utf-8")
    done = bash(script, machine.checkout, environ)
    artifacts = machine.checkout / ".plancast-out"
    assert not artifacts.is_symlink()
    left = [path.name for path in temp.iterdir() if path.name != "plancast.venv"]
    assert left == [], "the temporary folder is removed"
    return Done(done.returncode, done.stdout, artifacts)


def of_the_source(
    repository: CiRepository, checkout: Path, branch: str, source: str
) -> dict[str, str]:
    """Return the variables of a pipeline about its commit or merge request.

    `branch` is "" for a tag.
    """
    if "merge_request" in source:
        git(checkout, "fetch", "-q", "--unshallow")  # GIT_DEPTH is 0
        return {
            "CI_MERGE_REQUEST_PROJECT_URL": f"file://{repository.remote.folder}".removesuffix(
                ".git"
            ),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        }
    head = {"CI_COMMIT_SHA": git(checkout, "rev-parse", "HEAD")}
    return {**head, "CI_COMMIT_BRANCH": branch} if branch else head


def replaced(before_script: list[str], line: str) -> list[str]:
    """The script with a line in the place of its part that installs."""
    installing = [part for part in before_script if "-m venv" in part]
    assert len(installing) == 1
    return [line if part in installing else part for part in before_script]
