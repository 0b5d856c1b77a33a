"""A child of the fork server does as a Python that was started for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fork_server import start

pytestmark = pytest.mark.skipif(not start.available(), reason="this system cannot fork")

REPORT = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("WORD"), sys.stdin.read()]))
print("to the other stream", file=sys.stderr)
"""
ENDS = {
    "raise SystemExit(3)": 3,
    "raise SystemExit": 0,
    "raise SystemExit('in words')": 1,
    "1 / 0": 1,
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": 128 + 9,
    "pass": 0,
}


@pytest.mark.parametrize("code", ENDS)
def test_the_client_ends_as_its_child(tmp_path: Path, code: str) -> None:
    (tmp_path / "program.py").write_text(code, encoding="utf-8")
    forked = run(tmp_path, start.command(["-m", "program"]))
    started = run(tmp_path, [sys.executable, "-m", "program"])
    assert forked.returncode == ENDS[code]
    assert started.returncode in (forked.returncode, 128 - forked.returncode)
    assert forked.stderr.splitlines()[-1:] == started.stderr.splitlines()[-1:]


def test_a_child_has_what_its_client_has(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(REPORT, encoding="utf-8")
    for word in ("one", "two"):
        line = start.command(["-m", "program", word, "ä"])
        done = run(tmp_path, line, WORD=word)
        assert json.loads(done.stdout) == [[word, "ä"], str(tmp_path), word, "typed"]
        assert done.stderr == "to the other stream\n"


def test_what_one_child_changes_no_other_sees(tmp_path: Path) -> None:
    leave = (
        "import os, sys, json; print(hasattr(json, 'mark')); json.mark = os.environ['MARK'] = '1'"
    )
    (tmp_path / "program.py").write_text(leave, encoding="utf-8")
    for _ in range(2):
        assert run(tmp_path, start.command(["-m", "program"])).stdout == "False\n"


def test_an_isolated_child_imports_nothing_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("", encoding="utf-8")
    done = run(tmp_path, start.command(["-I", "-m", "program"]))
    assert done.returncode == 1
    assert "No module named program" in done.stderr


def test_output_can_go_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print(open(1, 'w', closefd=False).tell())")
    with (tmp_path / "out").open("w") as out:
        out.write("before\n")
        out.flush()
        subprocess.run(start.command(["-m", "program"]), cwd=tmp_path, check=True, stdout=out)
    assert (tmp_path / "out").read_text() == "before\n7\n"


def run(folder: Path, line: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        line, cwd=folder, env={**os.environ, **environ}, input="typed", text=True,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
