"""How much of what can go wrong is tried: a part in every run of the tests, all of it at night.

`THOROUGH=1` tries each effect and each call. Otherwise every so many, and which ones differs from
test to test, so that a run as a whole comes by most of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.night import THOROUGH

__all__ = ["THOROUGH", "some"]


def some(numbers: Sequence[int], step: int, begin: int = 0) -> Sequence[int]:
    """All of them, or every `step`-th from the one at `begin` on."""
    return numbers if THOROUGH else numbers[begin % step :: step]
