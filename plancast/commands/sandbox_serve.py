"""`plancast sandbox serve`: the local Buffer on a port of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.commands.world import world_here
from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `sandbox serve`."""

    port: int = 8025


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Serve until SIGINT or SIGTERM; with -v, log each request on standard error."""
    from plancast.providers.sandbox import serve_world  # noqa: PLC0415

    def ready(port: int) -> None:
        runtime.show(
            f"The sandbox listens on http://127.0.0.1:{port}\n"
            "Its token is sandbox-token. To use it as if it were Buffer, for buffer-graphql:\n"
            f"  export PLANCAST_API_URL=http://127.0.0.1:{port}\n"
            "  export BUFFER_API_KEY=sandbox-token\n"
            "and for API v1:\n"
            f"  export PLANCAST_API_URL=http://127.0.0.1:{port}/1\n"
            "  export BUFFER_ACCESS_TOKEN=sandbox-token"
        )

    log = runtime.say if runtime.verbose else None
    serve_world(world_here(runtime, rate_limited=True), args.port, ready, log)
    return ExitCode.DONE
