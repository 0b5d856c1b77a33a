"""Each script of the action, for real: from a pull request to the receipt, and at night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.reconcile.approvals import Marker
from plancast.sandbox.faults import Fault, FaultKind
from tests.ci.stage import Stage, post, stage
from tests.forges.stand_in import GitHubStandIn

FIRST = {"posts/a.yaml": post("First."), "posts/b.yaml": post("Second.", 6, "li")}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, GitHubStandIn(app=True)) as found:
        yield found


def merged(here: Stage, branch: str, files: dict[str, str | None]) -> None:
    """A pull request, planned and merged."""
    here.push(branch, files)
    planned = here.run("plan", "plan", branch, "pull_request")
    assert planned.ok, planned.log
    here.merge(branch)


def applied(here: Stage) -> None:
    planned = here.run("apply", "plan", "main", "push")
    assert planned.ok, planned.log
    done = here.run("apply", "apply", "main", "push")
    assert done.ok, done.log
    assert "Not for everybody" not in planned.log + done.log


def test_of_two_merged_within_a_minute_one_apply_does_both(here: Stage) -> None:
    """GitHub keeps only the newest of the runs that wait: it finds the other's posts as well."""
    here.forge.number = 13
    merged(here, "second", {"posts/b.yaml": FIRST["posts/b.yaml"]})
    here.forge.number = 12
    merged(here, "first", {"posts/a.yaml": FIRST["posts/a.yaml"]})
    assert isinstance(here.forge, GitHubStandIn)
    here.forge.closed = [here.forge.merged(12), here.forge.merged(13)]
    applied(here)
    assert here.texts() == ["First.", "Second."]


def test_a_comment_that_somebody_else_wrote_counts_for_nothing(here: Stage) -> None:
    here.push("first", dict(FIRST))
    assert here.run("plan", "plan", "first", "pull_request").ok
    (note,) = here.forge.notes
    note.author = "mallory"
    here.merge("first")
    planned = here.run("apply", "plan", "main", "push")
    assert "(unknown)" in planned.log
    assert not planned.ok


def test_strangers_do_not_read_what_people_wrote_by_hand(here: Stage) -> None:
    here.world.person_create(here.world.profiles()[0].id, "Not for everybody.")
    merged(here, "first", dict(FIRST))
    applied(here)
    kept = here.folder / "artifacts" / "plancast"
    public = [path.read_text(encoding="utf-8") for path in sorted(kept.iterdir())]
    assert len(public) == 3
    assert [text for text in public if "Not for everybody" in text] == []
    assert "Not for everybody" not in here.comment()
    assert (
        "1 entry made by others and left alone"
        in here.run("plan", "plan", "first", "pull_request", private=True).summary
    )
    assert "Not for everybody." in (kept / "plan.json").read_text(encoding="utf-8")


def test_mistakes_stand_on_their_lines_and_in_the_comment(here: Stage) -> None:
    here.push("bad", {"posts/bad.yaml": "profiles: [x]\nschedule: tomorrow\ntext: Hello.\n"})
    planned = here.run("plan", "plan", "bad", "pull_request")
    assert not planned.ok
    assert planned.outcomes["plan"] == "skipped"
    (line,) = planned.annotations
    assert line.startswith("::error title=PC401%3A")
    assert "file=posts/bad.yaml,line=2" in line
    assert "No plan: 1 error in the files" in here.comment()
    mark = Marker.parse(here.comment())
    assert mark is not None
    assert mark.plan == ""

    here.push("bad", {"posts/bad.yaml": post("Mended.")})
    assert here.run("plan", "plan", "bad", "pull_request").ok
    assert "Plan: 1 to create" in here.comment()


def test_an_apply_whose_answers_are_lost_says_so_in_the_receipt_and_sends_nothing_twice(
    here: Stage,
) -> None:
    merged(here, "first", dict(FIRST))
    assert here.run("apply", "plan", "main", "push").ok
    here.world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    done = here.run("apply", "apply", "main", "push")
    assert done.codes["apply"] == 6, done.log
    assert done.outcomes["receipt"] == "success"
    assert "### ❓ Apply: 1 applied and 1 unknown." in here.comment()
    assert here.texts() == ["First.", "Second."]
