"""Verbs around the account: what is there, what became of it, is all in order."""

from __future__ import annotations

from typing import Any

import click

from plancast.cli.base import allow_new_state, approve, formats, run
from plancast.cli.group import main


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
@approve
@allow_new_state
@formats()
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
    run(context, "import_", flags)


@main.command()
@click.argument("name", metavar="[ALIAS|ID]", required=False)
@formats()
@click.pass_context
def profiles(context: click.Context, /, **flags: Any) -> None:
    """List the connected accounts, and how to select them.

    With an alias or an id: only that one.
    """
    run(context, "profiles", flags)


@main.command()
@click.argument("address")
@approve
@click.pass_context
def share(context: click.Context, /, **flags: Any) -> None:
    """Send one entry now."""
    run(context, "share", flags)


@main.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@formats()
@click.pass_context
def report(context: click.Context, /, **flags: Any) -> None:
    """Show the results of what was sent."""
    run(context, "report", flags)


@main.command()
@click.argument("name", required=False)
@click.pass_context
def schema(context: click.Context, /, **flags: Any) -> None:
    """Print a JSON Schema, or the names of all."""
    run(context, "schema", flags)


@main.command()
@formats()
@click.pass_context
def doctor(context: click.Context, /, **flags: Any) -> None:
    """Check that everything is in order: files, state, key, profiles, channels, limits."""
    run(context, "doctor", flags)


@main.command()
@click.option(
    "--to",
    type=click.Choice(["buffer-graphql"]),
    required=True,
    help="The API that the workspace is to be about.",
)
@click.option(
    "--organization",
    metavar="ID",
    default="",
    help="Whose channels, where a key reaches several organizations.",
)
@click.option(
    "--profile",
    "profiles",
    metavar="ALIAS=ID",
    multiple=True,
    help="Which channel an alias means. Can be repeated.",
)
@click.option(
    "--match",
    "matches",
    metavar="ADDRESS=ID",
    multiple=True,
    help="Which post an address is. Can be repeated.",
)
@click.option(
    "--forget",
    metavar="ADDRESS-GLOB",
    multiple=True,
    help="Let go of what is not certain: the next plan may create it anew. Can be repeated.",
)
@approve
@click.pass_context
def migrate(context: click.Context, /, **flags: Any) -> None:
    """Move the workspace from API v1 to Buffer's current API.

    Finds what is owned by its new ids, then writes the state and plancast.yaml. Nothing is
    created, changed or destroyed. Exit 1 where something is left for a person to say or do.
    """
    run(context, "migrate", flags)
