"""Ways to say which entries are meant: addresses, ids, globs, files of them, exclusions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, applied, post

BOTH = "x, li"


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return applied(tmp_path, a=post("A.", on=BOTH), b=post("B.", "2026-12-02 09:30", on=BOTH))


def planned(workspace: WorkspaceDir, *args: str) -> set[str]:
    """Return the addresses that a plan changes."""
    for name in ("a", "b"):
        workspace.edit(f"{name}.yaml", f'"{name.upper()}."', f'"New {name}."')
    changes = workspace.plan(*args)["changes"]
    return {one["address"] for one in changes if one["action"] != "none"}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("--target", "a"), {"a@x", "a@li"}),
        (("--exclude", "a"), {"b@x", "b@li"}),
        (("--target", "*@x", "--exclude", "b@*"), {"a@x"}),
        (("--target-file", "targets"), {"a@x", "b@li"}),
        (("--target-file", "targets", "--exclude", "b"), {"a@x"}),
    ],
)
def test_a_plan_is_for_what_is_chosen(
    workspace: WorkspaceDir, args: tuple[str, ...], expected: set[str]
) -> None:
    workspace.write("targets", "# two entries\na@x\n\n  b@li\r\n")
    assert planned(workspace, *args) == expected


@pytest.mark.parametrize("args", [("--exclude", "c"), ("--target", "aa"), ("--exclude", "a@y")])
def test_what_matches_nothing_is_an_error(workspace: WorkspaceDir, args: tuple[str, ...]) -> None:
    refused = workspace.run("plan", *args)
    assert refused.code == ExitCode.ERROR
    assert refused.codes == ["PC311"]


@pytest.mark.parametrize("content", ["", "# only words\n\n", None, b"\xff\xfe"])
def test_a_file_without_a_target_never_means_everything(
    workspace: WorkspaceDir, content: str | bytes | None
) -> None:
    if content is not None:
        raw = content if isinstance(content, bytes) else content.encode()
        (workspace.folder / "targets").write_bytes(raw)
    refused = workspace.run("apply", "--auto-approve", "--target-file", "targets")
    assert refused.code == ExitCode.ERROR
    assert "--target-file targets" in refused.err


def test_a_plan_says_for_what_it_is(workspace: WorkspaceDir) -> None:
    shown = workspace.run("plan", "--target", "a", "--exclude", "a@li").out
    assert "Only for a, without a@li." in shown


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), "a@li a@x b@li b@x"),
        (("a",), "a@li a@x"),
        (("*@x",), "a@x b@x"),
        (("a@x", "b"), "a@x b@li b@x"),
    ],
)
def test_owned_entries_are_listed_by_pattern(
    workspace: WorkspaceDir, patterns: tuple[str, ...], expected: str
) -> None:
    assert workspace.run("state", "list", *patterns).out.split() == expected.split()
    status = workspace.run("status", *patterns, "--format", "json")
    assert sorted(row["address"] for row in status.json) == expected.split()


def test_several_entries_are_shown_as_a_list(workspace: WorkspaceDir) -> None:
    assert [one["address"] for one in workspace.run("state", "show", "a").json] == ["a@li", "a@x"]
    assert workspace.run("state", "show", "a@x").json["address"] == "a@x"


def test_what_is_let_go_of_is_shown_before_the_question(workspace: WorkspaceDir) -> None:
    asked = workspace.run("state", "rm", "a", stdin="no\n")
    assert asked.code == ExitCode.ERROR
    assert "a@li · Tue 1 Dec 2026 09:30 CET" in asked.out
    assert "│ A." in asked.out
    assert workspace.run("state", "list").out.split() == ["a@li", "a@x", "b@li", "b@x"]
    assert workspace.run("state", "rm", "a", stdin="yes\n").code == ExitCode.DONE
    assert workspace.run("state", "list").out.split() == ["b@li", "b@x"]


def test_a_post_is_sent_on_all_of_its_profiles_once_its_text_was_shown(
    workspace: WorkspaceDir,
) -> None:
    asked = workspace.run("share", "a", stdin="no\n")
    assert "│ A." in asked.out
    assert "2 entries" in asked.err
    assert len(workspace.live()) == 4
    done = workspace.run("share", "a", "--auto-approve")
    assert done.code == ExitCode.DONE, done.err
    assert done.out.count("is on its way") == 2
    rows = workspace.run("status", "--format", "json").json
    assert {row["address"] for row in rows if row["status"] == "published"} == {"a@x", "a@li"}


@pytest.mark.parametrize("verb", ["share", "state rm"])
def test_no_glob_lets_go_or_sends(workspace: WorkspaceDir, verb: str) -> None:
    refused = workspace.run(*verb.split(), "*", "--auto-approve")
    assert refused.codes == ["PC607"]


ASKING = ["apply", "import", "share a@x", "state rm a@x", "sandbox reset"]


@pytest.mark.parametrize("line", ASKING)
def test_without_a_terminal_nothing_is_done_before_the_flag_is_named(
    workspace: WorkspaceDir, line: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "plancast", *line.split()],
        cwd=workspace.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.ERROR
    assert "pass --auto-approve" in done.stderr
    assert done.stdout == ""
