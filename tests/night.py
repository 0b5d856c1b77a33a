"""The tests that run by day, and those that are left to the night: `THOROUGH=1`.

By day a part of the cases of the slowest tests is run, and each day another part: a case that is
left out today says on another forge, or of another fault, what those that run say as well, and has
its turn within as many days as its mark says. `TESTS_DAY=739951 make pytest` runs the tests of that
day again; a run that fails names its day.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from zlib import crc32

THOROUGH = os.environ.get("THOROUGH", "") not in ("", "0")

# Kept in the environment, so that all processes of a run have one day, also at midnight.
DAY = int(os.environ.setdefault("TESTS_DAY", str(datetime.now(UTC).toordinal())))


def for_the_night(items: Iterable[tuple[str, str, int]], day: int = DAY) -> frozenset[str]:
    """Return the ids of what is left out on a day.

    Each item is its id, the group whose items take turns, and `n`: one in so many of the group is
    run by day, 0 for none. The group is the test, the module for `stories(n)`, and "" for
    `every(n)`: the item takes turns with nothing, and runs each n-th day, the same as the others
    of its module, with which it may share what takes long to make. Of a group that is smaller than
    `n`, one item is run.

    If the cases of a test are a product with the last list of `n` entries, such as the forges, each
    row has one of them, and they take turns.
    """
    cases: dict[tuple[str, int], list[str]] = defaultdict(list)
    modules: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    left = set()
    for name, group, share in items:
        if group:
            cases[group, share].append(name)
        else:
            modules[share][name.partition("::")[0]].append(name)
    for share, tests in modules.items():
        for number, module in enumerate(tests):
            if (number + day) % share:
                left.update(tests[module])
    for (group, share), names in cases.items():
        if share == 0:
            left.update(names)
            continue
        turns = min(share, len(names))
        first = (crc32(group.encode()) + day) % turns
        left.update(
            name for number, name in enumerate(names) if (number + number // turns) % turns != first
        )
    return frozenset(left)
