"""`--target` in every command that has it, and a folder that holds drafts alone."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

import plancast
from plancast.commands.main import main
from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, applied, post

VERBS = {
    "plan": ("plan", "--target"),
    "plan offline": ("plan", "--offline", "--target"),
    "plan to destroy": ("plan", "--destroy", "--target"),
    "apply": ("apply", "--auto-approve", "--target"),
    "apply as json": ("apply", "--auto-approve", "--json", "--target"),
    "preview": ("preview", "--target"),
    "pull": ("pull", "--auto-approve"),
}
"""Each way to give a target, by name; the target comes last."""


def test_every_command_with_a_target_is_here() -> None:
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    takes = {
        name
        for name, command in commands.items()
        if command and any(item.name in {"targets", "exclude"} for item in command.params)
    }
    assert takes == {verb[0] for verb in VERBS.values()}


@pytest.mark.parametrize("name", VERBS)
def test_a_target_that_matches_nothing_is_an_error(tmp_path: Path, name: str) -> None:
    workspace = applied(tmp_path, hello=post("Hello."))
    workspace.edit("hello.yaml", "Hello.", "Good morning.")
    before = workspace.requests()
    result = workspace.run(*VERBS[name], "helo@*")
    assert result.code == ExitCode.ERROR
    assert "PC311" in result.err + result.out
    assert "hello@x" in result.err + result.out
    assert workspace.texts() == ["Hello."]
    assert workspace.requests() == before
    assert not (workspace.folder / "plancast-preview.html").exists()


@pytest.mark.parametrize("name", VERBS)
def test_a_target_that_matches_is_none(tmp_path: Path, name: str) -> None:
    workspace = applied(tmp_path, hello=post("Hello."))
    assert workspace.run(*VERBS[name], "hel*").code == ExitCode.DONE


def test_what_was_removed_is_known_by_the_state(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("A."), b=post("B.", "2026-12-02 09:30"))
    (workspace.folder / "a.yaml").unlink()
    assert workspace.apply("--target", "a@x").code == ExitCode.DONE
    assert workspace.texts() == ["B."]
    assert workspace.run("plan", "--target", "a@x").codes == ["PC311"]


def test_history_is_known(tmp_path: Path) -> None:
    policy = "{history_before: 2026-11-01}"
    workspace = WorkspaceDir.tiny(tmp_path, policy, old=post("Old.", "2026-10-01 09:30"))
    assert workspace.run("plan", "--target", "old@x").code == ExitCode.DONE


def test_a_target_for_a_draft_says_so(tmp_path: Path) -> None:
    draft = post("Idea.", more="status: draft\n")
    workspace = WorkspaceDir.tiny(tmp_path, idea=draft, a=post("A.", "2026-12-02 09:30"))
    result = workspace.run("plan", "--target", "idea@x")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC311"])
    assert "idea@x: a draft is never planned" in result.err


@pytest.mark.parametrize("verb", [("validate",), ("plan",), ("plan", "--offline")])
def test_drafts_alone_are_said_in_words(tmp_path: Path, verb: tuple[str, ...]) -> None:
    draft = post("Idea.", more="status: draft\n")
    workspace = WorkspaceDir.tiny(tmp_path, idea=draft)
    result = workspace.run(*verb)
    assert result.code == ExitCode.DONE
    assert "All posts are drafts" in result.out + result.err
    workspace.write("a.yaml", post("A.", "2026-12-02 09:30"))
    result = workspace.run(*verb)
    assert "All posts are drafts" not in result.out + result.err


def test_the_library_raises(tmp_path: Path) -> None:
    WorkspaceDir.tiny(tmp_path, hello=post("Hello."))
    with pytest.raises(plancast.WorkspaceError) as caught:
        plancast.plan_workspace(tmp_path, targets=["helo@*"])
    assert [item.code for item in caught.value.diagnostics] == ["PC311"]
