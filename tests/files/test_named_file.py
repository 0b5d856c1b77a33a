"""A file that the user named: no link of the repository is followed, every link of the user is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.content.discovery import named_file
from plancast.files.named_file import NamedFile
from plancast.files.refusals import LinkRefused
from tests.files.obstacles import CONTENT, KINDS, LINKS, Outside, put

USES: dict[str, Callable[[NamedFile], object]] = {
    "read": lambda file: file.read(100),
    "append": lambda file: file.append().close(),
    "empty": lambda file: file.empty().close(),
    "replace": lambda file: file.replace(b"new"),
    "remove if empty": lambda file: file.remove_if_empty(),
}


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside.make(tmp_path / "outside")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a workspace in a folder of it."""
    made = tmp_path / "checkout"
    (made / ".git").mkdir(parents=True)
    (made / "social").mkdir()
    (made / "social" / "plancast.yaml").write_text("version: 1\n")
    return made


@pytest.mark.parametrize("place", ["plan.json", "../plan.json", "out/plan.json"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", USES)
def test_what_stands_in_the_checkout_is_left_alone(
    checkout: Path, outside: Outside, use: str, kind: str, place: str
) -> None:
    start = checkout / "social"
    real = Path(os.path.normpath(start / place))
    target = put(kind, real, outside)
    with pytest.raises(OSError, match="link to" if target else "not a regular file") as refused:
        USES[use](named_file(start / place, start))
    assert isinstance(refused.value, LinkRefused) is bool(target)
    if target:
        assert refused.value.path == str(real)  # type: ignore[attr-defined]
    outside.check()


@pytest.mark.parametrize("place", ["out/plan.json", "out/deeper/plan.json", "out/../plan.json"])
@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("use", USES)
def test_nor_is_a_folder_that_is_a_link(
    checkout: Path, outside: Outside, use: str, kind: str, place: str
) -> None:
    put(kind, checkout / "out", outside)
    with pytest.raises(LinkRefused) as refused:
        USES[use](named_file(checkout / place, checkout))
    assert refused.value.path == str(checkout / "out")
    outside.check()


def test_a_workspace_is_guarded_without_a_checkout_too(tmp_path: Path, outside: Outside) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "deep").mkdir(parents=True)
    (workspace / "plancast.yaml").write_text("version: 1\n")
    (workspace / "link").symlink_to(outside.file)
    with pytest.raises(LinkRefused):
        named_file(workspace / "link", workspace / "deep").replace(b"new")
    outside.check()


def test_a_way_round_leads_into_the_checkout_as_well(
    tmp_path: Path, checkout: Path, outside: Outside
) -> None:
    """The user's own link into the checkout is followed, the link in there is not."""
    (tmp_path / "shortcut").symlink_to(checkout)
    (checkout / "link").symlink_to(outside.file)
    for way in ("shortcut/link", "outside/../checkout/link", "shortcut/social/../link"):
        with pytest.raises(LinkRefused):
            named_file(tmp_path / way, checkout).replace(b"new")
    outside.check()
    named_file(tmp_path / "shortcut" / "plan.json", checkout).replace(b"new")
    assert (checkout / "plan.json").read_bytes() == b"new"


def test_the_checkout_may_be_reached_by_another_name(tmp_path: Path, checkout: Path) -> None:
    """As on a file system that ignores case: a folder has two names."""
    (tmp_path / "Checkout").symlink_to(checkout)
    guarded = (tmp_path / "Checkout",)
    (checkout / "link").symlink_to(tmp_path)
    with pytest.raises(LinkRefused):
        NamedFile(checkout / "link" / "plan.json", guarded).replace(b"new")


@pytest.mark.parametrize("use", ["append", "empty", "replace"])
def test_links_of_the_user_are_followed(
    tmp_path: Path, checkout: Path, outside: Outside, use: str
) -> None:
    (tmp_path / "own").symlink_to(outside.folder)
    for name in ("new.json", "precious.txt"):
        file = named_file(tmp_path / "own" / name, checkout)
        USES[use](file)
        assert (outside.folder / name).is_file()
    (tmp_path / "dangling").symlink_to(outside.folder / "later.json")
    USES[use](named_file(tmp_path / "dangling", checkout))
    assert (tmp_path / "dangling").is_symlink(), "the link stays"
    assert (outside.folder / "later.json").is_file()


def test_a_file_outside_does_what_it_says(tmp_path: Path, checkout: Path) -> None:
    file = named_file(tmp_path / "new" / "folder" / "plan.json", checkout)
    file.replace(b"one\n")
    with file.append() as stream:
        stream.write(b"two\n")
    assert file.read(8) == b"one\ntwo\n"
    with pytest.raises(OSError, match="larger than"):
        file.read(7)
    file.remove_if_empty()
    file.empty().close()
    assert file.read(0) == b""
    file.remove_if_empty()
    assert not file.path.exists()
    file.remove_if_empty()


def test_a_folder_is_no_file(tmp_path: Path, checkout: Path) -> None:
    for path in (checkout, checkout / "social", tmp_path):
        for use in ("read", "append", "empty", "replace"):
            with pytest.raises(OSError, match=r"[Dd]irectory|regular file"):
                USES[use](named_file(path, checkout))


# -- modes ----


@pytest.mark.parametrize("inside", [True, False])
def test_modes(tmp_path: Path, checkout: Path, inside: bool) -> None:
    folder = checkout if inside else tmp_path

    def mode(name: str) -> str:
        return f"{stat.S_IMODE((folder / name).stat().st_mode):04o}"

    (folder / "summary").write_bytes(b"")
    (folder / "summary").chmod(0o664)
    (folder / "events").write_bytes(b"")
    (folder / "events").chmod(0o644)
    before = os.umask(0o000)
    try:
        named_file(folder / "summary", checkout).append().close()
        named_file(folder / "events", checkout).empty().close()
        named_file(folder / "plan", checkout).replace(b"")
        named_file(folder / "page", checkout).replace(b"", 0o644)
        named_file(folder / "new", checkout).append().close()
    finally:
        os.umask(before)
    assert [mode(name) for name in ("summary", "events", "plan", "page", "new")] == [
        "0664", "0600", "0600", "0644", "0666",
    ]  # fmt: skip


# -- what is open already ----

WRITER = """
import sys
from pathlib import Path
from plancast.content.discovery import named_file
file = named_file(Path(sys.argv[1]), Path())
print("before", flush=True)
{"append": lambda: file.append().write(b"appended\\n"),
 "empty": lambda: file.empty().write(b"emptied\\n"),
 "replace": lambda: file.replace(b"replaced\\n")}[sys.argv[2]]()
file.remove_if_empty()
print("after", flush=True)
"""
WRITTEN = {"append": "appended", "empty": "emptied", "replace": "replaced"}


@pytest.mark.parametrize("use", WRITTEN)
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_may_be_named(checkout: Path, name: str, use: str) -> None:
    if not Path(name).exists():
        pytest.skip(f"this system has no {name}")
    line = [sys.executable, "-c", WRITER, name, use]
    piped = subprocess.run(line, cwd=checkout, check=True, capture_output=True, text=True)
    assert piped.stdout == f"before\n{WRITTEN[use]}\nafter\n"
    with (checkout / "redirected").open("a+") as file:
        subprocess.run(line, cwd=checkout, check=True, stdout=file)
        file.seek(0)
        assert file.read() == piped.stdout, "a file that it is redirected to is not put aside"


def test_a_pipe_of_the_user_is_written_and_read(tmp_path: Path, checkout: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    file = named_file(tmp_path / "pipe", checkout)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(file.read(100)))
    reader.start()
    file.replace(CONTENT)
    reader.join()
    assert found == [CONTENT]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


# -- files of other users ----

as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make files of others"
)
OTHER = 4242


