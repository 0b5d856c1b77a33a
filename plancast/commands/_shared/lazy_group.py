"""The group of all commands: it imports a verb only if it is called, and ends with our exit codes.

So `plancast --help` imports little more than click.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from plancast.render.streams import guard


class Plancast(click.Group):
    """Click group with lazy commands. `verbs` maps each verb to its module and its short help."""

    def __init__(self, *args: Any, verbs: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.verbs = verbs

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
        command = import_module(f"plancast.commands.{self.verbs[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of verbs and their short helps, without importing their modules."""
        limit = formatter.width - 6 - max(map(len, self.verbs))
        rows = [
            (verb, click.Command(verb, help=self.verbs[verb][1]).get_short_help_str(limit))
            for verb in sorted(self.verbs)
        ]
        with formatter.section("Commands"):
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
