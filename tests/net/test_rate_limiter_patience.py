"""A budget that is used up for long is said, and not waited for."""

from __future__ import annotations

import pytest

from plancast.net.rate_limiter import (
    Limiter,
    LimiterWindow,
    MemoryLog,
    PacedTransport,
    RateReport,
    Spent,
)
from plancast.net.transport import NotSent, Request, Response
from plancast.testing.fakes import FakeClock

DAY = 86_400.0
WINDOWS = (LimiterWindow(3, 60.0), LimiterWindow(5, DAY))
READ = Request("POST", "/graphql", json="{}", idempotent=True)


def patient(
    clock: FakeClock, patience: float, windows: tuple[LimiterWindow, ...] = WINDOWS
) -> Limiter:
    return Limiter(windows, MemoryLog(), clock, clock.wall, patience=patience, chance=lambda: 0.0)


def use(one: Limiter, requests: int) -> None:
    for _ in range(requests):
        one.release(one.acquire())


def test_a_short_wait_is_waited_for_and_a_long_one_is_not() -> None:
    clock = FakeClock()
    one = patient(clock, 90.0)
    use(one, 5)
    assert clock.slept == [60.25]
    with pytest.raises(Spent, match=r"^the budget of 5 requests in 24 h is used up$") as caught:
        one.acquire()
    assert isinstance(caught.value, NotSent)
    assert caught.value.seconds == pytest.approx(DAY + 0.25 - 60.25)
    assert caught.value.window == LimiterWindow(5, DAY)
    assert clock.slept == [60.25]


def test_what_was_refused_for_want_of_patience_holds_no_slot() -> None:
    clock = FakeClock()
    one = patient(clock, 90.0)
    use(one, 5)
    for _ in range(3):
        with pytest.raises(Spent):
            one.acquire()
    clock.advance(DAY + 1)
    assert [window.remaining for window in one.remaining()] == [3, 5]


def test_without_patience_nothing_is_waited_for() -> None:
    clock = FakeClock()
    one = patient(clock, 0.0)
    use(one, 3)
    with pytest.raises(Spent, match="3 requests in 60 s"):
        one.acquire()
    assert clock.slept == []


def test_without_a_limit_to_it_patience_has_none() -> None:
    clock = FakeClock()
    one = Limiter(WINDOWS, MemoryLog(), clock, clock.wall)
    use(one, 6)
    assert sum(clock.slept) > DAY


def test_an_answer_that_is_on_its_way_is_waited_for() -> None:
    class Helped(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            one.release(alone, [RateReport(60.0, 3, 1, 0.0)])

    clock = Helped()
    one = patient(clock, 0.0)
    one.release(one.acquire(), [RateReport(60.0, 3, 2, 0.0)])
    clock.advance(2)
    alone = one.acquire()
    one.acquire()
    assert len(clock.slept) == 1


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ((("retry-after", "30000"),), "the service asks for a longer pause", 30_000.0),
        (
            (
                ("retry-after", "30000"),
                ("ratelimit", '"3-in-1min"; r=2; t=9, "5-in-1day"; r=2; t=9'),
            ),
            "the service asks for a longer pause",
            30_000.0,
        ),
        (
            (("retry-after", "30000"), ("ratelimit", '"9-in-1day"; r=0; t=20000')),
            "the budget of 9 requests in 24 h is used up",
            30_000.0,
        ),
        (
            (("ratelimit", '"3-in-1min"; r=2; t=9, "5-in-1day"; r=0; t=20000'),),
            "the budget of 5 requests in 24 h is used up",
            20_001.0,
        ),
    ],
)
def test_after_a_429_about_a_long_window_nothing_more_is_sent(
    headers: tuple[tuple[str, str], ...], message: str, seconds: float
) -> None:
    clock = FakeClock()

    class Server:
        asked = 0

        def send(self, request: Request) -> Response:
            self.asked += 1
            return Response(429, headers)

    server = Server()
    paced = PacedTransport(server, patient(clock, 900.0), clock.wall)
    assert paced.send(READ).status == 429
    for _ in range(2):
        with pytest.raises(Spent, match=message) as caught:
            paced.send(READ)
        assert caught.value.seconds == seconds
    assert server.asked == 1
    assert clock.slept == []


def test_a_pause_for_one_window_says_nothing_of_the_others() -> None:
    clock = FakeClock()
    one = patient(clock, 900.0)
    one.release(one.acquire(), [RateReport(60.0, 3, 2, 9.0), RateReport(DAY, 5, 0, 20_000.0)])
    one.penalise(20_000.0)
    assert [window.remaining for window in one.remaining()] == [2, 0]


def test_until_tells_when_so_many_requests_could_be_sent() -> None:
    clock = FakeClock()
    one = patient(clock, 0.0)
    assert [one.until(requests) for requests in (0, 3, 4, 5)] == [0.0, 0.0, 60.25, 60.25]
    assert one.until(6) == DAY + 0.25
    use(one, 1)
    clock.advance(10)
    assert one.until(3) == 50.25
