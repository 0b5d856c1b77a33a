"""A migration is killed at each of its effects, or comes after an apply that was: none twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from tests.reliability.crash_workspace import CrashWorkspace, Ended
from tests.reliability.depth import THOROUGH, some

pytestmark = pytest.mark.stories(4)

MOVE = ("migrate", "--to", "buffer-graphql", "--auto-approve")


def changes(workspace: CrashWorkspace) -> dict[str, int]:
    """The requests so far that changed something, on either API."""
    with workspace.world() as world:
        received = world.requests().received
    return {name: n for name, n in received.items() if name.startswith(("POST", "mutation"))}


def other_ids(workspace: CrashWorkspace) -> CrashWorkspace:
    """The current API calls everything otherwise."""
    with workspace.world() as world:
        world.set_setting("graphql_ids", "other")
    return workspace


def move(workspace: CrashWorkspace, fatal: int | None = None) -> Ended:
    """Migrate, which sends nothing whatever happens."""
    before = changes(workspace)
    ended = workspace.run(*MOVE, fatal=fatal)
    assert changes(workspace) == before
    return ended


def arrive(workspace: CrashWorkspace, when: str) -> None:
    """The workspace is on the other side, if it was not yet, and an apply does what is left."""
    ended = move(workspace)
    if ended.code == ExitCode.UNKNOWN:
        settled = workspace.apply()
        assert settled.code == 0, f"{when}: {settled.out}"
        ended = move(workspace)
    assert "Migrated." in ended.out or "Nothing to migrate" in ended.out, f"{when}: {ended.out}"
    again = workspace.apply()
    assert again.code == 0, f"{when}: {again.out}"
    assert workspace.problems(settled=True) == [], when


@pytest.mark.parametrize("state", ["local", "git"])
def test_killed_anywhere_a_migration_is_finished_by_the_next(state: str, tmp_path: Path) -> None:
    base = other_ids(CrashWorkspace.build(tmp_path / "base", state=state))
    undisturbed = move(base.copy(tmp_path / "whole"))
    assert undisturbed.effects > 5
    seen = set()
    effects = range(1, undisturbed.effects + 1)
    # By day the same ones of the local state each time: they meet both codes.
    chosen = effects[::4] if state == "local" and not THOROUGH else some(effects, 15)
    for fatal in chosen:
        trial = base.copy(tmp_path / str(fatal))
        assert move(trial, fatal).killed
        passing = trial.apply()  # as CI does, with the file as it is
        seen.add(passing.code)
        assert passing.code in (ExitCode.DONE, ExitCode.REFUSED), passing.out
        assert trial.problems(settled=False) == [], f"after the kill at effect {fatal}"
        arrive(trial, f"effect {fatal}")
    if state == "local":
        assert seen == {ExitCode.DONE, ExitCode.REFUSED}, "before and after the state was written"


@pytest.mark.parametrize("safety", ["direct", "strict"])
def test_whatever_became_of_an_apply_its_workspace_moves(safety: str, tmp_path: Path) -> None:
    base = CrashWorkspace.build(tmp_path / "base", safety)
    effects = base.copy(tmp_path / "whole").apply().effects
    assert effects > 40
    for fatal in some(range(1, effects + 1), 20, begin=11):
        trial = base.copy(tmp_path / str(fatal))
        assert trial.apply(fatal=fatal).killed
        arrive(other_ids(trial), f"effect {fatal}")
