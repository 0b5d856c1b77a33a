"""Events: values that an apply emits while it runs.

The applier passes them to a `Sink` and knows nothing of screens, JSON or logs. `name` is the word
for the event in the JSON stream, whose form is in `schemas/event.schema.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar

from plancast.model.entry import Address
from plancast.model.plan import Action


class Outcome(Enum):
    """The end of one change in an apply.

    UNKNOWN: the answer was lost, so it may have been made. NOT_ATTEMPTED: the run ended, or a
    change that it depends on failed. DEFERRED: a queue was full,
    or held the same text.
    """

    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class ApplyStarted:
    """Emitted before the first batch. `requests` and `eta_seconds` are the plan's estimate."""

    name: ClassVar[str] = "apply_started"
    at: datetime
    changes: int
    requests: int
    eta_seconds: int


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """Emitted when the intents of a batch are durable. `number` counts from 1."""

    name: ClassVar[str] = "batch_started"
    at: datetime
    number: int
    of: int
    calls: int


@dataclass(frozen=True, slots=True)
class ChangeFinished:
    """Emitted when one change is settled. `remaining_seconds` estimates the rest of the run."""

    name: ClassVar[str] = "change_finished"
    at: datetime
    address: Address
    action: Action
    outcome: Outcome
    done: int
    total: int
    remaining_seconds: int
    remote_id: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Emitted when the limiter, or a quiet period, holds the next request back for `seconds`."""

    name: ClassVar[str] = "waiting"
    at: datetime
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class ApplyFinished:
    """Emitted after the last batch, also if the run was cut short.

    `resumes_at` is set if the run ended because the request budget was used up: it has room again
    from then on. `interrupted`: it was asked to stop.
    """

    name: ClassVar[str] = "apply_finished"
    at: datetime
    applied: tuple[Address, ...]
    failed: tuple[Address, ...]
    unknown: tuple[Address, ...]
    not_attempted: tuple[Address, ...]
    deferred: tuple[Address, ...]
    requests: int
    resumes_at: datetime | None = None
    interrupted: bool = False


Event = ApplyStarted | BatchStarted | ChangeFinished | Waiting | ApplyFinished
