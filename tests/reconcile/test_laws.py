"""Laws for every world, by Hypothesis: nothing of others is touched, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from plancast.engine.plan_changes import place
from plancast.model.entry import Entry, LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import Action, Change, Situation
from plancast.model.ports import Capabilities
from plancast.model.state import Intent, Operation, State
from plancast.model.workspace import OnDrift, Policy
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.groups import grouped
from plancast.reconcile.match import Facts, How, Live, Matched, Pair, match
from plancast.reconcile.order import calls
from plancast.reconcile.rails import Allowances, Railed, apply_rails, defer
from plancast.reconcile.state_updates import settle
from plancast.testing import builders
from plancast.testing.builders import NOW, change, moment
from plancast.testing.memory_store import MemoryJournal
from tests.reconcile import making
from tests.reconcile.making import as_it_is
from tests.reconcile.shapes import Seen, few, worlds
from tests.strategies import entries

CONTEXT = DiffContext(NOW, as_it_is, {}, "Buffer")
ABLE = st.builds(
    Capabilities,
    create_group=st.integers(1, 3),
    ungrouped_services=st.sampled_from([frozenset(), frozenset({"x"}), frozenset({"twitter"})]),
    queue_limit=st.sampled_from([None, 2, 10]),
)


def paired(seen: Seen) -> Matched:
    return match(seen.desired, seen.bindings, seen.live, Facts(as_it_is, NOW))


def changed(seen: Seen) -> list[Change]:
    """The changes of a world, by address, as the planner puts them together."""
    found = [diff(pair, CONTEXT) for pair in paired(seen).pairs]
    return list(grouped(sorted(found, key=place), {}))


def waiting(seen: Seen) -> set[str]:
    """The ids of what is in a queue."""
    return {item.id for item in seen.live.queue}


def railed(seen: Seen, found: Sequence[Change], *, paused: bool, limit: int | None) -> Railed:
    return apply_rails(
        defer(found, seen.live.queue, limit),
        policy=Policy(paused=paused),
        state=making.state(*seen.bindings),
        now=NOW,
        allow=Allowances(),
        drift_rules={str(item.address): item.on_drift for item in seen.desired},
        asks_for_nothing=not seen.desired,
    )


# -- match ------------------------------------------------------------------------------------


@given(worlds())
def test_every_desired_and_every_bound_entry_is_in_exactly_one_pair(seen: Seen) -> None:
    found = paired(seen)
    assert [pair.address for pair in found.pairs] == sorted(pair.address for pair in found.pairs)
    wanted = [pair.desired for pair in found.pairs if pair.desired is not None]
    assert Counter(item.address for item in wanted) == Counter(d.address for d in seen.desired)
    bound = [pair.binding for pair in found.pairs if pair.binding is not None]
    named = [pair.published for pair in found.pairs if pair.published is not None]
    assert max(Counter(item.remote_id for item in bound).values(), default=0) <= 1
    assert {item.remote_id for item in (*bound, *named)} == {
        item.remote_id for item in seen.bindings
    }


@given(worlds())
def test_every_entry_of_the_queue_is_owned_adopted_or_unmanaged_once(seen: Seen) -> None:
    found = paired(seen)
    shown = [pair.live.id for pair in found.pairs if pair.live is not None]
    strangers = [item.id for item in found.unmanaged]
    owned = {item.remote_id for item in seen.bindings}
    assert len(set(shown)) == len(shown)
    assert len(set(strangers)) == len(strangers)
    assert not set(strangers) & (set(shown) | owned)
    assert {item.id for item in seen.live.queue} <= set(strangers) | set(shown) | owned


@given(worlds())
def test_what_is_adopted_was_nobodys_and_is_equal(seen: Seen) -> None:
    owned = {item.remote_id for item in seen.bindings}
    for pair in paired(seen).pairs:
        if pair.how in (How.ADOPTED, How.SENT):
            assert pair.live is not None
            assert pair.desired is not None
            assert pair.live.id not in owned
            assert pair.live.entry.text == pair.desired.entry.text
            assert pair.live.profile_id == pair.desired.profile.id


# -- diff -------------------------------------------------------------------------------------


@given(worlds())
def test_what_is_unmanaged_is_in_no_change(seen: Seen) -> None:
    strangers = {item.id for item in paired(seen).unmanaged}
    for found in changed(seen):
        assert found.remote_id not in strangers
        assert found.live is None or found.live.id not in strangers


@given(worlds())
def test_only_what_is_owned_is_updated_or_destroyed(seen: Seen) -> None:
    owned = {item.remote_id: item.profile_id for item in seen.bindings}
    for found in changed(seen):
        if found.action in (Action.UPDATE, Action.DESTROY, Action.FORGET, Action.RENAME):
            assert owned[found.remote_id] == found.profile.id


@given(worlds())
def test_nothing_that_went_out_is_sent_again(seen: Seen) -> None:
    published_ids = {item.id for item in seen.live.sent}
    over = {
        item.remote_id
        for item in seen.bindings
        if item.remote_id in published_ids
        or (item.status.value == "published" and item.remote_id not in waiting(seen))
    }
    for found in changed(seen):
        if found.remote_id in over:
            assert not found.action.sends


@given(worlds())
def test_nothing_is_created_for_a_time_that_has_passed(seen: Seen) -> None:
    for found in changed(seen):
        if found.action is Action.CREATE:
            assert found.after is not None
            assert found.after.due_at is None or found.after.due_at > NOW


def shown(content: Entry) -> LiveEntry:
    return builders.live("r1", content, due_at=content.due_at or moment("2026-12-01 08:30"))


@given(entries(), st.sampled_from(OnDrift))
def test_equal_things_do_not_differ(content: Entry, on_drift: OnDrift) -> None:
    item = making.desired(content=content, on_drift=on_drift)
    bound = making.binding(applied=content, remote_id="r1")
    found = diff(Pair(item.address, How.SAME, item, bound, shown(content)), CONTEXT)
    assert (found.action, found.fields, found.drift, found.situations) == (Action.NONE, (), (), ())


@given(few(), few(), few(), st.sampled_from(OnDrift))
def test_once_it_is_applied_nothing_is_left_to_do(
    applied: Entry, wanted: Entry, seen: Entry, on_drift: OnDrift
) -> None:
    """It holds for any earlier wish, and for anything that a person did since."""
    item = making.desired(content=wanted, on_drift=on_drift)
    bound = making.binding(applied=applied, remote_id="r1")
    first = diff(Pair(item.address, How.ADDRESS, item, bound, shown(seen)), CONTEXT)
    if first.action in (Action.UPDATE, Action.ADOPT):
        then = making.binding(applied=wanted, remote_id="r1")
        again = diff(Pair(item.address, How.SAME, item, then, shown(wanted)), CONTEXT)
        assert again.action is Action.NONE


@given(st.data(), worlds())
def test_the_order_in_which_things_are_read_decides_nothing(
    data: st.DataObject, seen: Seen
) -> None:
    other = Seen(
        tuple(data.draw(st.permutations(seen.desired))),
        tuple(data.draw(st.permutations(seen.bindings))),
        Live(
            tuple(data.draw(st.permutations(seen.live.queue))),
            tuple(data.draw(st.permutations(seen.live.sent))),
        ),
    )
    assert changed(other) == changed(seen)
    strangers = {item.id for item in paired(other).unmanaged}
    assert strangers == {item.id for item in paired(seen).unmanaged}


# -- rails ------------------------------------------------------------------------------------


@given(worlds(), st.booleans(), st.sampled_from([None, 0, 1, 2]))
def test_rails_hold_back_and_never_add(seen: Seen, paused: bool, limit: int | None) -> None:
    before = changed(seen)
    after = railed(seen, before, paused=paused, limit=limit).changes
    assert len(after) == len(before)
    for one, two in zip(before, after, strict=True):
        assert (one.address, one.remote_id, one.live) == (two.address, two.remote_id, two.live)
        assert (one.before, one.after) == (two.before, two.after)
        if two.action is not one.action:
            held_back = {Situation.BLOCKED, Situation.DEFERRED} & set(two.situations)
            assert one.action.sends or one.group
            assert two.action is (Action.RENAME if two.previous_address else Action.NONE)
            assert held_back


@given(worlds(), st.booleans(), st.sampled_from([None, 0, 1, 2]))
def test_a_group_is_done_whole_or_held_whole(seen: Seen, paused: bool, limit: int | None) -> None:
    before = changed(seen)
    after = railed(seen, before, paused=paused, limit=limit).changes
    done = {two.group for two in after if two.group and two.action is not Action.NONE}
    held_back = {
        two.group
        for one, two in zip(before, after, strict=True)
        if one.group and one.action is not two.action
    }
    assert not done & held_back


@given(worlds(), st.sampled_from([0, 1, 2, 3]))
def test_no_queue_is_filled_beyond_its_limit(seen: Seen, limit: int) -> None:
    after = defer(changed(seen), seen.live.queue, limit)
    for profile_id in {item.profile.id for item in after}:
        mine = [item for item in after if item.profile.id == profile_id]
        waiting = sum(1 for item in seen.live.queue if item.profile_id == profile_id)
        removals = sum(1 for item in mine if item.action is Action.DESTROY)
        new = sum(1 for item in mine if item.action is Action.CREATE)
        assert new == 0 or waiting - removals + new <= limit


# -- order ------------------------------------------------------------------------------------


@st.composite
def sending(draw: st.DrawFn) -> list[Change]:
    """Changes of a few texts on a few profiles, each address once."""
    place = st.tuples(
        st.sampled_from("abcd"), st.sampled_from(["one-x", "two-x", "one-fb", "two-fb"])
    )
    return [
        change(
            action := draw(st.sampled_from(Action)),
            f"{post}@{alias}",
            before=draw(few()) if action not in (Action.CREATE, Action.NONE) else None,
            after=draw(few()) if action not in (Action.DESTROY, Action.FORGET) else None,
        )
        for post, alias in draw(st.lists(place, unique=True, max_size=12))
    ]


@given(sending(), ABLE)
def test_each_change_that_sends_is_in_exactly_one_call(
    found: list[Change], able: Capabilities
) -> None:
    made = [item for call in calls(found, able) for item in call.changes]
    wanted = [item for item in found if item.action.sends]
    assert Counter(item.address for item in made) == Counter(item.address for item in wanted)
    assert all(item in wanted for item in made)


@given(sending(), ABLE)
def test_no_call_asks_for_more_than_the_provider_can_do(
    found: list[Change], able: Capabilities
) -> None:
    for call in calls(found, able):
        assert {item.action for item in call.changes} == {call.action}
        if call.action is not Action.CREATE:
            assert len(call.changes) == 1
            continue
        assert len(call.changes) <= able.create_group
        profiles = [item.profile.id for item in call.changes]
        assert len(set(profiles)) == len(profiles)
        assert {item.after for item in call.changes} == {call.entry}
        services = Counter(item.profile.service for item in call.changes)
        assert all(services[name] <= 1 for name in able.ungrouped_services)


@given(sending())
def test_without_anything_to_free_calls_go_by_time(found: list[Change]) -> None:
    creates = [item for item in found if item.action is Action.CREATE]
    times = [call.due_at for call in calls(creates, Capabilities(queue_limit=10))]
    assert times == sorted(times)


@given(sending(), ABLE)
def test_room_and_addresses_are_freed_before_they_are_taken(
    found: list[Change], able: Capabilities
) -> None:
    made = calls(found, able)
    for number, call in enumerate(made):
        if call.action is not Action.CREATE:
            continue
        profiles = {item.profile.id for item in call.changes}
        later = [item for rest in made[number:] for item in rest.changes]
        destroys = [item for item in later if item.action is Action.DESTROY]
        if able.queue_limit is not None:
            assert not [item for item in destroys if item.profile.id in profiles]


# -- outcomes ---------------------------------------------------------------------------------

PLACES = ("a@acme-x", "b@acme-x", "a@acme-fb")
Step = tuple[Intent, CallOutcome, tuple[LiveEntry, ...]]


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Calls one after the other, and what became of each, as an applier and its journal see it."""
    found: list[Step] = []
    for number in range(draw(st.integers(1, 5))):
        operation = draw(st.sampled_from(Operation))
        create = operation is Operation.CREATE
        count = st.lists(
            st.sampled_from(PLACES), min_size=1, max_size=3 if create else 1, unique=True
        )
        # One create serves a profile once.
        places = list({name.rpartition("@")[2]: name for name in draw(count)}.values())
        answered = draw(st.lists(st.sampled_from(places), unique=True))
        answer = tuple(
            builders.live(f"r{number}-{name}" if create else "r", alias=name.rpartition("@")[2])
            for name in answered
        )
        call = making.intent(
            *places,
            operation=operation,
            content=draw(few()),
            id=f"lineage-1.7-{number:06d}",
            remote_id="" if create else "r",
        )
        found.append((call, draw(st.sampled_from(CallOutcome)), answer))
    return found


