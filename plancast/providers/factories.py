"""The factories of the built-in providers: options, token, transport, limiter and port, assembled.

Layers, outside in: repeated reads, pacing by the limiter, the log, HTTP. `registry` imports this
module only when one of its providers is connected, and each factory imports its own provider alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.features import RepeatRule
from plancast.model.plan import RateWindow
from plancast.model.ports import Clock, Retirement, Unauthorized
from plancast.net.limiter_files import DiskFolder
from plancast.net.limiter_log import FileLog, LogNames
from plancast.net.rate_limiter import Limiter, LimiterWindow, PacedTransport, RepeatedReads
from plancast.net.transport import (
    HttpxTransport,
    LoggedTransport,
    Response,
    Transport,
    UnsafeAddress,
    check_base_url,
    is_token,
)
from plancast.providers import options
from plancast.providers.buffer_features import REPEATS
from plancast.providers.registry import (
    BUFFER_GRAPHQL,
    BUFFER_V1,
    SPOKEN,
    Connected,
    ProviderContext,
)

if TYPE_CHECKING:
    from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
    from plancast.providers.sandbox import World

API = "https://api.bufferapp.com/1"
CURRENT_API = "https://api.buffer.com"
ADDRESS = "PLANCAST_API_URL"
TIMEOUT = 30.0
"""Seconds for one request. Buffer fetches images while it creates a post, which can take long."""

PAGES_AT_ONCE = 4
"""Pages of API v1 that are read at a time. The current API has one list for all queues, in which
each page names the next one."""

RATE = LimiterWindow(60, 60.0)
"""API v1: 60 requests in any 60 seconds (docs/buffer/v1.md#rate-limit)."""

BUDGET = (
    LimiterWindow(100, 900.0),
    LimiterWindow(250, 86_400.0),
    LimiterWindow(3_000, 2_592_000.0),
)
"""The current API, on the smallest plan (docs/buffer/graphql.md#rate-limits). Its answers report
limits of the account, which then replace those of the same windows; they may name fewer."""

V1_RETIRES = Retirement(date(2027, 2, 1), "API v1")
"""From that day on API v1 returns no data (docs/buffer/v1.md#the-end-of-api-v1)."""

PATIENCE = 60.0
"""Seconds that a request of the current API may wait. A longer wait is left to the next run."""

_GROUPINGS = ("off", "content_item", "aliases")


def buffer(context: ProviderContext) -> Connected:
    """Connect API v1 over the network. Address and token come from the environment alone."""
    from plancast.providers.buffer_v1.client import BufferClient, is_hasty  # noqa: PLC0415
    from plancast.providers.buffer_v1.provider import BufferV1Provider  # noqa: PLC0415

    settings = context.settings.options
    window, room = options.rate_limit(settings) or RATE, options.queue_limit(settings)
    token = "offline" if context.offline else _token(context.environ, BUFFER_V1.secrets[0])
    base = _base(context.environ, API)
    log = _log(context, LogNames.of_key(token, base))
    limiter = _limiter(context, [window], log)
    http = HttpxTransport(base, token, TIMEOUT)
    provider = BufferV1Provider(
        BufferClient(_paced(LoggedTransport(http), limiter, context, is_hasty)),
        limiter.remaining,
        context.clock,
        queue_limit=room,
        retires=V1_RETIRES,
        on_account=log.belongs_to,
        at_once=PAGES_AT_ONCE,
    )
    return Connected(provider, context.clock, _both(limiter.close, http.close), http.abort)


def buffer_graphql(context: ProviderContext) -> Connected:
    """Connect Buffer's current API. Address and key come from the environment alone."""
    from plancast.providers.buffer_graphql.responses import is_hasty  # noqa: PLC0415

    settings = context.settings.options
    windows = options.rate_limits(settings) or BUDGET
    key = "offline" if context.offline else _token(context.environ, BUFFER_GRAPHQL.secrets[0])
    base = _base(context.environ, CURRENT_API)
    log = _log(context, LogNames.of_key(key, base))
    limiter = _limiter(context, windows, log, _patience(settings))
    http = HttpxTransport(base, key, TIMEOUT)
    transport = _paced(LoggedTransport(http), limiter, context, is_hasty)
    wire = _Wire(transport, context.clock, limiter.remaining, log.belongs_to)
    provider = _graphql(wire, settings)
    return Connected(
        provider,
        context.clock,
        _both(limiter.close, http.close),
        http.abort,
        notes=lambda: provider.notes,
        prober=provider.prober(),
    )


def sandbox(context: ProviderContext) -> Connected:
    """Connect the embedded sandbox: no port, no token, its own clock, and no limit unless set."""
    from plancast.providers.sandbox import open_world  # noqa: PLC0415

    settings = context.settings.options
    current = options.choice(settings, SPOKEN.name, ("v1", "graphql")) == "graphql"
    world = open_world(Path(context.workspace_root), settings)
    try:
        return (_sandbox_graphql if current else _sandbox_v1)(context, world)
    except BaseException:  # also an interrupt: the database must not stay open
        world.close()
        raise


def _sandbox_v1(context: ProviderContext, world: World) -> Connected:
    from plancast.providers.buffer_v1.client import BufferClient, is_hasty  # noqa: PLC0415
    from plancast.providers.buffer_v1.provider import BufferV1Provider  # noqa: PLC0415
    from plancast.providers.sandbox import SandboxClock, mount  # noqa: PLC0415

    clock = SandboxClock(world, context.clock)
    http = LoggedTransport(
        HttpxTransport("http://localhost/1", "sandbox-token", TIMEOUT, mount(world))
    )
    settings, close = world.settings, world.close
    if settings.rate_requests:
        # The world counts in real time and over all processes, and so does the limiter.
        window = LimiterWindow(settings.rate_requests, float(settings.rate_seconds))
        limiter = _limiter(context, [window], _log(context, _names(context, "sandbox")))
        client, windows = BufferClient(_paced(http, limiter, context, is_hasty)), limiter.remaining
        close = _both(limiter.close, world.close)
    else:
        patient = RepeatedReads(http, clock, time.time, is_hasty)
        client, windows = BufferClient(patient), _unlimited
    provider = BufferV1Provider(
        client,
        windows,
        clock,
        name="sandbox",
        queue_limit=settings.queue_limit,
        tells_time=False,
        repeats=_repeats(world, switch=settings.duplicates),
    )
    return Connected(provider, clock, close)


def _sandbox_graphql(context: ProviderContext, world: World) -> Connected:
    from plancast.providers.buffer_graphql.responses import is_hasty  # noqa: PLC0415
    from plancast.providers.sandbox import SandboxClock, mount  # noqa: PLC0415

    settings = context.settings.options
    clock = SandboxClock(world, context.clock)
    http = LoggedTransport(
        HttpxTransport("http://localhost", "sandbox-token", TIMEOUT, mount(world))
    )
    windows = [LimiterWindow(limit, float(seconds)) for limit, seconds in world.settings.windows]
    close = world.close
    if windows:
        log = _log(context, _names(context, "graphql", "sandbox"))
        limiter = _limiter(context, windows, log, _patience(settings))
        close = _both(limiter.close, world.close)
        paced = _paced(http, limiter, context, is_hasty)
        wire = _Wire(paced, clock, limiter.remaining)
    else:
        patient = RepeatedReads(http, clock, time.time, is_hasty)
        wire = _Wire(patient, clock)
    provider = _graphql(wire, settings, world)
    return Connected(provider, clock, close, notes=lambda: provider.notes, prober=provider.prober())


def _unlimited() -> tuple[RateWindow, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class _Wire:
    """A transport with its clock and the budget that it keeps to.

    `on_account` is called with the id of the account once an answer has named it.
    """

    transport: Transport
    clock: Clock
    windows: Callable[[], tuple[RateWindow, ...]] = _unlimited
    on_account: Callable[[str], None] = lambda _account_id: None


def _graphql(
    wire: _Wire, settings: options.Options, world: World | None = None
) -> BufferGraphqlProvider:
    """Return the provider of the current API, on the sandbox if there is a `world`."""
    from plancast.providers.buffer_graphql.client import GraphqlClient  # noqa: PLC0415
    from plancast.providers.buffer_graphql.create import Grouping  # noqa: PLC0415
    from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider  # noqa: PLC0415

    embedded = world is not None
    repeats = _repeats(world, switch=world.settings.graphql_duplicates) if world else REPEATS
    tag = options.text(settings, "ownership_tag")
    return BufferGraphqlProvider(
        GraphqlClient(wire.transport),
        wire.windows,
        wire.clock,
        name="sandbox" if embedded else "buffer-graphql",
        organization=options.text(settings, "organization") or "",
        # The sandbox reports the limit in its answers, as the real service does.
        queue_limit=None if embedded else options.queue_limit(settings),
        grouping=Grouping(options.choice(settings, "grouping", _GROUPINGS) or "off"),
        ownership_tag="" if tag in (None, "off") else str(tag),
        tells_time=not embedded,
        repeats=repeats,
        on_account=wire.on_account,
    )


def _repeats(world: World, *, switch: bool) -> RepeatRule | None:
    """Return the rule about repeated texts that a sandbox has, by its switch and its window."""
    wait = timedelta(seconds=world.settings.duplicate_window)
    return replace(REPEATS, wait=wait) if switch else None


def _names(context: ProviderContext, *words: str) -> LogNames:
    """Return the name for the budget of a workspace's sandbox, by its database file."""
    from plancast.providers.sandbox import DATABASE  # noqa: PLC0415

    return LogNames.of_sandbox(str((Path(context.workspace_root) / DATABASE).resolve()), *words)


def _patience(settings: options.Options) -> float:
    max_wait = options.max_wait(settings)
    return PATIENCE if max_wait is None else max_wait


def _log(context: ProviderContext, names: LogNames) -> FileLog:
    """Return the log of requests that all processes with the same account share, by a file."""
    return FileLog(DiskFolder(Path(context.pacing_dir)), names)


def _limiter(
    context: ProviderContext,
    windows: Sequence[LimiterWindow],
    log: FileLog,
    patience: float = math.inf,
) -> Limiter:
    """Return a limiter. `patience`: seconds that a request may wait before it fails instead."""
    # Twice: the timeout holds for the time to the answer's first byte, and again to its last.
    worst = 2 * TIMEOUT
    return Limiter(
        windows,
        log,
        context.clock,
        time.time,
        context.notify,
        timeout=worst,
        patience=patience,
    )


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    """Return a function that calls one function and then, whatever became of it, another."""

    def call() -> None:
        try:
            first()
        finally:
            second()

    return call


def _paced(
    transport: Transport,
    limiter: Limiter,
    context: ProviderContext,
    hasty: Callable[[Response], bool],
) -> Transport:
    """Keep a transport within the limits, and repeat a read that the server calls too early."""
    paced = PacedTransport(transport, limiter, time.time, hasty, context.fence)
    return RepeatedReads(paced, context.clock, time.time, hasty)


def _base(environ: Mapping[str, str], usual: str) -> str:
    try:
        return check_base_url(environ.get(ADDRESS, "").strip() or usual)
    except UnsafeAddress as error:
        raise Stop([problem("PC806", f"{ADDRESS}: {error}")]) from None


def _token(environ: Mapping[str, str], name: str) -> str:
    token = environ.get(name)
    if token is None:
        raise Stop([problem("PC802", f"the environment has no {name}", hint=f"Set {name}.")])
    token = token.strip()
    if not token:
        raise Stop([problem("PC802", f"{name} is empty", hint=f"Set {name}.")])
    if not is_token(token):
        raise Unauthorized(f"{name} holds characters that no token has")
    return token
