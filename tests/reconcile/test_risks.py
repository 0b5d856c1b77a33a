"""An API that ends is announced while there is time."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from plancast.model.diagnostics import Severity
from plancast.model.ports import Capabilities, Retirement
from plancast.providers.factories import V1_RETIRES
from plancast.reconcile.risks import days_left, retirement
from plancast.testing.builders import NOW, moment
from plancast.testing.fakes import FakeClock, FakeProvider

LEFT = {
    "weeks": ("2026-11-24 12:00", "69 days are left"),
    "two days": ("2027-01-30 23:59", "2 days are left"),
    "the last day": ("2027-01-31 00:00", "1 day is left"),
    "the day itself": ("2027-02-01 00:00", "since then it answers no more"),
    "later": ("2027-08-01 00:00", "since then it answers no more"),
}


@pytest.mark.parametrize("case", LEFT)
def test_days_are_counted_as_on_a_calendar(case: str) -> None:
    now, words = LEFT[case]
    assert days_left(V1_RETIRES.day, moment(now)) == words


def which(retires: Retirement | None) -> FakeProvider:
    return FakeProvider(FakeClock(), capabilities=Capabilities(retires=retires))


def test_the_summary_names_the_day_and_the_hint_the_way_out() -> None:
    (problem,) = retirement(which(V1_RETIRES), NOW)
    assert (problem.code, problem.severity) == ("PC810", Severity.WARNING)
    assert problem.summary == "Buffer retires API v1 on 2027-02-01"
    assert date(2027, 2, 1) == V1_RETIRES.day
    assert "plancast migrate --to buffer-graphql" in problem.hint


def test_what_does_not_end_is_not_told_of() -> None:
    now: datetime = NOW
    assert retirement(which(None), now) == ()
