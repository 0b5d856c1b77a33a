"""The text of a state: a line for each resource, and an encoder that reuses lines."""

from __future__ import annotations

from dataclasses import replace

from plancast.model.state import State
from plancast.store.state_json import Encoder, decode, encode
from tests.reconcile.making import binding


def owning(*texts: str) -> State:
    """Return a state with one entry for each text."""
    bindings = [
        replace(bound, applied=replace(bound.applied, text=text))
        for bound, text in ((binding(f"post-{n}@x"), text) for n, text in enumerate(texts))
    ]
    return State("lineage").bind(*bindings)


def test_a_resource_that_changes_changes_one_line() -> None:
    before = encode(owning("one", "two", "three")).splitlines()
    after = encode(owning("one", "2", "three")).splitlines()
    (number,) = [number for number, line in enumerate(before) if line != after[number]]
    assert len(before) == len(after)
    assert before[number].lstrip().startswith('"post-1@x"')


def test_the_text_is_ascii() -> None:
    state = owning("\U0001f389 \u00e9")
    assert encode(state).isascii()
    assert decode(encode(state), "here") == state


def test_an_encoder_writes_each_state_as_a_new_one_does() -> None:
    encoder, state = Encoder(), owning("one", "two", "three")
    address = next(iter(state.resources))
    for one in (
        state,
        state.bind(replace(state.resources[address], protect=True)),
        state.forget(address),
        state,
        replace(state, serial=9, resources={}),
    ):
        assert encoder.encode(one) == encode(one)
