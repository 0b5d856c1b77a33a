"""Full disks, closed streams and readers who go away: an exit code that is true, nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import PATIENCE, WorkspaceDir, applied, broken, post

pytestmark = pytest.mark.part(6)

TWO = {"a": post("A."), "b": post("B.", "2026-12-02 09:30")}
FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def ended(
    workspace: WorkspaceDir, *args: str, stdin: str = "", unbuffered: bool = False, **streams: Any
) -> tuple[int, str, str]:
    """How a process ended whose streams are these, and what it wrote to those that are pipes."""
    environ = {"PYTHONUNBUFFERED": "1" if unbuffered else ""}
    running = WorkspaceDir(workspace.folder, {**workspace.environ, **environ}).start(
        *args, **streams
    )
    try:
        out, err = running.communicate(stdin, timeout=PATIENCE)
    finally:
        running.kill()
        running.communicate()
    return running.returncode, out or "", err or ""


# -- standard output ----


@needs_full
@pytest.mark.parametrize(
    ("args", "unbuffered"),
    [
        (("--help",), False),
        (("--help",), True),
        (("plan", "--detailed-exitcode"), False),
        (("plan", "--detailed-exitcode"), True),
        (("validate", "--format", "sarif"), True),
        (("schema", "post"), False),
    ],
)
def test_a_result_that_does_not_fit_on_the_disk_is_an_error(
    tmp_path: Path, args: tuple[str, ...], unbuffered: bool
) -> None:
    workspace = applied(tmp_path, **TWO)
    workspace.edit("a.yaml", "A.", "A again.")
    with FULL.open("w") as full:
        code, _, err = ended(workspace, *args, unbuffered=unbuffered, stdout=full)
    assert code == ExitCode.ERROR
    assert "No space left on device" in err
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@needs_full
@pytest.mark.parametrize(
    ("more", "unbuffered"), [((), False), ((), True), (("--json",), False), (("--json",), True)]
)
def test_an_apply_on_a_full_disk_finishes_and_then_says_that_it_could_not_say_so(
    tmp_path: Path, more: tuple[str, ...], unbuffered: bool
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    with FULL.open("w") as full:
        code, _, err = ended(
            workspace, "apply", "--auto-approve", *more, unbuffered=unbuffered, stdout=full
        )
    assert code == ExitCode.ERROR
    assert "standard output: No space left on device" in err
    assert err.count("No space left on device") == 1
    assert workspace.texts() == ["A.", "B."]
    assert workspace.summary() == {"unchanged": 2}


@needs_full
def test_a_plan_that_cannot_be_shown_is_not_asked_about(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    with FULL.open("w") as full:
        code, _, err = ended(workspace, "apply", stdin="yes\n", stdout=full)
    assert code == ExitCode.ERROR
    assert "Enter a value" not in err
    assert workspace.live() == ()


@needs_full
def test_a_question_that_cannot_be_shown_is_not_answered(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    with FULL.open("w") as full:
        code, _, _ = ended(workspace, "apply", stdin="yes\n", stderr=full)
    assert code == ExitCode.ERROR
    assert workspace.live() == ()


# -- standard error ----


@needs_full
def test_an_apply_whose_notes_do_not_fit_finishes(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    with FULL.open("w") as full:
        code, out, _ = ended(workspace, "apply", "--auto-approve", stderr=full)
    assert (code, workspace.texts()) == (ExitCode.DONE, ["A.", "B."])
    assert "2 applied" in out


@needs_full
@pytest.mark.parametrize("args", [("frobnicate",), ("plan",)])
def test_what_is_wrong_and_cannot_be_said_is_in_the_exit_code(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A.", at="soon"))
    with FULL.open("w") as full:
        code, _, _ = ended(workspace, *args, stdout=full, stderr=full)
    assert code == ExitCode.ERROR


# -- streams that are closed before it begins ----

CLOSED: dict[str, Callable[[], None]] = {
    "input": lambda: os.close(0),
    "output": lambda: os.close(1),
    "errors": lambda: os.close(2),
    "all": lambda: os.closerange(0, 3),
}


@pytest.mark.parametrize("which", CLOSED)
def test_streams_that_are_closed_are_no_error(tmp_path: Path, which: str) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    code, _, err = ended(workspace, "apply", "--auto-approve", preexec_fn=CLOSED[which])
    assert (code, err) == (ExitCode.DONE, "")
    assert workspace.texts() == ["A.", "B."]


def test_a_question_without_an_input_is_answered_with_no(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    code, _, _ = ended(workspace, "apply", preexec_fn=CLOSED["input"])
    assert (code, workspace.live()) == (ExitCode.ERROR, ())


# -- the folder, the home, the arguments ----


def here(folder: Path, *args: str, environ: Mapping[str, str] | None = None) -> Any:
    """A process in a folder that is removed before it begins."""
    return subprocess.run(
        [sys.executable, "-m", "plancast", *args],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **(environ or {})},
        preexec_fn=folder.rmdir,
    )


@pytest.mark.parametrize(
    "args",
    [
        ("plan",),
        ("init",),
        ("fmt",),
        ("sandbox", "clock"),
    ],
)
def test_a_folder_that_is_gone_is_an_error(tmp_path: Path, args: tuple[str, ...]) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    result = here(folder, *args)
    assert result.returncode == ExitCode.ERROR, result.stderr
    assert result.stderr.startswith("error[PC0")
    assert "hint:" in result.stderr


def test_what_needs_no_folder_does_without_one(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    assert here(tmp_path / "gone", "schema").returncode == ExitCode.DONE


def test_a_home_is_not_needed(tmp_path: Path) -> None:
    WorkspaceDir.tiny(tmp_path, **TWO)
    result = subprocess.run(
        [sys.executable, "-m", "plancast", "apply", "--auto-approve"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            key: value
            for key, value in os.environ.items()
            if key not in ("HOME", "USER") and not key.startswith("XDG_")
        },
    )
    assert result.returncode == ExitCode.DONE, result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("-C", "\udcff", "plan"),
        ("state", "show", "\udcff@x"),
        ("plan", "--target", "\udcff"),
        ("plan", "-o", "\udcff"),
        ("\udcff",),
        ("apply", "--lock-timeout", "\udcff"),
    ],
)
def test_an_argument_that_is_not_utf_8_is_refused(
    tmp_path: Path, args: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    files = workspace.files()
    result = workspace.run(*args)
    assert (result.code, result.out) == (ExitCode.ERROR, "")
    assert "not UTF-8" in capsys.readouterr().err
    assert workspace.files() == files


# -- a bug of ours, while nothing works ----


def test_a_bug_is_one_line_where_no_file_can_be_written(tmp_path: Path) -> None:
    workspace = broken(tmp_path, "raise KeyError('a bug')")
    # A file in the place of the folder; and without permissions for the others that are tried.
    (tmp_path / "reports").rmdir()
    (tmp_path / "reports").write_text("in the way")
    code = (
        "import sys, tempfile\n"
        "tempfile.tempdir = sys.argv.pop(1)\n"
        "from plancast.commands.main import main\n"
        "main(sys.argv[1:])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "reports"), "plan"],
        check=False,
        capture_output=True,
        text=True,
        cwd=workspace.folder,
        env={**os.environ, **workspace.environ},
    )
    assert result.returncode == ExitCode.BUG
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert "KeyError" in line
    assert "broken_one.py:5" in line
    assert "Not a directory" in line


@needs_full
def test_a_bug_that_cannot_even_be_told_is_in_the_exit_code(tmp_path: Path) -> None:
    workspace = broken(tmp_path, "raise KeyError('a bug')")
    with FULL.open("w") as full:
        code, _, _ = ended(workspace, "plan", stderr=full)
    assert code == ExitCode.BUG
    assert len(list((tmp_path / "reports").iterdir())) == 1


def test_what_cannot_be_spelled_in_utf_8_is_no_second_bug(tmp_path: Path) -> None:
    workspace = broken(tmp_path, r"raise KeyError('half: \ud800')")
    workspace.environ = {**workspace.environ, "BUFFER_API_KEY": "key-\udcff"}
    result = workspace.process("plan")
    assert result.code == ExitCode.BUG
    (written,) = (tmp_path / "reports").iterdir()
    assert "half: " in written.read_text(encoding="utf-8")


def test_a_folder_of_reports_with_an_odd_name_stays_on_one_line(tmp_path: Path) -> None:
    odd = tmp_path / "re\nports\x1b[2J"
    odd.mkdir()
    workspace = broken(tmp_path, "raise KeyError('a bug')")
    workspace.environ = {**workspace.environ, "TMPDIR": str(odd)}
    result = workspace.process("plan")
    assert result.code == ExitCode.BUG
    assert len(result.err.splitlines()) == 1
    assert "\x1b" not in result.err


def test_a_pipe_that_nobody_reads_is_no_bug(tmp_path: Path) -> None:
    workspace = applied(tmp_path, **TWO)
    for args in (("plan",), ("--help",)):
        reading, writing = os.pipe()
        os.close(reading)
        stream: IO[bytes] = os.fdopen(writing, "wb")
        with stream:
            code, _, err = ended(workspace, *args, stdout=stream)
        assert (code, err) == (ExitCode.ERROR, ""), args
