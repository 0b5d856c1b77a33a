"""`import --rebuild`: the state is lost, people were at work, and nothing goes out twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import Fault, FaultKind
from plancast.sandbox.values import Status, Update
from tests.commands.workspace_dir import WorkspaceDir, X, post

DOORS = "The workshop opens its doors tomorrow: come and see the new machines."
LAUNCH = "Read all about the launch: https://acme.example/launch"
BREAD = "Fresh bread from the old oven in the yard."
TWINS = "A question of twins, asked by a quiet librarian."

FILES = {
    "doors": post(DOORS, "2026-12-01 09:30", on="x, li"),
    "launch": post(LAUNCH, "2026-12-02 09:30"),
    "bread": post(BREAD, "2026-12-04 09:30"),
}


def lost(folder: Path, **posts: str) -> WorkspaceDir:
    """Return a workspace whose posts are live and whose state is lost."""
    workspace = WorkspaceDir.tiny(folder, **posts)
    with workspace.person() as world:
        world.set_setting("duplicates", False)
    result = workspace.apply()
    assert result.code == 0, result.err
    workspace.lose_state()
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return lost(tmp_path, **FILES)


def of(workspace: WorkspaceDir, text: str, profile: str = X) -> Update:
    (found,) = (
        item for item in workspace.live() if (item.content.text, item.profile_id) == (text, profile)
    )
    return found


def rebuild(workspace: WorkspaceDir, *args: str) -> ExitCode:
    return ExitCode(workspace.run("import", "--rebuild", "--auto-approve", *args).code)


def test_what_nobody_touched_is_owned_again_and_there_is_nothing_to_do(
    workspace: WorkspaceDir,
) -> None:
    before = tuple(workspace.live())
    assert rebuild(workspace) is ExitCode.DONE
    assert workspace.summary() == {"unchanged": 4}
    assert workspace.apply().code == 0
    assert workspace.live() == before


def test_what_people_changed_is_updated_and_never_created_again(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        edited = DOORS.replace("tomorrow", "on Monday")
        world.person_edit(of(workspace, DOORS).id, text=edited, at="2026-12-01T08:30:00Z")
        world.person_edit(of(workspace, LAUNCH).id, at="2026-12-02T13:00:00Z")
        world.person_edit(of(workspace, BREAD).id, at="2026-12-07T08:30:00Z")
        made = world.person_create(X, "By hand, and unlike all others.", at="2026-12-03T08:30:00Z")
    before = workspace.requests()
    ids = {item.id for item in workspace.live()}
    assert rebuild(workspace) is ExitCode.DONE
    assert workspace.requests() == before, "nothing was sent"
    assert workspace.summary() == {"update": 3, "unchanged": 1, "unmanaged": 1}
    assert workspace.apply().code == 0
    assert {item.id for item in workspace.live()} == ids
    assert sorted(workspace.texts()) == sorted([DOORS, DOORS, LAUNCH, BREAD, made.content.text])
    assert workspace.summary() == {"unchanged": 4, "unmanaged": 1}


def test_without_it_what_people_changed_would_be_created_again(workspace: WorkspaceDir) -> None:
    """The reason for all this, and for asking before the next apply."""
    with workspace.person() as world:
        world.person_edit(of(workspace, LAUNCH).id, at="2026-12-02T13:00:00Z")
    assert workspace.summary() == {"adopt": 3, "create": 1, "unmanaged": 1}


def test_nothing_is_written_but_the_state(workspace: WorkspaceDir) -> None:
    files, live, sent = workspace.files(), tuple(workspace.live()), workspace.requests()
    assert rebuild(workspace) is ExitCode.DONE
    assert (workspace.files(), tuple(workspace.live()), workspace.requests()) == (files, live, sent)
    assert workspace.state_file.exists()


@pytest.mark.parametrize("answer", ["", "no\n", "y\n", "Yes\n"])
def test_it_asks_and_only_yes_will_do(workspace: WorkspaceDir, answer: str) -> None:
    result = workspace.run("import", "--rebuild", stdin=answer)
    assert result.code == ExitCode.ERROR
    assert "4 entries found again" in result.out
    assert workspace.run("state", "list").out == ""


def test_a_yes_is_enough(workspace: WorkspaceDir) -> None:
    assert workspace.run("import", "--rebuild", stdin="yes\n").code == 0
    assert len(workspace.run("state", "list").out.split()) == 4


# -- what is not certain -------------------------------------------------------------------------


@pytest.fixture
def twins(tmp_path: Path) -> WorkspaceDir:
    """One was removed by a person, who wrote it twice again, before and after its time."""
    workspace = lost(tmp_path, **FILES, twins=post(TWINS, "2026-12-08 09:30"))
    with workspace.person() as world:
        world.person_delete(of(workspace, TWINS).id)
        world.person_create(X, TWINS, at="2026-12-08T06:30:00Z")
        world.person_create(X, TWINS, at="2026-12-08T10:30:00Z")
    return workspace


def test_a_tie_is_asked_about_and_not_owned(twins: WorkspaceDir) -> None:
    result = twins.run("import", "--rebuild", "--auto-approve")
    assert result.code == ExitCode.PARTIAL
    assert "twins@x" not in twins.run("state", "list").out
    assert "twins@x: " in result.out
    assert "the next plan would create it" in result.out
    assert result.out.count("same text, 2 h") == 2
    assert "give its file the text and the time of one of them" in result.out
    assert twins.summary() == {"unchanged": 4, "create": 1, "unmanaged": 2}, "as it said"


@pytest.mark.parametrize("way", ["the file", "in Buffer"])
def test_a_tie_is_settled_as_the_hint_says(twins: WorkspaceDir, way: str) -> None:
    assert rebuild(twins) is ExitCode.PARTIAL
    if way == "the file":
        twins.edit("twins.yaml", "2026-12-08 09:30", "2026-12-08 07:30")
    else:
        with twins.person() as world:
            world.person_delete(twins.live()[-1].id)
    assert rebuild(twins) is ExitCode.DONE
    assert "create" not in twins.summary()
    assert twins.apply().code == 0
    assert twins.texts().count(TWINS) == (2 if way == "the file" else 1)


def test_as_a_draft_it_is_out_of_every_plan(twins: WorkspaceDir) -> None:
    assert rebuild(twins) is ExitCode.PARTIAL
    twins.write("twins.yaml", post(TWINS, "2026-12-08 09:30", more="status: draft\n"))
    assert twins.summary() == {"unchanged": 4, "unmanaged": 2}


def test_of_two_just_like_it_the_next_plan_takes_one_and_that_is_said(
    workspace: WorkspaceDir,
) -> None:
    with workspace.person() as world:
        world.person_create(X, BREAD, at="2026-12-04T08:30:00Z")
    result = workspace.run("import", "--rebuild", "--auto-approve")
    assert result.code == ExitCode.PARTIAL
    assert "2 live entries are just like it; the next plan would adopt" in result.out
    assert workspace.summary() == {"unchanged": 3, "adopt": 1, "unmanaged": 1}


def test_what_is_gone_is_listed_with_what_follows(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_delete(of(workspace, LAUNCH).id)
    result = workspace.run("import", "--rebuild", "--auto-approve")
    assert result.code == ExitCode.DONE, "nothing is in doubt"
    lines = [line for line in result.out.splitlines() if line.startswith("launch@x")]
    assert [" ".join(line.split()) for line in lines] == ["launch@x the next plan would create it"]


def test_as_data_it_says_the_same(twins: WorkspaceDir) -> None:
    with twins.person() as world:
        world.person_delete(of(twins, BREAD).id)
        world.person_create(X, "By hand.", at="2026-12-03T08:30:00Z")
    twins.rewrite_live("By hand.", "By hand\x1b[2J.")
    result = twins.run("import", "--rebuild", "--auto-approve", "--format", "json")
    assert result.code == ExitCode.PARTIAL
    assert "\x1b" not in result.out
    shown = result.json
    assert [item["address"] for item in shown["matches"]] == ["doors@li", "doors@x", "launch@x"]
    assert {item["stage"] for item in shown["matches"]} == {"exact"}
    (asked,) = shown["ambiguous"]
    assert (asked["address"], asked["next_plan"]) == ("twins@x", "create")
    assert [item["live"]["due_at"] for item in asked["candidates"]] == [
        "2026-12-08T06:30:00Z",
        "2026-12-08T10:30:00Z",
    ]
    assert shown["lost"] == [{"address": "bread@x", "next_plan": "create"}]
    assert [item["text"] for item in shown["foreign"]] == ["By hand\x1b[2J."]


# -- what is owned, and what may be ours ---------------------------------------------------------


def test_what_is_owned_already_stays_as_it_is(workspace: WorkspaceDir) -> None:
    assert rebuild(workspace) is ExitCode.DONE
    with workspace.person() as world:
        world.person_edit(of(workspace, LAUNCH).id, text=LAUNCH.replace("all", "more"))
    before = json.loads(workspace.state_file.read_bytes())["resources"]
    again = workspace.run("import", "--rebuild", "--auto-approve")
    assert (again.code, "Nothing to rebuild" in again.out) == (0, True)
    assert json.loads(workspace.state_file.read_bytes())["resources"] == before
    assert workspace.summary() == {"update": 1, "unchanged": 3, "drifted": 1}


def test_what_went_out_is_never_created_again(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.set_clock("2026-12-01T10:00:00Z")
    assert sum(item.status is Status.SENT for item in workspace.live()) == 2
    assert rebuild(workspace) is ExitCode.DONE
    assert workspace.summary() == {"unchanged": 2, "published": 2}
    assert workspace.apply().code == 0
    assert workspace.texts() == sorted([DOORS, DOORS, LAUNCH, BREAD])


def test_what_may_be_ours_is_settled_first(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Lost on the way."))
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
    refused = workspace.run("import", "--rebuild", "--auto-approve")
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])


def test_a_state_of_another_account_is_refused(workspace: WorkspaceDir) -> None:
    assert rebuild(workspace) is ExitCode.DONE
    document = json.loads(workspace.state_file.read_bytes())
    workspace.state_file.write_text(
        json.dumps(document | {"account_id": "other"}), encoding="utf-8"
    )
    assert workspace.run("state", "rm", "--auto-approve", "bread@x").code == 0
    refused = workspace.run("import", "--rebuild", "--auto-approve")
    assert (refused.code, refused.codes) == (ExitCode.REFUSED, ["PC704"])
    assert "bread@x" not in workspace.run("state", "list").out


def test_it_waits_for_nobody_who_holds_the_state(workspace: WorkspaceDir) -> None:
    assert rebuild(workspace) is ExitCode.DONE
    document = json.loads(workspace.state_file.read_bytes())
    document["lease"] = {
        "holder": "`apply` on another machine",
        "token": "t",
        "host": "another",
        "acquired_at": "2026-11-30T08:00:00Z",
        "ttl_seconds": 300,
    }
    workspace.state_file.write_text(json.dumps(document), encoding="utf-8")
    assert rebuild(workspace) is ExitCode.LOCKED


def test_a_plan_without_a_token_knows_what_was_found(workspace: WorkspaceDir) -> None:
    assert rebuild(workspace) is ExitCode.DONE
    assert workspace.summary("--offline") == {"unchanged": 4}


# -- usage ----------------------------------------------------------------------------------------

USAGE = {
    "a folder for files that are not written": ("--rebuild", "--into", "elsewhere"),
    "data of an import that writes files": ("--format", "json"),
}


@pytest.mark.parametrize("case", USAGE)
def test_flags_that_mean_nothing_are_refused(
    workspace: WorkspaceDir, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = workspace.run("import", "--auto-approve", *USAGE[case])
    assert result.code == ExitCode.ERROR
    assert "--rebuild" in capsys.readouterr().err
    assert workspace.run("state", "list").out == ""


def test_what_a_person_sent_before_its_time_is_asked_about(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_edit(of(workspace, BREAD).id, at=datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
        world.set_clock("2026-12-01T10:00:00Z")
    result = workspace.run("import", "--rebuild", "--auto-approve")
    assert result.code == ExitCode.PARTIAL
    assert "went out before its time" in " ".join(result.out.split())


def test_what_is_gone_and_never_went_out_is_not_asked_about(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_delete(of(workspace, BREAD).id)
    result = workspace.run("import", "--rebuild", "--auto-approve")
    assert (result.code, "went out before" in result.out) == (ExitCode.DONE, False)
