"""Verbs that write post files."""

from __future__ import annotations

from typing import Any

import click

from plancast.cli.base import approve, run
from plancast.cli.group import main


@main.command()
@click.argument("paths", metavar="[FILE...]", nargs=-1, type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a file is not in form.")
@click.pass_context
def fmt(context: click.Context, /, **flags: Any) -> None:
    """Bring post files into canonical form. Comments are kept.

    Without FILE, all post files and defaults of the workspace. Folders are entered, each file is
    read with the settings of its own workspace, and what is no post file is passed over, so that a
    hook can name everything that changed.
    """
    run(context, "fmt", flags)


@main.command()
@click.argument("old")
@click.argument("new")
@click.pass_context
def mv(context: click.Context, /, **flags: Any) -> None:
    """Give a post another id, and its file another name. It stays the same post.

    OLD and NEW are ids of posts, or paths of their files. What is scheduled for the post stays as
    it is: the file says `was: OLD` until that has been applied.
    """
    run(context, "mv", flags)


@main.command()
@click.argument("targets", metavar="[ADDRESS-GLOB...]", nargs=-1)
@approve
@click.pass_context
def pull(context: click.Context, /, **flags: Any) -> None:
    """Take what people changed in Buffer into the files. Comments are kept.

    Shows what will change in which file, and asks. The queue and the state are only read.
    """
    run(context, "pull", flags)
