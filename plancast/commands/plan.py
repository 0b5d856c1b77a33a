"""The command `plancast plan`: show exactly what an apply would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import formats, invoke, no_cache, rails, scope, sort
from plancast.commands._shared.plan_session import Scope, plan_now
from plancast.engine.planner import Planned
from plancast.model.exit_codes import ExitCode, code_for
from plancast.model.plan import Plan

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args(Scope):
    """The flags of `plan`, beside those that it shares with `apply`."""

    out: str | None = None
    format_name: str = "human"
    sort: str = "time"
    offline: bool = False
    detailed_exitcode: bool = False
    no_cache: bool = False

    @property
    def is_only_shown(self) -> bool:
        """Whether the result can be no input of an apply: JSON is a saved plan as well."""
        return self.out is None and self.format_name != "json" and not self.waiting


@click.command("plan")
@click.option("-o", "--out", metavar="FILE", type=click.Path(dir_okay=False), help="Save the plan.")
@formats("plan")
@scope
@sort
@click.option("--offline", is_flag=True, help="Against the last observed state; needs no token.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if changes are pending.")
@no_cache
@rails
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Show exactly what an apply would do."""
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Make the plan, show it, and save it if `--out` is given."""
    from plancast.render.formats import plan_pieces  # noqa: PLC0415

    if args.is_only_shown:
        runtime = runtime.for_preview(no_cache=args.no_cache)
    args = args.with_all_targets(runtime)
    planned = plan_now(args, runtime, offline=args.offline)
    plan = planned.plan
    options = replace(runtime.options(plan.generated_at), sort=args.sort)
    runtime.console.show_pieces(plan_pieces(plan, args.format_name, options))
    if args.out:
        save_plan(plan, args.out, runtime)
    return ending(planned, detailed=args.detailed_exitcode)


def save_plan(plan: Plan, out: str, runtime: Runtime) -> None:
    """Write the plan to a file, seen from the current folder, and say how to apply it."""
    from plancast.store.plan_file import save  # noqa: PLC0415

    save(runtime.named(out), plan)
    if runtime.environ.get("CI"):
        # A person who reads the log cannot apply that file: the machine is gone by then.
        runtime.console.say(f"Saved the plan to {PurePath(out).name}.")
    else:
        runtime.console.say(
            f"Saved the plan to {out}. Apply exactly this with: plancast apply {out}"
        )


def ending(planned: Planned, *, detailed: bool) -> ExitCode:
    """Return the exit code of a plan; changes are reported by it only if `detailed`."""
    plan = planned.plan
    if not plan.can_apply:
        return code_for(plan.diagnostics)
    if planned.undecided:
        return ExitCode.UNKNOWN
    return ExitCode.CHANGES if detailed and plan.has_changes else ExitCode.DONE
