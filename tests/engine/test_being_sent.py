"""A change of a post that is on its way to the network waits, and so does its group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.engine.planner import being_sent
from plancast.model.plan import Action, Change, Situation
from plancast.reconcile.groups import hold
from plancast.testing.builders import change, live


def of_a_post(action: Action, address: str = "a@acme-x", *, sending: bool = True) -> Change:
    return change(action, address, live=replace(live("7"), sending=sending))


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("sending", [True, False])
def test_what_would_change_the_post_waits(action: Action, sending: bool) -> None:
    waits = sending and action in (Action.UPDATE, Action.DESTROY)
    assert being_sent([of_a_post(action, sending=sending)], "Buffer") == (
        {0: (Situation.DEFERRED, "Buffer is sending it to the network")} if waits else {}
    )


def test_a_change_without_a_live_entry_waits_for_nothing() -> None:
    assert being_sent([change(action) for action in Action], "Buffer") == {}


def test_a_group_waits_as_a_whole() -> None:
    changes = [
        replace(item, group="a@acme-x")
        for item in (of_a_post(Action.DESTROY), change(Action.CREATE, "b@acme-x"))
    ]
    held = hold(changes, being_sent(changes, "Buffer"))
    assert [item.action for item in held] == [Action.NONE, Action.NONE]
    assert held[1].situations == (Situation.BLOCKED,)
