"""The command `plancast reviewed`: report whether all that a saved plan does was approved.

A change counts as approved if the state holds an approval of it, if a comment of ours on a merged
request has its mark, or if a person names the plan by its id. CI applies only if the answer is
`same`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import invoke
from plancast.commands._shared.forge_session import at_forge, key_of, request_name, setting_of
from plancast.commands._shared.run_approvals import person_of, standing_of
from plancast.forges import Forge, ForgeError, ReviewRequest, RunEvent, event_of, newest
from plancast.model.clearance import Clearance
from plancast.model.exit_codes import ExitCode
from plancast.model.plan import Change, Plan
from plancast.model.ports import StateError
from plancast.model.quoting import first_few
from plancast.model.state import Applied, Approval, RequestApproval, State
from plancast.reconcile.approvals import (
    SPENT_FOR,
    ReviewVerdict,
    approved_by_person,
    approved_by_request,
    marks_in,
    pending,
    plan_id,
)
from plancast.reconcile.branch_tip import tip_problem

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `reviewed`. `plan` is the id that a person gives, "" if none does.

    `pushed`: what is pushed to the branch needs no review. `kept`: use the state alone, no forge.
    """

    plan_file: str
    plan: str = ""
    pushed: bool = False
    kept: bool = False
    out: str | None = None


