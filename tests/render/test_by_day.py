"""The order of a plan: day by day by the clocks of the entries, or by address."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Stage
from plancast.model.plan import Action
from plancast.reconcile.compare import field_diffs
from plancast.render.by_day import QUEUED, UNDATED, by_day
from plancast.render.terminal.plan import render
from plancast.testing.builders import NOW, change, entry, plan
from tests.render.rendering import options, rendered


def test_entries_without_a_time_come_last() -> None:
    found = by_day(
        [
            change(Action.CREATE, "a@x", after=entry(at=None)),
            change(Action.CREATE, "b@x", after=entry(at=None, stage=Stage.DRAFT)),
            change(Action.CREATE, "c@x", after=entry(at="2026-12-02 09:00")),
            change(Action.CREATE, "d@x", after=entry(at="2026-12-01 09:00")),
        ],
        NOW,
    )
    assert [day.heading for day in found] == [
        "Tue 1 Dec 2026 · in 8 days",
        "Wed 2 Dec 2026 · in 9 days",
        UNDATED,
        QUEUED,
    ]


def test_the_day_is_that_of_the_zone_of_the_entry() -> None:
    late = entry(at=datetime(2026, 12, 1, 23, 30, tzinfo=UTC))
    found = by_day(
        [
            change(Action.CREATE, "a@x", after=late, zone="Asia/Tokyo"),
            change(Action.CREATE, "b@x", after=late, zone="America/New_York"),
        ],
        NOW,
    )
    assert [(str(day.day), str(day.changes[0].address)) for day in found] == [
        ("2026-12-01", "b@x"),
        ("2026-12-02", "a@x"),
    ]


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_the_last_day_that_there_are_have_a_heading(
    moment: datetime, zone: str
) -> None:
    due = moment.replace(tzinfo=UTC)
    [day, rest] = by_day(
        [change(after=entry(at=due), zone=zone), change(after=entry(at=None))], NOW
    )
    assert day.day is not None
    assert f" {day.day.year} · " in day.heading
    assert (rest.day, rest.heading) == (None, QUEUED)


@pytest.mark.parametrize(
    ("days", "words"),
    [(-2, "2 days ago"), (-1, "yesterday"), (0, "today"), (1, "tomorrow"), (2, "in 2 days")],
)
def test_a_heading_says_how_far_away_its_day_is(days: int, words: str) -> None:
    due = (NOW + timedelta(days=days)).replace(hour=12)
    [day] = by_day([change(after=entry(at=due))], NOW)
    assert day.heading.endswith(f"2026 · {words}")


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["UTC", "Pacific/Apia"]))))
def test_each_change_is_on_one_day_in_the_order_of_time(hours: list[tuple[int, str]]) -> None:
    changes = [
        change(
            Action.CREATE, f"p{number}@x", after=entry(at=NOW + timedelta(hours=hour)), zone=zone
        )
        for number, (hour, zone) in enumerate(hours)
    ]
    found = by_day(changes, NOW)
    assert sorted(one.address.post for day in found for one in day.changes) == sorted(
        one.address.post for one in changes
    )
    for day in found:
        times = [one.due_at for one in day.changes if one.due_at]
        assert times == sorted(times)
    assert [day.day for day in found] == sorted({day.day for day in found if day.day})


MIXED = plan(
    change(Action.CREATE, "a@x", after=entry("Later.", at="2026-12-02 09:00")),
    change(Action.CREATE, "b@x", after=entry("Sooner.", at="2026-12-01 09:00")),
)


def test_a_plan_is_shown_by_time_or_by_address() -> None:
    by_time = rendered(MIXED)
    assert by_time.index("Sooner.") < by_time.index("Later.")
    assert "── Tue 1 Dec 2026 · in 8 days ──" in by_time
    by_address = render(MIXED, replace(options(), sort="address"))
    assert by_address.index("Later.") < by_address.index("Sooner.")
    assert "── " not in by_address
    assert "Tue 1 Dec 2026 10:00 CET · in 8 days" in by_address


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_a_heading_fits(width: int) -> None:
    lines = rendered(MIXED, width=width).split("\n")
    assert max(len(line) for line in lines if line.startswith("──")) <= min(width, 80)


@pytest.mark.parametrize(("width", "lines"), [(60, 2), (80, 2), (120, 1), (200, 1)])
def test_a_time_that_moves_breaks_at_the_arrow_alone(width: int, lines: int) -> None:
    before, after = entry(at="2026-12-01 09:30"), entry(at="2026-12-01 11:00")
    found = rendered(
        plan(change(Action.UPDATE, before=before, after=after, fields=field_diffs(before, after))),
        width=width,
    )
    shown = re.findall(r".*CET.*", found)
    assert len(shown) == lines
    assert shown[-1].endswith("→ Tue 1 Dec 2026 12:00 CET, 1 hour 30 min later")
