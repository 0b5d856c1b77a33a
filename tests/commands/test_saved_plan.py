"""A saved plan: applied exactly, or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.commands.workspace_dir import WorkspaceDir


def test_the_first_plan_of_a_workspace_can_be_saved_and_applied(tmp_path: Path) -> None:
    workspace = WorkspaceDir.with_examples(tmp_path)
    assert workspace.run("plan", "-o", "first.plan").code == 0
    applied = workspace.run("apply", "first.plan")
    assert applied.code == 0, applied.err
    assert "27 applied" in applied.out


def test_a_plan_is_applied_once(tmp_path: Path) -> None:
    workspace = WorkspaceDir.with_examples(tmp_path)
    workspace.run("plan", "-o", "first.plan")
    workspace.run("apply", "first.plan")
    again = workspace.run("apply", "first.plan")
    assert (again.code, set(again.codes)) == (7, {"PC609"})


def test_a_plan_that_ci_saved_is_not_offered_to_readers_of_its_log(tmp_path: Path) -> None:
    """Its machine is gone by the time a person reads that log."""
    workspace = WorkspaceDir.with_examples(tmp_path)
    saved = str(tmp_path / "first.plan")
    shown = workspace.run("plan", "-o", saved).err
    assert f"Apply exactly this with: plancast apply {saved}" in shown
    in_ci = (
        replace(workspace, environ={**workspace.environ, "CI": "true"}).run("plan", "-o", saved).err
    )
    assert "Saved the plan to first.plan." in in_ci
    assert str(tmp_path) not in in_ci
