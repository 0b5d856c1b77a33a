"""An API that will be switched off: told from now on, by every plan and by doctor."""

from __future__ import annotations

from datetime import date, datetime

from plancast.core.diagnostics import Diagnostic, problem

V1_RETIRES = date(2027, 2, 1)
"""From that day on API v1 returns no data (GraphQL sheet 5; announced on 2026-07-27)."""


def retirement(retires: date | None, now: datetime) -> tuple[Diagnostic, ...]:
    """The warning, where the provider has a last day."""
    return () if retires is None else (problem("PC810", days_left(retires, now)),)


def days_left(retires: date, now: datetime) -> str:
    """`69 days are left`, counted as on a calendar."""
    days = (retires - now.date()).days
    if days <= 0:
        return "since then it answers no more"
    return f"{days} days are left" if days > 1 else "1 day is left"
