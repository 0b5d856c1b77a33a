"""An apply is killed at each of its effects, then run once more: nothing twice, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.crash_workspace import CrashWorkspace
from tests.reliability.depth import some

pytestmark = pytest.mark.part(4)

SLICES = 2
"""The effects are dealt out to so many tests, which can run side by side."""


WAYS = [
    *((safety, api) for safety in ("direct", "strict") for api in ("v1", "graphql")),
    ("keyed", "graphql"),
]
STEPS = {"direct": 20, "strict": 30, "keyed": 30}


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize(("safety", "api"), WAYS)
def test_killed_anywhere_an_apply_leaves_nothing_twice(
    safety: str, api: str, part: int, tmp_path: Path
) -> None:
    base = CrashWorkspace.build(tmp_path / "base", safety, api=api)
    whole = base.copy(tmp_path / "whole")
    undisturbed = whole.apply()
    assert undisturbed.code == 0, undisturbed.out
    assert whole.problems(settled=True) == []
    assert undisturbed.effects > 40
    dealt = range(1 + part, undisturbed.effects + 1, SLICES)
    for fatal in some(dealt, STEPS[safety], begin=part):
        trial = base.copy(tmp_path / str(fatal))
        assert trial.apply(fatal=fatal).killed
        assert trial.problems(settled=False) == [], f"right after the kill at effect {fatal}"
        again = trial.apply()
        assert again.code == 0, f"effect {fatal}: {again.out}"
        assert trial.problems(settled=True) == [], f"after the run that followed effect {fatal}"


def test_killed_again_and_again_an_apply_gets_there(tmp_path: Path) -> None:
    workspace = CrashWorkspace.build(tmp_path / "workspace")
    kills = 0
    while (ended := workspace.apply(fatal=9 + kills)).killed:
        kills += 1
        assert workspace.problems(settled=False) == []
        assert kills < 50, "it gets nowhere"
    assert kills > 2
    assert ended.code == 0, ended.out
    assert workspace.problems(settled=True) == []
