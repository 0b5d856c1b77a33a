"""The laws of matching, M1 to M8, on generated worlds.

The planner asserts M1 to M4 itself and refuses a plan that breaks them (PC618). Here they are
worked out anew from what comes in and what comes out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.engine.planner import Planned
from plancast.model.entry import Address, Entry, LiveStatus
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.model.workspace import Desired
from plancast.reconcile.compare import same_as_live, same_text
from plancast.reconcile.match import Live
from plancast.reconcile.state_updates import apply_state_changes
from tests.engine.matching_worlds import NOW, PROVIDER, TEXTS, World, worlds
from tests.engine.worlds import Loop
from tests.engine.worlds import wanted as spec
from tests.reliability.depth import THOROUGH

THOROUGHLY = settings(max_examples=20_000 if THOROUGH else 30, deadline=None)
DECIDED = (Situation.BLOCKED, Situation.DEFERRED, Situation.MISSED)


def to_come(entry: Entry) -> bool:
    return entry.due_at is None or entry.due_at > NOW


def codes(plan: Plan) -> list[str]:
    return [item.code for item in plan.diagnostics]


# -- M1, M2, M4, M6, M7 ---------------------------------------------------------------------------


@given(worlds())
@THOROUGHLY
def test_the_laws_hold_in_any_world(world: World) -> None:
    planned = world.plan()
    assert "PC618" not in codes(planned.plan)
    nothing_has_two_fates(planned.plan)
    all_is_accounted_for(world, planned.plan)
    what_waits_is_what_is_to_come(world, planned.plan)
    if planned.plan.can_apply:
        booking_is_a_bijection(planned)
    what_is_not_equal_is_in_no_change(world, planned)
    nothing_to_come_is_published_in_silence(world, planned.plan)


def nothing_has_two_fates(plan: Plan) -> None:
    """M1."""
    sends = Counter(
        one.remote_id for one in plan.changes if one.action in (Action.UPDATE, Action.DESTROY)
    )
    assert max(sends.values(), default=0) <= 1
    removed = {one.remote_id for one in plan.changes if one.action is Action.DESTROY}
    kept = [one.remote_id for one in plan.changes if one.after is not None and one.live is not None]
    assert not removed & set(kept)
    assert len(kept) == len(set(kept)), "two addresses on one entry"


def all_is_accounted_for(world: World, plan: Plan) -> None:
    """M1: each desired entry has one change, each owned one is kept, goes or is held."""
    asked = Counter(one.address for one in plan.changes if one.after is not None)
    late = [
        one.address
        for one in plan.changes
        if one.action is Action.DESTROY and Situation.MISSED in one.situations
    ]
    assert asked + Counter(late) == Counter(item.address for item in world.desired)
    about = {one.remote_id for one in plan.changes}
    recreated = {one.address for one in plan.changes if one.action is Action.CREATE}
    for remote_id, bound in world.owned.items():
        if bound.address in world.history or remote_id in about:
            continue
        own_changes = [one for one in plan.changes if one.address == bound.address]
        assert bound.address in recreated or any(
            set(one.situations) & set(DECIDED) for one in own_changes
        )


def what_waits_is_what_is_to_come(world: World, plan: Plan) -> None:
    """M2."""
    waits: dict[str, set[str]] = defaultdict(set)
    created: Counter[str] = Counter()
    held_back: Counter[str] = Counter()
    desired = {(item.address, item.profile.id): item for item in world.desired}
    for one in plan.changes:
        item = desired.get((one.address, one.profile.id))
        if item is None or one.after is None or not to_come(item.entry):
            continue
        if one.action is Action.CREATE:
            created[one.profile.id] += 1
        elif one.live is not None and one.live.id in world.waiting:
            waits[one.profile.id].add(one.live.id)
        else:
            held_back[one.profile.id] += 1
            published = Situation.PUBLISHED in one.situations
            assert published or set(one.situations) & {*DECIDED, Situation.DRIFTED}
    asked = Counter(item.profile.id for item in world.desired if to_come(item.entry))
    for place in asked:
        assert len(waits[place]) + created[place] == asked[place] - held_back[place]


def booking_is_a_bijection(planned: Planned) -> None:
    """M4."""
    booked = apply_state_changes(planned.state, planned.plan.changes)
    before = {one.remote_id for one in planned.state.resources.values()}
    after = Counter(one.remote_id for one in booked.resources.values())
    forgotten = {one.remote_id for one in planned.plan.changes if one.action is Action.FORGET}
    adopted = {one.remote_id for one in planned.plan.changes if one.action is Action.ADOPT}
    assert set(after) == before - forgotten | adopted
    assert max(after.values(), default=0) <= 1
    assert all(address == one.address for address, one in booked.resources.items())
    for one in planned.plan.changes:
        if one.previous_address is not None:
            assert booked.resources[one.address].remote_id == one.remote_id


def what_is_not_equal_is_in_no_change(world: World, planned: Planned) -> None:
    """M6."""
    desired = {(item.address, item.profile.id): item for item in world.desired}
    owned = {one.remote_id for one in planned.state.resources.values()}
    for one in planned.plan.changes:
        if not one.remote_id or one.remote_id in owned:
            continue
        assert one.action is Action.ADOPT or one.held_with
        assert one.live is not None
        is_over = one.live.status is LiveStatus.PUBLISHED
        assert is_over or one.live.id not in world.elsewhere
        assert _reads_equal(desired[one.address, one.profile.id], one)
    strangers = {item.id for item in planned.plan.unmanaged}
    assert not strangers & {one.remote_id for one in planned.plan.changes}


def _reads_equal(item: Desired, change: Change) -> bool:
    assert change.live is not None
    reads_as = PROVIDER.expected(item.entry, item.profile)
    if change.live.status is LiveStatus.PUBLISHED:
        return same_text(item.entry, reads_as, change.live)
    return same_as_live(item.entry, reads_as, change.live)


def nothing_to_come_is_published_in_silence(world: World, plan: Plan) -> None:
    """M7."""
    warned = {item.address for item in plan.diagnostics if item.code in ("PC901", "PC909")}
    for one in plan.changes:
        if Situation.PUBLISHED not in one.situations or one.after is None:
            continue
        if not to_come(one.after):
            continue
        bound = world.owned.get(one.remote_id)
        if bound is not None and bound.address == one.address and bound.applied == one.after:
            continue  # step 3: it is what it was
        assert str(one.address) in warned


# -- M3 -------------------------------------------------------------------------------------------

NAMES = [f"n{number}" for number in range(9)]
PERMUTED = st.lists(
    st.tuples(
        st.sampled_from(TEXTS),
        st.sampled_from(["", "2026-11-24 09:00", "2026-12-01 09:00", "2026-12-02 09:00"]),
    ),
    min_size=1,
    max_size=5,
)


@given(PERMUTED, st.permutations(NAMES), st.sampled_from([0.0, 30 * 3600.0]), st.booleans())
@THOROUGHLY
def test_renaming_unchanged_files_sends_nothing(
    posts: list[tuple[str, str]], names: list[str], later: float, swap: bool
) -> None:
    """By any permutation, to old names and to new ones; some have gone out meanwhile."""
    loop = Loop.at("2026-11-23 09:00")
    before = [
        spec({"address": f"n{number}@x", "text": text, "at": at})
        for number, (text, at) in enumerate(posts)
    ]
    loop.converge(before)
    loop.clock.advance(later)
    pool = sorted(names[: len(posts)]) if not swap else names
    after = [
        replace(item, address=Address(name, "x")) for item, name in zip(before, pool, strict=False)
    ]
    plan = loop.plan(after).plan
    assert not [one for one in plan.changes if one.action.sends]
    loop.apply(loop.plan(after))
    assert not loop.plan(after).plan.has_changes


# -- M8 -----------------------------------------------------------------------------------------


@given(st.data(), worlds())
@THOROUGHLY
def test_the_order_of_files_and_of_the_state_does_not_matter(
    data: st.DataObject, world: World
) -> None:
    state = world.state
    other = replace(
        world,
        desired=tuple(data.draw(st.permutations(world.desired))),
        state=replace(
            state,
            resources=dict(data.draw(st.permutations(list(state.resources.items())))),
            intents=dict(data.draw(st.permutations(list(state.intents.items())))),
        ),
        live=Live(
            tuple(data.draw(st.permutations(world.live.queue))),
            tuple(data.draw(st.permutations(world.live.sent))),
        ),
    )
    assert plan_parts(other.plan()) == plan_parts(world.plan())


def plan_parts(planned: Planned) -> tuple[object, ...]:
    plan = planned.plan
    return (plan.changes, plan.unmanaged, plan.diagnostics, plan.budget, planned.undecided)


# -- step 0 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("safety", ["direct", "strict"])
def test_a_state_that_names_one_entry_twice_is_refused(safety: str) -> None:
    loop = Loop.at("2026-11-23 09:00")
    post = spec({"address": "a@x", "text": "One", "at": "2026-12-01 09:00"})
    loop.converge([post])
    (bound,) = loop.state.resources.values()
    twin = replace(bound, address=Address("b", "x"))
    loop.store.write(loop.state.bind(twin))
    loop.policy = replace(loop.policy, safety=safety)
    plan = loop.plan([post]).plan
    assert codes(plan) == ["PC616"]
    assert "state rm b@x" in plan.diagnostics[0].hint
    assert plan.changes == ()
