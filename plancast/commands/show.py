"""The command `plancast show`: show a saved plan, as `plan` showed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import formats, invoke
from plancast.model.exit_codes import ExitCode

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `show`."""

    plan_file: str
    format_name: str = "human"


@click.command("show")
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@formats("show")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Show a saved plan."""
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read a saved plan and render it. Distances ("in 8 days") count from when it was made."""
    from plancast.render.formats import plan_pieces  # noqa: PLC0415
    from plancast.store.plan_file import load  # noqa: PLC0415

    plan = load(runtime.named(args.plan_file))
    options = runtime.options(plan.generated_at, zone="UTC", provider=plan.provider)
    runtime.console.show_pieces(plan_pieces(plan, args.format_name, options))
    return ExitCode.DONE
