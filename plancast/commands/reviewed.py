"""`plancast reviewed`: whether a saved plan does what the comment on its request showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.reviewing import at_forge, key_of
from plancast.core.exits import ExitCode
from plancast.core.plan import Plan
from plancast.core.reviewing import Verdict, approvals, judge, listed
from plancast.forges import Forge, Request, newest

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `reviewed`."""

    plan_file: str


def run(args: Args, runtime: Runtime) -> ExitCode:
    """One word on standard output, and why on the other. Every word is an answer: exit 0."""
    from plancast.store.planfile import load  # noqa: PLC0415

    plan = load(runtime.named(args.plan_file))
    key = key_of(runtime)
    with at_forge(runtime) as forge:
        request = forge.request()
        found = newest(forge.comments(request), key) if request else None
        where = f"{forge.noun} {request.number}" if request else ""
        approved = listed(found[0].body) if found else frozenset()
        verdict = judge(plan, found[1] if found else None, approved)
        together = verdict is not Verdict.SAME and _is_shown(plan, approved, request, forge, key)
    if together:
        runtime.show(Verdict.SAME.value)
        runtime.say(f"Each change of the plan was shown on a {forge.noun} that was merged.")
        return ExitCode.DONE
    runtime.show(verdict.value)
    runtime.say(_why(verdict, where, commented=found is not None))
    return ExitCode.DONE


def _is_shown(
    plan: Plan, approved: frozenset[str], request: Request | None, forge: Forge, key: str
) -> bool:
    """Whether each change was approved, on this request or on one that was merged lately."""
    left = approvals(plan) - approved
    for other in forge.merged() if left else ():
        if request is None or other.number != request.number:
            left -= _approved(forge, other, key)
        if not left:
            return True
    return False


def _approved(forge: Forge, request: Request, key: str) -> frozenset[str]:
    """What our comment on a request that was merged showed."""
    found = newest(forge.comments(request), key)
    return listed(found[0].body) if found else frozenset()


def _why(verdict: Verdict, where: str, *, commented: bool) -> str:
    if not where:
        return "This run is about no request, so nobody has reviewed this plan."
    if not commented:
        return f"There is no comment of plancast on {where}."
    if verdict is Verdict.UNKNOWN:
        return f"The comment on {where} shows no plan."
    if verdict is Verdict.SAME:
        return f"The plan does what the comment on {where} showed."
    return f"The plan does something else than the comment on {where} showed."
