"""The progress of one apply: a frozen value that each step takes and returns.

The applier has the effects; this value remembers what they were and decides which call may be made
next. So everything that an apply remembers between two calls is in one place, and can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from plancast.model.entry import Address, Entry
from plancast.model.events import Outcome
from plancast.model.plan import Action, Change
from plancast.model.state import Approval, State
from plancast.reconcile.order import PlannedCall, Span


@dataclass(frozen=True, slots=True)
class SettledCall:
    """A change of the plan, with its outcome."""

    change: Change
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True, slots=True)
class NumberedCall:
    """A call, its position in the order of all calls, and the span that begins with it, if any."""

    call: PlannedCall
    number: int | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The memory of a run between two calls: what was done, and what must not be done any more.

    `left` counts the calls to come, `announced` the intents written so far. `aborted` says why the
    run ends early; `fenced`: because another run took over. `left_out` are the numbers of calls
    that the budget has no room for. A create is blocked by its address, by its group, or by an
    equal create on the same profile whose outcome is unknown. `blocked_profiles` take no creates:
    a draft of an earlier run may still become posts there. `reserved` are the creates of this batch
    that are through their first phase; `origins` are those in their second. `drafts` are the keyed
    creates of this batch that have a draft, each with the id of its intent.
    """

    state: State
    left: int
    requests: int = 0
    announced: int = 0
    settled: tuple[SettledCall, ...] = ()
    aborted: str = ""
    fenced: bool = False
    resumes_at: datetime | None = None
    left_out: frozenset[int] = frozenset()
    blocked_addresses: frozenset[Address] = frozenset()
    blocked_groups: frozenset[str] = frozenset()
    unknown_creates: frozenset[tuple[str, Entry]] = frozenset()
    blocked_profiles: frozenset[str] = frozenset()
    drafts: tuple[tuple[PlannedCall, str], ...] = ()
    reserved: Mapping[Address, Change] = field(default_factory=dict)
    origins: Mapping[Address, Change] = field(default_factory=dict)
    dropped: tuple[Approval, ...] = ()

    def blocks(self, call: PlannedCall) -> bool:
        """Return whether a create must not be made.

        Something that it depends on did not happen, or its entry may exist already.
        """
        if call.action is not Action.CREATE:
            return False
        return any(
            change.address in self.blocked_addresses
            or change.group in self.blocked_groups
            or change.profile.id in self.blocked_profiles
            or (change.profile.id, call.entry) in self.unknown_creates
            for change in call.changes
        )

    def block_after(self, change: Change) -> Progress:
        """Block the creates that were to come after a change that did not happen.

        A failed destroy leaves its address in use; any failure in a group holds its creates.
        """
        addresses, groups = self.blocked_addresses, self.blocked_groups
        if change.action is Action.DESTROY:
            addresses |= {change.address}
        if change.group:
            groups |= {change.group}
        return replace(self, blocked_addresses=addresses, blocked_groups=groups)

    def reserve(self, change: Change) -> Progress:
        """Remember a create that is through its first phase."""
        return replace(self, reserved={**self.reserved, change.address: change})

    def with_draft(self, call: PlannedCall, intent_id: str) -> Progress:
        """Remember a keyed create that has a draft."""
        return replace(self, drafts=(*self.drafts, (call, intent_id)))

    def without_origin(self, address: Address) -> Progress:
        """Forget a create that is through its second phase."""
        left = {known: change for known, change in self.origins.items() if known != address}
        return replace(self, origins=left)

    def add(self, settled: SettledCall) -> Progress:
        """Remember a change that has ended."""
        return replace(self, settled=(*self.settled, settled))
