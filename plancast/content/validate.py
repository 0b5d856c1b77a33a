"""Everything that can be said of posts once it is known which profiles they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plancast.content.loader import Loaded
from plancast.core.checks import check
from plancast.core.diagnostics import Diagnostic
from plancast.core.expand import expand
from plancast.core.model import Desired, Profile
from plancast.core.networks import LIMITS, NetworkLimits


@dataclass(frozen=True, slots=True)
class Validated:
    """What the posts ask for, how many entries are drafts, and what is wrong, located."""

    desired: tuple[Desired, ...]
    drafts: int
    diagnostics: tuple[Diagnostic, ...]


def validate(
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    limits: Mapping[str, NetworkLimits] = LIMITS,
) -> Validated:
    """Expand the posts on `profiles` (by alias) and check them; drafts are checked as well."""
    expanded = expand(loaded.workspace, loaded.posts, profiles)
    policy = loaded.workspace.policy
    before = policy.history_before
    current = [
        item
        for item in (*expanded.desired, *expanded.drafted)
        if before is None or item.entry.due_at is None or item.entry.due_at >= before
    ]
    found = (*expanded.diagnostics, *check(current, policy, limits))
    return Validated(expanded.desired, len(expanded.drafted), loaded.locate(found))
