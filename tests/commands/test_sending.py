"""A post on its way to the network: an error beside it is no verdict, and no change is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.workspace_dir import NOW, WorkspaceDir, post

GRAPHQL = f"{{name: sandbox, api: graphql, clock: {NOW}}}"
MIDWAY, ARRIVED = "2026-12-01T08:35:00Z", "2026-12-01T08:45:00Z"


@pytest.fixture
def sending(tmp_path: Path) -> WorkspaceDir:
    """A workspace whose one post is being sent, with an error that will go away."""
    one = WorkspaceDir.tiny(tmp_path, "{}", GRAPHQL, a=post("Hello."))
    assert one.apply().code == 0
    with one.person() as world:
        world.set_setting("sending_seconds", 600)
        world.set_setting("passing_errors", True)
        world.set_clock(MIDWAY)
    return one


def mutations(one: WorkspaceDir) -> int:
    with one.person() as world:
        received = world.requests().received
    return sum(number for name, number in received.items() if name.startswith("mutation"))


def arrive(one: WorkspaceDir) -> None:
    with one.person() as world:
        world.set_clock(ARRIVED)


def test_an_error_of_a_post_that_is_being_sent_is_no_verdict(sending: WorkspaceDir) -> None:
    plan = sending.run("plan", "--detailed-exitcode")
    assert (plan.code, plan.codes) == (0, [])
    status = sending.run("status")
    assert status.code == 0
    assert "sending it to the network" in status.out
    assert "failed" not in status.out
    assert "did not answer" not in sending.run("report").out
    arrive(sending)
    assert sending.run("status").code == 0
    assert "published" in sending.run("status").out


EDITS = {
    "another text": post("Good morning."),
    "another time": post("Hello.", "2026-12-05 09:30"),
    "a draft": post("Hello.", more="stage: draft\n"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_waits_and_has_no_effect_once_the_post_is_out(
    sending: WorkspaceDir, edit: str
) -> None:
    before = mutations(sending)
    sending.write("a.yaml", EDITS[edit])
    applied = sending.apply()
    assert (applied.code, applied.errors) == (3, []), applied.err
    assert "PC548" in applied.codes
    assert "sending it to the network" in applied.out
    assert mutations(sending) == before
    arrive(sending)
    sending.apply()
    assert mutations(sending) == before
    assert sending.texts() == ["Hello."]


def test_a_removed_file_destroys_no_post_that_is_being_sent(sending: WorkspaceDir) -> None:
    before = mutations(sending)
    sending.write("other.yaml", post("Other.", "2026-12-20 09:30", on="li"))
    (sending.folder / "a.yaml").unlink()
    applied = sending.apply()
    assert (applied.code, applied.codes) == (3, ["PC548"]), applied.err
    assert mutations(sending) == before + 1, "the create of the other post alone"
    arrive(sending)
    assert sending.apply().code == 0
    assert sending.texts() == ["Hello.", "Other."]


def test_a_post_that_is_being_sent_is_shared_already(sending: WorkspaceDir) -> None:
    before = mutations(sending)
    assert sending.run("share", "a@x", "--auto-approve").code == 0
    assert mutations(sending) == before
