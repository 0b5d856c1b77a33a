"""The tests that run by day, and those that are left to the night: `THOROUGH=1`.

By day a part of the cases of the slowest tests is run, chosen by their place in the list: the same
in each run. A case that is left out says on another forge, or of another fault, what those that
run say as well.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

THOROUGH = os.environ.get("THOROUGH", "") not in ("", "0")


def for_the_night(items: Iterable[tuple[str, str, int]]) -> frozenset[str]:
    """Return the ids of what is left out by day.

    Each item is its id, the group whose items take turns, and `n`: one in so many of the group is
    run by day, 0 for none. The group is the test, or the module for `stories(n)`.

    If the cases of a test are a product with the last list of `n` entries, such as the forges, each
    row has one of them, and they take turns.
    """
    cases: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name, group, share in items:
        cases[group, share].append(name)
    left = set()
    for (group, share), names in cases.items():
        if share == 0:
            left.update(names)
        elif 1 < share <= len(names):
            first = crc32(group.encode()) % share
            left.update(
                name
                for number, name in enumerate(names)
                if (number + number // share) % share != first
            )
    return frozenset(left)
