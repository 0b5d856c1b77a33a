"""The schemas of the plan, the state and the events describe exactly what the codec writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from plancast.codec import event_to_dict, plan_to_dict, state_to_dict
from plancast.content.schema import schema_text, validator
from plancast.model.entry import LiveStatus, QueuePosition
from plancast.model.events import Event, Outcome
from plancast.model.findings import ANSWERS, ProbeKind, Question
from plancast.model.plan import Action, Plan, Situation
from plancast.model.state import BindingStatus, Operation, State
from plancast.testing.builders import plan
from tests.reconcile.documents import EVENTS, PLAN, STATE, Path, at, having, places, without
from tests.reconcile.shapes import states
from tests.strategies import events, plans

WIRE = ("plan", "state", "event")
DOCUMENTS: list[tuple[str, Any]] = [
    ("plan", PLAN),
    ("state", STATE),
    *(("event", document) for document in EVENTS.values()),
]
IDS = ["plan", "state", *EVENTS]
OPTIONAL = {
    *("file", "hosted", "findings", "probes", "keyed", "item", "draft_keys"),
    *(question.value for question in Question),
}
FREE = {"resources", "statistics", "approved", "spent", "unapproved", "draft_keys"}
"""Mappings whose keys are data."""


def problems(name: str, document: object) -> list[str]:
    return [error.message for error in validator(name).iter_errors(document)]


def fits(name: str, document: object) -> bool:
    """Return whether a document has no problem; of one that has, the first is enough."""
    return bool(validator(name).is_valid(document))


@pytest.mark.parametrize("name", WIRE)
def test_a_schema_is_one(name: str) -> None:
    found = json.loads(schema_text(name))
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"https://plancast.dev/schemas/{name}.schema.json"
    assert found["title"]
    assert found["description"]


# -- what is written fits ---------------------------------------------------------------------


@given(plans())
def test_every_plan_fits(found: Plan) -> None:
    assert problems("plan", plan_to_dict(found)) == []


@given(states())
def test_every_state_fits(found: State) -> None:
    assert problems("state", state_to_dict(found)) == []


@given(events)
def test_every_event_fits(found: Event) -> None:
    assert problems("event", event_to_dict(found)) == []


def test_the_least_fits() -> None:
    assert problems("plan", plan_to_dict(plan())) == []
    assert problems("state", state_to_dict(State("lineage-1"))) == []


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("plan", ("change", "action"), Action),
        ("plan", ("change", "situations", "items"), Situation),
        ("plan", ("live", "status"), LiveStatus),
        ("state", ("resource", "status"), BindingStatus),
        ("state", ("intent", "operation"), Operation),
        ("state", ("probe", "kind"), ProbeKind),
        ("event", ("change_finished", "action"), Action),
        ("event", ("change_finished", "outcome"), Outcome),
    ],
)
def test_the_words_are_those_of_the_code(name: str, path: tuple[str, ...], words: Any) -> None:
    found = json.loads(schema_text(name))["$defs"][path[0]]["properties"]
    assert at(found, path[1:])["enum"] == [item.value for item in words]


def test_the_questions_and_answers_of_a_probe_are_those_of_the_code() -> None:
    found = json.loads(schema_text("state"))["$defs"]["findings"]["properties"]["answers"]
    words = {question: rule["enum"] for question, rule in found["properties"].items()}
    assert words == {question.value: list(answers) for question, answers in ANSWERS.items()}


def test_the_words_of_the_queue_and_the_counts_are_those_of_the_code() -> None:
    found = json.loads(schema_text("plan"))
    queue = found["$defs"]["entry"]["properties"]["queue"]["enum"]
    assert queue == [*(item.value for item in QueuePosition), None]
    assert found["properties"]["summary"]["required"] == list(plan().summary)


# -- what is broken does not ------------------------------------------------------------------


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=IDS)
def test_nothing_that_is_always_written_may_be_missing(name: str, document: Any) -> None:
    passed = {
        path[-1]
        for path in places(document)
        if isinstance(path[-1], str)
        and path[-2:-1] not in {(key,) for key in FREE}
        and fits(name, without(document, path))
    }
    assert passed <= OPTIONAL


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=IDS)
def test_nothing_that_is_never_written_may_be_there(name: str, document: Any) -> None:
    fixed: list[Path] = [
        path
        for path in ((), *places(document))
        if isinstance(at(document, path), dict) and path[-1:] not in {(key,) for key in FREE}
    ]
    assert fixed
    passed = [path for path in fixed if fits(name, having(document, (*path, "zzz"), 1))]
    assert passed == []


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=IDS)
def test_no_value_may_be_of_another_kind(name: str, document: Any) -> None:
    passed = [path for path in places(document) if fits(name, having(document, path, [{"a": 1.5}]))]
    assert passed == []


TIME = "2026-12-01T08:30:00+01:00"
REFUSED: dict[str, tuple[str, Path, object]] = {
    "another version": ("plan", ("format_version",), 2),
    "another version of the state": ("state", ("format_version",), 1),
    "an approval by nobody": ("state", ("approved", "key-2", "by"), {}),
    "an approval by two": (
        "state",
        ("approved", "key-2", "by"),
        {"forge": "github", "request": "1", "revision": "4f", "person": "ana", "run": "7"},
    ),
    "a key of nothing": ("state", ("spent", ""), "2026-12-01T08:30:00Z"),
    "a move to no ref": ("state", ("moved_to",), "main"),
    "a time with an offset": ("plan", ("generated_at",), TIME),
    "a time with fractions": ("plan", ("generated_at",), "2026-12-01T08:30:00.5Z"),
    "a time and a line end": ("plan", ("generated_at",), "2026-12-01T08:30:00Z\n"),
    "an address without profile": ("plan", ("changes", 0, "address"), "launch"),
    "a negative count": ("plan", ("summary", "create"), -1),
    "a fraction of a request": ("plan", ("budget", "requests"), 1.5),
    "an unknown action": ("plan", ("changes", 0, "action"), "explode"),
    "a create of what exists": ("plan", ("changes", 0, "remote_id"), "r1"),
    "a create with a before": ("plan", ("changes", 0, "before"), PLAN["changes"][1]["before"]),
    "an update of nothing": ("plan", ("changes", 1, "before"), None),
    "an update without id": ("plan", ("changes", 1, "remote_id"), ""),
    "a destroy with an after": ("plan", ("changes", 1, "action"), "destroy"),
    "a change of nothing with an old name": ("plan", ("changes", 1, "action"), "none"),
    "a code that is none": ("plan", ("diagnostics", 0, "code"), "E1"),
    "line 0": ("plan", ("diagnostics", 0, "source", "line"), 0),
    "an owned entry without id": ("state", ("resources", "a@acme-x", "remote_id"), ""),
    "an owned entry without address": (
        "state",
        ("resources",),
        {"a": STATE["resources"]["a@acme-x"]},
    ),
    "an intent for nobody": ("state", ("intents", 0, "addresses"), []),
    "an unknown operation": ("state", ("intents", 0, "operation"), "adopt"),
    "no lineage": ("state", ("lineage",), ""),
    "a lease without end": ("state", ("lease", "ttl_seconds"), None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_schema_refuses(case: str) -> None:
    name, path, value = REFUSED[case]
    document = PLAN if name == "plan" else STATE
    assert problems(name, document) == []
    assert problems(name, having(document, path, value))


def test_an_adoption_may_have_an_old_name() -> None:
    assert problems("plan", having(PLAN, ("changes", 1, "action"), "adopt")) == []


def test_a_rename_needs_its_old_name() -> None:
    renamed = having(PLAN, ("changes", 1, "action"), "rename")
    assert problems("plan", renamed) == []
    assert problems("plan", having(renamed, ("changes", 1, "previous_address"), None))


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_under_another_name_is_refused(name: str) -> None:
    other = next(item for item in EVENTS if item != name)
    assert problems("event", {**EVENTS[name], "event": other})
    assert problems("event", {**EVENTS[name], "event": "surprise"})
