"""The tests that run by day, and those that are left to the night: `THOROUGH=1`.

By day a part of the cases of the slowest tests is run, and each day another part: a case that is
left out today says on another forge, or of another fault, what those that run say as well, and has
its turn within as many days as its mark says. `TESTS_DAY=739951 make pytest` runs the tests of that
day again; a run that fails names its day.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zlib import crc32

THOROUGH = os.environ.get("THOROUGH", "") not in ("", "0")

ROOMS = {
    "browser": 3,
    "ci": 4,
    "commands": 5,
    "engine": 4,
    "net": 4,
    "providers": 4,
    "reliability": 4,
    "render": 4,
    "sandbox": 4,
    "store": 4,
}
"""The rooms that take most of the time -> by day one in so many tests of each module is run there.

For the tests that have no mark of their own, and only in a run of the whole suite.
"""

# Kept in the environment, so that all processes of a run have one day, also at midnight.
DAY = int(os.environ.setdefault("TESTS_DAY", str(datetime.now(UTC).toordinal())))


def turns(
    name: str, marks: Iterable[tuple[object, ...]], rooms: Mapping[str, int]
) -> tuple[str, int]:
    """Return the group that a test takes turns with, "" for none, and how many share one turn.

    1 means that it runs in each run, 0 that it never runs by day. `name` is its id, `marks` are its
    marks as name and arguments, the closest first.
    """
    module, test = name.partition("::")[0], name.partition("[")[0]
    groups = {"part": test, "stories": module, "every": "", "night": test}
    found = [(mark, *arguments) for mark, *arguments in marks if mark in groups]
    if ("night",) in found:
        return test, 0
    # A part of a single case would be all of it or nothing: it counts as a test without a mark.
    if not found or (found[0][0] == "part" and test == name):
        return module, rooms.get(module.removeprefix("tests/").partition("/")[0], 1)
    mark, share = found[0]
    return groups[str(mark)], int(str(share))


def for_the_night(items: Iterable[tuple[str, str, int]], day: int = DAY) -> frozenset[str]:
    """Return the ids of what is left out on a day.

    Each item is its id, the group whose items take turns, and `n`: one in so many of the group is
    run by day, 0 for none. The group is the test, the module for `stories(n)`, and "" for
    `every(n)`: the item takes turns with nothing, and runs each n-th day, the same as the others
    of its module, with which it may share what takes long to make. A group that is smaller than `n`
    has days without an item.

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
        first = (crc32(group.encode()) + day) % share
        left.update(
            name for number, name in enumerate(names) if (number + number // share) % share != first
        )
    return frozenset(left)
