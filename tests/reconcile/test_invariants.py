"""A plan that breaks a law says so: each law, broken on purpose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.plan import Action, Change
from plancast.model.state import Binding
from plancast.model.workspace import Desired
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.invariants import contradictions, repeated_ids
from plancast.reconcile.match import How, Pair
from plancast.testing.builders import NOW, change, entry, live
from tests.reconcile.making import as_it_is, binding, desired, state

CONTEXT = DiffContext(NOW, as_it_is, {}, "Buffer")
A, B = desired("a@acme-x", entry("one")), desired("b@acme-x", entry("two"))
ONE = binding("a@acme-x", entry("one"), remote_id="r1")
TWO = binding("b@acme-x", entry("two"), remote_id="r2")


def pair(item: Desired | None, bound: Binding | None, how: How = How.SAME) -> Pair:
    place = item.address if item else bound.address if bound else A.address
    seen = live(bound.remote_id, bound.applied) if bound else None
    return Pair(place, how, item, bound, seen)


def wrong(
    wanted: list[Desired], bound: list[Binding], pairs: list[Pair], *more: Change
) -> list[str]:
    """The laws that are broken."""
    paired = [(one, diff(one, CONTEXT)) for one in pairs]
    changes = [*(one for _, one in paired), *more]
    return sorted({text[:2] for text in contradictions(wanted, bound, paired, changes, NOW)})


BROKEN: dict[str, tuple[list[Desired], list[Binding], list[Pair], list[Change], list[str]]] = {
    "all is well": ([A, B], [ONE, TWO], [pair(A, ONE), pair(B, TWO)], [], []),
    "two posts on one entry": (
        [A, B],
        [ONE],
        [pair(A, ONE), pair(B, ONE, How.EQUAL)],
        [],
        ["M1", "M2"],
    ),
    "a desired entry is lost": ([A, B], [ONE], [pair(A, ONE)], [], ["M2"]),
    "kept and destroyed": (
        [A],
        [ONE],
        [pair(A, ONE)],
        [change(Action.DESTROY, "z@acme-x", remote_id="r1")],
        ["M1"],
    ),
    "sent twice": (
        [],
        [ONE],
        [pair(None, ONE, How.UNWANTED)],
        [change(Action.DESTROY, "z@acme-x", remote_id="r1")],
        ["M1"],
    ),
    "a pure rename that is created": (
        [desired("new@acme-x", entry("one"))],
        [ONE],
        [pair(desired("new@acme-x", entry("one")), None, How.NEW), pair(None, ONE, How.UNWANTED)],
        [],
        ["M3"],
    ),
    "a swap that is updated": (
        [desired("a@acme-x", entry("two")), desired("b@acme-x", entry("one"))],
        [ONE, TWO],
        [
            pair(desired("a@acme-x", entry("two")), ONE, How.ADDRESS),
            pair(desired("b@acme-x", entry("one")), TWO, How.ADDRESS),
        ],
        [],
        ["M3"],
    ),
    "what an author states goes before": (
        [desired("a@acme-x", entry("two")), desired("b@acme-x", entry("one"))],
        [ONE, TWO],
        [
            pair(desired("a@acme-x", entry("two")), ONE, How.STATED),
            pair(desired("b@acme-x", entry("one")), TWO, How.ADDRESS),
        ],
        [],
        [],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_law_is_named(case: str) -> None:
    wanted, bound, pairs, more, laws = BROKEN[case]
    assert wrong(wanted, bound, pairs, *more) == laws


def test_what_is_past_does_not_have_to_wait() -> None:
    past = replace(A, entry=entry("one", at=NOW - timedelta(days=1)))
    assert wrong([past], [], [pair(past, None, How.MISSED)]) == []


def test_an_id_that_a_state_names_twice_is_found_with_its_addresses() -> None:
    twin = replace(TWO, remote_id="r1")
    assert repeated_ids(state(ONE, TWO)) == ()
    assert repeated_ids(state(twin, ONE)) == (("r1", (ONE.address, TWO.address)),)
