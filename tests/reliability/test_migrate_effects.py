"""A migration is killed at each of its effects, or comes after an apply that was: none twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from plancast.model.exit_codes import ExitCode
from tests.reliability.depth import some
from tests.reliability.rig import Ended, Rig

MOVE = ("migrate", "--to", "buffer-graphql", "--auto-approve")


def changes(rig: Rig) -> dict[str, int]:
    """The requests so far that changed something, on either API."""
    with rig.world() as world:
        received = world.requests().received
    return {name: n for name, n in received.items() if name.startswith(("POST", "mutation"))}


def other_ids(rig: Rig) -> Rig:
    """The current API calls everything otherwise."""
    with rig.world() as world:
        world.set_setting("graphql_ids", "other")
    return rig


def move(rig: Rig, fatal: int | None = None) -> Ended:
    """Migrate, which sends nothing whatever happens."""
    before = changes(rig)
    ended = rig.run(*MOVE, fatal=fatal)
    assert changes(rig) == before
    return ended


def arrive(rig: Rig, when: str) -> None:
    """The workspace is on the other side, if it was not yet, and an apply does what is left."""
    ended = move(rig)
    if ended.code == ExitCode.UNKNOWN:
        settled = rig.apply()
        assert settled.code == 0, f"{when}: {settled.out}"
        ended = move(rig)
    assert "Migrated." in ended.out or "Nothing to migrate" in ended.out, f"{when}: {ended.out}"
    again = rig.apply()
    assert again.code == 0, f"{when}: {again.out}"
    assert rig.problems(settled=True) == [], when


@pytest.mark.parametrize("state", ["local", "git"])
def test_killed_anywhere_a_migration_is_finished_by_the_next(state: str, tmp_path: Path) -> None:
    base = other_ids(Rig.build(tmp_path / "base", state=state))
    undisturbed = move(base.copy(tmp_path / "whole"))
    assert undisturbed.effects > 5
    seen = set()
    for fatal in some(range(1, undisturbed.effects + 1), {"local": 4, "git": 15}[state]):
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
    base = Rig.build(tmp_path / "base", safety)
    effects = base.copy(tmp_path / "whole").apply().effects
    assert effects > 40
    for fatal in some(range(1, effects + 1), 20, begin=11):
        trial = base.copy(tmp_path / str(fatal))
        assert trial.apply(fatal=fatal).killed
        arrive(other_ids(trial), f"effect {fatal}")
