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


@pytest.mark.parametrize("verb", ["validate", "plan"])
def test_folders_of_tools_are_named_once_with_v(tmp_path: Path, verb: str) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    workspace.write("venv/pyvenv.cfg", "")
    workspace.write("venv/b.yaml", "x: 1\n")
    workspace.write("node_modules/c.yaml", "x: 1\n")
    result = workspace.run("-v", verb)
    assert result.code == 0
    assert result.err.count("Not read, folders of tools: node_modules, venv.") == 1
    assert "Not read" not in workspace.run(verb).err
    assert "not read, folders of tools: node_modules, venv" in workspace.run("doctor").out


@pytest.mark.parametrize("name", ["plancast.yml", "Plancast.yaml", "PLANCAST.YAML", "plancast.YML"])
def test_a_workspace_file_with_another_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("version: 1\n")
    (tmp_path / "posts").mkdir()
    for folder in (tmp_path, tmp_path / "posts"):
        result = WorkspaceDir(folder).run("validate")
        assert result.codes == ["PC001"]
        assert f"Rename {name} to plancast.yaml." in result.err
