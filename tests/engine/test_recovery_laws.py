"""Laws of recovery on generated worlds, and batches that were killed in the middle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.engine.recovery import Evidence, recover
from plancast.model.entry import Address, Entry, LiveEntry
from plancast.model.plan import Action
from plancast.model.ports import OutcomeUnknown
from plancast.model.profile import Profile
from plancast.model.state import Intent, Operation, State
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.match import Live
from plancast.testing import builders
from plancast.testing.fakes import Failure
from tests.engine.worlds import PROFILES, Loop, wanted

MADE = builders.moment("2026-11-23 09:00:00")
SECOND = timedelta(seconds=1)
QUIET = Policy().quiet_period
BY_ID = {profile.id: profile for profile in PROFILES.values()}


def as_it_is(entry: Entry, profile: Profile) -> Entry:
    """A provider that rewrites nothing."""
    del profile
    return entry


ADDRESSES = [Address(f"post-{number}", alias) for number in range(3) for alias in ("x", "li")]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[State, Evidence]:
    """Several creates, each on one or two profiles, and whatever part of their work is there."""
    intents, queue = [], []
    for number in range(draw(st.integers(1, 3))):
        entry = builders.entry(draw(st.sampled_from(["one", "two"])))
        places = ADDRESSES[2 * number : 2 * number + draw(st.integers(1, 2))]
        made = Intent(
            id=f"lineage.3-{number:06d}",
            operation=Operation.CREATE,
            addresses=tuple(places),
            profile_ids=tuple(f"p-{place.profile}" for place in places),
            entry=entry,
            made_at=MADE,
            sent_at=draw(st.sampled_from([None, MADE, MADE + 9 * SECOND])),
            given_up_at=draw(st.sampled_from([None, MADE + 10 * SECOND])),
        )
        intents.append(made)
        queue += [
            LiveEntry(
                id=f"id-{place}",
                profile_id=f"p-{place.profile}",
                entry=replace(entry, text=draw(st.sampled_from([entry.text, "by hand"]))),
                due_at=entry.due_at,
                created_at=MADE + SECOND,
            )
            for place in places
            if draw(st.booleans())
        ]
    now = MADE + draw(st.integers(0, 300)) * SECOND
    state = State(lineage="lineage", serial=3).intend(intents)
    return state, Evidence(Live(tuple(queue)), BY_ID, as_it_is, now, QUIET)


@given(worlds())
def test_every_create_that_was_sent_ends_as_owned_undecided_or_remembered(
    world: tuple[State, Evidence],
) -> None:
    before, evidence = world
    after = recover(before, evidence)
    dangerous = [
        address
        for item in before.intents.values()
        if item.sent_at is not None or item.given_up_at is not None
        for address in item.addresses
    ]
    open_now = [address for item in after.state.intents.values() for address in item.addresses]
    feared = [address for item in after.state.abandoned for address in item.addresses]
    accounted = [*after.state.resources, *open_now, *feared]
    assert sorted(accounted) == sorted(dangerous)
    assert sorted(open_now) == sorted(item.address for item in after.undecided)
    remote = [item.remote_id for item in after.state.resources.values()]
    assert len(remote) == len(set(remote))


@given(worlds())
def test_recovering_twice_is_recovering_once(world: tuple[State, Evidence]) -> None:
    before, evidence = world
    once = recover(before, evidence)
    assert recover(once.state, evidence) == once


# -- killed in the middle of a batch ----


class Killed(BaseException):
    """The process is gone."""


def post(number: int) -> Desired:
    spec = {"address": f"post-{number}@x", "text": f"[{number}]", "at": "2026-12-01 09:00"}
    return wanted(spec)


@pytest.mark.parametrize("executed", [True, False], ids=["it arrived", "it did not"])
def test_of_a_batch_only_the_call_in_flight_has_to_be_waited_for(executed: bool) -> None:
    world = Loop.at(
        "2026-11-23 09:00", failures=[Failure("create", 3, Killed(), executed=executed)]
    )
    posts = [post(number) for number in range(1, 6)]
    with pytest.raises(Killed):
        world.converge(posts)
    assert len(world.state.intents) == 3, "two have an outcome"
    planned = world.plan(posts)
    assert [str(item.address) for item in planned.undecided] == ([] if executed else ["post-3@x"])
    created = [str(item.address) for item in planned.plan.with_action(Action.CREATE)]
    assert created == ["post-4@x", "post-5@x"]


def test_an_answer_that_proves_a_part_of_a_group_leaves_only_the_rest_in_doubt() -> None:
    lost = OutcomeUnknown("no answer in time")
    partly = Failure("create", 1, lost, executed=True, only=2, confirms=True)
    world = Loop.at("2026-11-23 09:00", failures=[partly])
    posts = [
        wanted({"address": f"a@{alias}", "text": "Tomorrow, 10:00.", "at": "2026-12-01 09:00"})
        for alias in PROFILES
    ]
    world.converge(posts)
    planned = world.plan(posts)
    assert len(planned.state.resources) == 2
    assert len(planned.undecided) == 1
    world.clock.advance(QUIET.total_seconds())
    again = world.plan(posts).plan.with_action(Action.CREATE)
    assert [item.address for item in again] == [planned.undecided[0].address]
