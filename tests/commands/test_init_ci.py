"""`init --ci`: what it writes where, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.content.templates import FILES, Place, ci_files
from tests.commands.desk import Desk, post


def checkout(folder: Path, branch: str = "main") -> Path:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("forge", FILES)
def test_a_new_workspace_gets_its_files_and_its_state_in_git(forge: str, tmp_path: Path) -> None:
    desk = Desk(checkout(tmp_path))
    done = desk.run("init", "--ci", forge)
    assert done.code == 0, done.err
    assert "state: {backend: git}\n" in (tmp_path / "plancast.yaml").read_text(encoding="utf-8")
    for name, text in ci_files(forge, Place()).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text
        assert f"Wrote {name}\n" in done.out
    assert desk.run("validate").code == 0


def test_for_a_workspace_in_a_folder_they_stand_at_the_top(tmp_path: Path) -> None:
    top = checkout(tmp_path, "master")
    desk = Desk.tiny(top / "social" / "acme", a=post())
    before = desk.files()
    done = desk.run("init", "--ci", "github")
    assert done.code == 0, done.err
    assert desk.files() == before
    for name, text in ci_files("github", Place("social/acme", "master")).items():
        assert (top / name).read_text(encoding="utf-8") == text
    assert "state: {backend: git}" in done.err, "the state is not in git yet"


def test_what_is_there_stays_and_is_named_in_order(tmp_path: Path) -> None:
    desk = Desk.tiny(checkout(tmp_path), a=post())
    mine = [".github/workflows/plancast-plan.yml", ".github/workflows/plancast-apply.yml"]
    for name in mine:
        desk.write(name, "mine\n")
    done = desk.run("init", "--ci", "github")
    assert done.out == "Wrote .github/workflows/plancast-nightly.yml\n"
    assert f"Left as they are: {', '.join(mine)}\n" in done.err
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in mine] == ["mine\n"] * 2
    again = desk.run("init", "--ci", "github")
    assert (again.code, again.codes) == (1, ["PC007"])


def test_outside_of_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("init", "--ci", "github")
    assert (done.code, done.codes) == (1, ["PC010"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("head", [b"\xff", b"0123456789", b"ref: refs/heads/feature\n"])
def test_a_branch_that_no_repository_begins_with_is_not_taken(head: bytes, tmp_path: Path) -> None:
    (checkout(tmp_path) / ".git" / "HEAD").write_bytes(head)
    assert Desk(tmp_path).run("init", "--ci", "github").code == 0
    text = (tmp_path / ".github/workflows/plancast-apply.yml").read_text(encoding="utf-8")
    assert "branches: [main]" in text
