"""Every fault that the sandbox knows, at every call of an apply."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from plancast.sandbox import Fault, FaultKind
from plancast.sandbox.settings import MOST
from tests.reliability.crash_workspace import CHANGES, CrashWorkspace
from tests.reliability.depth import some

pytestmark = pytest.mark.part(6)

CALLS = {
    ("v1", "direct"): 8,
    ("v1", "strict"): 13,
    ("graphql", "direct"): 10,
    ("graphql", "strict"): 15,
    ("graphql", "keyed"): 13,
}
SILENT = (FaultKind.LOST_ANSWER, FaultKind.LATE_COMMIT)
"""Faults that make twins if a client tries again: these are tried more often than others."""
APIS = list(CHANGES)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], CrashWorkspace]:
    """One workspace for each way, built once: trials work on copies."""
    return cache(
        lambda api, safety: CrashWorkspace.build(
            tmp_path_factory.mktemp("workspace") / "base", safety, api=api
        )
    )


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", list(FaultKind))
def test_no_fault_at_any_call_makes_a_twin(
    kind: FaultKind, api: str, bases: Callable[[str, str], CrashWorkspace], tmp_path: Path
) -> None:
    base = bases(api, "direct")
    calls = range(CALLS[api, "direct"])
    for skip in some(calls, 9 if kind in SILENT else len(calls), begin=list(FaultKind).index(kind)):
        trial = base.copy(tmp_path / "trial")
        _through(trial, Fault(kind, base.changes, skip, 1, 0.0))
        shutil.rmtree(trial.folder)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", SILENT)
def test_no_fault_at_any_call_makes_a_twin_where_creates_take_two_steps(
    kind: FaultKind, api: str, bases: Callable[[str, str], CrashWorkspace], tmp_path: Path
) -> None:
    base = bases(api, "strict")
    for skip in some(range(CALLS[api, "strict"]), 15, begin=list(FaultKind).index(kind)):
        trial = base.copy(tmp_path / "trial")
        _through(trial, Fault(kind, base.changes, skip, 1, 0.0))
        shutil.rmtree(trial.folder)


@pytest.mark.parametrize(
    ("kind", "forgets"),
    [*((kind, False) for kind in FaultKind), *((kind, True) for kind in SILENT)],
)
def test_no_fault_at_any_call_makes_a_twin_where_creates_have_a_key(
    kind: FaultKind,
    forgets: bool,
    bases: Callable[[str, str], CrashWorkspace],
    tmp_path: Path,
) -> None:
    base = bases("graphql", "keyed")
    calls = range(CALLS["graphql", "keyed"])
    for skip in some(calls, 13, begin=list(FaultKind).index(kind) + 7 * forgets):
        trial = base.copy(tmp_path / "trial")
        with trial.world() as world:
            # An answer that is lost to a creation leaves a draft that no key brings back.
            world.set_setting("graphql_key_memory", 0 if forgets else MOST)
        _through(trial, Fault(kind, base.changes, skip, 1, 0.0))
        shutil.rmtree(trial.folder)


def _through(trial: CrashWorkspace, fault: Fault) -> None:
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
