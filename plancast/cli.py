"""The command line: flags become typed arguments, errors become exit codes.

No command lives here. Each is a module of `plancast.commands` with a frozen
`Args` and a function `run(args, runtime)`, imported when it is called: what
`plancast --help` costs is click alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from plancast import __version__

EPILOG = """\b
Exit codes:
  0    done, or no changes
  1    an error in the files, in the usage or of the world
  2    changes are pending (only `plan --detailed-exitcode`)
  3    applied in part
  4    refused by a safety rail; the message names the flag
  5    locked by another run
  6    outcomes are unknown; nothing was repeated
  7    the saved plan is stale
  70   a bug of plancast
  130  interrupted
"""


class _Plancast(click.Group):
    """The group, with our exit codes in the place of click's."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, **extra: Any
    ) -> NoReturn:
        extra.pop("standalone_mode", None)
        argv = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(args=argv, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            code = 1
        except click.exceptions.Exit as error:
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("Interrupted.", err=True)
            code = 130
        except Exception as error:  # noqa: BLE001  # the one place that catches all
            from plancast.runtime import report_bug  # noqa: PLC0415

            code = report_bug(error)
        sys.exit(code if isinstance(code, int) else 0)


def _run(context: click.Context, module: str, flags: dict[str, Any]) -> None:
    """Import the command, make its arguments, run it, and end with its exit code.

    Who embeds the command line hands in what makes the runtime: `main(args, obj=factory)`.
    """
    from plancast.runtime import Runtime  # noqa: PLC0415

    command = import_module(f"plancast.commands.{module}")
    root = context.find_root()
    try:
        runtime = (root.obj or Runtime.from_process)(**root.params)
    except OSError as error:
        raise click.UsageError(f"The log file cannot be written: {error}") from None
    arguments = command.Args(**flags)
    context.exit(runtime.run(command.run, arguments))


def _options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several click decorators as one."""

    def apply(function: Any) -> Any:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


_format = click.option(
    "--format",
    "format_name",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help="How to show it.",
)
_scope = _options(
    click.option(
        "--target",
        "targets",
        metavar="GLOB",
        multiple=True,
        help="Only addresses that match, such as 'launch/*@acme-x'. Can be repeated.",
    ),
    click.option("--destroy", is_flag=True, help="Remove everything that plancast owns."),
)
_rails = _options(
    click.option("--allow-destroy", metavar="N", type=int, help="Let this run destroy N entries."),
    click.option("--allow-empty", is_flag=True, help="Go on although the files ask for nothing."),
    click.option("--allow-due-soon", is_flag=True, help="Touch entries that are about to go out."),
    click.option(
        "--allow-account-change", is_flag=True, help="The token belongs to another account."
    ),
    click.option("--allow-clock-skew", is_flag=True, help="This machine's clock may be wrong."),
)
_approve = click.option("--auto-approve", is_flag=True, help="Do not ask.")


@click.group(cls=_Plancast, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="plancast")
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    type=click.Path(),
    default=".",
    help="Work in this folder.",
)
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("-q", "--quiet", is_flag=True, help="Only results and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show more.")
@click.option("--log-file", type=click.Path(dir_okay=False), help="Write a log of every request.")
def main(**_flags: Any) -> None:
    """Terraform for the social queue: posts as files, planned, reviewed, applied once."""


@main.command()
@click.option(
    "--provider",
    type=click.Choice(["sandbox", "buffer"]),
    help="Default: buffer where BUFFER_ACCESS_TOKEN is set, else sandbox.",
)
@click.pass_context
def init(context: click.Context, /, **flags: Any) -> None:
    """Write plancast.yaml and a first post.

    With a token, the profiles come from the live account.
    """
    _run(context, "init", flags)


@main.command()
@_format
@click.pass_context
def validate(context: click.Context, /, **flags: Any) -> None:
    """Check the files. Needs no network and no token."""
    _run(context, "validate", flags)


@main.command()
@click.option("-o", "--out", metavar="FILE", type=click.Path(dir_okay=False), help="Save the plan.")
@_format
@_scope
@click.option("--offline", is_flag=True, help="Against the last observed state; needs no token.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending.")
@_rails
@click.pass_context
def plan(context: click.Context, /, **flags: Any) -> None:
    """Show exactly what an apply would do."""
    _run(context, "plan", flags)


@main.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@_approve
@click.option("--json", "json_events", is_flag=True, help="Stream events, one JSON object a line.")
@_scope
@_rails
@click.option(
    "--lock-timeout",
    metavar="SECONDS",
    type=float,
    default=0.0,
    help="Wait so long for another run to end.",
)
@click.option("--no-wait", is_flag=True, help="Exit 6 instead of waiting out a quiet period.")
@click.pass_context
def apply(context: click.Context, /, **flags: Any) -> None:
    """Do what the plan says, once.

    PLAN is a file that `plan -o` saved: it is applied as it is, or refused.
    """
    _run(context, "apply", flags)


@main.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@_format
@click.pass_context
def show(context: click.Context, /, **flags: Any) -> None:
    """Show a saved plan."""
    _run(context, "show", flags)


@main.command()
@click.argument("address", required=False)
@_format
@click.pass_context
def status(context: click.Context, /, **flags: Any) -> None:
    """Tell what became of every post. Exit 1 where something is wrong."""
    _run(context, "status", flags)


@main.command("import")
@click.option(
    "--into",
    metavar="DIR",
    default="imported",
    show_default=True,
    help="Folder for the new files, inside the content folder.",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Write no files: own again what these files made, after the state was lost.",
)
@_approve
@_format
@click.pass_context
def import_(context: click.Context, /, **flags: Any) -> None:
    """Write the live queue into files and own it, so that the next plan is empty.

    With --rebuild, live entries are matched with the files by text and time. Exit 3 where it is
    not certain which is which; nothing is created, changed or destroyed.
    """
    given = context.get_parameter_source
    if flags["rebuild"] and given("into") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--rebuild writes no files, so --into has no meaning.")
    if flags["format_name"] != "human" and not flags["rebuild"]:
        raise click.UsageError("--format belongs to --rebuild.")
    _run(context, "import_", flags)


@main.command()
@click.argument("name", metavar="[ALIAS|ID]", required=False)
@_format
@click.pass_context
def profiles(context: click.Context, /, **flags: Any) -> None:
    """List the connected accounts, and how to select them.

    With an alias or an id: only that one.
    """
    _run(context, "profiles", flags)


@main.group()
def state() -> None:
    """Look into what plancast owns, and mend it."""


@state.command("list")
@_format
@click.pass_context
def state_list(context: click.Context, /, **flags: Any) -> None:
    """List everything that is owned."""
    _run(context, "state_list", flags)


@state.command("show")
@click.argument("address")
@click.pass_context
def state_show(context: click.Context, /, **flags: Any) -> None:
    """Show all that is known of one entry."""
    _run(context, "state_show", flags)


@state.command("rm")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.pass_context
def state_rm(context: click.Context, /, **flags: Any) -> None:
    """Stop owning entries. They stay in the queue."""
    _run(context, "state_rm", flags)


@state.command("mv")
@click.argument("old")
@click.argument("new")
@click.pass_context
def state_mv(context: click.Context, /, **flags: Any) -> None:
    """Give an entry another address."""
    _run(context, "state_mv", flags)


@state.command("unlock")
@_approve
@click.pass_context
def state_unlock(context: click.Context, /, **flags: Any) -> None:
    """Take the state from a run that is dead, on another machine."""
    _run(context, "state_unlock", flags)


@main.command()
@click.argument("address")
@_approve
@click.pass_context
def share(context: click.Context, /, **flags: Any) -> None:
    """Send one entry now."""
    _run(context, "share", flags)


@main.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@_format
@click.pass_context
def report(context: click.Context, /, **flags: Any) -> None:
    """Show the results of what was sent."""
    _run(context, "report", flags)


@main.command()
@click.argument("name", required=False)
@click.pass_context
def schema(context: click.Context, /, **flags: Any) -> None:
    """Print a JSON Schema, or the names of all."""
    _run(context, "schema", flags)


@main.command()
@_format
@click.pass_context
def doctor(context: click.Context, /, **flags: Any) -> None:
    """Check that everything is in order: files, state, token, profiles, limits, clock."""
    _run(context, "doctor", flags)


@main.group()
def sandbox() -> None:
    """The local Buffer."""


@sandbox.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True)
@click.pass_context
def sandbox_serve(context: click.Context, /, **flags: Any) -> None:
    """Serve it on loopback until interrupted."""
    _run(context, "sandbox_serve", flags)


@sandbox.command("reset")
@click.option("--seed", metavar="FILE", type=click.Path(), help="Begin with this world.")
@_approve
@click.pass_context
def sandbox_reset(context: click.Context, /, **flags: Any) -> None:
    """Forget everything and begin again."""
    _run(context, "sandbox_reset", flags)


@sandbox.command("clock")
@click.argument("move", metavar="[run|freeze|TIME|+2h]", required=False)
@click.pass_context
def sandbox_clock(context: click.Context, /, **flags: Any) -> None:
    """Show its clock, set it, move it on, let it run or stand still."""
    _run(context, "sandbox_clock", flags)


@sandbox.command("fault")
@click.argument("kind", required=False)
@click.option("--endpoint", metavar="GLOB", default="*", show_default=True)
@click.option("--skip", type=int, default=0, help="Let so many calls pass first.")
@click.option("--times", type=int, default=1, show_default=True)
@click.option("--seconds", type=float, help="How long, for faults that take time.")
@click.option("--clear", is_flag=True, help="Disarm all.")
@click.pass_context
def sandbox_fault(context: click.Context, /, **flags: Any) -> None:
    """Arm a fault, list what is armed, or disarm all."""
    _run(context, "sandbox_fault", flags)
