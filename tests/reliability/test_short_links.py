"""A channel that shortens links: what reads back has other links than what was sent.

A link does not distinguish a post from its twin there, and an author's edit of one has to arrive
all the same (docs/buffer/graphql.md#link-shortening).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, Link, QueuePosition, ThreadItem
from plancast.model.events import Outcome
from plancast.model.plan import Action
from plancast.model.workspace import Desired
from plancast.sandbox import Fault, FaultKind
from plancast.sandbox.values import Status
from plancast.testing.fakes import START
from plancast.testing.memory_store import MemoryStore
from tests.reliability.team import Team, account

DUE = START + timedelta(days=3)
ONE, TWO = "https://acme.example/one", "https://acme.example/two"
TEXT = f"News at {ONE}, read them"
QUEUED = Entry(TEXT, queue=QueuePosition.NEXT)


def team(service: str = "twitter") -> Team:
    seed = account(1)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    profile = {
        "id": "5f0c1e2d3b4a596877665500", "service": service, "service_id": "0",
        "schedules": [{"days": days, "times": ["10:00"]}],
    }  # fmt: skip
    switches = {"queue_limit": 5000, "graphql_shortens": True}
    seed.update(clock="running", profiles=[profile], switches=switches)
    return Team(seed)


def asked(who: Team, entry: Entry) -> list[Desired]:
    (profile,) = who.provider().profiles()
    assert profile.shortens
    return [Desired(Address("p", profile.id), profile, entry, Pointer("a.yaml"))]


EDITS = {
    "text": ("twitter", Entry(TEXT, DUE), Entry(TEXT.replace(ONE, TWO), DUE)),
    "part of a thread": (
        "twitter",
        Entry("a", DUE, thread=(ThreadItem(f"b {ONE}"),)),
        Entry("a", DUE, thread=(ThreadItem(f"b {TWO}"),)),
    ),
    "first comment": (
        "linkedin",
        Entry("a", DUE, first_comment=f"b {ONE}"),
        Entry("a", DUE, first_comment=f"b {TWO}"),
    ),
    "link at the end": ("twitter", Entry("a", DUE, Link(ONE)), Entry("a", DUE, Link(TWO))),
    "card": ("linkedin", Entry("a", DUE, Link(ONE)), Entry("a", DUE, Link(TWO))),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_a_link_alone_is_sent_once(name: str) -> None:
    service, before, after = EDITS[name]
    who = team(service)
    assert who.run(asked(who, before)).addresses(Outcome.APPLIED)
    assert who.run(asked(who, before)).requests == 0
    shown = who.world.snapshot()
    assert who.run(asked(who, after)).addresses(Outcome.APPLIED)
    assert who.asked()[1] == 2
    assert who.world.snapshot() != shown
    assert who.run(asked(who, after)).requests == 0


def test_a_lost_create_that_went_out_meanwhile_is_found() -> None:
    who = team()
    desired = asked(who, QUEUED)
    who.world.arm(Fault(FaultKind.LOST_ANSWER, "mutation createPost", 0, 1))
    assert who.run(desired).addresses(Outcome.UNKNOWN)
    who.clock.advance(timedelta(days=4).total_seconds())
    assert [post.status for post in who.world.snapshot()] == [Status.SENT]
    for _ in range(3):
        who.run(desired)
        who.clock.advance(600)
    assert len(who.world.snapshot()) == 1


def test_a_post_for_the_queue_that_went_out_is_known_without_a_state() -> None:
    who = team()
    desired = asked(who, QUEUED)
    who.run(desired)
    who.clock.advance(timedelta(days=4).total_seconds())
    assert [post.status for post in who.world.snapshot()] == [Status.SENT]
    who.store = MemoryStore()
    planned = who.plan(desired, who.provider())
    assert planned.plan.summary["create"] == 0
    assert [change.action for change in planned.plan.changes] == [Action.ADOPT]
