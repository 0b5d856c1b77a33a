"""Calls that are made at the same time: their results, their errors, and their threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest

from plancast.net.side_by_side import in_order

AT_ONCE = (1, 2, 4)


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("plancast-read")]


@pytest.mark.parametrize("at_once", AT_ONCE)
@pytest.mark.parametrize("number", [0, 1, 3, 50])
def test_results_have_the_order_of_the_calls(at_once: int, number: int) -> None:
    calls = (partial(int, str(one)) for one in range(number))
    assert list(in_order(calls, at_once)) == list(range(number))
    assert threads() == []


def test_as_many_calls_as_allowed_are_under_way_at_a_time() -> None:
    # The barrier opens when four calls wait at it: one after the other they would never end.
    together = threading.Barrier(4)
    calls = [partial(together.wait, 30) for _ in range(8)]
    assert sorted(in_order(calls, 4)) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_results_have_their_order_even_if_the_first_call_ends_last() -> None:
    last_has_ended = threading.Event()

    def first() -> str:
        assert last_has_ended.wait(30)
        return "first"

    def last() -> str:
        last_has_ended.set()
        return "last"

    assert list(in_order([first, last], 2)) == ["first", "last"]


@pytest.mark.parametrize("at_once", AT_ONCE)
def test_the_error_is_that_of_the_first_call_that_fails(at_once: int) -> None:
    made: list[int] = []

    def call(number: int) -> int:
        made.append(number)
        if number in (3, 4):
            raise ValueError(str(number))
        return number

    results = in_order((partial(call, number) for number in range(100)), at_once)
    seen: list[int] = []
    with pytest.raises(ValueError, match="3"):
        seen.extend(results)
    assert len(made) < 3 + 2 * 4 + 1, "calls that were not begun are left out"
    assert threads() == []


def test_of_two_calls_that_fail_the_first_one_in_order_is_reported() -> None:
    second_has_failed = threading.Event()

    def first() -> None:
        assert second_has_failed.wait(30)
        raise ValueError("first")

    def second() -> None:
        second_has_failed.set()
        raise ValueError("second")

    with pytest.raises(ValueError, match="first"):
        list(in_order([first, second], 2))


@pytest.mark.parametrize("at_once", AT_ONCE)
def test_a_reading_that_is_ended_early_makes_no_further_calls(at_once: int) -> None:
    made: list[int] = []
    calls: list[Callable[[], None]] = [partial(made.append, number) for number in range(100)]
    with closing(in_order(calls, at_once)) as results:
        next(results)
    assert len(made) <= 2 * at_once
    assert threads() == []


def test_one_at_a_time_needs_no_thread() -> None:
    used = list(in_order([threading.get_ident, threading.get_ident], 1))
    assert used == [threading.get_ident()] * 2
