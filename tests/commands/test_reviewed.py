"""`plancast reviewed`: one word on whether the plan is the one that the comment showed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.files.named_file import NamedFile
from plancast.reconcile.approvals import Marker, plan_id
from plancast.store.plan_file import load
from tests.commands.workspace_dir import WorkspaceDir, X, applied, post
from tests.forges.stand_in import HEAD, SHA, Fault, GitHubStandIn, GitLabStandIn, serving

StandIns = GitHubStandIn | GitLabStandIn


pytestmark = pytest.mark.part(4)


@pytest.fixture(params=[GitHubStandIn, GitLabStandIn], ids=["github", "gitlab"])
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIns]:
    made: StandIns = request.param()
    with serving(made):
        yield made


@pytest.fixture
def workspace(stand_in: StandIns, tmp_path: Path) -> WorkspaceDir:
    """A run after the merge, of a plan that was shown before it."""
    workspace = WorkspaceDir.tiny(tmp_path / "posts", a=post("Hello."), b=post("There.", on="li"))
    workspace.environ = stand_in.environ(tmp_path)
    assert workspace.run("plan", "-o", "plan.json").code == 0
    assert workspace.run("comment", "plan.json").code == 0
    stand_in.commits[SHA] = [stand_in.merged()]
    workspace.environ = stand_in.after_merge()
    return workspace


def word(workspace: WorkspaceDir) -> str:
    """Return the word that `reviewed` prints about a plan that is made now."""
    assert workspace.run("plan", "-o", "now.json").code in (0, 4)
    done = workspace.run("reviewed", "now.json")
    assert done.code == 0, done.err
    assert done.err.count("\n") == 1
    return done.out


def test_a_plan_that_is_made_again_is_the_same(workspace: WorkspaceDir) -> None:
    assert word(workspace) == "same\n"


def test_before_the_merge_it_can_be_asked_as_well(
    workspace: WorkspaceDir, stand_in: StandIns, tmp_path: Path
) -> None:
    workspace.environ = stand_in.environ(tmp_path)
    assert word(workspace) == "same\n"


@pytest.mark.parametrize(
    ("before", "after"), [("Hello.", "Hello!"), ("09:30", "09:35"), ("[x]", "[x, li]")]
)
def test_an_edit_that_nobody_saw_is_different(
    workspace: WorkspaceDir, before: str, after: str
) -> None:
    workspace.edit("a.yaml", before, after)
    assert word(workspace) == "different\n"


def test_another_file_that_nobody_saw_is_different(workspace: WorkspaceDir) -> None:
    workspace.write("c.yaml", post("More.", "2026-12-03 09:30"))
    assert word(workspace) == "different\n"


def test_words_in_the_file_that_change_nothing_are_the_same(workspace: WorkspaceDir) -> None:
    text = (workspace.folder / "a.yaml").read_text(encoding="utf-8")
    workspace.write("a.yaml", f"# a remark\n{text}")
    assert word(workspace) == "same\n"


def test_what_others_make_in_the_queue_is_none_of_our_business(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_create(X, "By hand.", at="2026-12-20T09:30:00Z")
    assert word(workspace) == "same\n"


def test_without_a_comment_nobody_knows(workspace: WorkspaceDir, stand_in: StandIns) -> None:
    stand_in.notes.clear()
    assert word(workspace) == "unknown\n"


def test_a_comment_of_somebody_else_proves_nothing(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    workspace.write("c.yaml", post("More.", "2026-12-03 09:30"))
    workspace.run("plan", "-o", "mine.json")
    forged = Marker(".", plan_id(load(NamedFile(workspace.folder / "mine.json"))), SHA)
    stand_in.write("mallory", f"{forged}\n\nApproved, of course.")
    assert word(workspace) == "different\n"


def test_a_comment_that_shows_problems_shows_no_plan(workspace: WorkspaceDir) -> None:
    assert workspace.run("comment").code == 0
    assert word(workspace) == "unknown\n"


def test_a_push_without_a_request_was_reviewed_by_nobody(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    stand_in.commits.clear()
    assert word(workspace) == "unknown\n"


def test_a_request_that_is_not_merged_approves_of_nothing_after_a_push(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    """Forges name open requests as well for a commit: here what one of them shows was pushed."""
    stand_in.commits[SHA] = [stand_in.merged(merged=None)]
    assert word(workspace) == "unknown\n"


def test_a_request_whose_merge_is_not_in_the_checkout_approves_of_nothing(
    workspace: WorkspaceDir, stand_in: StandIns
) -> None:
    """It was forced away, or the run is about one commit of several that were rebased."""
    stand_in.commits[SHA] = [stand_in.merged(sha=HEAD)]
    stand_in.apart.add(HEAD)
    assert word(workspace) == "unknown\n"


def test_the_rest_of_what_was_shown_is_the_same(workspace: WorkspaceDir) -> None:
    """An apply that was cut short leaves a part for the next."""
    assert workspace.apply("--target", "a@x").code == 0
    assert word(workspace) == "same\n"


def test_of_requests_that_were_merged_together_each_showed_its_part(
    workspace: WorkspaceDir, stand_in: StandIns, tmp_path: Path
) -> None:
    """The second is planned alone, on its branch, and applied with what the first waits with."""
    other = WorkspaceDir.tiny(tmp_path / "other", c=post("More.", "2026-12-03 09:30"))
    stand_in.number = 13
    other.environ = stand_in.environ(tmp_path)
    assert other.run("plan", "-o", "plan.json").code == 0
    assert other.run("comment", "plan.json").code == 0
    workspace.write("c.yaml", post("More.", "2026-12-03 09:30"))
    assert word(workspace) == "different\n"
    stand_in.closed = [stand_in.merged(13), stand_in.merged(12)]
    assert word(workspace) == "same\n"
    stand_in.notes[-1].author = "mallory"
    assert word(workspace) == "different\n"


def test_a_receipt_is_about_the_plan_that_was_applied(workspace: WorkspaceDir) -> None:
    workspace.run("plan", "-o", "now.json")
    assert workspace.run("apply", "now.json", "--json-into", "events.jsonl").code == 0
    assert workspace.run("comment", "now.json", "--events", "events.jsonl").code == 0
    done = workspace.run("reviewed", "now.json")
    assert done.out == "same\n", "the receipt goes on with what the comment approved of"
    assert word(workspace) == "same\n", "there is nothing left to send"


def test_a_plan_made_without_a_look_is_that_of_a_look_that_shows_nothing_new(
    tmp_path: Path,
) -> None:
    """The preview of a fork has no token for Buffer; it is made against what was last seen."""
    workspace = applied(
        tmp_path,
        a=post("Stays."),
        b=post("Is edited.", "2026-12-02 09:30"),
        c=post("Goes.", "2026-12-03 09:30", on="x, li"),
        d="profiles: [x]\nschedule: queue\ntext: Whenever there is room.\n",
    )
    assert workspace.summary() == {"unchanged": 5}
    workspace.edit("b.yaml", "Is edited.", "Was edited.")
    workspace.edit("d.yaml", "Whenever", "As soon as")
    workspace.write("e.yaml", post("Comes.", "2026-12-04 09:30"))
    (workspace.folder / "c.yaml").unlink()
    assert workspace.run("plan", "--offline", "-o", "offline.json").code == 0
    assert workspace.run("plan", "-o", "online.json").code == 0
    prints = [
        plan_id(load(NamedFile(workspace.folder / name)))
        for name in ("offline.json", "online.json")
    ]
    assert prints[0] == prints[1]


def test_what_a_person_changed_in_buffer_meanwhile_was_not_shown(
    tmp_path: Path,
) -> None:
    workspace = applied(tmp_path, a=post("Ours."))
    workspace.edit("a.yaml", "Ours.", "Ours, too.")
    assert workspace.run("plan", "-o", "plan.json").code == 0
    before = plan_id(load(NamedFile(workspace.folder / "plan.json")))
    with workspace.person() as world:
        (one,) = world.snapshot()
        world.person_edit(one.id, text="Theirs.")
    assert workspace.run("plan", "-o", "plan.json").code == 0
    assert plan_id(load(NamedFile(workspace.folder / "plan.json"))) != before


def test_a_forge_that_is_away_is_an_error(workspace: WorkspaceDir, stand_in: StandIns) -> None:
    stand_in.faults.append(Fault("GET", 401))
    done = workspace.run("reviewed", "plan.json")
    assert (done.code, done.errors, done.out) == (1, ["PC822"], "")


def test_a_plan_that_cannot_be_read_is_an_error(workspace: WorkspaceDir) -> None:
    done = workspace.run("reviewed", "none.json")
    assert (done.code, done.errors, done.out) == (1, ["PC608"], "")
