"""The command `plancast version`, as `plancast --version`."""

from __future__ import annotations

import click

from plancast import __version__


@click.command("version")
def command() -> None:
    """Show the version."""
    click.echo(f"plancast, version {__version__}")
