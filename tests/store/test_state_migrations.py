"""States of older formats: led on by named steps, and never read by a plancast that is older."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plancast.codec import binding_to_dict, parse_json, state_to_dict
from plancast.content.schema import validator
from plancast.model.ports import StateDamaged, StateTooNew
from plancast.model.state import FORMAT_VERSION
from plancast.store.state_json import decode, encode
from plancast.store.state_migrations import (
    STEPS,
    add_workspace_and_approvals,
    leave_out_equal_observed,
)
from tests.reconcile.documents import STATE

FORMATS = Path(__file__).parent / "formats"
"""A state with all that there was in each format, as the code of that time wrote it."""


def test_there_is_a_step_and_a_state_for_each_older_format() -> None:
    assert set(STEPS) == set(range(1, FORMAT_VERSION))
    assert {path.name for path in FORMATS.iterdir()} == {f"state-{old}.json" for old in STEPS}


@pytest.mark.parametrize("old", STEPS)
def test_an_older_state_loses_nothing(old: int) -> None:
    text = (FORMATS / f"state-{old}.json").read_text(encoding="utf-8")
    before, state = json.loads(text), decode(text.encode(), "here")
    written = state_to_dict(state)
    kept = {key: written[key] for key in before} | {"resources": before["resources"]}
    assert kept == {**before, "format_version": FORMAT_VERSION}
    for address, binding in state.resources.items():
        assert binding_to_dict(binding) == {
            "address": str(address),
            **before["resources"][str(address)],
        }
    assert list(validator("state").iter_errors(written)) == []
    assert decode(encode(state), "here") == state


def test_whose_state_it_is_was_not_recorded_before_version_2() -> None:
    before = json.loads((FORMATS / "state-1.json").read_text(encoding="utf-8"))
    kept = json.loads(json.dumps(before))
    after = add_workspace_and_approvals(before)
    assert before == kept, "a step changes nothing in place"
    assert (after["workspace"], after["approved"], after["moved_to"]) == (None, {}, "")
    assert after.keys() == STATE.keys() - {"findings", "probes", "draft_keys"}, "optional"


def version_2() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FORMATS / "state-2.json").read_text(encoding="utf-8"))
    return document


def test_an_observed_entry_that_equals_the_applied_one_is_left_out_since_version_3() -> None:
    before = version_2()
    kept = json.loads(json.dumps(before))
    after = leave_out_equal_observed(before)
    assert before == kept, "a step changes nothing in place"
    resources = after["resources"]
    assert isinstance(resources, dict)
    assert {address: "observed" in resources[address] for address in resources} == {
        "a@acme-x": False,
        "e@acme-x": True,
    }
    state = decode(json.dumps(before).encode(), "here")
    assert [one.observed.text for one in state.resources.values()] == [
        "hello",
        "hello, said a person",
    ]
    assert list(json.loads(encode(state))["resources"].values()) == list(resources.values())


@pytest.mark.parametrize("lost", ["a@acme-x", "e@acme-x"])
@pytest.mark.parametrize("entry", ["applied", "observed"])
def test_a_resource_of_version_2_that_lost_an_entry_is_damage(entry: str, lost: str) -> None:
    document = version_2()
    for value in (None, 7):
        document["resources"][lost][entry] = value
        with pytest.raises(StateDamaged, match=lost):
            decode(json.dumps(document).encode(), "here")
    del document["resources"][lost][entry]
    with pytest.raises(StateDamaged, match=lost):
        decode(json.dumps(document).encode(), "here")


@pytest.mark.parametrize("resources", [[], 7, {"a@acme-x": 7}, {"a@acme-x": []}])
def test_resources_of_another_shape_are_damage_in_every_version(resources: object) -> None:
    document = {**version_2(), "resources": resources}
    with pytest.raises(StateDamaged, match="resources"):
        decode(json.dumps(document).encode(), "here")


def test_a_newer_format_is_refused_as_such() -> None:
    newer = {**STATE, "format_version": FORMAT_VERSION + 1, "workspace": ["another", "form"]}
    with pytest.raises(StateTooNew):
        decode(json.dumps(newer).encode(), "here")


@pytest.mark.parametrize("junk", [None, True, "1", 1.0, 0, -1, [1]])
def test_a_version_that_was_never_written_is_damage(junk: object) -> None:
    text = json.dumps({**STATE, "format_version": junk})
    with pytest.raises(StateDamaged):
        decode(text.encode(), "here")
    assert parse_json(text)