def settled(known: State, done: list[Step]) -> State:
    known = known.intend([call for call, _, _ in done])
    for number, (call, outcome, answer) in enumerate(done, start=1):
        now = known.intents[call.id]
        known = settle(known, now, outcome, answer, NOW + timedelta(minutes=number))
    return known


@given(steps())
def test_no_address_of_a_create_is_lost_whatever_became_of_it(done: list[Step]) -> None:
    for call, outcome, answer in done:
        if call.operation is not Operation.CREATE:
            continue
        after = settle(making.state(intents=[call]), call, outcome, answer, NOW)
        nothing = outcome in (CallOutcome.REJECTED, CallOutcome.NOT_SENT)
        open_ones = [place for item in after.intents.values() for place in item.addresses]
        known = Counter([*after.resources, *open_ones])
        assert known == (Counter() if nothing else Counter(call.addresses))


@given(steps())
def test_telling_an_outcome_twice_changes_nothing(done: list[Step]) -> None:
    """A run may be killed after the state was written and before the journal was emptied."""
    known = making.state(making.binding("a@acme-x", remote_id="r", created_at=NOW))
    known = known.intend([call for call, _, _ in done])
    for call, outcome, answer in done:
        now = known.intents[call.id]
        once = settle(known, now, outcome, answer, NOW + timedelta(minutes=1))
        assert settle(once, now, outcome, answer, NOW + timedelta(minutes=1)) == once
        known = once


