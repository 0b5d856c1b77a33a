"""The same with the state in git: the machine dies with the run, or the run alone does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.crash_workspace import CrashWorkspace
from tests.reliability.depth import some

pytestmark = pytest.mark.part(4)

STEP = 80
"""Each takes half a second: git is a process for every question."""


@pytest.mark.parametrize("safety", ["direct", "strict", "keyed"])
@pytest.mark.parametrize("machine", ["stays", "is lost"])
def test_killed_anywhere_an_apply_with_its_state_in_git_leaves_nothing_twice(
    machine: str, safety: str, tmp_path: Path
) -> None:
    api = "graphql" if safety == "keyed" else "v1"
    base = CrashWorkspace.build(tmp_path / "base", safety, "git", api)
    whole = base.copy(tmp_path / "whole")
    undisturbed = whole.apply()
    assert undisturbed.code == 0, undisturbed.out
    assert whole.problems(settled=True) == []
    assert undisturbed.effects > 40
    for fatal in some(range(1, undisturbed.effects + 1), STEP, begin=len(machine + safety)):
        trial = base.copy(tmp_path / str(fatal))
        assert trial.apply(fatal=fatal).killed
        assert trial.problems(settled=False) == [], f"right after the kill at effect {fatal}"
        if machine == "is lost":
            trial.check_out()
            assert trial.run("state", "unlock", "--auto-approve").code == 0
        again = trial.apply()
        assert again.code == 0, f"effect {fatal}: {again.out}"
        assert trial.problems(settled=True) == [], f"after the run that followed effect {fatal}"


def test_a_run_elsewhere_waits_for_the_lease_of_a_machine_that_was_lost(tmp_path: Path) -> None:
    workspace = CrashWorkspace.build(tmp_path / "workspace", state="git")
    assert workspace.apply(fatal=20).killed
    workspace.check_out()
    waiting = workspace.apply()
    assert waiting.code == 5, waiting.out
    assert "state unlock" in waiting.out or "--lock-timeout" in waiting.out
    assert workspace.problems(settled=False) == []
