"""`plancast plan`: show exactly what an apply would do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from plancast.commands.planning import Scope, plan_now
from plancast.core.exits import ExitCode, code_for
from plancast.core.plan import Plan
from plancast.workflow.planner import Planned

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args(Scope):
    """The flags of `plan`."""

    out: str | None = None
    format_name: str = "human"
    offline: bool = False
    detailed_exitcode: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Load, read, decide, show."""
    from plancast.views import RENDERERS  # noqa: PLC0415

    planned = plan_now(args, runtime, offline=args.offline)
    plan = planned.plan
    runtime.show(RENDERERS[args.format_name](plan, runtime.options(plan.generated_at)))
    if args.out:
        save_plan(plan, args.out, runtime)
    return ending(planned, detailed=args.detailed_exitcode)


def save_plan(plan: Plan, out: str, runtime: Runtime) -> None:
    """Write the plan to a file, relative to where the user stands."""
    from plancast.store.planfile import save  # noqa: PLC0415

    save(runtime.named(out), plan)
    if runtime.environ.get("CI"):
        # A person who reads the log cannot apply that file: the machine is gone by then.
        runtime.say(f"Saved the plan to {PurePath(out).name}.")
    else:
        runtime.say(f"Saved the plan to {out}. Apply exactly this with: plancast apply {out}")


def ending(planned: Planned, *, detailed: bool) -> ExitCode:
    """0, or why not. Changes are told by the exit code only where that was asked for."""
    plan = planned.plan
    if not plan.can_apply:
        return code_for(plan.diagnostics)
    if planned.undecided:
        return ExitCode.UNKNOWN
    return ExitCode.CHANGES if detailed and plan.has_changes else ExitCode.DONE
