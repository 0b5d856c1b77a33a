"""A plan in a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from plancast.files.named_file import NamedFile
from plancast.model.exit_codes import Stop
from plancast.model.plan import FORMAT_VERSION, Action
from plancast.store.plan_file import load, save
from plancast.testing import builders


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    plan = builders.plan(
        *(builders.change(action, f"post-{action.value}@acme-x") for action in Action),
        unmanaged=[builders.unmanaged()],
    )
    file = NamedFile(tmp_path / "a.plan")
    save(file, plan)
    assert load(file) == plan


def newer() -> bytes:
    return json.dumps({"format_version": FORMAT_VERSION + 1}).encode()


BROKEN = {
    "empty": b"",
    "not JSON": b"plan",
    "not UTF-8": b'"\xff"',
    "a list": b"[]",
    "something else": b"{}",
    "newer": newer(),
    "nested": b"[" * 100_000,
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_what_is_no_plan_is_refused_with_its_path(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.plan"
    path.write_bytes(raw)
    with pytest.raises(Stop) as stop:
        load(NamedFile(path))
    assert stop.value.diagnostics[0].code == "PC608"
    assert "a.plan" in stop.value.diagnostics[0].detail


def test_a_plan_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.plan", tmp_path):
        with pytest.raises(Stop):
            load(NamedFile(path))


def test_a_plan_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Stop) as stop:
        save(NamedFile(tmp_path / "file" / "a.plan"), builders.plan())
    assert stop.value.diagnostics[0].code == "PC007"


FULL_DISK = """
import resource, sys
from pathlib import Path
from plancast.model.exit_codes import Stop
from plancast.files.named_file import NamedFile
from plancast.store.plan_file import save
from plancast.testing import builders
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
try:
    save(NamedFile(Path(sys.argv[1])), builders.plan(builders.change()))
except Stop as stop:
    print(stop.diagnostics[0].code)
"""


def test_a_full_disk_leaves_the_plan_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    save(NamedFile(path), builders.plan())
    before = path.read_bytes()
    line = [sys.executable, "-c", FULL_DISK, str(path)]
    root = Path(__file__).parents[2]
    ended = subprocess.run(line, cwd=root, check=True, capture_output=True, text=True)
    assert ended.stdout == "PC007\n"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "nothing is left behind"


def test_a_torn_plan_is_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    save(NamedFile(path), builders.plan(builders.change()))
    whole = path.read_bytes()
    for size in range(0, len(whole) - 2, 97):
        path.write_bytes(whole[:size])
        with pytest.raises(Stop):
            load(NamedFile(path))
