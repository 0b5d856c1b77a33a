"""`plancast reviewed`: whether all that a saved plan does was approved, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from plancast.commands.clearing import person_of, standing_of
from plancast.commands.reviewing import at_forge, key_of, request_name, setting_of
from plancast.core.approvals import (
    Clearance,
    approved_by_person,
    approved_by_request,
    marks_in,
    pending,
    plan_id,
)
from plancast.core.exits import ExitCode
from plancast.core.plan import Change, Plan
from plancast.core.ports import StateError
from plancast.core.reviewing import Verdict
from plancast.core.state import Applied, Approval, RequestApproval, State
from plancast.core.tip import SUPERSEDED, tip_problem
from plancast.forges import Forge, ForgeError, Request, RunEvent, event_of, newest

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `reviewed`. `plan` is the id that a person gives, "" if none does.

    `pushed`: who may push to the branch needs nobody who looks at it.
    """

    plan_file: str
    plan: str = ""
    pushed: bool = False
    out: str | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """`why` is for people; `clearance` is empty unless the verdict is SAME."""

    verdict: Verdict
    why: str
    clearance: Clearance = field(default=Clearance())


def run(args: Args, runtime: Runtime) -> ExitCode:
    """One word on standard output, and why on the other. Every word is an answer: exit 0."""
    from plancast.store.clearances import save  # noqa: PLC0415
    from plancast.store.planfile import load  # noqa: PLC0415

    plan = load(runtime.named(args.plan_file))
    with at_forge(runtime) as forge:
        if args.plan:
            answer = _named_by_person(plan, args.plan, forge, runtime.system_clock.now())
        elif args.pushed:
            why = "Whoever may push to the branch approves of what is pushed."
            answer = _by_person(plan, why, forge, runtime.system_clock.now())
        else:
            answer = _Review(plan, runtime, forge).answer()
        if answer.verdict is not Verdict.SAME and _is_superseded(runtime, forge):
            why = "A newer commit is on the branch; its run decides about this one as well."
            answer = _Answer(Verdict.SUPERSEDED, why)
    if args.out and answer.verdict is Verdict.SAME:
        save(runtime.named(args.out), answer.clearance)
    runtime.show(answer.verdict.value)
    runtime.say(answer.why)
    return ExitCode.DONE


def _is_superseded(runtime: Runtime, forge: Forge) -> bool:
    """Return whether the tip of the branch contains what is checked out; False if not known.

    An old run that is repeated finds its approvals spent. A person who is sent to approve of its
    plan would bring back what was removed since.
    """
    with suppress(StateError, ForgeError):
        trouble = tip_problem(standing_of(runtime, forge))
        return trouble is not None and trouble.code == SUPERSEDED
    return False


def _named_by_person(plan: Plan, named: str, forge: Forge, now: datetime) -> _Answer:
    """A person has read a plan in the summary of a run, and says its id."""
    if named != plan_id(plan):
        why = (
            f"The plan is {plan_id(plan)} by now, not {named}. Read it in the summary of this run, "
            "then run the workflow by hand with that id."
        )
        return _Answer(Verdict.DIFFERENT, why)
    return _by_person(plan, f"{forge.person or 'A person'} has named this plan.", forge, now)


def _by_person(plan: Plan, why: str, forge: Forge, now: datetime) -> _Answer:
    approvals = approved_by_person(plan.changes, person_of(forge), now)
    return _Answer(Verdict.SAME, why, _clearance(plan, approvals, (), forge))


def _clearance(
    plan: Plan, approvals: Mapping[str, Approval], requests: tuple[str, ...], forge: Forge
) -> Clearance:
    applied = Applied(forge.branch, forge.revision) if forge.branch and forge.revision else None
    return Clearance(approvals, requests, applied, plan_id(plan))


class _Review:
    """One plan, and what was approved by the state and by requests."""

    def __init__(self, plan: Plan, runtime: Runtime, forge: Forge) -> None:
        self.plan = plan
        self.forge = forge
        self.event = event_of(runtime.environ)
        self.key = key_of(runtime)
        self.setting = setting_of(runtime)
        self.now = runtime.system_clock.now()
        self.state: State = runtime.state()
        wanted = pending(plan.changes)
        self.left: dict[str, Change] = {
            key: change for key, change in wanted.items() if key not in self.state.approved
        }
        self.approvals: dict[str, Approval] = {}
        self.requests: list[str] = []
        self.commented = False

    def answer(self) -> _Answer:
        """Ask the request of this run first, then those that were merged lately."""
        request = self.forge.request()
        # A forge also names requests that are open for a commit. A run of one applies nothing.
        is_asked_before = self.event is RunEvent.REQUEST
        if request is not None and not (is_asked_before or self.is_contained(request)):
            request = None
        if request is not None:
            self.look_at(request)
        for other in self.forge.merged() if self.left else ():
            is_another = request is None or other.number != request.number
            if self.left and is_another and self.is_contained(other):
                self.look_at(other)
        where = f"{self.forge.noun} {request.number}" if request else ""
        if self.left:
            verdict = Verdict.DIFFERENT if self.commented else Verdict.UNKNOWN
            return _Answer(verdict, self.why_not(where))
        clearance = _clearance(self.plan, self.approvals, tuple(self.requests), self.forge)
        return _Answer(Verdict.SAME, self.why(where), clearance)

    def look_at(self, request: Request) -> None:
        """Take what our comment on it approves of; nothing if its approvals are spent."""
        name = request_name(self.forge, request)
        if name in self.state.spent:
            return
        found = newest(self.forge.comments(request), self.key)
        if found is None:
            return
        comment, marker = found
        self.commented = self.commented or bool(marker.plan)
        by = RequestApproval(
            self.forge.name.lower(), str(request.number), marker.revision or "unknown"
        )
        approved = approved_by_request(
            self.left, marks_in(comment.body), self.setting(name), by, self.now
        )
        if approved:
            self.requests.append(name)
        self.approvals |= approved
        self.left = {key: one for key, one in self.left.items() if key not in approved}

    def is_contained(self, request: Request) -> bool:
        """Whether what is checked out has the merge of a request."""
        if not (request.merge and self.forge.revision):
            return False
        if request.merge == self.forge.revision:
            return True
        return self.forge.contains(self.forge.revision, request.merge) is True

    def why(self, where: str) -> str:
        """Who has approved of it all."""
        noun = self.forge.noun
        if not self.approvals:
            return "All of the plan was approved before, or it sends nothing."
        if len(self.requests) > 1 or not where:
            names = ", ".join(name.partition(":")[2] for name in self.requests)
            return f"Each change of the plan was shown on a {noun} that was merged: {names}."
        return f"The plan does what the comment on {where} showed."

    def why_not(self, where: str) -> str:
        """What was not approved, and what a person can do about it."""
        some = ", ".join(str(change.address) for change in list(self.left.values())[:3])
        more = f" and {len(self.left) - 3} more" if len(self.left) > 3 else ""
        if not where:
            first = "This run is about no request, so nobody has reviewed this plan."
        elif not self.commented:
            first = f"There is no comment of plancast on {where} that shows a plan."
        else:
            first = f"The plan does something else than the comment on {where} showed."
        return (
            f"{first} Not approved: {some}{more}. To apply it, read it in the summary of this run, "
            f"then run the workflow by hand with the id of the plan, {plan_id(self.plan)}."
        )
