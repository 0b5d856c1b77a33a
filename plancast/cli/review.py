"""Verbs for those who review: a page to look at, a comment on the pull request."""

from __future__ import annotations

from typing import Any

import click

from plancast.cli.base import run, scope
from plancast.cli.group import main


@main.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    default="plancast-preview.html",
    show_default=True,
    help="Where to write the page.",
)
@click.option("--offline", is_flag=True, help="Against the last observed state; needs no token.")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@scope
@click.pass_context
def preview(context: click.Context, /, **flags: Any) -> None:
    """Write the calendar and the posts as one HTML page.

    PLAN is a file that `plan -o` saved; without it a plan is made now.
    """
    run(context, "preview", flags)


@main.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path())
@click.option(
    "--events",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="What `apply --json-into` wrote: the comment becomes the receipt.",
)
@click.option(
    "--also",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Append what it says to this file as well, such as the summary of the run.",
)
@click.pass_context
def comment(context: click.Context, /, **flags: Any) -> None:
    """Put the plan on the pull or merge request, as one comment that is edited in place.

    PLAN is a file that `plan -o` saved. Where it is missing, the comment says what is wrong with
    the files. Runs in the CI of GitHub and GitLab, with GITHUB_TOKEN or GITLAB_TOKEN.
    """
    run(context, "comment", flags)


@main.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@click.option("--plan", metavar="ID", default="", help="A person has read the plan with this id.")
@click.option(
    "--pushed", is_flag=True, help="Who may push to the branch approves of what is pushed."
)
@click.option(
    "--kept", is_flag=True, help="Ask no forge: what did earlier runs take over into the state?"
)
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Save what was approved, for `apply --reviewed`.",
)
@click.pass_context
def reviewed(context: click.Context, /, **flags: Any) -> None:
    """Tell whether all that a saved plan does was approved.

    By the comment on its pull request, on others that were merged, or earlier. Prints `same`,
    `nothing`, `different`, `unknown` or `superseded`.
    """
    run(context, "reviewed", flags)