@as_root
@pytest.mark.parametrize("use", ["append", "empty", "replace", "read"])
def test_a_file_of_another_user_is_not_used(tmp_path: Path, use: str) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    theirs = shared / "theirs.json"
    theirs.write_text("theirs", encoding="utf-8")
    os.chown(theirs, OTHER, OTHER)
    with pytest.raises(PermissionError, match="another user"):
        _use(NamedFile(theirs), use)
    assert theirs.read_text(encoding="utf-8") == "theirs"


@as_root
@pytest.mark.parametrize("use", ["append", "empty", "replace", "read"])
def test_a_link_of_another_user_is_not_followed(tmp_path: Path, use: str) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    ours = tmp_path / "ours.json"
    ours.write_text("ours", encoding="utf-8")
    link = shared / "link.json"
    link.symlink_to(ours)
    os.lchown(link, OTHER, OTHER)
    with pytest.raises(PermissionError, match="another user"):
        _use(NamedFile(link), use)
    assert ours.read_text(encoding="utf-8") == "ours"


@as_root
def test_what_lies_in_a_folder_of_its_owner_is_used(tmp_path: Path) -> None:
    """As when root works in a container, in a checkout that belongs to the runner."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = folder / "plan.json"
    path.write_text("before", encoding="utf-8")
    for place in (folder, path):
        os.chown(place, OTHER, OTHER)
    NamedFile(path).replace(b"after")
    assert path.read_text(encoding="utf-8") == "after"


def _use(file: NamedFile, use: str) -> None:
    if use == "read":
        file.read(1000)
    elif use == "replace":
        file.replace(b"new")
    else:
        with getattr(file, use)() as opened:
            opened.write(b"new")
