"""`plancast status`: when all is well, and what is said if it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.workspace_dir import NOW, WorkspaceDir, applied, post

WELL = "all is well"
BUFFER_TODAY = f"{{name: sandbox, api: graphql, clock: {NOW}}}"


def status(workspace: WorkspaceDir, form: str = "human") -> str:
    done = workspace.run("status", "--format", form)
    assert done.code == 0, done.err
    return done.out


def edit(workspace: WorkspaceDir) -> None:
    workspace.edit("a.yaml", "Hello.", "Hello again.")


def remove(workspace: WorkspaceDir) -> None:
    (workspace.folder / "a.yaml").unlink()


def add(workspace: WorkspaceDir) -> None:
    workspace.write("c.yaml", post("Third.", "2026-12-03 09:30"))


def miss(workspace: WorkspaceDir) -> None:
    workspace.write("c.yaml", post("Too late.", "2026-11-29 09:30"))


def drift(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        (one,) = (item for item in world.snapshot() if item.content.text == "Hello.")
        world.person_edit(one.id, text="By hand.")


PENDING = {
    "edited": (edit, "The files ask for changes: 1 to update."),
    "removed": (remove, "The files ask for changes: 1 to destroy."),
    "new": (add, "The files ask for changes: 1 to create."),
    "changed by a person": (drift, "The files ask for changes: 1 to update."),
    "missed": (miss, "What the files ask for cannot be applied"),
}


@pytest.mark.parametrize("case", PENDING)
def test_all_is_well_only_if_the_queue_is_what_the_files_ask_for(case: str, tmp_path: Path) -> None:
    """Exit 0: that a change is to be applied is no trouble of a post."""
    act, words = PENDING[case]
    workspace = applied(tmp_path, a=post(), b=post("Second.", "2026-12-02 09:30"))
    assert WELL in status(workspace)
    assert "### ✅ Status: all is well" in status(workspace, "markdown")
    asked = workspace.requests()
    act(workspace)
    for form in ("human", "markdown"):
        shown = status(workspace, form)
        assert WELL not in shown
        assert words.split(":")[0] in shown
        assert "2 scheduled." in shown
    assert words in status(workspace)
    assert workspace.requests() == asked
    assert [row["status"] for row in workspace.run("status", "--format", "json").json] == [
        "scheduled"
    ] * 2


def test_of_one_address_only_its_own_changes_are_told(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post(), b=post("Second.", "2026-12-02 09:30"))
    remove(workspace)
    assert WELL in workspace.run("status", "b@x").out
    assert "1 to destroy" in workspace.run("status", "a@x").out


def test_a_queue_that_is_full_is_not_well(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post(), b=post("Second.", "2026-12-02 09:30"))
    with workspace.person() as world:
        world.set_setting("queue_limit", 1)
    assert workspace.apply().code == 3
    assert "The files ask for changes: 1 deferred." in status(workspace)


def test_before_the_first_apply_it_says_what_waits(tmp_path: Path) -> None:
    shown = status(WorkspaceDir.tiny(tmp_path, a=post()))
    words = "The files ask for changes: 1 to create. `plancast plan` shows them."
    assert shown == f"Nothing is owned yet.\n{words}\n"


# -- what waits for a person in Buffer ----


@pytest.mark.parametrize(
    ("stage", "standing"),
    [("draft", "overdue draft"), ("needs_approval", "overdue approval")],
)
def test_what_was_not_approved_in_time_is_reported_until_a_person_acts(
    stage: str, standing: str, tmp_path: Path
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, provider=BUFFER_TODAY, a=post(more=f"stage: {stage}\n"))
    assert workspace.apply().code == 0
    assert WELL in status(workspace), "its time is still to come"
    for night in ("2026-12-01T20:00:00Z", "2026-12-02T03:00:00Z", "2026-12-16T03:00:00Z"):
        with workspace.person() as world:
            world.set_clock(night)
        for form in ("human", "markdown"):
            result = workspace.run("status", "--format", form)
            assert (result.code, WELL in result.out) == (1, False)
            assert standing in result.out
        planned = workspace.run("plan", "--detailed-exitcode")
        assert (planned.code, planned.codes) == (0, ["PC910"])
        assert workspace.run("plan", "--offline").codes == ["PC910"]
    assert "its time passed 14 days ago, and it still waits in Buffer" in planned.err + planned.out
    assert workspace.run("status", "--format", "json").json[0]["status"] == standing
    workspace.edit("a.yaml", "2026-12-01 09:30", "2026-12-20 09:30")
    assert workspace.apply().codes == []
    assert WELL in status(workspace)


def test_what_is_approved_late_is_no_trouble_any_more(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path, provider=BUFFER_TODAY, a=post(more="stage: needs_approval\n")
    )
    assert workspace.apply().code == 0
    with workspace.person() as world:
        world.set_clock("2026-12-02T08:00:00Z")
    assert workspace.run("status").code == 1
    (workspace.folder / "a.yaml").unlink()
    workspace.write("b.yaml", post("Second.", "2026-12-05 09:30"))
    assert workspace.apply().code == 0
    assert WELL in status(workspace)


@pytest.mark.parametrize("schedule", ["2026-12-01 09:30", "queue"])
def test_plan_and_status_agree_on_what_a_person_removed_and_the_file_keeps_so(
    schedule: str, tmp_path: Path
) -> None:
    workspace = applied(tmp_path, a=f"{post('Hello.', schedule)}on_drift: keep\n")
    with workspace.person() as world:
        world.person_delete(world.snapshot()[0].id)
    reason = "it was removed in Buffer; on_drift says keep"
    planned = workspace.run("plan", "--detailed-exitcode")
    assert (planned.code, planned.codes) == (0, [])
    assert reason in planned.out
    assert "No changes: 1 entry stays as a person left it in the queue." in (planned.out)
    assert "slot of the queue" not in planned.out, "a difference, as if its time had changed"
    status = workspace.run("status")
    assert (status.code, reason in status.out) == (0, True)
    assert "1 removed: all is well." in status.out
    workspace.edit("a.yaml", "keep", "overwrite")
    assert workspace.run("plan", "--detailed-exitcode").code == 2
    assert workspace.run("status").code == 1
