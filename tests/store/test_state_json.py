"""The text of a state: a line for each resource, and an encoder that reuses lines."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plancast.codec import CodecError, parse_json, state_from_dict, state_to_dict
from plancast.model.entry import Address
from plancast.model.ports import StateError, StateTooNew
from plancast.model.profile import Profile
from plancast.model.state import Approval, Operation, PersonApproval, State, StateHead
from plancast.store.state_json import Encoder, decode, decode_head, encode
from tests.reconcile.making import binding
from tests.robustness.mutation import examples

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def owning(*texts: str) -> State:
    """Return a state with one entry for each text."""
    bindings = [
        replace(bound, applied=replace(bound.applied, text=text))
        for bound, text in ((binding(f"post-{n}@x"), text) for n, text in enumerate(texts))
    ]
    return State("lineage").bind(*bindings)


def approvals(*keys: str, at: datetime = AT) -> dict[str, Approval]:
    """Return approvals by these keys."""
    by = PersonApproval("ana", "77")
    return {key: Approval("p-x", Address("a", "x"), Operation.CREATE, at, by) for key in keys}


def test_a_resource_that_changes_changes_one_line() -> None:
    before = encode(owning("one", "two", "three")).splitlines()
    after = encode(owning("one", "2", "three")).splitlines()
    (number,) = [number for number, line in enumerate(before) if line != after[number]]
    assert len(before) == len(after)
    assert before[number].lstrip().startswith(b'"post-1@x"')


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
        replace(state, approved=approvals("key-1", "key-2")),
        replace(state, approved=approvals("key-2")),
        replace(state, approved=approvals("key-2", at=AT + timedelta(days=1))),
        replace(state, approved=approvals("key-3", "key-2"), resources={}),
        replace(state, serial=9, resources={}),
    ):
        assert encoder.encode(one) == encode(one)
        assert json.loads(encode(one)) == state_to_dict(one)
        assert decode(encode(one), "here") == one


def as_a_whole(content: bytes) -> State | str:
    """Return the state that a document holds, or the message of why it holds none."""
    try:
        return state_from_dict(parse_json(content.decode()))
    except (CodecError, UnicodeDecodeError) as error:
        return str(error)


def in_the_store(content: bytes) -> State | str:
    """Return the same as the store reads it, which is line by line if it can be."""
    try:
        return decode(content, "here")
    except StateError as error:
        return str(error).removeprefix("here: ")


DOCUMENT = encode(owning("one", "two", "three", "four"))
LINES = tuple(DOCUMENT.split(b"\n"))
FIRST = next(number for number, line in enumerate(LINES) if b"@x" in line)
ONE, TWO = LINES[FIRST].rstrip(b","), LINES[FIRST + 1].rstrip(b",")

STRANGE: dict[str, bytes] = {
    "one address twice": DOCUMENT.replace(TWO, ONE),
    "one address twice, spelled otherwise": DOCUMENT.replace(
        TWO, ONE.replace(b"post-0", b"post\\u002d0")
    ),
    "a comma too many": DOCUMENT.replace(b"\n },\n", b",\n },\n"),
    "a comma too few": DOCUMENT.replace(ONE + b",", ONE),
    "an empty line": DOCUMENT.replace(TWO + b",", b""),
    "a line of a comma": DOCUMENT.replace(TWO, b""),
    "two on one line": DOCUMENT.replace(ONE + b",\n", ONE + b", "),
    "two lines for one": DOCUMENT.replace(b', "applied"', b',\n"applied"'),
    "another order": b"\n".join((*LINES[:FIRST], TWO + b",", ONE + b",", *LINES[FIRST + 2 :])),
    "lines of Windows": DOCUMENT.replace(b"\n", b"\r\n"),
    "indented": json.dumps(json.loads(DOCUMENT), indent=1).encode(),
    "one line": json.dumps(json.loads(DOCUMENT)).encode(),
    "the resources of another mapping": DOCUMENT.replace(b"{\n", b'{ "lease": {\n', 1).replace(
        b"\n },\n", b'\n }}, "resources": {},\n', 1
    ),
    "resources twice": DOCUMENT.replace(b"\n}\n", b',\n "resources": {}\n}\n'),
    "a list of resources": DOCUMENT.replace(b'resources": {', b'resources": ['),
    "a resource that is none": DOCUMENT.replace(ONE, ONE.partition(b": ")[0] + b": 7"),
    "no address": DOCUMENT.replace(b"post-0@x", b"post-0"),
    "half a character": DOCUMENT.replace(b'"one"', b'"\\ud800"'),
    "an emoji as it is": DOCUMENT.replace(b'"one"', '"\U0001f389"'.encode()),
    "bytes that are no text": DOCUMENT.replace(b'"one"', b'"\xff"'),
    "a number that is none": DOCUMENT.replace(b'"one"', b"NaN"),
    "a line end inside a text": DOCUMENT.replace(b'"one"', b'"o\nne"'),
    "a text that looks like a line": DOCUMENT.replace(b'"one"', b'"\\n }},\\n \\"resources\\": {"'),
    "more below": DOCUMENT + b"}",
    "nothing below": DOCUMENT[:-3],
    "without the lines' end": DOCUMENT.replace(b"\n },\n", b"},\n"),
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_document_is_read_as_a_whole_one_is(case: str) -> None:
    assert STRANGE[case] != DOCUMENT
    assert in_the_store(STRANGE[case]) == as_a_whole(STRANGE[case])


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """A document with lines that are gone, double, or exchanged, and with a few other bytes."""
    lines = list(LINES)
    places = st.integers(0, len(lines) - 2)
    for _ in range(draw(st.integers(0, 2))):
        one, two = draw(places), draw(places)
        edit = draw(st.sampled_from(["remove", "repeat", "exchange"]))
        if edit == "exchange":
            lines[one], lines[two] = lines[two], lines[one]
        else:
            lines[one : one + 1] = [] if edit == "remove" else [lines[one]] * 2
    content = bytearray(b"\n".join(lines))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(content) - 1))
        content[place : place + 1] = draw(
            st.sampled_from([b"", b" ", b",", b"\n", b"}", b'"', b"0"])
        )
    return bytes(content)


@settings(max_examples=examples(200))
@given(edited())
def test_an_edited_document_is_read_as_a_whole_one_is(content: bytes) -> None:
    assume(LINES[1] in content)  # another version is migrated first
    assert in_the_store(content) == as_a_whole(content)


def head_of(content: bytes) -> StateHead | str:
    """Return the head of a document, or the message of why it has none."""
    try:
        return decode_head(content, "here")
    except StateError as error:
        return str(error).removeprefix("here: ")


def test_a_head_has_the_values_of_its_state() -> None:
    state = replace(
        owning("one", "two"),
        serial=4,
        epoch=2,
        profiles=(Profile("p-x", "twitter", text_limit=25_000),),
        moved_to="refs/plancast/state-next",
    )
    head = decode_head(encode(state), "here")
    assert {field.name: getattr(head, field.name) for field in fields(StateHead)} == {
        field.name: getattr(state, field.name) for field in fields(StateHead)
    }


@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_document_has_the_head_of_its_state(case: str) -> None:
    whole, head = as_a_whole(STRANGE[case]), head_of(STRANGE[case])
    if isinstance(whole, State):
        assert isinstance(head, StateHead)
        assert (head.lineage, head.serial) == (whole.lineage, whole.serial)
    elif isinstance(head, str):
        assert head == whole


def test_a_head_is_read_whatever_the_lines_of_resources_hold() -> None:
    damaged = DOCUMENT.replace(b'"remote_id"', b'"remote"')
    assert isinstance(in_the_store(damaged), str)
    assert head_of(damaged) == head_of(DOCUMENT)


@pytest.mark.parametrize("version", [1, 2])
def test_the_head_of_an_older_document_is_migrated(version: int) -> None:
    content = (Path(__file__).parent / f"formats/state-{version}.json").read_bytes()
    assert decode_head(content, "here").profiles == decode(content, "here").profiles != ()


def test_the_head_of_a_newer_document_is_refused_as_such() -> None:
    newer = DOCUMENT.replace(LINES[1], b' "format_version": 99,')
    with pytest.raises(StateTooNew):
        decode_head(newer, "here")


def test_a_document_is_read_in_little_more_memory_than_its_state_takes() -> None:
    """Parsed as a whole, a document takes several times the memory of its state."""
    content = encode(owning(*(f"{number} " * 100 for number in range(500))))
    tracemalloc.start()
    try:
        state = decode(content, "here")
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(state.resources) == 500
    assert most < 1.3 * kept


def test_a_head_is_read_without_the_memory_of_its_state() -> None:
    content = encode(owning(*(f"{number} " * 100 for number in range(500))))
    tracemalloc.start()
    try:
        decode_head(content, "here")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < len(content) / 10