@click.command("reviewed")
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@click.option("--plan", metavar="ID", default="", help="A person has read the plan with this id.")
@click.option(
    "--pushed", is_flag=True, help="Who may push to the branch approves of what is pushed."
)
@click.option(
    "--kept", is_flag=True, help="Ask no forge: what did earlier runs take over into the state?"
)
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Save what was approved, for `apply --reviewed`.",
)
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Report whether all that a saved plan does was approved.

    By the comment on its pull request, on others that were merged, or earlier. Prints `same`,
    `nothing`, `different`, `unknown` or `superseded`.
    """
    invoke(context, Args, run, flags)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer of the command. `why` is for people; `clearance` is empty unless it is SAME."""

    verdict: ReviewVerdict
    why: str
    clearance: Clearance = field(default=Clearance())


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Print the verdict on standard output and the reason on standard error.

    Every verdict exits 0, so that a workflow reads the word and an error stays an error.
    """
    from plancast.store.plan_file import load, save_clearance  # noqa: PLC0415

    plan = load(runtime.named(args.plan_file))
    if args.kept:
        answer = _kept(plan, runtime.state())
    else:
        with at_forge(runtime) as forge:
            answer = _asked(args, plan, runtime, forge)
    if args.out and answer.verdict is ReviewVerdict.SAME:
        save_clearance(runtime.named(args.out), answer.clearance)
    runtime.console.show(answer.verdict.value)
    runtime.console.say(answer.why)
    return ExitCode.DONE


def _asked(args: Args, plan: Plan, runtime: Runtime, forge: Forge) -> _Answer:
    # A person named a plan by its id, but the queue or the files have changed since.
    is_another = args.plan not in ("", plan_id(plan))
    if is_another and not (plan.has_changes or pending(plan.changes)):
        answer = _Answer(ReviewVerdict.NOTHING, "The plan does nothing any more.")
    elif is_another:
        why = (
            f"The plan is {plan_id(plan)} by now, not {args.plan}. Read it in the summary of this "
            "run, then run the workflow by hand with that id."
        )
        answer = _Answer(ReviewVerdict.DIFFERENT, why)
    else:
        answer = _by_review(args, _Review(plan, runtime, forge))
    if answer.verdict in (ReviewVerdict.DIFFERENT, ReviewVerdict.UNKNOWN):
        why = _superseded(runtime, forge)
        return _Answer(ReviewVerdict.SUPERSEDED, why) if why else answer
    return answer


def _by_review(args: Args, review: _Review) -> _Answer:
    review.gather()
    if args.plan:
        return review.approved(f"{review.forge.person or 'A person'} has named this plan.")
    if args.pushed:
        return review.approved("Whoever may push to the branch approves of what is pushed.")
    return review.answer()


def _kept(plan: Plan, state: State) -> _Answer:
    """Answer by the approvals in the state alone, which is all that a top-up may create."""
    left = [change for key, change in pending(plan.changes).items() if key not in state.approved]
    if not left:
        return _Answer(ReviewVerdict.SAME, "All that waits was approved.")
    return _Answer(ReviewVerdict.UNKNOWN, f"No run has taken over an approval of {_named(left)}.")


def _named(changes: Sequence[Change]) -> str:
    return first_few([change.address for change in changes])


def _superseded(runtime: Runtime, forge: Forge) -> str:
    """Return why the run of another commit decides about this one; "" if none does, or not known.

    An old run that is repeated finds its approvals spent. If this asked a person to approve its
    plan by hand, that would bring back what was removed since.
    """
    with suppress(StateError, ForgeError):  # without an answer the first verdict stands
        standing = standing_of(runtime, forge)
        if tip_problem(standing) is None or standing.branch != standing.wanted:
            return ""
        if standing.contained:
            return "A newer commit is on the branch; its run decides about this one as well."
        if standing.tip and standing.contained is False:
            return "This commit is not on the branch any more; the run of its tip decides."
    return ""


class _Review:
    """The review of one plan: its changes, and the approvals found in the state and on requests.

    `wanted` are the changes that need an approval by their keys, `left` those still without one.
    `requests` are the requests whose merge is checked out and whose approvals no run has used: they
    are spent with this plan. `by` are those of which the plan uses an approval. `commented` says
    whether any of them showed a plan.
    """

    def __init__(self, plan: Plan, runtime: Runtime, forge: Forge) -> None:
        self.plan = plan
        self.forge = forge
        self.event = event_of(runtime.environ)
        self.key = key_of(runtime)
        self.setting = setting_of(runtime)
        self.now = runtime.system_clock.now()
        self.state: State = runtime.state()
        self.wanted = pending(plan.changes)
        self.left: dict[str, Change] = {
            key: change for key, change in self.wanted.items() if key not in self.state.approved
        }
        self.approvals: dict[str, Approval] = {}
        self.requests: list[str] = []
        self.by: list[str] = []
        self.commented = False
        self.request: ReviewRequest | None = None

    def gather(self) -> None:
        """Collect approvals from the request of this run first, then from recently merged ones."""
        request = self.forge.request()
        # A forge also names requests that are still open for a commit: these approve of nothing.
        # Before a merge (the event of a request) the question is what its comment would approve.
        is_asked_before = self.event is RunEvent.REQUEST
        if request is not None and not (is_asked_before or self.is_contained(request)):
            request = None
        if request is not None:
            self.look_at(request)
        for other in self.forge.merged():
            is_another = request is None or other.number != request.number
            if is_another and self.is_young(other) and self.is_contained(other):
                self.look_at(other)
        self.request = request

    def answer(self) -> _Answer:
        """Return the answer that follows from the approvals of the state and of requests."""
        where = f"{self.forge.noun} {self.request.number}" if self.request else ""
        if self.left:
            verdict = ReviewVerdict.DIFFERENT if self.commented else ReviewVerdict.UNKNOWN
            return _Answer(verdict, self.why_not(where))
        return self.passed(self.why(where))

    def approved(self, why: str) -> _Answer:
        """Return the answer for a plan that a person approves as a whole."""
        person = person_of(self.forge)
        self.approvals = approved_by_person(self.plan.changes, person, self.now)
        return self.passed(why)

    def passed(self, why: str) -> _Answer:
        """Return SAME with the clearance, or NOTHING if an apply of the plan would record nothing.

        An apply is also needed if it only ends approvals, so that no later run can use them.
        """
        # An approval in the state that no change asks for any more must be ended by an apply.
        is_over = any(key not in self.wanted for key in self.state.approved)
        if not (self.wanted or self.plan.has_changes or self.requests or is_over):
            return _Answer(ReviewVerdict.NOTHING, "The plan does nothing.")
        forge = self.forge
        applied = Applied(forge.branch, forge.revision) if forge.branch and forge.revision else None
        return _Answer(
            ReviewVerdict.SAME,
            why,
            Clearance(self.approvals, tuple(self.requests), applied, plan_id(self.plan)),
        )

    def look_at(self, request: ReviewRequest) -> None:
        """Take the approvals of our newest comment on a request, unless they are spent."""
        name = request_name(self.forge, request)
        if name in self.state.spent:
            return
        comments = newest(self.forge.comments(request), self.key)
        if comments is None:
            return
        comment, marker = comments
        # A comment without a plan only reports problems; it cannot have shown this plan.
        self.commented = self.commented or bool(marker.plan)
        by = RequestApproval(
            self.forge.name.lower(), str(request.number), marker.revision or "unknown"
        )
        marks = marks_in(comment.body)
        if marks:
            self.requests.append(name)
        approved = approved_by_request(self.left, marks, self.setting(name), by, self.now)
        if approved:
            self.by.append(name)
        self.approvals |= approved
        self.left = {key: change for key, change in self.left.items() if key not in approved}

    def is_young(self, request: ReviewRequest) -> bool:
        """Return whether the state would still list this request if its approvals were spent."""
        return request.merged_at is None or self.now - request.merged_at < SPENT_FOR

    def is_contained(self, request: ReviewRequest) -> bool:
        """Return whether the checked-out commit contains the merge of a request.

        The forge is asked, since CI checks out one commit without its history.
        """
        if not (request.merge and self.forge.revision):
            return False
        if request.merge == self.forge.revision:
            return True
        return self.forge.contains(self.forge.revision, request.merge) is True

    def why(self, where: str) -> str:
        """Say who has approved all of the plan."""
        noun = self.forge.noun
        if not self.approvals:
            return "All of the plan was approved before, or it sends nothing."
        if len(self.by) > 1 or not where:
            names = ", ".join(name.partition(":")[2] for name in self.by)
            return f"Each change of the plan was shown on a {noun} that was merged: {names}."
        return f"The plan does what the comment on {where} showed."

    def why_not(self, where: str) -> str:
        """Say what was not approved, and what a person can do about it."""
        # The same request cannot approve twice, so its comment no longer counts.
        is_used = self.request and request_name(self.forge, self.request) in self.state.spent
        if is_used:
            first = f"What {where} approved of was used by an earlier run, or was over before it."
        elif not where:
            first = "This run is about no request, so nobody has reviewed this plan."
        elif not self.commented:
            first = f"There is no comment of plancast on {where} that shows a plan."
        else:
            first = f"The plan does something else than the comment on {where} showed."
        return (
            f"{first} Not approved: {_named(list(self.left.values()))}. To apply it, read it in "
            "the summary of this run, then run the workflow by hand with the id of the plan, "
            f"{plan_id(self.plan)}."
        )
