"""What an apply tells the world while it runs.

The applier emits these values to a Sink and knows nothing of screens, JSON or
logs. `name` is the word in the JSON stream; `schemas/event.schema.json` has the
wire form.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar

from plancast.model.entry import Address
from plancast.model.plan import Action


class Outcome(Enum):
    """How one change ended."""

    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class ApplyStarted:
    """Before the first batch. `requests` and `eta_seconds` are the plan's estimate."""

    name: ClassVar[str] = "apply_started"
    at: datetime
    changes: int
    requests: int
    eta_seconds: int


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """The intents of this batch are durable. `number` counts from 1."""

    name: ClassVar[str] = "batch_started"
    at: datetime
    number: int
    of: int
    calls: int


@dataclass(frozen=True, slots=True)
class ChangeFinished:
    """One change is settled. `done` of `total` are, `remaining_seconds` is the estimate left."""

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
    """The limiter (or a quiet period) holds the next request back for `seconds`."""

    name: ClassVar[str] = "waiting"
    at: datetime
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class ApplyFinished:
    """After the last batch, also when the run was cut short.

    `resumes_at`: the budget of requests was used up, and there is more of it from then on.
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


Event = ApplyStarted | BatchStarted | ChangeFinished | Waiting | ApplyFinished
