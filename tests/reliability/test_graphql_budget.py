"""The cost of a plan and an apply over the current API, counted by the sandbox.

Time is a clock's that the tests turn: the windows are Buffer's own, of 15 minutes, a day and a
month, and the sandbox counts them by the same clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.events import Outcome
from plancast.model.workspace import Desired
from tests.reliability.team import Team, account, wanted

pytestmark = pytest.mark.every(2)

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
    done, made = [], 0
    for _ in range(3):
        report = team.run(desired)
        done.append(len(report.addresses(Outcome.APPLIED)))
        if report.resumes_at is not None:
            assert report.addresses(Outcome.FAILED, Outcome.UNKNOWN) == ()
            assert team.clock.now() < report.resumes_at <= team.clock.now() + timedelta(minutes=16)
            _soonest_went_first(team, desired)
            team.clock.advance((report.resumes_at - team.clock.now()).total_seconds() + 1)
        made += report.requests
    assert (sum(done), len(done), team.refused()) == (260, 3, 0)
    assert made == team.asked()[1], "what was not sent is not counted"
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
