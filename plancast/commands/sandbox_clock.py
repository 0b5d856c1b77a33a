"""`plancast sandbox clock`: show, set, move on, run, stand still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.world import world_here
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The argument of `sandbox clock`."""

    move: str | None = None


def run(args: Args, runtime: Runtime) -> ExitCode:
    """What became due in between has gone out by the time this returns."""
    from plancast.providers.sandbox import move_clock, show_clock  # noqa: PLC0415

    world = world_here(runtime)
    clock = move_clock(world, args.move) if args.move else show_clock(world)
    state = "running" if clock.running else "standing still"
    runtime.show(f"{clock.moment:%Y-%m-%dT%H:%M:%SZ} ({state})")
    return ExitCode.DONE
