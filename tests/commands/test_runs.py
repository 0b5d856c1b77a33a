"""How runs end that something comes between: another run, a lost answer, a change, a signal."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.workspace_dir import (
    PATIENCE,
    WorkspaceDir,
    X,
    applied,
    broken,
    many,
    post,
    served,
    wait_for_the_question,
    workspace_yaml,
)

pytestmark = pytest.mark.stories(2)

CREATE = "POST /updates/create.json"
TWO = {"a": post("A."), "b": post("B.", "2026-12-02 09:30")}


# -- 5 ----


def test_a_locked_state_names_who_holds_it(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    other = workspace.start("apply")
    try:
        wait_for_the_question(other)
        refused = workspace.process("apply", "--auto-approve")
        assert (refused.code, refused.codes) == (ExitCode.LOCKED, ["PC605"])
        assert f"pid {other.pid}" in refused.err
        assert workspace.live() == ()
        assert workspace.process("plan").code == ExitCode.DONE, "to look is always allowed"
        other.communicate("yes\n", timeout=PATIENCE)
    finally:
        other.kill()
        other.communicate()
    assert other.returncode == ExitCode.DONE
    assert workspace.process("apply", "--auto-approve").code == ExitCode.DONE
    assert workspace.texts() == ["A.", "B."]


def test_a_lock_falls_with_the_process_that_held_it(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    other = workspace.start("apply")
    wait_for_the_question(other)
    other.kill()
    other.communicate()
    assert workspace.process("apply", "--auto-approve").code == ExitCode.DONE


def test_whoever_waits_for_the_lock_plans_anew_and_repeats_nothing(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    other = workspace.start("apply")
    try:
        wait_for_the_question(other)
        second = workspace.start("apply", "--auto-approve", "--lock-timeout", "30")
        other.communicate("yes\n", timeout=PATIENCE)
        second.communicate(timeout=PATIENCE)
    finally:
        other.kill()
        other.communicate()
    assert (other.returncode, second.returncode) == (ExitCode.DONE, ExitCode.DONE)
    assert workspace.texts() == ["A.", "B."]
    assert workspace.requests() == {CREATE: 2}


# -- 6 ----


def test_a_lost_answer_ends_with_6_and_is_never_sent_again(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, CREATE))
    lost = workspace.apply("--no-wait")
    assert lost.code == ExitCode.UNKNOWN
    assert "a@x" in lost.out
    assert workspace.apply("--no-wait").code == ExitCode.DONE
    assert workspace.texts() == ["A."]
    assert workspace.requests() == {CREATE: 1}
    assert workspace.summary() == {"unchanged": 1}


def test_a_request_that_was_lost_is_waited_for_before_it_is_made_again(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, CREATE))
    assert workspace.apply().code == ExitCode.UNKNOWN
    for _ in range(2):
        assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
        assert workspace.requests() == {CREATE: 1}
    waited = workspace.apply()  # the clock of the sandbox moves on by itself
    assert waited.code == ExitCode.DONE
    assert "Waiting" in waited.err
    assert workspace.texts() == ["A."]


def test_a_plan_that_cannot_know_ends_with_6_as_well(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, CREATE))
    workspace.apply()
    looked = workspace.run("plan")
    assert (looked.code, looked.codes) == (ExitCode.UNKNOWN, ["PC904"])


def test_what_nobody_knows_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, CREATE))
    workspace.apply()
    workspace.write("b.yaml", post("B.", "2026-12-02 09:30"))
    went_on = workspace.apply("--no-wait")
    assert (went_on.code, workspace.texts()) == (ExitCode.UNKNOWN, ["B."])


# -- 7 ----


def _by_hand(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        item = next(item for item in world.snapshot() if item.content.text == "A.")
        world.person_edit(item.id, text="By hand.", at=item.scheduled_at)


STALE: dict[str, Callable[[WorkspaceDir], object]] = {
    "a file was edited": lambda workspace: workspace.edit("b.yaml", "B.", "B again."),
    "a file came": lambda workspace: workspace.write("c.yaml", post("C.", "2026-12-03 09:30")),
    "a file went": lambda workspace: (workspace.folder / "b.yaml").unlink(),
    "the state moved": lambda workspace: workspace.run("state", "rm", "--auto-approve", "b@x"),
    "its entry was changed by hand": _by_hand,
    "the rules changed": lambda workspace: workspace.write(
        "plancast.yaml", workspace_yaml("{paused: true}")
    ),
}


@pytest.mark.parametrize("step", STALE)
def test_a_saved_plan_is_refused_once_something_moved(tmp_path: Path, step: str) -> None:
    workspace = applied(tmp_path, **TWO)
    workspace.edit("a.yaml", "A.", "A again.")
    assert workspace.run("plan", "-o", "saved.json").code == 0
    STALE[step](workspace)
    before, sent = workspace.live(), workspace.requests()
    stale = workspace.run("apply", "saved.json")
    assert (stale.code, set(stale.codes)) == (ExitCode.STALE, {"PC609"})
    assert (workspace.live(), workspace.requests()) == (before, sent)


def test_a_stale_plan_says_which_entry_moved(tmp_path: Path) -> None:
    workspace = applied(tmp_path, **TWO)
    workspace.edit("a.yaml", "A.", "A again.")
    workspace.run("plan", "-o", "saved.json")
    _by_hand(workspace)
    assert "a@x" in workspace.run("apply", "saved.json").err


def test_a_saved_plan_holds_whatever_else_people_do(tmp_path: Path) -> None:
    workspace = applied(tmp_path, **TWO)
    workspace.edit("a.yaml", "A.", "A again.")
    workspace.run("plan", "-o", "saved.json")
    with workspace.person() as world:
        world.person_create(X, "By hand.", at="2026-12-20T09:30:00Z")
    assert workspace.run("apply", "saved.json").code == ExitCode.DONE
    assert workspace.texts() == ["A again.", "B.", "By hand."]


# -- 70, 130 ----


def test_a_bug_of_ours_is_one_line_and_a_file(tmp_path: Path) -> None:
    workspace = broken(tmp_path, "raise KeyError('a bug')")
    result = workspace.process("plan")
    assert result.code == ExitCode.BUG
    assert result.out == ""
    assert len(result.err.splitlines()) == 1
    (written,) = (tmp_path / "reports").iterdir()
    assert str(written) in result.err
    assert "a bug" in written.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_at_the_question_ends_it_and_nothing_was_done(
    tmp_path: Path, number: signal.Signals
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    running = workspace.start("apply")
    try:
        wait_for_the_question(running)
        running.send_signal(number)
        code = running.wait(timeout=PATIENCE)  # its input stays open: the signal is the answer
    finally:
        running.kill()
        _, err = running.communicate()
    assert code == ExitCode.INTERRUPTED, err
    assert "Interrupted." in err
    assert workspace.live() == ()
    assert workspace.apply().code == ExitCode.DONE


def test_an_interrupt_while_applying_ends_it_between_two_calls(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    for name, text in many(6).items():
        workspace.write(f"{name}.yaml", text.replace("2026", "2030"))
    with served(workspace) as (there, world):
        world.arm(Fault(FaultKind.SLOW, CREATE, skip=1, times=1, seconds=0.8))
        running = there.start("apply", "--auto-approve", "--json")
        assert running.stdout is not None
        while "change_finished" not in (line := running.stdout.readline()):
            assert line, "it ended before it began"
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=PATIENCE)
        assert running.returncode == ExitCode.INTERRUPTED, err
        made = len(world.snapshot())
        assert 1 <= made < 6
        done = there.process("apply", "--auto-approve")
        assert done.code == ExitCode.DONE, done.err
        texts = sorted(item.content.text for item in world.snapshot())
        assert texts == [f"Number {n}." for n in range(6)]
