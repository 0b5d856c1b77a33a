"""Putting the parts of our own providers together: options, token, transport, limiter, port."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.plan import RateWindow
from plancast.core.ports import Unauthorized
from plancast.net.logfile import FileLog, log_name
from plancast.net.logged import LoggedTransport
from plancast.net.pacing import Limiter, PacedTransport, Window
from plancast.net.transport import (
    HttpxTransport,
    Transport,
    UnsafeAddress,
    check_base_url,
    is_token,
)
from plancast.providers import Connected, ProviderContext, options
from plancast.providers.buffer_v1.client import BufferClient, is_hasty
from plancast.providers.buffer_v1.provider import BufferV1Provider

API = "https://api.bufferapp.com/1"
TOKEN = "BUFFER_ACCESS_TOKEN"  # noqa: S105  # the name of the variable
ADDRESS = "PLANCAST_API_URL"
TIMEOUT = 30.0
"""Seconds for one request. Buffer fetches images while it creates, which takes its time."""

RATE = Window(60, 60.0)
"""API v1: 60 requests in any 60 seconds (buffer-v1 sheet 6.3)."""


def buffer(context: ProviderContext) -> Connected:
    """API v1 over the network. Where to and as whom comes from the environment alone."""
    given = context.settings.options
    options.known(given, {"rate_limit", "queue_limit"})
    window, room = options.rate_limit(given) or RATE, options.queue_limit(given)
    token = "offline" if context.offline else _token(context.environ)
    try:
        base = check_base_url(context.environ.get(ADDRESS, "").strip() or API)
    except UnsafeAddress as error:
        raise Stop([problem("PC806", f"{ADDRESS}: {error}")]) from None
    limiter = _limiter(context, window, token, base)
    http = HttpxTransport(base, token, TIMEOUT)
    provider = BufferV1Provider(
        BufferClient(_paced(LoggedTransport(http), limiter, context)),
        limiter.remaining,
        context.clock,
        queue_limit=room,
    )
    return Connected(provider, context.clock, http.close, http.abort)


def sandbox(context: ProviderContext) -> Connected:
    """The embedded sandbox: no port, no token, its own clock; a limit only where one is set."""
    from plancast.providers.sandbox import DATABASE, SandboxClock, mount, open_world  # noqa: PLC0415

    given = context.settings.options
    options.known(given, {"rate_limit", "queue_limit", "clock", "seed"})
    root = Path(context.workspace_root)
    world = open_world(root, given)
    clock = SandboxClock(world, context.clock)
    http = LoggedTransport(
        HttpxTransport("http://localhost/1", "sandbox-token", TIMEOUT, mount(world))
    )
    settings = world.settings
    if settings.rate_requests:
        # The world counts in real time and over all processes, and so does the limiter.
        window = Window(settings.rate_requests, float(settings.rate_seconds))
        limiter = _limiter(context, window, "sandbox", str((root / DATABASE).resolve()))
        client, windows = BufferClient(_paced(http, limiter, context)), limiter.remaining
    else:
        client, windows = BufferClient(http), _unlimited
    provider = BufferV1Provider(
        client,
        windows,
        clock,
        name="sandbox",
        queue_limit=settings.queue_limit,
        tells_time=False,
    )
    return Connected(provider, clock, world.close)


def _limiter(context: ProviderContext, window: Window, *secrets: str) -> Limiter:
    """The one that all processes share which know the same `secrets`."""
    store = FileLog(Path(context.pacing_dir) / log_name(*secrets))
    # Twice: an answer may take so long to begin, and so long again to end.
    worst = 2 * TIMEOUT
    return Limiter([window], store, context.clock, time.time, context.notify, timeout=worst)


def _paced(transport: Transport, limiter: Limiter, context: ProviderContext) -> Transport:
    return PacedTransport(transport, limiter, time.time, is_hasty, context.fence)


def _unlimited() -> tuple[RateWindow, ...]:
    return ()


def _token(environ: Mapping[str, str]) -> str:
    token = environ.get(TOKEN)
    if token is None:
        raise Stop([problem("PC802", f"the environment has no {TOKEN}")])
    token = token.strip()
    if not token:
        raise Stop([problem("PC802", f"{TOKEN} is empty")])
    if not is_token(token):
        raise Unauthorized(f"{TOKEN} holds characters that no token has")
    return token
