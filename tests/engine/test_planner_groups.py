"""A scope, or a wait, takes what belongs together as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plancast.model.plan import Action, Situation
from plancast.testing.fakes import Failure
from tests.engine.test_planner import NO_ANSWER, A, B, C, acting, post, world
from tests.engine.worlds import Loop

OLD, NEW = (
    post("old@x", "Every Friday: one tool, one trick."),
    post("new@x", "Every Friday: one tool, a trick or two.", at="2026-12-09 09:00"),
)


@pytest.mark.parametrize(
    "scope",
    [{"only": (Action.CREATE,)}, {"targets": ("new@x",)}, {"only": (Action.DESTROY,)}],
    ids=["only", "target", "the other half"],
)
def test_a_scope_never_takes_one_half_of_what_may_be_one_post(scope: dict[str, Any]) -> None:
    """The other half would go out beside it, or instead of nothing."""
    loop = world(OLD, C)
    assert acting(loop.plan([NEW, C]).plan) == {"new@x": "create", "old@x": "destroy"}
    planned = loop.plan([NEW, C], **scope)
    (blocked,) = planned.plan.held_by_scope
    assert acting(planned.plan) == {}
    assert blocked.situations == (Situation.BLOCKED,)
    other = "old@x" if str(blocked.address) == "new@x" else "new@x"
    assert [str(address) for address in blocked.held_with] == [other]
    assert other in blocked.reason
    loop.apply(planned)
    assert acting(loop.plan([NEW, C]).plan) == {"new@x": "create", "old@x": "destroy"}


def test_a_scope_takes_a_group_as_a_whole() -> None:
    loop = world(OLD, C)
    scope = {"only": (Action.CREATE, Action.DESTROY), "targets": ("*@x",)}
    planned = loop.plan([NEW, C, B], **scope)
    assert acting(planned.plan) == {"b@x": "create", "new@x": "create", "old@x": "destroy"}
    assert planned.plan.held_by_scope == ()


def test_a_swap_is_renamed_whole_or_not_at_all() -> None:
    loop = world(A, B)
    swapped = [loop.rename(A, "b"), loop.rename(B, "a")]
    planned = loop.plan(swapped, targets=("a@x",))
    assert acting(planned.plan) == {}
    loop.apply(planned)
    assert acting(loop.plan(swapped).plan) == {"a@x": "rename", "b@x": "rename"}
    loop.converge(swapped)
    assert {str(key): one.applied.text for key, one in loop.state.resources.items()} == {
        "a@x": "b@x",
        "b@x": "a@x",
    }


def test_what_cannot_be_known_yet_holds_its_other_half_too() -> None:
    loop = world(OLD)
    loop.provider.failures = [Failure("create", 2, NO_ANSWER)]
    loop.converge([OLD, NEW])
    planned = loop.plan([NEW])
    assert acting(planned.plan) == {}
    states = {str(one.address): one.situations for one in planned.plan.changes}
    assert states == {"new@x": (Situation.BLOCKED,), "old@x": (Situation.BLOCKED,)}
    assert [item.address for item in planned.undecided] == [NEW.address]


def test_a_target_waits_for_an_equal_create_under_whatever_name() -> None:
    loop = world(failures=[Failure("create", 1, NO_ANSWER)])
    loop.converge([A])
    planned = loop.plan([loop.rename(A, "other")], targets=("other@x",))
    assert acting(planned.plan) == {}
    assert [item.address for item in planned.undecided] == [A.address]


CRAFT = post("craft@x", "Craft and mountain, paper and colour.", at="2026-12-02 17:30")
SALE = post("sale@x", "Spring sale: the light is back!", at="2026-12-03 00:30", protect=True)


def edited_in_buffer() -> Loop:
    """Both are live, and a person has added words to the second one."""
    loop = world(CRAFT, SALE)
    (live,) = [one for one in loop.provider.queue("p-x") if one.entry.text == SALE.entry.text]
    loop.provider.edit(live.id, text=f"{SALE.entry.text} By hand.")
    return loop


def test_a_text_is_not_written_beside_the_version_of_it_that_a_person_edited() -> None:
    """A protected entry goes to no other file, and its own one respects what a person edited."""
    loop = edited_in_buffer()
    files = [
        replace(CRAFT, entry=replace(CRAFT.entry, text=SALE.entry.text)),
        post("sale@x", CRAFT.entry.text, at="2026-12-03 00:30", on_drift="keep", protect=True),
    ]
    loop.converge(files)
    texts = sorted(entry.text for entry in loop.live()["x"])
    assert texts == [CRAFT.entry.text, f"{SALE.entry.text} By hand."]


@pytest.mark.parametrize("rule", ["overwrite", "keep"])
def test_a_text_that_moves_takes_along_what_a_person_edited(rule: str) -> None:
    """The file that says it now decides what becomes of the edit."""
    loop = edited_in_buffer()
    files = [
        post("new@x", SALE.entry.text, at="2026-12-02 17:30", on_drift=rule, protect=True),
        post("sale@x", CRAFT.entry.text, at="2026-12-03 00:30"),
    ]
    loop.converge(files)
    texts = sorted(entry.text for entry in loop.live()["x"])
    edit = " By hand." if rule == "keep" else ""
    assert texts == [CRAFT.entry.text, f"{SALE.entry.text}{edit}"]
