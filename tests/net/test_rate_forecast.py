"""The server's word on its windows: what may be concluded from it, and what not."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.model.plan import RateWindow
from plancast.net.rate_forecast import LOOK_AGAIN
from plancast.net.rate_limiter import LimiterWindow, MemoryLog, PacedTransport, RateReport, Stamp
from plancast.net.transport import Request, Response
from plancast.testing.fakes import FakeClock
from tests.net.log_folder import MemoryFolder, key_log
from tests.net.pace import V1, limiter
from tests.net.reporting_server import Kind, LimitedWorkers, ReportingServer
from tests.night import THOROUGH

BUFFER = (LimiterWindow(100, 900.0), LimiterWindow(250, 86_400.0), LimiterWindow(3000, 2_592_000.0))

trips = st.lists(st.tuples(st.floats(0, 8), st.floats(0, 8)), min_size=1, max_size=6)
nested = st.lists(
    st.builds(LimiterWindow, st.integers(1, 12), st.floats(10, 300)),
    min_size=1,
    max_size=3,
    unique_by=lambda window: window.seconds,
)


@given(
    windows=nested,
    kind=st.sampled_from(Kind),
    rounding=st.sampled_from((math.floor, math.ceil, round)),
    strict=st.booleans(),
    workers=st.integers(1, 5),
    trips=trips,
    stranger=st.lists(st.floats(0, 300), max_size=30),
)
def test_after_the_first_answer_no_refusal_is_our_own_fault(
    windows: list[LimiterWindow],
    kind: Kind,
    rounding: type[int],
    strict: bool,
    workers: int,
    trips: list[tuple[float, float]],
    stranger: list[float],
) -> None:
    server = ReportingServer(windows, kind, rounding, strict)
    LimitedWorkers(server, windows, workers, 30, lambda n: trips[n % len(trips)], stranger).run()
    assert server.blamed == 0


@settings(max_examples=300 if THOROUGH else 8, deadline=None)
@given(
    windows=nested,
    kind=st.sampled_from(Kind),
    workers=st.integers(2, 4),
    trips=trips,
    idle=st.lists(st.floats(0, 20), min_size=1, max_size=4),
)
def test_answers_that_other_processes_learn_of_late_make_none_of_them_hasty(
    windows: list[LimiterWindow],
    kind: Kind,
    workers: int,
    trips: list[tuple[float, float]],
    idle: list[float],
) -> None:
    """A process writes an answer with its next request. Meanwhile its slot is open for others."""
    server, folder = ReportingServer(windows, kind), MemoryFolder()
    stores = [key_log(folder, "key") for _ in range(2)]
    run = LimitedWorkers(
        server,
        windows,
        workers,
        14,
        lambda n: trips[n % len(trips)],
        stores=stores,
        idle=lambda n: idle[n % len(idle)],
    )
    run.run()
    assert server.refused == 0


@pytest.mark.parametrize(
    ("noted_late", "younger", "before", "after"),
    [
        (99, 98, 97, 98),  # arrived first, so the younger report has counted it
        (98, 99, 98, 98),  # arrived second
        (90, 40, 39, 40),  # arrived first, and then others sent fifty
    ],
)
def test_a_report_that_is_noted_late_replaces_no_younger_one_but_says_what_that_has_counted(
    noted_late: int, younger: int, before: int, after: int
) -> None:
    """Two requests of two processes at once; the answer to the first is noted after the second."""
    clock, folder = FakeClock(), MemoryFolder()
    windows = (LimiterWindow(100, 900.0),)
    one, other = (limiter(clock, windows, key_log(folder, "key")) for _ in range(2))
    slots = one.acquire(), other.acquire()
    clock.advance(1)
    one.release(slots[0], [report(100, noted_late, 800.0, 900.0)])
    clock.advance(1)
    other.release(slots[1], [report(100, younger, 800.0, 900.0)])
    assert other.remaining()[0].remaining == before
    one.close()
    assert other.remaining()[0].remaining == after


def test_the_time_of_a_report_runs_from_its_answer_on() -> None:
    clock, folder = FakeClock(), MemoryFolder()
    one, other = (limiter(clock, V1, key_log(folder, "key")) for _ in range(2))
    one.release(one.acquire(), [report(60, 0, 30.0)])
    clock.advance(20)
    one.close()
    assert other.until(1) == pytest.approx(11.0)


@given(
    windows=nested,
    ours=nested,
    kind=st.sampled_from(Kind),
    workers=st.integers(1, 5),
    trips=trips,
)
def test_what_we_believed_of_the_windows_is_corrected_by_the_first_answer(
    windows: list[LimiterWindow],
    ours: list[LimiterWindow],
    kind: Kind,
    workers: int,
    trips: list[tuple[float, float]],
) -> None:
    server = ReportingServer(windows, kind)
    run = LimitedWorkers(server, ours, workers, 30, lambda n: trips[n % len(trips)])
    run.run()
    first = workers  # whose requests were all under way before the first answer
    assert server.blamed <= max(0, first - 1)


@given(
    windows=nested,
    kind=st.sampled_from(Kind),
    workers=st.integers(1, 5),
    trips=trips,
    silent=st.integers(1, 4),
)
def test_answers_that_tell_nothing_make_nobody_hasty(
    windows: list[LimiterWindow],
    kind: Kind,
    workers: int,
    trips: list[tuple[float, float]],
    silent: int,
) -> None:
    server = ReportingServer(windows, kind)
    run = LimitedWorkers(
        server, windows, workers, 30, lambda n: trips[n % len(trips)], silent=silent
    )
    run.run()
    assert server.refused == 0


# -- what is wasted ----


@pytest.mark.parametrize("kind", [Kind.ROLLING, Kind.ALIGNED, Kind.FIRST])
@pytest.mark.parametrize("workers", [1, 3])
def test_hardly_anything_is_wasted(kind: Kind, workers: int) -> None:
    windows = (LimiterWindow(100, 900.0), LimiterWindow(250, 86_400.0))
    server = ReportingServer(windows, kind)
    times = LimitedWorkers(server, windows, workers, 600).run()
    assert server.refused == 0
    # Two days have to pass, and one 15 minutes after them: the last 100 are those of the third.
    offset = 1000.0 if kind is Kind.ALIGNED else 0.0  # the start of the clock, in a day of its own
    assert times[249] <= 1800 + 40
    assert times[599] <= (2 * 86_400 - offset) * 1.005


@pytest.mark.parametrize("first", [0, 1, 2])
def test_answers_that_other_processes_learn_of_late_waste_nothing(first: int) -> None:
    windows = (LimiterWindow(30, 900.0),)
    server, folder = ReportingServer(windows, Kind.ROLLING), MemoryFolder()
    stores = [key_log(folder, "key") for _ in range(2)]
    trips, idle = (0.2, 3.1, 0.9, 1.7, 2.4), (2.9, 0.1, 1.3)
    run = LimitedWorkers(
        server,
        windows,
        4,
        31,
        lambda n: (trips[(n + first) % 5], trips[n % 5]),
        stores=stores,
        idle=lambda n: idle[(n + first) % 3],
    )
    times = run.run()
    assert server.refused == 0
    assert times[29] < 60, "all 30 of the first window are used"
    assert 900 < times[30] < 930


def test_what_a_stranger_left_is_used_at_once_and_no_more() -> None:
    windows = (LimiterWindow(100, 900.0),)
    server = ReportingServer(windows, Kind.FIRST)
    stranger = [0.0] * 60
    times = LimitedWorkers(server, windows, 3, 41, stranger=stranger).run()
    assert server.refused == 0
    assert times[39] < 5
    assert 900 < times[40] < 905


# -- the rules one by one ----


def report(limit: int, remaining: int, resets_in: float, seconds: float = 60.0) -> RateReport:
    return RateReport(seconds, limit, remaining, resets_in)


def test_a_window_that_answers_do_not_name_is_counted_by_ourselves() -> None:
    one = limiter(FakeClock(), BUFFER)
    reports = [report(100, 98, 146.0, 900.0), report(500, 77, 47_729.0, 86_400.0)]
    one.release(one.acquire(), reports)
    assert list(one.remaining()) == [
        RateWindow(100, 900, 98),
        RateWindow(500, 86_400, 77),
        RateWindow(3000, 2_592_000, 2999),
    ]


def test_what_the_server_left_replaces_our_own_count_until_its_time_is_over() -> None:
    clock = FakeClock()
    one = limiter(clock)
    one.release(one.acquire(), [report(60, 3, 10.0)])
    assert one.remaining() == (RateWindow(60, 60, 3),)
    for _ in range(3):
        one.release(one.acquire())
    assert clock.slept == []
    assert one.until(1) == 11.0
    one.release(one.acquire())
    assert clock.slept == [11.0], "a second more, for servers that round down"
    assert one.remaining()[0].remaining == 60 - 5, "our own count again"


def test_the_server_is_right_where_we_counted_more_than_it_did() -> None:
    clock = FakeClock()
    one = limiter(clock)
    for _ in range(60):
        one.release(one.acquire())
    one.correct([report(60, 60, 50.0)])
    assert one.remaining()[0].remaining == 0, "any of them may have come after what it counted"
    clock.advance(60)
    one.correct([report(60, 60, 50.0)])
    assert one.remaining()[0].remaining == 60


def test_what_is_under_way_may_not_have_been_counted_yet() -> None:
    clock = FakeClock()
    one = limiter(clock)
    earlier, during, answered = one.acquire(), one.acquire(), one.acquire()
    one.release(during)  # while the third was under way, perhaps before it arrived
    one.acquire()
    one.release(answered, [report(60, 10, 30.0)])
    assert one.remaining()[0].remaining == 10 - 3
    one.cancel(earlier)
    assert one.remaining()[0].remaining == 10 - 2


def test_an_answer_that_was_late_is_not_believed_about_what_overtook_it() -> None:
    clock = FakeClock()
    one = limiter(clock)
    slow = one.acquire()
    for left in (59, 58, 57):
        one.release(one.acquire(), [report(60, left, 30.0)])
    one.release(slow, [report(60, 59, 30.0)])
    assert one.remaining()[0].remaining == 56


def test_a_slot_whose_owner_died_is_taken_off_no_longer_than_it_can_be_under_way() -> None:
    clock = FakeClock()
    one = limiter(clock, timeout=30.0)
    one.acquire()
    one.release(one.acquire(), [report(60, 10, 30.0)])
    assert one.remaining()[0].remaining == 9
    clock.advance(31)
    one.release(one.acquire(), [report(60, 10, 30.0)])
    assert one.remaining()[0].remaining == 10


class Helped(FakeClock):
    """Something happens at the end of its third sleep."""

    def __init__(self, help_out: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.help_out = help_out

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if len(self.slept) == 3:
            self.help_out()


def test_after_a_word_has_run_out_one_request_goes_alone_and_brings_the_next() -> None:
    clock, notes = Helped(), list[tuple[float, str]]()
    one = limiter(clock, notes=notes)
    one.release(one.acquire(), [report(60, 30, 10.0)])
    clock.advance(11)
    alone = one.acquire()
    clock.help_out = lambda: one.release(alone, [report(60, 20, 10.0)])
    one.acquire()
    assert clock.slept == [LOOK_AGAIN] * 3
    assert notes == [], "waiting for an answer is not waiting for the limit"
    one.acquire()
    assert len(clock.slept) == 3


def test_a_limit_that_was_told_replaces_ours_and_a_window_we_did_not_know_is_added() -> None:
    clock = FakeClock()
    one = limiter(clock, (LimiterWindow(100, 900.0), LimiterWindow(250, 86_400.0)))
    words = [report(500, 400, 0.0, 86_400.0), report(9, 5, 60.0, 3600.0)]
    one.release(one.acquire(), words)
    clock.advance(2)
    assert one.remaining() == (
        RateWindow(100, 900, 99),
        RateWindow(500, 86_400, 499),
        RateWindow(9, 3600, 5),
    )
    for _ in range(5):
        one.release(one.acquire())
    assert one.until(1) == 59.0


def test_a_chosen_limit_is_not_raised_by_the_server_and_may_be_lowered() -> None:
    clock = FakeClock()
    one = limiter(clock, (LimiterWindow(10, 60.0, chosen=True),))
    one.release(one.acquire(), [report(100, 90, 30.0)])
    assert one.remaining() == (RateWindow(10, 60, 9),)
    one.release(one.acquire(), [report(5, 2, 30.0)])
    assert one.remaining() == (RateWindow(5, 60, 2),)


def test_an_invented_flood_of_windows_is_not_kept() -> None:
    clock, store = FakeClock(), MemoryLog()
    one = limiter(clock, store=store)
    for n in range(40):
        clock.advance(1)
        one.release(one.acquire(), [report(60, 50, 10.0, 100.0 + n)])
    log = store.change(
        lambda log: log, lambda: Stamp(clock.wall(), clock.monotonic()), lambda log: log
    )
    assert [word.seconds for word in log.words] == [132.0 + n for n in range(8)]


def test_until_is_what_it_then_takes_with_words() -> None:
    clock = FakeClock()
    one = limiter(clock, (LimiterWindow(7, 30.0), LimiterWindow(15, 80.0)))
    one.release(one.acquire(), [report(7, 2, 12.0, 30.0), report(15, 4, 50.0, 80.0)])
    estimate, before = one.until(12), clock.monotonic()
    for _ in range(12):
        one.release(one.acquire())
    assert clock.monotonic() - before == pytest.approx(estimate, abs=0.01)
    assert estimate > 51


# -- the transport listens ----


class Answers:
    """Gives them one after the other."""

    def __init__(self, *answers: Response) -> None:
        self.left = list(answers)

    def send(self, request: Request) -> Response:
        return self.left.pop(0)


def test_the_paced_transport_hears_what_every_answer_tells() -> None:
    clock = FakeClock()
    one = limiter(clock, (LimiterWindow(100, 900.0),))
    header = ("ratelimit", '"100-in-15min"; r=1; t=600')
    paced = PacedTransport(Answers(*[Response(500, (header,))] * 3), one, clock.wall)
    for _ in range(2):
        assert paced.send(Request("POST", "/graphql", json="{}", idempotent=True)).status == 500
    assert clock.slept == []
    assert one.remaining()[0].remaining == 1


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ((("retry-after", "30"), ("ratelimit", '"100-in-15min"; r=0; t=600')), 601.0),
        ((("retry-after", "700"), ("ratelimit", '"100-in-15min"; r=0; t=600')), 700.0),
        ((("ratelimit", '"100-in-15min"; r=5; t=60, "9-in-1day"; r=0; t=700'),), 701.0),
        ((), 1012.5),
    ],
)
def test_a_429_is_waited_for_as_long_as_any_of_its_headers_says(
    headers: tuple[tuple[str, str], ...], slept: float
) -> None:
    clock = FakeClock()
    one = limiter(clock, (LimiterWindow(100, 900.0),))
    paced = PacedTransport(Answers(Response(429, headers), Response(200)), one, clock.wall)
    request = Request("POST", "/graphql", json="{}", idempotent=True)
    assert paced.send(request).status == 429
    assert paced.send(request).status == 200
    assert sum(clock.slept) == pytest.approx(slept)


def test_a_429_halves_no_window_of_more_than_an_hour() -> None:
    clock = FakeClock()
    one = limiter(clock, (LimiterWindow(100, 900.0), LimiterWindow(250, 86_400.0)))
    one.penalise(5.0)
    clock.advance(6)
    assert [window.remaining for window in one.remaining()] == [50, 250]
