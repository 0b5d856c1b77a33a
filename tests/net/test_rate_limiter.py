"""The limiter never causes a refusal, and wastes next to nothing."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.ports import Interrupted
from plancast.net.rate_limiter import (
    LONGEST_PAUSE,
    READ_TRIES,
    Limiter,
    LimiterWindow,
    Log,
    MemoryLog,
    PacedTransport,
    RepeatedReads,
    Slot,
    Stamp,
    delay,
    elapsed,
    eta,
    retry_after,
)
from plancast.net.transport import Lost, NotSent, Request, Response
from plancast.testing.fakes import FakeClock
from tests.net.log_folder import MemoryFolder, key_log
from tests.net.pace import V1, RollingServer, limiter

GET = Request("GET", "/user.json", idempotent=True)


# -- many workers on one virtual clock ----


class _Wait(Exception):  # noqa: N818
    """A worker would sleep."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class _EventClock(FakeClock):
    """Lets the simulation do the waiting."""

    def sleep(self, seconds: float) -> None:
        raise _Wait(seconds)

    def move_to(self, moment: float) -> None:
        self.advance(moment - self.monotonic())


@dataclass
class Simulation:
    """Workers that share a limiter, and a server. `trip` gives the two halves of a round trip.

    With `apart` they are processes: each has a limiter of its own, and they share the file.
    """

    windows: Sequence[LimiterWindow]
    workers: int
    requests: int
    trip: Callable[[int], tuple[float, float]]
    clock: _EventClock = field(default_factory=_EventClock)
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    count: int = 0
    answered: int = 0
    apart: bool = False

    def run(self) -> tuple[int, float]:
        """How many were refused, and how long it took."""
        self.server = RollingServer(self.windows)
        folder = MemoryFolder()
        shared = limiter(self.clock, self.windows)
        start = self.clock.monotonic()
        for _ in range(self.workers):
            alone = limiter(self.clock, self.windows, key_log(folder, "key"))
            self._at(0.0, partial(self._try, alone if self.apart else shared))
        while self.events and self.answered < self.requests:
            moment, _, event = heapq.heappop(self.events)
            self.clock.move_to(moment)
            event()
        return self.server.refused, self.clock.monotonic() - start

    def _at(self, seconds: float, event: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.events, (self.clock.monotonic() + seconds, self.count, event))

    def _try(self, gate: Limiter) -> None:
        try:
            slot = gate.acquire()
        except _Wait as wait:
            self._at(wait.seconds, partial(self._try, gate))
            return
        there, back = self.trip(self.count)

        def arrive() -> None:
            self.server.arrive(self.clock.monotonic())
            self._at(back, answer)

        def answer() -> None:
            gate.release(slot)
            self.answered += 1
            self._try(gate)

        self._at(there, arrive)


@pytest.mark.parametrize("workers", [1, 8])
def test_200_requests_take_hardly_longer_than_the_limit_forces(workers: int) -> None:
    refused, seconds = Simulation(V1, workers, 200, lambda _: (0.05, 0.05)).run()
    forced = 3 * 60.0  # request 181 may arrive 180 s after the first
    assert refused == 0
    assert forced < seconds <= forced * 1.05


@pytest.mark.parametrize(("processes", "excess"), [(1, 0.02), (2, 0.05)])
def test_1000_creates_take_hardly_longer_than_the_limit_forces(
    processes: int, excess: float
) -> None:
    made = Simulation(V1, processes, 1000, lambda _: (0.05, 0.05), apart=True)
    refused, seconds = made.run()
    forced = 16 * 60.0  # request 961 may arrive 960 s after the first
    assert refused == 0
    assert forced < seconds <= forced * (1 + excess)


@given(
    limit=st.integers(1, 12),
    seconds=st.floats(0.5, 90),
    workers=st.integers(1, 6),
    trips=st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), min_size=1, max_size=7),
)
def test_no_request_is_ever_refused(
    limit: int, seconds: float, workers: int, trips: list[tuple[float, float]]
) -> None:
    windows = (LimiterWindow(limit, seconds),)
    refused, _ = Simulation(windows, workers, 5 * limit, lambda n: trips[n % len(trips)]).run()
    assert refused == 0


def test_nested_windows_hold_all_at_once() -> None:
    windows = (LimiterWindow(5, 10.0), LimiterWindow(12, 100.0), LimiterWindow(20, 1000.0))
    refused, seconds = Simulation(windows, 2, 40, lambda _: (0.1, 0.1)).run()
    assert refused == 0
    forced = 1000 + 100 + 10.0  # the limits of 20, 12 and 5 are all met before the last request
    assert forced < seconds <= forced * 1.05


