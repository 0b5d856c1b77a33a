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


def for_the_night(items: Iterable[tuple[str, int]]) -> frozenset[str]:
    """Return the ids of what is left out by day. Each comes with `n`: one in so many, 0 for none.

    If the cases of a test are a product with the last list of `n` entries, such as the forges, each
    row has one of them, and they take turns.
    """
    cases: dict[str, list[str]] = defaultdict(list)
    shares: dict[str, int] = {}
    for name, share in items:
        test = name.partition("[")[0]
        cases[test].append(name)
        shares[test] = share
    left = set()
    for test, names in cases.items():
        share = shares[test]
        if share == 0:
            left.update(names)
        elif 1 < share <= len(names):
            first = crc32(test.encode()) % share
            left.update(
                name
                for number, name in enumerate(names)
                if (number + number // share) % share != first
            )
    return frozenset(left)
