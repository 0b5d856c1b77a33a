"""Folders that are renamed, copied, cloned and forked at random: each state has one workspace.

A few workspaces of one repository share an account. After each step all that plancast made is owned
by exactly one state, nothing is owned twice, and no text stands in the queue twice.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plancast.model.exit_codes import ExitCode
from tests.commands.repositories import BACKEND, Repository, later, repository
from tests.commands.repositories import settings as plancast_yaml
from tests.commands.workspace_dir import PATIENCE, WorkspaceDir
from tests.reliability.depth import THOROUGH
from tests.store.gits import Remote, git

FOLDERS = ("one", "two", "team/three", ".")
ENDS = {ExitCode.DONE, ExitCode.ERROR, ExitCode.REFUSED}


@dataclass
class Town:
    """The repository, and what was done in it, for a message."""

    repo: Repository
    clones: list[Repository]
    done: list[str] = field(default_factory=list)
    texts: int = 0

    # -- what people do ----

    def begin(self, a: str, b: str) -> None:
        """A new workspace with two posts, with an id of its own or without."""
        if not self.is_workspace(a):
            identity = f"id-{len(self.done)}" if b < "t" else ""
            self.repo.workspace(a, identity, p=self.text(), q=self.text())

    def rename(self, a: str, b: str) -> None:
        """Rename a folder; the commit edits a post as well."""
        if self.is_workspace(a) and not (self.repo.top / b).exists() and "." not in (a, b):
            (self.repo.top / b).parent.mkdir(parents=True, exist_ok=True)
            git(self.repo.top, "mv", a, b)
            self.repo.at(b).write("p.yaml", self.text())
            self.repo.commit("Rename")

    def copy(self, a: str, b: str) -> None:
        if self.is_workspace(a) and not (self.repo.top / b).exists() and "." not in (a, b):
            shutil.copytree(self.repo.top / a, self.repo.top / b)
            self.repo.commit("Copy")

    def name(self, a: str, _b: str) -> None:
        """Give a workspace another id, as for a copy."""
        if self.is_workspace(a):
            path = self.repo.top / a / "plancast.yaml"
            rest = re.sub(r"^workspace: .*\n", "", path.read_text(encoding="utf-8"))
            path.write_text(f"workspace: id-{len(self.done)}\n{rest}", encoding="utf-8")
            self.repo.commit("Name")

    def edit(self, a: str, _b: str) -> None:
        if self.is_workspace(a):
            self.repo.at(a).write("q.yaml", self.text())
            self.repo.commit("Edit")

    def hand_over(self, a: str, b: str) -> None:
        """Move a post file to another workspace."""
        source = self.repo.top / a / "p.yaml"
        if a != b and self.is_workspace(b) and source.exists():
            target = self.repo.top / b / f"p{len(self.done)}.yaml"
            source.rename(target)
            self.repo.commit("Hand over")

    def remove(self, a: str, _b: str) -> None:
        if self.is_workspace(a) and a != ".":
            git(self.repo.top, "rm", "-r", "-q", a)
            self.repo.commit("Remove")

    # -- what runs ----

    def apply(self, a: str, _b: str) -> None:
        self._apply(self.repo, a)

    def apply_in_a_clone(self, a: str, _b: str) -> None:
        """The clone is as new as the remote, or as old as it was."""
        clone = self.clones[len(self.done) % len(self.clones)]
        if len(self.done) % 3:
            git(clone.top, "pull", "-q", "origin", "main")
        self._apply(clone, a)

    def apply_in_a_fork(self, a: str, _b: str) -> None:
        """A fork that has the branch alone. It begins nothing while entries are live."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            git(folder, "clone", "-q", "--bare", str(self.repo.remote.folder), "fork.git")
            for ref in Remote(folder / "fork.git").refs():
                if ref.startswith("refs/plancast/"):
                    git(folder / "fork.git", "update-ref", "-d", ref)
            git(folder, "clone", "-q", str(folder / "fork.git"), "fork")
            git(folder / "fork", "remote", "add", "upstream", str(self.repo.remote.folder))
            fork = Repository(
                Remote(folder / "fork.git"), folder / "fork", self.repo.environ, self.repo.world
            )
            if self.is_workspace(a) and self.repo.remote.refs().keys() & self._ref(a):
                refused = fork.at(a).apply("--allow-destroy", "9")
                assert refused.code in ENDS - {ExitCode.DONE}, (self.done, refused.err)

    def apply_twice_at_once(self, a: str, _b: str) -> None:
        """In two clones, at the same time: one of them waits or gives up."""
        clone = self.clones[0]
        git(clone.top, "pull", "-q", "origin", "main")
        if self.is_workspace(a):
            running = [self._started(workspace) for workspace in (self.repo.at(a), clone.at(a))]
            for process in running:
                process.communicate(timeout=PATIENCE)
            assert {process.returncode for process in running} <= ENDS | {ExitCode.LOCKED}

    def look_at_the_sandbox(self, a: str, _b: str) -> None:
        """The same files for another queue: the state is not touched."""
        if self.is_workspace(a) and any(name in self.repo.remote.refs() for name in self._ref(a)):
            path = self.repo.top / a / "plancast.yaml"
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("provider: buffer", "provider: sandbox"), encoding="utf-8")
            result = self.repo.at(a).apply("--allow-destroy", "9")
            path.write_text(text, encoding="utf-8")
            shutil.rmtree(self.repo.top / a / ".plancast-sandbox", ignore_errors=True)
            assert result.code != ExitCode.DONE, self.done

    # -- what must hold ----

    def problems(self) -> list[str]:
        """Return what is wrong with the states and the queue."""
        states = self.repo.states()
        owned = Counter(
            item["remote_id"] for state in states.values() for item in state["resources"].values()
        )
        live = {item.id: item.content.text for item in self.repo.world.snapshot()}
        twice = [key for key, number in owned.items() if number > 1]
        lost = [text for key, text in live.items() if key not in owned]
        same = [text for text, number in Counter(live.values()).items() if number > 1]
        return [
            *(f"{live.get(key, key)} is owned twice" for key in twice),
            *(f"{text} is owned by no state" for text in lost),
            *(f"{text} is live twice" for text in same),
        ]

    def is_workspace(self, folder: str) -> bool:
        return (self.repo.top / folder / "plancast.yaml").is_file()

    def text(self) -> str:
        """A post that no other one says."""
        self.texts += 1
        return later(f"Text {self.texts}.", self.texts % 28 + 1)

    def _ref(self, folder: str) -> set[str]:
        from plancast.store.git_states import ref_for  # noqa: PLC0415

        return {ref_for("" if folder == "." else folder)}

    def _apply(self, repo: Repository, folder: str) -> None:
        if (repo.top / folder / "plancast.yaml").is_file():
            result = repo.at(folder).apply("--allow-destroy", "9", "--allow-empty")
            assert result.code in ENDS, (self.done, result.err)

    @staticmethod
    def _started(workspace: WorkspaceDir) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "plancast", "apply", "--auto-approve"]
        return subprocess.Popen(
            command,
            cwd=workspace.folder,
            env={**workspace.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


STEPS: dict[str, Callable[[Town, str, str], None]] = {
    "begin": Town.begin,
    "rename": Town.rename,
    "copy": Town.copy,
    "name": Town.name,
    "edit": Town.edit,
    "hand over": Town.hand_over,
    "remove": Town.remove,
    "apply": Town.apply,
    "apply in a clone": Town.apply_in_a_clone,
    "apply in a fork": Town.apply_in_a_fork,
    "apply twice at once": Town.apply_twice_at_once,
    "look at the sandbox": Town.look_at_the_sandbox,
}
OFTEN = (*STEPS, "apply", "apply", "rename", "begin")

steps = st.tuples(st.sampled_from(OFTEN), st.sampled_from(FOLDERS), st.sampled_from(FOLDERS))


@settings(
    max_examples=40 if THOROUGH else 4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=6, max_size=14))
def test_no_state_is_used_by_two_workspaces_and_none_is_lost(
    chosen: list[tuple[str, str, str]],
) -> None:
    with TemporaryDirectory() as folder, repository(Path(folder)) as repo:
        town = Town(repo, [repo.clone("c1"), repo.clone("c2")])
        for step in [("begin", "one", "one"), ("begin", "two", "two"), ("apply", "one", "one")]:
            take(town, step)
        for step in chosen:
            take(town, step)
            assert town.problems() == [], town.done
    assert plancast_yaml().endswith(BACKEND)


def take(town: Town, step: tuple[str, str, str]) -> None:
    name, a, b = step
    town.done.append(f"{name} {a} {b}")
    STEPS[name](town, a, b)
