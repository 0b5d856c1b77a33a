"""States of older formats: led on by named steps, and never read by a plancast that is older."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plancast.codec import parse_json, state_to_dict
from plancast.content.schema import validator
from plancast.model.ports import StateDamaged, StateTooNew
from plancast.model.state import FORMAT_VERSION
from plancast.store.state_json import decode, encode
from plancast.store.state_migrations import STEPS, add_workspace_and_approvals
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
    assert {key: written[key] for key in before} == {**before, "format_version": FORMAT_VERSION}
    assert list(validator("state").iter_errors(written)) == []
    assert decode(encode(state), "here") == state


def test_whose_state_it_is_was_not_recorded_before_version_2() -> None:
    before = json.loads((FORMATS / "state-1.json").read_text(encoding="utf-8"))
    kept = json.loads(json.dumps(before))
    after = add_workspace_and_approvals(before)
    assert before == kept, "a step changes nothing in place"
    assert (after["workspace"], after["approved"], after["moved_to"]) == (None, {}, "")
    assert after.keys() == STATE.keys() - {"findings", "probes", "draft_keys"}, "optional"


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
