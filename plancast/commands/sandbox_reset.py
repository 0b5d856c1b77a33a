"""`plancast sandbox reset`: forget everything and begin again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.world import place, world_here
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `sandbox reset`."""

    seed: str | None = None
    auto_approve: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Ask, then empty the world and plant a seed."""
    from plancast.providers.sandbox import begin  # noqa: PLC0415

    root, options = place(runtime)
    if not args.auto_approve and not runtime.confirm(f"Empty the sandbox in {root}?"):
        runtime.say("Nothing was done.")
        return ExitCode.ERROR
    if args.seed is not None:
        options = {**options, "seed": args.seed}
    begin(world_here(runtime), root, options)
    runtime.show("The sandbox begins anew.")
    return ExitCode.DONE
