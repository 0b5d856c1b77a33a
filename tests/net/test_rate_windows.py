"""A long log in few slots, which free nothing early."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.net.rate_forecast import delay
from plancast.net.rate_windows import (
    FINE,
    GRAINS,
    LimiterWindow,
    Log,
    MemoryLog,
    Slot,
    Stamp,
    Word,
    agreed,
    thinned,
    tidied,
)
from plancast.testing.fakes import FakeClock
from tests.net.pace import limiter

DAY = 86_400.0
BUFFER = (LimiterWindow(100, 900.0), LimiterWindow(500, DAY), LimiterWindow(15_000, 30 * DAY))

windows_of_all_lengths = st.lists(
    st.builds(LimiterWindow, st.integers(1, 30), st.floats(10, 40 * DAY)), min_size=1, max_size=3
)


def total(slots: tuple[Slot, ...]) -> int:
    return sum(slot.count for slot in slots)


@given(
    windows=windows_of_all_lengths,
    ages=st.lists(st.floats(-60, 40 * DAY), max_size=60),
    passes=st.lists(st.floats(0, 20 * DAY), max_size=4),
)
def test_a_group_frees_nothing_early_and_nothing_very_late(
    windows: list[LimiterWindow], ages: list[float], passes: list[float]
) -> None:
    alone = Log(tuple(Slot(str(n), age, open=age < 0) for n, age in enumerate(ages)))
    grouped = tidied(alone, windows)
    for seconds in [0.0, *passes]:
        alone = alone.older(seconds)
        grouped = tidied(grouped.older(seconds), windows)
        for window in windows:
            exact, found = delay(alone, [window]), delay(grouped, [window])
            late = window.seconds / GRAINS if any(s.count > 1 for s in grouped.slots) else 0.0
            assert exact - 1e-3 <= found <= exact + late + 1e-3


def test_what_is_young_stands_alone() -> None:
    slots = tuple(Slot(str(n), n * FINE / 100) for n in range(100))
    assert thinned(slots, BUFFER) == slots
    assert thinned(slots, [LimiterWindow(60, 60.0)]) == slots


def test_fifteen_thousand_requests_of_a_month_are_some_hundred_slots() -> None:
    log, most = Log(), 0
    every = 30 * DAY / 15_000
    for n in range(300):
        new = tuple(Slot(f"{n}.{k}", (49 - k) * every) for k in range(50))
        log = log.older(50 * every)
        log = tidied(Log((*log.slots, *new)), BUFFER)
        most = max(most, len(log.slots))
    assert most < 400
    assert total(log.slots) == 15_000


def test_a_burst_becomes_one_slot_once_only_long_windows_count_it() -> None:
    log = tidied(Log(tuple(Slot(str(n), FINE + n / 10) for n in range(100))), BUFFER)
    assert [(slot.count, slot.age) for slot in log.slots] == [(100, FINE)]
    assert log.slots[0].span == pytest.approx(9.9)


def test_the_budget_of_a_limiter_counts_what_groups_hold() -> None:
    clock = FakeClock()
    one = limiter(clock, BUFFER)
    for _ in range(100):
        one.release(one.acquire())
    clock.advance(2 * FINE)
    one.release(one.acquire())
    assert [window.remaining for window in one.remaining()] == [99, 399, 14_899]
    clock.advance(DAY + 1)
    assert [window.remaining for window in one.remaining()] == [100, 500, 14_899]


# -- what holds beside the server's word ----


def test_a_word_replaces_a_limit_and_adds_a_window_but_a_chosen_one_holds_beside_it() -> None:
    minute, hour, day = Word(9, 60.0, 3, 5.0), Word(90, 3600.0, 30, 5.0), Word(99, DAY, 1, 1.0)
    chosen = LimiterWindow(20, 3600.0, chosen=True)
    found = agreed([LimiterWindow(5, 60.0), chosen, LimiterWindow(7, 10.0)], [minute, hour, day])
    assert found == (
        (chosen, None),
        (LimiterWindow(7, 10.0), None),
        (LimiterWindow(9, 60.0), minute),
        (LimiterWindow(90, 3600.0), hour),
        (LimiterWindow(99, DAY), day),
    )


def test_a_limit_that_was_told_is_forgotten_after_a_month() -> None:
    store, clock = MemoryLog(), FakeClock()
    log = Log(words=(Word(9, 60.0, 3, 5.0),))
    store.change(lambda _: log, lambda: Stamp(clock.wall(), clock.monotonic()), lambda log: log)
    one = limiter(clock, store=store)
    clock.advance(30 * DAY)
    assert one.remaining()[0].limit == 9
    clock.advance(2 * DAY)
    assert one.remaining()[0].limit == 60


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (LimiterWindow(1, 1.5), "1 request in 1.5 s"),
        (LimiterWindow(60, 60.0), "60 requests in 60 s"),
        (LimiterWindow(100, 900.0), "100 requests in 15 min"),
        (LimiterWindow(250, DAY), "250 requests in 24 h"),
        (LimiterWindow(3000, 30 * DAY), "3,000 requests in 30 days"),
    ],
)
def test_a_window_in_words(window: LimiterWindow, words: str) -> None:
    assert str(window) == words


def test_no_window_holds_a_slot_for_ever() -> None:
    log = Log((Slot("a", -60.0, open=True), Slot("b", 1.0)))
    assert tidied(log.older(math.nextafter(31 * DAY, math.inf)), BUFFER).slots == ()
