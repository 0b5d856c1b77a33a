"""The public API: which names it has, that it is documented, and that the examples run."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import plancast
from tests.commands.workspace_dir import WorkspaceDir, post

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "library.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_each_public_name_is_there_and_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = [name for name in plancast.__all__ if name != "__version__"]
    assert [name for name in names if not hasattr(plancast, name)] == []
    assert [name for name in names if f"`{name}`" not in page] == []


def test_no_other_name_is_documented() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## Names")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(plancast.__all__) - {"__version__"}


def test_type_checkers_see_the_same_names() -> None:
    stub = ast.parse((ROOT / "plancast" / "__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    found = {name: f"plancast.{module}" for name, module in vars(plancast)["_MODULE_OF"].items()}
    assert imported == found


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="apply_workspace"):
        plancast.apply_workspace  # type: ignore[attr-defined]  # noqa: B018


def test_importing_it_loads_no_other_module() -> None:
    code = "import plancast, sys; print([m for m in sys.modules if m.startswith('plancast.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_page_runs(number: int, tmp_path: Path) -> None:
    WorkspaceDir.with_examples(tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import plancast\n{EXAMPLES[number]}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_plan_is_the_one_that_the_command_shows(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("One."), b=post("Two.", "2026-12-02 09:30"))
    shown = workspace.plan()
    plan = plancast.plan_workspace(tmp_path)
    assert dict(plan.summary) == shown["summary"]
    assert [str(change.address) for change in plan.changes] == ["a@x", "b@x"]
    part = plancast.plan_workspace(tmp_path, targets=["b@*"])
    assert [str(change.address) for change in part.changes] == ["b@x"]


def test_planning_writes_no_file_of_the_workspace(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    before = workspace.files()
    plancast.plan_workspace(tmp_path)
    assert workspace.files() == before
    assert not workspace.state_file.exists()
    assert workspace.live() == ()


def test_files_with_errors_are_values_and_cannot_be_planned(tmp_path: Path) -> None:
    WorkspaceDir.tiny(tmp_path, a=post(at="tomorrow"))
    loaded = plancast.load_workspace(tmp_path)
    codes = {one.code for one in loaded.diagnostics if one.severity is plancast.Severity.ERROR}
    assert codes
    assert not loaded.is_valid
    with pytest.raises(plancast.WorkspaceError) as caught:
        plancast.plan_workspace(tmp_path)
    assert {one.code for one in caught.value.diagnostics} >= codes


def test_a_plan_that_a_rail_refuses_is_returned(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post())
    assert workspace.apply().code == 0
    (tmp_path / "a.yaml").unlink()
    plan = plancast.plan_workspace(tmp_path)
    assert any(one.severity is plancast.Severity.ERROR for one in plan.diagnostics)


def test_a_folder_without_a_workspace_says_so(tmp_path: Path) -> None:
    for function in (plancast.load_workspace, plancast.plan_workspace):
        with pytest.raises(plancast.WorkspaceError, match="PC001"):
            function(tmp_path)


def test_the_environment_is_that_which_is_given(tmp_path: Path) -> None:
    WorkspaceDir.tiny(tmp_path, provider="buffer-graphql", a=post())
    with pytest.raises((plancast.ProviderError, plancast.WorkspaceError), match="BUFFER_API_KEY"):
        plancast.plan_workspace(tmp_path, environ={})
