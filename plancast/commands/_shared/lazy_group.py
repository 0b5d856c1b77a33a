"""The group of all commands: it imports a verb only if it is called, and ends with our exit codes.

So `plancast --help` imports little more than click.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import click
from click.core import ParameterSource

from plancast.render.streams import guard


class Verb(NamedTuple):
    """A verb of the command line: its group in the help, its module, and its short help."""

    group: str
    module: str
    help: str


GROUPS: Mapping[str, str] = {
    "write": "Write posts",
    "look": "Look",
    "do": "Do",
    "mend": "Mend",
    "more": "More",
}
"""The groups of verbs in the help, and their headings."""

BY_VARIABLE = frozenset(
    (
        *("--no-color", "--quiet", "--verbose", "--log-file", "--format", "--json", "--json-into"),
        *("--out", "--summary", "--sort", "--open", "--into", "--events", "--check", "--days"),
        *("--target", "--only", "--hide-unmanaged", "--detailed-exitcode", "--lock-timeout"),
        *("--offline", "--online", "--no-cache", "--no-wait", "--scheduled"),
        *("--provider", "--organization", "--ci", "--to", "--port"),
    )
)
"""Options that a variable may set. All others are typed, also those to come: one that approves
something, overrides a safety rail, names a post or a channel, or says where requests go must not
be left behind in an environment. `--directory` and `--plan` are not among these because variables
of CI files with their names mean something else."""


class Plancast(click.Group):
    """Click group with lazy commands.

    The flags of plancast itself may also follow a verb. A variable `PLANCAST_` and the name of an
    option gives its value, if the option is one of BY_VARIABLE.
    """

    def __init__(self, *args: Any, verbs: Mapping[str, Verb], **more: Any) -> None:
        super().__init__(*args, **more)
        self.verbs = verbs
        for param in self.params:
            if isinstance(param, click.Option) and param.expose_value:
                param.envvar = variable(param)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the verbs, sorted."""
        return sorted(self.verbs)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import the module of a verb and return its command; None if there is no such verb."""
        if cmd_name not in self.verbs:
            return None
        command = import_module(f"plancast.commands.{self.verbs[cmd_name].module}").command
        assert isinstance(command, click.Command)
        for leaf in _leaves(command):
            self._prepare(leaf)
        return command

    def _prepare(self, command: click.Command) -> None:
        """Give a command the flags of plancast itself, and variables for its options."""
        own = {option for param in command.params for option in param.opts}
        if _is_prepared(command):
            return
        for param in self.params:
            if (
                isinstance(param, click.Option)
                and param.expose_value
                and own.isdisjoint(param.opts)
            ):
                command.params.append(_also_after_the_verb(param))
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden:
                param.envvar = variable(param)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words before the verb, with Terraform's spellings: `-chdir=posts plan`."""
        end = _place_of_verb(args, self)
        return super().parse_args(ctx, [*_as_ours(args[:end], self, ctx), *args[end:]])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, with Terraform's spellings of it and of its options replaced by ours."""
        if args[0] not in self.verbs:
            raise _no_verb(args[0], self.verbs, ctx)
        name, command, rest = super().resolve_command(ctx, args)
        assert command is not None
        for leaf in _leaves(command):
            if isinstance(command, click.Group) and (not rest or leaf.name != rest[0]):
                continue
            rest = _as_ours(rest, leaf, ctx)
        return name, command, rest

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the verbs in groups, with their short helps, without importing their modules."""
        widest = max(map(len, self.verbs))
        limit = formatter.width - 6 - widest
        for group, heading in GROUPS.items():
            rows = [
                (
                    verb.ljust(widest),
                    click.Command(verb, help=known.help).get_short_help_str(limit),
                )
                for verb, known in self.verbs.items()
                if known.group == group
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, **extra: Any
    ) -> NoReturn:
        """Run a verb, flush the streams, and exit with one of our codes."""
        # click's standalone mode would exit by itself, with its own codes and messages.
        extra.pop("standalone_mode", None)
        argv = list(sys.argv[1:] if args is None else args)
        try:
            with guarded_streams():
                code = self._ended(argv, extra)
        except OSError as error:  # when click itself writes: a command has its own streams
            code = refused(error)
        sys.exit(flushed(code if isinstance(code, int) else 0))

    def _ended(self, argv: list[str], extra: dict[str, Any]) -> Any:
        """Run the command and return its exit code, whichever exception ends it."""
        try:
            odd = undecodable(argv)
            if odd is not None:
                raise click.UsageError(f"An argument is not UTF-8: {odd}")
            return super().main(args=argv, standalone_mode=False, **extra)
        except click.ClickException as error:
            show_usage_error(error)
            return ERROR
        except click.exceptions.Exit as error:
            return error.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("Interrupted.", err=True)
            return INTERRUPTED
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # the one place that catches all
            from plancast.app.process import report_bug  # noqa: PLC0415

            return report_bug(error)


def _leaves(command: click.Command) -> Iterator[click.Command]:
    """Yield the commands of a group; the command itself if it is none."""
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from _leaves(child)
    else:
        yield command


def _is_prepared(command: click.Command) -> bool:
    return any(isinstance(param, click.Option) and param.hidden for param in command.params)


def _also_after_the_verb(option: click.Option) -> click.Option:
    """Return a flag of plancast itself as an option of a verb, which sets it for all."""

    def pass_on(context: click.Context, param: click.Parameter, value: object) -> None:
        source = context.get_parameter_source(param.name or "")
        if source is ParameterSource.COMMANDLINE:
            context.find_root().params[option.name or ""] = value

    return click.Option(
        [*option.opts, option.name or ""],
        type=option.type,
        is_flag=option.is_flag,
        default=option.default,
        metavar=option.metavar,
        hidden=True,
        expose_value=False,
        callback=pass_on,
    )


def variable(option: click.Option) -> str | None:
    """Return the variable that gives the value of an option; None if none may."""
    longest = max(option.opts, key=len)
    if longest not in BY_VARIABLE:
        return None
    return "PLANCAST_" + longest.lstrip("-").replace("-", "_").upper()


def _no_verb(verb: str, verbs: Mapping[str, Verb], context: click.Context) -> click.UsageError:
    """Return the error of a word that is no verb, with what to write instead."""
    from difflib import get_close_matches  # noqa: PLC0415

    from plancast.commands._shared import terraform  # noqa: PLC0415

    if verb in terraform.VERBS:
        return click.UsageError(f"There is no `{verb}`: {terraform.VERBS[verb]}.", context)
    near = get_close_matches(verb, verbs, 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return click.UsageError(f"No such command '{verb}'.{hint}", context)


def _place_of_verb(words: Sequence[str], command: click.Command) -> int:
    """Return the number of words before the verb: options, and the values that some take."""
    options = [param for param in command.params if isinstance(param, click.Option)]
    values = {word for option in options if not option.is_flag for word in option.opts}
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "--":
        place += 2 if words[place] in values else 1
    return place


def _as_ours(words: Sequence[str], command: click.Command, context: click.Context) -> list[str]:
    """Return the arguments of a verb with Terraform's spellings replaced. Raises UsageError."""
    if not any(word.startswith("-") and len(word) > 2 for word in words):
        return list(words)
    from plancast.commands._shared import terraform  # noqa: PLC0415

    options = [param for param in command.params if isinstance(param, click.Option)]
    known = {option for param in options for option in (*param.opts, *param.secondary_opts)}
    values = {option for param in options if not param.is_flag for option in param.opts}
    try:
        return terraform.ours(words, known | {"--help"}, values)
    except terraform.NotOurs as refusal:
        raise click.UsageError(f"{refusal}.", context) from None


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Guard standard output and standard error of this process, for click and for tracebacks."""
    stdout, stderr = sys.stdout, sys.stderr
    # Python has None in the place of a stream that was closed before it began.
    guards = (guard(stdout) if stdout else stdout, guard(stderr) if stderr else stderr)
    sys.stdout, sys.stderr = guards
    try:
        yield
    finally:
        # On a broken pipe click installs a stream that swallows the rest: that one has to stay.
        if (sys.stdout, sys.stderr) == guards:
            sys.stdout, sys.stderr = stdout, stderr


def show_usage_error(error: click.ClickException) -> None:
    """Show what is wrong with the command line, as click does. It quotes the arguments."""
    from plancast.model.quoting import shorten  # noqa: PLC0415
    from plancast.render.terminal.style import one_line  # noqa: PLC0415

    lines = [f"Error: {one_line(shorten(error.format_message()))}"]
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        lines = [context.get_usage(), f"Try '{context.command_path} --help' for help.", "", *lines]
    click.echo("\n".join(lines), err=True)


DONE, ERROR, CHANGES, INTERRUPTED = 0, 1, 2, 130
"""Same values as in model.exit_codes, which `plancast --help` need not import."""


def flushed(code: int) -> int:
    """Flush both streams and return the exit code: ERROR instead of "done" if output was lost.

    Output that did not fit on a disk is an error. A reader that closed the pipe (`| head`) has seen
    enough, and that is none.
    """
    for stream, name in ((sys.stdout, "standard output"), (sys.stderr, "standard error")):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: it is closed
            from plancast.app.console import silence  # noqa: PLC0415

            silence(stream)
            if not isinstance(error, BrokenPipeError):
                _say(f"{name}: {getattr(error, 'strerror', None) or error}")
                code = ERROR if code in (DONE, CHANGES) else code
    return code


def refused(error: OSError) -> int:
    """Say why click could not read or answer the command line, and return the exit code."""
    if not isinstance(error, BrokenPipeError):
        _say(error.strerror or str(error))
    return ERROR


def undecodable(arguments: list[str]) -> str | None:
    """Return the first argument that is not UTF-8, in a form that can be shown; None if all are."""
    for text in arguments:
        try:
            text.encode()
        except UnicodeEncodeError:
            return repr(text)
    return None


def _say(message: str) -> None:
    with suppress(OSError, ValueError):
        print(f"Error: {message}", file=sys.stderr, flush=True)
