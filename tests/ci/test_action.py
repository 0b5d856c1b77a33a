"""Each script of the action, for real: from a pull request to the receipt, and at night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.reconcile.approvals import Marker
from plancast.sandbox.faults import Fault, FaultKind
from tests.ci.ci_repository import CiRepository, ci_repository, post
from tests.forges.stand_in import GitHubStandIn

FIRST = {"posts/a.yaml": post("First."), "posts/b.yaml": post("Second.", 6, "li")}


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[CiRepository]:
    with ci_repository(tmp_path, GitHubStandIn(app=True)) as found:
        yield found


def merged(repository: CiRepository, branch: str, files: dict[str, str | None]) -> None:
    """A pull request, planned and merged."""
    repository.push(branch, files)
    planned = repository.run("plan", "plan", branch, "pull_request")
    assert planned.ok, planned.log
    repository.merge(branch)


def applied(repository: CiRepository) -> None:
    planned = repository.run("apply", "plan", "main", "push")
    assert planned.ok, planned.log
    done = repository.run("apply", "apply", "main", "push")
    assert done.ok, done.log
    assert "Not for everybody" not in planned.log + done.log


def test_of_two_merged_within_a_minute_one_apply_does_both(repository: CiRepository) -> None:
    """GitHub keeps only the newest of the runs that wait: it finds the other's posts as well."""
    repository.forge.number = 13
    merged(repository, "second", {"posts/b.yaml": FIRST["posts/b.yaml"]})
    repository.forge.number = 12
    merged(repository, "first", {"posts/a.yaml": FIRST["posts/a.yaml"]})
    assert isinstance(repository.forge, GitHubStandIn)
    repository.forge.closed = [repository.forge.merged(12), repository.forge.merged(13)]
    applied(repository)
    assert repository.texts() == ["First.", "Second."]


def test_a_comment_that_somebody_else_wrote_counts_for_nothing(repository: CiRepository) -> None:
    repository.push("first", dict(FIRST))
    assert repository.run("plan", "plan", "first", "pull_request").ok
    (note,) = repository.forge.notes
    note.author = "mallory"
    repository.merge("first")
    planned = repository.run("apply", "plan", "main", "push")
    assert "(unknown)" in planned.log
    assert not planned.ok


def test_strangers_do_not_read_what_people_wrote_by_hand(repository: CiRepository) -> None:
    repository.world.person_create(repository.world.profiles()[0].id, "Not for everybody.")
    merged(repository, "first", dict(FIRST))
    applied(repository)
    kept = repository.folder / "artifacts" / "plancast"
    public = [path.read_text(encoding="utf-8") for path in sorted(kept.iterdir())]
    assert len(public) == 3
    assert [text for text in public if "Not for everybody" in text] == []
    assert "Not for everybody" not in repository.comment()
    assert (
        "1 entry made by others and left alone"
        in repository.run("plan", "plan", "first", "pull_request", private=True).summary
    )
    assert "Not for everybody." in (kept / "plan.json").read_text(encoding="utf-8")


def test_mistakes_stand_on_their_lines_and_in_the_comment(repository: CiRepository) -> None:
    repository.push("bad", {"posts/bad.yaml": "profiles: [x]\nschedule: tomorrow\ntext: Hello.\n"})
    planned = repository.run("plan", "plan", "bad", "pull_request")
    assert not planned.ok
    assert planned.outcomes["plan"] == "skipped"
    (line,) = planned.annotations
    assert line.startswith("::error title=PC401%3A")
    assert "file=posts/bad.yaml,line=2" in line
    assert "No plan: 1 error in the files" in repository.comment()
    mark = Marker.parse(repository.comment())
    assert mark is not None
    assert mark.plan == ""

    repository.push("bad", {"posts/bad.yaml": post("Mended.")})
    assert repository.run("plan", "plan", "bad", "pull_request").ok
    assert "Plan: 1 to create" in repository.comment()


def test_an_apply_whose_answers_are_lost_says_so_in_the_receipt_and_sends_nothing_twice(
    repository: CiRepository,
) -> None:
    merged(repository, "first", dict(FIRST))
    assert repository.run("apply", "plan", "main", "push").ok
    repository.world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    done = repository.run("apply", "apply", "main", "push")
    assert done.codes["apply"] == 6, done.log
    assert done.outcomes["receipt"] == "success"
    assert "### ❓ Apply: 1 applied and 1 unknown." in repository.comment()
    assert repository.texts() == ["First.", "Second."]
