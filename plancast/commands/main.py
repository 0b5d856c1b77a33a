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
from plancast.commands._shared.lazy_group import Plancast, Verb

VERBS: Mapping[str, Verb] = {
    "init": Verb("write", "init", "Write plancast.yaml and a first post."),
    "import": Verb(
        "write",
        "import_",
        "Write the live queue into files and own it, so that the next plan is empty.",
    ),
    "pull": Verb(
        "write",
        "pull",
        "Take what people changed in the queue into the files. Comments are kept.",
    ),
    "fmt": Verb("write", "fmt", "Bring post files into canonical form. Comments are kept."),
    "mv": Verb(
        "write",
        "mv",
        "Give a post another id, and its file another name. It stays the same post.",
    ),
    "validate": Verb(
        "look", "validate", "Check the files. Needs no token, and no network without --online."
    ),
    "plan": Verb("look", "plan", "Show exactly what an apply would do."),
    "show": Verb("look", "show", "Show a saved plan."),
    "preview": Verb("look", "preview", "Write the calendar and the posts as one HTML page."),
    "status": Verb(
        "look", "status", "Show what became of every post. Exit 1 if something is wrong."
    ),
    "report": Verb("look", "report", "Show the results of what was sent."),
    "profiles": Verb("look", "profiles", "List the connected accounts, and how to select them."),
    "apply": Verb("do", "apply", "Do what the plan says, once."),
    "share": Verb("do", "share", "Send one entry now."),
    "comment": Verb(
        "do",
        "comment",
        "Put the plan on the pull or merge request, as one comment that is edited in place.",
    ),
    "reviewed": Verb("do", "reviewed", "Report whether all that a saved plan does was approved."),
    "doctor": Verb(
        "mend",
        "doctor",
        "Check that everything is in order: files, state, key, profiles, channels, limits.",
    ),
    "state": Verb("mend", "state", "Look into what plancast owns, and mend it."),
    "migrate": Verb("mend", "migrate", "Move the workspace from API v1 to Buffer's current API."),
    "sandbox": Verb("more", "sandbox", "The local Buffer."),
    "schema": Verb("more", "schema", "Print a JSON Schema, or the names of all."),
    "completion": Verb(
        "more", "completion", "Print the script that completes commands in a shell."
    ),
    "help": Verb("more", "help", "Show the help of a command."),
    "version": Verb("more", "version", "Show the version."),
}
"""Each verb with its group, its module and its short help, which `plancast --help` shows.

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
    "--directory",
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
