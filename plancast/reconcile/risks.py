"""Risks of a plan that a reviewer must not overlook. Every view that warns reads them here.

They are ordered by weight: what stops the apply, what is removed, what may go out within the hour,
what people would lose, what does not go out at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.entry import Stage
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.model.ports import Provider

SOON = timedelta(minutes=60)
"""Entries due this soon after a plan was made can go out before a reviewer has read it."""


class Peril(Enum):
    """The kinds of risk, the heaviest first. The value is the word in machine-readable output."""

    REFUSED = "refused"
    DESTROY = "destroy"
    DUE_SOON = "due_soon"
    MISSED = "missed"
    FAILED = "failed"
    DRIFT = "drift"
    BLOCKED = "blocked"
    DEFERRED = "deferred"
    STRAY = "stray"

    @property
    def is_grave(self) -> bool:
        """Whether a post is lost, removed or stopped."""
        return self in (Peril.REFUSED, Peril.DESTROY, Peril.MISSED, Peril.FAILED)

    def words(self, title: str) -> str:
        """Return the words that follow a count of entries (of errors for REFUSED)."""
        return _WORDS[self].replace("{provider}", title)


_WORDS = {
    Peril.REFUSED: "must be settled first: nothing is applied until then",
    Peril.DESTROY: "will be removed from the queue",
    Peril.DUE_SOON: "due within the hour",
    Peril.MISSED: "passed before it ever existed, and is never sent late",
    Peril.FAILED: "refused by the network: mend the file if need be, and give it another time",
    Peril.DRIFT: "changed by a person in {provider} since the last apply",
    Peril.BLOCKED: "held back, for the reason given below",
    Peril.DEFERRED: "waiting for a place in the queue",
    Peril.STRAY: "a create that came late, long given up: the twin is removed",
}


@dataclass(frozen=True, slots=True)
class Danger:
    """One kind of risk with its changes, or with its errors for REFUSED."""

    peril: Peril
    changes: tuple[Change, ...] = ()
    errors: tuple[Diagnostic, ...] = ()

    @property
    def count(self) -> int:
        """The number of changes, or of errors."""
        return len(self.changes) or len(self.errors)


def dangers(plan: Plan) -> tuple[Danger, ...]:
    """Return the risks of a plan, the heaviest first; empty if there are none."""
    errors = tuple(item for item in plan.diagnostics if item.severity is Severity.ERROR)
    result = [Danger(Peril.REFUSED, errors=errors)] if errors else []
    for peril, is_one in _TESTS.items():
        changes = tuple(change for change in plan.changes if is_one(change, plan))
        if changes:
            result.append(Danger(peril, changes))
    return tuple(result)


def _due_soon(change: Change, plan: Plan) -> bool:
    if change.due_at is None or change.action not in _TOUCHES:
        return False
    # A draft does not go out by itself.
    if change.stage is not Stage.SCHEDULED:
        return False
    return plan.generated_at <= change.due_at <= plan.generated_at + SOON


def _has(situation: Situation) -> Callable[[Change, Plan], bool]:
    return lambda change, _plan: situation in change.situations


_TOUCHES = (Action.CREATE, Action.UPDATE, Action.DESTROY)
_TESTS: dict[Peril, Callable[[Change, Plan], bool]] = {
    Peril.DESTROY: lambda change, _plan: (
        change.action is Action.DESTROY and Situation.STRAY not in change.situations
    ),
    Peril.DUE_SOON: _due_soon,
    Peril.MISSED: _has(Situation.MISSED),
    # A repair is no danger, nor is the removal of what failed.
    Peril.FAILED: lambda change, _plan: (
        Situation.FAILED in change.situations and not change.action.sends
    ),
    Peril.DRIFT: lambda change, _plan: bool(change.drift),
    Peril.BLOCKED: _has(Situation.BLOCKED),
    Peril.DEFERRED: _has(Situation.DEFERRED),
    Peril.STRAY: _has(Situation.STRAY),
}


def retirement(provider: Provider, now: datetime) -> tuple[Diagnostic, ...]:
    """Warn if the API of a provider has an announced last day."""
    retires = provider.capabilities.retires
    if retires is None:
        return ()
    warning = problem("PC810", days_left(retires.day, now))
    return (replace(warning, summary=f"{provider.title} retires {retires.api} on {retires.day}"),)


def days_left(retires: date, now: datetime) -> str:
    """Return `69 days are left`, counted in calendar days."""
    days = (retires - now.date()).days
    if days <= 0:
        return "since then it answers no more"
    return f"{days} days are left" if days > 1 else "1 day is left"
