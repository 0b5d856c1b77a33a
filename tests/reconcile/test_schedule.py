"""From a wall clock to an instant: forms, zones, gaps and folds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import QueuePosition
from plancast.model.workspace import Schedule
from plancast.reconcile.schedule import TimeProblem, find_zone, resolve

BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "zone", "instant"),
    [
        ("2026-12-01 09:30", BERLIN, "2026-12-01 08:30"),
        ("2026-12-01T09:30", BERLIN, "2026-12-01 08:30"),
        ("  2026-12-01 09:30  ", BERLIN, "2026-12-01 08:30"),
        ("2026-12-01 09:30:15", BERLIN, "2026-12-01 08:30:15"),
        ("2026-07-01 09:30", BERLIN, "2026-07-01 07:30"),
        ("2026-12-01 09:30Z", BERLIN, "2026-12-01 09:30"),
        ("2026-12-01T09:30:00z", BERLIN, "2026-12-01 09:30"),
        ("2026-12-01 09:30+05:30", BERLIN, "2026-12-01 04:00"),
        ("2026-12-01 09:30 -0800", BERLIN, "2026-12-01 17:30"),
        ("2028-02-29 12:00", "Pacific/Apia", "2028-02-28 23:00"),
    ],
)
def test_a_time_becomes_an_instant(written: str, zone: str, instant: str) -> None:
    assert resolve(Schedule(written), zone) == utc(instant)


@pytest.mark.parametrize(
    "written",
    [
        "", "tomorrow", "2026-12-01", "09:30", "2026-12-01 9:30", "2026-12-01 09:30 pm",
        "2026-02-29 09:30", "2026-12-01 24:00", "2026-12-01 09:61", "1999-12-31 09:30",
        "2101-01-01 09:30", "0000-01-01 00:00", "2026-12-01 09:30+99:99",
        "2026-12-01 09:30+24:00", "2026-12-01 09:30:00.5", "2026-12-01\n09:30",
    ],
)  # fmt: skip
def test_what_is_no_time_is_a_problem_and_no_crash(written: str) -> None:
    trouble = resolve(Schedule(written), BERLIN)
    assert isinstance(trouble, TimeProblem)
    assert trouble.code == "PC401"


def test_a_date_alone_is_told_what_it_lacks() -> None:
    trouble = resolve(Schedule("2026-12-01"), BERLIN)
    assert isinstance(trouble, TimeProblem)
    assert "2026-12-01 09:30" in trouble.hint


@pytest.mark.parametrize("position", list(QueuePosition))
def test_the_queue_needs_no_time_and_no_zone(position: QueuePosition) -> None:
    assert resolve(Schedule(queue=position), "Mars/Base") is position


def test_the_zone_beside_the_time_goes_before_the_other() -> None:
    schedule = Schedule("2026-12-01 09:30", timezone="America/New_York")
    assert resolve(schedule, BERLIN) == utc("2026-12-01 14:30")


def test_a_gap_names_both_readings() -> None:
    trouble = resolve(Schedule("2027-03-28 02:30"), BERLIN)
    assert isinstance(trouble, TimeProblem)
    assert trouble.code == "PC403"
    assert "01:30 (UTC+01:00) or 03:30 (UTC+02:00)" in trouble.detail


def test_a_fold_names_both_readings() -> None:
    trouble = resolve(Schedule("2027-11-07 01:30"), "America/New_York")
    assert isinstance(trouble, TimeProblem)
    assert trouble.code == "PC404"
    assert "earlier, 01:30 (UTC-04:00), or later, 01:30 (UTC-05:00)" in trouble.detail


@pytest.mark.parametrize(
    ("fold", "instant"), [("earlier", "2027-10-31 00:30"), ("later", "2027-10-31 01:30")]
)
def test_the_key_settles_a_fold(fold: str, instant: str) -> None:
    assert resolve(Schedule("2027-10-31 02:30", fold=fold), BERLIN) == utc(instant)


@pytest.mark.parametrize("fold", ["earlier", "later"])
def test_the_key_does_no_harm_where_nothing_is_in_doubt(fold: str) -> None:
    assert resolve(Schedule("2026-12-01 09:30", fold=fold), BERLIN) == utc("2026-12-01 08:30")


def test_half_an_hour_of_summer_time_is_a_gap_as_well() -> None:
    trouble = resolve(Schedule("2027-10-03 02:15"), "Australia/Lord_Howe")
    assert isinstance(trouble, TimeProblem)
    assert trouble.code == "PC403"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Europe/Berln", "Europe/Berlin"), ("America/NewYork", "America/New_York")],
)
def test_an_unknown_zone_names_the_likely_one(name: str, meant: str) -> None:
    trouble = find_zone(name)
    assert isinstance(trouble, TimeProblem)
    assert (trouble.code, trouble.hint) == ("PC402", f"Did you mean {meant}?")


@pytest.mark.parametrize(
    "name",
    ["", "\0", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Berlin/", "a" * 5000,
     "localtime", "posixrules", "posix/Europe/Berlin", "right/UTC", "Factory"],
)  # fmt: skip
def test_a_zone_is_one_on_every_machine_or_on_none(name: str) -> None:
    trouble = find_zone(name)
    assert isinstance(trouble, TimeProblem)
    assert trouble.code == "PC402"


def test_every_zone_of_the_database_is_one() -> None:
    machines_own = ("Factory", "localtime", "posixrules", "posix/", "right/")
    names = [name for name in available_timezones() if not name.startswith(machines_own)]
    assert len(names) > 500
    assert [name for name in names if not isinstance(find_zone(name), ZoneInfo)] == []


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001  # a wall clock
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_an_instant_reads_as_what_was_written(wall: datetime, zone: str) -> None:
    wall = wall.replace(second=0, microsecond=0)
    when = resolve(Schedule(f"{wall:%Y-%m-%d %H:%M}"), zone)
    place = find_zone(zone)
    assert not isinstance(place, TimeProblem)
    if isinstance(when, datetime):
        assert when.astimezone(place).replace(tzinfo=None) == wall
    else:
        assert isinstance(when, TimeProblem)
        before = (wall - timedelta(hours=3)).replace(tzinfo=place).utcoffset()
        assert before != (wall + timedelta(hours=3)).replace(tzinfo=place).utcoffset()


@given(st.text(), st.text())
def test_nothing_that_is_written_raises(written: str, zone: str) -> None:
    assert isinstance(resolve(Schedule(written), zone), TimeProblem | datetime)
