"""Queues and sent lists of API v1 are read whole, while they move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Link, LiveStatus
from plancast.model.ports import Unreachable
from plancast.model.profile import Profile
from plancast.net.transport import Request
from plancast.providers.buffer_v1.client import V1UnclearError
from plancast.providers.buffer_v1.pagination import whole_list
from plancast.testing.fakes import START, FakeClock
from tests.providers.wire import Answer, Script, X, provider, reply, update


class Queue:
    """A queue that serves pages and can change before any of them."""

    def __init__(self, ids: Sequence[str], clamp: int = 100, total: int | None = 0) -> None:
        self.ids = list(ids)
        self.clamp = clamp
        self.total = total
        self.changes: dict[int, Callable[[list[str]], object]] = {}
        self.requests = 0

    def __call__(self, request: Request) -> Answer:
        self.requests += 1
        change = self.changes.get(self.requests)
        if change is not None:
            change(self.ids)
        query = dict(request.query)
        size = min(int(query["count"]), self.clamp)
        start = (int(query["page"]) - 1) * size
        updates = [update(item) for item in self.ids[start : start + size]]
        if self.total is None:
            return {"updates": updates}
        return {"total": self.total or len(self.ids), "updates": updates}


def ids(count: int) -> list[str]:
    return [f"u{number:04}" for number in range(count)]


def read(queue: Queue) -> list[str]:
    found = provider(Script(queue)).read([X])
    assert found.requests == queue.requests
    return [live.id for live in found.entries]


@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)]
)
def test_a_queue_takes_a_request_for_each_hundred(count: int, requests: int) -> None:
    queue = Queue(ids(count))
    assert read(queue) == ids(count)
    assert queue.requests == requests


@pytest.mark.parametrize("total", [0, None])
def test_a_service_that_gives_less_than_it_is_asked_for_is_read_to_the_end(
    total: int | None,
) -> None:
    assert read(Queue(ids(60), clamp=20)) == ids(60)
    assert read(Queue(ids(260), total=None)) == ids(260)


def test_an_entry_that_goes_out_between_two_pages_makes_no_other_one_vanish() -> None:
    queue = Queue(ids(150))
    queue.changes[2] = lambda waiting: waiting.pop(0)
    assert read(queue) == ids(150)[1:]


def test_an_entry_that_joins_between_two_pages_makes_no_other_one_double() -> None:
    queue = Queue(ids(150))
    queue.changes[2] = lambda waiting: waiting.insert(0, "new")
    assert read(queue) == ["new", *ids(150)]


def test_a_queue_that_never_rests_is_not_half_believed() -> None:
    queue = Queue(ids(300))
    queue.changes = {number: lambda waiting: waiting.pop(0) for number in range(1, 100)}
    with pytest.raises(Unreachable, match="changes while it is read"):
        read(queue)


def test_a_total_that_counts_something_else_is_believed_less_than_the_same_list_twice() -> None:
    assert read(Queue(ids(7), total=9)) == ids(7)


def test_a_list_without_an_end_is_given_up() -> None:
    def fetch(number: int) -> Mapping[str, object]:
        return {"total": 10**9, "updates": [update(f"{number}-{item}") for item in range(2)]}

    with pytest.raises(V1UnclearError, match="no end"):
        whole_list(fetch)


@given(
    count=st.integers(0, 320),
    moves=st.dictionaries(
        st.integers(2, 6), st.sampled_from(("pop first", "pop any", "put first", "put last"))
    ),
)
def test_what_stays_in_a_queue_is_always_read(count: int, moves: Mapping[int, str]) -> None:
    queue = Queue(ids(count))
    steps: Mapping[str, Callable[[list[str]], object]] = {
        "pop first": lambda waiting: waiting and waiting.pop(0),
        "pop any": lambda waiting: waiting and waiting.pop(len(waiting) // 2),
        "put first": lambda waiting: waiting.insert(0, f"new{len(waiting)}"),
        "put last": lambda waiting: waiting.append(f"new{len(waiting)}"),
    }
    queue.changes = {number: steps[name] for number, name in moves.items()}
    try:
        found = read(queue)
    except Unreachable:
        return
    assert len(set(found)) == len(found)
    assert set(queue.ids) & set(ids(count)) <= set(found)


def test_since_is_not_earlier_and_the_service_counts_from_later() -> None:
    script = Script([{"total": 97, "updates": [update("1")]}, {"total": 97, "updates": []}])
    found = provider(script).read([X], since=START)
    assert [live.id for live in found.entries] == ["1"]
    assert dict(script.seen[0].query)["since"] == str(int(START.timestamp()) - 1)


def test_drafts_wait_for_nothing_and_failed_entries_are_shown() -> None:
    updates = [update("1", draft=True), update("2", status="error", error="no")]
    found = provider(Script([{"total": 2, "updates": updates}])).read([X])
    assert [(live.id, live.status) for live in found.entries] == [("2", LiveStatus.FAILED)]


def test_a_read_tells_the_time_of_both_clocks() -> None:
    answer = reply({"total": 0, "updates": []}, 200, ("date", "Wed, 15 May 2013 01:43:34 GMT"))
    found = provider(Script([answer])).read([X])
    assert found.read_at == START
    assert found.server_time == datetime(2013, 5, 15, 1, 43, 34, tzinfo=UTC)


def test_a_read_of_nothing_sends_nothing() -> None:
    found = provider(Script([])).read([])
    assert (found.entries, found.requests, found.server_time) == ((), 0, None)


def test_an_entry_that_cannot_be_identified_spoils_the_read() -> None:
    with pytest.raises(Unreachable):
        provider(Script([{"total": 1, "updates": [{"text": "whose?"}]}])).read([X])


def test_what_went_out_comes_newest_first_and_not_from_before() -> None:
    at = int(START.timestamp())
    updates = [
        update("old", status="sent", sent_at=at - 1),
        update("first", status="sent", sent_at=at),
        update("last", status="service", sent_at=at + 60),
    ]
    sent = provider(Script([{"total": 3, "updates": updates}])).sent({X.id: START})
    assert [live.id for live in sent] == ["last", "first"]
    assert sent[0].sent_at == START + timedelta(seconds=60)


def test_a_sent_list_that_grows_meanwhile_repeats_some_and_loses_none() -> None:
    queue = Queue(ids(150))
    queue.changes[2] = lambda sent: sent.insert(0, "new")
    found = provider(Script(queue)).sent({X.id: None})
    assert {live.id for live in found} == set(ids(150))
    assert queue.requests == 3  # the total named one more, which an empty page settles


def test_the_profile_of_a_list_stands_in_for_one_that_is_not_told() -> None:
    anonymous = {key: value for key, value in update("1").items() if key != "profile_id"}
    found = provider(Script([{"total": 1, "updates": [anonymous]}])).read([X])
    assert found.entries[0].profile_id == X.id


def test_limits_and_profiles_are_translated() -> None:
    services = {"twitter": {"types": {"profile": {"character_limit": 140}}}}
    script = Script([{"services": services}, [{"id": "p", "service": "twitter"}]])
    one = provider(script, FakeClock())
    assert one.limits().by_service["twitter"].text == 140
    assert one.profiles() == (Profile("p", "twitter"),)


def test_what_is_expected_is_pure() -> None:
    script = Script([])
    entry = Entry(" a ", link=Link("https://a.example/"))
    assert provider(script).expected(entry, X) == replace(
        entry, text="a  https://a.example/", link=None
    )
    assert script.seen == []
