"""The approvals of a review on their way to the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plancast.model.state import (
    Applied,
    Approval,
)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a run may send, and by whose word.

    `approvals` are by key. `requests` are those of which any is used. `applied` is the commit that
    the files are from, None outside of CI. `plan` is the id of the plan that it was made for.
    """

    approvals: Mapping[str, Approval] = field(default_factory=dict, hash=False)
    requests: tuple[str, ...] = ()
    applied: Applied | None = None
    plan: str = ""
