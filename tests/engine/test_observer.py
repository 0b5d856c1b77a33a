"""The reads for a plan: everything that it needs, and no request more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from plancast.engine.observer import Observation, look_again, observe, remember
from plancast.engine.recovery import Undecided
from plancast.model.entry import Address, LiveEntry, LiveStatus, Stage
from plancast.model.ports import QueueRead
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.model.workspace import Desired
from plancast.reconcile.needed_lookups import QUEUE_LOOKBACK
from plancast.reconcile.strays import CLOCK_TOLERANCE
from plancast.testing import builders
from plancast.testing.fakes import START, FakeClock, FakeProvider
from tests.engine.worlds import PROFILES, entry, wanted

ALL = tuple(PROFILES.values())
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EARLIER, EARLIEST = START - 3 * DAY, START - 9 * DAY
Asked = list[tuple[str, str, datetime | None]]


class Library(FakeProvider):
    """Keeps what it was asked for: the list, the profile, and since when."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock, ALL)
        self.asked: Asked = []

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        self.asked.extend(("queue", profile.id, since) for profile in profiles)
        return FakeProvider.read(self, profiles, since)

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        self.asked.extend(("sent", profile_id, begin) for profile_id, begin in since.items())
        return FakeProvider.sent(self, since)


def library() -> Library:
    return Library(FakeClock(START))


def post(name: str, at: str = "", alias: str = "x") -> Desired:
    return wanted({"address": f"{name}@{alias}", "text": name, "at": at})


def owned(name: str, alias: str = "x", **fields: Any) -> Binding:
    """Build a binding of the state; its entry is in no queue unless the test puts it there."""
    asked = entry({"text": name, "at": "2026-12-01 09:00"})
    address = Address(name, alias)
    made = Binding(address, f"id-{name}", f"p-{alias}", asked, asked, created_at=EARLIER)
    return replace(made, **fields)


def create(at: str = "", **fields: Any) -> Intent:
    made = Intent(
        id="lineage.1-000001",
        operation=Operation.CREATE,
        addresses=(Address("new", "x"),),
        profile_ids=("p-x",),
        entry=entry({"text": "new", "at": at}),
        made_at=START - MINUTE,
        sent_at=START - MINUTE,
    )
    return replace(made, **fields)


def state(*bindings: Binding, intents: Sequence[Intent] = ()) -> State:
    return State(lineage="lineage", serial=1).bind(*bindings).intend(intents)


PUBLISHED = BindingStatus.PUBLISHED
FUTURE, PAST = "2026-12-01 09:00", "2026-11-20 09:00"
PAST_MOMENT = builders.moment(PAST)

