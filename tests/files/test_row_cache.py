"""The cache of rows: it finds what it kept, and whatever is wrong with its file is no error."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from plancast.files.row_cache import MOST_OF_A_VALUE, RowCache

ROWS = {f"key {number}".encode(): f"value {number}".encode() for number in range(1200)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "plancast" / "posts" / "rows.sqlite"


def kept(path: Path, rows: dict[bytes, bytes] = ROWS, today: int = 1) -> RowCache:
    cache = RowCache(path, today)
    cache.keep(rows)
    assert cache.trouble == ""
    cache.close()
    return RowCache(path, today)


def found(path: Path) -> tuple[dict[bytes, bytes], str]:
    cache = RowCache(path, 1)
    rows = cache.find([*ROWS, b"another"])
    cache.close()
    return rows, cache.trouble


def test_what_was_kept_is_found(path: Path) -> None:
    kept(path)
    assert found(path) == (ROWS, "")
    size = RowCache(path, 1).size()
    assert size is not None
    assert (size.rows, size.bytes) == (1200, path.stat().st_size)


def test_only_this_user_can_read_it_whatever_the_umask_is(path: Path) -> None:
    before = os.umask(0)
    try:
        kept(path)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_loose_modes_are_tightened_before_it_is_read(path: Path) -> None:
    kept(path)
    path.chmod(0o666)
    path.parent.chmod(0o777)
    assert found(path) == (ROWS, "")
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


def test_looking_at_its_size_does_not_create_it(path: Path) -> None:
    assert RowCache(path, 1).size() is None
    assert not path.parent.parent.exists()


def test_the_rows_used_longest_ago_go_first(path: Path) -> None:
    value = b"x" * 500
    for day in (1, 2, 3):
        kept(path, {f"{day} {number}".encode(): value for number in range(100)}, today=day)
    used = RowCache(path, 4)
    used.find([b"1 0"])
    used.keep({})
    used.close()
    small = RowCache(path, 4, most_bytes=110_000)
    small.keep({b"new": value})
    keys = [b"new", *(f"{day} {number}".encode() for day in (1, 2, 3) for number in range(100))]
    left = [key.decode() for key in small.find(keys)]
    assert {"new", "1 0"} <= {*left}, "they were used today"
    days = {day: sum(key.startswith(f"{day} ") for key in left) for day in (1, 2, 3)}
    assert (days[1], days[3]) == (1, 100)
    assert 0 < days[2] < 100


def test_a_huge_value_is_neither_kept_nor_read(path: Path) -> None:
    huge = b"x" * (MOST_OF_A_VALUE + 1)
    kept(path, {b"huge": huge, b"small": b"x"})
    with sqlite3.connect(path) as file:
        file.execute(
            "INSERT INTO rows VALUES (?, ?, ?, 1)",
            (b"other", huge, sha256(b"other" + huge).digest()),
        )
    file.close()
    assert RowCache(path, 1).find([b"huge", b"small", b"other"]) == {b"small": b"x"}


@pytest.mark.parametrize("value", [b"another value", "a text", 7, 1.5])
def test_a_row_whose_checksum_does_not_fit_is_not_there(path: Path, value: object) -> None:
    kept(path)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE rows SET value = ? WHERE key = ?", (value, b"key 7"))
    file.close()
    assert found(path) == ({key: row for key, row in ROWS.items() if key != b"key 7"}, "")


# -- files that are no use ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"no database",
        b"SQLite format 3\0" + b"\0" * 5000,
        b"SQLite format 3\0" + bytes(range(256)) * 40,
    ],
    ids=["empty", "text", "zeros", "noise"],
)
def test_a_damaged_file_is_replaced_by_the_next_run(path: Path, damage: bytes) -> None:
    kept(path)
    path.write_bytes(damage)
    rows, _ = found(path)
    assert rows == {}
    kept(path)
    assert found(path) == (ROWS, "")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_truncated_file_costs_nothing_but_time(path: Path, share: float) -> None:
    kept(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    rows, _ = found(path)
    assert rows.items() <= ROWS.items()
    RowCache(path, 1).keep(ROWS)
    kept(path)
    assert found(path) == (ROWS, "")


@pytest.mark.parametrize("every", range(0, 40_000, 1_500))
def test_flipped_bytes_never_change_a_value(path: Path, every: int) -> None:
    kept(path)
    raw = bytearray(path.read_bytes())
    for place in range(every, min(every + 1_500, len(raw)), 37):
        raw[place] ^= 0x5A
    path.write_bytes(bytes(raw))
    rows, _ = found(path)
    assert rows.items() <= ROWS.items()


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 2",
        "CREATE TABLE more (key)",
        "CREATE TRIGGER evil AFTER INSERT ON rows BEGIN DELETE FROM rows; END",
        "CREATE VIEW more AS SELECT * FROM rows",
    ],
)
def test_a_file_of_another_version_or_with_more_in_it_is_left_alone(
    path: Path, statement: str
) -> None:
    kept(path)
    with sqlite3.connect(path) as file:
        file.execute(statement)
    file.close()
    before = path.read_bytes()
    assert found(path) == ({}, "it is of another version")
    assert path.read_bytes() == before


# -- places that are no use -----------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file", "folder", "above"])
def test_no_link_is_followed(tmp_path: Path, path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "rows.sqlite").write_bytes(b"precious")
    link = {"file": path, "folder": path.parent, "above": path.parent.parent}[place]
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "rows.sqlite" if place == "file" else outside)
    cache = RowCache(path, 1)
    cache.keep(ROWS)
    assert cache.find(list(ROWS)) == {}
    assert "link" in cache.trouble
    assert [one.name for one in outside.iterdir()] == ["rows.sqlite"]
    assert (outside / "rows.sqlite").read_bytes() == b"precious"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("place", ["file", "folder", "above"])
def test_what_belongs_to_another_user_is_refused(path: Path, place: str) -> None:
    kept(path)
    owned = {"file": path, "folder": path.parent, "above": path.parent.parent}[place]
    os.chown(owned, 12345, -1)
    before = path.read_bytes()
    rows, trouble = found(path)
    assert rows == {}
    assert trouble != ""
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["folder", "pipe", "file above"])
def test_something_else_in_its_place_is_no_error(path: Path, kind: str) -> None:
    if kind == "file above":
        path.parent.parent.parent.mkdir(parents=True)
        path.parent.parent.write_bytes(b"")
    else:
        path.parent.mkdir(parents=True)
        path.mkdir() if kind == "folder" else os.mkfifo(path)
    cache = RowCache(path, 1)
    cache.keep(ROWS)
    assert cache.find(list(ROWS)) == {}
    assert cache.trouble != ""


def test_a_place_without_a_home_is_never_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cache = RowCache(Path("~/.cache/plancast/posts/rows.sqlite"), 1)
    cache.keep(ROWS)
    assert cache.trouble != ""
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_no_error(path: Path) -> None:
    kept(path, {b"old": b"value"})
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from plancast.files.row_cache import RowCache\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "cache = RowCache(Path(sys.argv[1]), 1)\n"
        "cache.keep({b'%d' % number: b'x' * 500 for number in range(500)})\n"
        "print(bool(cache.trouble), cache.find([b'1']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True {}\n"
    assert RowCache(path, 1).find([b"old", b"1"]) == {b"old": b"value"}


def test_a_process_that_writes_is_not_waited_for(path: Path) -> None:
    kept(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert found(path) == ({}, "database is locked")
    other.close()
    assert found(path) == (ROWS, "")


@pytest.mark.parametrize("limit", [9_000, 40_000, 150_000, 400_000])
def test_a_process_that_is_killed_while_it_writes_leaves_all_or_nothing(
    path: Path, limit: int
) -> None:
    kept(path, {b"old": b"value"})
    # The system ends a process that writes beyond this limit, in the middle of its write.
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from plancast.files.row_cache import RowCache\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "cache = RowCache(Path(sys.argv[1]), 1)\n"
        "cache.keep({b'%d' % number: b'x' * 500 for number in range(1500)})\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGXFSZ
    assert RowCache(path, 1).find([b"old", b"1", b"1499"]) == {b"old": b"value"}
    size = RowCache(path, 1).size()
    assert size is not None
    assert size.rows == 1
