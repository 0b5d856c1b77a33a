"""The command `plancast schema`: print the JSON Schemas, for editors and machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import invoke
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop

if TYPE_CHECKING:
    from plancast.app.context import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The argument of `schema`. Without `name`, it lists the names."""

    name: str | None = None


@click.command("schema")
@click.argument("name", required=False)
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Print a JSON Schema, or the names of all."""
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Print one schema, or the names of all. Raises Stop if there is none of that name."""
    from plancast.content.schema import SCHEMAS, schema_text  # noqa: PLC0415

    if args.name is None:
        runtime.console.show("\n".join(SCHEMAS))
        return ExitCode.DONE
    if args.name not in SCHEMAS:
        known = ", ".join(SCHEMAS)
        raise Stop(
            [problem("PC203", f"there is no schema {args.name!r}", hint=f"One of: {known}.")]
        )
    runtime.console.show(schema_text(args.name))
    return ExitCode.DONE
