"""The question that a plan answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from plancast.model.diagnostics import Diagnostic, Pointer, SourceRange
from plancast.model.entry import Address
from plancast.model.plan import Action, Change
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.moves import SettledMoves
from plancast.reconcile.rails import Allowances


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The question that a plan answers.

    `profiles` maps the aliases of the workspace to live profiles. `locate`
    turns the place of a post into a line. `targets` are globs on addresses, `only` are actions;
    none of them means everything. `history` counts the posts that lie before
    `policy.history_before`: they are neither planned nor destroyed. `zone` shows the times of
    what no file asks for any more. `hide_unmanaged`: what others wrote is left out.
    `moves` is what authors say of posts that were renamed or removed. `elsewhere` are remote ids
    that another workspace owns: they are never adopted. `may`: a change that it says no to is left
    out, and `may_flag` is the flag that says so. `waiting` are changes that wait until another
    workspace lets go of the same, and why. `missing` are content folders that
    do not exist.
    """

    desired: tuple[Desired, ...]
    profiles: Mapping[str, Profile]
    policy: Policy
    content_digest: str
    locate: Callable[[Pointer], SourceRange | None]
    diagnostics: tuple[Diagnostic, ...] = ()
    history: frozenset[Address] = frozenset()
    destroy: bool = False
    zone: str = "UTC"
    targets: tuple[str, ...] = ()
    only: tuple[Action, ...] = ()
    hide_unmanaged: bool = False
    allow: Allowances = field(default=Allowances())
    moves: SettledMoves = field(default=SettledMoves())
    elsewhere: frozenset[str] = frozenset()
    may: Callable[[Change], bool] | None = None
    may_flag: str = ""
    missing: tuple[str, ...] = ()
    waiting: Mapping[Address, str] = field(default_factory=dict)

    @property
    def asks_for_nothing(self) -> bool:
        """Return whether no file asks for anything, although the plan may destroy what is owned."""
        may_destroy = not self.only or Action.DESTROY in self.only
        return may_destroy and not (self.desired or self.destroy or self.history)

    @property
    def flags(self) -> str:
        """The flags that narrow the plan, as a reason names them."""
        only = " ".join(f"`--only {action.value}`" for action in self.only)
        targets = "`--target`" if self.targets else ""
        return " and ".join(filter(None, (targets, self.may_flag or only)))

    def asks_for(self, change: Change) -> bool:
        """Return whether a change is in the scope of the plan."""
        if self.only and change.action not in (Action.NONE, *self.only):
            return False
        if self.may is not None and not self.may(change):
            return False
        return is_target(change.address, self.targets)


def is_target(address: Address, targets: Sequence[str]) -> bool:
    """Return whether one of these globs means an address; without any, all are meant."""
    return not targets or any(fnmatchcase(str(address), target) for target in targets)
