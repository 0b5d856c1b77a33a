"""The options of `provider:` in plancast.yaml that our providers share.

An address and a token are never options: a file in a repository could send the token of whoever
applies it to anywhere. Every function raises Stop with the option's name where its value is no use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.net.rate_windows import LimiterWindow

Options = Mapping[str, object]

MONTH = 31 * 86_400
MANY = 1_000_000
MOST_WINDOWS = 4

_WAIT = re.compile("([0-9]{1,6})([smh])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def rate_limit(options: Options) -> LimiterWindow | None:
    """`rate_limit: {requests: 60, seconds: 60}`."""
    value = options.get("rate_limit")
    return None if value is None else _window("rate_limit", value)


def rate_limits(options: Options) -> tuple[LimiterWindow, ...]:
    """`rate_limit` as above, or a list of such; empty where there is none.

    They are chosen: what the service allows beyond them is left to others.
    """
    value = options.get("rate_limit")
    if value is None:
        return ()
    if isinstance(value, Mapping):
        found = [_window("rate_limit", value)]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not 1 <= len(value) <= MOST_WINDOWS:
            raise _stop("PC203", "rate_limit", f"expected 1 to {MOST_WINDOWS} windows")
        found = [_window(f"rate_limit[{n}]", item) for n, item in enumerate(value)]
    else:
        raise _stop("PC202", "rate_limit", "expected [{requests: 100, seconds: 900}, ...]")
    if len({window.seconds for window in found}) < len(found):
        raise _stop("PC203", "rate_limit", "expected windows of different lengths")
    return tuple(LimiterWindow(window.limit, window.seconds, chosen=True) for window in found)


def max_wait(options: Options) -> float | None:
    """`max_wait: 90s`, `15m`, `1h` or `0s`, in seconds: how long to wait for the budget."""
    value = options.get("max_wait")
    if value is None:
        return None
    match = _WAIT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _stop("PC202", "max_wait", "expected a time such as 90s, 15m or 1h")
    return int(match[1]) * _UNITS[match[2]]


def text(options: Options, name: str) -> str | None:
    """A text that is not empty."""
    value = options.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _stop("PC202", name, "expected a text")
    if not value.strip():
        raise _stop("PC203", name, "expected a text that is not empty")
    return value.strip()


def choice(options: Options, name: str, allowed: Sequence[str]) -> str | None:
    """One of the words that are allowed."""
    value = text(options, name)
    if value is not None and value not in allowed:
        raise _stop("PC203", name, f"expected {' or '.join(allowed)}")
    return value


def queue_limit(options: Options) -> int | None:
    """`queue_limit: 10`: how many posts may wait on a profile."""
    value = options.get("queue_limit")
    return None if value is None else _whole("queue_limit", value, MANY)


def clock(options: Options) -> str | None:
    """`clock: 2026-12-01T09:00:00Z`: a time with its offset."""
    value = options.get("clock")
    if value is None:
        return None
    try:
        told = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        told = False
    if not told:
        raise _stop("PC203", "clock", "expected a time such as 2026-12-01T09:00:00Z")
    return str(value)


def _window(name: str, value: object) -> LimiterWindow:
    if not isinstance(value, Mapping) or set(value) != {"requests", "seconds"}:
        raise _stop("PC202", name, "expected {requests: 60, seconds: 60}")
    requests = _whole(f"{name}.requests", value["requests"], MANY)
    return LimiterWindow(requests, float(_whole(f"{name}.seconds", value["seconds"], MONTH)))


def _whole(name: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _stop("PC202", name, "expected a whole number")
    if not 1 <= value <= most:
        raise _stop("PC203", name, f"expected 1 to {most}")
    return value


def _stop(code: str, name: str, what: str, hint: str = "") -> Stop:
    detail = f"provider option {name!r}"
    return Stop([problem(code, f"{detail}: {what}" if what else detail, hint=hint)])
