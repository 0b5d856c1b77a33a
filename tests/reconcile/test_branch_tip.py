"""Which commit CI may apply: the tip of the branch that requests are merged into."""

from __future__ import annotations

import pytest

from plancast.model.codes import RAIL_CODES
from plancast.reconcile.branch_tip import TipStanding, tip_problem

TIP, OLD = "a" * 40, "b" * 40

STANDINGS = {
    "the tip": (TipStanding("main", "main", TIP, TIP), ""),
    "an older commit of the branch": (TipStanding("main", "main", OLD, TIP, True), "PC840"),
    "a commit that was forced away": (TipStanding("main", "main", OLD, TIP, False), "PC841"),
    "a commit of which nobody knows": (TipStanding("main", "main", OLD, TIP, None), "PC841"),
    "another branch, at the tip": (TipStanding("main", "topic", TIP, TIP), "PC841"),
    "a tag, at the tip": (TipStanding("main", "", TIP, TIP), "PC841"),
    "no commit at all": (TipStanding("main", "main", "", TIP, None), "PC841"),
    "a branch that the remote does not have": (TipStanding("main", "main", OLD, ""), "PC841"),
    "no branch that is known": (TipStanding("", "main", TIP, TIP), "PC841"),
    "neither": (TipStanding("", "", TIP, ""), "PC841"),
}


@pytest.mark.parametrize("case", STANDINGS)
def test_only_the_tip_is_applied(case: str) -> None:
    standing, code = STANDINGS[case]
    found = tip_problem(standing)
    assert (found.code if found else "") == code
    assert found is None or found.code in RAIL_CODES
