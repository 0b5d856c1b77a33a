"""Options that several commands take, the table of exit codes, and the way a command is run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.model.exit_codes import ExitCode

    Command = Callable[[Any, Runtime], ExitCode]

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


class _Duration(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A length of time in seconds; it may be written with a unit: `90`, `90s`, `2m`, `1h`."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds. Raises BadParameter."""
        if isinstance(value, float):
            return value
        found = _LENGTH.fullmatch(value)
        if found is None:
            self.fail(f"{value!r}: write seconds, or a number with s, m or h.", param, ctx)
        return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2] or "s"]


_LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smh]?)")

DURATION = _Duration()


def options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Combine several click decorators into one, applied in the order in which they are given."""

    def apply(function: Any) -> Any:
        # As if they were written above the function: the last one is applied first.
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def formats(command: str) -> Callable[[Any], Any]:
    """Return the option `--format` of a command. `command` is its full name: `state list`."""
    from plancast.render.formats import COMMAND_FORMATS  # noqa: PLC0415

    names = COMMAND_FORMATS[command]
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help="How to show it.",
    )


sort = options(
    click.option(
        "--sort",
        type=click.Choice(["time", "address"]),
        default="time",
        show_default=True,
        help="The order of the changes in a terminal.",
    )
)

scope = options(
    click.option(
        "--target",
        "targets",
        metavar="GLOB",
        multiple=True,
        help="Only addresses or posts that match, such as 'launch/*@acme-x'. Can be repeated.",
    ),
    click.option(
        "--exclude",
        "excludes",
        metavar="GLOB",
        multiple=True,
        help="All but the addresses or posts that match. Can be repeated.",
    ),
    click.option(
        "--target-file",
        "target_files",
        metavar="FILE",
        multiple=True,
        type=click.Path(),
        help="A file with a target on each line; `!` before one excludes it.",
    ),
    click.option(
        "--only",
        type=click.Choice(["create", "update", "destroy", "adopt", "rename", "forget"]),
        multiple=True,
        help="Only what is to be created (or updated ...). Can be repeated.",
    ),
    click.option(
        "--hide-unmanaged",
        is_flag=True,
        help="Leave out what entries of others say: for output that strangers can read.",
    ),
    click.option("--destroy", is_flag=True, help="Remove everything that plancast owns."),
)
allow_new_state = click.option(
    "--allow-new-state",
    is_flag=True,
    help="Begin a new state, although something shows that there is one.",
)
rails = options(
    click.option("--allow-destroy", metavar="N", type=int, help="Let this run destroy N entries."),
    click.option("--allow-update", metavar="N", type=int, help="Let this run update N entries."),
    click.option("--allow-empty", is_flag=True, help="Go on although the files ask for nothing."),
    click.option("--allow-due-soon", is_flag=True, help="Touch entries that are about to go out."),
    click.option(
        "--allow-account-change", is_flag=True, help="The token belongs to another account."
    ),
    click.option("--allow-clock-skew", is_flag=True, help="This machine's clock may be wrong."),
    allow_new_state,
)
online = options(
    click.option(
        "--online",
        is_flag=True,
        help="Ask the addresses of images and videos whether they answer. See docs/media.md.",
    ),
    click.option(
        "--online-forks",
        is_flag=True,
        help="The same, also in a run of CI for a request from a fork.",
    ),
)
no_cache = click.option(
    "--no-cache", is_flag=True, help="Read and check every file, also those that are known."
)
approve = click.option("--auto-approve", is_flag=True, help="Do not ask.")


def invoke(
    context: click.Context, arguments: type[Any], command: Command, flags: dict[str, Any]
) -> None:
    """Build the arguments of a command from its flags, run it, and exit with its code.

    A program that embeds the command line passes the factory of its runtime:
    `main(args, obj=factory)`.
    """
    from plancast.app.context import Runtime  # noqa: PLC0415
    from plancast.app.process import run_command  # noqa: PLC0415

    root = context.find_root()
    root_options = dict(root.params)
    log_file = root_options.pop("log_file")
    runtime = (root.obj or Runtime.from_process)(**root_options)
    context.exit(run_command(runtime, _logged(command, log_file), arguments(**flags)))


def _logged(command: Command, log_file: str | None) -> Command:
    """Wrap a command so that it writes a log; `log_file` is seen from the current folder."""
    if log_file is None:
        return command

    def run_logged(arguments: Any, runtime: Runtime) -> ExitCode:
        from pathlib import Path  # noqa: PLC0415

        from plancast.content.discovery import named_file  # noqa: PLC0415
        from plancast.files.logs import begin_log  # noqa: PLC0415
        from plancast.render.streams import harmless  # noqa: PLC0415

        # The log ends when the runtime closes, so it also holds what closing a provider writes.
        end = begin_log(named_file(Path(log_file), runtime.start, Path()), log_file, harmless)
        runtime.opened.callback(lambda: runtime.console.problems(end()))
        return command(arguments, runtime)

    return run_logged
