"""What a plan and an apply cost over the current API, counted by the one who is asked.

Time is a clock's that the tests turn: the windows are Buffer's own, of 15 minutes, a day and a
month, and the sandbox counts them by the same clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from plancast.core.diagnostics import Pointer
from plancast.core.events import Outcome
from plancast.core.model import Address, Desired, Entry, Policy, Profile
from plancast.core.state import State
from plancast.net.pacing import Limiter, MemoryLog, PacedTransport, Window
from plancast.net.transport import HttpxTransport
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.providers.sandbox import mount
from plancast.sandbox import World
from plancast.workflow.applier import Report, apply
from plancast.workflow.applier import World as Applying
from plancast.workflow.observe import observe
from plancast.workflow.planner import Planned, Question, make_plan
from plancast.workflow.tenure import Holder, tenure
from tests.fakes import START, FakeClock
from tests.fakes_store import MemoryJournal, MemoryStore
from tests.workflow.worlds import Recorder

FREE = (Window(100, 900.0), Window(250, 86_400.0), Window(3_000, 2_592_000.0))
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
    """A key, an account, and runs of plan and apply with it; each run is a process of its own."""

    seed: dict[str, object]
    windows: str = ""
    patience: float = 60.0
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
        return BufferGraphqlProvider(client, limiter.remaining, self.clock, organization=known)

    def plan(self, desired: Sequence[Desired], provider: BufferGraphqlProvider) -> Planned:
        profiles = provider.profiles()
        state = self.journal.replay(self.store.read())
        seen = replace(
            observe(provider, self.clock, state, desired, profiles), account=provider.account()
        )
        asked = Question(
            tuple(desired), {p.id: p for p in profiles}, Policy(), "digest", lambda _: None
        )
        return make_plan(asked, state, seen, provider, self.clock.now())

    def run(self, desired: Sequence[Desired]) -> Report:
        provider = self.provider()
        planned = self.plan(desired, provider)
        profiles = {profile.id: profile for profile in provider.profiles()}
        holder = Holder("a run", "a run", self.store.machine)
        with tenure(self.store, self.journal, self.clock, holder, 0.0) as held:
            mine = held.state()
            state: State = replace(
                planned.state, serial=mine.serial, lease=mine.lease, epoch=mine.epoch
            )
            world = Applying(provider, held, self.clock, Recorder())
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


MANY = [(n % 20, f"post number {n}", 2 + n % 60) for n in range(1500)]


def test_a_plan_of_twenty_channels_with_1500_posts_costs_at_most_17_requests() -> None:
    team = Team(account(20, MANY))
    before = team.asked()
    provider = team.provider()
    profiles = sorted(provider.profiles(), key=lambda item: item.id)
    planned = team.plan(wanted(profiles, MANY), provider)
    assert planned.plan.summary["adopt"] == 1500
    reads, changes = (now - then for now, then in zip(team.asked(), before, strict=True))
    assert changes == 0
    assert reads <= 17
    # Without an organization it is one more, for finding it.
    assert reads == 1 + 15


def test_40_changes_cost_40_requests_and_are_sent_once() -> None:
    posts = [(n % 4, f"text {n}", 3 + n) for n in range(40)]
    team = Team(account(4))
    profiles = sorted(team.provider().profiles(), key=lambda item: item.id)
    desired = wanted(profiles, posts)
    assert len(team.run(desired).addresses(Outcome.APPLIED)) == 40
    assert team.asked()[1] == 40
    edited = [replace(it, entry=replace(it.entry, text=f"{it.entry.text}!")) for it in desired[10:]]
    assert len(team.run(edited).addresses(Outcome.APPLIED)) == 40, "30 edits and 10 removals"
    assert team.asked()[1] == 80
    assert team.run(edited).requests == 0
    assert len(team.world.snapshot()) == 30


def test_260_creates_take_three_runs_without_a_refusal_and_without_a_twin() -> None:
    posts = [(n % 3, f"text {n}", 2 + (n * 7) % 50) for n in range(260)]
    team = Team(account(3), windows="100/900 5000/86400")
    profiles = sorted(team.provider().profiles(), key=lambda item: item.id)
    desired = wanted(profiles, posts)
    done = []
    for _ in range(3):
        report = team.run(desired)
        done.append(len(report.addresses(Outcome.APPLIED)))
        if report.resumes_at is not None:
            assert report.addresses(Outcome.FAILED, Outcome.UNKNOWN) == ()
            assert team.clock.now() < report.resumes_at <= team.clock.now() + timedelta(minutes=16)
            _soonest_went_first(team, desired)
            team.clock.advance((report.resumes_at - team.clock.now()).total_seconds() + 1)
    assert (sum(done), len(done), team.refused()) == (260, 3, 0)
    texts = [update.content.text for update in team.world.snapshot()]
    assert len(texts) == len(set(texts)) == 260
    assert team.run(desired).requests == 0


def test_a_day_that_is_used_up_is_not_waited_for() -> None:
    team = Team(account(1), windows="100/900 120/86400 3000/2592000")
    profiles = team.provider().profiles()
    desired = wanted(profiles, [(0, f"text {n}", 3 + n) for n in range(150)])
    first = team.run(desired)
    assert first.resumes_at is not None
    team.clock.advance(901)
    second = team.run(desired)
    assert second.resumes_at is not None
    assert second.resumes_at - team.clock.now() > timedelta(hours=23)
    assert (team.clock.slept, team.refused()) == ([], 0)
    assert len(team.world.snapshot()) < 120


def _soonest_went_first(team: Team, desired: Sequence[Desired]) -> None:
    there = {update.content.text for update in team.world.snapshot()}
    due = [item.entry.due_at for item in desired if item.entry.text in there]
    left = [item.entry.due_at for item in desired if item.entry.text not in there]
    assert max(moment for moment in due if moment) <= min(moment for moment in left if moment)
