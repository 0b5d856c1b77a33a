"""A whole plan-and-apply loop in memory, and the short notation that cases are written in.

Nothing here decides anything: it turns words into values and calls the planner
and the applier with the fakes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from plancast.engine.applier import ApplyWorld, Report, apply
from plancast.engine.lease import Holder, Tenure, hold_lease
from plancast.engine.observer import observe
from plancast.engine.planner import Planned, PlanRequest, make_plan
from plancast.model.clearance import Clearance
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, Image, Link, QueuePosition
from plancast.model.events import Event
from plancast.model.profile import Profile
from plancast.model.state import State
from plancast.model.workspace import Desired, OnDrift, Policy
from plancast.testing.fakes import FakeClock, FakeProvider
from plancast.testing.memory_store import MemoryJournal, MemoryStore

PROFILES = {
    "x": Profile("p-x", "twitter", service_id="1", timezone="Europe/Berlin"),
    "fb": Profile("p-fb", "facebook", "page", "2", "Acme Inc", "America/New_York"),
    "li": Profile("p-li", "linkedin", "page", "3", "acme-inc", "Europe/Berlin"),
}


def moment(text: str) -> datetime:
    """`2026-12-01 09:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def entry(spec: Mapping[str, Any]) -> Entry:
    """An entry from its short form: text, at, queue, link, images, shorten, link_card."""
    link = spec.get("link")
    return Entry(
        text=spec.get("text", ""),
        due_at=moment(spec["at"]) if spec.get("at") else None,
        link=Link(**({"url": link} if isinstance(link, str) else link)) if link else None,
        images=tuple(
            Image(**({"url": image} if isinstance(image, str) else image))
            for image in spec.get("images", ())
        ),
        queue=None if spec.get("at") else QueuePosition(spec.get("queue", "next")),
        shorten=spec.get("shorten", False),
        link_card=spec.get("link_card", True),
    )


def wanted(spec: Mapping[str, Any]) -> Desired:
    """A desired entry: `address` plus the short form of the entry, on_drift, protect."""
    address = Address.parse(spec["address"])
    return Desired(
        address=address,
        profile=PROFILES[address.profile],
        entry=entry(spec),
        at=Pointer(f"{address.post}.yaml"),
        protect=spec.get("protect", False),
        on_drift=OnDrift(spec.get("on_drift", "overwrite")),
    )


@dataclass
class Recorder:
    """A sink that keeps the events that it receives."""

    events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)


@dataclass
class Loop:
    """One team's world: a queue, a state, and runs of plan and apply against them."""

    clock: FakeClock
    provider: FakeProvider
    store: MemoryStore
    journal: MemoryJournal
    sink: Recorder = field(default_factory=Recorder)
    policy: Policy = field(default_factory=Policy)

    @classmethod
    def at(cls, now: str, **options: Any) -> Loop:
        """A fresh world at this time."""
        clock = FakeClock(moment(now))
        provider = FakeProvider(clock, tuple(PROFILES.values()), **options)
        return cls(clock, provider, MemoryStore(), MemoryJournal())

    @property
    def state(self) -> State:
        """Return the state that the next run starts from."""
        return self.journal.replay(self.store.read())

    def plan(self, desired: Sequence[Desired], **question: Any) -> Planned:
        """One look at the world and the decision."""
        state = self.state
        profiles = tuple(PROFILES.values())
        seen = observe(self.provider, self.clock, state, desired, profiles)
        whose = self.provider.account()
        seen = replace(seen, account=whose, queue_limit=whose.queue_limit)
        asked = PlanRequest(
            desired=tuple(desired),
            profiles=PROFILES,
            policy=question.pop("policy", self.policy),
            content_digest="digest",
            locate=lambda _pointer: None,
            **question,
        )
        return make_plan(asked, state, seen, self.provider, self.clock.now())

    def apply(self, planned: Planned, clearance: Clearance | None = None, **options: Any) -> Report:
        """Do it."""
        profiles = {profile.id: profile for profile in PROFILES.values()}
        with self.holding() as lease:
            # The lease was taken after the plan was made; a command takes it before.
            mine = lease.state()
            state = replace(planned.state, serial=mine.serial, lease=mine.lease, epoch=mine.epoch)
            world = ApplyWorld(
                self.provider,
                lease,
                self.clock,
                self.sink,
                safety=planned.safety,
                clearance=clearance,
                whole=planned.whole,
                queue_limit=self.provider.owner.queue_limit,
                stray_drafts=planned.stray_drafts,
            )
            return apply(planned.plan, state, profiles, world, **options)

    def holding(self, name: str = "a run") -> AbstractContextManager[Tenure]:
        """The right to write the state."""
        holder = Holder(name, name, self.store.machine)
        return hold_lease(self.store, self.journal, self.clock, holder, 0.0)

    def converge(self, desired: Sequence[Desired], **question: Any) -> Report:
        """Plan and apply."""
        return self.apply(self.plan(desired, **question))

    def live(self) -> dict[str, list[Entry]]:
        """Return the entries that wait, by alias."""
        return {
            alias: [live.entry for live in self.provider.queue(profile.id)]
            for alias, profile in PROFILES.items()
        }

    def rename(self, item: Desired, post: str) -> Desired:
        """The same desired entry under another post id."""
        return replace(item, address=Address(post, item.address.profile))
