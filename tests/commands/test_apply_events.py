"""`apply --json-into`: the events in a file, beside the usual output, and never in its way."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from plancast.codec.apply_log import read_record
from plancast.commands.apply import EventsFile
from plancast.files.named_file import NamedFile
from plancast.model.events import ApplyStarted, BatchStarted
from plancast.model.exit_codes import ExitCode
from plancast.render.terminal.progress import JsonSink, RecordSink
from plancast.sandbox import Fault, FaultKind
from plancast.testing.builders import NOW
from tests.commands.workspace_dir import WorkspaceDir, applied, many, post

FILE = "events.jsonl"


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return WorkspaceDir.tiny(
        tmp_path / "w", a=post("A.", on="x, li"), b=post("B.", "2026-12-02 09:30")
    )


def events(workspace: WorkspaceDir, name: str = FILE) -> list[dict[str, Any]]:
    text = (workspace.folder / name).read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def names(found: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in found]


def test_the_events_are_written_beside_the_usual_output(
    workspace: WorkspaceDir, tmp_path: Path
) -> None:
    done = workspace.apply("--json-into", FILE)
    assert (done.code, done.codes) == (0, []), done.err
    assert "Apply complete: 3 applied" in done.out
    found = events(workspace)
    assert (found[0]["event"], found[-1]["event"]) == ("apply_started", "apply_finished")
    finished = {event["address"] for event in found if event["event"] == "change_finished"}
    assert finished == {"a@x", "a@li", "b@x"}
    plain = WorkspaceDir.tiny(
        tmp_path / "plain", a=post("A.", on="x, li"), b=post("B.", "2026-12-02 09:30")
    )
    assert plain.apply().out == done.out


def test_beside_the_stream_of_events_it_is_the_same_stream(workspace: WorkspaceDir) -> None:
    done = workspace.apply("--json", "--json-into", FILE)
    assert done.out == (workspace.folder / FILE).read_text(encoding="utf-8")


def test_a_saved_plan_is_recorded_as_well(workspace: WorkspaceDir) -> None:
    workspace.run("plan", "-o", "plan.json")
    assert workspace.run("apply", "plan.json", "--json-into", FILE).code == 0
    assert read_record((workspace.folder / FILE).read_text(encoding="utf-8")).ended


def test_an_apply_that_has_nothing_to_do_says_so_in_the_file(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post())
    workspace.apply("--json-into", FILE)
    assert names(events(workspace)) == ["apply_started", "apply_finished"]


def test_what_failed_is_in_the_file(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST *"))
    assert workspace.apply("--json-into", FILE).code == ExitCode.PARTIAL
    assert events(workspace)[-1]["failed"] == ["a@li", "a@x"]


def test_what_an_earlier_run_told_is_gone_even_where_this_one_does_nothing(
    workspace: WorkspaceDir,
) -> None:
    """Else the receipt would show an apply that never was."""
    workspace.run("plan", "-o", "plan.json")
    assert workspace.run("apply", "plan.json", "--json-into", FILE).code == 0
    again = workspace.run("apply", "plan.json", "--json-into", FILE)
    assert (again.code, events(workspace)) == (ExitCode.STALE, [])
    workspace.run("apply", "none.json", "--json-into", FILE)
    assert events(workspace) == []


def test_a_refused_question_leaves_an_empty_record(workspace: WorkspaceDir) -> None:
    assert workspace.run("apply", "--json-into", FILE, stdin="no\n").code == ExitCode.ERROR
    assert events(workspace) == []


# -- a file that cannot be written ----


@pytest.mark.parametrize("name", ["none/events.jsonl", "a.yaml/events.jsonl"])
def test_a_file_that_cannot_be_opened_is_told_before_anything_is_sent(
    workspace: WorkspaceDir, name: str
) -> None:
    done = workspace.apply("--json-into", name)
    assert (done.code, done.errors, workspace.requests()) == (ExitCode.ERROR, ["PC007"], {})


def test_the_plan_itself_is_not_written_over(workspace: WorkspaceDir) -> None:
    workspace.run("plan", "-o", "plan.json")
    before = (workspace.folder / "plan.json").read_bytes()
    (workspace.folder / "link.jsonl").symlink_to("plan.json")
    for name in ("plan.json", "./plan.json", "link.jsonl"):
        assert workspace.run("apply", "plan.json", "--json-into", name).code == ExitCode.ERROR
    assert (workspace.folder / "plan.json").read_bytes() == before


def test_a_disk_that_is_full_ends_the_record_and_not_the_apply(workspace: WorkspaceDir) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = workspace.apply("--json-into", "/dev/full")
    assert (done.code, done.errors) == (ExitCode.ERROR, ["PC007"]), done.err
    assert "plancast status" in done.err
    assert "the apply went on without it" in done.err
    assert "Apply complete: 3 applied" in done.out
    assert len(workspace.live()) == 3
    assert Path("/dev/full").exists()


@pytest.mark.parametrize(("text", "stays"), [("", False), ('{"event": "apply', True)])
def test_a_file_that_took_nothing_goes_since_an_empty_one_says_that_nothing_was_begun(
    tmp_path: Path, text: str, stays: bool
) -> None:
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    with path.open("a", encoding="utf-8") as file:
        EventsFile(FILE, NamedFile(path), file).lost("No space left on device")
    assert path.exists() is stays


class Disk(io.StringIO):
    """Takes so many characters, and no more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, text: str) -> int:
        super().write(text[: self.room])
        if len(text) > self.room:
            self.room = 0
            raise OSError(28, "No space left on device")
        self.room -= len(text)
        return len(text)


@pytest.mark.parametrize("room", range(0, 240, 7))
def test_a_record_that_has_no_more_room_is_torn_once_and_told_once(room: int) -> None:
    shown, disk, lost = io.StringIO(), Disk(room), list[str]()
    sink = RecordSink(JsonSink(shown), disk, lost.append)
    for number in range(1, 5):
        sink.emit(ApplyStarted(NOW, number, number, 0))
        sink.emit(BatchStarted(NOW, number, 4, 1))
    sink.close()
    assert len(shown.getvalue().splitlines()) == 8
    assert shown.getvalue().startswith(disk.getvalue())
    assert lost == ["No space left on device"]


def test_a_file_that_is_closed_under_it_is_lost_like_a_full_one() -> None:
    lost: list[str] = []
    closed = io.StringIO()
    closed.close()
    RecordSink(JsonSink(io.StringIO()), closed, lost.append).emit(ApplyStarted(NOW, 1, 1, 0))
    assert lost == ["it is closed"]


# -- a run that does not come to its end ----


def test_a_run_that_is_killed_leaves_what_it_told_so_far(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **many(20))
    running = workspace.start("apply", "--auto-approve", "--json-into", FILE)
    assert running.stdout is not None
    while "created (2/20)" not in (line := running.stdout.readline()):
        assert line, "it ended before it did two"
    running.kill()
    running.communicate()
    record = read_record((workspace.folder / FILE).read_text(encoding="utf-8"))
    assert record.began
    assert len(record.finished) >= 2
