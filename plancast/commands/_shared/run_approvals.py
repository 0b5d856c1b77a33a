"""Clearance of an apply: what a person at the terminal, a review, or an earlier approval allows."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from plancast.commands._shared.forge_session import at_forge
from plancast.model.clearance import Clearance
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Action, Change, Plan
from plancast.model.quoting import first_few
from plancast.model.state import Applied, PersonApproval, State
from plancast.reconcile.approvals import approved_by_person, pending, plan_id
from plancast.reconcile.branch_tip import TipStanding, tip_problem

if TYPE_CHECKING:
    from datetime import datetime

    from plancast.app.context import Runtime
    from plancast.forges import Forge


@dataclass(frozen=True, slots=True)
class Clearing:
    """Source of this run's approvals: a review (the file of `reviewed`), or else the person.

    `waiting` allows only what was approved before. `commit` is the commit that CI applies and
    `person` started the CI run; both are None outside of CI. `saved` is the saved plan.
    """

    waiting: bool = False
    reviewed: Clearance | None = None
    commit: Applied | None = None
    person: PersonApproval | None = None
    saved: Plan | None = field(default=None, repr=False)

    def of(self, plan: Plan, state: State, runtime: Runtime) -> Clearance:
        """Return what may be sent. Raises Stop (PC845) if the plan has a change without approval.

        Without a review the user approves: that is who answered the question of `apply`.
        """
        if self.waiting:
            return Clearance(applied=self.commit)
        if self.reviewed is None:
            by = self.person or PersonApproval(_user(), "a terminal")
            now = runtime.system_clock.now()
            return Clearance(approved_by_person(plan.changes, by, now), applied=self.commit)
        # An approval may come from this review or be kept in the state from an earlier one.
        missing = [
            change
            for key, change in pending(plan.changes).items()
            if key not in self.reviewed.approvals and key not in state.approved
        ]
        # The file of a review names the plan that was reviewed: it must not clear another one.
        if self.saved is not None and self.reviewed.plan != plan_id(self.saved):
            raise Stop([problem("PC845", "the file of --reviewed is about another plan")])
        if missing:
            names = first_few([change.address for change in missing])
            raise Stop([problem("PC845", names)], ExitCode.REFUSED)
        return Clearance(
            self.reviewed.approvals, self.reviewed.requests, self.commit, self.reviewed.plan
        )


def at_tip(clearing: Clearing, runtime: Runtime) -> Clearing:
    """Add the commit and the person of this CI run to its clearing.

    Raises Stop (exit 4) unless the commit is the tip of the branch that is applied. Call it while
    the lease of the state is held, so that no other run can apply in between.
    """
    with at_forge(runtime) as forge:
        standing = standing_of(runtime, forge)
        person = person_of(forge)
    trouble = tip_problem(standing)
    if trouble is not None:
        raise Stop([trouble], ExitCode.REFUSED)
    commit = Applied(standing.wanted, standing.commit)
    return replace(clearing, commit=commit, person=person)


def person_of(forge: Forge) -> PersonApproval:
    """Return the person who started this run of CI, in the form that an approval stores."""
    return PersonApproval(forge.person or "unknown", forge.run or "a run")


def standing_of(runtime: Runtime, forge: Forge) -> TipStanding:
    """Compare the commit of this run with the tip of the branch that may be applied.

    Raises StateUnreachable, ForgeError.
    """
    wanted = runtime.settings.policy.branch or forge.default_branch
    commit = runtime.head()
    tip = runtime.tip_of(wanted) if wanted else ""
    # Only a run of the right branch can be merely late; the forge is asked for that case alone.
    is_older = bool(commit and tip) and commit != tip and forge.branch == wanted
    contained = forge.contains(tip, commit) if is_older else None
    return TipStanding(wanted, forge.branch, commit, tip, contained)


def not_approved(whole: Sequence[Change], state: State, now: datetime) -> list[Diagnostic]:
    """Return a diagnostic for each change that is left for a person, and how long it has been.

    It was never approved (PC843), or the network refused it (PC844). `state` is that after the
    apply: what it has made is in neither list.
    """
    diagnostics = []
    for key, change in pending(whole).items():
        known, since = state.approved.get(key), state.unapproved.get(key)
        words = f"to {change.action.value}" if change.action is not Action.NONE else "it waits"
        if since is not None:
            code, detail = "PC843", f"{words}; known {_ago(since, now)}"
        elif known is not None and known.refused:
            code, detail = "PC844", f"{words}; approved {_ago(known.at, now)}"
        else:
            continue
        diagnostics.append(problem(code, detail, address=str(change.address), source=change.source))
    return diagnostics


def _ago(since: datetime, now: datetime) -> str:
    from plancast.render.text import count  # noqa: PLC0415

    when = f"since {since:%Y-%m-%d %H:%M} UTC"
    days = (now - since).days
    return f"{when} ({count(days, 'day')})" if days > 0 else when


def _user() -> str:
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "a person"
