"""An entry of ours that no list shows: a status that is new to us must not look like a removal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.engine.observer import look_again, observe
from plancast.model.plan import Action
from plancast.model.ports import Unreachable
from plancast.model.workspace import Desired, OnDrift
from plancast.testing.fakes import Failure
from tests.engine.worlds import PROFILES, Loop, wanted

ALL = tuple(PROFILES.values())
TIMED = wanted({"address": "a@x", "text": "a", "at": "2026-12-01 09:00"})
QUEUED = wanted({"address": "b@x", "text": "b", "at": ""})


def world(*items: Desired) -> Loop:
    """These are owned, and no list shows them any more."""
    one = Loop.at("2026-11-23 09:00")
    one.converge(items)
    one.provider.unlisted = {binding.remote_id for binding in one.state.resources.values()}
    return one


def finds(one: Loop) -> int:
    return sum(len(call.ids) for call in one.provider.calls if call.method == "find")


def actions(one: Loop, *items: Desired) -> list[Action]:
    return [change.action for change in one.plan(items).plan.changes]


@pytest.mark.parametrize("item", [TIMED, QUEUED], ids=["timed", "queued"])
def test_what_is_there_is_not_created_again(item: Desired) -> None:
    one = world(item)
    assert actions(one, item) == [Action.NONE]
    assert one.plan([item]).plan.unmanaged == ()
    assert finds(one) == 2, "once for each plan"


def test_an_edit_of_it_is_an_update() -> None:
    one = world(TIMED)
    edited = replace(TIMED, entry=replace(TIMED.entry, text="edited"))
    assert actions(one, edited) == [Action.UPDATE]


def test_what_went_out_without_a_list_that_says_so_is_published() -> None:
    one = world(TIMED)
    (binding,) = one.state.resources.values()
    one.provider.publish(binding.remote_id)
    seen = observe(one.provider, one.clock, one.state, [TIMED], ALL)
    assert binding.remote_id in {entry.id for entry in seen.live.sent}
    assert actions(one, TIMED) == [Action.NONE]


def test_what_a_person_removed_is_created_again_after_a_look() -> None:
    one = world(TIMED)
    (binding,) = one.state.resources.values()
    one.provider.remove(binding.remote_id)
    assert actions(one, TIMED) == [Action.CREATE]
    assert finds(one) == 1


@pytest.mark.parametrize("rule", [OnDrift.KEEP, OnDrift.FAIL])
def test_nobody_looks_where_nothing_would_be_created(rule: OnDrift) -> None:
    one = world(TIMED)
    actions(one, replace(TIMED, on_drift=rule))
    assert finds(one) == 0


def test_without_an_answer_there_is_no_plan() -> None:
    one = world(TIMED)
    one.provider.failures = [Failure("find", 1, Unreachable("no answer"))]
    with pytest.raises(Unreachable):
        one.plan([TIMED])


def test_a_second_look_keeps_what_was_found() -> None:
    one = world(TIMED, QUEUED)
    seen = observe(one.provider, one.clock, one.state, [TIMED, QUEUED], ALL)
    again = look_again(one.provider, one.clock, one.state, seen, ())
    assert {entry.id for entry in again.live.queue} == one.provider.unlisted
