"""Keyed creates and what arrives at the wrong moment: late promotions, late removals, people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.keyed import on, texts
from tests.engine.test_keyed import MINUTE, TWO, converges, killed_before_the_promotion
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
