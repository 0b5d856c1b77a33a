"""The command `plancast sandbox`: serve the local Buffer, and set its clock, faults and content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import approve, invoke
from plancast.model.exit_codes import ExitCode, Stop
from plancast.providers.registry import SANDBOX

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.providers.sandbox import World


BUFFERS_OWN = {"requests": 60, "seconds": 60}
"""Rate limit of Buffer's API v1, which a served sandbox keeps (docs/buffer/v1.md#rate-limit)."""

WINDOWS = "100/900 250/86400 3000/2592000"
"""Rate limits of the current API on the smallest plan: requests/seconds of each window.

See docs/buffer/graphql.md#rate-limits.
"""


@click.group("sandbox")
def command() -> None:
    """The local Buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeArgs:
    """The flags of `sandbox serve`."""

    port: int = 8025


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True)
@click.pass_context
def serve_command(context: click.Context, /, **flags: Any) -> None:
    """Serve it on loopback until interrupted.

    `plancast -v sandbox serve` logs each request on standard error.
    """
    invoke(context, ServeArgs, run_serve, flags)


def run_serve(args: ServeArgs, runtime: Runtime) -> ExitCode:
    """Serve until SIGINT or SIGTERM; with -v, log each request on standard error.

    Unlike the embedded sandbox, a served one has Buffer's rate limits, unless its options set
    others.
    """
    from plancast.providers.sandbox import serve_world  # noqa: PLC0415

    def ready(port: int) -> None:
        runtime.console.show(
            f"The sandbox listens on http://127.0.0.1:{port}\n"
            "Its token is sandbox-token. To use it as if it were Buffer, for buffer-graphql:\n"
            f"  export PLANCAST_API_URL=http://127.0.0.1:{port}\n"
            "  export BUFFER_API_KEY=sandbox-token\n"
            "and for API v1:\n"
            f"  export PLANCAST_API_URL=http://127.0.0.1:{port}/1\n"
            "  export BUFFER_ACCESS_TOKEN=sandbox-token"
        )

    log = runtime.console.say if runtime.console.verbose else None
    serve_world(world_here(runtime, rate_limited=True), args.port, ready, log)
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetArgs:
    """The flags of `sandbox reset`."""

    seed: str | None = None
    auto_approve: bool = False


@command.command("reset")
@click.option("--seed", metavar="FILE", type=click.Path(), help="Begin with this world.")
@approve
@click.pass_context
def reset_command(context: click.Context, /, **flags: Any) -> None:
    """Forget everything and begin again."""
    invoke(context, ResetArgs, run_reset, flags)


def run_reset(args: ResetArgs, runtime: Runtime) -> ExitCode:
    """Ask, then empty the world and fill it from a seed."""
    from plancast.providers.sandbox import begin  # noqa: PLC0415

    if not args.auto_approve:
        runtime.console.must_be_able_to_ask()
    root, options = place(runtime)
    if not args.auto_approve and not runtime.console.confirm(f"Empty the sandbox in {root}?"):
        runtime.console.say("Nothing was done.")
        return ExitCode.ERROR
    if args.seed is not None:
        options = {**options, "seed": args.seed}
    begin(world_here(runtime), root, options)
    runtime.console.show_done("The sandbox begins anew.")
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockArgs:
    """The argument of `sandbox clock`: `run`, `freeze`, a time or a distance such as `+2h`."""

    move: str | None = None


@command.command("clock")
@click.argument("move", metavar="[run|freeze|TIME|+2h]", required=False)
@click.pass_context
def clock_command(context: click.Context, /, **flags: Any) -> None:
    """Show its clock, set it, move it on, let it run or stand still."""
    invoke(context, ClockArgs, run_clock, flags)


def run_clock(args: ClockArgs, runtime: Runtime) -> ExitCode:
    """Move the clock and show it. All that became due in between is sent before this returns."""
    from plancast.providers.sandbox import move_clock, show_clock  # noqa: PLC0415

    world = world_here(runtime)
    clock = move_clock(world, args.move) if args.move else show_clock(world)
    state = "running" if clock.running else "standing still"
    runtime.console.show(f"{clock.moment:%Y-%m-%dT%H:%M:%SZ} ({state})")
    return ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultArgs:
    """The arguments of `sandbox fault`. Without `kind` and `clear`, it lists what is armed."""

    kind: str | None = None
    endpoint: str = "*"
    skip: int = 0
    times: int = 1
    seconds: float | None = None
    clear: bool = False


@command.command("fault")
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
def fault_command(context: click.Context, /, **flags: Any) -> None:
    """Arm a fault, list what is armed, or disarm all."""
    invoke(context, FaultArgs, run_fault, flags)


def run_fault(args: FaultArgs, runtime: Runtime) -> ExitCode:
    """Disarm all faults, arm one, and list those that are armed, or the kinds there are."""
    from plancast.providers.sandbox import FAULT_KINDS, arm  # noqa: PLC0415

    world = world_here(runtime)
    # `--clear` together with a kind disarms the old faults first.
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
        shown_times = f"{fault.times} times" if fault.times else "until cleared"
        runtime.console.show_name(
            f"{fault.kind.value} on {fault.endpoint}, after {fault.skip}, {shown_times}"
        )
    if not armed:
        runtime.console.show("Nothing is armed.")
        if not args.clear:
            runtime.console.show(f"Kinds: {', '.join(FAULT_KINDS)}")
    return ExitCode.DONE


def place(runtime: Runtime) -> tuple[Path, Mapping[str, object]]:
    """Return the folder of the sandbox and its options.

    Without a workspace this is the current folder, without options.
    """
    try:
        root = runtime.root
    except Stop:
        return runtime.start.resolve(), {}
    settings = runtime.loaded.workspace.provider
    return root, settings.options if settings.name == SANDBOX.name else {}


def world_here(runtime: Runtime, *, rate_limited: bool = False) -> World:
    """Open the world of the sandbox, made if there is none yet. The runtime closes it."""
    from plancast.providers.sandbox import open_world  # noqa: PLC0415

    root, options = place(runtime)
    # An embedded world has no rate limits unless its options set them, so that trying out is fast.
    limited = rate_limited and "rate_limit" not in options
    world = open_world(root, options)
    runtime.opened.callback(world.close)
    if limited:
        world.set_setting("rate_requests", BUFFERS_OWN["requests"])
        world.set_setting("rate_seconds", BUFFERS_OWN["seconds"])
        world.set_setting("graphql_windows", WINDOWS)
    return world
