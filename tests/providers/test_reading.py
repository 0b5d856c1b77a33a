"""Queues and sent lists of API v1 are read whole, while they move."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Entry, Link, LiveStatus
from plancast.model.ports import Unauthorized, Unreachable
from plancast.model.profile import Profile
from plancast.net.transport import Request
from plancast.providers.buffer_v1.client import Json, V1UnclearError
from plancast.providers.buffer_v1.pagination import whole_list
from plancast.testing.fakes import START, FakeClock
from tests.providers.wire import FB, IG, LI, Answer, Script, X, provider, reply, update


class Queue:
    """A queue that serves pages and can change before any of them."""

    def __init__(self, ids: Sequence[str], clamp: int = 100, total: int | None = 0) -> None:
        self.ids = list(ids)
        self.clamp = clamp
        self.total = total
        self.changes: dict[int, Callable[[list[str]], object]] = {}
        self.requests = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Answer:
        with self._lock:  # pages may be asked for at the same time
            self.requests += 1
            change = self.changes.get(self.requests)
            if change is not None:
                change(self.ids)
            return self._page(dict(request.query))

    def _page(self, query: Mapping[str, str]) -> Answer:
        size = min(int(query["count"]), self.clamp)
        start = (int(query["page"]) - 1) * size
        updates = [update(item) for item in self.ids[start : start + size]]
        if self.total is None:
            return {"updates": updates}
        return {"total": self.total or len(self.ids), "updates": updates}


def ids(count: int) -> list[str]:
    return [f"u{number:04}" for number in range(count)]


def read(queue: Queue, at_once: int = 1) -> list[str]:
    found = provider(Script(queue), at_once=at_once).read([X])
    assert found.requests == queue.requests
    return [live.id for live in found.entries]


AT_ONCE = pytest.mark.parametrize("at_once", [1, 4])


@AT_ONCE
@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (950, 10)]
)
def test_a_queue_takes_a_request_for_each_hundred(count: int, requests: int, at_once: int) -> None:
    queue = Queue(ids(count))
    assert read(queue, at_once) == ids(count)
    assert queue.requests == requests


@AT_ONCE
def test_queues_are_read_in_the_order_of_their_profiles(at_once: int) -> None:
    queues = {
        profile.id: Queue([f"{profile.id}-{item}" for item in ids(count)])
        for profile, count in ((X, 250), (FB, 0), (LI, 101), (IG, 7))
    }

    def answer(request: Request) -> Answer:
        owner = request.path.split("/")[2]
        page = queues[owner](request)
        assert isinstance(page, dict)
        for item in page["updates"]:
            item["profile_id"] = owner
        return page

    found = provider(Script(answer), at_once=at_once).read([X, FB, LI, IG])
    assert [live.id for live in found.entries] == [one for q in queues.values() for one in q.ids]
    assert [queue.requests for queue in queues.values()] == [3, 1, 2, 1]
    assert found.requests == 7


@AT_ONCE
def test_an_error_of_any_queue_is_that_of_the_read(at_once: int) -> None:
    def answer(request: Request) -> Answer:
        is_refused = request.path.split("/")[2] in (LI.id, IG.id)
        words = request.path.split("/")[2]
        return reply({"error": words}, 401) if is_refused else {"total": 0, "updates": []}

    with pytest.raises(Unauthorized, match=LI.id):
        provider(Script(answer), at_once=at_once).read([X, FB, LI, IG, X, FB])


def test_pages_are_asked_for_at_the_same_time() -> None:
    queue, together = Queue(ids(500)), threading.Barrier(4)

    def answer(request: Request) -> Answer:
        if dict(request.query)["page"] != "1":
            together.wait(30)  # until all four further pages are asked for
        return queue(request)

    found = provider(Script(answer), at_once=4).read([X])
    assert [live.id for live in found.entries] == ids(500)


@AT_ONCE
def test_under_a_filter_the_total_is_not_believed(at_once: int) -> None:
    script = Script(lambda _: {"total": 900, "updates": []})
    assert provider(script, at_once=at_once).read([X, FB], START).requests == 2
    assert provider(script, at_once=at_once).sent({X.id: START}) == ()
    assert len(script.seen) == 3


@AT_ONCE
@pytest.mark.parametrize("total", [0, None])
def test_a_service_that_gives_less_than_it_is_asked_for_is_read_to_the_end(
    total: int | None, at_once: int
) -> None:
    assert read(Queue(ids(60), clamp=20), at_once) == ids(60)
    assert read(Queue(ids(260), total=None), at_once) == ids(260)


@AT_ONCE
def test_an_entry_that_goes_out_between_two_pages_makes_no_other_one_vanish(at_once: int) -> None:
    queue = Queue(ids(150))
    queue.changes[2] = lambda waiting: waiting.pop(0)
    assert read(queue, at_once) == ids(150)[1:]


@AT_ONCE
def test_an_entry_that_joins_between_two_pages_makes_no_other_one_double(at_once: int) -> None:
    queue = Queue(ids(150))
    queue.changes[2] = lambda waiting: waiting.insert(0, "new")
    assert read(queue, at_once) == ["new", *ids(150)]


@AT_ONCE
def test_a_queue_that_never_rests_is_not_half_believed(at_once: int) -> None:
    queue = Queue(ids(300))
    queue.changes = {number: lambda waiting: waiting.pop(0) for number in range(1, 100)}
    with pytest.raises(Unreachable, match="changes while it is read"):
        read(queue, at_once)


@AT_ONCE
def test_a_total_that_counts_something_else_is_believed_less_than_the_same_list_twice(
    at_once: int,
) -> None:
    assert read(Queue(ids(7), total=9), at_once) == ids(7)
    assert read(Queue(ids(100), total=350), at_once) == ids(100)


def test_a_list_without_an_end_is_given_up() -> None:
    def fetch(number: int) -> Mapping[str, object]:
        return {"total": 10**9, "updates": [update(f"{number}-{item}") for item in range(2)]}

    with pytest.raises(V1UnclearError, match="no end"):
        whole_list(fetch)


STEPS: Mapping[str, Callable[[list[str]], object]] = {
    "pop first": lambda waiting: waiting and waiting.pop(0),
    "pop any": lambda waiting: waiting and waiting.pop(len(waiting) // 2),
    "put first": lambda waiting: waiting.insert(0, f"new{len(waiting)}"),
    "put last": lambda waiting: waiting.append(f"new{len(waiting)}"),
}


@given(
    count=st.integers(0, 320),
    moves=st.dictionaries(
        st.integers(2, 6), st.sampled_from(("pop first", "pop any", "put first", "put last"))
    ),
)
def test_what_stays_in_a_queue_is_always_read(count: int, moves: Mapping[int, str]) -> None:
    queue = Queue(ids(count))
    queue.changes = {number: STEPS[name] for number, name in moves.items()}
    try:
        found = read(queue)
    except Unreachable:
        return
    assert len(set(found)) == len(found)
    assert set(queue.ids) & set(ids(count)) <= set(found)


@given(
    count=st.integers(101, 320),
    order=st.permutations((2, 3, 4)),
    moves=st.dictionaries(
        st.integers(2, 6), st.sampled_from(("pop first", "pop any", "put first", "put last"))
    ),
)
def test_what_stays_is_read_in_whichever_order_the_pages_are(
    count: int, order: Sequence[int], moves: Mapping[int, str]
) -> None:
    queue = Queue(ids(count))
    queue.changes = {number: STEPS[name] for number, name in moves.items()}

    def fetch(number: int) -> Json:
        page = queue(Request("GET", "/", (("count", "100"), ("page", str(number)))))
        assert isinstance(page, dict)
        return page

    ready = {1: fetch(1)}
    ready |= {number: fetch(number) for number in order if number <= -(-count // 100)}
    try:
        whole = whole_list(lambda number: ready.pop(number, None) or fetch(number))
    except V1UnclearError:
        return
    found = [str(item["id"]) for item in whole.updates]
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


@AT_ONCE
def test_a_sent_list_that_grows_loses_none_whichever_page_is_answered_first(at_once: int) -> None:
    sent, third_was_read = Queue(ids(350)), threading.Event()

    def answer(request: Request) -> Answer:
        page = dict(request.query)["page"]
        if page == "2":
            # If page 3 is asked for as well, it is answered first, and then an update goes out.
            third_was_read.wait(0.2)
            sent.ids.insert(0, "new")
        shown = sent(request)
        if page == "3":
            third_was_read.set()
        return shown

    found = provider(Script(answer), at_once=at_once).sent({X.id: None})
    assert {live.id for live in found} >= set(ids(350))


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
