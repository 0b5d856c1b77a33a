"""The sandbox inside this process: where its world lives, its clock, and its application as a wire.

Nothing else of plancast touches `plancast.sandbox`; the commands that serve,
reset and steer it do so through here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.ports import Clock
from plancast.sandbox import (
    ClockError,
    ConnectionDropped,
    DatabaseError,
    Fault,
    FaultError,
    FaultKind,
    Phase,
    SandboxApp,
    SeedError,
    ServeError,
    SettingError,
    World,
    serve,
)

if TYPE_CHECKING:
    from plancast.sandbox import Clock as WorldClock

FOLDER = ".plancast-sandbox"
FAULT_KINDS = tuple(sorted(kind.value for kind in FaultKind))
_TROUBLES = (ClockError, DatabaseError, FaultError, SeedError, ServeError, SettingError)


def open_world(root: Path, options: Mapping[str, object]) -> World:
    """The world of a workspace; made on first use from `seed` and `clock` of the options.

    It is kept beside `.plancast/`, not in it: losing the state must not lose the queue.
    """
    folder = root / FOLDER
    fresh = not (folder / "world.db").exists()
    try:
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        world = World(folder / "world.db")
        if fresh:
            begin(world, root, options)
        limit = options.get("rate_limit")
        requests = limit["requests"] if isinstance(limit, Mapping) else 0
        if world.settings.rate_requests != requests:
            world.set_setting("rate_requests", requests)
        if isinstance(limit, Mapping) and world.settings.rate_seconds != limit["seconds"]:
            world.set_setting("rate_seconds", limit["seconds"])
    except (*_TROUBLES, OSError) as error:
        raise Stop([problem("PC809", f"the sandbox in {folder}: {error}")]) from error
    return world


def begin(world: World, root: Path, options: Mapping[str, object]) -> None:
    """Empty a world and plant the seed that the options name; its clock stands where they say."""
    seed = options.get("seed")
    world.reset(_seed(root, str(seed)) if seed else None)
    clock = options.get("clock")
    if clock is not None:
        world.freeze(str(clock))


def _seed(root: Path, name: str) -> Mapping[str, object]:
    """A seed file of the workspace: JSON."""
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise Stop([problem("PC004", name)])
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stop([problem("PC002", f"{name}: {error.strerror}")]) from error
    except ValueError as error:
        raise Stop([problem("PC002", f"{name}: {error}")]) from error
    if not isinstance(document, dict):
        raise Stop([problem("PC202", f"{name}: expected a mapping")])
    return document


class SandboxClock:
    """The calendar of a world. In one whose clock stands still, waiting moves it on instead."""

    def __init__(self, world: World, machine: Clock) -> None:
        self._world = world
        self._machine = machine

    def now(self) -> datetime:
        """What the world's calendar shows."""
        return self._world.clock().moment.replace(microsecond=0)

    def monotonic(self) -> float:
        """Seconds that never jump, of the machine."""
        return self._machine.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, or let the calendar move on by as much."""
        if self._world.clock().running:
            self._machine.sleep(seconds)
        else:
            self._machine.sleep(0.0)
            self._world.advance(seconds)


def mount(world: World) -> httpx.BaseTransport:
    """The application as the inside of an HTTP transport."""
    return _Mount(SandboxApp(world))


class _Mount(httpx.BaseTransport):
    """A WSGI application in the place of the network; a dropped connection is one here as well."""

    def __init__(self, app: SandboxApp) -> None:
        self._inner = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        try:
            response = self._inner.handle_request(request)
            response.read()
        except ConnectionDropped as dropped:
            if dropped.phase is Phase.BODY:
                raise httpx.RemoteProtocolError("the answer was cut off") from None
            raise httpx.ReadError("the connection was closed") from None
        return response


# -- for the commands ------------------------------------------------------------------------------


def serve_world(world: World, port: int, ready: Callable[[int], None]) -> None:
    """Serve on loopback until the process is asked to end. Raises Stop."""
    try:
        serve(world, port=port, ready=ready)
    except (*_TROUBLES, OSError) as error:
        raise Stop([problem("PC809", f"port {port}: {error}")]) from error


def show_clock(world: World) -> WorldClock:
    """What the calendar shows, and whether it runs."""
    return world.clock()


def move_clock(world: World, move: str) -> WorldClock:
    """`run`, `freeze`, `+2h`, or a time. Raises Stop."""
    try:
        if move == "run":
            return world.run()
        if move == "freeze":
            return world.freeze()
        if move.startswith("+"):
            return world.advance(_seconds(move[1:]))
        return world.set_clock("running" if move == "now" else move)
    except _TROUBLES as error:
        hint = "Write run, freeze, now, +2h (s, m, h, d) or a time such as 2026-12-01T09:00:00Z."
        raise Stop([problem("PC401", str(error) or move, hint=hint)]) from error


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text[-1:] not in units or not text[:-1].isdigit():
        raise ClockError(f"+{text}")
    return float(int(text[:-1]) * units[text[-1]])


def arm(  # noqa: PLR0913  # the parts of a fault
    world: World, kind: str, *, endpoint: str, skip: int, times: int, seconds: float | None
) -> Fault:
    """Arm a fault. Raises Stop."""
    if kind not in FAULT_KINDS:
        hint = f"One of: {', '.join(FAULT_KINDS)}."
        raise Stop([problem("PC203", f"fault {kind!r}", hint=hint)])
    try:
        fault = Fault(FaultKind(kind), endpoint, skip, times)
        if seconds is not None:
            fault = Fault(FaultKind(kind), endpoint, skip, times, seconds)
        return world.arm(fault)
    except _TROUBLES as error:
        raise Stop([problem("PC203", str(error))]) from error
