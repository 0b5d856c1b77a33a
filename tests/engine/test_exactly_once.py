"""The protections that keep a post from going out twice, one at a time.

Each test here fails when the protection that it names is taken away;
docs/reliability.md lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from plancast.engine.lease import Holder, ProbeFence, SendGate, hold_lease
from plancast.engine.observer import look_again, observe
from plancast.engine.recovery import Evidence, recover
from plancast.model.events import Outcome
from plancast.model.plan import Action, Situation
from plancast.model.ports import OutcomeUnknown, QueueRead, Rejected, StateLocked, StateMoved
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.match import Live
from plancast.testing.fakes import Failure, FakeProvider
from plancast.testing.memory_store import MemoryJournal
from tests.engine.worlds import Loop, wanted

POST = wanted({"address": "launch/teaser@x", "text": "Tomorrow, 10:00.", "at": "2026-12-01 09:00"})
NO_ANSWER = OutcomeUnknown("no answer in time")
MINUTE = 60.0


class Killed(BaseException):
    """The process is killed: no handler catches this."""


def loop(*failures: Failure, **policy: object) -> Loop:
    made = Loop.at("2026-11-23 09:00", failures=failures)
    return replace(made, policy=replace(Policy(), **policy))  # type: ignore[arg-type]


def die(world: Loop, *desired: Desired) -> None:
    """An apply whose process is killed by the failure that is Killed."""
    with pytest.raises(Killed):
        world.converge(desired)


def texts(world: Loop) -> list[str]:
    return [entry.text for entry in world.live()["x"]]


# -- the intent ----


def test_a_create_that_was_sent_by_a_killed_run_is_waited_for() -> None:
    """Without the intent nothing would be known of it, and it would be sent again at once."""
    world = loop(Failure("create", 1, Killed(), late=100.0))
    die(world, POST)
    blocked = world.converge([POST])
    assert blocked.requests == 0
    world.clock.advance(100.0)
    assert world.plan([POST]).plan.with_action(Action.CREATE) == ()
    world.converge([POST])
    assert texts(world) == ["Tomorrow, 10:00."]


def test_a_killed_run_costs_only_the_quiet_period() -> None:
    world = loop(Failure("create", 1, Killed()))
    die(world, POST)
    assert world.converge([POST]).requests == 0
    world.clock.advance(4 * MINUTE)
    assert world.converge([POST]).requests == 1
    assert texts(world) == ["Tomorrow, 10:00."]


# -- the quiet period ----


def test_the_absence_of_an_unanswered_create_is_not_believed_at_once() -> None:
    world = loop(Failure("create", 1, NO_ANSWER, late=MINUTE))
    world.converge([POST])
    assert texts(world) == []
    planned = world.plan([POST])
    assert [change.action for change in planned.plan.changes] == [Action.NONE]
    assert planned.undecided[0].until == planned.undecided[0].since + Policy().quiet_period
    world.clock.advance(MINUTE)
    world.converge([POST])
    assert texts(world) == ["Tomorrow, 10:00."]


def test_a_post_that_is_due_before_anybody_can_know_is_held() -> None:
    soon = wanted({"address": "a@x", "text": "Soon", "at": "2026-11-23 09:01"})
    world = loop(Failure("create", 1, NO_ANSWER))
    world.converge([soon])
    world.clock.advance(30.0)
    assert world.converge([soon]).requests == 0
    world.clock.advance(3 * MINUTE)
    missed = world.plan([soon]).plan
    assert missed.summary["missed"] == 1
    assert missed.summary["create"] == 0


def test_recreate_sends_what_would_be_due_before_anybody_can_know() -> None:
    soon = wanted({"address": "a@x", "text": "Soon", "at": "2026-11-23 09:06"})
    policy = {"min_lead": Policy().min_lead * 0, "quiet_period": Policy().quiet_period * 5}
    for on_unknown, creates in (("hold", 0), ("recreate", 1)):
        world = loop(Failure("create", 1, NO_ANSWER), on_unknown=on_unknown, **policy)
        world.converge([soon])
        world.clock.advance(10.0)
        assert world.plan([soon]).plan.summary["create"] == creates, on_unknown


class ProviderWithServerTime(FakeProvider):
    """A provider that reports the time of its server."""

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        return replace(FakeProvider.read(self, profiles, since), server_time=self.clock.now())


def test_a_run_that_waited_does_not_take_its_own_waiting_for_a_wrong_clock() -> None:
    world = loop(Failure("create", 1, NO_ANSWER))
    world = replace(
        world, provider=ProviderWithServerTime(world.clock, failures=world.provider.failures)
    )
    world.provider.accounts = [POST.profile]
    world.converge([POST])
    profiles = (POST.profile,)
    seen = observe(world.provider, world.clock, world.state, [POST], profiles)
    waiting = world.plan([POST]).undecided
    world.clock.advance(3 * MINUTE)
    again = look_again(world.provider, world.clock, world.state, seen, waiting)
    assert again.server_time == again.read_at == world.clock.now()


# -- the sent list ----


def test_a_create_that_went_out_before_anybody_looked_is_found_among_what_was_sent() -> None:
    world = loop(Failure("create", 1, NO_ANSWER, executed=True))
    world.converge([POST])
    world.clock.advance(9 * 24 * 60 * MINUTE)
    later = world.plan([POST])
    assert later.plan.with_action(Action.CREATE) == ()
    assert later.plan.summary["missed"] == 0
    assert later.state.resources[POST.address].link
    assert len(world.provider.history("p-x")) == 1


def test_a_queue_post_that_went_out_is_not_created_again() -> None:
    queued = wanted({"address": "tips/whenever@x", "text": "Whenever there is room"})
    world = loop(Failure("create", 1, NO_ANSWER, executed=True))
    world.converge([queued])
    world.provider.publish(world.provider.queue("p-x")[0].id)
    world.clock.advance(10 * MINUTE)
    world.converge([queued])
    assert texts(world) == []
    assert len(world.provider.history("p-x")) == 1


def edited_before_anybody_looked() -> Loop:
    """A create whose answer was lost, and whose entry a person then edited."""
    world = loop(Failure("create", 1, NO_ANSWER, executed=True))
    world.converge([POST])
    world.provider.edit(world.provider.queue("p-x")[0].id, text="Tomorrow, at ten.")
    world.clock.advance(10 * MINUTE)
    return world


def test_an_unanswered_create_that_a_person_edited_is_not_made_again() -> None:
    world = edited_before_anybody_looked()
    planned = world.plan([POST])
    assert planned.plan.with_action(Action.CREATE) == ()
    (asked,) = planned.plan.diagnostics
    assert asked.code == "PC904"
    assert "Tomorrow, at ten." in asked.detail
    assert "let the file say the same" in asked.hint
    assert len(planned.undecided) == 1


def test_a_person_settles_it_by_writing_it_down() -> None:
    world = edited_before_anybody_looked()
    edited = replace(POST, entry=replace(POST.entry, text="Tomorrow, at ten."))
    world.converge([edited])
    assert world.plan([edited]).plan.has_changes is False
    assert world.state.intents == {}
    assert texts(world) == ["Tomorrow, at ten."]


def test_a_person_settles_it_by_removing_the_entry() -> None:
    world = edited_before_anybody_looked()
    world.provider.remove(world.provider.queue("p-x")[0].id)
    world.converge([POST])
    assert texts(world) == ["Tomorrow, 10:00."]


def test_nobody_is_asked_about_a_post_that_no_file_asks_for_any_more() -> None:
    world = edited_before_anybody_looked()
    planned = world.plan([])
    assert planned.plan.diagnostics == ()
    assert len(planned.plan.unmanaged) == 1


# -- what was unmanaged ----


def test_what_a_person_had_made_before_is_not_taken_for_an_unanswered_create() -> None:
    """It looks like the entry in everything but its alternative text, which no answer shows."""
    world = loop(Failure("create", 1, NO_ANSWER))
    planned = world.plan([POST])
    theirs = world.provider.add(POST.entry, POST.profile)
    seen = replace(
        planned.plan,
        unmanaged=world.plan([]).plan.unmanaged,
    )
    world.apply(replace(planned, plan=seen))
    world.clock.advance(4 * MINUTE)
    intent = next(iter(world.state.intents.values()))
    assert intent.known == (theirs.id,)
    evidence = Evidence(
        live=Live(world.provider.queue("p-x")),
        profiles={"p-x": POST.profile},
        expected=world.provider.expected,
        now=world.clock.now(),
        quiet_period=world.policy.quiet_period,
    )
    recovered = recover(world.state, evidence)
    assert recovered.state.resources == {}
    assert recovered.state.abandoned[0].addresses == (POST.address,)


# -- the fence ----


def test_a_run_that_was_paused_sends_nothing_once_another_has_taken_over() -> None:
    world = loop()
    planned = world.plan([POST])
    other = replace(world, store=world.store.elsewhere())

    def wake_up_late() -> bool:
        """Asked before each call: here the run is paused, and another one does all the work."""
        if not world.live()["x"]:
            _unlock(other)
            other.converge([POST])
        return False

    report = world.apply(planned, stop=wake_up_late)
    assert report.fenced
    assert report.requests == 0
    assert texts(world) == ["Tomorrow, 10:00."]


def test_a_run_that_was_held_up_for_too_long_does_not_trust_its_lease() -> None:
    world = loop()
    with world.holding() as lease:
        lease.must_hold()
        world.clock.advance(4 * MINUTE)
        with pytest.raises(StateMoved, match="lease"):
            lease.must_hold()


def test_the_wire_lets_no_change_pass_that_no_call_announces() -> None:
    world, gate = loop(), SendGate()
    with world.holding() as lease:
        with pytest.raises(RuntimeError, match="no intent announces"):
            gate.check()
        with gate.open_for(lease.announce_call("a-1", world.clock)):
            gate.check()
        with pytest.raises(RuntimeError, match="no intent announces"):
            gate.check()


def test_a_probe_sends_nothing_once_another_run_has_taken_over() -> None:
    world, gate = loop(), SendGate()
    with world.holding() as lease, gate.open_for(ProbeFence(lease)):
        gate.check()
        _unlock(replace(world, store=world.store.elsewhere()))
        with pytest.raises(StateMoved):
            gate.check()


def test_each_call_marks_its_own_intent_as_being_sent() -> None:
    """Each fence marks its call before the first send, and not again while the mark holds."""
    world, gate = loop(), SendGate()
    journal = Marks()
    with hold_lease(world.store, journal, world.clock, Holder("a", "a", "here"), 0.0) as lease:
        for name in ("a-1", "a-2"):
            fence = lease.announce_call(name, world.clock)
            with gate.open_for(fence):
                fence.check()
                gate.check()
    assert journal.marked == ["a-1", "a-2"]


class Marks(MemoryJournal):
    """A journal that remembers which calls it was asked to mark as being sent."""

    def __init__(self) -> None:
        super().__init__()
        self.marked: list[str] = []

    def sending(self, intent_id: str, at: datetime) -> None:
        self.marked.append(intent_id)
        super().sending(intent_id, at)


def _unlock(world: Loop) -> None:
    state = world.state
    world.store.write(replace(state, lease=None, epoch=state.epoch + 1))
    world.journal.clear()


# -- the lease ----


def test_a_contender_on_another_machine_is_told_who_holds_it() -> None:
    world = loop()
    other = replace(world, store=world.store.elsewhere())
    with (
        world.holding("apply on monday"),
        pytest.raises(StateLocked, match="apply on monday"),
        other.holding("apply on tuesday"),
    ):
        pytest.fail("two runs hold the state")


def test_the_lease_of_a_dead_run_on_this_machine_is_taken_at_once() -> None:
    world = loop(Failure("create", 1, Killed()))
    with pytest.raises(Killed), world.holding("dead"):
        raise Killed
    with world.holding("alive") as lease:
        assert lease.state().lease is not None


def test_a_lease_is_taken_once_it_stood_still_for_its_whole_term() -> None:
    world = loop()
    other = replace(world, store=world.store.elsewhere())
    state = world.state
    with world.holding("paused"):
        begun = world.clock.monotonic()
        holder = Holder("second", "second", "there")
        with hold_lease(other.store, other.journal, other.clock, holder, 400.0) as lease:
            assert world.clock.monotonic() - begun >= 300
            assert lease.state().epoch == state.epoch + 2


# -- twins that came late ----


def test_a_create_that_arrives_after_all_is_shown_and_removed() -> None:
    world = loop(Failure("create", 1, NO_ANSWER, late=10 * MINUTE))
    world.converge([POST])
    world.clock.advance(4 * MINUTE)
    world.converge([POST])
    world.clock.advance(10 * MINUTE)
    assert len(world.live()["x"]) == 2
    plan = world.plan([POST]).plan
    (twin,) = plan.with_action(Action.DESTROY)
    assert twin.situations == (Situation.STRAY,)
    assert plan.unmanaged == ()
    world.converge([POST])
    assert len(world.live()["x"]) == 1
    assert world.plan([POST]).plan.has_changes is False


def test_nothing_is_a_stray_without_a_create_that_was_given_up() -> None:
    world = loop()
    world.converge([POST])
    world.provider.add(POST.entry, POST.profile)
    plan = world.plan([POST]).plan
    assert plan.has_changes is False
    assert len(plan.unmanaged) == 1


# -- two steps ----


def test_strict_makes_no_twin_however_late_a_create_arrives() -> None:
    world = loop(Failure("create", 1, NO_ANSWER, late=3600 * MINUTE), safety="strict")
    world.converge([POST])
    assert world.converge([POST]).requests == 2, "no quiet period is needed"
    assert [entry.due_at for entry in world.live()["x"]] == [POST.entry.due_at]
    world.clock.advance(3600 * MINUTE)
    inert = [entry.due_at.year for entry in world.live()["x"] if entry.due_at]
    assert sorted(inert)[1] >= 2031
    world.converge([POST])
    assert [entry.due_at for entry in world.live()["x"]] == [POST.entry.due_at]


def test_strict_finishes_what_a_killed_run_has_only_reserved() -> None:
    world = loop(Failure("update", 1, Killed()), safety="strict")
    die(world, POST)
    assert [entry.due_at.year > 2030 for entry in world.live()["x"] if entry.due_at] == [True]
    world.clock.advance(4 * MINUTE)
    world.converge([POST])
    assert [entry.due_at for entry in world.live()["x"]] == [POST.entry.due_at]
    assert not world.state.resources[POST.address].inert


def test_strict_defers_what_has_no_room_in_its_second_phase() -> None:
    full = Rejected("Scheduled posts limit reached.", queue_full=True)
    world = loop(Failure("update", 1, full), safety="strict")
    report = world.converge([POST])
    assert report.addresses(Outcome.DEFERRED) == (POST.address,)
    assert report.addresses(Outcome.FAILED, Outcome.NOT_ATTEMPTED) == ()
    assert world.state.resources[POST.address].inert
    assert world.converge([POST]).requests == 1
    assert [entry.due_at for entry in world.live()["x"]] == [POST.entry.due_at]
    assert not world.state.resources[POST.address].inert


def test_what_was_reserved_and_then_went_out_is_reserved_no_more() -> None:
    world = loop(Failure("update", 1, Killed(), executed=True), safety="strict")
    die(world, POST)
    world.clock.advance(9 * 24 * 60 * MINUTE)
    world.converge([POST])
    assert not world.state.resources[POST.address].inert
    assert len(world.provider.history("p-x")) == 1


# -- updates ----


def test_an_edit_that_is_taken_back_is_taken_back_in_the_queue_as_well() -> None:
    """The update happened, but the run died: what is in the queue is not what was applied last."""
    world = loop(Failure("update", 1, Killed(), executed=True))
    world.converge([POST])
    die(world, replace(POST, entry=replace(POST.entry, text="A slip")))
    assert texts(world) == ["A slip"]
    world.clock.advance(4 * MINUTE)
    world.converge([POST])
    assert texts(world) == ["Tomorrow, 10:00."]


def test_an_older_update_cannot_win_over_a_newer_one() -> None:
    world = loop(*(Failure("update", n, NO_ANSWER, late=MINUTE) for n in (1, 2, 3)))
    world.converge([POST])
    older = replace(POST, entry=replace(POST.entry, text="Older"))
    newer = replace(POST, entry=replace(POST.entry, text="Newer"))
    world.converge([older])
    assert world.converge([newer]).requests == 0, "an older update may still arrive"
    world.clock.advance(3 * MINUTE)
    world.converge([newer])
    world.clock.advance(60 * MINUTE)
    assert texts(world) == ["Newer"]
    assert world.plan([newer]).plan.has_changes is False
