"""`validate` for those who read its output on a pull request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """A workspace in a folder of a checkout, with one post that is wrong."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "social" / "acme").mkdir(parents=True)
    bad = post(at="2026-13-01 09:30")
    return WorkspaceDir.tiny(tmp_path / "social" / "acme", good=post(), bad=bad)


def test_for_github_problems_are_commands_with_paths_from_the_top(workspace: WorkspaceDir) -> None:
    result = workspace.run("validate", "--format", "github")
    assert result.code == 1
    (line,) = result.out.splitlines()
    assert line.startswith("::error title=PC401%3A The time cannot be read,")
    assert ",file=social/acme/bad.yaml,line=2," in line
    assert result.err == ""


def test_for_sarif_it_is_one_document(workspace: WorkspaceDir) -> None:
    result = workspace.run("validate", "--format", "sarif")
    assert result.code == 1
    (found,) = result.json["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "social/acme/bad.yaml"
    assert place["region"]["startLine"] == 2


@pytest.mark.parametrize(("name", "empty"), [("github", ""), ("json", "[]\n")])
def test_without_problems_there_is_nothing_to_say(
    workspace: WorkspaceDir, name: str, empty: str
) -> None:
    (workspace.folder / "bad.yaml").unlink()
    result = workspace.run("validate", "--format", name)
    assert (result.code, result.out) == (0, empty)


def test_a_workspace_that_cannot_be_read_is_annotated_as_well(workspace: WorkspaceDir) -> None:
    workspace.write("plancast.yaml", "version: [1\n")
    result = workspace.run("validate", "--format", "github")
    assert result.code == 1
    assert "file=social/acme/plancast.yaml,line=" in result.out


def test_outside_of_a_checkout_paths_are_those_of_the_workspace(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, bad=post(at="2026-13-01 09:30"))
    assert "file=bad.yaml," in workspace.run("validate", "--format", "github").out


# -- all problems of a run at once ----


@pytest.mark.parametrize("verb", ["validate", "plan", "apply --auto-approve", "status", "pull"])
def test_every_problem_is_shown_by_the_first_run_and_nothing_is_done(
    verb: str, tmp_path: Path
) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path,
        policy="{max_destroy: many}",
        fine=post("Fine."),
        key=f"{post('x' * 300)}foo: 1\n",
        time=post("Hello.", "soon"),
        long=post("y" * 300, "2026-12-03 09:30"),
        several=f"{post('z' * 300, '2026-12-04 09:30')}---\nid: b\ntext: [\n",
    )
    done = workspace.run(*verb.split())
    assert done.code == 1
    assert sorted(done.errors) == sorted(
        ["PC203", "PC201", "PC501", "PC401", "PC501", "PC501", "PC101"]
    )
    assert workspace.texts() == []
