"""`plancast sandbox fault`: what networks and services do on bad days, on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.world import world_here
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of `sandbox fault`."""

    kind: str | None = None
    endpoint: str = "*"
    skip: int = 0
    times: int = 1
    seconds: float | None = None
    clear: bool = False


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Disarm all, arm one, or list what is armed and what there is."""
    from plancast.providers.sandbox import FAULT_KINDS, arm  # noqa: PLC0415

    world = world_here(runtime)
    if args.clear:
        world.clear_faults()
    if args.kind is not None:
        arm(
            world,
            args.kind,
            endpoint=args.endpoint,
            skip=args.skip,
            times=args.times,
            seconds=args.seconds,
        )
    armed = world.faults()
    for fault in armed:
        times = f"{fault.times} times" if fault.times else "until cleared"
        runtime.show_name(f"{fault.kind.value} on {fault.endpoint}, after {fault.skip}, {times}")
    if not armed:
        runtime.show("Nothing is armed.")
        if not args.clear:
            runtime.show(f"Kinds: {', '.join(FAULT_KINDS)}")
    return ExitCode.DONE
