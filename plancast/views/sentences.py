"""What the page and the comment say of a plan in the same words."""

from __future__ import annotations

from datetime import datetime

from plancast.core.plan import Plan
from plancast.views.words import count, distance, duration, local, period


def cost(plan: Plan) -> str:
    """What applying takes, and what is free of the limits now; "" where nothing is to do."""
    if not plan.has_changes:
        return ""
    if not plan.budget.requests:
        return "Applying sends nothing: only the state changes."
    free = [
        f"{window.remaining:,} of {window.limit:,} in {period(window.seconds)}"
        for window in plan.budget.windows
    ]
    left = f"; free now: {', '.join(free)}" if free else ""
    requests = count(plan.budget.requests, "request")
    return f"Applying takes {requests}, {duration(plan.budget.eta_seconds)}{left}."


def stale(plan: Plan, now: datetime, zone: str) -> str:
    """How old the knowledge of a plan without a look at the queue is; "" with one."""
    if plan.offline_as_of is None:
        return ""
    age = distance(plan.offline_as_of, now)
    seen = local(plan.offline_as_of, zone)
    return f"Without a look at Buffer: compared with what was last seen {age} ({seen})."
