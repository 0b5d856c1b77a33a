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


# -- all problems of a run at once ----


@pytest.mark.parametrize("verb", ["validate", "plan", "apply --auto-approve", "status", "pull"])
def test_every_problem_is_shown_by_the_first_run_and_nothing_is_done(
    verb: str, tmp_path: Path
) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path,
        policy="{max_destroy: many}",
        fine=post("Fine."),
        key=f"{post('x' * 26_000)}foo: 1\n",
        time=post("Hello.", "soon"),
        long=post("y" * 26_000, "2026-12-03 09:30"),
        several=f"{post('z' * 26_000, '2026-12-04 09:30')}---\nid: b\ntext: [\n",
    )
    done = workspace.run(*verb.split())
    assert done.code == 1
    assert sorted(done.errors) == sorted(
        ["PC203", "PC201", "PC501", "PC401", "PC501", "PC501", "PC101"]
    )
    assert workspace.texts() == []


# -- what is shown of warnings, and with -q ----

SILENT = "images: [{url: 'https://acme.example/1.png'}]\n"


def test_a_plan_shows_the_warnings_of_what_it_changes_and_counts_the_rest(tmp_path: Path) -> None:
    days = range(1, 13)
    posts = {
        f"p{day}": f"{post(f'Post {day}.', f'2026-12-{day:02} 09:30')}{SILENT}" for day in days
    }
    workspace = WorkspaceDir.tiny(tmp_path, **posts)
    assert workspace.apply().code == 0
    workspace.edit("p3.yaml", "Post 3.", "Post three.")
    planned = workspace.run("plan")
    assert planned.codes == ["PC210"]
    assert "p3.yaml:" in planned.out
    assert "11 warnings about posts that this plan does not change: `plancast validate`" in (
        planned.out
    )
    assert len(workspace.plan()["diagnostics"]) == 12
    checked = workspace.run("validate")
    assert (checked.code, checked.codes) == (0, ["PC210"])
    assert "(12 times)" in checked.err
    assert all(f"p{day}.yaml:" in checked.err for day in days)
    assert len(workspace.run("validate", "--format", "json").json) == 12


QUIET: dict[str, tuple[str, bool]] = {
    "validate": ("validate", False),
    "plan": ("plan", True),
    "apply": ("apply --auto-approve", True),
    "status": ("status", True),
    "pull": ("pull --auto-approve", False),
    "fmt": ("fmt --check", False),
}


@pytest.mark.parametrize("case", QUIET)
def test_quiet_shows_what_was_asked_for_and_no_warning(case: str, tmp_path: Path) -> None:
    line, has_result = QUIET[case]
    text = "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
    workspace = WorkspaceDir.tiny(tmp_path, a=f"{text}images:\n  - https://acme.example/1.png\n")
    loud = WorkspaceDir.tiny(tmp_path / "loud", a=f"{text}{SILENT}")
    for one in (workspace, loud) if case in ("status", "pull") else ():
        assert one.apply().code == 0
    quiet, usual = workspace.run("-q", *line.split()), loud.run(*line.split())
    assert (quiet.code, quiet.codes, quiet.err) == (0, [], "")
    assert bool(quiet.out) == has_result
    if case in ("validate", "plan", "apply"):
        assert usual.codes == ["PC210"]


def test_quiet_still_shows_errors(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Hello.", "soon"), b=f"{post('Bye.')}{SILENT}")
    for verb in ("validate", "plan", "status"):
        done = workspace.run("-q", verb)
        assert (done.code, done.codes) == (1, ["PC401"])
