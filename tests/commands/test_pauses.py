"""Changes that are held back: by a pause, by a full queue, by another run."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox import Fault, FaultKind
from tests.commands.workspace_dir import WorkspaceDir, applied, many, post, served


def test_nothing_is_shared_while_publishing_is_paused(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("A."))
    workspace.edit("plancast.yaml", "policy: {}", "policy: {paused: true}")
    refused = workspace.run("share", "a@x", "--auto-approve")
    assert (refused.code, refused.codes) == (ExitCode.REFUSED, ["PC707"])


def test_an_apply_that_leaves_posts_waiting_for_room_says_so_by_its_exit_code(
    tmp_path: Path,
) -> None:
    provider = "{name: sandbox, clock: 2026-11-30T08:00:00Z, queue_limit: 1}"
    workspace = WorkspaceDir.tiny(tmp_path, provider=provider, **many(2))
    first = workspace.apply()
    assert first.code == ExitCode.PARTIAL
    assert workspace.texts() == ["Number 0."]
    planned = workspace.run("plan")
    assert "Nothing can be done now: 1 held back" in planned.out


# -- the lease ----


def lock(workspace: WorkspaceDir, host: str) -> None:
    """As a run on that machine leaves it which was killed."""
    path = workspace.folder / ".plancast" / "state.json"
    state = json.loads(path.read_text("utf-8"))
    state["lease"] = {
        "holder": f"`apply`, pid 7 on {host}", "token": "another", "host": host,
        "acquired_at": "2026-11-30T07:00:00Z", "ttl_seconds": 300,
    }  # fmt: skip
    path.write_text(json.dumps(state), "utf-8")


def test_a_run_on_another_machine_holds_the_state_until_it_is_unlocked(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("A."))
    lock(workspace, "elsewhere")
    workspace.write("b.yaml", post("B.", "2026-12-02 09:30"))
    locked = workspace.apply()
    assert (locked.code, locked.codes) == (ExitCode.LOCKED, ["PC605"])
    assert "pid 7 on elsewhere" in locked.err
    message = " ".join(locked.err.split())
    assert "free 300 s after its last write" in message
    assert "--lock-timeout 360" in message
    assert workspace.run("state", "unlock", stdin="no\n").code == ExitCode.ERROR
    assert workspace.apply().code == ExitCode.LOCKED
    unlocked = workspace.run("state", "unlock", "--auto-approve")
    assert unlocked.code == ExitCode.DONE
    assert workspace.apply().code == ExitCode.DONE
    assert workspace.texts() == ["A.", "B."]
    assert workspace.run("state", "unlock").out == "Nobody holds the state.\n"


def test_what_is_held_can_be_looked_at(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("A."))
    lock(workspace, "elsewhere")
    for command in (("plan",), ("status",), ("state", "list"), ("report",)):
        assert workspace.run(*command).code == ExitCode.DONE


# -- signals ----


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_call_that_nobody_answers_does_not_hold_up_the_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    with served(WorkspaceDir(tmp_path), clock="running") as (workspace, world):
        soon = time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() + 86_400))
        for name in "abc":
            workspace.write(f"{name}.yaml", post(f"{name.upper()}.", soon))
        world.arm(Fault(FaultKind.SLOW, "POST *", 1, 1, 30.0))
        running = workspace.start("apply", "--auto-approve")
        while world.requests().received.get("POST /updates/create.json", 0) < 2:
            assert running.poll() is None, running.communicate()
            time.sleep(0.02)
        running.send_signal(number)
        out, _ = running.communicate(timeout=10)
        world.clear_faults()
        assert running.returncode == ExitCode.INTERRUPTED
        assert "1 applied" in out
        assert "1 unknown" in out
        assert "1 not attempted" in out


def test_a_second_signal_ends_a_run_at_once(tmp_path: Path) -> None:
    with served(WorkspaceDir(tmp_path), clock="running") as (workspace, world):
        soon = time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() + 86_400))
        workspace.write("a.yaml", post("A.", soon))
        world.arm(Fault(FaultKind.SLOW, "POST *", 0, 1, 30.0))
        running = workspace.start("apply", "--auto-approve")
        while world.requests().received.get("POST /updates/create.json", 0) < 1:
            assert running.poll() is None, running.communicate()
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=10)
        assert running.returncode == ExitCode.INTERRUPTED
        world.clear_faults()
        assert workspace.run("plan", "--offline").code in (ExitCode.DONE, ExitCode.UNKNOWN)
