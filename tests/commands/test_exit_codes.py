"""Every exit code is reached, in the way the contract says, and says why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox import Fault, FaultKind
from tests.commands.workspace_dir import WorkspaceDir, applied, many, post, served

TWO = {"a": post("A."), "b": post("B.", "2026-12-02 09:30")}


# -- 0, 1, 2 ----


@pytest.mark.parametrize(
    "args", [("--help",), ("--version",), ("-h",), ("apply", "--help"), ("state", "--help")]
)
def test_help_is_no_error(tmp_path: Path, args: tuple[str, ...]) -> None:
    assert WorkspaceDir(tmp_path).run(*args).code == ExitCode.DONE


def test_help_tells_every_exit_code(tmp_path: Path) -> None:
    help_text = WorkspaceDir(tmp_path).process("--help").out
    for code in ExitCode:
        assert re.search(rf"^ +{code.value} +[a-z]", help_text, re.MULTILINE), code


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("frobnicate",),
        ("plan", "--frobnicate"),
        ("plan", "--format", "xml"),
        ("plan", "surplus"),
        ("apply", "--lock-timeout", "soon"),
        ("apply", "--allow-destroy", "some"),
        ("show",),
        ("state",),
        ("state", "rm"),
        ("report", "--days", "0"),
        ("sandbox", "serve", "--port", "70000"),
        ("--log-file",),
        ("-C",),
    ],
)
def test_wrong_usage_is_an_error_of_the_author(tmp_path: Path, args: tuple[str, ...]) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    assert workspace.run(*args).code == ExitCode.ERROR
    assert not (tmp_path / ".plancast").exists()


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("apply", "--auto-approve")])
def test_a_wrong_file_is_an_error_and_nothing_is_asked_of_the_network(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path, a=post(), b="profiles: [x]\nschedule: tomorrow\ntext: B.\n"
    )
    result = workspace.run(*command)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC401"])
    assert "b.yaml:2:" in result.err
    assert not (tmp_path / ".plancast-sandbox").exists()


def test_a_folder_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    assert workspace.process("-C", "typo", "apply", "--auto-approve").code == ExitCode.ERROR
    assert workspace.live() == ()


def test_a_log_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    result = workspace.process("--log-file", "no/such/folder/log", "validate")
    assert result.code == ExitCode.ERROR
    assert "log" in result.err


def test_pending_changes_end_with_2_only_where_that_was_asked_for(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    assert workspace.run("plan").code == ExitCode.DONE
    assert workspace.run("plan", "--detailed-exitcode").code == ExitCode.CHANGES
    assert workspace.apply().code == ExitCode.DONE
    assert workspace.run("plan", "--detailed-exitcode").code == ExitCode.DONE


def test_a_refusal_weighs_more_than_pending_changes(tmp_path: Path) -> None:
    workspace = applied(tmp_path, **TWO)
    for name in TWO:
        (tmp_path / f"{name}.yaml").unlink()
    assert workspace.run("plan", "--detailed-exitcode").code == ExitCode.REFUSED


# -- 3 ----


def test_what_was_applied_in_part_says_what_was_not(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, **TWO)
    with workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST *"))
    result = workspace.apply()
    assert result.code == ExitCode.PARTIAL
    assert "a@x" in result.out.partition("Failed")[2]
    assert workspace.texts() == ["B."]
    assert workspace.run("state", "list").out == "b@x\n"


def test_where_nothing_was_applied_it_is_an_error(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("A."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.SUCCESS_FALSE_200, "POST *"))
    assert workspace.apply().code == ExitCode.ERROR
    assert workspace.live() == ()


# -- 4: each rail, and the flag that its message names ----

Step = Callable[[WorkspaceDir], None]


def _remove(*names: str) -> Step:
    def step(workspace: WorkspaceDir) -> None:
        for name in names:
            (workspace.folder / f"{name}.yaml").unlink()

    return step


def _almost_due(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.set_clock("2026-12-01T08:26:00Z")
    workspace.edit("a.yaml", "A.", "Quite another text.")


def _other_account(workspace: WorkspaceDir) -> None:
    state = json.loads(workspace.state_file.read_text(encoding="utf-8"))
    assert state["account_id"]
    workspace.state_file.write_text(json.dumps({**state, "account_id": "somebody-else"}))
    workspace.edit("a.yaml", "A.", "Other words.")


def _edit_all(workspace: WorkspaceDir) -> None:
    workspace.write("_defaults.yaml", "link: https://acme.example/\n")


RAILS: dict[str, tuple[dict[str, str], Step, str, tuple[str, ...]]] = {
    "too many": (many(8), _remove(*sorted(many(8))[:6]), "PC701", ("--allow-destroy", "6")),
    "too many edits": (
        {f"p{n}": post(f"{n}.", f"2026-12-{n:02d} 12:00") for n in range(2, 24)},
        _edit_all,
        "PC710",
        ("--allow-update", "22"),
    ),
    "nothing is asked for": (TWO, _remove(*TWO), "PC702", ("--allow-empty",)),
    "due soon": (TWO, _almost_due, "PC703", ("--allow-due-soon",)),
    "another account": (TWO, _other_account, "PC704", ("--allow-account-change",)),
}


@pytest.mark.parametrize("rail", RAILS)
def test_a_rail_refuses_and_the_flag_that_it_names_lets_pass(tmp_path: Path, rail: str) -> None:
    posts, step, code, flag = RAILS[rail]
    workspace = applied(tmp_path, **posts)
    step(workspace)
    before, sent = workspace.live(), workspace.requests()
    for command in (("plan",), ("apply", "--auto-approve")):
        refused = workspace.run(*command)
        assert (refused.code, refused.errors) == (ExitCode.REFUSED, [code]), refused.err
        assert " ".join(flag) in refused.err + refused.out
    assert (workspace.live(), workspace.requests()) == (before, sent)
    allowed = workspace.apply(*flag)
    assert allowed.code == ExitCode.DONE, allowed.err
    assert workspace.summary(*flag).keys() <= {"unchanged"}


FLAGS = {
    "--allow-empty",
    "--allow-due-soon",
    "--allow-account-change",
    "--allow-clock-skew",
    "--allow-destroy",
    "--allow-update",
}


@pytest.mark.parametrize("rail", RAILS)
def test_no_flag_lifts_another_rail(tmp_path: Path, rail: str) -> None:
    posts, step, code, flag = RAILS[rail]
    workspace = applied(tmp_path, **posts)
    step(workspace)
    others = sorted(FLAGS - {flag[0]})
    given = [
        word for name in others for word in (name, "99")[: 1 + name.endswith(("destroy", "update"))]
    ]
    refused = workspace.apply(*given)
    assert (refused.code, refused.errors) == (ExitCode.REFUSED, [code])


def test_the_number_of_allow_destroy_is_a_limit_and_no_licence(tmp_path: Path) -> None:
    workspace = applied(tmp_path, **many(9))
    _remove(*sorted(many(9))[:7])(workspace)
    refused = workspace.apply("--allow-destroy", "6")
    assert (refused.code, refused.errors) == (ExitCode.REFUSED, ["PC701"])
    assert len(workspace.live()) == 9


def test_a_wrong_clock_is_refused_until_the_flag_is_given(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.write("a.yaml", post(at="2030-01-31 09:30"))
    with served(workspace) as (there, world):
        world.advance(45)
        refused = there.apply()
        assert (refused.code, refused.errors) == (ExitCode.REFUSED, ["PC705"])
        assert "--allow-clock-skew" in refused.err + refused.out
        assert world.snapshot() == ()
        assert there.apply("--allow-clock-skew").code == ExitCode.DONE
        assert len(world.snapshot()) == 1


def test_a_protected_post_stays_whatever_flags_are_given(tmp_path: Path) -> None:
    workspace = applied(
        tmp_path, a=post("A.", more="protect: true\n"), b=post("B.", "2026-12-02 09:30")
    )
    (tmp_path / "a.yaml").unlink()
    flags = ("--allow-destroy", "9", "--allow-empty", "--allow-due-soon")
    refused = workspace.apply(*flags)
    assert (refused.code, refused.errors) == (ExitCode.REFUSED, ["PC706"])
    assert "protect" in refused.err + refused.out
    workspace.write("a.yaml", post("A."))
    assert workspace.apply().code == ExitCode.DONE
    (tmp_path / "a.yaml").unlink()
    assert workspace.apply().code == ExitCode.DONE
    assert workspace.texts() == ["B."]