# -- the rules one by one ----


def test_a_slot_is_free_only_seconds_after_the_answer() -> None:
    clock, notes = FakeClock(), list[tuple[float, str]]()
    one = limiter(clock, (LimiterWindow(1, 10.0),), notes=notes)
    with one.slot():
        clock.advance(5)
    with one.slot():
        pass
    assert notes == [(10.1, "request limit")]
    assert clock.slept == [10.1]


def test_what_was_not_sent_costs_nothing_and_what_was_lost_counts() -> None:
    clock = FakeClock()
    one = limiter(clock)
    with pytest.raises(NotSent), one.slot():
        raise NotSent("down")
    assert one.remaining()[0].remaining == 60
    with pytest.raises(Lost), one.slot():
        raise Lost("broke")
    with pytest.raises(KeyboardInterrupt), one.slot():
        raise KeyboardInterrupt
    assert one.remaining()[0].remaining == 58


def test_a_process_that_died_keeps_its_slot_until_no_answer_can_come() -> None:
    clock, store = FakeClock(), MemoryLog()
    limiter(clock, (LimiterWindow(1, 10.0),), store, timeout=30.0).acquire()
    living = limiter(clock, (LimiterWindow(1, 10.0),), store, timeout=30.0)
    before = clock.monotonic()
    living.acquire()
    assert clock.monotonic() - before == pytest.approx(30 + 10.1, abs=0.01)


def test_an_interrupted_wait_holds_no_slot() -> None:
    class Stopped(FakeClock):
        def sleep(self, seconds: float) -> None:
            raise Interrupted

    clock = Stopped()
    one = limiter(clock, (LimiterWindow(1, 10.0),))
    one.release(one.acquire())
    with pytest.raises(Interrupted):
        one.acquire()
    clock.advance(11)
    assert one.remaining()[0].remaining == 1


@pytest.mark.parametrize("jump", [-7 * 86_400.0, -1.0, 59.0, 7 * 86_400.0])
def test_a_clock_that_is_set_changes_nothing(jump: float) -> None:
    clock = FakeClock()
    one = limiter(clock)
    for _ in range(60):
        one.release(one.acquire())
    clock.jump(jump)
    assert one.remaining()[0].remaining == 0
    clock.advance(61)
    assert one.remaining()[0].remaining == 60


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (Stamp(1005.0, 55.0), 5.0),
        (Stamp(9000.0, 55.0), 5.0),
        (Stamp(10.0, 55.0), 5.0),
        (Stamp(1090.0, 3.0), 90.0),  # started anew
        (Stamp(900.0, 3.0), 0.0),  # started anew, and the calendar went back
    ],
)
def test_time_passed_is_told_by_the_stopwatch(now: Stamp, seconds: float) -> None:
    assert elapsed(Stamp(1000.0, 50.0), now) == seconds


# -- a foreign 429 ----


def test_a_429_makes_everybody_wait_and_then_use_half_for_one_window() -> None:
    clock, store, notes = FakeClock(), MemoryLog(), list[tuple[float, str]]()
    one, other = limiter(clock, store=store), limiter(clock, store=store, notes=notes)
    one.penalise(7.0)
    assert other.remaining()[0].remaining == 0
    other.release(other.acquire())
    assert notes == [(7.0, "asked to slow down")]
    assert other.remaining()[0].remaining == 29
    clock.advance(60.5)
    assert other.remaining()[0].remaining == 60


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(None, 67.5), (0.0, 0.0), (math.nan, 67.5), (-5.0, 67.5), (1e12, LONGEST_PAUSE)],
)
def test_how_long_a_429_makes_wait(asked: float | None, waited: float) -> None:
    clock = FakeClock()
    one = limiter(clock)
    one.penalise(asked)
    one.acquire()
    assert sum(clock.slept) == waited


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((), None),
        ((("retry-after", "30"),), 30.0),
        ((("retry-after", " 1.5 "),), 1.5),
        ((("retry-after", "soon"),), None),
        ((("retry-after", "-1"),), None),
        ((("retry-after", "nan"),), None),
        ((("retry-after", "inf"),), None),
        ((("retry-after", "Mon, 23 Nov 2026 09:01:00 GMT"),), 60.0),
        (
            (
                ("retry-after", "Mon, 23 Nov 2026 09:01:00 GMT"),
                ("date", "Mon, 23 Nov 2026 09:00:50 GMT"),
            ),
            10.0,
        ),
        ((("retry-after", "Mon, 23 Nov 2020 09:01:00 GMT"),), 0.0),
    ],
)
def test_retry_after(headers: tuple[tuple[str, str], ...], seconds: float | None) -> None:
    assert retry_after(Response(429, headers), FakeClock().wall()) == seconds


