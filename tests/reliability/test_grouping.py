"""Several creates in one request: every fault, in both ways, and what is refused for sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry
from plancast.model.events import Outcome
from plancast.model.workspace import Desired, Policy
from plancast.providers.buffer_graphql.create import Grouping
from plancast.sandbox import Fault, FaultKind
from plancast.testing.fakes import START
from tests.reliability.depth import some
from tests.reliability.team import Team, account

pytestmark = pytest.mark.part(4)

DUE = START + timedelta(days=3)
SERVICES = ("linkedin", "mastodon", "facebook")
GROUPS = (Grouping.ALIASES, Grouping.CONTENT_ITEM)
QUIET = Policy().quiet_period.total_seconds()


def team(grouping: Grouping, safety: str = "direct", **profile: object) -> Team:
    """Three channels; what is said of a profile is said of the last one."""
    seed = account(0)
    profiles: list[dict[str, object]] = [
        {"id": f"5f0c1e2d3b4a59687766550{n}", "service": service, "service_id": str(n)}
        for n, service in enumerate(SERVICES)
    ]
    profiles[-1].update(profile)
    seed.update(clock="running", profiles=profiles)
    policy = replace(Policy(), safety=safety, max_destroy=100)
    return Team(seed, policy=policy, options={"grouping": grouping})


def everywhere(who: Team, *texts: str) -> list[Desired]:
    return [
        Desired(
            Address(f"p{n}", profile.service),
            profile,
            Entry(text, DUE + timedelta(hours=n)),
            Pointer("a.yaml"),
        )
        for n, text in enumerate(texts)
        for profile in who.provider().profiles()
    ]


def twins(who: Team) -> list[tuple[str, str]]:
    """Return the entries that are there twice and would go out."""
    there = Counter(
        (post.profile_id, post.content.text) for post in who.world.snapshot() if not post.draft
    )
    return [key for key, count in there.items() if count > 1]


def settled(who: Team, desired: Sequence[Desired]) -> None:
    who.clock.advance(1200)  # a refusal for haste is over
    who.run(desired)
    assert twins(who) == []
    who.clock.advance(QUIET + 1)
    who.run(desired)
    there = {(post.profile_id, post.content.text) for post in who.world.snapshot()}
    assert there == {(item.profile.id, item.entry.text) for item in desired}
    assert len(who.world.snapshot()) == len(desired)
    assert not any(post.draft for post in who.world.snapshot())
    assert who.run(desired).requests == 0


@pytest.mark.parametrize("grouping", GROUPS)
@pytest.mark.parametrize("kind", list(FaultKind))
def test_no_fault_at_any_call_of_a_group_makes_a_twin(kind: FaultKind, grouping: Grouping) -> None:
    for skip in some(range(2), 2, begin=list(FaultKind).index(kind)):
        _through(team(grouping), Fault(kind, "mutation *", skip, 1, 0.0))


@pytest.mark.parametrize("grouping", GROUPS)
@pytest.mark.parametrize(
    "kind", [FaultKind.LOST_ANSWER, FaultKind.LATE_COMMIT, FaultKind.PARTIAL_CREATE]
)
def test_nor_where_a_group_is_of_drafts_first(kind: FaultKind, grouping: Grouping) -> None:
    for skip in some(range(8), 4, begin=list(FaultKind).index(kind)):
        _through(team(grouping, "strict"), Fault(kind, "mutation *", skip, 1, 0.0))


def _through(who: Team, fault: Fault) -> None:
    desired = everywhere(who, "one", "two")
    who.world.arm(fault)
    who.run(desired)
    assert twins(who) == []
    assert who.world.faults() == ()
    settled(who, desired)


@pytest.mark.parametrize("safety", ["direct", "strict"])
@pytest.mark.parametrize("kind", [FaultKind.SUCCESS_FALSE_200, FaultKind.FAILURE_AFTER])
def test_a_content_item_that_fails_is_looked_for_and_never_sent_one_by_one(
    kind: FaultKind, safety: str
) -> None:
    who = team(Grouping.CONTENT_ITEM, safety)
    desired = everywhere(who, "one")
    who.world.arm(Fault(kind, "mutation createContentItem"))
    first = who.run(desired)
    made = len(SERVICES) if kind is FaultKind.FAILURE_AFTER else 0
    assert len(first.addresses(Outcome.UNKNOWN)) == len(SERVICES)
    assert first.requests == 1
    assert len(who.world.snapshot()) == made
    settled(who, desired)
    executed = who.world.requests().executed
    assert executed.get("mutation createPost", 0) == len(SERVICES) - made


@pytest.mark.parametrize("safety", ["direct", "strict"])
def test_one_channel_that_takes_nothing_does_not_stop_the_others_of_an_item(safety: str) -> None:
    who = team(Grouping.CONTENT_ITEM, safety, disconnected=True)
    desired = everywhere(who, "one")
    first = who.run(desired)
    assert len(first.addresses(Outcome.UNKNOWN)) == len(SERVICES)
    assert "facebook acme: The channel is disconnected" in first.settled[0].message
    who.clock.advance(QUIET + 1)
    second = who.run(desired)
    assert len(second.addresses(Outcome.APPLIED)) == len(SERVICES) - 1
    (refused,) = (item for item in second.settled if item.outcome is Outcome.FAILED)
    assert str(refused.change.address) == "p0@facebook"
    who.world.set_profile(refused.change.profile.id, disconnected=False)
    settled(who, desired)


def test_what_one_of_several_creates_is_refused_for_is_known_at_once() -> None:
    who = team(Grouping.ALIASES, disconnected=True)
    desired = everywhere(who, "one")
    first = who.run(desired)
    assert len(first.addresses(Outcome.APPLIED)) == 2
    (refused,) = (item for item in first.settled if item.outcome is Outcome.FAILED)
    assert (str(refused.change.address), "disconnected" in refused.message) == ("p0@facebook", True)
    assert not first.state.intents
    assert not who.journal.replay(who.store.read()).intents
    who.world.set_profile(refused.change.profile.id, disconnected=False)
    again = who.run(desired)
    assert len(again.addresses(Outcome.APPLIED)) == 1, "nothing has to be waited for"
    settled(who, desired)


def test_one_of_several_creates_without_room_is_deferred() -> None:
    who = team(Grouping.ALIASES)
    who.world.set_setting("queue_limit", 1)
    profile = who.provider().profiles()[-1]
    before = who.provider()
    planned = who.plan(everywhere(who, "one"), before)
    assert planned.plan.summary["create"] == 3
    who.world.person_create(profile.id, "quicker", at=DUE)
    desired = everywhere(who, "one")
    first = who.apply(planned, before)
    assert {address.profile for address in first.addresses(Outcome.DEFERRED)} == {"facebook"}
    assert not first.state.intents
    again = who.run(desired)
    assert again.addresses(Outcome.APPLIED, Outcome.UNKNOWN) == ()
    assert len(who.world.snapshot()) == 3


def test_an_item_without_room_on_one_channel_is_made_on_the_others_later() -> None:
    who = team(Grouping.CONTENT_ITEM)
    who.world.set_setting("queue_limit", 1)
    before = who.provider()
    desired = everywhere(who, "one")
    planned = who.plan(desired, before)
    who.world.person_create(before.profiles()[-1].id, "quicker", at=DUE)
    assert len(who.apply(planned, before).addresses(Outcome.UNKNOWN)) == len(SERVICES)
    who.clock.advance(QUIET + 1)
    again = who.run(desired)
    assert len(again.addresses(Outcome.APPLIED)) == len(SERVICES) - 1
    assert again.addresses(Outcome.UNKNOWN) == ()
    assert len(who.world.snapshot()) == 3


@pytest.mark.parametrize("left", range(1, 5))
def test_the_budget_ends_within_creates_that_are_made_one_by_one(left: int) -> None:
    who = team(Grouping.CONTENT_ITEM, disconnected=True)
    desired = everywhere(who, "one")
    who.run(desired)
    who.clock.advance(1200)
    provider = who.provider()
    planned = who.plan(desired, provider)
    who.world.set_setting("graphql_windows", f"{left}/900")
    report = who.apply(planned, provider)
    # The item came to nothing, since one channel takes nothing, so each is tried alone.
    assert len(report.addresses(Outcome.APPLIED)) == min(left - 1, 2)
    assert len(report.addresses(Outcome.FAILED)) == 1
    assert report.addresses(Outcome.UNKNOWN) == ()
    assert (report.resumes_at is None) == (left >= 3)
    assert not report.state.intents
    assert twins(who) == []


@pytest.mark.parametrize("grouping", GROUPS)
@pytest.mark.parametrize("kind", [None, FaultKind.LOST_ANSWER, FaultKind.LOST_REQUEST])
def test_one_post_of_a_group_is_repaired_alone(kind: FaultKind | None, grouping: Grouping) -> None:
    """It failed on one channel: the posts on the others went out, and stay as they are."""
    who = team(grouping)
    desired = everywhere(who, "a")
    who.run(desired)
    failing = desired[-1]
    who.world.set_setting("network_refuses", [failing.profile.id])
    who.clock.advance(timedelta(days=4).total_seconds())
    who.run(desired)
    who.world.set_setting("network_refuses", [])
    before = {post.id: post.content.text for post in who.world.snapshot()}
    later = replace(failing.entry, due_at=DUE + timedelta(days=3))
    mended = [*desired[:-1], replace(failing, entry=later)]
    if kind is not None:
        who.world.arm(Fault(kind, "mutation editPost"))
    who.run(mended)
    who.clock.advance(QUIET + 1)
    who.run(mended)
    assert who.run(mended).requests == 0
    who.clock.advance(timedelta(days=4).total_seconds())
    who.run(mended)
    posts = who.world.snapshot()
    assert {post.id: post.content.text for post in posts} == before
    assert all(post.sent_at for post in posts)
    assert not any(post.error for post in posts)
