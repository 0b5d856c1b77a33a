"""A team that plans and applies over the current API, in memory, by a clock that tests turn.

Each run is a process of its own: another provider, the same state, the same log of requests. Behind
it is a sandbox, whose windows are counted by the same clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from plancast.engine.applier import ApplyWorld as Applying
from plancast.engine.applier import Report, apply
from plancast.engine.lease import Holder, hold_lease
from plancast.engine.observer import observe
from plancast.engine.planner import Planned, PlanRequest, make_plan
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry
from plancast.model.profile import Profile
from plancast.model.state import State
from plancast.model.workspace import Desired, Policy
from plancast.net.rate_limiter import Limiter, LimiterWindow, MemoryLog, PacedTransport
from plancast.net.transport import HttpxTransport
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.providers.sandbox import mount
from plancast.sandbox import World
from plancast.testing.fakes import START, FakeClock
from plancast.testing.memory_store import MemoryJournal, MemoryStore
from tests.engine.worlds import Recorder

FREE = (LimiterWindow(100, 900.0), LimiterWindow(250, 86_400.0), LimiterWindow(3_000, 2_592_000.0))
ORGANIZATION = "5f0c1e2d3b4a5968776655ff"


def account(channels: int, posts: Sequence[tuple[int, str, int]] = ()) -> dict[str, object]:
    """A seed: so many channels on X, and posts as (channel, text, days from now)."""
    profiles = [
        {"id": f"5f0c1e2d3b4a5968776655{n:02x}", "service": "twitter", "service_id": str(n)}
        for n in range(channels)
    ]
    waiting = [
        {
            "profile": profiles[channel]["id"],
            "text": text,
            "scheduled_at": int((START + timedelta(days=days, minutes=n)).timestamp()),
        }
        for n, (channel, text, days) in enumerate(posts)
    ]
    switches = {"queue_limit": 5000}
    return {
        "account": {"plan": "small", "token": "sandbox-token"},
        "profiles": profiles, "posts": waiting, "switches": switches,
        "clock": START.isoformat(), "rate_limit": {"requests": 0, "windows": ""},
    }  # fmt: skip


@dataclass
class Team:
    """A key, an account, and runs of plan and apply with it; each run is a process of its own.

    `options` are those of the provider.
    """

    seed: dict[str, object]
    windows: str = ""
    patience: float = 60.0
    policy: Policy = field(default_factory=Policy)
    options: dict[str, Any] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    log: MemoryLog = field(default_factory=MemoryLog)

    def __post_init__(self) -> None:
        self.world = World(now=self.clock.wall)
        self.world.reset(self.seed)
        self.world.set_setting("graphql_windows", self.windows)
        self.organization = self.provider().account().organization

    def provider(self, organization: str = "") -> BufferGraphqlProvider:
        limiter = Limiter(FREE, self.log, self.clock, self.clock.wall, patience=self.patience)
        http = HttpxTransport("http://localhost", "sandbox-token", 30.0, mount(self.world))
        client = GraphqlClient(PacedTransport(http, limiter, self.clock.wall))
        known = organization or getattr(self, "organization", "")
        return BufferGraphqlProvider(
            client, limiter.remaining, self.clock, organization=known, **self.options
        )

    def plan(self, desired: Sequence[Desired], provider: BufferGraphqlProvider) -> Planned:
        profiles = provider.profiles()
        state = self.journal.replay(self.store.read())
        seen = observe(provider, self.clock, state, desired, profiles)
        whose = provider.account()
        seen = replace(seen, account=whose, queue_limit=whose.queue_limit)
        asked = PlanRequest(
            tuple(desired), {p.id: p for p in profiles}, self.policy, "digest", lambda _: None
        )
        return make_plan(asked, state, seen, provider, self.clock.now())

    def run(self, desired: Sequence[Desired]) -> Report:
        provider = self.provider()
        return self.apply(self.plan(desired, provider), provider)

    def apply(self, planned: Planned, provider: BufferGraphqlProvider) -> Report:
        profiles = {profile.id: profile for profile in provider.profiles()}
        holder = Holder("a run", "a run", self.store.machine)
        with hold_lease(self.store, self.journal, self.clock, holder, 0.0) as lease:
            mine = lease.state()
            state: State = replace(
                planned.state, serial=mine.serial, lease=mine.lease, epoch=mine.epoch
            )
            room = provider.account().queue_limit
            world = Applying(
                provider,
                lease,
                self.clock,
                Recorder(),
                planned.safety,
                queue_limit=room,
                stray_drafts=planned.stray_drafts,
            )
            return apply(planned.plan, state, profiles, world)

    def asked(self) -> tuple[int, int]:
        """How many requests read, and how many changed something."""
        received = self.world.requests().received
        changes = sum(count for name, count in received.items() if name.startswith("mutation"))
        return sum(received.values()) - changes, changes

    def refused(self) -> int:
        return sum(self.world.requests().limited.values())


def wanted(profiles: Sequence[Profile], posts: Sequence[tuple[int, str, int]]) -> list[Desired]:
    return [
        Desired(
            Address(f"p{n}", profiles[channel].id),
            profiles[channel],
            Entry(text, START + timedelta(days=days, minutes=n)),
            Pointer("a.yaml"),
        )
        for n, (channel, text, days) in enumerate(posts)
    ]
