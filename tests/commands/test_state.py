"""The state commands: look into what is owned and mend it, without a single request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import PATIENCE, WorkspaceDir, post, wait_for_the_question


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """Two posts on two profiles, all four entries in the queue."""
    workspace = WorkspaceDir.tiny(
        tmp_path, a=post("A.", on="x, li"), b=post("B.", "2026-12-02 09:30", on="x, li")
    )
    assert workspace.apply().code == 0
    return workspace


ADDRESSES = ["a@li", "a@x", "b@li", "b@x"]


def test_list_shows_all_that_is_owned_in_order(workspace: WorkspaceDir) -> None:
    assert workspace.run("state", "list").out.split() == ADDRESSES
    listed = workspace.run("state", "list", "--format", "json").json
    assert [item["address"] for item in listed] == ADDRESSES
    assert {item["remote_id"] for item in listed} == {item.id for item in workspace.live()}


def test_of_nothing_it_says_so_and_makes_no_file(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    listed = workspace.run("state", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "Nothing" in listed.err
    assert workspace.run("state", "list", "--format", "json").json == []
    assert not (tmp_path / ".plancast").exists()


def test_show_tells_all_that_is_known_of_one(workspace: WorkspaceDir) -> None:
    shown = workspace.run("state", "show", "a@x").json
    assert shown["address"] == "a@x"
    assert shown["remote_id"] in {item.id for item in workspace.live()}
    assert shown["applied"]["text"] == "A."
    assert shown["due_at"] == "2026-12-01T08:30:00Z"


UNKNOWN = ["c@x", "a@y", "@x", "a@", "", "a@x@li", "a@x\n"]


@pytest.mark.parametrize("address", UNKNOWN)
@pytest.mark.parametrize("command", ["show", "rm", "mv"])
def test_an_address_that_is_not_owned_is_an_error_and_nothing_changes(
    workspace: WorkspaceDir, command: str, address: str
) -> None:
    before = workspace.run("state", "list", "--format", "json").out
    more = ("new@x",) if command == "mv" else ()
    result = workspace.run("state", command, address, *more)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC607"])
    assert workspace.run("state", "list", "--format", "json").out == before


def test_a_slip_of_the_pen_gets_a_suggestion(workspace: WorkspaceDir) -> None:
    assert "Did you mean a@li?" in workspace.run("state", "show", "a@il").err


def test_what_is_no_longer_owned_stays_in_the_queue(workspace: WorkspaceDir) -> None:
    before, sent = workspace.live(), workspace.requests()
    assert workspace.run("state", "rm", "--auto-approve", "a@x", "a@li").code == 0
    assert workspace.run("state", "list").out.split() == ["b@li", "b@x"]
    (workspace.folder / "a.yaml").unlink()
    assert workspace.summary() == {"unchanged": 2, "unmanaged": 2}
    assert workspace.apply().code == 0
    assert (workspace.live(), workspace.requests()) == (before, sent)


def test_what_was_let_go_by_mistake_is_adopted_again(workspace: WorkspaceDir) -> None:
    workspace.run("state", "rm", "--auto-approve", *ADDRESSES)
    assert workspace.summary() == {"adopt": 4}
    assert workspace.apply().code == 0
    assert workspace.run("state", "list").out.split() == ADDRESSES
    assert workspace.summary() == {"unchanged": 4}


def test_all_are_let_go_or_none(workspace: WorkspaceDir) -> None:
    assert (
        workspace.run("state", "rm", "--auto-approve", "a@x", "nobody@x", "b@x").code
        == ExitCode.ERROR
    )
    assert workspace.run("state", "list").out.split() == ADDRESSES


def test_a_move_saves_the_entry_of_a_file_that_was_renamed_and_edited(
    workspace: WorkspaceDir,
) -> None:
    before = {item.id for item in workspace.live()}
    (workspace.folder / "a.yaml").rename(workspace.folder / "c.yaml")
    workspace.edit("c.yaml", "A.", "Other words.")
    assert workspace.summary() == {"create": 2, "destroy": 2, "unchanged": 2}
    for alias in ("x", "li"):
        assert workspace.run("state", "mv", f"a@{alias}", f"c@{alias}").code == 0
    assert workspace.summary() == {"update": 2, "unchanged": 2}
    assert workspace.apply().code == 0
    assert {item.id for item in workspace.live()} == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a@x", "b@x"),
        ("a@x", "a@li"),
        ("a@x", "c@li"),
        ("a@x", "nonsense"),
        ("a@x", "é b/../c@x"),
        ("a@x", "../c@x"),
        ("a@x", "/c@x"),
        ("a@x", "c/@x"),
        ("a@x", "c @x"),
    ],
)
def test_a_move_never_takes_the_place_of_another_or_changes_the_profile(
    workspace: WorkspaceDir, old: str, new: str
) -> None:
    result = workspace.run("state", "mv", old, new)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC607"])
    assert workspace.run("state", "list").out.split() == ADDRESSES


def test_a_move_onto_itself_loses_nothing(workspace: WorkspaceDir) -> None:
    workspace.run("state", "mv", "a@x", "a@x")
    assert workspace.run("state", "list").out.split() == ADDRESSES


def test_looking_changes_nothing_on_disk(workspace: WorkspaceDir) -> None:
    def disk() -> dict[str, bytes]:
        folder = workspace.folder / ".plancast"
        return {item.name: item.read_bytes() for item in folder.iterdir() if item.is_file()}

    before = disk()
    for command in (("list",), ("show", "a@x"), ("show", "nobody@x")):
        workspace.run("state", *command)
    workspace.run("plan")
    workspace.run("status")
    assert disk() == before


def test_nobody_changes_the_state_while_somebody_applies(workspace: WorkspaceDir) -> None:
    workspace.edit("a.yaml", "A.", "A again.")
    other = workspace.start("apply")
    try:
        wait_for_the_question(other)
        for command in (("rm", "--auto-approve", "a@x"), ("mv", "a@x", "c@x")):
            refused = workspace.run("state", *command)
            assert (refused.code, refused.codes) == (ExitCode.LOCKED, ["PC605"])
        other.communicate("yes\n", timeout=PATIENCE)
    finally:
        other.kill()
        other.communicate()
    assert other.returncode == 0
    assert workspace.run("state", "list").out.split() == ADDRESSES


def test_every_change_makes_a_new_serial(workspace: WorkspaceDir) -> None:
    serial = json.loads(workspace.state_file.read_text(encoding="utf-8"))["serial"]
    workspace.run("state", "rm", "--auto-approve", "a@x")
    assert json.loads(workspace.state_file.read_text(encoding="utf-8"))["serial"] > serial


def test_the_state_commands_need_no_token_and_no_network(workspace: WorkspaceDir) -> None:
    workspace.edit("plancast.yaml", "{name: sandbox, clock: 2026-11-30T08:00:00Z}", "buffer")
    state = json.loads(workspace.state_file.read_text(encoding="utf-8"))
    state["workspace"]["environment"] = "buffer"
    workspace.state_file.write_text(json.dumps(state), encoding="utf-8")
    assert workspace.run("state", "list").code == 0
    assert workspace.run("state", "show", "a@x").code == 0
    assert workspace.run("state", "rm", "--auto-approve", "a@x").code == 0
