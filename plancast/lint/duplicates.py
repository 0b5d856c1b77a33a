"""The rule about the same text twice on one profile (`policy.duplicates`).

It compares files with each other. If the provider refuses a repeated text, the plan holds the later
post back until that is out (`reconcile.repeats`), and reports it unless this rule has done so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from plancast.lint.base import LintContext, report, severity_of
from plancast.model.diagnostics import Diagnostic
from plancast.model.workspace import Desired

DAY = timedelta(hours=24)


def different_texts(desired: Sequence[Desired], context: LintContext) -> Iterator[Diagnostic]:
    """Report a text twice at one time, which is an error, or twice within a day (the policy).

    If the provider refuses a text for longer than a day, that time counts.
    """
    rule = context.features.repeats
    apart = max(DAY, rule.wait) if rule else DAY
    severity = severity_of(context.policy.duplicates)
    groups: dict[tuple[str, str], list[Desired]] = defaultdict(list)
    for item in desired:
        if item.entry.text:
            groups[item.address.profile, item.entry.text].append(item)
    for group in groups.values():
        if len(group) == 1:
            continue
        timed = [(item.entry.due_at, item) for item in group if item.entry.due_at]
        timed.sort(key=lambda pair: (pair[0], pair[1].address))
        queued = [item for item in group if item.entry.due_at is None]
        for first, second in pairwise(queued):
            yield report(second, "PC206", f"as {first.address}, both in the queue", "text")
        for (earlier, first), (later, second) in pairwise(timed):
            if earlier == later:
                yield report(second, "PC206", f"as {first.address}", "text")
            elif severity and later - earlier < apart:
                hours = (later - earlier).total_seconds() / 3600
                detail = f"{hours:.1f} hours after {first.address}"
                yield report(second, "PC507", detail, "text", severity=severity)
