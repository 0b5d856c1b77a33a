"""A state, a journal, a saved plan, a record: a value or their own error, whatever they hold."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.codec import (
    CodecError,
    intent_to_dict,
    live_to_dict,
    parse_json,
    plan_from_dict,
    plan_to_dict,
    state_from_dict,
    state_to_dict,
)
from plancast.codec.apply_log import read_record
from plancast.files.named_file import NamedFile
from plancast.model.exit_codes import Stop
from plancast.model.ports import StateError
from plancast.model.state import State
from plancast.store import journal_records as records
from plancast.store import plan_file
from plancast.store.state_json import decode, encode
from plancast.testing import builders
from plancast.testing.builders import NOW
from tests.reconcile import making
from tests.reconcile.documents import EVENTS, PLAN, STATE
from tests.robustness.mutation import examples, mutants, raw, spelled

FLOOR = State("lineage-1", serial=7)
INTENT = making.intent("b@acme-x", "b@acme-fb", sent_at=NOW)
BATCH: dict[str, Any] = {
    "kind": "batch",
    "lineage": "lineage-1",
    "serial": 7,
    "intents": [intent_to_dict(INTENT)],
}
SENDING: dict[str, Any] = {"kind": "sending", "intent": INTENT.id, "at": "2026-11-23T09:00:00Z"}
OUTCOME: dict[str, Any] = {
    "kind": "outcome",
    "intent": INTENT.id,
    "outcome": "confirmed",
    "at": "2026-11-23T09:00:00Z",
    "live": [live_to_dict(builders.live("r1")), live_to_dict(builders.live("r2", alias="acme-fb"))],
}


def printable(error: Exception, *beginnings: str) -> None:
    """Check that a refusal of a document can be written anywhere, and is not too long."""
    assert len(str(error)) < 1000
    assert str(error).startswith(beginnings or "")
    str(error).encode()


def refused(stop: Stop) -> None:
    """A plan was refused as such."""
    assert [item.code for item in stop.diagnostics] == ["PC608"]
    stop.diagnostics[0].detail.encode()


@settings(max_examples=examples(150))
@given(raw(STATE))
def test_a_state_is_a_value_or_damaged(content: bytes) -> None:
    try:
        state = decode(content, "state.json")
    except StateError as error:
        printable(error)
        return
    assert decode(encode(state), "state.json") == state
    encode(state.next_serial()).decode("ascii")


def line(body: bytes) -> bytes:
    return sha256(body).hexdigest()[:16].encode() + b" " + body + b"\n"


@st.composite
def journals(draw: st.DrawFn) -> bytes:
    """Lines whose checksums fit, most of them; a valid batch may stand before them."""
    bodies = [spelled(BATCH)] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        bodies.append(draw(raw(draw(st.sampled_from([BATCH, SENDING, OUTCOME])))))
    content = b"".join(map(line, bodies))
    return content if draw(st.integers(0, 5)) else content[: draw(st.integers(0, len(content)))]


@settings(max_examples=examples(150))
@given(journals())
def test_a_journal_is_replayed_or_damaged(content: bytes) -> None:
    try:
        state = records.replay(content, FLOOR, "journal.jsonl")
    except StateError as error:
        printable(error, "journal.jsonl")
        return
    assert decode(encode(state), "state.json") == state


@settings(max_examples=examples(150))
@given(raw(PLAN))
def test_a_saved_plan_is_a_plan_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_bytes(content)
        try:
            plan = plan_file.load(NamedFile(path))
        except Stop as stop:
            refused(stop)
            return
        plan_file.save(NamedFile(path), plan)
        assert plan_file.load(NamedFile(path)) == plan


@settings(max_examples=examples(100))
@given(
    st.lists(st.sampled_from(sorted(EVENTS)).flatmap(lambda name: raw(EVENTS[name])), max_size=3)
)
def test_a_record_tells_what_can_be_read(lines: list[bytes]) -> None:
    read_record(b"\n".join(lines).decode("utf-8", "replace"))


@settings(max_examples=examples(100))
@given(mutants({"state": STATE, "plan": PLAN}))
def test_a_document_is_taken_apart_or_refused_with_its_path(document: Any) -> None:
    known = document if isinstance(document, dict) else {}
    for name, read in (("state", state_from_dict), ("plan", plan_from_dict)):
        try:
            read(known.get(name))
        except CodecError as error:
            printable(error, "$", "format version")


def test_the_documents_that_mutants_are_made_of_are_valid() -> None:
    """Or nothing above would be about a leaf."""
    assert state_to_dict(state_from_dict(STATE)) == json.loads(json.dumps(STATE))
    assert plan_to_dict(plan_from_dict(PLAN)) == json.loads(json.dumps(PLAN))
    whole = b"".join(line(spelled(body)) for body in (BATCH, SENDING, OUTCOME))
    assert len(records.replay(whole, FLOOR, "j").resources) == 2


@pytest.mark.parametrize("text", ["NaN", "1e999", "[" * 5000 + "]" * 5000, '{"a":1,"a":1}'])
def test_json_that_python_alone_takes_is_a_value_or_refused(text: str) -> None:
    try:
        parse_json(text)
    except CodecError as error:
        printable(error)
