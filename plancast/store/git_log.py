"""The log of the state's ref, read from what git prints. Pure.

Everybody who can push writes it: a name or a subject can hold anything that a commit can. So the
records are split by NUL alone, which no field has (git cuts a field at one), and nothing in a field
is trusted to be what it should.
"""

from __future__ import annotations

from datetime import UTC, datetime

from plancast.core.history import Step

FORMAT = "%H%x00%ct%x00%an%x00%s"
"""For `git log -z`: four fields a commit, each ended by NUL."""

_FIELDS = FORMAT.count("%x00") + 1
_LAST_SECOND = 253_402_000_000
"""In the last days of the year 9999, so that a time has a local one in every zone."""


def parse_log(printed: bytes) -> tuple[Step, ...]:
    """Return the steps of a log in FORMAT, in its order."""
    fields = printed.decode("utf-8", "replace").split("\0")
    records = zip(*(fields[number::_FIELDS] for number in range(_FIELDS)), strict=False)
    return tuple(Step(commit, _time(seconds), who, what) for commit, seconds, who, what in records)


def _time(seconds: str) -> datetime | None:
    """Return the time of a commit, None if it has none that a calendar knows."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 16):
        return None
    number = int(seconds)
    return datetime.fromtimestamp(number, UTC) if number <= _LAST_SECOND else None
