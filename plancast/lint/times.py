"""Rules about times: `policy.freeze`, `policy.min_gap` and `policy.max_per_day`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from plancast.lint.base import LintContext, report
from plancast.model.diagnostics import Diagnostic
from plancast.model.workspace import Desired


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


def far_enough_apart(desired: Sequence[Desired], context: LintContext) -> Iterator[Diagnostic]:
    """Report entries too close together, or too many on one day of the profile's zone."""
    policy = context.policy
    if policy.min_gap is None and policy.max_per_day is None:
        return
    by_profile: dict[str, list[_Due]] = defaultdict(list)
    for item in desired:
        if item.entry.due_at is not None:
            by_profile[item.address.profile].append(_Due(item.entry.due_at, item))
    for dues in by_profile.values():
        dues.sort(key=lambda due: (due.at, due.item.address))
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
