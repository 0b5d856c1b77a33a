"""Two logs of one account become one, which forgets no request and allows none too many."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.net.rate_forecast import delay
from plancast.net.rate_limiter import Limiter, LimiterWindow, MemoryLog
from plancast.net.rate_merge import joined, merged
from plancast.net.rate_windows import Log, Slot, Stamp, Word, tidied
from plancast.testing.fakes import FakeClock
from tests.net.pace import limiter
from tests.net.reporting_server import Kind, ReportingServer

DAY = 86_400.0
WINDOWS = (LimiterWindow(12, 900.0), LimiterWindow(20, DAY))

ages = st.lists(st.floats(-60, 1.2 * DAY), max_size=24)


def log_of(name: str, ages: Sequence[float]) -> Log:
    return Log(tuple(Slot(f"{name}{n}", age, open=age < 0) for n, age in enumerate(ages)))


@given(one=ages, other=ages, both=ages, later=st.lists(st.floats(0, DAY / 2), max_size=3))
def test_a_merge_keeps_the_time_of_each_request_of_both(
    one: list[float], other: list[float], both: list[float], later: list[float]
) -> None:
    shared = log_of("both", both).slots
    logs = [Log((*shared, *log_of(name, own).slots)) for name, own in (("a", one), ("b", other))]
    found = merged(*logs)
    assert sorted((s.id, s.age) for s in found.slots) == sorted(
        {(s.id, s.age) for log in logs for s in log.slots}
    )
    model = Log((*shared, *log_of("a", one).slots, *log_of("b", other).slots))
    grouped = tidied(found, WINDOWS)
    for seconds in (0.0, *later):
        model, grouped = model.older(seconds), tidied(grouped.older(seconds), WINDOWS)
        for window in WINDOWS:
            assert delay(grouped, [window]) >= delay(model, [window]) - 1e-3, "never too early"


@given(one=ages, other=ages)
def test_a_merge_that_is_repeated_adds_nothing(one: list[float], other: list[float]) -> None:
    first, second = log_of("a", one), log_of("b", other)
    once = merged(first, second)
    assert sorted(merged(once, second).slots, key=lambda s: s.id) == sorted(
        once.slots, key=lambda s: s.id
    )


def test_of_a_request_that_both_know_the_answered_version_is_right() -> None:
    pending, answered = Slot("a", -50.0, open=True), Slot("a", 3.0)
    for logs in ((Log((pending,)), Log((answered,))), (Log((answered,)), Log((pending,)))):
        assert merged(*logs).slots == (answered,)


def test_pauses_and_groups_of_both_are_kept() -> None:
    group = Slot("", 1000.0, count=7, span=5.0)
    found = merged(Log((group,), pause=3.0, halved=9.0), Log((group,), pause=5.0, halved=6.0))
    assert (found.pause, found.halved, len(found.slots)) == (5.0, 9.0, 2)


@pytest.mark.parametrize(
    ("slot", "free"),
    [
        (Slot("b", 5.0), 29),
        (Slot("b", 50.0), 30),
        (Slot("b", -9.0, open=True), 29),
        (Slot("", 5.0, count=7), 23),
        (Slot("", 50.0, count=7), 30),
        (Slot("a", 5.0), 30),
    ],
)
def test_a_report_is_less_what_only_the_other_log_has_sent_since(slot: Slot, free: int) -> None:
    word = Word(100, 900.0, 30, 60.0, age=10.0)
    log = Log((Slot("a", 10.0),), words=(word,))
    assert merged(log, Log((slot,))).words[0].free == free
    assert merged(Log((slot,)), log).words[0].free == free


MONTH = Word(3000, 30 * DAY, 9, 60.0, age=10.0)


@pytest.mark.parametrize(
    ("used", "other"),
    [
        (Word(100, 900.0, 30, 60.0, age=2.0), Word(100, 900.0, 40, 60.0, age=10.0)),
        (Word(100, 900.0, 30, 60.0, age=10.0), Word(100, 900.0, 40, 60.0, age=2.0)),
        (Word(100, 900.0, 30, 60.0, age=2.0), Word(100, 900.0, 30, 50.0, age=10.0)),
        (Word(100, 900.0, 30, 60.0, age=10.0), Word(100, 900.0, 4, -1.0, age=2.0)),
        (Word(90, 900.0, 30, -1.0, age=2.0), Word(100, 900.0, 4, -60.0, age=10.0)),
    ],
)
def test_of_two_reports_on_a_window_that_one_in_force_is_used_which_leaves_less(
    used: Word, other: Word
) -> None:
    logs = (Log(words=(other, MONTH)), Log(words=(used,)))
    for found in (merged(*logs), merged(*reversed(logs)), joined(*logs, alone=20.0)):
        assert sorted(found.words, key=lambda word: word.seconds) == [used, MONTH]


steps = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["send", "answer"]), st.floats(0, 20)),
    max_size=40,
)


@given(steps=steps, kind=st.sampled_from(Kind))
def test_after_a_merge_no_report_leaves_more_than_the_server_does(
    steps: list[tuple[int, str, float]], kind: Kind
) -> None:
    """Two keys of one account, whose requests the server counts together."""
    clock, window = FakeClock(), LimiterWindow(30, 100_000.0)
    server = ReportingServer([window], kind, math.ceil)
    stores = [MemoryLog(), MemoryLog()]
    keys = [limiter(clock, (window,), store) for store in stores]
    pending: list[list[tuple[str, tuple[object, ...]]]] = [[], []]
    arrived = 0
    for key, step, seconds in steps:
        clock.advance(seconds)
        if step == "send" and keys[key].remaining()[0].remaining and arrived < 30:
            slot = keys[key].acquire()
            pending[key].append((slot, server.arrive(clock.monotonic())[1]))
            arrived += 1
        elif pending[key]:
            slot, words = pending[key].pop(0)
            keys[key].release(slot, words)  # type: ignore[arg-type]
    stamp = Stamp(clock.wall(), clock.monotonic())
    logs = [store.change(lambda log: log, lambda: stamp, lambda log: log) for store in stores]
    both = MemoryLog()
    both.change(lambda _: merged(*logs), lambda: stamp, lambda log: log)
    left = Limiter((window,), both, clock, clock.wall).remaining()[0].remaining
    assert left <= 30 - arrived
