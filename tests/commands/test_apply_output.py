"""The output of an apply: its text, its stream, and the question that it asks first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from plancast.content.schema import validator
from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.workspace_dir import PATIENCE, WorkspaceDir, post

pytestmark = pytest.mark.part(4)

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """Three posts that wait to be created."""
    return WorkspaceDir.tiny(
        tmp_path,
        a=post("A.", on="x, li"),
        b=post("B.", "2026-12-02 09:30"),
        c=post("C.", "2026-12-03 09:30"),
    )


# -- approval ----

NO = [
    "",
    "\n",
    "no\n",
    "y\n",
    "Y\n",
    "YES\n",
    "Yes\n",
    "yes!\n",
    "yes please\n",
    "ja\n",
    "\x00yes\n",
]


@pytest.mark.parametrize("answer", NO)
def test_whatever_is_not_yes_means_no(workspace: WorkspaceDir, answer: str) -> None:
    result = workspace.run("apply", stdin=answer)
    assert result.code == ExitCode.ERROR
    assert "Nothing was done." in result.err
    assert workspace.requests() == {}
    assert workspace.run("state", "list").out == ""


@pytest.mark.parametrize("answer", ["yes\n", "yes", " yes \n", "yes\r\n"])
def test_yes_means_yes(workspace: WorkspaceDir, answer: str) -> None:
    assert workspace.run("apply", stdin=answer).code == ExitCode.DONE
    assert len(workspace.live()) == 4


def test_what_is_approved_was_shown_before(workspace: WorkspaceDir) -> None:
    result = workspace.run("apply", stdin="no\n")
    assert all(text in result.out for text in ("A.", "B.", "C.", "4 to create"))
    assert "Only 'yes' will be accepted." in result.err


def test_where_nothing_is_to_do_nobody_is_asked(workspace: WorkspaceDir) -> None:
    workspace.apply()
    result = workspace.run("apply")
    assert result.code == ExitCode.DONE
    assert "yes" not in result.err


def test_where_it_is_refused_nobody_is_asked(workspace: WorkspaceDir) -> None:
    workspace.apply()
    for name in "abc":
        (workspace.folder / f"{name}.yaml").unlink()
    result = workspace.run("apply", stdin="yes\n")
    assert result.code == ExitCode.REFUSED
    assert "Enter a value" not in result.err


@pytest.mark.every(2)
def test_without_a_terminal_the_answer_is_no(workspace: WorkspaceDir) -> None:
    running = workspace.start("apply", stdin=subprocess.DEVNULL)
    running.communicate(timeout=PATIENCE)
    assert running.returncode == ExitCode.ERROR
    assert workspace.requests() == {}


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_means_no_and_is_no_bug(
    workspace: WorkspaceDir, closed: str
) -> None:
    running = subprocess.run(
        ["sh", "-c", f'"$0" -m plancast apply {closed}', sys.executable],
        cwd=workspace.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert running.returncode == ExitCode.ERROR, running.stderr
    assert b"bug" not in running.stderr
    assert workspace.requests() == {}


# -- events ----

NAMES = {"apply_started", "batch_started", "change_finished", "waiting", "apply_finished"}


def test_every_line_of_json_is_an_event(workspace: WorkspaceDir) -> None:
    result = workspace.apply("--json")
    assert result.code == ExitCode.DONE
    events = result.events
    assert {event["event"] for event in events} <= NAMES
    assert events[0]["event"] == "apply_started"
    assert events[-1]["event"] == "apply_finished"
    assert all(re.fullmatch(MOMENT, event["at"]) for event in events)
    assert [problem for event in events for problem in validator("event").iter_errors(event)] == []
    ended = [event for event in events if event["event"] == "change_finished"]
    assert sorted(event["address"] for event in ended) == ["a@li", "a@x", "b@x", "c@x"]
    assert {(event["action"], event["outcome"]) for event in ended} == {("create", "applied")}
    assert {event["remote_id"] for event in ended} == {item.id for item in workspace.live()}
    assert sorted(events[-1]["applied"]) == ["a@li", "a@x", "b@x", "c@x"]


def test_any_text_stays_on_one_line_of_json(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST *"))
    result = workspace.apply("--json")
    assert result.code == ExitCode.ERROR
    assert [event["event"] for event in result.events][-1] == "apply_finished"
    assert result.events[-1]["failed"] == ["a@x"]
    assert result.events[1:-1]


def test_json_tells_what_failed_and_what_is_unknown(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST *", skip=1))
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST *", skip=1))
    finished = workspace.apply("--json", "--no-wait").events[-1]
    assert finished["failed"] == ["b@x"]
    assert finished["unknown"] == ["c@x"]
    assert sorted(finished["applied"]) == ["a@li", "a@x"]


def test_json_cannot_ask(workspace: WorkspaceDir) -> None:
    result = workspace.run("apply", "--json", stdin="yes\n")
    assert result.code == ExitCode.ERROR
    assert result.out == ""
    assert "--auto-approve" in result.err
    assert workspace.requests() == {}


def test_json_says_why_it_is_refused_beside_the_events(workspace: WorkspaceDir) -> None:
    workspace.apply()
    for name in "abc":
        (workspace.folder / f"{name}.yaml").unlink()
    result = workspace.apply("--json")
    assert (result.code, result.errors) == (ExitCode.REFUSED, ["PC702"])
    assert result.out == ""


def test_a_saved_plan_streams_events_as_well(workspace: WorkspaceDir) -> None:
    workspace.run("plan", "-o", "saved.json")
    events = workspace.run("apply", "--json", "saved.json").events
    assert sorted(events[-1]["applied"]) == ["a@li", "a@x", "b@x", "c@x"]


# -- streams ----


def test_results_go_to_one_stream_and_everything_else_to_the_other(workspace: WorkspaceDir) -> None:
    planned = workspace.run("plan", "-o", "saved.json")
    assert "4 to create" in planned.out
    assert "Saved the plan" in planned.err
    machine = workspace.run("plan", "--format", "json", "-o", "again.json")
    assert machine.json["summary"]["create"] == 4
    problem = workspace.run("state", "show", "nobody@x")
    assert (problem.out, "PC607" in problem.err) == ("", True)


def test_quiet_leaves_results_and_errors(workspace: WorkspaceDir) -> None:
    planned = workspace.run("-q", "plan", "-o", "saved.json")
    assert "4 to create" in planned.out
    assert planned.err == ""
    applied = workspace.run("-q", "apply", "--auto-approve")
    assert applied.err == ""
    assert "4 applied" in applied.out
    workspace.write("d.yaml", "profiles: [x]\nschedule: soon\ntext: D.\n")
    assert workspace.run("-q", "validate").codes == ["PC401"]


def test_quiet_does_not_hide_the_question(workspace: WorkspaceDir) -> None:
    asked = workspace.run("-q", "apply", stdin="yes\n")
    assert asked.code == ExitCode.DONE
    assert "Enter a value" in asked.err


@pytest.mark.parametrize(
    "command", [("plan",), ("apply", "--auto-approve"), ("status",), ("doctor",)]
)
def test_without_a_terminal_there_is_no_colour(
    workspace: WorkspaceDir, command: tuple[str, ...]
) -> None:
    result = workspace.process(*command)
    assert "\x1b" not in result.out + result.err


@pytest.mark.every(2)
def test_an_output_that_cannot_show_a_sign_ends_no_run(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Grüße → 🎉"))
    workspace.environ = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for command in (("plan",), ("apply", "--auto-approve"), ("status",)):
        assert workspace.process(*command).code == ExitCode.DONE
    assert workspace.texts() == ["Grüße → 🎉"]


# -- broken pipes ----


def _cut(workspace: WorkspaceDir, *args: str, both: bool = False) -> subprocess.Popen[str]:
    """Start a run whose output no process reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        streams = {"stdout": writer, **({"stderr": writer} if both else {})}
        running = workspace.start(*args, **streams)
    finally:
        os.close(writer)
    return running


