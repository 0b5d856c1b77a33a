"""Every fault that the sandbox knows, at every call of an apply."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plancast.sandbox import Fault, FaultKind
from tests.reliability.depth import some
from tests.reliability.rig import Rig

CALLS = {"direct": 8, "strict": 13}


@pytest.mark.parametrize("kind", list(FaultKind))
def test_no_fault_at_any_call_makes_a_twin(kind: FaultKind, tmp_path: Path) -> None:
    base = Rig.build(tmp_path / "base")
    for skip in some(range(CALLS["direct"]), 2, begin=list(FaultKind).index(kind)):
        trial = base.copy(tmp_path / "trial")
        _through(trial, Fault(kind, "POST *", skip, 1, 0.0))
        shutil.rmtree(trial.folder)


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.LATE_COMMIT])
def test_no_fault_at_any_call_makes_a_twin_where_creates_take_two_steps(
    kind: FaultKind, tmp_path: Path
) -> None:
    base = Rig.build(tmp_path / "base", "strict")
    for skip in some(range(CALLS["strict"]), 2, begin=list(FaultKind).index(kind)):
        trial = base.copy(tmp_path / "trial")
        _through(trial, Fault(kind, "POST *", skip, 1, 0.0))
        shutil.rmtree(trial.folder)


def _through(trial: Rig, fault: Fault) -> None:
    with trial.world() as world:
        world.arm(fault)
    disturbed = trial.apply()
    assert disturbed.code in (0, 1, 3, 6), disturbed.out
    assert trial.problems(settled=False) == [], f"{fault}"
    with trial.world() as world:
        assert world.faults() == (), "the apply made fewer calls than were to be disturbed"
    again = trial.apply()
    assert again.code == 0, f"{fault}: {again.out}"
    assert trial.problems(settled=True) == [], f"{fault}"
