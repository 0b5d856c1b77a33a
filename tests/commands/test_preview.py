"""`plancast preview`, and the page from `plan` and `show`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post

PAGE = "plancast-preview.html"
HEAD = "<!doctype html>"


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return WorkspaceDir.tiny(tmp_path, a=post("One post.", on="x, li"))


def read(workspace: WorkspaceDir, name: str = PAGE) -> str:
    return (workspace.folder / name).read_text(encoding="utf-8")


def test_it_writes_the_page_of_a_plan_made_now(workspace: WorkspaceDir) -> None:
    result = workspace.run("preview")
    assert (result.code, result.out) == (0, f"{PAGE}\n")
    assert "Plan: 2 to create, 0 to update, 0 to destroy." in result.err
    text = read(workspace)
    assert text.startswith(HEAD)
    assert "a@x" in text
    assert "Times in Europe/Berlin" in text


def test_it_shows_a_saved_plan_where_there_is_no_workspace(
    workspace: WorkspaceDir, tmp_path: Path
) -> None:
    workspace.run("plan", "-o", "plan.json")
    made = read(workspace, "plan.json")
    elsewhere = WorkspaceDir(tmp_path / "elsewhere")
    elsewhere.write("plan.json", made)
    result = elsewhere.run("preview", "plan.json", "-o", "pages/p.html")
    assert (result.code, result.out) == (0, "pages/p.html\n")
    assert "Times in Europe/Berlin" in read(elsewhere, "pages/p.html")


def test_the_same_plan_gives_the_same_page(workspace: WorkspaceDir) -> None:
    workspace.run("plan", "-o", "plan.json")
    shown = workspace.run("show", "plan.json", "--format", "html")
    assert shown.code == 0
    workspace.run("preview", "plan.json")
    assert read(workspace) == shown.out
    assert workspace.run("show", "plan.json", "--format", "html").out == shown.out


def test_plan_prints_it(workspace: WorkspaceDir) -> None:
    result = workspace.run("plan", "--format", "html")
    assert result.code == 0
    assert result.out.startswith(HEAD)
    assert result.out.endswith("</html>\n")


def test_a_refused_plan_is_shown_and_not_judged(workspace: WorkspaceDir) -> None:
    workspace.apply()
    (workspace.folder / "a.yaml").unlink()
    assert workspace.run("plan").code == 4
    assert workspace.run("preview").code == 0
    assert "PC702" in read(workspace)


def test_targets_and_offline_are_those_of_plan(workspace: WorkspaceDir) -> None:
    workspace.apply()
    assert workspace.run("preview", "--offline", "--target", "*@li").code == 0
    text = read(workspace)
    assert "Without a look at Buffer" in text
    assert "a@li" in text
    assert "a@x" not in text


def test_errors_in_the_files_leave_no_page(workspace: WorkspaceDir) -> None:
    workspace.write("b.yaml", "profiles: [nobody]\n")
    result = workspace.run("preview")
    assert result.code == 1
    assert not (workspace.folder / PAGE).exists()


def test_a_disk_that_refuses_is_told_and_leaves_what_was_there(workspace: WorkspaceDir) -> None:
    workspace.write("taken/inside", "")
    result = workspace.run("preview", "-o", "a.yaml/page.html")
    assert (result.code, result.codes) == (1, ["PC007"])
    assert "a.yaml/page.html" in result.err


def test_the_plan_itself_is_not_written_over(workspace: WorkspaceDir) -> None:
    workspace.run("plan", "-o", "plan.json")
    result = workspace.run("preview", "plan.json", "-o", "plan.json")
    assert (result.code, result.codes) == (1, ["PC007"])
    assert json.loads(read(workspace, "plan.json"))["format_version"] == 1


@pytest.mark.parametrize("flags", [["--offline"], ["--target", "a@x"], ["--destroy"]])
def test_a_saved_plan_is_not_planned_again(workspace: WorkspaceDir, flags: list[str]) -> None:
    workspace.run("plan", "-o", "plan.json")
    result = workspace.run("preview", "plan.json", *flags)
    assert (result.code, result.codes) == (1, ["PC809"])


@pytest.mark.parametrize("text", ["", "{}", "<html>"])
def test_what_is_no_plan_is_told(workspace: WorkspaceDir, text: str) -> None:
    workspace.write("plan.json", text)
    result = workspace.run("preview", "plan.json")
    assert (result.code, result.codes) == (1, ["PC608"])


def test_in_ci_the_page_names_commit_and_run(workspace: WorkspaceDir) -> None:
    workspace.environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/posts",
        "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "42",
        "GITHUB_EVENT_NAME": "push",
    }
    assert workspace.run("preview").code == 0
    text = read(workspace)
    assert "commit 0123456789" in text
    assert "https://github.com/acme/posts/actions/runs/42" in text


def test_a_ci_that_is_not_as_it_should_be_does_not_stop_it(workspace: WorkspaceDir) -> None:
    workspace.environ = {"GITHUB_ACTIONS": "true"}
    assert workspace.run("preview").code == 0
    assert "commit" not in read(workspace).partition("<h1>")[2].partition("</header>")[0]


def test_it_is_opened_by_the_browser_of_the_person(workspace: WorkspaceDir, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{seen}"\n', encoding="utf-8")
    browser.chmod(0o755)
    workspace.environ = {"BROWSER": f"{browser} %s"}
    assert workspace.process("preview", "--open").code == 0
    assert seen.read_text() == (workspace.folder / PAGE).as_uri()
