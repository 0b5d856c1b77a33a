"""Keyed creates and what arrives at the wrong moment: late promotions, late removals, people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from plancast.engine.keyed_call import KeyedCall
from plancast.engine.provider_call import CallAnswer
from plancast.model.findings import Answer, Question
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Situation
from plancast.model.ports import Rejected, StateMoved
from plancast.model.workspace import Desired
from plancast.testing.fakes import Failure
from tests.engine.keyed import FOUND, keyed_loop, methods, on, texts
from tests.engine.test_keyed import (
    MINUTE,
    NO_ANSWER,
    TWO,
    Killed,
    converges,
    killed_before_the_promotion,
    there,
)
from tests.engine.worlds import PROFILES, Loop

EDITED = "Tomorrow, at ten."


def once(world: Loop) -> None:
    """No profile has two posts."""
    counted = [alias for alias, _ in texts(world)]
    assert len(counted) == len(set(counted)), texts(world)


# -- a promotion arrives late ----

PARTLY = {
    "edited on one profile": [*on(["li"]), *on(["x"], EDITED)],
    "edited on the other profile": [*on(["li"], EDITED), *on(["x"])],
    "renamed on one profile": [*on(["li"]), *on(["x"], post="b")],
    "left out of one profile": on(["li"]),
    "edited": on(TWO, EDITED),
    "renamed": on(TWO, post="b"),
}


@pytest.mark.parametrize("change", PARTLY)
def test_a_promotion_after_the_plan_makes_no_twin(
    change: str,
) -> None:
    world = killed_before_the_promotion(late=MINUTE)
    desired = PARTLY[change]
    planned = world.plan(desired)
    world.clock.advance(2 * MINUTE)
    world.apply(planned)
    once(world)
    converges(world, desired)


@pytest.mark.parametrize("change", PARTLY)
def test_posts_that_appear_between_two_reads_stay(change: str) -> None:
    """The item is read as a draft, and then the queue shows its posts."""
    world = killed_before_the_promotion(late=MINUTE)
    desired = PARTLY[change]
    world.provider.seconds = {"content_item": 2 * MINUTE}
    planned = world.plan(desired)
    ids = {live.id for alias in TWO for live in world.provider.queue(f"p-{alias}")}
    assert len(ids) == 2
    world.provider.seconds = {}
    world.apply(planned)
    once(world)
    left = {live.id for alias in TWO for live in world.provider.queue(f"p-{alias}")}
    assert ids <= left
    converges(world, desired)


# -- a person promotes the draft after the plan was made ----


@pytest.mark.parametrize("change", PARTLY)
def test_posts_that_a_person_made_of_a_draft_are_not_removed_with_it(change: str) -> None:
    world = killed_before_the_promotion()
    planned = world.plan(PARTLY[change])
    theirs = world.provider.add(on(TWO)[0].entry, PROFILES["fb"])
    (name,) = world.provider.content_items
    item = world.provider.content_items[name]
    world.provider.content_items[name] = replace(item, posts=(theirs.id,))
    world.apply(planned)
    assert [live.id for live in world.provider.queue("p-fb")] == [theirs.id]


# -- a removal arrives late ----


def test_the_draft_of_an_open_create_is_no_stray() -> None:
    """Its creation is repeated; a removal that arrives later would remove the posts."""
    lost = [Failure("create_draft", nth, NO_ANSWER, executed=True) for nth in (1, 2, 3)]
    world = keyed_loop(*lost, Failure("remove_item", 1, NO_ANSWER, late=MINUTE))
    world.converge(on(TWO))
    world.converge(on(TWO))
    world.clock.advance(2 * MINUTE)
    assert texts(world) == there(TWO)


def test_a_draft_being_removed_is_not_promoted_for_a_file_that_is_back() -> None:
    world = killed_before_the_promotion()
    world.provider.failures = [Failure("remove_item", 1, NO_ANSWER, late=MINUTE)]
    world.converge([])
    world.converge(on(TWO))
    world.clock.advance(2 * MINUTE)
    assert texts(world) == there(TWO)
    converges(world, on(TWO))


def test_a_draft_being_removed_is_not_promoted_once_there_is_room() -> None:
    world = keyed_loop(Failure("remove_item", 1, NO_ANSWER, late=MINUTE))
    full = Rejected("the queue is full", queue_full=True)
    world.provider.refuses_promotion = dict.fromkeys(("p-li", "p-x"), full)
    world.converge(on(TWO))
    world.provider.refuses_promotion = {}
    world.converge(on(TWO))
    world.clock.advance(2 * MINUTE)
    assert texts(world) == there(TWO)
    converges(world, on(TWO))


@pytest.mark.parametrize("forgets", [True, False])
def test_a_killed_removal_is_gone_on_with_and_its_draft_never_promoted(forgets: bool) -> None:
    world = keyed_loop(Failure("create_draft", 1, Killed(), executed=True))
    world.provider.forgets_keys = forgets
    with pytest.raises(Killed):
        world.converge(on(TWO))
    world.provider.failures = [Failure("remove_item", 1, Killed(), late=MINUTE)]
    with pytest.raises(Killed):
        world.converge([])
    assert [intent.removes for intent in world.state.intents.values()] == [True]
    world.provider.failures = ()
    world.converge(on(TWO))
    world.clock.advance(2 * MINUTE)
    assert texts(world) == there(TWO)


# -- a probe finds that an item is promoted twice ----


def test_a_draft_is_not_promoted_again_if_a_probe_has_seen_that_make_posts_twice() -> None:
    world = killed_before_the_promotion(late=MINUTE)
    twice = {**FOUND.answers, Question.SECOND_PROMOTION: Answer.DONE_TWICE}
    world.store.write(replace(world.store.read(), findings=replace(FOUND, answers=twice)))
    planned = world.plan(on(TWO))
    assert [one.code for one in planned.plan.diagnostics] == ["PC515", "PC516"]
    world.apply(planned)
    assert methods(world).count("promote") == 1
    world.clock.advance(2 * MINUTE)
    once(world)
    assert texts(world) == there(TWO)


# -- a state is set back ----


def test_a_state_that_was_set_back_makes_no_post_by_the_key_of_another() -> None:
    world = keyed_loop()
    earlier = world.store.disk.text
    world.converge(on(TWO))
    old = {live.id for alias in TWO for live in world.provider.queue(f"p-{alias}")}
    world.store.disk.text = earlier
    world.clock.advance(MINUTE)
    planned = world.plan(on(TWO, "Another post.", post="b"))
    world.apply(planned)
    assert texts(world) == sorted([*there(TWO), *there(TWO, "Another post.")])
    assert old.isdisjoint(world.state.owned_ids())


# -- a person edits a post before its create is settled ----


@pytest.mark.parametrize("found_by", ["the plan", "the removal"])
def test_an_edit_of_a_post_whose_create_was_not_answered_is_drift(found_by: str) -> None:
    """No post goes out with a text that the file does not have."""
    late = {"late": MINUTE} if found_by == "the removal" else {"executed": True}
    world = killed_before_the_promotion(**late)
    planned = world.plan(on(TWO, EDITED)) if found_by == "the removal" else None
    world.clock.advance(2 * MINUTE)
    for alias in TWO:
        for live in world.provider.queue(f"p-{alias}"):
            world.provider.edit(live.id, text=EDITED if planned else "by hand")
    if planned:
        world.apply(planned)
    again = world.plan(on(TWO))
    assert [change.action for change in again.plan.changes] == [Action.UPDATE] * 2
    assert all(Situation.DRIFTED in change.situations for change in again.plan.changes)
    converges(world, on(TWO))


# -- drafts that no intent knows ----


@pytest.mark.parametrize("desired", [on(TWO), []])
def test_the_draft_of_a_killed_run_with_a_forgotten_key_is_removed(
    desired: list[Desired],
) -> None:
    world = keyed_loop(Failure("create_draft", 1, Killed(), executed=True))
    world.provider.forgets_keys = True
    with pytest.raises(Killed):
        world.converge(on(TWO))
    world.converge(desired)
    assert len(world.provider.content_items) == (2 if desired else 1)
    world.converge(desired)
    assert all(item.posts is not None for item in world.provider.content_items.values())
    assert texts(world) == there(TWO if desired else ())


def test_a_stray_draft_that_a_person_has_promoted_since_the_plan_is_left_alone() -> None:
    world = keyed_loop(Failure("create_draft", 1, NO_ANSWER, executed=True))
    world.provider.forgets_keys = True
    world.converge(on(TWO))
    planned = world.plan(on(TWO))
    (stray,) = planned.stray_drafts
    theirs = world.provider.add(on(TWO)[0].entry, PROFILES["fb"])
    item = world.provider.content_items[stray]
    world.provider.content_items[stray] = replace(item, posts=(theirs.id,))
    world.apply(planned)
    assert [live.id for live in world.provider.queue("p-fb")] == [theirs.id]


# -- another run took over ----


@pytest.mark.parametrize("call", ["make_draft", "promote", "discard", "remove"])
def test_a_run_that_lost_its_right_changes_nothing(call: str) -> None:
    world = killed_before_the_promotion()
    (intent,) = world.state.intents.values()
    before = {**world.provider.content_items}

    def taken_over() -> None:
        raise StateMoved("another run took over")

    keyed = KeyedCall(intent, world.provider, world.clock, taken_over)
    steps: dict[str, Callable[[], CallAnswer]] = {
        "make_draft": lambda: keyed.make_draft().answer,
        "promote": lambda: keyed.promote([PROFILES[alias] for alias in TWO]),
        "discard": keyed.discard,
        "remove": lambda: keyed.remove(CallAnswer(CallOutcome.REJECTED)),
    }
    end = steps[call]()
    assert (end.outcome, end.fatal) == (CallOutcome.DRAFTED, True)
    assert world.provider.content_items == before
    assert texts(world) == []
