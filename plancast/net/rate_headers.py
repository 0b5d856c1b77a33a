"""Parsing of rate limits in the headers of answers: two headers of a draft, and `Retry-After`.

Pure. `RateLimit` has an item for each window: a quoted name with `r`, the requests that remain, and
`t`, the seconds until it is renewed. `RateLimit-Policy` has for the same names `q`, the limit, and
`w`, the window in seconds (docs/buffer/graphql.md#rate-limits). Either comes as one line or as
several:

    RateLimit: "100-in-15min"; r=87; t=412
    RateLimit-Policy: "100-in-15min"; q=100; w=900

If the policy gives the window its name means nothing; if not, "250-in-1day" says it all.

Values that make no sense are treated as missing. If two items are about one window, the one that
leaves less is used: both limits hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from plancast.model.bounds import instant
from plancast.net.rate_windows import MOST_WORDS
from plancast.net.transport import Response

MAX_TEXT = 2048
"""Characters of one of the headers. Three windows take 300."""

MOST = 10_000_000
"""Requests. A limit beyond this is not a limit."""

LONGEST = 366 * 86_400
"""Seconds. No server counts for longer."""


@dataclass(frozen=True, slots=True)
class RateReport:
    """The server's report on one window, as an answer gave it.

    At most `limit` requests are allowed in any `seconds`, and `remaining` of them in the next
    `resets_in` seconds.
    """

    seconds: float
    limit: int
    remaining: int
    resets_in: float


_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[^",;]+|[",;]')
_PARAMETER = re.compile(r"\s*([a-z]+)\s*=\s*([0-9]{1,10})\s*")
_NAME = re.compile(r"([0-9]{1,10})-in-([0-9]{1,10})([a-z]+)")
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 604_800),
}


def rate_reports(response: Response) -> tuple[RateReport, ...]:
    """Return the reports in the headers of an answer, at most MOST_WORDS, shortest window first."""
    policies: dict[str, Mapping[str, int]] = {}
    for name, numbers in _items(response, "ratelimit-policy"):
        policies.setdefault(name, numbers)
    reports: dict[float, RateReport] = {}
    for name, numbers in _items(response, "ratelimit"):
        report = _report({**_named(name), **_only(policies.get(name, {}), "qw")}, numbers)
        if report is None:
            continue
        # Two items on one window are two limits, and both hold: keep the tighter one.
        other = reports.get(report.seconds)
        if other is None or _tightness(report) < _tightness(other):
            reports[report.seconds] = report
    return tuple(reports[seconds] for seconds in sorted(reports))[:MOST_WORDS]


def _report(policy: Mapping[str, int], numbers: Mapping[str, int]) -> RateReport | None:
    """Build a report from the numbers of a policy and of an item; None if they make no sense."""
    limit, window, remaining = policy.get("q", 0), policy.get("w", 0), numbers.get("r", -1)
    if not (1 <= limit <= MOST and 1 <= window <= LONGEST and 0 <= remaining <= limit):
        return None
    return RateReport(float(window), limit, remaining, float(min(numbers.get("t", window), window)))


def _tightness(report: RateReport) -> tuple[int, float]:
    """Return a key that is smaller for the report that allows less: fewer requests, for longer."""
    return report.remaining, -report.resets_in


def _named(name: str) -> dict[str, int]:
    """Return a name such as `100-in-15min` as a policy; {} if it is any other name."""
    match = _NAME.fullmatch(name)
    if match is None or match[3] not in _UNITS:
        return {}
    return {"q": int(match[1]), "w": int(match[2]) * _UNITS[match[3]]}


def _only(numbers: Mapping[str, int], names: str) -> dict[str, int]:
    """Return the numbers with these one-letter names."""
    return {name: numbers[name] for name in names if name in numbers}


def _items(response: Response, header: str) -> Iterable[tuple[str, Mapping[str, int]]]:
    """Yield the name of each item, without quotes, and its parameters that are whole numbers."""
    text = ",".join(value for key, value in response.headers if key == header)
    if len(text) > MAX_TEXT:  # not from Buffer: parsing it could only cost time
        return
    item: list[list[str]] = [[]]
    # The comma at the end completes the last item.
    for piece in (*_PIECE.findall(text), ","):
        if piece == ",":
            parts = ["".join(part) for part in item]
            yield _unquoted(parts[0].strip()), _numbers(parts[1:])
            item = [[]]
        elif piece == ";":
            item.append([])
        else:
            item[-1].append(piece)


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name


def _numbers(parts: Sequence[str]) -> dict[str, int]:
    """Return the parameters that are whole numbers."""
    matches = (_PARAMETER.fullmatch(part) for part in parts)
    return {match[1]: int(match[2]) for match in matches if match}


def requested_wait(response: Response, wall: float | None = None) -> float | None:
    """Return how many seconds a refusal for haste asks to wait.

    By its `Retry-After`, else by the window that it reports as used up. None if it says neither.
    """
    seconds = retry_after(response, wall)
    if seconds is not None:
        return seconds
    spent = [report.resets_in for report in rate_reports(response) if report.remaining == 0]
    return max(spent, default=0.0) or None


def retry_after(response: Response, wall: float | None = None) -> float | None:
    """Return how many seconds `Retry-After` asks to wait; None if it is missing or makes no sense.

    The header holds seconds or a date; a date counts from the answer's own `Date`, else from `wall`
    (Unix seconds). More than LONGEST counts as LONGEST.
    """
    value = (response.header("retry-after") or "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = http_date(value)
        if until is None:
            return None
        start = http_date(response.header("date") or "")
        if start is None and wall is not None:
            start = datetime.fromtimestamp(wall, UTC)
        if start is None:
            return None
        seconds = max(0.0, (until - start).total_seconds())
    return min(seconds, float(LONGEST)) if 0 <= seconds < math.inf else None


def http_date(value: str) -> datetime | None:
    """Parse the date of a header, in UTC; None if it is no date."""
    try:
        return instant(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
