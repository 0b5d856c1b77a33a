"""The streams of the process, guarded; and how a command ends that could not even begin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from plancast.views.streams import guard


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
        # click puts a stream of its own there if nobody reads: that one has to stay.
        if (sys.stdout, sys.stderr) == guards:
            sys.stdout, sys.stderr = stdout, stderr


def show_usage_error(error: click.ClickException) -> None:
    """Show what is wrong with the command line, as click does. It quotes the arguments."""
    from plancast.core.quoting import shorten  # noqa: PLC0415
    from plancast.views.paint import one_line  # noqa: PLC0415

    lines = [f"Error: {one_line(shorten(error.format_message()))}"]
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        lines = [context.get_usage(), f"Try '{context.command_path} --help' for help.", "", *lines]
    click.echo("\n".join(lines), err=True)
