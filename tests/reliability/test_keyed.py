"""Keyed creates over the sandbox: every fault at every call, and every answer of its switches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plancast.model.events import Outcome
from plancast.model.findings import Answer, Findings, Question
from plancast.model.workspace import Policy
from plancast.net.rate_limiter import MemoryLog
from plancast.providers.buffer_graphql.create import Grouping
from plancast.sandbox import Fault, FaultKind
from plancast.testing.fakes import START
from tests.reliability.depth import some
from tests.reliability.team import Team
from tests.reliability.test_grouping import SERVICES, everywhere, settled, twins
from tests.reliability.test_grouping import team as grouped_team

pytestmark = pytest.mark.part(4)

CALLS = ("createContentItemDraft", "promoteContentItemDraftToPosts")


def team(**profile: object) -> Team:
    """Three channels, whose creates are keyed; what is said of a profile is said of the last."""

    who = grouped_team(Grouping.OFF, "keyed", **profile)
    who.policy = replace(Policy(), safety="keyed", max_destroy=100)
    account = who.provider().account().id
    found = Findings(account, "buffer-graphql", START, {Question.REPEATED_KEY: Answer.SAME_ITEM})
    who.store.write(replace(who.store.read(), findings=found))
    return who


def drafts(who: Team) -> int:
    """Return how many content items are still drafts."""
    return sum(1 for item in who.world.content_items() if item.draft is not None)


def executed(who: Team, name: str) -> int:
    return who.world.requests().executed.get(f"mutation {name}", 0)


def test_three_channels_cost_two_requests() -> None:
    who = team()
    assert who.run(everywhere(who, "one")).requests == 2
    settled(who, everywhere(who, "one"))
    assert (drafts(who), len(who.world.content_items())) == (0, 1)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("kind", list(FaultKind))
def test_no_fault_at_any_call_makes_a_twin_or_leaves_a_draft(
    kind: FaultKind, forgets: bool, half: bool
) -> None:
    begin = list(FaultKind).index(kind) + forgets + 2 * half
    for skip in some(range(4), 2, begin=begin):
        who = team()
        who.world.set_setting("half_promotes", half)
        if forgets:
            who.world.set_setting("graphql_key_memory", 0)
        desired = everywhere(who, "one", "two")
        who.world.arm(Fault(kind, "mutation *", skip, 1, 0.0))
        who.run(desired)
        assert twins(who) == []
        assert who.world.faults() == ()
        settled(who, desired)
        assert drafts(who) == 0


@pytest.mark.parametrize("call", CALLS)
def test_after_a_lost_answer_one_run_does_it_all(call: str) -> None:
    who = team()
    who.world.arm(Fault(FaultKind.LOST_ANSWER, f"mutation {call}"))
    report = who.run(everywhere(who, "one"))
    assert len(report.addresses(Outcome.APPLIED)) == len(SERVICES)
    assert executed(who, CALLS[1]) == 1
    settled(who, everywhere(who, "one"))


@pytest.mark.parametrize("half", [False, True])
def test_one_channel_that_takes_nothing_does_not_stop_the_others(half: bool) -> None:
    who = team(disconnected=True)
    who.world.set_setting("half_promotes", half)
    desired = everywhere(who, "one")
    report = who.run(desired)
    assert len(report.addresses(Outcome.APPLIED)) == len(SERVICES) - 1
    (refused,) = (item for item in report.settled if item.outcome is Outcome.FAILED)
    assert "disconnected" in refused.message
    assert not report.state.intents
    who.world.set_profile(refused.change.profile.id, disconnected=False)
    settled(who, desired)


def test_a_channel_without_room_is_deferred_and_its_draft_removed() -> None:
    who = team()
    who.world.set_setting("queue_limit", 1)
    before = who.provider()
    planned = who.plan(everywhere(who, "one"), before)
    for profile in before.profiles():
        who.world.person_create(profile.id, "quicker", at=START.replace(month=12))
    report = who.apply(planned, before)
    assert len(report.addresses(Outcome.DEFERRED)) == len(SERVICES)
    assert (drafts(who), len(who.world.snapshot())) == (0, len(SERVICES))
    assert not report.state.intents


@pytest.mark.parametrize("left", [1, 2, 3])
def test_the_budget_ends_between_draft_and_promotion_and_the_next_run_goes_on(left: int) -> None:
    who = team()
    desired = everywhere(who, "one", "two")
    provider = who.provider()
    planned = who.plan(desired, provider)
    who.world.set_setting("graphql_windows", f"{left}/900")
    report = who.apply(planned, provider)
    assert report.addresses(Outcome.UNKNOWN, Outcome.FAILED) == ()
    assert report.resumes_at is not None
    assert len(report.addresses(Outcome.APPLIED)) == (len(SERVICES) if left == 3 else 0)
    who.world.set_setting("graphql_windows", "")
    who.log = MemoryLog()  # the next day
    settled(who, desired)
    assert executed(who, CALLS[0]) == 2, "no draft is made again"
