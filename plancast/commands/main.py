"""The command `plancast`: its verbs and the flags that stand before a verb.

Each verb is a module of this package, with its flags and its `run`. It is imported only if it is
called, so `plancast --help` loads little more than click.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from plancast import __version__
from plancast.commands._shared.flags import EPILOG
from plancast.commands._shared.lazy_group import Plancast

VERBS: Mapping[str, tuple[str, str]] = {
    "init": ("init", "Write plancast.yaml and a first post."),
    "validate": ("validate", "Check the files. Needs no token, and no network without --online."),
    "plan": ("plan", "Show exactly what an apply would do."),
    "apply": ("apply", "Do what the plan says, once."),
    "show": ("show", "Show a saved plan."),
    "status": ("status", "Show what became of every post. Exit 1 if something is wrong."),
    "import": (
        "import_",
        "Write the live queue into files and own it, so that the next plan is empty.",
    ),
    "profiles": ("profiles", "List the connected accounts, and how to select them."),
    "share": ("share", "Send one entry now."),
    "report": ("report", "Show the results of what was sent."),
    "schema": ("schema", "Print a JSON Schema, or the names of all."),
    "doctor": (
        "doctor",
        "Check that everything is in order: files, state, key, profiles, channels, limits.",
    ),
    "migrate": ("migrate", "Move the workspace from API v1 to Buffer's current API."),
    "preview": ("preview", "Write the calendar and the posts as one HTML page."),
    "comment": (
        "comment",
        "Put the plan on the pull or merge request, as one comment that is edited in place.",
    ),
    "reviewed": ("reviewed", "Report whether all that a saved plan does was approved."),
    "sandbox": ("sandbox", "The local Buffer."),
    "state": ("state", "Look into what plancast owns, and mend it."),
    "fmt": ("fmt", "Bring post files into canonical form. Comments are kept."),
    "mv": ("mv", "Give a post another id, and its file another name. It stays the same post."),
    "pull": ("pull", "Take what people changed in the queue into the files. Comments are kept."),
}
"""Each verb with its module and its short help, which `plancast --help` shows.

The help repeats the first line of the command's docstring, so that no module has to be imported.
"""


@click.group(
    cls=Plancast,
    verbs=VERBS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="plancast")
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    type=click.Path(),
    default=".",
    help="Work in this folder.",
)
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("-q", "--quiet", is_flag=True, help="Only results and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show more.")
@click.option("--log-file", metavar="FILE", help="Write a log of every request.")
def main(**_flags: Any) -> None:
    """Terraform for the social queue: posts as files, planned, reviewed, applied once."""
