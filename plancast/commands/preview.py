"""The command `plancast preview`: write the calendar and the posts as one HTML page.

The page shows a plan without judging it: the exit code is 0 whenever the page was written, and the
page itself says why an apply would be refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import invoke, no_cache, scope
from plancast.commands._shared.plan_session import Scope, plan_now
from plancast.forges import ForgeError, detect
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from plancast.app.context import Runtime
    from plancast.files.named_file import NamedFile
    from plancast.render.options import ViewOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Args(Scope):
    """The flags of `preview`. `show` opens the page in a browser."""

    plan_file: str | None = None
    out: str = "plancast-preview.html"
    offline: bool = False
    show: bool = False
    no_cache: bool = False


@click.command("preview")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    default="plancast-preview.html",
    show_default=True,
    help="Where to write the page.",
)
@click.option("--offline", is_flag=True, help="Against the last observed state; needs no token.")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@scope
@no_cache
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Write the calendar and the posts as one HTML page.

    PLAN is a file that `plan -o` saved; without it a plan is made now.
    """
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read a saved plan or make one, write the page, and show its name."""
    from plancast.render.formats import render_plan  # noqa: PLC0415

    runtime = runtime.for_preview(no_cache=args.no_cache)
    out = runtime.named(args.out)
    args = args.with_all_targets(runtime)
    plan = _plan(args, out, runtime)
    options = _options(plan, args, runtime)
    _write(out, args.out, render_plan(plan, "html", options))
    runtime.console.show_name(args.out)
    runtime.console.say(f"{plan.verdict} The page needs no network: open it in any browser.")
    if args.show and not _opened(out.path):
        runtime.console.say("No browser was found on this machine.")
    return ExitCode.DONE


def _plan(args: Args, out: NamedFile, runtime: Runtime) -> Plan:
    if args.plan_file is None:
        return plan_now(args, runtime, offline=args.offline).plan
    if args.offline or args.targets or args.only or args.hide_unmanaged or args.destroy:
        raise Stop([problem("PC809", "a saved plan is shown as it is: leave the other flags out")])
    from plancast.store.plan_file import load  # noqa: PLC0415

    saved = runtime.named(args.plan_file)
    plan = load(saved)
    # Writing the page would destroy the plan that it shows.
    if out.is_same(saved):
        raise Stop([problem("PC007", f"{args.out}: that is the plan itself")])
    return plan


def _options(plan: Plan, args: Args, runtime: Runtime) -> ViewOptions:
    """Return the options of the page, with the commit and the run if this is a run of CI.

    A saved plan needs no workspace for its times: its entries carry their zones.
    """
    zone = "UTC" if args.plan_file is not None else None
    options = runtime.options(plan.generated_at, zone)
    try:
        forge = detect(runtime.environ, runtime.system_clock)
        if forge is None:
            return options
        try:
            return replace(options, revision=forge.revision, run=forge.run)
        finally:
            forge.close()
    except ForgeError:  # variables of CI that are incomplete are no reason to write no page
        return options


def _write(out: NamedFile, name: str, text: str) -> None:
    from plancast.files.refusals import unwritable  # noqa: PLC0415

    try:
        out.replace(text.encode(), mode=0o644)  # readable by others: the page is made to be shared
    except OSError as error:
        raise Stop([unwritable(name, error)]) from error


def _opened(path: Path) -> bool:
    import webbrowser  # noqa: PLC0415

    return webbrowser.open(path.resolve().as_uri())
