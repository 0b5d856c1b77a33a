"""The readers of the options of `provider:` in plancast.yaml that the built-in providers share.

An address and a token are never options: a file in a repository could send the token of the user
who applies it to any server. Every function raises Stop, with the name of the option, if its value
cannot be used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.net.rate_windows import LimiterWindow
from plancast.providers.registry import MANY, MONTH

Options = Mapping[str, object]

MOST_WINDOWS = 4

_WAIT = re.compile("([0-9]{1,6})([smh])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def rate_limit(options: Options) -> LimiterWindow | None:
    """Read `rate_limit: {requests: 60, seconds: 60}`; None if it is not set."""
    value = options.get("rate_limit")
    return None if value is None else _window("rate_limit", value)


def rate_limits(options: Options) -> tuple[LimiterWindow, ...]:
    """Read `rate_limit` as one window or as a list of windows; empty if it is not set.

    The windows are marked as chosen: a user sets them to leave the rest of the account's budget to
    other programs, so higher limits that the service reports do not replace them.
    """
    value = options.get("rate_limit")
    if value is None:
        return ()
    if isinstance(value, Mapping):
        windows = [_window("rate_limit", value)]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not 1 <= len(value) <= MOST_WINDOWS:
            raise _stop("PC203", "rate_limit", f"expected 1 to {MOST_WINDOWS} windows")
        windows = [_window(f"rate_limit[{n}]", item) for n, item in enumerate(value)]
    else:
        raise _stop("PC202", "rate_limit", "expected [{requests: 100, seconds: 900}, ...]")
    # A window is identified by its length wherever the service reports on it.
    if len({window.seconds for window in windows}) < len(windows):
        raise _stop("PC203", "rate_limit", "expected windows of different lengths")
    return tuple(LimiterWindow(window.limit, window.seconds, chosen=True) for window in windows)


def max_wait(options: Options) -> float | None:
    """Read `max_wait: 90s`, `15m`, `1h` or `0s`: the seconds that a request may wait."""
    value = options.get("max_wait")
    if value is None:
        return None
    match = _WAIT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _stop("PC202", "max_wait", "expected a time such as 90s, 15m or 1h")
    return int(match[1]) * _UNITS[match[2]]


def text(options: Options, name: str) -> str | None:
    """Read a text that is not empty; None if the option is not set."""
    value = options.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _stop("PC202", name, "expected a text")
    if not value.strip():
        raise _stop("PC203", name, "expected a text that is not empty")
    return value.strip()


def choice(options: Options, name: str, allowed: Sequence[str]) -> str | None:
    """Read one of the allowed words; None if the option is not set."""
    value = text(options, name)
    if value is not None and value not in allowed:
        raise _stop("PC203", name, f"expected {' or '.join(allowed)}")
    return value


def queue_limit(options: Options) -> int | None:
    """Read `queue_limit: 10`: the number of posts that may wait on a profile."""
    value = options.get("queue_limit")
    return None if value is None else _whole("queue_limit", value, MANY)


def clock(options: Options) -> str | None:
    """Read `clock: 2026-12-01T09:00:00Z`: a time with its offset."""
    value = options.get("clock")
    if value is None:
        return None
    try:
        has_offset = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        has_offset = False
    if not has_offset:
        raise _stop("PC203", "clock", "expected a time such as 2026-12-01T09:00:00Z")
    return str(value)


def _window(name: str, value: object) -> LimiterWindow:
    if not isinstance(value, Mapping) or set(value) != {"requests", "seconds"}:
        raise _stop("PC202", name, "expected {requests: 60, seconds: 60}")
    requests = _whole(f"{name}.requests", value["requests"], MANY)
    return LimiterWindow(requests, float(_whole(f"{name}.seconds", value["seconds"], MONTH)))


def _whole(name: str, value: object, most: int) -> int:
    # To JSON Schema, and so to `validate`, 60.0 is a whole number as well.
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise _stop("PC202", name, "expected a whole number")
    if not 1 <= number <= most:
        raise _stop("PC203", name, f"expected 1 to {most}")
    return number


def _stop(code: str, name: str, what: str, hint: str = "") -> Stop:
    detail = f"provider option {name!r}"
    return Stop([problem(code, f"{detail}: {what}" if what else detail, hint=hint)])
