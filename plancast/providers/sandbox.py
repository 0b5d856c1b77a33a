"""The sandbox inside this process: its database, its clock, and its application as a transport.

Only this module imports `plancast.sandbox`; the commands that serve, reset and steer the sandbox
call the functions below. The database lies in the workspace, so its files are checked for links
before SQLite opens them.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from plancast.files.folder import Folder
from plancast.files.refusals import LinkRefused, link_problem, reason
from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.exit_codes import Stop
from plancast.model.ports import Clock
from plancast.providers import options
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
    ServerOptions,
    SettingError,
    World,
    serve,
)

if TYPE_CHECKING:
    from plancast.sandbox import Clock as WorldClock

__all__ = [
    "FAULT_KINDS",
    "SandboxClock",
    "World",
    "arm",
    "begin",
    "mount",
    "move_clock",
    "open_world",
    "serve_world",
    "show_clock",
]

FOLDER = ".plancast-sandbox"
WORLD, DRAFT = "world.db", "new.db"
DATABASE = f"{FOLDER}/{WORLD}"
_ROLLBACK = "-journal"
_BESIDE = (_ROLLBACK, "-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""
MAX_SEED = 4 * 1024 * 1024
"""Bytes."""
FAULT_KINDS = tuple(sorted(kind.value for kind in FaultKind))
_TROUBLES = (
    ClockError,
    DatabaseError,
    FaultError,
    SeedError,
    ServeError,
    SettingError,
    OSError,
    OverflowError,  # a time beyond the calendar
    sqlite3.Error,
)
"""Errors of a sandbox that become problems; the message of each is fit for users."""


def open_world(root: Path, settings: Mapping[str, object]) -> World:
    """Open the world of a workspace; create it on first use from the options `seed` and `clock`.

    It is kept beside `.plancast/`, not in it: losing the state must not lose the queue. The
    limits of the options apply to an existing world as well. Raises Stop.
    """
    folder = Folder(root.resolve(), (FOLDER,))
    try:
        _ready(folder, root, settings)
        world = _opened(folder, WORLD)
    except _TROUBLES as error:
        raise Stop([_trouble(folder, error)]) from error
    try:
        _limit(world, settings)
    except _TROUBLES as error:
        world.close()
        raise Stop([_trouble(folder, error)]) from error
    except BaseException:
        world.close()
        raise
    return world


def _trouble(folder: Folder, error: Exception) -> Diagnostic:
    refused = link_problem(error) if isinstance(error, OSError) else None
    return refused or problem("PC809", f"the sandbox in {folder.path}: {error}")


def begin(world: World, root: Path, settings: Mapping[str, object]) -> None:
    """Empty a world, then load the `seed` and set the `clock` that the options name.

    Raises Stop.
    """
    seed, clock = settings.get("seed"), options.clock(settings)
    document = dict(_seed(root, str(seed))) if seed else {}
    # A world's own default is Buffer's limit; here there is none unless the seed has one.
    document.setdefault("rate_limit", {"requests": 0})
    if clock is not None:
        document["clock"] = clock
    try:
        world.reset(document)
    except _TROUBLES as error:
        raise Stop([problem("PC203", f"provider option 'seed': {error}")]) from error
    _limit(world, settings)


def _ready(folder: Folder, root: Path, settings: Mapping[str, object]) -> None:
    """Create the folder, which git ignores, and its world if there is none; under a lock."""
    folder.create()
    folder.add(".gitignore", b"*\n")
    with folder.lock("world.lock", math.inf):
        if folder.look(WORLD) is None:
            _make(folder, root, settings)


def _make(folder: Folder, root: Path, settings: Mapping[str, object]) -> None:
    """Create a world: fill a draft, then rename it, so that no half-filled world is ever seen."""
    for leftover in (DRAFT, *(f"{DRAFT}{ending}" for ending in _BESIDE)):
        folder.remove(leftover)
    folder.add(DRAFT, b"")
    with _opened(folder, DRAFT) as world:
        begin(world, root, settings)
    folder.rename(DRAFT, WORLD)


def _opened(folder: Folder, name: str) -> World:
    """Open a database of the folder. Raises LinkRefused, and OSError for what SQLite must not see.

    SQLite follows links, also to the files that it keeps beside a database, so all are checked.
    """
    if folder.look(f"{name}{_ROLLBACK}") is not None:
        # A rollback journal may name another file, which SQLite removes after rolling back. So a
        # repository with a crafted journal could remove any file of the user. Worlds have none:
        # they use a write-ahead log.
        raise OSError(errno.EEXIST, f"{name}{_ROLLBACK} is not a file of plancast: remove it")
    for ending in ("", *_BESIDE):
        folder.tighten(f"{name}{ending}")
    return World(folder.path / name, check=same_file(folder, name))


def same_file(folder: Folder, name: str) -> Callable[[str], None]:
    """Return a function that checks that SQLite opened this file and no other.

    `World` calls it with the path that SQLite opened, before anything is read or written. It raises
    LinkRefused if the path led through a link, OSError if the file was exchanged meanwhile.
    """
    before = folder.look(name)

    def check(opened: str) -> None:
        if opened != str(folder.path / name):
            raise LinkRefused(folder.path / name, opened)
        now = folder.look(name)
        if before is None or now is None or not os.path.samestat(before, now):
            raise OSError(errno.EAGAIN, f"{name} was exchanged while it was opened")

    return check


def _limit(world: World, settings: Mapping[str, object]) -> None:
    """Apply the limits of the options. Without a rate limit here or in the seed there is none."""
    room = options.queue_limit(settings)
    wanted: dict[str, object] = {}
    if settings.get("rate_limit") is not None:
        wanted = _budget(settings)
    elif not settings.get("seed"):
        wanted = {"rate_requests": 0, "graphql_windows": ""}
    if room is not None:
        wanted["queue_limit"] = room
    current = world.settings
    for name, value in wanted.items():
        if getattr(current, name) != value:
            world.set_setting(name, value)


def _budget(settings: Mapping[str, object]) -> dict[str, object]:
    """Turn `rate_limit` into settings of the world. API v1 has one window, GraphQL several."""
    if settings.get("api") == "graphql":
        windows = (f"{item.limit}/{int(item.seconds)}" for item in options.rate_limits(settings))
        return {"graphql_windows": " ".join(windows)}
    window = options.rate_limit(settings)
    return {"rate_requests": window.limit, "rate_seconds": int(window.seconds)} if window else {}


def _seed(root: Path, name: str) -> Mapping[str, object]:
    """Read a seed file of the workspace: JSON, or YAML without aliases and custom types.

    Raises Stop if it lies outside the workspace, is too large, or does not hold a mapping.
    """
    path, top = (root / name).resolve(), root.resolve()
    if not path.is_relative_to(top) or path == top:
        raise Stop([problem("PC004", name)])
    folder = Folder(top, path.relative_to(top).parts[:-1], private=False)
    try:
        raw = folder.read(path.name, MAX_SEED)
    except OSError as error:
        code = "PC005" if error.errno == errno.EFBIG else "PC002"
        raise Stop([problem(code, f"{name}: {reason(error)}")]) from error
    try:
        text = raw.decode("utf-8-sig")
        document = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except (ValueError, RecursionError) as error:
        raise Stop([problem("PC002", f"{name}: {error}")]) from error
    if not isinstance(document, dict):
        raise Stop([problem("PC202", f"{name}: expected a mapping")])
    return document


def _yaml(text: str) -> object:
    """Parse YAML: only true, false, null and whole numbers are not texts. Raises ValueError."""
    import yaml  # noqa: PLC0415

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {}  # noqa: RUF012  # as PyYAML declares it

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not supported here")
            return super().compose_node(parent, index)

    for tag, form, first in (
        ("null", "~|null|", ["~", "n", ""]),
        ("bool", "true|false", ["t", "f"]),
        ("int", "-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    ):
        known = re.compile(f"^(?:{form})$")
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", known, first)
    try:
        return yaml.load(text, Loader)  # noqa: S506  # the loader is a safe one
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


class SandboxClock:
    """The clock of a world. If it is frozen, sleeping moves it on instead of waiting."""

    def __init__(self, world: World, machine: Clock) -> None:
        self._world = world
        self._machine = machine

    def now(self) -> datetime:
        """Return the time of the world, in whole seconds."""
        return self._world.clock().moment.replace(microsecond=0)

    def monotonic(self) -> float:
        """Return the machine's seconds that never jump: pacing measures real time."""
        return self._machine.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, or move a frozen clock on by as much."""
        if self._world.clock().running:
            self._machine.sleep(seconds)
        else:
            # Of no length, but a point at which an interrupt is noticed, as in a real wait.
            self._machine.sleep(0.0)
            self._world.advance(seconds)


def mount(world: World) -> httpx.BaseTransport:
    """Wrap the sandbox's application as an HTTP transport, without a socket."""
    return _Mount(SandboxApp(world))