# name -> (desired, state, the sent lists that are read)
NEEDED: dict[str, tuple[list[Desired], State, Asked]] = {
    "nothing at all": ([], state(), []),
    "new posts that are still to come": ([post("a", FUTURE), post("b", FUTURE, "fb")], state(), []),
    "a new post whose time has passed": (
        [post("a", PAST)],
        state(),
        [("sent", "p-x", PAST_MOMENT - MINUTE)],
    ),
    "a new post for the queue, which may have gone out": (
        [post("a")],
        state(),
        [("sent", "p-x", START - QUEUE_LOOKBACK)],
    ),
    "an owned entry that left the queue": (
        [post("a", FUTURE)],
        state(owned("a")),
        [("sent", "p-x", EARLIER)],
    ),
    "two on one profile: once, since the older": (
        [],
        state(owned("a"), owned("b", created_at=EARLIEST)),
        [("sent", "p-x", EARLIEST)],
    ),
    "one of which nobody knows its age: as far back as it goes": (
        [],
        state(owned("a"), owned("b", created_at=None)),
        [("sent", "p-x", None)],
    ),
    "on two profiles: each once": (
        [],
        state(owned("a", "fb"), owned("b", "x")),
        [("sent", "p-fb", EARLIER), ("sent", "p-x", EARLIER)],
    ),
    "one that is known to have gone out": (
        [post("a", PAST)],
        state(owned("a", status=PUBLISHED)),
        [],
    ),
    "a create that nobody knows of, still to come: a person may have sent it at once": (
        [],
        state(intents=[create(FUTURE)]),
        [("sent", "p-x", START - MINUTE)],
    ),
    "a create that nobody knows of and that was due": (
        [],
        state(intents=[create(PAST)]),
        [("sent", "p-x", START - MINUTE)],
    ),
    "a create for the queue that nobody knows of": (
        [],
        state(intents=[create()]),
        [("sent", "p-x", START - MINUTE)],
    ),
    "what goes further back wins": (
        [],
        state(owned("a"), intents=[create()]),
        [("sent", "p-x", EARLIER)],
    ),
    "what goes further back wins, whichever it is": (
        [],
        state(owned("a", created_at=START), intents=[create()]),
        [("sent", "p-x", START - MINUTE)],
    ),
    "all of it wins over some of it": (
        [],
        state(owned("a", created_at=None), intents=[create()]),
        [("sent", "p-x", None)],
    ),
    "an update that nobody knows of": (
        [],
        state(intents=[create(PAST, operation=Operation.UPDATE, remote_id="id-a")]),
        [],
    ),
    "what is on a profile that is not looked at": (
        [],
        state(owned("a", "gone"), intents=[create(PAST, profile_ids=("p-gone",))]),
        [],
    ),
}


@pytest.mark.parametrize(("desired", "before", "lists"), NEEDED.values(), ids=NEEDED)
def test_a_sent_list_is_read_only_where_nothing_else_explains(
    desired: list[Desired], before: State, lists: Asked
) -> None:
    provider = library()
    observe(provider, provider.clock, before, desired, ALL)
    queues: Asked = [("queue", profile.id, None) for profile in ALL]
    assert provider.asked == queues + lists


def test_what_waits_in_the_queue_needs_no_sent_list() -> None:
    provider = library()
    live = provider.add(post("a", FUTURE).entry, PROFILES["x"])
    seen = observe(provider, provider.clock, state(owned("a", remote_id=live.id)), [], ALL)
    assert provider.asked == [("queue", profile.id, None) for profile in ALL]
    assert seen.live.queue == (live,)


def test_only_the_profiles_in_question_are_read() -> None:
    provider = library()
    observe(provider, provider.clock, state(), [], [PROFILES["li"]])
    assert provider.asked == [("queue", "p-li", None)]


# -- a second look, after a wait ----


def first_look(provider: Library, before: State) -> Observation:
    seen = observe(provider, provider.clock, before, [], ALL)
    provider.asked.clear()
    return seen


def waiting(operation: Operation = Operation.CREATE, name: str = "new") -> Undecided:
    return Undecided(
        Address(name, "x"), START - MINUTE, START + MINUTE, operation, profile_id="p-x"
    )


def test_a_create_costs_two_requests_for_what_is_newer_than_itself() -> None:
    provider = library()
    before = state(intents=[create(FUTURE)])
    seen = first_look(provider, before)
    there = provider.add(post("old", FUTURE).entry, PROFILES["x"])
    provider.clock.advance(120.0)
    look_again(provider, provider.clock, before, seen, [waiting()])
    since = START - MINUTE - CLOCK_TOLERANCE
    assert provider.asked == [("queue", "p-x", since), ("sent", "p-x", since)]
    assert there.created_at is not None


def test_an_update_costs_its_queue_and_what_went_out_since_the_last_look() -> None:
    provider = library()
    live = provider.add(post("a", FUTURE).entry, PROFILES["x"])
    before = state(owned("a", remote_id=live.id))
    seen = first_look(provider, before)
    provider.clock.advance(120.0)
    provider.edit(live.id, text="it arrived after all")
    later = look_again(
        provider, provider.clock, before, seen, [waiting(Operation.UPDATE, name="a")]
    )
    assert provider.asked == [("queue", "p-x", None), ("sent", "p-x", START - CLOCK_TOLERANCE)]
    assert [item.entry.text for item in later.live.queue] == ["it arrived after all"]


