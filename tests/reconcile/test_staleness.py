"""Whether a saved plan still holds: everything that it was made from is asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plancast.model.plan import Action, Plan, Situation
from plancast.reconcile.staleness import staleness_reasons
from plancast.testing.builders import change, entry, leaf, live, plan, unmanaged

SAVED = plan(
    change(Action.CREATE, "a@acme-x"),
    change(Action.UPDATE, "b@acme-x", live=live("remote-b@acme-x")),
)


def based(found: Plan, **basis: Any) -> Plan:
    return replace(found, basis=replace(found.basis, **basis))


MOVED: dict[str, tuple[Plan, Plan, str]] = {
    "another provider": (
        SAVED,
        replace(SAVED, provider="buffer"),
        "it was made for the provider sandbox, this is buffer",
    ),
    "another account": (
        SAVED,
        replace(SAVED, account_id="user-2"),
        "it was made for another account",
    ),
    "another serial": (
        SAVED,
        based(SAVED, state_serial=8),
        "the state is at serial 8, not 7",
    ),
    "another state": (
        SAVED,
        based(SAVED, state_lineage="lineage-2"),
        "the state is another one (its lineage differs)",
    ),
    "other files": (SAVED, based(SAVED, content_digest="sha256:other"), "the files changed"),
    "one more to do": (
        SAVED,
        plan(*SAVED.changes, change(Action.DESTROY, "c@acme-x")),
        "c@acme-x: it has to be changed now, the plan does not know of it",
    ),
    "one less to do": (
        SAVED,
        plan(SAVED.changes[0]),
        "b@acme-x: update is no longer what is needed",
    ),
    "nothing to do any more": (
        SAVED,
        plan(SAVED.changes[0], change(Action.NONE, "b@acme-x")),
        "b@acme-x: update is no longer what is needed",
    ),
    "another thing to do": (
        SAVED,
        plan(change(Action.ADOPT, "a@acme-x"), SAVED.changes[1]),
        "a@acme-x: adopt would be right now, not create",
    ),
    "touched since": (
        SAVED,
        plan(SAVED.changes[0], change(Action.UPDATE, "b@acme-x", before=entry("touched"))),
        "b@acme-x: it was changed in Buffer since",
    ),
    "another entry under the address": (
        SAVED,
        plan(SAVED.changes[0], change(Action.UPDATE, "b@acme-x", remote_id="other")),
        "b@acme-x: it was changed in Buffer since",
    ),
    "an update that only claims to complete an approved create": (
        plan(
            SAVED.changes[0],
            replace(SAVED.changes[1], completes_create=True),
        ),
        SAVED,
        "b@acme-x: it was changed in Buffer since",
    ),
    "a stray came": (
        SAVED,
        plan(
            *SAVED.changes,
            change(Action.DESTROY, "a@acme-x", situations=[Situation.STRAY], remote_id="twin"),
        ),
        "a@acme-x: it has to be changed now, the plan does not know of it",
    ),
}


@pytest.mark.parametrize("case", MOVED)
def test_what_moved_is_named(case: str) -> None:
    saved, fresh, reason = MOVED[case]
    assert staleness_reasons(saved, fresh, "Buffer") == (reason,)


HOLDS: dict[str, tuple[Plan, Plan]] = {
    "the same": (SAVED, SAVED),
    "made later": (SAVED, replace(SAVED, generated_at=SAVED.generated_at.replace(year=2027))),
    "somebody made a post by hand": (SAVED, replace(SAVED, unmanaged=(unmanaged(),))),
    "an entry that is left alone moved": (
        plan(*SAVED.changes, change(Action.NONE, "n@acme-x")),
        plan(*SAVED.changes, change(Action.NONE, "n@acme-x", before=entry("went out"))),
    ),
    "only the wording differs": (
        SAVED,
        replace(
            SAVED,
            changes=tuple(
                replace(item, reason="other", drift=(leaf("text", "a", "b"),))
                for item in SAVED.changes
            ),
        ),
    ),
    "nobody asked for the account": (SAVED, replace(SAVED, account_id="")),
    "a state that was never written": (
        based(SAVED, state_serial=0),
        based(SAVED, state_serial=0, state_lineage="drawn anew"),
    ),
}


@pytest.mark.parametrize("case", HOLDS)
def test_what_the_plan_does_not_touch_is_no_reason_to_refuse(case: str) -> None:
    saved, fresh = HOLDS[case]
    assert staleness_reasons(saved, fresh, "Buffer") == ()


def test_everything_that_moved_is_told_at_once_in_order() -> None:
    fresh = based(plan(change(Action.DESTROY, "z@acme-x")), state_serial=9, content_digest="x")
    assert staleness_reasons(SAVED, fresh) == (
        "the state is at serial 9, not 7",
        "the files changed",
        "a@acme-x: create is no longer what is needed",
        "b@acme-x: update is no longer what is needed",
        "z@acme-x: it has to be changed now, the plan does not know of it",
    )


def test_an_address_that_changes_hands_stands_twice() -> None:
    """Destroyed on the profile that its alias meant, created on the one that it means now."""
    removal = change(Action.DESTROY, "a@acme-x")
    elsewhere = replace(
        change(Action.CREATE, "a@acme-x"),
        profile=replace(removal.profile, id="p-new"),
    )
    both = plan(removal, elsewhere)
    assert staleness_reasons(both, both, "Buffer") == ()
    assert staleness_reasons(both, plan(elsewhere)) == (
        "a@acme-x: destroy is no longer what is needed",
    )
