"""The contracts of stores of the state and of journals: two suites of tests to inherit from.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def stores(self, tmp_path: Path) -> StorePair:
            return MyStore(tmp_path), MyStore(tmp_path)

In the `conftest.py` beside it, so that a failing assertion shows its values:

    pytest.register_assert_rewrite("plancast.testing")
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plancast.model.entry import Address
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import Journal, StateLocked, StateMoved, StateStore
from plancast.model.state import Intent, Lease, Operation, State, intent_name
from plancast.testing import builders

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
StorePair = tuple[StateStore, StateStore]
"""Two stores of one state, as two runs of one machine have them."""


def intent(serial: int, number: int, *, profiles: int = 1) -> Intent:
    """Build the intent of a create, with the name that `number` of a batch at `serial` gets."""
    addresses = tuple(Address("launch/teaser", f"x{n}") for n in range(profiles))
    return Intent(
        id=intent_name("lineage", serial, number),
        operation=Operation.CREATE,
        addresses=addresses,
        profile_ids=tuple(f"p-x{n}" for n in range(profiles)),
        entry=builders.entry(),
        made_at=AT,
    )


def state(serial: int = 3) -> State:
    """Build an empty state."""
    return State(lineage="lineage", serial=serial)


class StoreContract:
    """The suite for stores. A subclass has a fixture `stores`."""

    def test_where_there_is_nothing_the_state_is_new_and_empty(self, stores: StorePair) -> None:
        state = stores[0].read()
        assert (state.serial, state.resources, state.lease) == (0, {}, None)
        assert state.lineage

    def test_what_was_written_is_read_back_one_serial_on(self, stores: StorePair) -> None:
        first, second = stores
        written = first.write(replace(first.read(), account_id="user-1"))
        assert written.serial == 1
        assert second.read() == first.read() == written

    def test_a_write_on_an_older_state_is_refused_and_changes_nothing(
        self, stores: StorePair
    ) -> None:
        first, second = stores
        before = first.write(first.read())
        now = first.write(before)
        with pytest.raises(StateMoved):
            second.write(replace(before, account_id="late"))
        assert second.read() == now

    def test_a_write_of_another_lineage_is_refused(self, stores: StorePair) -> None:
        first, second = stores
        written = first.write(first.read())
        with pytest.raises(StateMoved):
            second.write(replace(written, lineage="another"))

    def test_a_lease_and_an_epoch_are_part_of_the_state(self, stores: StorePair) -> None:
        first, second = stores
        lease = Lease("`apply`, pid 1 on here", "token", "here", AT, 300)
        first.write(replace(first.read(), lease=lease, epoch=7))
        assert (second.read().lease, second.read().epoch) == (lease, 7)

    def test_one_at_a_time_holds_the_lock_and_is_named(self, stores: StorePair) -> None:
        first, second = stores
        with first.lock("the first", 0.0):
            with pytest.raises(StateLocked) as locked, second.lock("the second", 0.0):
                pytest.fail("two runs hold the lock")
            assert locked.value.holder == "the first"
        with second.lock("the second", 0.0):
            pass

    def test_a_lock_is_let_go_whatever_happens(self, stores: StorePair) -> None:
        first, second = stores
        with pytest.raises(RuntimeError), first.lock("the first", 0.0):
            raise RuntimeError
        with second.lock("the second", 0.0):
            pass

    def test_the_state_is_ours_until_another_run_writes_it(self, stores: StorePair) -> None:
        first, second = stores
        assert first.is_ours()
        written = first.write(first.read())
        assert first.is_ours()
        second.write(written)
        assert second.is_ours()
        assert not first.is_ours()

    def test_a_holder_on_another_machine_may_live(self, stores: StorePair) -> None:
        lease = Lease("somebody", "token", "a machine that is not this one", AT, 300)
        assert not stores[0].is_gone(lease)


class JournalContract:
    """The suite for journals. A subclass has a fixture `journal`, of a state at serial 3."""

    def test_an_empty_journal_changes_nothing(self, journal: Journal) -> None:
        assert journal.replay(state()) == state()
        journal.clear()
        assert journal.replay(state()) == state()

    def test_a_batch_is_open_until_its_outcomes_are_known(self, journal: Journal) -> None:
        one, two = intent(3, 1), intent(3, 2)
        journal.intend(state(), [one, two])
        assert journal.replay(state()).intents == {one.id: one, two.id: two}
        shown = replace(builders.live("id-1", alias="x0"), profile_id="p-x0")
        journal.outcome(one.id, CallOutcome.CONFIRMED, AT, [shown])
        after = journal.replay(state())
        assert list(after.intents) == [two.id]
        assert [binding.remote_id for binding in after.resources.values()] == ["id-1"]

    def test_what_is_about_to_be_sent_is_marked(self, journal: Journal) -> None:
        one, two = intent(3, 1), intent(3, 2)
        journal.intend(state(), [one, two])
        journal.sending(one.id, AT)
        after = journal.replay(state())
        assert [item.sent_at for item in after.intents.values()] == [AT, None]

    def test_a_content_item_is_remembered_and_a_draft_stays_open(self, journal: Journal) -> None:
        one = replace(intent(3, 1), keyed=True)
        journal.intend(state(), [one])
        journal.drafted(one.id, "item-1")
        journal.outcome(one.id, CallOutcome.DRAFTED, AT)
        (left,) = journal.replay(state()).intents.values()
        assert left == replace(one, item="item-1")

    def test_a_part_that_was_confirmed_leaves_the_rest_open(self, journal: Journal) -> None:
        one = intent(3, 1, profiles=2)
        journal.intend(state(), [one])
        shown = replace(builders.live("id-1"), profile_id="p-x1")
        journal.outcome(one.id, CallOutcome.UNKNOWN, AT, [shown])
        (left,) = journal.replay(state()).intents.values()
        assert left.profile_ids == ("p-x0",)
        assert left.given_up_at == AT

    def test_a_state_that_was_written_after_the_batch_knows_it_already(
        self, journal: Journal
    ) -> None:
        one = intent(3, 1)
        journal.intend(state(), [one])
        journal.sending(one.id, AT)
        journal.outcome(one.id, CallOutcome.NOT_SENT, AT)
        assert journal.replay(state(4)) == state(4)

    def test_a_state_that_was_written_in_the_middle_of_a_batch_hears_the_rest(
        self, journal: Journal
    ) -> None:
        one, two = intent(3, 1), intent(3, 2)
        journal.intend(state(), [one, two])
        journal.outcome(one.id, CallOutcome.NOT_SENT, AT)
        midway = state(4).intend([two])
        shown = replace(builders.live("id-2"), profile_id="p-x0")
        journal.outcome(two.id, CallOutcome.CONFIRMED, AT, [shown])
        after = journal.replay(midway)
        assert after.intents == {}
        assert [binding.remote_id for binding in after.resources.values()] == ["id-2"]

    def test_replaying_twice_is_replaying_once(self, journal: Journal) -> None:
        one = intent(3, 1, profiles=2)
        journal.intend(state(), [one])
        journal.sending(one.id, AT)
        shown = replace(builders.live("id-1"), profile_id="p-x1")
        journal.outcome(one.id, CallOutcome.UNKNOWN, AT, [shown])
        once = journal.replay(state())
        assert journal.replay(once) == once

    def test_a_cleared_journal_is_empty(self, journal: Journal) -> None:
        journal.intend(state(), [intent(3, 1)])
        journal.clear()
        assert journal.replay(state()) == state()
