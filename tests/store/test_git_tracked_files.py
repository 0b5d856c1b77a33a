"""Files of plancast that came with the repository are not believed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from plancast.store.git_tracked_files import tracked_files
from tests.commands.workspace_dir import WorkspaceDir, post
from tests.store.gits import ENVIRON, git

FOLDERS = (".plancast", ".plancast-sandbox")


def committed(checkout: Path, name: str, text: str = "{}") -> None:
    path = checkout / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    git(checkout, "add", "--force", "--", name)
    git(checkout, "commit", "--quiet", "-m", "a file")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    return tmp_path


@pytest.mark.parametrize("folder", ["", "social", "so:cial*"])
@pytest.mark.parametrize("name", [".plancast/journal.jsonl", ".plancast-sandbox/world.db"])
def test_a_file_that_git_tracks_is_found(checkout: Path, folder: str, name: str) -> None:
    root = checkout / folder
    root.mkdir(exist_ok=True)
    committed(checkout, f"{folder}/{name}".lstrip("/"))
    (found,) = tracked_files(root, checkout, FOLDERS, ENVIRON)
    assert found.endswith(name)


def test_what_git_does_not_track_is_ours(checkout: Path) -> None:
    committed(checkout, "posts/a.yaml")
    committed(checkout, "other/.plancast/state.json")
    (checkout / ".plancast").mkdir()
    (checkout / ".plancast" / "state.json").write_text("{}")
    assert tracked_files(checkout, checkout, FOLDERS, ENVIRON) == ()


def test_without_a_checkout_nothing_is_tracked(tmp_path: Path) -> None:
    (tmp_path / ".plancast").mkdir()
    assert tracked_files(tmp_path, None, FOLDERS, ENVIRON) == ()
    (tmp_path / ".git").mkdir()
    assert tracked_files(tmp_path, tmp_path, FOLDERS, ENVIRON) == ()


COMMANDS = [
    ("plan",),
    ("plan", "--offline"),
    ("apply", "--auto-approve"),
    ("status",),
    ("state", "list"),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "name", [".plancast/journal.jsonl", ".plancast/state.json", ".plancast-sandbox/world.db"]
)
def test_no_command_believes_it(checkout: Path, command: tuple[str, ...], name: str) -> None:
    workspace = WorkspaceDir.tiny(checkout, a=post("A."))
    assert workspace.run("apply", "--auto-approve").code == 0
    before = workspace.live()
    path = checkout / name
    if not path.exists():
        path.write_text("", encoding="utf-8")
    subprocess.run(["git", "add", "--force", name], cwd=checkout, check=True)
    refused = workspace.run(*command)
    assert (refused.code, refused.codes) == (1, ["PC014"])
    assert name in refused.err
    subprocess.run(["git", "rm", "--quiet", "--cached", name], cwd=checkout, check=True)
    assert workspace.live() == before