class _Mount(httpx.BaseTransport):
    """A WSGI application in the place of the network.

    Its faults surface as httpx errors, so that the code above sees the same as over a socket.
    """

    def __init__(self, app: SandboxApp) -> None:
        self._inner = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Handle one request. Raises httpx errors for dropped connections and database errors."""
        try:
            response = self._inner.handle_request(request)
            response.read()
        except ConnectionDropped as dropped:
            if dropped.phase is Phase.BODY:
                raise httpx.RemoteProtocolError("the answer was cut off") from None
            raise httpx.ReadError("the connection was closed") from None
        except sqlite3.Error as error:
            # Like a server with a full disk: the connection breaks, and the request may be done.
            raise httpx.ReadError(f"the sandbox's database: {error}") from None
        return response


# -- for the commands ------------------------------------------------------------------------------


def serve_world(
    world: World,
    port: int,
    ready: Callable[[int], None],
    log: Callable[[str], None] | None = None,
) -> None:
    """Serve on loopback until the process is asked to end. Raises Stop.

    `log` receives one line for each request, from several threads.
    """
    try:
        serve(world, port=port, ready=ready, options=ServerOptions(log=log))
    except _TROUBLES as error:
        raise Stop([problem("PC809", f"port {port}: {error}")]) from error


def show_clock(world: World) -> WorldClock:
    """Return the time of a world, and whether its clock runs."""
    return world.clock()


def move_clock(world: World, move: str) -> WorldClock:
    """Move or switch the clock: `run`, `freeze`, `now`, `+2h`, or a time. Raises Stop."""
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
    if text[-1:] not in units or not text[:-1].isdecimal():
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
