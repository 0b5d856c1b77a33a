"""`plancast sandbox ...`."""

from __future__ import annotations

from typing import Any

import click

from plancast.cli.base import approve, run
from plancast.cli.group import main


@main.group()
def sandbox() -> None:
    """The local Buffer."""


@sandbox.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True)
@click.pass_context
def sandbox_serve(context: click.Context, /, **flags: Any) -> None:
    """Serve it on loopback until interrupted.

    `plancast -v sandbox serve` logs each request on standard error.
    """
    run(context, "sandbox_serve", flags)


@sandbox.command("reset")
@click.option("--seed", metavar="FILE", type=click.Path(), help="Begin with this world.")
@approve
@click.pass_context
def sandbox_reset(context: click.Context, /, **flags: Any) -> None:
    """Forget everything and begin again."""
    run(context, "sandbox_reset", flags)


@sandbox.command("clock")
@click.argument("move", metavar="[run|freeze|TIME|+2h]", required=False)
@click.pass_context
def sandbox_clock(context: click.Context, /, **flags: Any) -> None:
    """Show its clock, set it, move it on, let it run or stand still."""
    run(context, "sandbox_clock", flags)


@sandbox.command("fault")
@click.argument("kind", required=False)
@click.option(
    "--endpoint",
    metavar="GLOB",
    default="*",
    show_default=True,
    help="Which calls: 'POST /updates/*' or, over GraphQL, 'mutation createPost'.",
)
@click.option("--skip", type=int, default=0, help="Let so many calls pass first.")
@click.option("--times", type=int, default=1, show_default=True)
@click.option("--seconds", type=float, help="How long, for faults that take time.")
@click.option("--clear", is_flag=True, help="Disarm all.")
@click.pass_context
def sandbox_fault(context: click.Context, /, **flags: Any) -> None:
    """Arm a fault, list what is armed, or disarm all."""
    run(context, "sandbox_fault", flags)
