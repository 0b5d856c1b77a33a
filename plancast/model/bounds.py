"""The numbers and instants that plancast handles, whoever names them.

Python's calendar ends with the year 9999, and a local time or a distance a day before its end
overflows. So every border (the state, the journal, saved plans, the answers of an API) takes only
instants that are centuries away from both ends; files are held to `schedule.YEARS`, which is less.
What one border lets in, the others must take: what an API showed is written to the state.
"""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)

MOST = 2**53
"""Beyond this, readers of JSON disagree about a number."""


def instant(moment: datetime) -> datetime | None:
    """Return the instant in UTC, in whole seconds; None if it lies beyond what is handled.

    A moment without a zone is taken to be in UTC.
    """
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        found = known.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None
    return found if EARLIEST <= found < LATEST else None


def whole_number(value: object, least: int = 0) -> int | None:
    """Return a whole number from `least` to MOST; None for anything else, true and false too."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if least <= value <= MOST else None
