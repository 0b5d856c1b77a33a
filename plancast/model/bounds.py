"""Bounds of the numbers and instants that plancast handles, from any source.

Python's calendar ends with the year 9999, and adding a time zone or a distance near the end
overflows. So every parser (state, journal, saved plans, answers of an API) accepts only instants
that are far from both ends. Files are limited further, to `schedule.YEARS`. All parsers share these
bounds, since a value that one accepts is written for another to read: an instant from an API ends
up in the state.
"""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)

MOST = 2**53
"""The largest number: beyond it JSON parsers disagree, since many use 64-bit floats."""


def instant(moment: datetime) -> datetime | None:
    """Return the instant in UTC, in whole seconds; None if it is out of bounds.

    A moment without a zone is taken to be in UTC.
    """
    # The usual case: a time that was written by plancast or Buffer.
    if moment.tzinfo is UTC and not moment.microsecond:
        return moment if EARLIEST <= moment < LATEST else None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        rounded = aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None
    return rounded if EARLIEST <= rounded < LATEST else None


def whole_number(value: object, least: int = 0) -> int | None:
    """Return a whole number from `least` to MOST; None for anything else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if least <= value <= MOST else None
