"""Each script of the action, for real: from a pull request to the receipt, and at night."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.core.reviewing import Marker
from plancast.sandbox.faults import Fault, FaultKind
from tests.ci.stage import BUFFER, Stage, post, stage
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


def test_a_repository_through_its_days_and_nights(here: Stage) -> None:
    """One story, since each of its chapters begins with a queue that was applied."""
    from_a_pull_request_to_the_receipt(here)
    a_pull_request_from_a_fork_is_shown_with_no_secret_at_all(here)
    a_quiet_night_is_green_and_one_with_drift_is_not(here)


def from_a_pull_request_to_the_receipt(here: Stage) -> None:
    merged(here, "first", dict(FIRST))
    shown = here.comment()
    assert "Plan: 2 to create, 0 to update, 0 to destroy." in shown
    assert (here.folder / "artifacts/plancast/preview.html").is_file()
    assert here.texts() == []

    planned = here.run("apply", "plan", "main", "push")
    assert planned.ok, planned.log
    assert planned.outputs == {"changes": "true", "reviewed": "same"}
    assert here.comment() == shown, "planning what was reviewed says nothing new"
    done = here.run("apply", "apply", "main", "push")
    assert done.ok, done.log
    assert here.texts() == ["First.", "Second."]
    assert "### ✅ Apply: 2 applied." in here.comment()
    assert "### ✅ Apply: 2 applied." in done.summary
    assert "refs/plancast/state" in here.remote.refs()

    late = here.run("apply", "apply", "main", "push")
    assert late.codes["apply"] == 7, "the plan was applied already: it is stale"
    again = here.run("apply", "plan", "main", "push")
    assert (again.ok, again.outputs["changes"]) == (True, ""), again.log
    assert here.texts() == ["First.", "Second."]


def a_pull_request_from_a_fork_is_shown_with_no_secret_at_all(here: Stage) -> None:
    here.forge.notes.clear()
    here.forge.read_only = True
    asked = len(here.world.requests().received)
    before = dict(here.world.requests().received)
    here.push("theirs", {"posts/c.yaml": post("From a fork.", 8)})
    nothing = {"BUFFER_ACCESS_TOKEN": "", "BUFFER_API_KEY": ""}
    shown = here.run("plan", "plan", "theirs", "pull_request", secrets=nothing, fork="them/posts")
    assert shown.ok, shown.log
    assert "Plan: 1 to create, 0 to update, 0 to destroy." in shown.summary
    assert "Without a look at Buffer: compared with what was last seen" in shown.summary
    assert here.forge.bodies() == []
    assert asked
    assert dict(here.world.requests().received) == before, "nothing was asked of Buffer"
    assert BUFFER not in shown.log
    here.forge.read_only = False


def a_quiet_night_is_green_and_one_with_drift_is_not(here: Stage) -> None:
    quiet = here.run("nightly", "drift", "main", "schedule")
    assert quiet.ok, quiet.log
    assert "No changes." in quiet.summary
    assert "### ✅ Status: all is well" in quiet.summary

    first = next(item for item in here.live() if item.content.text == "First.")
    here.world.person_edit(first.id, text="Edited by hand.")
    loud = here.run("nightly", "drift", "main", "schedule")
    assert not loud.ok
    assert loud.codes == {"plan": 2, "status": 0}
    assert "all is well" not in loud.summary
    assert "The files ask for changes: 1 to update." in loud.summary
    assert "Edited" in loud.summary
    assert [line for line in loud.annotations if "not what the files ask for" in line]
    assert "Edited by hand." in here.texts()


def test_what_is_not_what_was_reviewed_is_refused_until_somebody_asks_for_it(here: Stage) -> None:
    merged(here, "first", dict(FIRST))
    here.push("main", {"posts/c.yaml": post("Nobody saw this.", 7)})
    planned = here.run("apply", "plan", "main", "push")
    assert not planned.ok
    assert planned.codes["reviewed"] == 4
    assert planned.annotations == [
        line for line in planned.annotations if "Not what was reviewed (different)" in line
    ]
    assert "Nobody saw this." in planned.summary
    assert here.texts() == []

    only = here.run("apply", "plan", "main", "workflow_dispatch")
    assert only.ok, only.log
    assert only.outputs["reviewed"] == "", "without an id it is only planned"
    wrong = here.run("apply", "plan", "main", "workflow_dispatch", plan="0" * 32)
    assert wrong.codes["reviewed"] == 4
    named = re.findall(r"The id of this plan: `([0-9a-f]{32})`", only.summary)
    by_hand = here.run("apply", "plan", "main", "workflow_dispatch", plan=named[0])
    assert by_hand.ok, by_hand.log
    assert by_hand.outputs["reviewed"] == "same"
    assert here.run("apply", "apply", "main", "workflow_dispatch").ok
    assert here.texts() == ["First.", "Nobody saw this.", "Second."]


def test_a_run_that_is_repeated_brings_nothing_back_and_is_green(here: Stage) -> None:
    merged(here, "first", dict(FIRST))
    planned = here.run("apply", "plan", "main", "push")
    old = here.remote.refs()["refs/heads/main"]
    merged(here, "second", {"posts/b.yaml": None})
    assert planned.ok
    late = here.run("apply", "apply", "main", "push", at=old)
    assert late.ok, late.log
    assert any("Superseded" in line for line in late.annotations), late.log
    assert late.outcomes["receipt"] == "skipped"
    assert here.texts() == []
    applied(here)
    assert here.texts() == ["First."]


def test_a_night_creates_nothing_that_nobody_reviewed(here: Stage) -> None:
    here.push("main", dict(FIRST))
    assert not here.run("apply", "plan", "main", "push").ok
    done = here.run("nightly", "top-up", "main", "schedule")
    assert done.ok, done.log
    assert "PC843" in done.log
    assert here.texts() == []


def test_who_needs_no_review_says_so_and_still_applies_the_tip_alone(here: Stage) -> None:
    here.push("main", dict(FIRST))
    old = here.remote.refs()["refs/heads/main"]
    planned = here.run("apply", "plan", "main", "push", review="pushed")
    assert planned.outputs["reviewed"] == "same", planned.log
    here.push("main", {"posts/b.yaml": None})
    late = here.run("apply", "apply", "main", "push", at=old)
    assert late.ok, late.log
    assert here.texts() == []


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


def test_a_push_that_no_pull_request_showed_is_refused(here: Stage) -> None:
    here.push("main", dict(FIRST))
    planned = here.run("apply", "plan", "main", "push")
    assert planned.codes["reviewed"] == 4
    assert "(unknown)" in planned.log
    assert here.texts() == []


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


# -- the nights ----


def test_a_night_tops_up_a_full_queue_and_does_nothing_else(tmp_path: Path) -> None:
    names = {name: f"Number {name}." for name in "abc"}
    files = {
        f"posts/{name}.yaml": post(text, 5 + day) for day, (name, text) in enumerate(names.items())
    }
    with stage(tmp_path, GitHubStandIn(app=True), account={"queue_limit": 2}) as here:
        merged(here, "first", dict(files))
        assert here.run("apply", "plan", "main", "push").ok
        assert here.run("apply", "apply", "main", "push").codes["apply"] == 3
        assert here.texts() == ["Number a.", "Number b."]
        here.world.person_edit(here.live()[1].id, text="Edited by hand.")
        full = here.run("nightly", "top-up", "main", "schedule")
        assert full.ok, full.log
        assert full.annotations == [
            "::notice title=The queue is still full::What waits is created once there is room."
        ]
        here.world.set_setting("queue_limit", 3)
        done = here.run("nightly", "top-up", "main", "schedule")
        assert done.ok, done.log
        assert here.texts() == ["Edited by hand.", "Number a.", "Number c."]
