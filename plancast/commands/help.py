"""The command `plancast help`: the help of plancast, or of one of its commands."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("words", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def command(context: click.Context, /, words: tuple[str, ...]) -> None:
    """Show the help of a command."""
    here = context.find_root()
    for word in words:
        group = here.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"`{here.command_path}` has no commands of its own.")
        # Raises UsageError, with a suggestion, if there is no such command.
        name, found, _ = group.resolve_command(here, [word])
        assert found is not None
        here = click.Context(found, info_name=name, parent=here)
    click.echo(here.get_help())
