"""Who keeps the queue. One literal table of ours, then what other packages register.

A package adds a provider by an entry point of the group `plancast.providers`
that names a function like those below: a ProviderContext in, a Connected out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points

from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.features import CLASSIC, CURRENT, Features
from plancast.model.ports import Clock, Notify, Provider
from plancast.model.workspace import ProviderSettings

__all__ = ["PROVIDERS", "Connected", "ProviderContext", "connect", "features"]


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """What a provider may know of the run.

    `environ` is where a token comes from, and nowhere else; it is not shown.
    `offline`: no request will be made, so no token is needed. `fence` is to be
    asked right before each request that changes something; what it raises goes
    through to the caller.
    """

    settings: ProviderSettings
    workspace_root: str
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    pacing_dir: str
    notify: Notify
    offline: bool = False
    fence: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Connected:
    """A provider and the clock that it lives by. `close` gives back what they hold open.

    `abort`, for another thread to call, breaks off a request that is under way. `notes` tells what
    could not be done and stopped nobody.
    """

    provider: Provider
    clock: Clock
    close: Callable[[], None] = lambda: None
    abort: Callable[[], None] = lambda: None
    notes: Callable[[], Sequence[str]] = tuple


Factory = Callable[[ProviderContext], Connected]


def _sandbox(context: ProviderContext) -> Connected:
    from plancast.providers.factories import sandbox  # noqa: PLC0415

    return sandbox(context)


def _buffer(context: ProviderContext) -> Connected:
    from plancast.providers.factories import buffer  # noqa: PLC0415

    return buffer(context)


def _buffer_graphql(context: ProviderContext) -> Connected:
    from plancast.providers.factories import buffer_graphql  # noqa: PLC0415

    return buffer_graphql(context)


PROVIDERS: dict[str, Factory] = {
    "buffer": _buffer,
    "buffer-graphql": _buffer_graphql,
    "sandbox": _sandbox,
}


def features(settings: ProviderSettings) -> Features:
    """What a provider can do, before anybody is connected.

    Of one that is not ours nothing is known by then, and nothing is held against it.
    """
    classic = settings.name == "sandbox" and settings.options.get("api", "v1") == "v1"
    return CLASSIC if classic or settings.name == "buffer" else CURRENT


def connect(context: ProviderContext) -> Connected:
    """The provider that the settings name. Raises Stop where there is none, Unauthorized."""
    name = context.settings.name
    factory = PROVIDERS.get(name) or _registered(name)
    if factory is None:
        hint = f"One of: {', '.join(sorted(PROVIDERS))}."
        raise Stop([problem("PC801", repr(name), hint=hint)])
    return factory(context)


def _registered(name: str) -> Factory | None:
    for point in entry_points(group="plancast.providers", name=name):
        try:
            factory: Factory = point.load()
        except (ImportError, AttributeError) as error:
            raise Stop([problem("PC801", f"{name!r} cannot be loaded: {error}")]) from error
        return factory
    return None
