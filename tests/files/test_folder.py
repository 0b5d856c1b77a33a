"""A folder of plancast's own: nothing below its root is reached through a link."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plancast.files.folder import OPEN_TO_UMASK, Folder, folder_below
from plancast.files.held_folder import BY_DESCRIPTOR
from plancast.files.refusals import LinkRefused, LockHeld, printable
from tests.files.obstacles import CONTENT, KINDS, LINKS, Outside, modes, put

HOW = [pytest.param(True, id="by descriptor"), pytest.param(False, id="by path")]


def lock(folder: Folder) -> None:
    with folder.lock("own", 0.0):
        pass


def close(folder: Folder, name: str) -> None:
    getattr(folder, name)("own").close()


USES: dict[str, Callable[[Folder], object]] = {
    "read": lambda folder: folder.read("own", 100),
    "look": lambda folder: folder.look("own"),
    "append": lambda folder: close(folder, "append"),
    "update": lambda folder: close(folder, "update"),
    "empty": lambda folder: close(folder, "empty"),
    "add": lambda folder: folder.add("own", b"new"),
    "replace": lambda folder: folder.replace("own", b"new"),
    "tighten": lambda folder: folder.tighten("own"),
    "rename from": lambda folder: folder.rename("own", "other"),
    "rename to": lambda folder: folder.rename("other", "own"),
    "remove": lambda folder: folder.remove("own"),
    "lock": lock,
}


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside.make(tmp_path / "outside")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    made.mkdir()
    return made


def kept(root: Path, *, by_descriptor: bool = True) -> Folder:
    folder = Folder(root, ("kept",), by_descriptor=by_descriptor)
    folder.create()
    folder.add("other", b"another file\n")
    return folder


def test_this_system_opens_names_relative_to_a_folder() -> None:
    """Or else half of what follows would be tried twice, and the other half never."""
    assert BY_DESCRIPTOR


@pytest.mark.parametrize("by_descriptor", HOW)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", USES)
def test_what_stands_in_the_place_of_a_file_is_left_alone(
    root: Path, outside: Outside, use: str, kind: str, by_descriptor: bool
) -> None:
    folder = kept(root, by_descriptor=by_descriptor)
    target = put(kind, folder.path / "own", outside)
    with pytest.raises(OSError, match="link to" if target else "not a regular file") as refused:
        USES[use](folder)
    if target:
        assert isinstance(refused.value, LinkRefused)
        assert (refused.value.path, refused.value.target) == (str(folder.path / "own"), target)
    outside.check()
    assert (folder.path / "other").read_bytes() == b"another file\n"
    assert not list(folder.path.glob(".own-*")), "nothing is left behind"


@pytest.mark.parametrize("by_descriptor", HOW)
@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("use", ["create", *USES])
def test_what_stands_in_the_place_of_the_folder_is_left_alone(
    root: Path, outside: Outside, use: str, kind: str, by_descriptor: bool
) -> None:
    folder = Folder(root, ("kept", "deeper"), by_descriptor=by_descriptor)
    put(kind, root / "kept", outside)
    with pytest.raises(LinkRefused) as refused:
        folder.create() if use == "create" else USES[use](folder)
    assert refused.value.path == str(root / "kept")
    outside.check()


@pytest.mark.parametrize("by_descriptor", HOW)
def test_a_file_in_the_place_of_the_folder_is_left_alone(root: Path, by_descriptor: bool) -> None:
    (root / "kept").write_bytes(CONTENT)
    folder = Folder(root, ("kept",), by_descriptor=by_descriptor)
    for use in (folder.create, *(lambda use=use: use(folder) for use in USES.values())):
        with pytest.raises(NotADirectoryError):
            use()
    assert (root / "kept").read_bytes() == CONTENT


@pytest.mark.parametrize("by_descriptor", HOW)
def test_links_above_the_root_are_those_of_the_user(
    tmp_path: Path, root: Path, by_descriptor: bool
) -> None:
    (tmp_path / "shortcut").symlink_to(root)
    folder = kept(tmp_path / "shortcut", by_descriptor=by_descriptor)
    folder.replace("own", b"content")
    assert (root / "kept" / "own").read_bytes() == b"content"


@pytest.mark.parametrize("by_descriptor", HOW)
def test_each_use_does_what_it_says(root: Path, by_descriptor: bool) -> None:
    folder = kept(root, by_descriptor=by_descriptor)
    assert folder.look("own") is None
    with pytest.raises(FileNotFoundError):
        folder.read("own", 100)
    folder.remove("own")
    assert folder.add("own", b"one\n") is True
    assert folder.add("own", b"two\n") is False
    with folder.append("own") as file:
        file.write(b"three\n")
    assert folder.read("own", 100) == b"one\nthree\n"
    with folder.update("own") as file:
        file.write(b"ONE")
    assert folder.read("own", 100) == b"ONE\nthree\n"
    folder.empty("own").close()
    assert folder.read("own", 0) == b""
    folder.replace("own", b"four\n")
    folder.rename("own", "new")
    assert (folder.look("own"), folder.read("new", 5)) == (None, b"four\n")
    folder.remove("new")
    assert sorted(path.name for path in folder.path.iterdir()) == ["other"]


def test_a_missing_folder_holds_nothing(root: Path) -> None:
    folder = Folder(root, ("kept",))
    assert folder.look("own") is None
    folder.remove("own")
    with pytest.raises(FileNotFoundError):
        folder.read("own", 1)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("size", [101, 2**40])
def test_a_file_beyond_its_bound_is_not_read(root: Path, size: int) -> None:
    """The second one holds nothing but a length: to read it would take all the memory there is."""
    folder = kept(root)
    with (folder.path / "own").open("wb") as file:
        file.truncate(size)
    with pytest.raises(OSError, match="larger than"):
        folder.read("own", 100)


# -- modes ----


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


MASKS = [0o000, 0o022, 0o077, 0o277]


@pytest.mark.parametrize("mask", MASKS, ids=oct)
def test_modes_are_ours_whatever_the_umask_is(root: Path, mask: int) -> None:
    with umask(mask):
        folder = kept(root)
        folder.append("appended").close()
        folder.empty("emptied").close()
        folder.replace("replaced", b"")
        folder.replace("passed on", b"", 0o644)
        lock(folder)
    assert dict(modes(folder.path)) == {
        "kept": "0700",
        "kept/appended": "0600",
        "kept/emptied": "0600",
        "kept/other": "0600",
        "kept/own": "0600",
        "kept/passed on": "0644",
        "kept/replaced": "0600",
    }


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077], ids=oct)
def test_what_belongs_to_the_user_has_the_modes_of_the_umask(root: Path, mask: int) -> None:
    with umask(mask):
        folder = Folder(root, ("theirs",), private=False)
        folder.create()
        folder.add("own", b"", OPEN_TO_UMASK)
    found = dict(modes(folder.path))
    assert found == {"theirs": f"{0o777 & ~mask:04o}", "theirs/own": f"{0o666 & ~mask:04o}"}


@pytest.mark.parametrize("use", ["append", "update", "empty", "replace", "tighten", "lock"])
def test_what_is_too_open_is_tightened_when_it_is_written(root: Path, use: str) -> None:
    folder = kept(root)
    (folder.path / "own").write_bytes(b"")
    (folder.path / "own").chmod(0o666)
    folder.path.chmod(0o755)
    folder.read("own", 1)
    assert dict(modes(folder.path))["kept/own"] == "0666", "reading changes nothing"
    USES[use](folder)
    folder.create()
    found = dict(modes(folder.path))
    assert (found["kept"], found["kept/own"]) == ("0700", "0600")


def test_a_file_that_the_user_passes_on_keeps_its_mode(root: Path) -> None:
    folder = Folder(root, private=False)
    (root / "own").write_bytes(b"")
    (root / "own").chmod(0o664)
    folder.append("own", OPEN_TO_UMASK).close()
    assert stat.S_IMODE((root / "own").stat().st_mode) == 0o664


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
@pytest.mark.parametrize("by_descriptor", HOW)
def test_what_a_third_user_made_is_refused(root: Path, by_descriptor: bool) -> None:
    folder = kept(root, by_descriptor=by_descriptor)
    (folder.path / "own").write_bytes(CONTENT)
    os.chown(folder.path / "own", 12345, 12345)
    for use in ("read", "append", "replace", "lock"):
        with pytest.raises(PermissionError, match="another user"):
            USES[use](folder)
    os.chown(folder.path, 12345, 12345)
    with pytest.raises(PermissionError, match="another user"):
        folder.create()
    os.chown(root, 12345, 12345)
    assert folder.read("own", 100) == CONTENT, "all of it belongs to one other user: a container"


# -- locks ----


@pytest.mark.parametrize("by_descriptor", HOW)
def test_a_lock_excludes_and_is_given_back(root: Path, by_descriptor: bool) -> None:
    folder = kept(root, by_descriptor=by_descriptor)
    with (
        folder.lock("own", 0.0),
        pytest.raises(LockHeld),
        Folder(root, ("kept",)).lock("own", 0.1),
    ):
        pytest.fail("two hold it")
    with folder.lock("own", 0.0):
        pass


def test_a_lock_whose_file_was_removed_meanwhile_is_not_the_lock(root: Path) -> None:
    """A later process makes a new file and locks that."""
    folder = kept(root)
    entered, leave = threading.Event(), threading.Event()

    def wait() -> None:
        with folder.lock("own", 60.0):
            entered.set()
            leave.wait(60.0)

    with folder.lock("own", 0.0):
        waiter = threading.Thread(target=wait)
        waiter.start()
        (folder.path / "own").unlink()
    assert entered.wait(60.0)
    with pytest.raises(LockHeld), folder.lock("own", 0.0):
        pytest.fail("two hold it")
    leave.set()
    waiter.join()


def test_a_lock_does_not_change_the_file(root: Path) -> None:
    folder = kept(root)
    (folder.path / "own").write_bytes(CONTENT)
    lock(folder)
    assert (folder.path / "own").read_bytes() == CONTENT


# -- the rest ----


def test_links_of_posts_are_followed_inside_and_no_further(root: Path, outside: Outside) -> None:
    (root / "posts").mkdir()
    (root / "inside").symlink_to("posts")
    (root / "outside").symlink_to(outside.folder)
    (root / "loop").symlink_to("loop")
    found = folder_below(root, root / "inside" / "deeper")
    assert found == Folder(root.resolve(), ("posts", "deeper"), private=False)
    assert folder_below(root, root / "outside") is None
    assert folder_below(root, root / "loop") is None
    assert folder_below(root, root / "..") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain/path é", "plain/path é"),
        ("a\x1b[2J\nb", "a<U+001B>[2J<U+000A>b"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("\udcff", "<U+DCFF>"),
        ("x" * 300, "x" * 200 + "…"),
    ],
)
def test_a_path_is_shown_on_one_line_and_safely(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert shown in str(LinkRefused("here", text))