def test_the_paced_transport_hands_a_429_on_and_waits_before_the_next_request() -> None:
    clock = FakeClock()
    answers = [Response(429, (("retry-after", "12"),)), Response(200)]

    class Server:
        def send(self, request: Request) -> Response:
            return answers.pop(0)

    paced = PacedTransport(Server(), limiter(clock), clock.wall)
    assert paced.send(GET).status == 429
    assert clock.slept == []
    assert paced.send(GET).status == 200
    assert clock.slept == [12.0]


# -- reads that came too early ----

CREATE = Request("POST", "/updates/create.json")
SOON = Response(429, (("retry-after", "12"),))


class Answering:
    """Gives its answers one by one, the last one for ever."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.requests = 0

    def send(self, request: Request) -> Response:
        self.requests += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize("limited", [True, False])
def test_a_read_waits_as_the_server_says_and_goes_on(*, limited: bool) -> None:
    clock = FakeClock()
    server = Answering(SOON, SOON, Response(200))
    inner = PacedTransport(server, limiter(clock), clock.wall) if limited else server
    assert RepeatedReads(inner, clock, clock.wall).send(GET).status == 200
    assert server.requests == 3
    assert sum(clock.slept) == pytest.approx(24.0 if limited else 12.0)


def test_what_changes_something_is_sent_once() -> None:
    clock = FakeClock()
    server = Answering(SOON)
    assert RepeatedReads(server, clock, clock.wall).send(CREATE).status == 429
    assert (server.requests, clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("answer", "requests"),
    [
        (SOON, READ_TRIES),
        (Response(429), READ_TRIES),
        (Response(429, (("retry-after", "121"),)), 1),
        (Response(500), 1),
        (Response(404), 1),
    ],
)
def test_a_read_is_not_repeated_for_ever(answer: Response, requests: int) -> None:
    clock = FakeClock()
    server = Answering(answer)
    assert RepeatedReads(server, clock, clock.wall).send(GET) == answer
    assert server.requests == requests


def test_a_run_that_is_to_end_does_not_wait_for_a_read() -> None:
    class Stopped(FakeClock):
        def sleep(self, seconds: float) -> None:
            raise Interrupted

    clock = Stopped()
    with pytest.raises(Interrupted):
        RepeatedReads(Answering(SOON), clock, clock.wall).send(GET)


# -- estimates ----


@pytest.mark.parametrize(
    ("requests", "latency", "seconds"),
    [(0, 0.0, 0.0), (60, 0.0, 0.0), (61, 0.0, 60.25), (200, 0.0, 180.75), (60, 0.5, 30.0)],
)
def test_eta_of_an_empty_log(requests: int, latency: float, seconds: float) -> None:
    assert eta(Log(), V1, requests, latency) == pytest.approx(seconds)


@given(
    ages=st.lists(st.floats(-60, 90), max_size=20),
    pause=st.floats(0, 100),
    requests=st.integers(0, 40),
)
def test_eta_is_what_it_then_takes(ages: list[float], pause: float, requests: int) -> None:
    windows = (LimiterWindow(7, 30.0), LimiterWindow(15, 80.0))
    slots = tuple(Slot(str(n), max(age, 0.0)) for n, age in enumerate(ages))
    log = Log(slots, pause)
    clock, store = FakeClock(), MemoryLog()
    store.change(lambda _: log, lambda: Stamp(clock.wall(), clock.monotonic()), lambda log: log)
    one = limiter(clock, windows, store)
    estimate = one.eta(requests)
    before = clock.monotonic()
    for _ in range(requests):
        one.release(one.acquire())
    if requests:
        assert clock.monotonic() - before == pytest.approx(estimate, abs=0.01)


def test_delay_looks_again_when_an_open_request_could_free_its_slot() -> None:
    log = Log((Slot("a", -60.0, open=True),))
    assert delay(log, (LimiterWindow(1, 10.0),)) == pytest.approx(70.1)
    assert delay(log, (LimiterWindow(1, 10.0),), hopeful=True) == pytest.approx(10.1)


@pytest.mark.parametrize(("limit", "seconds"), [(0, 60.0), (1, 0.0), (1, -1.0), (1, math.inf)])
def test_windows_that_are_none(limit: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="window"):
        LimiterWindow(limit, seconds)
