"""Another process exchanges files and folders for links all the time: no use is ever led astray."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from plancast.content.discovery import named_file
from plancast.files.folder import Folder
from plancast.files.refusals import LockHeld
from plancast.model.exit_codes import Stop
from plancast.model.ports import StateError
from plancast.model.state import State
from plancast.providers.sandbox import DATABASE, open_world
from plancast.store.journal import FileJournal
from plancast.store.local import LocalStore
from tests.files.obstacles import CONTENT, Outside

ROUNDS = 4_000
"""Exchanges: each puts the link in the place, then what belongs there."""

SWAPPER = """
import os, sys
place, own, link, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
for _ in range(rounds):
    for turn in (link, own):
        try:
            if os.path.lexists(place):
                os.rename(place, link if turn == own else own)
            os.rename(turn, place)
        except OSError:
            pass
"""


def raced(place: Path, link_to: Path, step: Callable[[], object], rounds: int = ROUNDS) -> int:
    """Take steps while a place is exchanged for a link and back; how many went well."""
    own, link = (place.parent.parent / f"{place.name}.{name}" for name in ("own", "link"))
    link.symlink_to(link_to)
    line = [sys.executable, "-c", SWAPPER, *map(str, (place, own, link, rounds))]
    done = 0
    with subprocess.Popen(line) as swapper:
        while swapper.poll() is None:
            with suppress(OSError, LockHeld, Stop, StateError):
                step()
                done += 1
    assert swapper.returncode == 0
    return done


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside.make(tmp_path / "outside")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "workspace").mkdir()
    made = Folder(tmp_path / "workspace", ("kept",))
    made.create()
    made.add("own", b"ours\n")
    return made


def read(folder: Folder) -> None:
    assert CONTENT not in folder.read("own", 100_000)


def append(folder: Folder) -> None:
    with folder.append("own") as file:
        file.write(b"more\n")
        file.seek(0)
        assert CONTENT not in file.read()


def empty(folder: Folder) -> None:
    folder.empty("own").close()


def replace(folder: Folder) -> None:
    folder.replace("own", b"ours\n")


def lock(folder: Folder) -> None:
    with folder.lock("own", 0.0):
        pass


def tighten(folder: Folder) -> None:
    folder.tighten("own")


def remove(folder: Folder) -> None:
    folder.remove("own")
    folder.add("own", b"ours\n")


STEPS = [read, append, empty, replace, lock, tighten, remove]


@pytest.mark.parametrize("step", STEPS)
def test_a_file_that_is_exchanged_for_a_link(
    folder: Folder, outside: Outside, step: Callable[[Folder], None]
) -> None:
    raced(folder.path / "own", outside.file, lambda: step(folder))
    outside.check()


@pytest.mark.parametrize("step", STEPS)
def test_a_folder_that_is_exchanged_for_a_link(
    folder: Folder, outside: Outside, step: Callable[[Folder], None]
) -> None:
    (outside.folder / "own").write_bytes(CONTENT)
    (outside.folder / "own").chmod(0o644)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in outside.folder.iterdir())

    def create_and_step() -> None:
        folder.create()
        step(folder)

    done = raced(folder.path, outside.folder, create_and_step)
    assert done, "now and then all was as it should be"
    assert (outside.folder / "own").read_bytes() == CONTENT
    assert (outside.folder / "own").stat().st_mode & 0o777 == 0o644
    assert outside.folder.stat().st_mode & 0o777 == 0o755
    found = sorted((path.name, path.stat().st_mtime_ns) for path in outside.folder.iterdir())
    assert found == before


def test_a_file_that_the_user_named(tmp_path: Path, outside: Outside) -> None:
    checkout = tmp_path / "checkout"
    (checkout / ".git").mkdir(parents=True)
    (checkout / "out").mkdir()

    def step() -> None:
        named_file(checkout / "out" / "plan.json", checkout).replace(b"{}\n")
        with named_file(checkout / "out" / "log", checkout).append() as file:
            file.write(b"a line\n")

    raced(checkout / "out", outside.folder, step)
    outside.check()


@pytest.mark.parametrize("name", ["state.json", "journal.jsonl", "lock", "write.lock", ""])
def test_the_state(tmp_path: Path, outside: Outside, name: str) -> None:
    place = tmp_path / "workspace" / ".plancast"
    place.parent.mkdir()
    store, journal = LocalStore(place), FileJournal(place / "journal.jsonl")

    def step() -> None:
        with store.lock("a run", 0.0):
            state = store.write(journal.replay(store.read()))
            journal.intend(State(state.lineage, state.serial), [])
            journal.clear()

    step()
    raced(place / name, outside.folder if not name else outside.file, step, ROUNDS // 2)
    outside.check()


def test_the_database_of_the_sandbox(tmp_path: Path, outside: Outside) -> None:
    """SQLite opens files by their paths: what it opened is compared before anything is done."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    open_world(workspace, {}).close()
    outside.file.unlink()
    open_world(tmp_path / "outside", {}).close()
    other = tmp_path / "outside" / DATABASE
    before = other.read_bytes()
    names = sorted(path.name for path in other.parent.iterdir())

    def step() -> None:
        with open_world(workspace, {}) as world:
            world.set_setting("queue_limit", 7)

    raced(workspace / DATABASE, other, step, ROUNDS // 2)
    assert other.read_bytes() == before
    assert sorted(path.name for path in other.parent.iterdir()) == names
