"""The options of `provider:` in plancast.yaml that our providers share.

An address and a token are never options: a file in a repository could send the token of whoever
applies it to anywhere. Every function raises Stop with the option's name where its value is no use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.net.pacing import Window

Options = Mapping[str, object]

MONTH = 31 * 86_400
MANY = 1_000_000


def known(options: Options, names: Collection[str]) -> None:
    """Refuse what is not among `names`."""
    for name in options:
        if name not in names:
            listed = ", ".join(sorted(names))
            raise _stop("PC201", name, "", f"Options are: {listed}. Addresses and tokens are none.")


def rate_limit(options: Options) -> Window | None:
    """`rate_limit: {requests: 60, seconds: 60}`."""
    value = options.get("rate_limit")
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) != {"requests", "seconds"}:
        raise _stop("PC202", "rate_limit", "expected {requests: 60, seconds: 60}")
    requests = _whole("rate_limit.requests", value["requests"], MANY)
    return Window(requests, float(_whole("rate_limit.seconds", value["seconds"], MONTH)))


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


def _whole(name: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _stop("PC202", name, "expected a whole number")
    if not 1 <= value <= most:
        raise _stop("PC203", name, f"expected 1 to {most}")
    return value


def _stop(code: str, name: str, what: str, hint: str = "") -> Stop:
    detail = f"provider option {name!r}"
    return Stop([problem(code, f"{detail}: {what}" if what else detail, hint=hint)])
