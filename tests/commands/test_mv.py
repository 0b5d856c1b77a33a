"""`plancast mv`: the post stays the same post, whatever its id and its file are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.commands._shared.file_rewrite import loaded_text
from plancast.content.loader import load
from plancast.model.exit_codes import Stop
from tests.commands.workspace_dir import WorkspaceDir, post

ONE = post("One.", "2026-12-01 09:30")
WEEK = f"{ONE}---\nid: tuesday\n{post('Two.', '2026-12-02 09:30')}"


def text(workspace: WorkspaceDir, name: str) -> str:
    return (workspace.folder / name).read_text(encoding="utf-8")


def owned(workspace: WorkspaceDir) -> set[str]:
    return {item["address"] for item in workspace.run("state", "list", "--format", "json").json}


def test_a_post_keeps_what_is_scheduled_for_it(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=ONE)
    assert workspace.run("apply", "--auto-approve").code == 0
    queue = workspace.summary()
    done = workspace.run("mv", "a", "2026/b")
    assert (done.code, done.out) == (0, "2026/b.yaml\n")
    assert done.err == "a is 2026/b now. It keeps what is scheduled for a.\n"
    assert not (tmp_path / "a.yaml").exists()
    assert text(workspace, "2026/b.yaml") == f"was: a\n{ONE}"
    assert workspace.run("apply", "--auto-approve").code == 0
    assert owned(workspace) == {"2026/b@x"}
    assert workspace.summary() == queue


def test_what_was_never_applied_is_only_renamed(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=ONE)
    assert workspace.run("mv", "a", "b").err == "a is b now.\n"
    assert text(workspace, "b.yaml") == ONE
    assert workspace.run("plan").code == 0


def test_of_two_moves_in_a_row_the_first_name_is_kept(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=ONE)
    workspace.run("apply", "--auto-approve")
    workspace.run("mv", "a", "b")
    assert workspace.run("mv", "b", "c").code == 0
    assert text(workspace, "c.yaml").startswith("was: a\n")


def test_a_document_with_an_id_of_its_own_stays_in_its_file(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, week=WEEK)
    workspace.run("apply", "--auto-approve")
    assert workspace.run("mv", "tuesday", "wednesday").out == "week.yaml\n"
    assert "---\nid: wednesday\nwas: tuesday\n" in text(workspace, "week.yaml")
    assert workspace.run("mv", "week.yaml", "weeks/one.yaml").out == "weeks/one.yaml\n"
    assert text(workspace, "weeks/one.yaml").startswith("was: week\n")
    assert "id: wednesday\n" in text(workspace, "weeks/one.yaml")


def test_paths_of_images_follow(tmp_path: Path) -> None:
    images = "images:\n  - file: pictures/a.png\n    alt: A\n"
    workspace = WorkspaceDir.tiny(tmp_path, a=ONE + images)
    workspace.write("pictures/a.png", "not really")
    assert workspace.run("mv", "a", "2026/12/a").code == 0
    assert "file: ../../pictures/a.png" in text(workspace, "2026/12/a.yaml")
    assert workspace.run("validate").errors != ["PC211"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_line_ends_and_a_byte_order_mark_stay(
    tmp_path: Path, ends: str, mark: str
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    written = f"{mark}# Ours.\n{ONE}# The end.\n".replace("\n", ends)
    (tmp_path / "a.yaml").write_bytes(written.encode())
    workspace.run("apply", "--auto-approve")
    assert workspace.run("mv", "a", "b").code == 0
    after = (tmp_path / "b.yaml").read_bytes().decode()
    assert after.replace(f"was: a{ends}", "") == written
    assert f"was: a{ends}" in after


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("nothing", "b", "PC002"),
        ("a", "other", "PC205"),
        ("a", "b c", "PC208"),
        ("a", "b/../../c", "PC208"),
        ("a", "../c", "PC208"),
        ("a", "/etc/c", "PC208"),
        ("a", "", "PC208"),
        ("a", "link/c", "PC004"),
        ("a", "taken", "PC007"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    home = tmp_path / "home"
    workspace = WorkspaceDir.tiny(home, a=ONE, other=post("Other.", "2026-12-05 09:30"))
    (tmp_path / "outside").mkdir()
    (home / "link").symlink_to(tmp_path / "outside")
    (home / "taken.yaml").mkdir()
    before = workspace.files()
    done = workspace.run("mv", old, new)
    assert (done.code, done.codes) == (1, [code])
    assert workspace.files() == before
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_file_that_was_changed_since_it_was_loaded_is_not_edited(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    before, unread = load(workspace.folder), load(workspace.folder)
    assert loaded_text(before, "a.yaml").text == post()
    workspace.write("a.yaml", post("Another."))
    assert loaded_text(before, "a.yaml").text == post(), "the edit is compared with it"
    with pytest.raises(Stop) as stop:
        loaded_text(unread, "a.yaml")
    assert [found.code for found in stop.value.diagnostics] == ["PC007"]
