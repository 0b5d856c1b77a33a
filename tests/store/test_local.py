"""The state as a file: what is there is never lost, whatever it is and whatever else runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from plancast.model.ports import StateDamaged, StateLocked, StateTooNew, StateUnwritable
from plancast.model.state import FORMAT_VERSION
from plancast.store.local import LocalStore

HOLD = """
import sys, time
from pathlib import Path
from plancast.store.local import LocalStore
with LocalStore(Path(sys.argv[1])).lock("the other process", 0.0):
    print("held", flush=True)
    time.sleep(60)
"""
FULL_DISK = """
import resource, signal, sys
from dataclasses import replace
from pathlib import Path
from plancast.model.ports import StateUnwritable
from plancast.store.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
state = store.read()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
try:
    store.write(replace(state, account_id="x" * 500))
except StateUnwritable as error:
    print(error)
    sys.exit(9)
"""


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / ".plancast")


DAMAGED = {
    "empty": b"",
    "not JSON": b"{",
    "cut off": b'{"format_version": 1, "lineage": "a", "ser',
    "not UTF-8": b'{"lineage": "\xff"}',
    "a list": b"[]",
    "no version": b'{"lineage": "a", "serial": 1}',
    "version 0": b'{"format_version": 0, "lineage": "a", "serial": 1}',
    "a wrong type": b'{"format_version": 1, "lineage": 7, "serial": 1}',
    "a wrong time": b'{"format_version": 1, "lineage": "a", "serial": 1, "read_at": "soon"}',
    "nested too deeply": b"[" * 100_000,
    "a resource that is none": b'{"format_version": 1, "serial": 1, "resources": {"a": {}}}',
}


@pytest.mark.parametrize("raw", DAMAGED.values(), ids=DAMAGED)
def test_what_cannot_be_understood_is_said_and_left_alone(store: LocalStore, raw: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(raw)
    with pytest.raises(StateDamaged) as damaged:
        store.read()
    assert str(store.path) in str(damaged.value)
    fresh = LocalStore(store.path.parent.with_name("other")).read()
    with pytest.raises(StateDamaged):
        store.write(fresh)
    assert store.path.read_bytes() == raw


def test_a_state_of_a_newer_plancast_is_left_alone(store: LocalStore) -> None:
    written = store.write(store.read())
    document = json.loads(store.path.read_text())
    document["format_version"] = FORMAT_VERSION + 1
    store.path.write_text(json.dumps(document))
    before = store.path.read_bytes()
    with pytest.raises(StateTooNew):
        store.read()
    with pytest.raises(StateTooNew):
        store.write(written)
    assert store.path.read_bytes() == before


def test_an_older_state_is_led_on_step_by_step(store: LocalStore) -> None:
    store.write(replace(store.read(), account_id="user-1"))
    document = json.loads(store.path.read_text())
    document |= {"format_version": -1, "owner": document.pop("account_id")}
    store.path.write_text(json.dumps(document))

    def first(old: dict[str, object]) -> dict[str, object]:
        return {**old, "format_version": 0, "user": old["owner"]}

    def second(old: dict[str, object]) -> dict[str, object]:
        return {**old, "format_version": FORMAT_VERSION, "account_id": old["user"]}

    assert LocalStore(store.path.parent, {-1: first, 0: second}).read().account_id == "user-1"
    with pytest.raises(StateDamaged, match="no step leads on from 0"):
        LocalStore(store.path.parent, {-1: first}).read()


def test_the_state_before_the_last_write_is_kept_beside_it(store: LocalStore) -> None:
    first = store.write(replace(store.read(), account_id="before"))
    store.write(replace(first, account_id="after"))
    backup = json.loads(store.path.with_name("state.json.backup").read_text())
    assert (backup["serial"], backup["account_id"]) == (1, "before")


def test_the_folder_is_nobody_elses_and_not_for_git(store: LocalStore) -> None:
    store.write(store.read())
    assert store.path.parent.stat().st_mode & 0o777 == 0o700
    assert (store.path.parent / ".gitignore").read_text() == "*\n"


def test_nothing_is_left_behind_beside_the_state(store: LocalStore) -> None:
    for _ in range(3):
        store.write(store.read())
    names = {path.name for path in store.path.parent.iterdir()}
    assert names <= {"state.json", "state.json.backup", ".gitignore", "write.lock", "lock"}


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / ".plancast").write_text("mine")
    store = LocalStore(tmp_path / ".plancast")
    with pytest.raises((StateUnwritable, StateDamaged)):
        store.write(store.read())
    assert (tmp_path / ".plancast").read_text() == "mine"


def test_a_folder_in_the_place_of_the_state_is_said_and_left_alone(store: LocalStore) -> None:
    (store.path / "kept").mkdir(parents=True)
    with pytest.raises(StateDamaged, match=r"state\.json"):
        store.read()
    with pytest.raises(StateDamaged):
        store.write(LocalStore(store.path.parent.with_name("other")).read())
    assert (store.path / "kept").is_dir()


def test_a_workspace_may_be_reached_through_a_link(tmp_path: Path) -> None:
    """Links above the workspace are those of the user."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "workspace").symlink_to(tmp_path / "elsewhere")
    store = LocalStore(tmp_path / "workspace" / ".plancast")
    written = store.write(store.read())
    assert LocalStore(tmp_path / "elsewhere" / ".plancast").read() == written
    with (
        store.lock("by one name", 0.0),
        pytest.raises(StateLocked),
        LocalStore(tmp_path / "elsewhere" / ".plancast").lock("by the other", 0.0),
    ):
        pytest.fail("two runs hold the state")


def test_a_note_that_cannot_be_read_names_nobody(store: LocalStore) -> None:
    with store.lock("the first", 0.0):
        (store.path.parent / "lock.holder").write_bytes(b"\xff")
        with pytest.raises(StateLocked, match="another run"), store.lock("the second", 0.0):
            pytest.fail("two runs hold the lock")


def test_a_full_disk_loses_nothing(store: LocalStore) -> None:
    store.write(store.read())
    before = store.path.read_bytes()
    line = [sys.executable, "-c", FULL_DISK, str(store.path.parent)]
    ended = subprocess.run(line, check=False, capture_output=True, text=True)
    assert ended.returncode == 9, ended.stderr
    assert str(store.path) in ended.stdout
    assert store.path.read_bytes() == before
    assert store.write(store.read()).serial == 2


def test_a_lock_falls_with_the_process_that_held_it(store: LocalStore) -> None:
    line = [sys.executable, "-c", HOLD, str(store.path.parent)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StateLocked) as locked, store.lock("me", 0.0):
            pytest.fail("two processes hold the lock")
        assert locked.value.holder == "the other process"
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        with store.lock("me", 5.0):
            pass
