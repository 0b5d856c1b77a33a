"""The table of docs/ci.md, row by row: the start of a run, its approval, and its effects.

Each row is a story that both forges play with their own scripts, if both know such a run. The
labels of the rows are those of the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.ci.ci_repository import BUFFER, WORKSPACE, CiRepository, ci_repository, post
from tests.ci.gitlab_job import run as gitlab_job
from tests.ci.runner import ROOT, base_environ
from tests.ci.runner import Ended as ActionEnded
from tests.forges.stand_in import TOKEN, GitHubStandIn, GitLabStandIn
from tests.store.gits import git

FIRST: dict[str, str | None] = {
    "posts/a.yaml": post("First."),
    "posts/b.yaml": post("Second.", 6, "li"),
}
UNSEEN: dict[str, str | None] = {"posts/c.yaml": post("Nobody saw this.", 7)}
PAGE = ROOT / "docs" / "ci.md"
HEADER = "| what starts it | approved by | what happens |"


@dataclass(frozen=True)
class Ended:
    """How a run ended for those who look at it: its exit code, its words, what it keeps.

    `allowed` is the exit code that leaves it green beside 0.
    """

    code: int
    output: str
    kept: Path
    allowed: int = 0

    @property
    def green(self) -> bool:
        return self.code in (0, self.allowed)


class Machines(Protocol):
    """The CI of one forge: what each kind of event runs."""

    @property
    def repository(self) -> CiRepository:
        """The repository, the forge and Buffer."""

    def request(self, branch: str, *, fork: bool = False) -> Ended:
        """A request with the head `branch`."""

    def push(self, branch: str = "main", *, at: str = "", tag: bool = False) -> Ended:
        """A push; `at` is the commit of a run that is repeated."""

    def person(self, plan: str = "", *, branch: str = "main") -> Ended:
        """A person starts it, and may name the id of a plan."""

    def drift(self) -> Ended:
        """The clock."""

    def top_up(self) -> Ended:
        """The clock."""


def code_of(done: ActionEnded) -> int:
    """The exit code of the step that failed, 0 if none did."""
    failed = (done.codes[name] for name, word in done.outcomes.items() if word == "failure")
    return next(failed, 0)


@dataclass(frozen=True)
class GitHubMachines:
    repository: CiRepository

    def request(self, branch: str, *, fork: bool = False) -> Ended:
        none = {"BUFFER_ACCESS_TOKEN": "", "BUFFER_API_KEY": ""} if fork else None
        return self._job("plan", "plan", branch, "pull_request", fork=fork, secrets=none)

    def push(
        self, branch: str = "main", *, at: str = "", tag: bool = False, review: str = ""
    ) -> Ended:
        return self._both(branch, "push", at=at, tag=tag, review=review)

    def person(self, plan: str = "", *, branch: str = "main") -> Ended:
        return self._both(branch, "workflow_dispatch", plan=plan)

    def queue(self, branch: str) -> Ended:
        return self._job("plan", "plan", branch, "merge_group")

    def drift(self) -> Ended:
        return self._job("nightly", "drift", "main", "schedule")

    def top_up(self) -> Ended:
        return self._job("nightly", "top-up", "main", "schedule")

    def _job(self, name: str, job: str, branch: str, event: str, *, fork: bool = False,
             secrets: dict[str, str] | None = None) -> Ended:  # fmt: skip
        self.repository.forge.read_only = fork
        project = "them/posts" if fork else ""
        done = self.repository.run(name, job, branch, event, secrets=secrets, fork=project)
        self.repository.forge.read_only = False
        return Ended(code_of(done), done.log + done.summary, self._kept)

    def _both(self, branch: str, event: str, *, plan: str = "", at: str = "", tag: bool = False,
              review: str = "") -> Ended:  # fmt: skip
        """The two jobs of the apply: the second runs if the first says so."""
        repository = self.repository
        done = repository.run(
            "apply", "plan", branch, event, plan=plan, at=at, tag=tag, review=review
        )
        output = done.log + done.summary
        if done.ok and done.outputs["reviewed"] == "same":
            done = repository.run("apply", "apply", branch, event, at=at, tag=tag)
            output += done.log + done.summary
        return Ended(code_of(done), output, self._kept)

    @property
    def _kept(self) -> Path:
        return self.repository.folder / "artifacts" / "plancast"


@dataclass(frozen=True)
class GitLabMachines:
    repository: CiRepository

    def request(self, branch: str, *, fork: bool = False) -> Ended:
        return self._job("plancast plan", branch, "merge_request_event", fork=fork)

    def push(self, branch: str = "main", *, at: str = "", tag: bool = False) -> Ended:
        return self._job("plancast apply", branch, "push", at=at, tag=tag)

    def person(self, plan: str = "", *, branch: str = "main") -> Ended:
        return self._job("plancast apply", branch, "web", plan=plan)

    def drift(self) -> Ended:
        return self._job("plancast drift", "main", "schedule")

    def top_up(self) -> Ended:
        return self._job("plancast top-up", "main", "schedule", allowed=3)

    def _job(self, job: str, branch: str, source: str, *, fork: bool = False, plan: str = "",
             at: str = "", tag: bool = False, allowed: int = 0) -> Ended:  # fmt: skip
        done = gitlab_job(
            self.repository, job, branch, source, fork=fork, plan=plan, at=at, tag=tag
        )
        return Ended(done.code, done.log, done.files, allowed)


# -- the rows ---------------------------------------------------------------------------------


def request(ci: Machines) -> None:
    ci.repository.push("first", FIRST)
    planned = ci.request("first")
    assert planned.green, planned.output
    assert "Plan: 2 to create, 0 to update, 0 to destroy." in ci.repository.comment()
    assert (planned.kept / "preview.html").is_file()
    assert ci.repository.texts() == []


def request_behind_its_target(ci: Machines) -> None:
    """On GitHub it is the runner who merges: what is checked out is the merge."""
    ci.repository.push("mine", {"posts/mine.yaml": post("Mine.", 8)})
    ci.repository.push("main", FIRST)
    assert ci.request("mine").green
    assert "Plan: 3 to create, 0 to update, 0 to destroy." in ci.repository.comment()


def request_from_a_fork(ci: Machines) -> None:
    repository = ci.repository
    applied(ci)
    asked = dict(repository.world.requests().received)
    repository.push("theirs", {"posts/c.yaml": post("From a fork.", 8)})
    planned = ci.request("theirs", fork=True)
    assert planned.green, planned.output
    assert "Plan: 1 to create, 0 to update, 0 to destroy." in planned.output, "against the state"
    page = (planned.kept / "preview.html").read_text(encoding="utf-8")
    assert "the environment has no BUFFER_ACCESS_TOKEN" in page
    assert repository.forge.bodies() == []
    assert dict(repository.world.requests().received) == asked, "nothing was asked of Buffer"
    assert BUFFER not in planned.output
    assert TOKEN not in planned.output


def merge_queue(ci: Machines) -> None:
    assert isinstance(ci, GitHubMachines)
    branch = "gh-readonly-queue/main/pr-12-abc"
    ci.repository.push(branch, FIRST)
    planned = ci.queue(branch)
    assert planned.green, planned.output
    assert "Plan: 2 to create" in planned.output
    assert ci.repository.forge.bodies() == []
    ci.repository.push(branch, {"posts/bad.yaml": "profiles: [x]\nschedule: tomorrow\ntext: Hi.\n"})
    assert not ci.queue(branch).green
    assert ci.repository.texts() == []


def push(ci: Machines) -> None:
    repository = ci.repository
    merged(ci)
    done = ci.push()
    assert done.green, done.output
    assert repository.texts() == ["First.", "Second."]
    assert "Apply: 2 applied." in repository.comment()
    assert "refs/plancast/state" in repository.remote.refs()
    again = ci.push()
    assert again.green, again.output
    assert repository.texts() == ["First.", "Second."]
    repository.push("main", UNSEEN)
    unseen = ci.push()
    assert unseen.code == 4, unseen.output
    assert "Not what was reviewed (unknown)" in unseen.output
    assert "Nobody saw this." in unseen.output, "it shows the plan"
    assert repository.texts() == ["First.", "Second."]


def push_that_is_its_own_review(ci: Machines) -> None:
    assert isinstance(ci, GitHubMachines)
    ci.repository.push("main", FIRST)
    done = ci.push(review="pushed")
    assert done.green, done.output
    assert ci.repository.texts() == ["First.", "Second."]


def run_that_is_repeated(ci: Machines) -> None:
    repository = ci.repository
    old = merged(ci)
    repository.push("main", {"posts/a.yaml": None})
    late = ci.push(at=old)
    assert late.green, late.output
    assert "A newer commit is on the branch" in late.output
    assert repository.texts() == []
    assert ci.push().green
    assert repository.texts() == ["Second."]
    late = ci.push(at=old)
    assert late.green, late.output
    assert "A newer commit is on the branch" in late.output
    assert "the id of the plan" not in late.output, "no person is asked to bring it back"
    assert repository.texts() == ["Second."], "what was removed does not come back"


def forced_away(ci: Machines) -> None:
    old = merged(ci)
    clone = ci.repository.remote.clone("forcing")
    git(clone, "push", "-q", "--force", "origin", f"{old}~1:refs/heads/main")
    ci.repository.forge.apart.add(old)
    refused(ci, ci.push(at=old), "which does not contain it")


def tag(ci: Machines) -> None:
    """Not even one with the name of the branch, at its tip."""
    merged(ci)
    clone = ci.repository.remote.clone("tagging")
    git(clone, "push", "-q", "origin", "HEAD:refs/tags/v1")
    refused(ci, ci.push("v1", tag=True), "no branch, but a tag or a request")


def another_branch(ci: Machines) -> None:
    """A person has named the very plan, and still."""
    ci.repository.push("topic", FIRST)
    shown = ci.person(branch="topic")
    refused(ci, ci.person(plan_named(shown), branch="topic"), "the branch topic")


def refused(ci: Machines, ended: Ended, why: str) -> None:
    assert ended.code == 4, ended.output
    assert "PC841" in ended.output
    assert why in ended.output
    assert ci.repository.texts() == []


def person_with_the_id(ci: Machines) -> None:
    repository = ci.repository
    repository.push("main", FIRST)
    read = plan_named(ci.push())
    repository.push("main", UNSEEN)
    overtaken = ci.person(read)
    assert overtaken.code == 4, overtaken.output
    assert repository.texts() == [], "the plan of now is another one than was read"
    done = ci.person(plan_named(overtaken))
    assert done.green, done.output
    assert repository.texts() == ["First.", "Nobody saw this.", "Second."]


def person_without_an_id(ci: Machines) -> None:
    ci.repository.push("main", FIRST)
    shown = ci.person()
    assert shown.green, shown.output
    assert plan_named(shown)
    assert ci.repository.texts() == []


def drift(ci: Machines) -> None:
    repository = ci.repository
    applied(ci)
    quiet = ci.drift()
    assert quiet.green, quiet.output
    assert "No changes." in quiet.output
    assert "all is well" in quiet.output
    repository.world.person_edit(repository.live()[0].id, text="Edited by hand.")
    loud = ci.drift()
    assert not loud.green
    assert "The files ask for changes: 1 to update." in loud.output
    assert "all is well" not in loud.output
    assert "Edited by hand." in repository.texts()


def top_up(ci: Machines) -> None:
    repository = ci.repository
    repository.world.set_setting("queue_limit", 1)
    days = {f"posts/{name}.yaml": post(f"Number {name}.", 5 + day) for day, name in
            enumerate("ab")}  # fmt: skip
    merged(ci, dict(days))
    assert ci.push().code == 0, "one of them waits for room, and is approved"
    assert repository.texts() == ["Number a."]
    repository.push("main", UNSEEN)
    repository.world.person_edit(repository.live()[0].id, text="Edited by hand.")
    full = ci.top_up()
    assert full.green, full.output
    repository.world.set_setting("queue_limit", 9)
    done = ci.top_up()
    assert done.green, done.output
    assert repository.texts() == ["Edited by hand.", "Number b."]
    assert "PC843" in done.output, "what nobody approved is reported"
    assert "posts/c" in done.output


Story = Callable[[Machines], None]
GITHUB, GITLAB = "github", "gitlab"
BOTH = (GITHUB, GITLAB)
ROWS: tuple[tuple[str, Story, tuple[str, ...]], ...] = (
    ("a pull or merge request", request, BOTH),
    ("a pull or merge request", request_behind_its_target, (GITLAB,)),
    ("one from a fork", request_from_a_fork, BOTH),
    ("a merge queue (GitHub)", merge_queue, (GITHUB,)),
    ("a push to the default branch", push, BOTH),
    ("the same, with `review: pushed` (GitHub)", push_that_is_its_own_review, (GITHUB,)),
    (
        "the same, when a newer commit is on the branch, also if an old run is repeated",
        run_that_is_repeated,
        BOTH,
    ),
    ("a push that was forced away since, a tag, another branch", forced_away, BOTH),
    ("a push that was forced away since, a tag, another branch", tag, BOTH),
    ("a push that was forced away since, a tag, another branch", another_branch, BOTH),
    ("a person, with the id of a plan", person_with_the_id, BOTH),
    ("a person, without an id", person_without_an_id, BOTH),
    ("the clock: the drift job", drift, BOTH),
    ("the clock: the top-up", top_up, BOTH),
)


@pytest.fixture
def ci(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    if request.param == GITHUB:
        with ci_repository(tmp_path, GitHubStandIn(app=True)) as repository:
            yield GitHubMachines(repository)
    else:
        with ci_repository(tmp_path, GitLabStandIn(me="project_7_bot")) as repository:
            yield GitLabMachines(repository)


@pytest.mark.part(6)
@pytest.mark.parametrize(
    ("story", "ci"),
    [
        pytest.param(story, forge, id=f"{story.__name__.replace('_', ' ')}-{forge}")
        for _, story, forges in ROWS
        for forge in forges
    ],
    indirect=["ci"],
)
def test_what_starts_a_run_decides_what_happens(story: Story, ci: Machines) -> None:
    story(ci)


def test_the_rows_are_those_of_the_page() -> None:
    _, _, below = PAGE.read_text(encoding="utf-8").partition(HEADER)
    lines = below.strip().splitlines()
    rows = [line.split("|")[1].strip() for line in lines[1:] if line.startswith("|")]
    shown = rows[: lines.index("") - 1] if "" in lines else rows
    assert shown == list(dict.fromkeys(label for label, _, _ in ROWS))


@pytest.mark.part(6)
@pytest.mark.parametrize("ci", BOTH, indirect=True)
@pytest.mark.parametrize("is_applied", [True, False], ids=["it is applied meanwhile", "it is not"])
def test_a_post_that_moved_waits_for_the_run_of_its_old_workspace(
    ci: Machines, is_applied: bool
) -> None:
    """Both runs begin with the merge, and the post is never there twice, nor lost."""
    repository = ci.repository
    applied(ci)
    others = repository.texts()
    moving = post("It moves.")
    repository.push("main", {"plancast.yaml": WORKSPACE.format(provider="buffer")}, "old")
    repository.push("main", {"moved.yaml": moving}, "old/posts")
    apply_by_hand(repository, repository.remote.clone("by-hand"))
    repository.push("second", {"old/posts/moved.yaml": None, "posts/moved.yaml": moving})
    assert ci.request("second").green
    repository.merge("second")
    once = repository.folder / "once"
    action = (
        f"mkdir '{once}' 2> {os.devnull} && {by_hand(repository, repository.remote.clone('again'))}"
    )
    program(repository, "sleep", action if is_applied else "true")
    ended = ci.push()
    assert ended.green, ended.output
    assert repository.texts() == sorted([*others, "It moves."])
    if not is_applied:
        apply_by_hand(repository, repository.remote.clone("later"))
        assert repository.texts() == others
        assert ci.top_up().green
        assert repository.texts() == sorted([*others, "It moves."])


def by_hand(repository: CiRepository, clone: Path) -> str:
    """Return the command by which a person applies the workspace in the folder `old`."""
    given = f"PLANCAST_API_URL='{repository.url}' BUFFER_ACCESS_TOKEN='{BUFFER}'"
    command = f"apply --auto-approve --allow-empty > {os.devnull} 2>&1"
    return f"{given} '{sys.executable}' -I -m plancast -C '{clone}/old' {command}"


def apply_by_hand(repository: CiRepository, clone: Path) -> None:
    subprocess.run(
        ["bash", "-c", by_hand(repository, clone)], check=True, cwd=ROOT, capture_output=True
    )


def program(repository: CiRepository, name: str, action: str) -> None:
    """Have every machine find this program in the place of another one."""
    repository.programs.mkdir(exist_ok=True)
    file = repository.programs / name
    file.write_text(f"#!/bin/bash\n{action}\n", encoding="utf-8")
    file.chmod(0o755)


# -- steps that rows share --------------------------------------------------------------------


def merged(ci: Machines, files: dict[str, str | None] | None = None) -> str:
    """A request, planned, commented and merged; return the commit of the merge."""
    ci.repository.push("first", files or FIRST)
    planned = ci.request("first")
    assert planned.green, planned.output
    ci.repository.merge("first")
    return ci.repository.remote.refs()["refs/heads/main"]


def applied(ci: Machines) -> None:
    """Posts on main that a person has applied from a terminal."""
    repository = ci.repository
    repository.push("main", FIRST)
    checkout = repository.remote.clone("terminal")
    environ = {
        **base_environ(repository.folder),
        **repository.secrets,
        "PLANCAST_API_URL": repository.url,
    }
    command = ["-I", "-m", "plancast", "-C", str(checkout), "apply", "--auto-approve"]
    subprocess.run(
        [sys.executable, *command],
        check=True,
        cwd=repository.folder,
        env=environ,
        capture_output=True,
    )
    assert repository.texts() == ["First.", "Second."]


def plan_named(shown: Ended) -> str:
    """The id of the plan that a run shows to a person."""
    found = re.search(
        r"(?:id of (?:the|this) plan[,:] |The plan is )`?([0-9a-f]{32})", shown.output
    )
    assert found is not None, shown.output
    return found[1]
