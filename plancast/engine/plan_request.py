"""The request for a plan: what the files ask for, and the scope and flags of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plancast.model.diagnostics import Diagnostic, Pointer, SourceRange
from plancast.model.entry import Address
from plancast.model.limits import NetworkLimits
from plancast.model.plan import Action, Change
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.registry import LIMITS
from plancast.reconcile.moves import SettledMoves
from plancast.reconcile.rails import Allowances
from plancast.reconcile.targets import WITHOUT, is_target


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The inputs of a plan that come from files, settings and flags.

    `profiles` maps the aliases of the workspace to live profiles. `locate` turns the place of a
    post into a line. `diagnostics` are the problems found so far. `history` are the addresses of
    posts before `policy.history_before`: they are neither planned nor destroyed. `destroy`: plan as
    if no file asked for anything. `zone` is the time zone of entries that no file asks for any
    more. `targets` are globs on addresses and `only` are actions; an empty tuple means everything.
    `hide_unmanaged`: leave out the texts of unmanaged entries. `moves` are the stated moves.
    `elsewhere` are remote ids that another workspace owns: never adopted. `may` is a further test
    of the scope, and `may_flag` the flag that it comes from. `missing` are content folders that do
    not exist. `unread` maps ids of posts that the state knows to the folder of a tool that may hold
    them, which was not read. `waiting` maps addresses that wait for another workspace to the
    reason. `limits` are those of the networks that the posts were checked by.
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
    unread: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[Address, str] = field(default_factory=dict)
    limits: Mapping[str, NetworkLimits] = field(default_factory=lambda: LIMITS)

    @property
    def asks_for_nothing(self) -> bool:
        """Whether no file asks for anything, and the plan may destroy what is owned.

        With `--destroy` that is meant, and a workspace with history is not empty.
        """
        may_destroy = not self.only or Action.DESTROY in self.only
        return may_destroy and not (self.desired or self.destroy or self.history)

    @property
    def flags(self) -> str:
        """The flags that narrow the plan, as reasons name them."""
        only = " ".join(f"`--only {action.value}`" for action in self.only)
        without = [target for target in self.targets if target.startswith(WITHOUT)]
        targets = "`--target`" if len(without) < len(self.targets) else ""
        exclude = "`--exclude`" if without else ""
        return " and ".join(filter(None, (targets, exclude, self.may_flag or only)))

    def asks_for(self, change: Change) -> bool:
        """Return whether a change is in the scope of the plan.

        An update that completes a two-phase create counts as a create.
        """
        action = Action.CREATE if change.completes_create else change.action
        if self.only and change.action is not Action.NONE and action not in self.only:
            return False
        if self.may is not None and not self.may(change):
            return False
        return is_target(str(change.address), self.targets)
