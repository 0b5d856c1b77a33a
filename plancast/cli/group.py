"""The command `plancast` itself, and what stands before every verb."""

from __future__ import annotations

from typing import Any

import click

from plancast import __version__
from plancast.cli.base import EPILOG, Plancast


@click.group(cls=Plancast, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
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
