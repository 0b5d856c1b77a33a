"""Bounds of instants: the same instant in UTC, in whole seconds, however it was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from plancast.model.bounds import EARLIEST, LATEST, instant

_ZONES = st.sampled_from([None, UTC, timezone(timedelta(0)), timezone(timedelta(hours=-9))])


@given(st.datetimes(timezones=_ZONES), st.booleans())
def test_an_instant_is_in_utc_and_in_whole_seconds_or_out_of_bounds(
    moment: datetime, is_whole: bool
) -> None:
    moment = moment.replace(microsecond=0) if is_whole else moment
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    start = aware.replace(microsecond=0)
    known = instant(moment)
    if EARLIEST <= start < LATEST:
        assert known == start
        assert known is not None
        assert known.tzinfo is UTC
        assert known.microsecond == 0
    else:
        assert known is None


def test_the_bounds_are_the_first_instant_and_the_first_one_beyond() -> None:
    second = timedelta(seconds=1)
    assert instant(EARLIEST) == EARLIEST
    assert instant(EARLIEST - second) is None
    assert instant(LATEST - second) == LATEST - second
    assert instant(LATEST) is None