@given(steps())
def test_what_is_open_in_the_end_is_what_nobody_answered(done: list[Step]) -> None:
    after = settled(making.state(making.binding("a@acme-x", remote_id="r")), done)
    assert set(after.intents) <= {call.id for call, _, _ in done}
    for call, outcome, _ in done:
        left = after.intents.get(call.id)
        if outcome in (CallOutcome.REJECTED, CallOutcome.NOT_SENT):
            assert left is None
        elif outcome is CallOutcome.DRAFTED:
            assert left == call, "the next run goes on with it"
        elif left is not None:
            assert left.given_up_at is not None
            assert set(left.addresses) <= set(call.addresses)


@given(steps(), st.integers(1, 3))
def test_a_replay_of_the_journal_knows_what_the_applier_knew(done: list[Step], size: int) -> None:
    before = making.state(making.binding("a@acme-x", remote_id="r", created_at=NOW))
    journal, known = MemoryJournal(), before
    for start in range(0, len(done), size):
        batch = done[start : start + size]
        journal.intend(known, [call for call, _, _ in batch])
        known = known.intend([call for call, _, _ in batch])
        for number, (call, outcome, answer) in enumerate(batch, start=start):
            at = NOW + timedelta(minutes=number)
            journal.sending(call.id, at)
            known = known.sending(call.id, at)
            journal.outcome(call.id, outcome, at, answer)
            known = settle(known, known.intents[call.id], outcome, answer, at)
    assert journal.replay(before) == known
