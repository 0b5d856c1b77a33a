"""`plancast schema`: the JSON Schemas, for editors and machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The argument of `schema`."""

    name: str | None = None


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Print one, or the names of all."""
    from plancast.content.schemas import SCHEMAS, schema_text  # noqa: PLC0415

    if args.name is None:
        runtime.show("\n".join(SCHEMAS))
        return ExitCode.DONE
    if args.name not in SCHEMAS:
        known = ", ".join(SCHEMAS)
        raise Stop(
            [problem("PC203", f"there is no schema {args.name!r}", hint=f"One of: {known}.")]
        )
    runtime.show(schema_text(args.name))
    return ExitCode.DONE
