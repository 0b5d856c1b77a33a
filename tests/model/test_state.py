"""A state is a value: every change returns a new one and leaves the old one as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plancast.model.entry import Address
from plancast.model.state import State, intent_name, serial_of
from plancast.testing.builders import NOW, entry
from tests.reconcile.making import binding, intent, state

A, B = binding("a@acme-x", remote_id="ra"), binding("b@acme-x", remote_id="rb")
OPEN = intent("c@acme-x")
BASE = state(A, B, intents=[OPEN])

CHANGES: dict[str, Callable[[State], State]] = {
    "bind": lambda known: known.bind(binding("c@acme-x")),
    "forget": lambda known: known.forget(A.address),
    "move": lambda known: known.move(A.address, Address("new", "acme-x")),
    "intend": lambda known: known.intend([intent("d@acme-x", id="l.1-2")]),
    "sending": lambda known: known.sending(OPEN.id, NOW),
    "drafted": lambda known: known.drafted(OPEN.id, "i1"),
    "doubt draft": lambda known: known.doubt_draft("key", NOW),
    "settle": lambda known: known.settle(OPEN.id),
    "abandon": lambda known: known.abandon(OPEN),
    "next serial": lambda known: known.next_serial(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_a_new_state_and_leaves_the_old_one(name: str) -> None:
    before = state(A, B, intents=[OPEN])
    after = CHANGES[name](before)
    assert after != before
    assert before == BASE
    if name != "next serial":
        assert after.serial == before.serial, "only a store that writes it counts"


def test_a_binding_takes_the_place_of_the_one_with_its_address() -> None:
    newer = binding("a@acme-x", entry("newer"), remote_id="rc")
    assert BASE.bind(newer).binding(A.address) == newer
    assert len(BASE.bind(newer).resources) == 2
    assert BASE.bind(newer).owned_ids() == {"rc", "rb"}


def test_forgetting_what_is_not_there_is_no_error() -> None:
    assert BASE.forget(Address("zzz", "acme-x")) == BASE
    assert BASE.forget(A.address, B.address).resources == {}


def test_a_move_keeps_everything_but_the_address() -> None:
    place = Address("new", "acme-x")
    made = BASE.move(A.address, place)
    assert made.binding(A.address) is None
    moved = made.binding(place)
    assert moved is not None
    assert (moved.address, moved.remote_id, moved.applied) == (place, "ra", A.applied)
    with pytest.raises(KeyError):
        BASE.move(place, A.address)


def test_a_settled_intent_is_gone_and_an_abandoned_one_is_remembered() -> None:
    assert BASE.settle(OPEN.id, "another").intents == {}
    made = BASE.abandon(OPEN)
    assert (made.intents, made.abandoned) == ({}, (OPEN,))


def test_only_an_open_intent_is_marked_as_sent() -> None:
    assert BASE.intents[OPEN.id].sent_at is None
    assert BASE.sending(OPEN.id, NOW).intents[OPEN.id].sent_at == NOW
    assert BASE.sending("another", NOW) == BASE


def test_the_first_content_item_of_a_keyed_create_stays() -> None:
    """A second one is the work of a key that the service has forgotten: never promote it."""
    once = BASE.drafted(OPEN.id, "i1")
    assert once.intents[OPEN.id].item == "i1"
    assert once.drafted(OPEN.id, "i2") == once
    assert BASE.drafted("another", "i1") == BASE


def test_an_intent_takes_the_place_of_the_one_with_its_id() -> None:
    narrower = intent("c@acme-x", known=["f1"])
    assert BASE.intend([narrower]).intents == {OPEN.id: narrower}


def test_the_next_serial_is_the_following_one_and_nothing_else() -> None:
    after = BASE.next_serial()
    assert after.serial == BASE.serial + 1
    assert (after.resources, after.intents) == (BASE.resources, BASE.intents)


@pytest.mark.parametrize("lineage", ["l", "a-b.c-1", "6f1c0c5e-0d7e"])
def test_intents_of_one_state_sort_in_their_order_and_tell_its_serial(lineage: str) -> None:
    names = [intent_name(lineage, 12, number) for number in (1, 2, 10, 999_999)]
    assert sorted(names) == names
    assert {serial_of(name) for name in names} == {12}


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        serial_of("nonsense")
