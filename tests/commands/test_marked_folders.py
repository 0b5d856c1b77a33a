"""A mark of a tool lands in a folder of posts: what stood there must not leave the queue unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.content.unread_posts import find_unread
from tests.commands.workspace_dir import SANDBOX, WorkspaceDir, post, workspace_yaml

MARKS = {
    "an environment": ("launch", "launch/pyvenv.cfg"),
    "a cache": ("launch", "launch/CACHEDIR.TAG"),
    "conda": ("launch", "launch/conda-meta/history"),
    "a vendor": ("vendor", "vendor/modules.txt"),
    "a build": ("dist", "package.json"),
}


def applied(workspace: WorkspaceDir, folder: str, content: str, own_id: str = "") -> None:
    """Write two posts, one of them in `folder` below `posts`, and apply them."""
    workspace.write("plancast.yaml", f"{workspace_yaml(provider=SANDBOX)}content: {content}\n")
    key = f"id: {own_id}\n" if own_id else ""
    workspace.write(f"posts/{folder}/a.yaml", key + post("A.", "2026-12-01 09:30"))
    workspace.write("posts/b.yaml", post("B.", "2026-12-02 09:30"))
    assert workspace.apply().code == 0


@pytest.mark.part(3)
@pytest.mark.parametrize("own_id", ["", "spring-sale"])
@pytest.mark.parametrize("content", [".", "posts", '"posts/**/*.yaml"'])
@pytest.mark.parametrize("case", MARKS)
def test_posts_behind_a_mark_are_destroyed_only_with_consent(
    case: str, content: str, own_id: str, tmp_path: Path
) -> None:
    folder, mark = MARKS[case]
    workspace = WorkspaceDir.tiny(tmp_path)
    applied(workspace, folder, content, own_id)
    workspace.write(f"posts/{mark}", "")
    refused = workspace.run("plan")
    assert (refused.code, refused.errors) == (4, ["PC702"])
    assert f"the folder posts/{folder} is not read" in refused.out + refused.err
    assert workspace.apply().code == 4
    assert workspace.texts() == ["A.", "B."]
    assert workspace.apply("--allow-empty").code == 0
    assert workspace.texts() == ["B."]


def test_a_named_folder_is_read_whatever_marks_it(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    applied(workspace, "launch", "posts")
    for mark in ("pyvenv.cfg", "CACHEDIR.TAG", "conda-meta/history"):
        workspace.write(f"posts/{mark}", "")
    done = workspace.run("plan")
    assert (done.code, done.codes) == (0, [])


def test_a_tool_beside_the_posts_refuses_no_destroy(tmp_path: Path) -> None:
    """Files of the environment are no reason, whatever they are called."""
    workspace = WorkspaceDir.tiny(tmp_path)
    applied(workspace, "launch", ".")
    workspace.write("venv/pyvenv.cfg", "")
    workspace.write("venv/lib/c.yaml", "id: other\n")
    (tmp_path / "posts/b.yaml").unlink()
    done = workspace.apply()
    assert (done.code, done.codes) == (0, [])
    assert workspace.texts() == ["A."]


def test_nothing_is_read_behind_a_link_that_leads_out(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    for folder in (outside, root):
        folder.mkdir()
        (folder / "a.yaml").write_text("id: a\n")
    (root / "node_modules").symlink_to(outside)
    (root / "venv").mkdir()
    (root / "venv/b.yaml").write_text("id: b\n")
    (root / "venv/c.yaml").symlink_to(outside / "a.yaml")
    found = find_unread(root, ["node_modules", "venv"], {"a", "b", "c-2"})
    assert found == {"b": "venv", "c-2": "venv"}
