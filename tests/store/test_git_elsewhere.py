"""The news of a state in a ref for other machines: calls under way, dead runs, who did what."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plancast.model.entry import Address
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import StateMoved
from plancast.model.state import Binding, Intent, Lease, Operation, State, intent_name
from plancast.store.git import COVER
from plancast.testing import builders
from tests.store.gits import Remote, journal_of, store_in

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


# -- intents, for those elsewhere ----


def intent(number: int, made_at: datetime = AT) -> Intent:
    return Intent(
        id=intent_name("lineage", 1, number),
        operation=Operation.CREATE,
        addresses=(builders.change().address,),
        profile_ids=("p",),
        entry=builders.entry(),
        made_at=made_at,
    )


def test_elsewhere_every_announced_call_counts_as_sent(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone)
    journal = journal_of(store, clone)
    state = store.write(State("lineage"))
    one, two = intent(1), intent(2)
    journal.intend(state, [one, two])
    journal.sending(one.id, AT + timedelta(seconds=1))
    other = store_in(remote.clone("other"))
    seen = journal_of(other, remote.folder.parent / "other").replay(other.read())
    assert [item.sent_at for item in seen.intents.values()] == [AT + COVER] * 2
    # This machine knows which of them was.
    again = store_in(clone)
    known = journal_of(again, clone).replay(again.read())
    assert [item.sent_at for item in known.intents.values()] == [AT + timedelta(seconds=1), None]


def test_a_call_after_its_cover_is_announced_anew(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone)
    journal = journal_of(store, clone)
    journal.intend(store.write(State("lineage")), [intent(1), intent(2)])
    journal.outcome(intent(1).id, CallOutcome.NOT_SENT, AT)
    pushes = len(store.history(50))
    journal.sending(intent(2).id, AT + COVER)
    assert len(store.history(50)) == pushes
    late = AT + COVER + timedelta(seconds=1)
    journal.sending(intent(2).id, late)
    other = store_in(remote.clone("other"))
    seen = journal_of(other, remote.folder.parent / "other").replay(other.read())
    assert seen.intents[intent(2).id].sent_at == late + COVER
    assert seen.intents[intent(1).id].sent_at == AT + COVER


def test_a_state_written_in_the_middle_of_a_batch_covers_what_is_left(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone)
    journal = journal_of(store, clone)
    state = store.write(State("lineage"))
    journal.intend(state, [intent(1), intent(2)])
    journal.outcome(intent(1).id, CallOutcome.NOT_SENT, AT)
    store.write(state.intend([intent(2)]))
    journal.clear()
    other = store_in(remote.clone("other"))
    (left,) = (
        journal_of(other, remote.folder.parent / "other").replay(other.read()).intents.values()
    )
    assert (left.id, left.sent_at) == (intent(2).id, AT + COVER)


def test_a_run_that_lost_the_ref_announces_nothing(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone)
    journal = journal_of(store, clone)
    state = store.write(State("lineage"))
    other = store_in(remote.clone("other"))
    other.write(other.read())
    with pytest.raises(StateMoved):
        journal.intend(state, [intent(1)])
    assert journal_of(store, clone).replay(state).intents == {}


def test_a_dead_run_is_known_in_its_own_folder_only(remote: Remote) -> None:
    one, two = store_in(remote.clone("one")), store_in(remote.clone("two"))
    lease = Lease("`apply`", "token", one.place, AT, 300)
    assert one.place == store_in(remote.folder.parent / "one").place
    assert one.is_gone(lease)
    assert not two.is_gone(lease)


def test_a_copy_of_a_folder_does_not_take_its_run_for_dead(remote: Remote) -> None:
    """`cp -r` copies the note by which a folder knows itself."""
    one = store_in(remote.clone("one"))
    lease = Lease("`apply`", "token", one.place, AT, 300)
    shutil.copytree(remote.folder.parent / "one", remote.folder.parent / "two", symlinks=True)
    copy = store_in(remote.folder.parent / "two")
    assert not copy.is_gone(lease)
    assert one.is_gone(lease)
    assert copy.place == store_in(remote.folder.parent / "two").place


# -- the log ----


@pytest.mark.parametrize("flags", [(), ("--depth=1",)])
def test_the_history_says_who_did_what(remote: Remote, flags: tuple[str, ...]) -> None:
    store = store_in(remote.clone("clone"))
    state = store.write(State("lineage"))
    lease = Lease("`apply`, pid 1 on here", "token", "here", AT, 300)
    state = store.write(replace(state, lease=lease, epoch=1))
    entry = builders.entry()
    bound = Binding(Address("launch/teaser", "acme-x"), "id-1", "p", entry, entry)
    state = store.write(state.bind(bound))
    store.write(replace(state, lease=None))
    history = store_in(remote.clone("other", *flags)).history(3)
    assert [item.what for item in history] == [
        "serial 4: given back",
        "serial 3: 1 owned more",
        "serial 2: taken by `apply`, pid 1 on here",
    ]
    assert {item.who for item in history} == {"ana"}
    assert store_in(remote.clone("third"), "refs/plancast/none").history(3) == ()
