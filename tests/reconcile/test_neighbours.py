"""Entries of other workspaces: which change would stand beside one, and what then becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from plancast.model.entry import LiveStatus
from plancast.model.plan import Action, Change, Situation
from plancast.model.state import Binding, Intent, Operation, State
from plancast.model.workspace_identity import Identity
from plancast.reconcile.neighbours import (
    Files,
    Neighbour,
    Twin,
    joined,
    orphaned,
    reasons_to_wait,
    twins,
    unanswered,
)
from plancast.reconcile.workspace_identity import Kept
from plancast.testing.builders import NOW, change, entry, live
from tests.reconcile.making import binding

OURS = binding("a@acme-x", remote_id="ours")
THEIRS = binding("a@acme-x", entry("Theirs."), remote_id="theirs")
OTHER = binding("b@acme-x", entry("Other."), remote_id="other")


def neighbour(place: str, *bindings: Binding, is_left: bool = False) -> Neighbour:
    identity = Identity("acme", "social", "buffer")
    return Neighbour(Kept(place, identity), bindings, folder="social", is_left=is_left)


def owning(*bindings: Binding) -> State:
    return State("lineage").bind(*bindings)


# -- a state to compare with ----


def test_each_entry_is_in_the_joined_state_once() -> None:
    """While a state is moved two refs hold the same, and a state that owns one twice is refused."""
    around = [neighbour("old", THEIRS, OTHER), neighbour("new", THEIRS, OTHER)]
    found = joined(owning(OURS), around, {"theirs", "other"})
    ids = [one.remote_id for one in found.resources.values()]
    assert sorted(ids) == ["other", "ours", "theirs"]


def test_what_is_ours_stays_at_its_address_and_what_was_not_seen_is_left_out() -> None:
    around = [neighbour("ref", THEIRS, OTHER)]
    found = joined(owning(OURS), around, {"theirs"})
    assert found.resources[OURS.address] == OURS
    assert sorted(one.remote_id for one in found.resources.values()) == ["ours", "theirs"]
    assert joined(owning(OURS), [neighbour("ref", OURS)], {"ours"}) == owning(OURS)


# -- twins ----

ROWS: dict[str, tuple[Change, bool | None, bool]] = {
    # the change in the joined plan -> whether it is the same, whether it went out; None: no twin
    "the same": (change(Action.NONE, remote_id="theirs", live=live("theirs")), True, False),
    "with an edit": (change(Action.UPDATE, remote_id="theirs", live=live("theirs")), False, False),
    "went out": (
        change(
            Action.NONE,
            remote_id="theirs",
            live=live("theirs", status=LiveStatus.PUBLISHED),
            situations=[Situation.PUBLISHED],
        ),
        True,
        True,
    ),
    "another entry": (change(Action.UPDATE, remote_id="ours", live=live("ours")), None, False),
    "made anew": (change(Action.CREATE), None, False),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_twin_is_what_a_joined_state_would_go_on_with(name: str) -> None:
    found, is_same, went_out = ROWS[name]
    found = replace(found, after=entry())
    around = [neighbour("ref", THEIRS)]
    expected = (
        [] if is_same is None else [Twin(found.address, THEIRS, around[0], is_same, went_out)]
    )
    assert list(twins({found.address}, [found], around)) == expected
    assert twins(set(), [found], around) == (), "the plan makes nothing there"


# -- what becomes of it ----

STILL_ASKS = Files(frozenset({"a"}))
ASKS_NO_MORE = Files(frozenset({"z"}))
UNREADABLE = Files()
UNUSED = Files(frozenset({"z"}), uses_state=False)
WAITS, WENT_OUT, REFUSED = "still owns the same", "went out already", "PC629"


@pytest.mark.parametrize(
    ("is_same", "went_out", "is_left", "files", "then"),
    [
        pytest.param(True, False, False, ASKS_NO_MORE, WAITS, id="moved"),
        pytest.param(False, False, False, ASKS_NO_MORE, WAITS, id="moved with an edit"),
        pytest.param(True, False, False, STILL_ASKS, WAITS, id="both ask for the same"),
        pytest.param(False, False, False, STILL_ASKS, "", id="the same name in both"),
        pytest.param(False, False, False, UNREADABLE, WAITS, id="not known"),
        pytest.param(True, False, True, ASKS_NO_MORE, REFUSED, id="the folder is gone"),
        pytest.param(False, False, True, ASKS_NO_MORE, REFUSED, id="gone, with an edit"),
        pytest.param(True, False, False, UNUSED, REFUSED, id="its state is used no more"),
        pytest.param(True, True, False, ASKS_NO_MORE, "", id="it went out, and counts as that"),
        pytest.param(False, True, False, ASKS_NO_MORE, WENT_OUT, id="it went out before an edit"),
        pytest.param(False, True, False, STILL_ASKS, "", id="theirs went out, ours is another"),
        pytest.param(True, True, True, ASKS_NO_MORE, "", id="it went out, the folder is gone"),
    ],
)
def test_a_twin_waits_is_refused_or_goes_on(
    is_same: bool, went_out: bool, is_left: bool, files: Files, then: str
) -> None:
    around = neighbour("ref", THEIRS, is_left=is_left)
    found = [Twin(THEIRS.address, THEIRS, around, is_same, went_out)]
    read_files: Callable[[Neighbour], Files] = lambda _neighbour: files  # noqa: E731
    reasons = list(reasons_to_wait(found, read_files).values())
    codes = [one.code for one in orphaned(found, read_files, is_new=False)]
    if then == REFUSED:
        assert (reasons, codes) == ([], [REFUSED])
    else:
        assert codes == []
        assert len(reasons) == bool(then)
        assert all(then in reason for reason in reasons)


def test_an_unanswered_create_of_a_neighbour_holds_the_same_create_and_no_other() -> None:
    made = change(Action.CREATE, after=entry("Theirs."))
    intent = Intent(
        "i", Operation.CREATE, (made.address,), (made.profile.id,), entry("Theirs."), NOW
    )
    around = [replace(neighbour("ref"), creates=(intent,))]
    other = change(Action.CREATE, "b@acme-x", after=entry("Another."))
    assert list(unanswered([made, other], around)) == [made.address]
    assert unanswered([made], [neighbour("ref")]) == {}
