"""Rules about times: `policy.freeze`, `policy.min_gap`, `policy.max_per_day`, caps of networks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from plancast.lint.base import LintContext, report
from plancast.model.diagnostics import Diagnostic
from plancast.model.entry import Stage
from plancast.model.workspace import Desired

_DAY = timedelta(hours=24)


def outside_freezes(item: Desired, context: LintContext) -> Iterator[Diagnostic]:
    """Report a time within a window in which nothing may go out."""
    due = item.entry.due_at
    for window in context.policy.freeze:
        if due is not None and window.start <= due < window.end:
            reason = f": {window.reason}" if window.reason else ""
            start, end = _local(window.start, item.zone), _local(window.end, item.zone)
            yield report(item, "PC407", f"from {start} to {end}{reason}", "schedule")


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


@dataclass(frozen=True, slots=True)
class _Due:
    """An entry with its time, which it must have."""

    at: datetime
    item: Desired


def _by_profile(desired: Sequence[Desired]) -> Iterator[list[_Due]]:
    """Yield the entries with a time of each profile, in the order in which they go out."""
    by_profile: dict[str, list[_Due]] = defaultdict(list)
    for item in desired:
        if item.entry.due_at is not None:
            by_profile[item.address.profile].append(_Due(item.entry.due_at, item))
    for dues in by_profile.values():
        yield sorted(dues, key=lambda due: (due.at, due.item.address))


def far_enough_apart(desired: Sequence[Desired], context: LintContext) -> Iterator[Diagnostic]:
    """Report entries too close together, or too many on one day of the profile's zone."""
    policy = context.policy
    if policy.min_gap is None and policy.max_per_day is None:
        return
    for dues in _by_profile(desired):
        for first, second in pairwise(dues):
            if policy.min_gap is not None and second.at - first.at < policy.min_gap:
                minutes = int((second.at - first.at).total_seconds() // 60)
                detail = f"{minutes} minutes after {first.item.address}"
                yield report(second.item, "PC408", detail, "schedule")
        days: dict[str, int] = defaultdict(int)
        for due in dues:
            day = f"{due.at.astimezone(ZoneInfo(due.item.zone)):%Y-%m-%d}"
            days[day] += 1
            # Once a day: the entry that is one too many, and not those after it.
            if policy.max_per_day is not None and days[day] == policy.max_per_day + 1:
                detail = f"{due.item.address.profile}: more than {policy.max_per_day} on {day}"
                yield report(due.item, "PC409", detail, "schedule")


def few_enough_a_day(desired: Sequence[Desired], context: LintContext) -> Iterator[Diagnostic]:
    """Report more entries in any 24 hours than the network publishes from one account.

    Networks count the hours before each post and no calendar days (docs/networks.md#posts-a-day).
    A draft does not go out by itself, and a place in the queue has no time yet: neither counts.
    """
    going_out = [item for item in desired if item.entry.stage is Stage.SCHEDULED]
    for dues in _by_profile(going_out):
        most = context.limits_for(dues[0].item).posts_a_day
        if most is None or len(dues) <= most:
            continue
        first, was_over = 0, False
        for number, due in enumerate(dues):
            while due.at - dues[first].at >= _DAY:
                first += 1
            is_over = number - first + 1 > most
            # Once for each stretch: the entry that is one too many, and not those after it.
            if is_over and not was_over:
                since = dues[first].item.address
                detail = f"{due.item.address.profile}: more than {most}, from {since} on"
                yield report(due.item, "PC526", detail, "schedule")
            was_over = is_over
