"""Providers, each set up with the world behind it, for tests to look at and to break.

A new provider joins the contract by adding a setup of its own to `PROVIDER_SETUPS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.ports import Clock, Provider
from plancast.model.profile import Profile
from plancast.model.workspace import ProviderSettings
from plancast.providers import Connected, ProviderContext, connect
from plancast.providers.sandbox import open_world
from plancast.reconcile.compare import live_diffs, same_as_live
from plancast.sandbox import SandboxServer, World
from plancast.testing.fakes import START, FakeClock
from plancast.testing.provider_contract import Fence

TOKEN = "sandbox-token"
DUE = START + timedelta(days=2)
URL = "https://acme.example/launch"
PICTURE = "https://acme.example/a.png"
OTHER = "https://acme.example/b.png"

NEEDS_PICTURE = "instagram"
CREATE = "POST /updates/create.json"
CHANGING = ("POST", "mutation")
"""The first words of requests that change something, as the sandbox names them, in either API."""


@dataclass(frozen=True, slots=True)
class ProviderSetup:
    """A provider, the clock it lives by, and the world behind it."""

    provider: Provider
    clock: Clock
    world: World
    fence: Fence | None = None

    def on(self, *services: str) -> tuple[Profile, ...]:
        """The profiles of these networks, in this order."""
        found = {profile.service: profile for profile in self.provider.profiles()}
        return tuple(found[service] for service in services)

    @property
    def creates(self) -> str:
        """Return the name that the sandbox gives to the request that makes an entry."""
        return "mutation createPost" if self.speaks_graphql else CREATE

    @property
    def speaks_graphql(self) -> bool:
        """Return whether the provider speaks the newer API."""
        return self.provider.capabilities.features.stages

    def posts(self) -> int:
        """How many requests that could make or change something have arrived."""
        received = self.world.requests().received
        return sum(count for name, count in received.items() if name.startswith(CHANGING))

    def calls(self, profiles: Sequence[Profile]) -> int:
        """How many requests a create for these profiles takes."""
        return -(-len(profiles) // self.provider.capabilities.create_group)

    def queue(self, *profiles: Profile) -> tuple[LiveEntry, ...]:
        return self.provider.read(profiles).entries


def _context(
    folder: Path, name: str, environ: dict[str, str], fence: Fence | None = None, **more: str
) -> ProviderContext:
    options = {"clock": START.isoformat()} if name == "sandbox" else {}
    options |= more
    return ProviderContext(
        settings=ProviderSettings(name, options),
        workspace_root=str(folder),
        environ=environ,
        clock=FakeClock(),
        pacing_dir=str(folder / "pacing"),
        notify=lambda seconds, reason: None,
        fence=fence or Fence(),
    )


@contextmanager
def _mounted(folder: Path, fence: Fence | None = None) -> Iterator[tuple[Connected, World]]:
    """The sandbox in this process."""
    with open_world(folder, {"clock": START.isoformat()}) as world:
        yield connect(_context(folder, "sandbox", {}, fence)), world


@contextmanager
def _served(folder: Path, fence: Fence | None = None) -> Iterator[tuple[Connected, World]]:
    """The same over a socket, through the provider that talks to Buffer."""
    with World() as world:
        world.reset({"clock": START.isoformat(), "rate_limit": {"requests": 0}})
        world.set_setting("token_places", ("header",))
        with SandboxServer(world) as server:
            environ = {"BUFFER_ACCESS_TOKEN": TOKEN, "PLANCAST_API_URL": server.url}
            yield connect(_context(folder, "buffer", environ, fence)), world


@contextmanager
def _graphql(folder: Path, fence: Fence | None = None) -> Iterator[tuple[Connected, World]]:
    """The sandbox in this process, as the current API shows it."""
    with open_world(folder, {"clock": START.isoformat()}) as world:
        world.set_setting("graphql_duplicates", True)
        yield connect(_context(folder, "sandbox", {}, fence, api="graphql")), world


@contextmanager
def content_items(folder: Path) -> Iterator[ProviderSetup]:
    """The sandbox in this process, with creates of several channels as one content item."""
    with open_world(folder, {"clock": START.isoformat()}) as world:
        context = _context(folder, "sandbox", {}, api="graphql", grouping="content_item")
        connected = connect(context)
        try:
            yield ProviderSetup(connected.provider, connected.clock, world)
        finally:
            connected.close()


@contextmanager
def _served_graphql(folder: Path, fence: Fence | None = None) -> Iterator[tuple[Connected, World]]:
    """The same over a socket, through the provider that talks to Buffer."""
    with World() as world:
        world.reset({"clock": START.isoformat(), "rate_limit": {"requests": 0}})
        world.set_setting("graphql_duplicates", True)
        with SandboxServer(world) as server:
            base = server.url.removesuffix("/1")
            environ = {"BUFFER_API_KEY": TOKEN, "PLANCAST_API_URL": base}
            yield connect(_context(folder, "buffer-graphql", environ, fence)), world


PROVIDER_SETUPS = {
    "mounted": _mounted,
    "served": _served,
    "graphql": _graphql,
    "graphql-served": _served_graphql,
}


def fitting(provider_setup: ProviderSetup, entry: Entry) -> tuple[Profile, ...]:
    """The profiles whose networks take the entry."""
    return tuple(
        profile
        for profile in provider_setup.provider.profiles()
        if provider_setup.provider.expected(entry, profile).images
        or profile.service != NEEDS_PICTURE
    )


def agrees(provider_setup: ProviderSetup, asked: Entry, profile: Profile, live: LiveEntry) -> None:
    seen = provider_setup.provider.expected(asked, profile)
    assert live_diffs(asked, seen, live) == ()
    assert same_as_live(asked, seen, live)
    assert live.profile_id == profile.id
    assert live.status is LiveStatus.SCHEDULED
    assert live.created_at == START
    if asked.due_at is not None:
        assert live.due_at == asked.due_at
