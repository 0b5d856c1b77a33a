"""The approvals of a review on their way to the state.

Which changes a nightly run may send is decided in `reconcile.top_up`, and what a review approved in
`reconcile.approvals`: this module only carries their results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plancast.model.state import (
    Applied,
    Approval,
)


@dataclass(frozen=True, slots=True)
class Clearance:
    """The changes that a run may send, with their approvals.

    `approvals` are by the keys of `reconcile.approvals`. `requests` are the pull requests or merge
    requests that contributed at least one of them. `applied` is the commit of the files, None
    outside of CI. `plan` is the id of the plan that the clearance was made for.
    """

    approvals: Mapping[str, Approval] = field(default_factory=dict, hash=False)
    requests: tuple[str, ...] = ()
    applied: Applied | None = None
    plan: str = ""
