"""Repositories and their CI in memory; and that no fault in what may be sent gets past them.

By day a part of it, under `THOROUGH=1` all: each ordered pair of operations fifty times, and each
mutant of approvals, tip rule and identity, which must be found within so many steps.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.depth import THOROUGH
from tests.reliability.mutation import Mutant, mutate, run_module
from tests.reliability.project import OPERATIONS, Tally, live_through

SEEDS = range(1, 21) if THOROUGH else range(1, 4)
TIMES = 50
"""How often each ordered pair of operations is met, at least."""

STEPS = 1_500
"""Within so many steps each mutant must be found."""


def test_nothing_is_there_twice_lost_unseen_or_touched_whatever_ci_does() -> None:
    tally = Tally()
    for seed in SEEDS:
        broken = live_through(1_500 if THOROUGH else 35, seed, tally)
        assert broken is None, broken
    seed = SEEDS.stop
    while THOROUGH and tally.least < TIMES:
        broken = live_through(1_500, seed, tally)
        assert broken is None, broken
        seed += 1
    assert len({after for _, after in tally.pairs}) == len(OPERATIONS), "each one was met"


APPROVALS, CLEARING, REVIEWED = (
    "reconcile/approvals.py",
    "commands/_shared/run_approvals.py",
    "commands/reviewed.py",
)
MUTANTS = {
    "a request that is not merged approves": Mutant(
        REVIEWED,
        "        if request is not None and not (is_asked_before or self.is_contained(request)):\n",
        "        if request is not None and is_asked_before is None:\n",
    ),
    "a request is never spent": Mutant(
        REVIEWED, "        if name in self.state.spent:\n", "        if not name:\n"
    ),
    "a mark is that of any text": Mutant(
        APPROVALS, '        "after": _canonical(change.after),\n', ""
    ),
    "a night creates what nobody approved": Mutant(
        "reconcile/top_up.py",
        "        return approval is not None and not approval.refused\n",
        "        return approval is None or not approval.refused\n",
    ),
    "a night creates nothing": Mutant(
        "reconcile/top_up.py",
        "        return approval is not None and not approval.refused\n",
        "        return approval is not None and approval.refused\n",
    ),
    "what waits is approved in no state": Mutant(
        APPROVALS,
        "        approved={**state.approved, **clearance.approvals},\n",
        "        approved={**state.approved},\n",
    ),
    "what is not the tip is applied": Mutant(
        "reconcile/branch_tip.py",
        "        return None if at.commit == at.tip else _older(at)\n",
        "        return None if at.commit == at.tip else None\n",
    ),
    "a night reports nothing": Mutant(
        CLEARING,
        "        if since is not None:\n            code",
        "        if since is not None and not words:\n            code",
    ),
    "a state is that of any queue": Mutant(
        "reconcile/workspace_identity.py",
        "    return here.environment == recorded.environment\n",
        "    return bool(here.environment)\n",
    ),
    "a copy is a folder that was renamed": Mutant(
        "reconcile/workspace_identity.py",
        "    copied = [one for one in mine if one.identity and not _has_left(here, one)]\n",
        "    copied = [one for one in mine if one.identity and not one.place]\n",
    ),
    "what is shown after the merge is approved": Mutant(
        "commands/comment.py",
        "            is_asked = plan is not None and not args.events\n",
        "            is_asked = False\n",
    ),
}
BY_DAY = ("a mark is that of any text", "a night creates what nobody approved")


@pytest.mark.parametrize("name", MUTANTS if THOROUGH else BY_DAY)
def test_a_fault_in_what_may_be_sent_is_found(name: str, tmp_path: Path) -> None:
    mutate(tmp_path, MUTANTS[name])
    found = run_module(tmp_path, "tests.reliability.project", str(STEPS), "1")
    assert found == 1, f"nobody notices: {name}"
