"""Durations in words, each with the rounding that its use needs."""

from __future__ import annotations


def period(seconds: float) -> str:
    """Return an exact duration: `60 s`, `15 min`, `24 h`, `30 days`.

    The unit is the largest of which it is a multiple of at least 2. For rate-limit windows.
    """
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"


def age(seconds: float) -> str:
    """Return a duration rounded down, for ages: `15 days`, `23 h`, `14 min`, `40 s`."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(0, seconds // 1):.0f} s"


def waiting(seconds: float) -> str:
    """Return a duration rounded up, for times to wait: `40 s`, `14 min`, `23 h`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{-(-seconds // size):.0f} {unit}"
    return f"{max(1, -(-seconds // 1)):.0f} s"
