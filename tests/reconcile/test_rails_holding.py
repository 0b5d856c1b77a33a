"""Rails that hold changes back without refusing, their reports, and the order in a full queue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.model.diagnostics import Severity
from plancast.model.entry import Entry, Stage
from plancast.model.plan import Action, Change, Situation
from plancast.model.workspace import Policy
from plancast.reconcile.rails import defer
from plancast.testing.builders import change, entry, leaf, live
from tests.reconcile.making import codes, destroys, rail

# -- paused -----------------------------------------------------------------------------------


def test_while_paused_nothing_is_sent_and_the_rest_is_booked() -> None:
    changes = [change(action, f"{action.value}@acme-x") for action in Action]
    found = rail(*changes, policy=Policy(paused=True))
    for before, after in zip(changes, found.changes, strict=True):
        if before.action.sends:
            assert after.action is Action.NONE
            assert Situation.BLOCKED in after.situations
        else:
            assert after == before
    assert codes(found) == ["PC707"]
    assert found.diagnostics[0].detail == "3 changes are held back"
    assert found.diagnostics[0].severity is Severity.WARNING


def test_while_paused_nothing_else_is_refused() -> None:
    """A held change breaks no rail; if resuming breaks one, the resumed plan reports it."""
    assert codes(rail(*destroys(9), policy=Policy(paused=True))) == ["PC707"]


# -- news -------------------------------------------------------------------------------------

EDIT = [leaf("text", "a", "b")]
NEWS: dict[str, tuple[Change, list[str]]] = {
    "published and edited": (
        change(Action.NONE, situations=[Situation.PUBLISHED], fields=EDIT),
        ["PC901"],
    ),
    "published": (change(Action.NONE, situations=[Situation.PUBLISHED]), []),
    "refused": (change(Action.NONE, situations=[Situation.FAILED]), ["PC902"]),
    "refused, and mended": (change(Action.UPDATE, situations=[Situation.FAILED]), []),
    "deferred": (change(Action.NONE, situations=[Situation.DEFERRED]), ["PC905"]),
}


@pytest.mark.parametrize("case", NEWS)
def test_what_happened_is_told_and_stops_nothing(case: str) -> None:
    found, expected = NEWS[case]
    railed = rail(found)
    assert codes(railed) == expected
    assert all(item.severity is Severity.WARNING for item in railed.diagnostics)


# -- room -------------------------------------------------------------------------------------


def after_defer(changes: list[Change], waiting: int, limit: int | None) -> dict[str, str]:
    queue = [live(f"f{number}") for number in range(waiting)]
    return {
        str(item.address): "deferred"
        if Situation.DEFERRED in item.situations
        else item.action.value
        for item in defer(changes, queue, limit)
    }


def on(address: str, content: Entry | None = None) -> Change:
    return change(Action.CREATE, address, after=content or entry())


def staged(address: str, before: Stage, after: Stage) -> Change:
    """An update that takes an entry from one stage to another."""
    contents = (replace(entry(), stage=stage) for stage in (before, after))
    return change(Action.UPDATE, address, before=next(contents), after=next(contents))


ROOM: dict[str, tuple[list[Change], int, int | None, list[str]]] = {
    "no limit": ([on("a@acme-x")], 99, None, []),
    "room for it": ([on("a@acme-x")], 9, 10, []),
    "full": ([on("a@acme-x")], 10, 10, ["a@acme-x"]),
    "the soonest goes first": (
        [on("a@acme-x", entry(at="2026-12-09 08:00")), on("b@acme-x")],
        9,
        10,
        ["a@acme-x"],
    ),
    "the queue's own time comes last": (
        [on("a@acme-x", entry(at=None)), on("b@acme-x")],
        9,
        10,
        ["a@acme-x"],
    ),
    "then the address decides": ([on("b@acme-x"), on("a@acme-x")], 9, 10, ["b@acme-x"]),
    "a destroy makes room": ([on("a@acme-x"), change(Action.DESTROY, "z@acme-x")], 10, 10, []),
    "a destroy elsewhere does not": (
        [on("a@acme-x"), change(Action.DESTROY, "z@acme-fb")],
        10,
        10,
        ["a@acme-x"],
    ),
    "another profile has its own room": ([on("a@acme-fb")], 10, 10, []),
    "a draft that is scheduled": (
        [staged("a@acme-x", Stage.DRAFT, Stage.SCHEDULED)],
        10,
        10,
        ["a@acme-x"],
    ),
    "an approved post that is scheduled": (
        [staged("a@acme-x", Stage.NEEDS_APPROVAL, Stage.SCHEDULED)],
        10,
        10,
        ["a@acme-x"],
    ),
    "a draft that stays one": ([staged("a@acme-x", Stage.DRAFT, Stage.DRAFT)], 10, 10, []),
    "an edit of what has its room": (
        [staged("a@acme-x", Stage.SCHEDULED, Stage.SCHEDULED)],
        12,
        10,
        [],
    ),
    "a draft takes the room of a later post": (
        [
            on("b@acme-x", entry(at="2026-12-20 08:00")),
            staged("a@acme-x", Stage.DRAFT, Stage.SCHEDULED),
        ],
        9,
        10,
        ["b@acme-x"],
    ),
    "more than full": ([on("a@acme-x"), change(Action.DESTROY, "z@acme-x")], 12, 10, ["a@acme-x"]),
}


@pytest.mark.parametrize("case", ROOM)
def test_creates_wait_for_room_and_the_soonest_go_first(case: str) -> None:
    changes, waiting, limit, deferred = ROOM[case]
    found = after_defer(changes, waiting, limit)
    assert [address for address, what in found.items() if what == "deferred"] == deferred


def test_an_address_that_changes_hands_defers_its_create_alone() -> None:
    moving = [on("a@acme-x"), change(Action.DESTROY, "a@acme-x")]
    found = defer(moving, [live(f"f{number}") for number in range(11)], 10)
    assert [item.action for item in found] == [Action.NONE, Action.DESTROY]


# -- groups -----------------------------------------------------------------------------------


def together(*changes: Change) -> list[Change]:
    return [replace(item, group="a@acme-x") for item in changes]


def test_a_group_is_deferred_whole_and_says_with_whom() -> None:
    group = together(on("a@acme-x"), on("b@acme-x"), change(Action.RENAME, "c@acme-x"))
    found = defer(group, [live(f"f{number}") for number in range(9)], 10)
    assert [item.action for item in found] == [Action.NONE] * 3
    assert [item.situations for item in found] == [
        (Situation.DEFERRED,),
        (Situation.DEFERRED,),
        (Situation.BLOCKED,),
    ]
    assert [str(address) for address in found[2].held_with] == ["a@acme-x", "b@acme-x"]
    assert "a@acme-x" in found[2].reason


def test_the_room_that_a_group_frees_is_its_own_first() -> None:
    """A sooner post must not take it: the group would wait, and nothing would be freed at all."""
    later = entry(at="2026-12-20 08:00")
    group = together(on("a@acme-x", later), change(Action.DESTROY, "z@acme-x"))
    found = after_defer([*group, on("b@acme-x")], 10, 10)
    assert found == {"a@acme-x": "create", "z@acme-x": "destroy", "b@acme-x": "deferred"}


def test_what_a_deferred_group_would_free_is_not_free() -> None:
    group = together(on("a@acme-x"), on("c@acme-x"), change(Action.DESTROY, "z@acme-x"))
    found = after_defer([*group, on("b@acme-x", entry(at="2026-12-20 08:00"))], 10, 10)
    assert found == {
        "a@acme-x": "deferred",
        "c@acme-x": "deferred",
        "z@acme-x": "none",
        "b@acme-x": "deferred",
    }


def test_while_paused_a_group_is_held_with_its_names() -> None:
    """Half of it booked would leave an entry under an address that nothing asks for."""
    group = together(change(Action.DESTROY, "a@acme-x"), change(Action.RENAME, "a@acme-x"))
    alone = change(Action.UPDATE, "c@acme-x", previous="d@acme-x")
    found = rail(*group, alone, policy=Policy(paused=True)).changes
    assert [item.action for item in found] == [Action.NONE, Action.NONE, Action.RENAME]
    assert str(found[2].previous_address) == "d@acme-x", "an edit that is held books its rename"
