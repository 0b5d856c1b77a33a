"""`plancast state ...`."""

from __future__ import annotations

from typing import Any

import click

from plancast.cli.base import approve, formats, run
from plancast.cli.group import main


@main.group()
def state() -> None:
    """Look into what plancast owns, and mend it."""


@state.command("list")
@formats()
@click.pass_context
def state_list(context: click.Context, /, **flags: Any) -> None:
    """List everything that is owned."""
    run(context, "state_list", flags)


@state.command("show")
@click.argument("address")
@click.pass_context
def state_show(context: click.Context, /, **flags: Any) -> None:
    """Show all that is known of one entry."""
    run(context, "state_show", flags)


@state.command("rm")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.pass_context
def state_rm(context: click.Context, /, **flags: Any) -> None:
    """Stop owning entries. They stay in the queue."""
    run(context, "state_rm", flags)


@state.command("mv")
@click.argument("old")
@click.argument("new")
@click.pass_context
def state_mv(context: click.Context, /, **flags: Any) -> None:
    """Give an entry another address."""
    run(context, "state_mv", flags)


@state.command("unlock")
@approve
@click.pass_context
def state_unlock(context: click.Context, /, **flags: Any) -> None:
    """Take the state from a run that is dead, on another machine."""
    run(context, "state_unlock", flags)


@state.command("log")
@click.option(
    "-n", "limit", type=click.IntRange(1), default=20, show_default=True, help="How many."
)
@formats()
@click.pass_context
def state_log(context: click.Context, /, **flags: Any) -> None:
    """Tell who changed the state and when, newest first (state in git only)."""
    run(context, "state_log", flags)


@state.command("adopt")
@click.argument("place", metavar="REF")
@approve
@click.pass_context
def state_adopt(context: click.Context, /, **flags: Any) -> None:
    """Take over the state in another ref, or one of another workspace.

    From then on it is the state of this workspace, and the other ref says so. With a local state
    REF is `.plancast`.
    """
    run(context, "state_adopt", flags)


@state.command("pull")
@click.pass_context
def state_pull(context: click.Context, /, **flags: Any) -> None:
    """Print the state, as one JSON document."""
    run(context, "state_pull", flags)


@state.command("push")
@click.argument("state_file", metavar="FILE", type=click.Path(dir_okay=False))
@approve
@click.pass_context
def state_push(context: click.Context, /, **flags: Any) -> None:
    """Put a copy of the state, such as `state pull` printed, in the place of the state.

    Also moves a local state to where plancast.yaml says that it is kept now. What the file does not
    name is no longer owned; it stays in the queue.
    """
    run(context, "state_push", flags)
