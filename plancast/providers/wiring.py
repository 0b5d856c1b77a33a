"""Putting the parts of our own providers together: options, token, transport, limiter, port."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path

from plancast.core.diagnostics import problem
from plancast.core.exits import Stop
from plancast.core.plan import RateWindow
from plancast.core.ports import Unauthorized
from plancast.net.logfile import FileLog, log_name
from plancast.net.pacing import Limiter, MemoryLog, PacedTransport, Window
from plancast.net.transport import HttpxTransport, UnsafeAddress, check_base_url, is_token
from plancast.providers import Connected, ProviderContext
from plancast.providers.buffer_v1.client import BufferClient
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
    options = context.settings.options
    _known(options, {"rate_limit", "queue_limit"})
    token = "offline" if context.offline else _token(context.environ)
    try:
        base = check_base_url(context.environ.get(ADDRESS, "").strip() or API)
    except UnsafeAddress as error:
        raise Stop([problem("PC806", f"{ADDRESS}: {error}")]) from None
    store = FileLog(Path(context.pacing_dir) / log_name(token, base))
    limiter = Limiter(
        [_window(options) or RATE], store, context.clock, time.time, context.notify, timeout=TIMEOUT
    )
    transport = PacedTransport(HttpxTransport(base, token, TIMEOUT), limiter, time.time)
    provider = BufferV1Provider(
        BufferClient(transport), limiter.remaining, queue_limit=_queue_limit(options)
    )
    return Connected(provider, context.clock)


def sandbox(context: ProviderContext) -> Connected:
    """The embedded sandbox: no port, no token, its own clock; a limit only where one is set."""
    from plancast.providers.sandbox import SandboxClock, mount, open_world  # noqa: PLC0415

    options = context.settings.options
    _known(options, {"rate_limit", "queue_limit", "clock", "seed"})
    world = open_world(Path(context.workspace_root), options)
    clock = SandboxClock(world, context.clock)
    http = HttpxTransport("http://localhost/1", "sandbox-token", TIMEOUT, mount(world))
    window = _window(options)
    if window is None:
        client, windows = BufferClient(http), _unlimited
    else:
        limiter = Limiter([window], MemoryLog(), context.clock, time.time, context.notify)
        client = BufferClient(PacedTransport(http, limiter, time.time))
        windows = limiter.remaining
    provider = BufferV1Provider(
        client, windows, name="sandbox", queue_limit=_queue_limit(options), tells_time=False
    )
    return Connected(provider, clock)


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


def _known(options: Mapping[str, object], names: Collection[str]) -> None:
    """A file of the workspace can set these and nothing else: no address and no credential."""
    for name in options:
        if name not in names:
            hint = f"Options are: {', '.join(sorted(names))}."
            raise Stop([problem("PC203", f"provider option {name!r}", hint=hint)])


def _window(options: Mapping[str, object]) -> Window | None:
    limit = options.get("rate_limit")
    if not isinstance(limit, Mapping):
        return None
    return Window(int(limit["requests"]), float(limit["seconds"]))


def _queue_limit(options: Mapping[str, object]) -> int | None:
    limit = options.get("queue_limit")
    return limit if isinstance(limit, int) else None
