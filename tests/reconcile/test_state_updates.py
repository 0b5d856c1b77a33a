"""The state after the quiet part of a plan, after a look, and after each outcome of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plancast.model.entry import Address, LiveStatus
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Change, Situation
from plancast.model.state import BindingStatus, Operation, State
from plancast.reconcile.invariants import state_update_faults
from plancast.reconcile.state_updates import (
    StateUpdateError,
    adopt,
    apply_state_changes,
    refresh,
    remember_protection,
    settle,
)
from plancast.testing.builders import ADDRESS, NOW, change, entry, live, moment
from tests.reconcile.making import binding, intent, state

PLACE = Address.parse(ADDRESS)
LATER = NOW + timedelta(minutes=1)
C = CallOutcome


def ids(known: State) -> dict[str, str]:
    return {str(address): item.remote_id for address, item in known.resources.items()}


# -- booking ----------------------------------------------------------------------------------


def test_an_adoption_is_owned_as_if_it_had_been_asked_for() -> None:
    seen = replace(live("f1", entry("as it reads back")), created_at=NOW)
    made = apply_state_changes(
        state(), [change(Action.ADOPT, after=entry("asked"), live=seen, protect=True)]
    )
    owned = made.resources[PLACE]
    assert (owned.remote_id, owned.applied.text) == ("f1", "asked")
    assert owned.observed.text == "as it reads back"
    assert (owned.created_at, owned.protect, owned.status) == (
        NOW,
        True,
        BindingStatus.SCHEDULED,
    )


@pytest.mark.parametrize("status", LiveStatus)
def test_an_adoption_knows_how_far_it_came(status: LiveStatus) -> None:
    seen = live("f1", status=status, sent_at="2026-11-20 08:00", link="https://x.example/1")
    owned = adopt(PLACE, entry(), seen)
    assert owned.status.value == status.value
    assert (owned.link, owned.sent_at) == ("https://x.example/1", moment("2026-11-20 08:00"))


def test_an_adoption_of_a_saved_plan_needs_no_second_look() -> None:
    made = apply_state_changes(
        state(), [change(Action.ADOPT, before=entry("seen"), remote_id="f1")]
    )
    owned = made.resources[PLACE]
    assert (owned.remote_id, owned.profile_id, owned.observed.text) == ("f1", "p-acme-x", "seen")
    assert owned.due_at == moment("2026-12-01 08:30")


def test_a_rename_moves_what_is_known() -> None:
    old = binding("old@acme-x", created_at=NOW)
    rename = change(Action.RENAME, "new@acme-x", previous="old@acme-x", remote_id="remote-1")
    made = apply_state_changes(state(old), [rename])
    place = Address("new", "acme-x")
    assert made.resources == {place: replace(old, address=place)}


def test_a_rename_that_comes_with_an_update_is_booked_before_the_update_is_sent() -> None:
    moving = change(Action.UPDATE, "new@acme-x", previous="old@acme-x", remote_id="remote-1")
    assert ids(apply_state_changes(state(binding("old@acme-x")), [moving])) == {
        "new@acme-x": "remote-1"
    }


def test_what_is_forgotten_is_no_longer_known() -> None:
    kept = binding("kept@acme-x", remote_id="r2")
    made = apply_state_changes(
        state(binding(), kept), [change(Action.FORGET, remote_id="remote-1")]
    )
    assert ids(made) == {"kept@acme-x": "r2"}


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.DESTROY, Action.NONE])
def test_what_takes_a_request_is_not_booked_in_advance(action: Action) -> None:
    before = state(binding())
    assert apply_state_changes(before, [change(action)]) == before


def owning(*names: str) -> State:
    """Each of these addresses on acme-x owns the id `r-NAME`."""
    return state(*(binding(f"{name}@acme-x", remote_id=f"r-{name}") for name in names))


def renamed(new: str, old: str, action: Action = Action.RENAME, **fields: Any) -> Change:
    place = f"{new}@acme-x"
    return change(action, place, previous=f"{old}@acme-x", remote_id=f"r-{old}", **fields)


def forgotten(name: str) -> Change:
    return change(Action.FORGET, f"{name}@acme-x", remote_id=f"r-{name}")


def destroyed(name: str) -> Change:
    return change(Action.DESTROY, f"{name}@acme-x", remote_id=f"r-{name}")


# name -> (what is owned, what is booked, what is owned then)
PERMUTATIONS: dict[str, tuple[Sequence[str], list[Change], dict[str, str]]] = {
    "a swap": ("ab", [renamed("a", "b"), renamed("b", "a")], {"a": "b", "b": "a"}),
    "a ring": (
        "abc",
        [renamed("a", "b"), renamed("b", "c", Action.UPDATE), renamed("c", "a")],
        {"a": "b", "b": "c", "c": "a"},
    ),
    "a row behind what is forgotten": (
        "abc",
        [forgotten("a"), renamed("a", "b"), renamed("b", "c")],
        {"a": "b", "b": "c"},
    ),
    "into the place of what is destroyed": (
        "ab",
        [destroyed("a"), renamed("a", "b")],
        {"a": "b", "a.displaced": "a"},
    ),
    "into a place that was displaced before": (
        ("a", "b", "a.displaced"),
        [destroyed("a"), renamed("a", "b")],
        {"a": "b", "a.displaced": "a.displaced", "a.displaced-2": "a"},
    ),
    "a rename that adopts what is live": ("a", [renamed("b", "a", Action.ADOPT)], {"b": "a"}),
}


@pytest.mark.parametrize("case", PERMUTATIONS)
@pytest.mark.parametrize("reverse", [False, True])
def test_all_renames_are_one_permutation(case: str, reverse: bool) -> None:
    names, changes, expected = PERMUTATIONS[case]
    made = apply_state_changes(owning(*names), changes[::-1] if reverse else changes)
    assert ids(made) == {f"{new}@acme-x": f"r-{old}" for new, old in expected.items()}
    assert all(address == item.address for address, item in made.resources.items())


def test_what_had_to_make_room_is_no_longer_protected_and_still_found_by_its_id() -> None:
    known = state(
        binding("a@acme-x", remote_id="r-a", protect=True), binding("b@acme-x", remote_id="r-b")
    )
    made = apply_state_changes(known, [destroyed("a"), renamed("a", "b")])
    (displaced,) = (one for one in made.resources.values() if one.remote_id == "r-a")
    assert not displaced.protect, "its address is asked for: that rail has nothing to say"
    call = intent("a@acme-x", operation=Operation.DESTROY, remote_id="r-a")
    assert ids(settle(made, call, C.CONFIRMED, (), LATER)) == {"a@acme-x": "r-b"}
    assert ids(settle(made, call, C.REJECTED, (), LATER)) == ids(made)


def test_an_unanswered_create_makes_room_too() -> None:
    """Else what it has made would be bound in the place of what was renamed."""
    call = intent("a@acme-x", "a@acme-fb", sent_at=NOW, given_up_at=NOW)
    made = apply_state_changes(owning("b").intend([call]), [renamed("a", "b")])
    found = settle(made, made.intents[call.id], C.CONFIRMED, [live("r-new")], LATER)
    assert ids(found) == {"a@acme-x": "r-b", "a.displaced@acme-x": "r-new"}


def test_a_rename_takes_the_word_of_its_file_on_protection() -> None:
    made = apply_state_changes(owning("a"), [renamed("b", "a", protect=True)])
    assert made.resources[Address("b", "acme-x")].protect


WRONG: dict[str, tuple[str, list[Change]]] = {
    "an address that is owned and stays": ("ab", [renamed("a", "b")]),
    "two that become one": ("ab", [renamed("c", "a"), renamed("c", "b")]),
    "what is not there": ("a", [renamed("c", "b")]),
    "another entry than the plan says": (
        "a",
        [change(Action.RENAME, "b@acme-x", previous="a@acme-x", remote_id="r-x")],
    ),
    "forgetting another entry": ("a", [change(Action.FORGET, "a@acme-x", remote_id="r-x")]),
    "adopting in the place of another": (
        "a",
        [change(Action.ADOPT, "a@acme-x", remote_id="f1", live=live("f1"))],
    ),
    "adopting what is owned already": (
        "a",
        [change(Action.ADOPT, "b@acme-x", remote_id="r-a", live=live("r-a"))],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_would_lose_a_binding_is_not_booked(case: str) -> None:
    names, changes = WRONG[case]
    with pytest.raises(StateUpdateError):
        apply_state_changes(owning(*names), changes)
    assert state_update_faults(owning(*names), changes)[0].startswith("M4: ")


def test_an_address_that_changes_hands_ends_with_its_new_owner() -> None:
    """Its alias means another profile now: the old entry is forgotten, the new one adopted."""
    changes = [
        change(Action.ADOPT, live=live("f1")),
        change(Action.FORGET, remote_id="remote-1"),
    ]
    for order in (changes, changes[::-1]):
        assert ids(apply_state_changes(state(binding()), order)) == {ADDRESS: "f1"}


def test_protection_is_remembered_because_the_file_may_be_gone_when_it_matters() -> None:
    known = state(binding())
    marked = remember_protection(known, [change(Action.NONE, protect=True)])
    assert marked.resources[PLACE].protect
    assert not remember_protection(marked, [change(Action.NONE)]).resources[PLACE].protect
    assert remember_protection(marked, [change(Action.DESTROY)]) == marked, "no file says"
    assert remember_protection(known, [change(Action.CREATE, "new@acme-x")]) == known


# -- a look -----------------------------------------------------------------------------------


def test_a_look_takes_over_times_and_ends_but_not_the_content() -> None:
    seen = live(
        content=entry("touched"),
        due_at="2026-12-05 08:00",
        status=LiveStatus.PUBLISHED,
        sent_at="2026-12-05 08:02",
        link="https://x.example/1",
    )
    known = refresh(binding(), seen)
    assert known.observed == known.applied == entry(), "what a person changed stays drift"
    assert known.status is BindingStatus.PUBLISHED
    assert (known.due_at, known.sent_at) == (moment("2026-12-05 08:00"), moment("2026-12-05 08:02"))
    assert known.link == "https://x.example/1"


def test_what_a_look_does_not_tell_stays_known() -> None:
    known = binding(created_at=NOW, sent_at=LATER, link="https://x.example/1", protect=True)
    assert refresh(known, None) == known
    assert refresh(known, live(due_at=None)) == known


# -- outcomes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("outcome", [C.REJECTED, C.NOT_SENT])
def test_where_nothing_happened_nothing_changes(operation: Operation, outcome: CallOutcome) -> None:
    call = intent(operation=operation, remote_id="remote-1")
    known = state(binding())
    assert settle(known.intend([call]), call, outcome, (), LATER) == known


def test_a_confirmed_create_is_owned() -> None:
    call = intent(content=entry("asked"), inert=True)
    made = settle(state(intents=[call]), call, C.CONFIRMED, [live("r9", entry("read"))], LATER)
    owned = made.resources[PLACE]
    assert (owned.remote_id, owned.applied.text, owned.observed.text) == ("r9", "asked", "read")
    assert owned.inert
    assert owned.created_at == NOW, "where the answer does not tell, when it was asked for"
    assert made.intents == {}


def test_results_are_matched_by_profile_and_never_by_position() -> None:
    call = intent("a@acme-x", "a@acme-fb")
    answer = [live("r-fb", alias="acme-fb"), live("r-x", alias="acme-x")]
    made = settle(state(intents=[call]), call, C.CONFIRMED, answer, LATER)
    assert ids(made) == {"a@acme-x": "r-x", "a@acme-fb": "r-fb"}


@pytest.mark.parametrize("outcome", [C.CONFIRMED, C.UNSETTLED, C.UNKNOWN])
def test_what_a_create_did_not_show_stays_open_whatever_it_is_called(outcome: CallOutcome) -> None:
    call = intent("a@acme-x", "a@acme-fb", known=["f1"])
    answer = [live("r-x", alias="acme-x")]
    made = settle(state(intents=[call]), call, outcome, answer, LATER)
    assert ids(made) == {"a@acme-x": "r-x"}
    left = made.intents[call.id]
    assert left.addresses == (Address("a", "acme-fb"),)
    assert left.profile_ids == ("p-acme-fb",)
    assert (left.given_up_at, left.known) == (LATER, ("f1",))


def test_an_unanswered_create_is_given_up_once() -> None:
    call = intent()
    first = settle(state(intents=[call]), call, C.UNKNOWN, (), LATER)
    given_up = first.intents[call.id]
    assert given_up.given_up_at == LATER
    again = settle(first, given_up, C.UNKNOWN, (), LATER + timedelta(hours=1))
    assert again.intents[call.id].given_up_at == LATER, "the quiet period counts from the first"


@pytest.mark.parametrize("operation", [Operation.UPDATE, Operation.DESTROY])
def test_an_unanswered_call_takes_nothing_away(operation: Operation) -> None:
    call = intent(operation=operation, remote_id="remote-1", content=entry("new"))
    known = state(binding(), intents=[call])
    made = settle(known, call, C.UNKNOWN, (), LATER)
    assert made.resources == known.resources
    assert made.intents[call.id].given_up_at == LATER


def test_a_confirmed_update_is_what_was_asked_for_and_what_came_back() -> None:
    call = intent(operation=Operation.UPDATE, remote_id="remote-1", content=entry("new"))
    born = NOW - timedelta(days=3)
    old = binding(created_at=born, protect=True, inert=True, unsettled_at=NOW)
    answer = [live("remote-1", entry("new, trimmed"))]
    made = settle(state(old, intents=[call]), call, C.CONFIRMED, answer, LATER)
    owned = made.resources[PLACE]
    assert (owned.applied.text, owned.observed.text) == ("new", "new, trimmed")
    assert (owned.created_at, owned.protect, owned.unsettled_at) == (born, True, NOW)
    assert not owned.inert, "it has its own time now"


def test_an_update_with_a_late_twin_is_marked() -> None:
    call = intent(operation=Operation.UPDATE, remote_id="remote-1")
    made = settle(state(binding(), intents=[call]), call, C.UNSETTLED, [live()], LATER)
    assert made.resources[PLACE].unsettled_at == LATER


def test_an_update_that_showed_nothing_leaves_what_was_known() -> None:
    call = intent(operation=Operation.UPDATE, remote_id="remote-1", content=entry("new"))
    known = state(binding())
    assert settle(known.intend([call]), call, C.CONFIRMED, (), LATER) == known


def test_a_destroyed_entry_is_no_longer_owned() -> None:
    call = intent(operation=Operation.DESTROY, remote_id="remote-1")
    made = settle(state(binding(), intents=[call]), call, C.CONFIRMED, (), LATER)
    assert (made.resources, made.intents) == ({}, {})


def test_a_destroy_does_not_take_the_address_from_its_new_owner() -> None:
    call = intent(operation=Operation.DESTROY, remote_id="remote-1")
    taken = state(binding(remote_id="r-new"), intents=[call])
    made = settle(taken, call, C.CONFIRMED, (), LATER)
    assert ids(made) == {ADDRESS: "r-new"}


def test_a_new_entry_inherits_no_age_from_the_one_before_it() -> None:
    old = binding(created_at=NOW - timedelta(days=9), unsettled_at=NOW, protect=True)
    call = intent()
    made = settle(state(old, intents=[call]), call, C.CONFIRMED, [live("r-new")], LATER)
    owned = made.resources[PLACE]
    assert (owned.created_at, owned.unsettled_at) == (NOW, None)
    assert owned.protect, "protection is of the address"


@pytest.mark.parametrize("outcome", CallOutcome)
def test_an_outcome_is_that_of_its_own_call_alone(outcome: CallOutcome) -> None:
    call = intent(id="l.7-000001", sent_at=NOW)
    others = [
        intent("b@acme-x", id="l.7-000002"),
        intent("c@acme-x", id="l.6-000001", sent_at=NOW, given_up_at=NOW),
    ]
    made = settle(state(intents=[call, *others]), call, outcome, [live("r9")], LATER)
    assert [made.intents[item.id] for item in others] == others


@pytest.mark.parametrize("status", LiveStatus)
def test_what_an_answer_says_of_the_end_is_known(status: LiveStatus) -> None:
    call = intent()
    answer = [live("r9", status=status, link="https://x.example/1")]
    owned = settle(state(intents=[call]), call, C.CONFIRMED, answer, LATER).resources[PLACE]
    assert (owned.status.value, owned.link) == (status.value, "https://x.example/1")


def test_a_stray_is_destroyed_without_its_address() -> None:
    """The address is owned under another id: only the twin goes."""
    stray = change(Action.DESTROY, remote_id="twin", situations=[Situation.STRAY])
    call = intent(operation=Operation.DESTROY, remote_id=stray.remote_id)
    made = settle(state(binding(), intents=[call]), call, C.CONFIRMED, (), LATER)
    assert ids(made) == {ADDRESS: "remote-1"}
