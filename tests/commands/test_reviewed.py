"""`plancast reviewed`: one word on whether the plan is the one that the comment showed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.files.named import NamedFile
from plancast.reconcile.approvals import Marker, plan_id
from plancast.store.plan_file import load
from tests.commands.desk import Desk, X, applied, post
from tests.forges.stand_in import HEAD, SHA, Fault, GitHubStandIn, GitLabStandIn, serving

StandIns = GitHubStandIn | GitLabStandIn


pytestmark = pytest.mark.part(2)


@pytest.fixture(params=[GitHubStandIn, GitLabStandIn], ids=["github", "gitlab"])
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIns]:
    made: StandIns = request.param()
    with serving(made):
        yield made


@pytest.fixture
def desk(stand_in: StandIns, tmp_path: Path) -> Desk:
    """A run after the merge, of a plan that was shown before it."""
    desk = Desk.tiny(tmp_path / "posts", a=post("Hello."), b=post("There.", on="li"))
    desk.environ = stand_in.environ(tmp_path)
    assert desk.run("plan", "-o", "plan.json").code == 0
    assert desk.run("comment", "plan.json").code == 0
    stand_in.commits[SHA] = [stand_in.merged()]
    desk.environ = stand_in.after_merge()
    return desk


def word(desk: Desk) -> str:
    """What it prints of a plan that is made now."""
    assert desk.run("plan", "-o", "now.json").code in (0, 4)
    done = desk.run("reviewed", "now.json")
    assert done.code == 0, done.err
    assert done.err.count("\n") == 1
    return done.out


def test_a_plan_that_is_made_again_is_the_same(desk: Desk) -> None:
    assert word(desk) == "same\n"


def test_before_the_merge_it_can_be_asked_as_well(
    desk: Desk, stand_in: StandIns, tmp_path: Path
) -> None:
    desk.environ = stand_in.environ(tmp_path)
    assert word(desk) == "same\n"


@pytest.mark.parametrize(
    ("before", "after"), [("Hello.", "Hello!"), ("09:30", "09:35"), ("[x]", "[x, li]")]
)
def test_an_edit_that_nobody_saw_is_different(desk: Desk, before: str, after: str) -> None:
    desk.edit("a.yaml", before, after)
    assert word(desk) == "different\n"


def test_another_file_that_nobody_saw_is_different(desk: Desk) -> None:
    desk.write("c.yaml", post("More.", "2026-12-03 09:30"))
    assert word(desk) == "different\n"


def test_words_in_the_file_that_change_nothing_are_the_same(desk: Desk) -> None:
    text = (desk.folder / "a.yaml").read_text(encoding="utf-8")
    desk.write("a.yaml", f"# a remark\n{text}")
    assert word(desk) == "same\n"


def test_what_others_make_in_the_queue_is_none_of_our_business(desk: Desk) -> None:
    with desk.person() as world:
        world.person_create(X, "By hand.", at="2026-12-20T09:30:00Z")
    assert word(desk) == "same\n"


def test_without_a_comment_nobody_knows(desk: Desk, stand_in: StandIns) -> None:
    stand_in.notes.clear()
    assert word(desk) == "unknown\n"


def test_a_comment_of_somebody_else_proves_nothing(desk: Desk, stand_in: StandIns) -> None:
    desk.write("c.yaml", post("More.", "2026-12-03 09:30"))
    desk.run("plan", "-o", "mine.json")
    forged = Marker(".", plan_id(load(NamedFile(desk.folder / "mine.json"))), SHA)
    stand_in.write("mallory", f"{forged}\n\nApproved, of course.")
    assert word(desk) == "different\n"


def test_a_comment_that_shows_problems_shows_no_plan(desk: Desk) -> None:
    assert desk.run("comment").code == 0
    assert word(desk) == "unknown\n"


def test_a_push_without_a_request_was_reviewed_by_nobody(desk: Desk, stand_in: StandIns) -> None:
    stand_in.commits.clear()
    assert word(desk) == "unknown\n"


def test_a_request_that_is_not_merged_approves_of_nothing_after_a_push(
    desk: Desk, stand_in: StandIns
) -> None:
    """Forges name open requests as well for a commit: here what one of them shows was pushed."""
    stand_in.commits[SHA] = [stand_in.merged(merged=None)]
    assert word(desk) == "unknown\n"


def test_a_request_whose_merge_is_not_in_the_checkout_approves_of_nothing(
    desk: Desk, stand_in: StandIns
) -> None:
    """It was forced away, or the run is about one commit of several that were rebased."""
    stand_in.commits[SHA] = [stand_in.merged(sha=HEAD)]
    stand_in.apart.add(HEAD)
    assert word(desk) == "unknown\n"


def test_the_rest_of_what_was_shown_is_the_same(desk: Desk) -> None:
    """An apply that was cut short leaves a part for the next."""
    assert desk.apply("--target", "a@x").code == 0
    assert word(desk) == "same\n"


def test_of_requests_that_were_merged_together_each_showed_its_part(
    desk: Desk, stand_in: StandIns, tmp_path: Path
) -> None:
    """The second is planned alone, on its branch, and applied with what the first waits with."""
    other = Desk.tiny(tmp_path / "other", c=post("More.", "2026-12-03 09:30"))
    stand_in.number = 13
    other.environ = stand_in.environ(tmp_path)
    assert other.run("plan", "-o", "plan.json").code == 0
    assert other.run("comment", "plan.json").code == 0
    desk.write("c.yaml", post("More.", "2026-12-03 09:30"))
    assert word(desk) == "different\n"
    stand_in.closed = [stand_in.merged(13), stand_in.merged(12)]
    assert word(desk) == "same\n"
    stand_in.notes[-1].author = "mallory"
    assert word(desk) == "different\n"


def test_a_receipt_is_about_the_plan_that_was_applied(desk: Desk) -> None:
    desk.run("plan", "-o", "now.json")
    assert desk.run("apply", "now.json", "--json-into", "events.jsonl").code == 0
    assert desk.run("comment", "now.json", "--events", "events.jsonl").code == 0
    done = desk.run("reviewed", "now.json")
    assert done.out == "same\n", "the receipt goes on with what the comment approved of"
    assert word(desk) == "same\n", "there is nothing left to send"


def test_a_plan_made_without_a_look_is_that_of_a_look_that_shows_nothing_new(
    tmp_path: Path,
) -> None:
    """The preview of a fork has no token for Buffer; it is made against what was last seen."""
    desk = applied(
        tmp_path,
        a=post("Stays."),
        b=post("Is edited.", "2026-12-02 09:30"),
        c=post("Goes.", "2026-12-03 09:30", on="x, li"),
        d="profiles: [x]\nschedule: queue\ntext: Whenever there is room.\n",
    )
    assert desk.summary() == {"unchanged": 5}
    desk.edit("b.yaml", "Is edited.", "Was edited.")
    desk.edit("d.yaml", "Whenever", "As soon as")
    desk.write("e.yaml", post("Comes.", "2026-12-04 09:30"))
    (desk.folder / "c.yaml").unlink()
    assert desk.run("plan", "--offline", "-o", "offline.json").code == 0
    assert desk.run("plan", "-o", "online.json").code == 0
    prints = [
        plan_id(load(NamedFile(desk.folder / name))) for name in ("offline.json", "online.json")
    ]
    assert prints[0] == prints[1]


def test_what_a_person_changed_in_buffer_meanwhile_was_not_shown(
    tmp_path: Path,
) -> None:
    desk = applied(tmp_path, a=post("Ours."))
    desk.edit("a.yaml", "Ours.", "Ours, too.")
    assert desk.run("plan", "-o", "plan.json").code == 0
    before = plan_id(load(NamedFile(desk.folder / "plan.json")))
    with desk.person() as world:
        (one,) = world.snapshot()
        world.person_edit(one.id, text="Theirs.")
    assert desk.run("plan", "-o", "plan.json").code == 0
    assert plan_id(load(NamedFile(desk.folder / "plan.json"))) != before


def test_a_forge_that_is_away_is_an_error(desk: Desk, stand_in: StandIns) -> None:
    stand_in.faults.append(Fault("GET", 401))
    done = desk.run("reviewed", "plan.json")
    assert (done.code, done.errors, done.out) == (1, ["PC822"], "")


def test_a_plan_that_cannot_be_read_is_an_error(desk: Desk) -> None:
    done = desk.run("reviewed", "none.json")
    assert (done.code, done.errors, done.out) == (1, ["PC608"], "")