CUT = [
    ("plan",),
    ("plan", "--format", "json"),
    ("state", "list"),
    ("status",),
    ("profiles",),
    ("schema", "post"),
    ("doctor",),
]


@pytest.mark.parametrize("command", CUT)
def test_a_reader_that_goes_away_is_no_bug(
    workspace: WorkspaceDir, command: tuple[str, ...]
) -> None:
    workspace.apply()
    running = _cut(workspace, *command)
    _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == ExitCode.ERROR, err
    assert err == ""


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("apply", "--auto-approve")])
def test_a_reader_of_both_streams_that_goes_away_is_no_bug(
    workspace: WorkspaceDir, command: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    reports = tmp_path_factory.mktemp("reports")
    workspace.environ = {"TMPDIR": str(reports)}
    workspace.write("d.yaml", "profiles: [x]\nschedule: soon\ntext: D.\n")
    running = _cut(workspace, *command, both=True)
    running.communicate(timeout=PATIENCE)
    assert running.returncode == ExitCode.ERROR
    assert list(reports.iterdir()) == []


@pytest.mark.every(2)
def test_an_apply_whose_plan_nobody_reads_does_nothing(workspace: WorkspaceDir) -> None:
    running = _cut(workspace, "apply", "--auto-approve")
    running.communicate(timeout=PATIENCE)
    assert running.returncode == ExitCode.ERROR
    assert workspace.requests() == {}


def test_an_apply_whose_events_nobody_reads_goes_on_to_its_end(workspace: WorkspaceDir) -> None:
    running = _cut(workspace, "apply", "--auto-approve", "--json")
    _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == ExitCode.DONE, err
    assert err == ""
    assert len(workspace.live()) == 4
    assert workspace.summary() == {"unchanged": 4}


@pytest.mark.every(2)
def test_an_apply_on_a_full_disk_behind_a_redirection_loses_nothing(
    workspace: WorkspaceDir,
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as sink:
        running = workspace.start("apply", "--auto-approve", "--json", stdout=sink)
        running.communicate(timeout=PATIENCE)
    assert len(workspace.live()) == 4
    assert workspace.summary() == {"unchanged": 4}
    assert json.loads(workspace.state_file.read_text(encoding="utf-8"))["intents"] == []
