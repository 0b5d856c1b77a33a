"""Keyed creates and what arrives at the wrong moment: late promotions, late removals, people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.testing.fakes import Failure
from tests.engine.keyed import keyed_loop, on, texts
from tests.engine.test_keyed import (
    MINUTE,
    NO_ANSWER,
    TWO,
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
def test_a_promotion_that_arrives_after_the_plan_of_a_changed_file_makes_no_twin(
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
def test_posts_that_appear_between_two_reads_of_a_plan_are_not_removed(change: str) -> None:
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
