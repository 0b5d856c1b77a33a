"""How much of what can go wrong is tried: a part in every run of the tests, all of it at night.

`THOROUGH=1` tries each effect and each call. Otherwise every so many, and which ones differs from
test to test and from day to day, so that a run as a whole comes by most of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from tests.night import DAY, THOROUGH

__all__ = ["THOROUGH", "some"]

# Not the day itself: the tests take turns by that, and each would always meet the same numbers.
_TURN = crc32(str(DAY).encode())


def some(numbers: Sequence[int], step: int, begin: int = 0) -> Sequence[int]:
    """All of them, or every `step`-th; `begin` and the day choose the first."""
    if THOROUGH:
        return numbers
    return numbers[(begin + _TURN) % min(step, len(numbers)) :: step]
