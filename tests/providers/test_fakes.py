"""The fakes that other rooms are tested with keep the promises of the ports."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from plancast.model.entry import Entry, Link, LiveStatus, QueuePosition
from plancast.model.ports import (
    NotFound,
    OutcomeUnknown,
    Provider,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Profile
from plancast.testing.fakes import ABLE, START, Failure, FakeClock, FakeProvider
from plancast.testing.keyed_contract import KeyedCreatesContract
from plancast.testing.provider_contract import RAISED, ProviderCase, WireFailure

X = Profile("p1", "twitter")
FB = Profile("p2", "facebook")


def provider(*failures: Failure, queue_limit: int | None = None) -> FakeProvider:
    able = replace(ABLE, queue_limit=queue_limit)
    return FakeProvider(FakeClock(), (X, FB), capabilities=able, failures=failures)


def test_it_is_a_provider_whose_entries_read_back_as_expected() -> None:
    fake = provider()
    as_provider: Provider = fake
    entry = Entry(" hello ", START + timedelta(hours=2), Link("https://a.example/"))
    made = as_provider.create(entry, (X, FB))
    assert [live.entry for live in made] == [fake.expected(entry, p) for p in (X, FB)]
    assert made[0].entry.text == "hello  https://a.example/"
    assert as_provider.read((X, FB)).entries == made


def test_what_is_due_goes_out_and_can_no_longer_be_changed() -> None:
    fake = provider()
    (live,) = fake.create(Entry("a", START + timedelta(minutes=1)), (X,))
    fake.clock.advance(61)
    assert fake.read((X,)).entries == ()
    (sent,) = fake.sent({X.id: None})
    assert (sent.id, sent.status) == (live.id, LiveStatus.PUBLISHED)
    with pytest.raises(Rejected):
        fake.update(live.id, Entry("b"), live.entry, X)


def test_the_queue_deals_slots_in_order_and_the_top_goes_first() -> None:
    fake = provider()
    first, second = (fake.create(Entry(text), (X,))[0] for text in "ab")
    top = fake.create(Entry("c", queue=QueuePosition.TOP), (X,))[0]
    assert [live.id for live in fake.queue("p1")] == [top.id, first.id, second.id]
    fake.delete(top.id)
    assert fake.queue("p1")[0].due_at == START + timedelta(hours=1)
    with pytest.raises(NotFound):
        fake.delete(top.id)


def test_a_full_queue_refuses_the_whole_create() -> None:
    fake = provider(queue_limit=1)
    fake.create(Entry("a"), (X,))
    with pytest.raises(Rejected) as refusal:
        fake.create(Entry("b"), (FB, X))
    assert refusal.value.queue_full
    assert fake.queue("p2") == ()


@pytest.mark.parametrize(
    ("failure", "left", "confirmed"),
    [
        (Failure("create", 1, Unreachable("down")), 0, 0),
        (Failure("create", 1, OutcomeUnknown("lost"), executed=True), 2, 0),
        (Failure("create", 1, OutcomeUnknown("half"), executed=True, only=1, confirms=True), 1, 1),
        (Failure("create", 1, OutcomeUnknown("late"), late=30), 0, 0),
    ],
)
def test_failures_happen_on_the_call_they_name(failure: Failure, left: int, confirmed: int) -> None:
    fake = provider(failure)
    with pytest.raises(type(failure.error)) as caught:
        fake.create(Entry("a"), (X, FB))
    assert len(getattr(caught.value, "confirmed", ())) == confirmed
    assert len(fake.read((X, FB)).entries) == left
    fake.clock.advance(31)
    assert len(fake.read((X, FB)).entries) == (2 if failure.late else left)
    assert [call.method for call in fake.calls] == ["create", "read", "read"]


class FakeService:
    """The handles of the contract on a fake."""

    CHANGES = frozenset({"create", "create_draft", "promote", "remove_item", "update", "delete"})
    ERRORS: ClassVar[dict[WireFailure, ProviderError]] = {
        WireFailure.NO_RIGHT: Unauthorized("no"),
        WireFailure.TOO_EARLY: RateLimited("too many"),
        WireFailure.NEVER_ARRIVED: Unreachable("down"),
        WireFailure.LOST_REQUEST: OutcomeUnknown("lost"),
        WireFailure.LOST_ANSWER: OutcomeUnknown("lost"),
    }

    def __init__(self, fake: FakeProvider) -> None:
        self.fake = fake

    def write(self, profile: Profile, text: str) -> str:
        return self.fake.add(Entry(text), profile).id

    def edit(self, remote_id: str, text: str) -> None:
        self.fake.edit(remote_id, text=text)

    def set_clock(self, moment: datetime) -> None:
        self.fake.clock.advance((moment - self.fake.clock.now()).total_seconds())

    def fill(self, profile: Profile) -> bool:
        self.fake.add(Entry("full"), profile)
        self.fake.capabilities = replace(self.fake.capabilities, queue_limit=1)
        return True

    def changes(self) -> int:
        return sum(1 for call in self.fake.calls if call.method in self.CHANGES)

    def requests(self) -> int:
        return len(self.fake.calls)

    def break_next(self, failure: WireFailure) -> bool:
        error, executed = self.ERRORS[failure], RAISED[failure][1]
        self.fake.failures = [
            Failure(
                method,
                1 + sum(1 for call in self.fake.calls if call.method == method),
                error,
                executed,
            )
            for method in self.CHANGES
        ]
        return True


class TestKeyedCreatesOfTheFake(KeyedCreatesContract):
    @pytest.fixture
    def case(self) -> ProviderCase:
        fake = FakeProvider(FakeClock(), (X, FB), capabilities=replace(ABLE, keyed_group=2))
        return ProviderCase(fake, fake.clock, FakeService(fake))
