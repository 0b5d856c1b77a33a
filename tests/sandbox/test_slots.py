"""Posting slots lie on the wall clock of the profile."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.sandbox import Schedule
from plancast.sandbox.posting_times import DAYS, is_valid, upcoming
from tests.sandbox.sandbox_client import seconds, stamp

DAILY = (Schedule(DAYS, ("09:00", "17:30")),)


def slots(schedules: tuple[Schedule, ...], zone: str, after: str, count: int) -> list[str]:
    return [stamp(at) for at in islice(upcoming(schedules, zone, seconds(after)), count)]


def test_they_follow_the_zone_and_begin_after_now() -> None:
    found = slots(DAILY, "Europe/Berlin", "2026-11-23T08:00:00Z", 3)
    assert found == ["11-23 16:30", "11-24 08:00", "11-24 16:30"]


def test_days_merge_and_equal_times_count_once() -> None:
    schedules = (
        Schedule(("mon", "wed"), ("12:03", "12:03", "9:10")),
        Schedule(("mon",), ("12:03", "15:00")),
        Schedule(("sun",), ()),
    )
    found = slots(schedules, "UTC", "2026-11-23T00:00:00Z", 5)
    assert found == ["11-23 09:10", "11-23 12:03", "11-23 15:00", "11-25 09:10", "11-25 12:03"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        # 02:30 does not exist on 29 March: it is taken an hour later on the clock
        ("2026-03-28T12:00:00Z", ["03-29 01:30", "03-30 00:30"]),
        # 02:30 happens twice on 25 October: the first counts
        ("2026-10-24T12:00:00Z", ["10-25 00:30", "10-26 01:30"]),
    ],
)
def test_changes_of_daylight_saving(after: str, expected: list[str]) -> None:
    night = (Schedule(DAYS, ("02:30",)),)
    assert slots(night, "Europe/Berlin", after, 2) == expected


def test_two_times_that_fall_together_are_one_slot() -> None:
    night = (Schedule(DAYS, ("02:30", "03:30")),)
    found = slots(night, "Europe/Berlin", "2026-03-28T12:00:00Z", 2)
    assert found == ["03-29 01:30", "03-30 00:30"]


@pytest.mark.parametrize("schedules", [(), (Schedule(("mon",), ()),), (Schedule((), ("09:00",)),)])
def test_without_times_there_are_none(schedules: tuple[Schedule, ...]) -> None:
    assert list(upcoming(schedules, "UTC", 0)) == []


def test_taken_ones_are_left_out() -> None:
    after = seconds("2026-11-23T00:00:00Z")
    first, second, third = islice(upcoming(DAILY, "UTC", after), 3)
    assert list(islice(upcoming(DAILY, "UTC", after, {first, third}), 1)) == [second]


@pytest.mark.parametrize(
    ("schedule", "valid"),
    [
        (Schedule(("mon", "sun"), ("00:00", "23:59", "9:05")), True),
        (Schedule((), ()), True),
        (Schedule(("monday",), ("09:00",)), False),
        (Schedule(("mon",), ("24:00",)), False),
        (Schedule(("mon",), ("09:60",)), False),
        (Schedule(("mon",), ("9",)), False),
    ],
)
def test_validity(schedule: Schedule, valid: bool) -> None:
    assert is_valid(schedule) is valid


_TIMES = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
_SCHEDULES = st.builds(
    Schedule,
    st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple),
    st.lists(_TIMES, min_size=1, max_size=4).map(tuple),
)


@given(
    schedules=st.lists(_SCHEDULES, min_size=1, max_size=3).map(tuple),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
    after=st.integers(0, 2_000_000_000),
)
def test_they_ascend_after_now_at_full_minutes(
    schedules: tuple[Schedule, ...], zone: str, after: int
) -> None:
    found = [after, *islice(upcoming(schedules, zone, after), 20)]
    assert all(a < b for a, b in pairwise(found))
    assert all(at % 60 == 0 for at in found[1:])
