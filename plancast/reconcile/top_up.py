"""The top-up: all that a run on a schedule may send, such as the nightly run in CI.

It runs with no person present (`apply --waiting`). It sends what was approved and still waits for
room in the queue or in the budget, and adopts what is there already, which sends nothing. It never
destroys, and the only updates that it makes complete a create: they give an entry that an earlier
run only reserved the time for which it was approved.
"""

from __future__ import annotations

from collections.abc import Callable

from plancast.model.plan import Action, Change
from plancast.model.state import State
from plancast.reconcile.approvals import key_of

TOP_UP_ACTIONS = (Action.CREATE, Action.ADOPT)
"""All that a top-up plans, whatever the files ask for."""


def may_wait(state: State) -> Callable[[Change], bool]:
    """Return the test that a change of a top-up must pass.

    An adoption passes. A create, or the update that completes one, passes if it was approved and
    has not been refused since. Nothing else does.
    """

    def is_asked(change: Change) -> bool:
        if change.action in (Action.NONE, Action.ADOPT):
            return True
        is_create = change.action is Action.CREATE or change.completes_create
        approval = state.approved.get(key_of(change)) if is_create else None
        return approval is not None and not approval.refused

    return is_asked
