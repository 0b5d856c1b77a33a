"""Lengths of time in words, exactly: for windows, which are never about so long."""

from __future__ import annotations


def period(seconds: float) -> str:
    """`60 s`, `15 min`, `24 h`, `30 days`: in the largest unit of which it is more than one."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"


def age(seconds: float) -> str:
    """`15 days`, `23 h`, `14 min`, `40 s`: roughly, and never too long."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(0, seconds // 1):.0f} s"


def waiting(seconds: float) -> str:
    """`40 s`, `14 min`, `23 h`: roughly, and never too short."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{-(-seconds // size):.0f} {unit}"
    return f"{max(1, -(-seconds // 1)):.0f} s"
