"""A limit that the second phase of a create reaches: the draft stays, and a later run goes on.

With `safety: strict` an entry is created as a draft, which no limit counts, and scheduled by an
update, which Buffer may refuse for want of room (docs/buffer/graphql.md#plan-limits).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.sandbox.values import Status
from tests.commands.test_clearing import Team
from tests.commands.workspace_dir import LINKEDIN, NOW, Result, WorkspaceDir, X, post
from tests.forges.stand_in import GitHubStandIn, serving

PROVIDER = f"{{name: sandbox, api: graphql, clock: {NOW}, seed: world.seed}}"
FREE = (
    "account: {plan: free, token: sandbox-token}\n"
    f"profiles:\n  - {{id: {X}, service: twitter}}\n  - {{id: {LINKEDIN}, service: linkedin}}\n"
)
"""The free plan lets one thread wait on each channel. No plan of plancast's foresees that."""


def strict(folder: Path, **posts: str) -> WorkspaceDir:
    workspace = WorkspaceDir.tiny(folder, "{safety: strict}", PROVIDER, **posts)
    workspace.write("world.seed", FREE)
    return workspace


def thread(day: int) -> str:
    return post(f"Day {day}.", f"2026-12-{day:02d} 09:30", more="thread:\n  - text: More.\n")


def waiting(workspace: WorkspaceDir) -> dict[str, bool]:
    """Return the texts that have not gone out, each with whether it is a draft."""
    return {
        item.content.text: item.draft for item in workspace.live() if item.status is not Status.SENT
    }


def edits(workspace: WorkspaceDir) -> int:
    with workspace.person() as world:
        return world.requests().received.get("mutation editPost", 0)


def outcomes(result: Result) -> dict[str, str]:
    ended = (event for event in result.events if event["event"] == "change_finished")
    return {event["address"]: event["outcome"] for event in ended}


def test_a_limit_in_the_second_phase_defers_the_create_and_keeps_its_draft(tmp_path: Path) -> None:
    one = strict(tmp_path, t2=thread(2), t3=thread(3))
    first = one.apply("--json")
    assert (first.code, outcomes(first)) == (3, {"t2@x": "applied", "t3@x": "deferred"}), first.err
    assert waiting(one) == {"Day 2.": False, "Day 3.": True}
    status = one.run("status")
    assert (status.code, "reserved" in status.out, "stuck" in status.out) == (0, True, False)
    again = one.apply("--json")
    assert (again.code, outcomes(again)) == (3, {"t3@x": "deferred"}), again.err
    with one.person() as world:
        world.set_clock("2026-12-02T12:00:00Z")
    assert one.apply().code == 0
    assert waiting(one) == {"Day 3.": False}
    assert one.run("plan", "--detailed-exitcode").code == 0


def test_a_full_queue_is_foreseen_for_the_second_phase_as_well(tmp_path: Path) -> None:
    one = strict(tmp_path, t2=thread(2), t3=thread(3))
    assert one.apply().code == 3
    with one.person() as world:
        world.set_setting("queue_limit", 1)
    before = edits(one)
    again = one.apply()
    assert again.code == 3, again.err
    assert "the queue is full (1)" in again.out
    assert edits(one) == before
    assert waiting(one) == {"Day 2.": False, "Day 3.": True}


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """A workspace with strict creates, whose first commit is pushed."""
    stand_in = GitHubStandIn()
    with serving(stand_in):
        subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin"], check=True)
        subprocess.run(["git", "init", "-qb", "main", tmp_path / "posts"], check=True)
        workspace = strict(tmp_path / "posts", stays=post("Stays.", "2027-02-20 09:30", on="li"))
        team = Team(workspace, stand_in, tmp_path, [])
        workspace.write(".gitignore", ".plancast/\n.plancast-sandbox/\n")
        team.git("remote", "add", "origin", str(tmp_path / "origin"))
        team.commit("begin")
        assert workspace.apply().code == 0
        yield team


def test_the_nightly_run_schedules_what_a_limit_left_as_a_draft(team: Team) -> None:
    for day in (2, 3):
        team.workspace.write(f"t{day}.yaml", thread(day))
    assert team.request().code == 0
    team.merge()
    word, merged = team.run()
    assert (word, merged.code) == ("same", 3), merged.err
    assert waiting(team.workspace) == {"Stays.": False, "Day 2.": False, "Day 3.": True}
    assert [one["address"] for one in team.state["approved"].values()] == ["t3@x"]
    night = team.night("--waiting", "--auto-approve", "--json")
    assert (night.code, outcomes(night)) == (3, {"t3@x": "deferred"}), night.err
    with team.workspace.person() as world:
        world.set_clock("2026-12-02T12:00:00Z")
    assert team.night().code == 0
    assert waiting(team.workspace) == {"Stays.": False, "Day 3.": False}
    assert team.state["approved"] == {}


def test_the_nightly_run_schedules_no_draft_that_a_person_changed(team: Team) -> None:
    """An edit of a person is no part of what was approved, so a person has to see the update."""
    for day in (2, 3):
        team.workspace.write(f"t{day}.yaml", thread(day))
    assert team.request().code == 0
    team.merge()
    assert team.run()[1].code == 3
    with team.workspace.person() as world:
        (draft,) = (item for item in world.snapshot() if item.draft)
        world.person_edit(draft.id, text="By hand.")
        world.set_clock("2026-12-02T12:00:00Z")
    before = edits(team.workspace)
    team.night()
    assert edits(team.workspace) == before
    assert waiting(team.workspace) == {"Stays.": False, "By hand.": True}


def test_a_draft_that_no_run_will_complete_is_trouble(tmp_path: Path) -> None:
    one = strict(tmp_path, t2=thread(2), t3=thread(3))
    assert one.apply().code == 3
    with one.person() as world:
        world.set_clock("2026-12-03T12:00:00Z")
    status = one.run("status")
    assert status.code == 1
    assert "stuck" in status.out
