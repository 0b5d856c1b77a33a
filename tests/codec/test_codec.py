"""Values to documents and back: nothing is lost, and a refusal names the path of a bad value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from plancast.codec import (
    CodecError,
    TooNewError,
    binding_to_dict,
    entry_from_dict,
    entry_to_dict,
    event_to_dict,
    intent_from_dict,
    intent_to_dict,
    live_from_dict,
    live_to_dict,
    parse_json,
    plan_from_dict,
    plan_to_dict,
    state_from_dict,
    state_to_dict,
    time_to_text,
)
from plancast.codec.reader import Reader
from plancast.model.entry import Entry, LiveEntry
from plancast.model.events import Event
from plancast.model.plan import Plan
from plancast.model.state import Binding, Intent, State
from plancast.testing.builders import moment
from tests.reconcile.documents import PLAN, STATE, at, having, places, without
from tests.reconcile.shapes import bindings, intents, states
from tests.strategies import entries, events, live_entries, plans

JUNK: tuple[object, ...] = (None, True, 0, -1.5, "", "x", [], [[]], {}, {"x": 1})
READERS: dict[str, tuple[Any, Callable[[object], object]]] = {
    "plan": (PLAN, plan_from_dict),
    "state": (STATE, state_from_dict),
}


KEYED = ("resources", "statistics", "approved", "spent", "unapproved", "draft_keys")
"""Mappings whose keys are data."""


def through_json(document: object) -> Any:
    return json.loads(json.dumps(document))


# -- round trips ------------------------------------------------------------------------------


@given(plans())
def test_a_plan_survives(plan: Plan) -> None:
    assert plan_from_dict(plan_to_dict(plan)) == plan


@given(states())
def test_a_state_survives(state: State) -> None:
    assert state_from_dict(state_to_dict(state)) == state


@given(intents())
def test_an_intent_survives(intent: Intent) -> None:
    assert intent_from_dict(Reader(intent_to_dict(intent))) == intent


@given(live_entries)
def test_a_live_entry_survives(live: LiveEntry) -> None:
    assert live_from_dict(Reader(live_to_dict(live))) == live


@given(entries())
def test_an_entry_survives(entry: Entry) -> None:
    assert entry_from_dict(Reader(entry_to_dict(entry))) == entry


@given(plans(), states())
def test_json_adds_and_takes_nothing(plan: Plan, state: State) -> None:
    """From document to document, since JSON joins the halves of a character."""
    written = through_json(plan_to_dict(plan))
    assert plan_to_dict(plan_from_dict(written)) == written
    kept = through_json(state_to_dict(state))
    assert state_to_dict(state_from_dict(kept)) == kept


@given(events)
def test_an_event_is_plain_and_named(event: Event) -> None:
    document = event_to_dict(event)
    assert document["event"] == event.name
    assert json.loads(json.dumps(document)).keys() == document.keys()


@given(bindings)
def test_a_binding_is_shown_with_its_address(binding: Binding) -> None:
    document = binding_to_dict(binding)
    assert document["address"] == str(binding.address)
    assert document["remote_id"] == binding.remote_id


def test_times_are_utc_to_the_second() -> None:
    assert time_to_text(moment("2026-12-01 08:30:15")) == "2026-12-01T08:30:15Z"
    assert time_to_text(None) is None


# -- what is read -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", READERS)
def test_names_that_are_not_known_are_passed_over(name: str) -> None:
    document, read = READERS[name]
    known = read(document)
    more = through_json(document)
    for path in ((), *places(document)):
        found = at(more, path)
        if isinstance(found, dict) and path[-1:] not in {(key,) for key in KEYED}:
            found["added_later"] = {"by": "a newer plancast"}
    assert read(more) == known


def refusal(read: Callable[[object], object], document: object) -> str:
    """Return the refusal of a document, "" if it is read. Anything but CodecError is a bug."""
    try:
        read(document)
    except CodecError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", READERS)
def test_whatever_is_broken_is_told_with_its_path_and_never_a_bug(name: str) -> None:
    document, read = READERS[name]
    messages = [
        refusal(read, having(document, path, junk))
        for path in places(document)
        for junk in (*JUNK, "0001-01-01T00:00:00+14:00")
    ]
    refusals = [message for message in messages if message]
    assert len(refusals) > len(messages) / 2
    assert all(message.startswith(("$", "format version")) for message in refusals)


@pytest.mark.parametrize("name", READERS)
def test_what_is_missing_is_a_default_or_told_with_its_path(name: str) -> None:
    document, read = READERS[name]
    messages = {path: refusal(read, without(document, path)) for path in places(document)}
    needed = {"plan": ("provider",), "state": ("lineage",)}[name]
    assert messages[needed] == f"$.{needed[0]}: expected a text, found missing"
    assert all(message.startswith("$") for message in messages.values() if message)


BROKEN_PLANS = {
    "not a mapping": ((), [], "$"),
    "time": (("generated_at",), "yesterday", "$.generated_at"),
    "time without zone": (("generated_at",), "2026-11-23T09:00:00", "$.generated_at"),
    "number as text": (("basis", "state_serial"), "7", "$.basis.state_serial"),
    "number as truth": (("budget", "requests"), True, "$.budget.requests"),
    "list": (("changes",), {}, "$.changes"),
    "address": (("changes", 0, "address"), "nowhere", "$.changes[0].address"),
    "action": (("changes", 1, "action"), "explode", "$.changes[1].action"),
    "against the table": (("changes", 0, "remote_id"), "r1", "$.changes[0]"),
    "flag": (("changes", 1, "protect"), "no", "$.changes[1].protect"),
    "queue": (("changes", 1, "after", "queue"), "last", "$.changes[1].after.queue"),
    "a column beyond all files": (
        ("diagnostics", 0, "source", "column"),
        10**12,
        "$.diagnostics[0].source.column",
    ),
    "half a character": (("unmanaged", 0, "text"), "\udc00", "$.unmanaged[0].text"),
    "an id of a live entry": (("changes", 1, "live", "id"), "", "$.changes[1].live.id"),
    "statistics": (
        ("changes", 1, "live", "statistics", "likes"),
        "many",
        "$.changes[1].live.statistics.likes",
    ),
}


@pytest.mark.parametrize("case", BROKEN_PLANS)
def test_an_error_names_the_path_of_a_plan(case: str) -> None:
    path, junk, named = BROKEN_PLANS[case]
    broken = through_json(PLAN)
    if path:
        at(broken, path[:-1])[path[-1]] = junk
    else:
        broken = junk
    with pytest.raises(CodecError) as caught:
        plan_from_dict(broken)
    assert str(caught.value).startswith(f"{named}: ")


BROKEN_STATES = {
    "lineage": (("lineage",), None, "$.lineage"),
    "address": (("resources",), {"nowhere": STATE["resources"]["a@acme-x"]}, "$.resources"),
    "remote id": (("resources", "a@acme-x", "remote_id"), 5, "$.resources.a@acme-x.remote_id"),
    "entry": (("resources", "a@acme-x", "applied"), None, "$.resources.a@acme-x.applied"),
    "not in parallel": (("intents", 0, "profile_ids"), ["p"], "$.intents[0]"),
    "nothing intended": (("intents", 0, "addresses"), [], "$.intents[0]"),
    "lease": (("lease", "acquired_at"), 12, "$.lease.acquired_at"),
    "no lineage": (("lineage",), "", "$.lineage"),
    "a serial below zero": (("serial",), -1, "$.serial"),
    "a serial beyond all use": (("serial",), 10**30, "$.serial"),
    "no remote id": (("resources", "a@acme-x", "remote_id"), "", "$.resources.a@acme-x.remote_id"),
    "no profile": (("resources", "a@acme-x", "profile_id"), "", "$.resources.a@acme-x.profile_id"),
    "an update of nothing": (("intents", 0, "operation"), "update", "$.intents[0]"),
    "no id of an intent": (("intents", 0, "id"), "", "$.intents[0].id"),
    "an intent twice": (("intents",), STATE["intents"] * 2, "$.intents"),
    "an address that leads out": (
        ("resources",),
        {"a/../b@acme-x": STATE["resources"]["a@acme-x"]},
        "$.resources",
    ),
    "an address of an intent": (
        ("intents", 0, "addresses"), ["é@x", "b@x"], "$.intents[0].addresses[0]",
    ),
    "half a character": (
        ("resources", "a@acme-x", "applied", "text"),
        "Hi \ud83d!",
        "$.resources.a@acme-x.applied.text",
    ),
    "half a character in a key": (
        ("resources", "a@acme-x", "applied", "metadata"),
        {"\ud800": "x"},
        "$.resources.a@acme-x.applied.metadata",
    ),
    "the first year": (("read_at",), "0001-01-01T00:00:00Z", "$.read_at"),
    "the last year": (("read_at",), "9999-12-31T23:59:59Z", "$.read_at"),
    "a workspace without a path": (("workspace",), {"id": "x"}, "$.workspace.path"),
    "a workspace that is a text": (("workspace",), "social", "$.workspace"),
    "an approval of no kind": (("approved", "key-1", "kind"), "adopt", "$.approved.key-1.kind"),
    "an approval of no profile": (
        ("approved", "key-1", "profile_id"), "", "$.approved.key-1.profile_id",
    ),
    "an approval by nobody": (("approved", "key-1", "by"), {}, "$.approved.key-1.by.forge"),
    "an approval by both": (
        ("approved", "key-1", "by", "person"), "ana", "$.approved.key-1.by",
    ),
    "an approval without a key": (
        ("approved",), {"": STATE["approved"]["key-1"]}, "$.approved",
    ),
    "a limit below one": (("profiles", 0, "text_limit"), 0, "$.profiles[0].text_limit"),
    "a limit below zero": (("profiles", 0, "text_limit"), -1, "$.profiles[0].text_limit"),
    "a limit beyond all use": (
        ("profiles", 0, "text_limit"), 10**30, "$.profiles[0].text_limit",
    ),
    "a limit in words": (("profiles", 0, "text_limit"), "500", "$.profiles[0].text_limit"),
    "a limit that is true": (("profiles", 0, "text_limit"), True, "$.profiles[0].text_limit"),
    "a limit in parts": (("profiles", 0, "text_limit"), 500.5, "$.profiles[0].text_limit"),
    "a request without a key": (("spent",), {"": "2026-12-01T08:30:00Z"}, "$.spent"),
    "a request spent some time": (("spent", "github/12"), None, "$.spent.github/12"),
    "applied without a commit": (("applied", "commit"), "", "$.applied.commit"),
    "moved to no ref": (("moved_to",), "main", "$.moved_to"),
    "moved to a tag": (("moved_to",), "refs/tags/v1", "$.moved_to"),
    "moved to an option": (("moved_to",), "--upload-pack=x", "$.moved_to"),
    "findings of no API": (("findings", "api"), "", "$.findings.api"),
    "an answer that is a number": (("findings", "answers", "edit"), 1, "$.findings.answers.edit"),
    "a probe of an unknown kind": (("probes", 0, "kind"), "tag", "$.probes[0].kind"),
    "a probe that every post would match": (("probes", 0, "marker"), "", "$.probes[0].marker"),
    "a year beyond the calendar": (("read_at",), "9999-12-31T23:59:59-14:00", "$.read_at"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN_STATES)
def test_an_error_names_the_path_of_a_state(case: str) -> None:
    path, junk, named = BROKEN_STATES[case]
    broken = through_json(STATE)
    at(broken, path[:-1])[path[-1]] = junk
    with pytest.raises(CodecError) as caught:
        state_from_dict(broken)
    assert str(caught.value).startswith(f"{named}: ")


NO_JSON = {
    "empty": ("", "line 1 column 1"),
    "cut off": ('{"a": [1,', "line 1 column 10"),
    "not a number": ('{"a": NaN}', "NaN is not JSON"),
    "infinite": ("[-Infinity]", "-Infinity is not JSON"),
    "a key twice": ('{"r": {"a@x": 1, "b@x": 2, "a@x": 3}}', "the key 'a@x' stands twice"),
    "half a key twice": (r'{"\ud800": 1, "\ud800": 2}', r"the key '\ud800' stands twice"),
    "too many digits": ("9" * 5000, "Exceeds the limit"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "deep mappings": ('{"a":' * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", NO_JSON)
def test_json_is_read_strictly(case: str) -> None:
    text, message = NO_JSON[case]
    with pytest.raises(CodecError) as caught:
        parse_json(text)
    assert message in str(caught.value)


def test_halves_that_belong_together_are_one_character() -> None:
    assert Reader(parse_json(r'"\ud83d\ude80"')).text() == "\U0001f680"


def test_an_error_can_be_shown_whatever_stands_in_the_document() -> None:
    with pytest.raises(CodecError) as caught:
        Reader({"\udcff" * 1000: 1}).pairs(Reader.text)
    str(caught.value).encode()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", READERS)
def test_what_a_newer_plancast_wrote_is_refused_as_such(name: str) -> None:
    document, read = READERS[name]
    newer = document["format_version"] + 1
    with pytest.raises(TooNewError, match=f"version {newer}; this plancast knows up to"):
        read({**document, "format_version": newer})
    with pytest.raises(CodecError, match="never written"):
        read({**document, "format_version": 0})


def test_a_newer_version_is_told_before_anything_else_is_looked_at() -> None:
    with pytest.raises(TooNewError):
        state_from_dict({"format_version": 99, "lineage": ["another", "form"]})
