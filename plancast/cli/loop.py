"""The daily verbs: from files to a queue."""

from __future__ import annotations

from typing import Any

import click

from plancast.cli.base import approve, formats, rails, run, scope
from plancast.cli.group import main


@main.command()
@click.option(
    "--provider",
    type=click.Choice(["sandbox", "buffer-graphql", "buffer"]),
    help="Default: buffer-graphql where BUFFER_API_KEY is set, buffer (API v1) where"
    " BUFFER_ACCESS_TOKEN is, else sandbox.",
)
@click.option(
    "--organization",
    metavar="ID",
    help="Whose profiles, where a key reaches several organizations.",
)
@click.option(
    "--ci",
    "forge",
    type=click.Choice(["github", "gitlab"]),
    help="Write the files for its CI as well, also into a workspace that is there already.",
)
@click.pass_context
def init(context: click.Context, /, **flags: Any) -> None:
    """Write plancast.yaml and a first post.

    With a key or a token, the profiles come from the live account.
    """
    run(context, "init", flags)


@main.command()
@click.argument("paths", metavar="[FILE...]", nargs=-1, type=click.Path())
@formats("github", "sarif")
@click.pass_context
def validate(context: click.Context, /, **flags: Any) -> None:
    """Check the files. Needs no network and no token.

    With FILE, the workspaces that these files and folders belong to, each as a whole, wherever they
    lie. Files that belong to no workspace are left alone, so that a hook can name everything that
    changed.
    """
    run(context, "validate", flags)


@main.command()
@click.option("-o", "--out", metavar="FILE", type=click.Path(dir_okay=False), help="Save the plan.")
@formats("markdown", "html")
@scope
@click.option("--offline", is_flag=True, help="Against the last observed state; needs no token.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending.")
@rails
@click.pass_context
def plan(context: click.Context, /, **flags: Any) -> None:
    """Show exactly what an apply would do."""
    run(context, "plan", flags)


@main.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@approve
@click.option("--json", "json_events", is_flag=True, help="Stream events, one JSON object a line.")
@click.option(
    "--json-into",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write the events to a file as well, and show the usual output.",
)
@click.option(
    "--summary",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Append what was done to this file, as Markdown.",
)
@scope
@rails
@click.option(
    "--lock-timeout",
    metavar="SECONDS",
    type=float,
    default=0.0,
    help="Wait so long for another run to end.",
)
@click.option("--no-wait", is_flag=True, help="Exit 6 instead of waiting out a quiet period.")
@click.option(
    "--reviewed",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Send only what `reviewed --out` found approved; for CI, with a saved plan.",
)
@click.option(
    "--waiting",
    is_flag=True,
    help="Create only what was approved before and could not be sent then.",
)
@click.pass_context
def apply(context: click.Context, /, **flags: Any) -> None:
    """Do what the plan says, once.

    PLAN is a file that `plan -o` saved: it is applied as it is, or refused.
    """
    run(context, "apply", flags)


@main.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@formats("markdown", "html")
@click.pass_context
def show(context: click.Context, /, **flags: Any) -> None:
    """Show a saved plan."""
    run(context, "show", flags)


@main.command()
@click.argument("address", required=False)
@formats("markdown")
@click.pass_context
def status(context: click.Context, /, **flags: Any) -> None:
    """Tell what became of every post. Exit 1 where something is wrong."""
    run(context, "status", flags)
