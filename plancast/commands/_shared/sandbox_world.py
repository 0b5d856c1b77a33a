"""The sandbox that the `sandbox` commands are about: that of the workspace, or of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.model.exit_codes import Stop
from plancast.providers.registry import SANDBOX

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.providers.sandbox import World

BUFFERS_OWN = {"requests": 60, "seconds": 60}
"""What Buffer allows; a served sandbox allows no more (docs/buffer/v1.md#rate-limit)."""

WINDOWS = "100/900 250/86400 3000/2592000"
"""The same for the current API, on the smallest plan (docs/buffer/graphql.md#rate-limits)."""


def place(runtime: Runtime) -> tuple[Path, Mapping[str, object]]:
    """The folder of the workspace and its options; this folder and none where there is none."""
    try:
        root = runtime.root
    except Stop:
        return runtime.start.resolve(), {}
    settings = runtime.loaded.workspace.provider
    return root, settings.options if settings.name == SANDBOX.name else {}


def world_here(runtime: Runtime, *, rate_limited: bool = False) -> World:
    """The world, made where there is none yet."""
    from plancast.providers.sandbox import open_world  # noqa: PLC0415

    root, options = place(runtime)
    limited = rate_limited and "rate_limit" not in options
    world = open_world(root, options)
    runtime.opened.callback(world.close)
    if limited:
        world.set_setting("rate_requests", BUFFERS_OWN["requests"])
        world.set_setting("rate_seconds", BUFFERS_OWN["seconds"])
        world.set_setting("graphql_windows", WINDOWS)
    return world