def test_a_create_and_an_update_on_one_profile_share_their_requests() -> None:
    provider = library()
    live = provider.add(post("a", FUTURE).entry, PROFILES["x"])
    before = state(owned("a", remote_id=live.id), intents=[create(FUTURE)])
    seen = first_look(provider, before)
    both = [waiting(), waiting(Operation.UPDATE, name="a")]
    look_again(provider, provider.clock, before, seen, both)
    since = START - MINUTE - CLOCK_TOLERANCE
    assert provider.asked == [("queue", "p-x", None), ("sent", "p-x", since)]


def test_where_nothing_waits_nothing_is_read_again() -> None:
    provider = library()
    seen = first_look(provider, state())
    again = look_again(provider, provider.clock, state(), seen, [])
    assert provider.asked == []
    assert again.live == seen.live


def test_a_second_look_keeps_what_the_first_one_saw() -> None:
    provider = library()
    kept = provider.add(post("kept", FUTURE).entry, PROFILES["fb"])
    goes = provider.add(post("goes", FUTURE).entry, PROFILES["x"])
    before = state(intents=[create(FUTURE)])
    provider.clock.advance(600.0)
    seen = first_look(provider, replace(before, intents={}))
    provider.publish(goes.id)
    comes = provider.add(post("new", FUTURE).entry, PROFILES["x"])
    later = look_again(provider, provider.clock, before, seen, [waiting()])
    assert {live.id for live in later.live.queue} == {kept.id, comes.id}
    assert [live.id for live in later.live.sent] == [goes.id]


def test_an_update_whose_entry_went_out_meanwhile_is_found_among_what_was_sent() -> None:
    provider = library()
    live = provider.add(post("a", FUTURE).entry, PROFILES["x"])
    before = state(owned("a", remote_id=live.id))
    seen = first_look(provider, before)
    provider.clock.advance(30.0)
    provider.publish(live.id)
    later = look_again(
        provider, provider.clock, before, seen, [waiting(Operation.UPDATE, name="a")]
    )
    assert later.live.queue == ()
    assert [(item.id, item.status) for item in later.live.sent] == [(live.id, LiveStatus.PUBLISHED)]


def test_what_a_person_removed_while_an_update_was_waited_for_is_gone() -> None:
    provider = library()
    live = provider.add(post("a", FUTURE).entry, PROFILES["x"])
    kept = provider.add(post("b", FUTURE).entry, PROFILES["fb"])
    before = state(owned("a", remote_id=live.id))
    seen = first_look(provider, before)
    provider.remove(live.id)
    later = look_again(
        provider, provider.clock, before, seen, [waiting(Operation.UPDATE, name="a")]
    )
    assert later.live.queue == (kept,)


# -- without a token ----


def test_what_is_remembered_is_told_apart_by_its_time() -> None:
    due, past = START + DAY, START - DAY
    before = replace(
        state(
            owned("waits", due_at=due),
            owned("went", due_at=past),
            owned("sent", due_at=past, status=PUBLISHED),
            owned("failed", due_at=due, status=BindingStatus.FAILED),
        ),
        read_at=EARLIER,
    )
    seen = remember(before, ALL, START)
    assert {live.id for live in seen.live.queue} == {"id-waits", "id-failed"}
    assert {live.id for live in seen.live.sent} == {"id-went"}
    assert (seen.offline_as_of, seen.account, seen.server_time) == (EARLIER, None, None)


@pytest.mark.parametrize("stage", Stage)
def test_of_what_was_due_since_only_what_goes_out_by_itself_is_believed_gone(stage: Stage) -> None:
    waiting = owned("a", due_at=START - DAY)
    observed = replace(waiting.observed, stage=stage)
    seen = remember(state(replace(waiting, observed=observed)), ALL, START)
    is_published = stage is Stage.SCHEDULED
    assert (len(seen.live.queue), len(seen.live.sent)) == ((0, 1) if is_published else (1, 0))
