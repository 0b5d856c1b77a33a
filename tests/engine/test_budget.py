"""A budget of requests that is used up in the middle: the run ends, and the next one goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.entry import Entry, Stage
from plancast.model.events import ApplyFinished, Outcome
from plancast.model.plan import Action
from plancast.model.ports import Capabilities, OutcomeUnknown, RateLimited
from plancast.model.workspace import Policy
from plancast.providers.buffer_features import CURRENT
from plancast.testing.fakes import Failure
from tests.engine.worlds import PROFILES, Loop, moment, wanted

NOW = "2026-11-23 09:00"
SPENT = RateLimited("the budget of 3 requests is used up", 900.0, spent=True)
POSTS = [
    wanted({"address": f"p{n}@x", "text": f"text {n}", "at": f"2026-12-{n + 1:02} 09:00"})
    for n in (5, 3, 1, 6, 2, 4)
]


def loop(*failures: Failure, safety: str = "direct", **able: object) -> Loop:
    one = Loop.at(NOW, failures=list(failures))
    one.provider.capabilities = Capabilities(features=CURRENT, **able)  # type: ignore[arg-type]
    one.policy = Policy(safety=safety)
    return one


def texts(one: Loop) -> list[str]:
    return sorted(entry.text for entry in one.live()["x"])


def test_the_run_ends_and_says_when_it_goes_on() -> None:
    one = loop(Failure("create", 4, SPENT))
    report = one.converge(POSTS)
    assert report.resumes_at == moment(NOW) + timedelta(seconds=900)
    assert len(report.addresses(Outcome.APPLIED)) == len(report.addresses(Outcome.NOT_ATTEMPTED))
    assert report.addresses(Outcome.FAILED, Outcome.UNKNOWN) == ()
    assert texts(one) == ["text 1", "text 2", "text 3"], "the soonest go first"
    (finished,) = (event for event in one.sink.events if isinstance(event, ApplyFinished))
    assert finished.resumes_at == report.resumes_at


def test_the_next_run_does_the_rest_and_no_more() -> None:
    one = loop(Failure("create", 4, SPENT))
    one.converge(POSTS)
    second = one.converge(POSTS)
    assert second.resumes_at is None
    assert [len(second.addresses(Outcome.APPLIED)), texts(one)] == [
        3,
        [f"text {number}" for number in range(1, 7)],
    ]
    assert one.plan(POSTS).plan.with_action(*(it for it in Action if it.sends)) == ()


def test_nothing_is_left_open_where_nothing_was_sent() -> None:
    one = loop(Failure("create", 1, SPENT))
    report = one.converge(POSTS)
    assert (report.addresses(Outcome.APPLIED), dict(one.state.intents)) == ((), {})
    assert one.plan(POSTS).undecided == ()


def test_a_lost_answer_before_it_stays_unknown() -> None:
    lost = OutcomeUnknown("no answer")
    one = loop()
    one.converge(POSTS[:1])
    one.provider.failures = [Failure("update", 1, lost, executed=True), Failure("update", 2, SPENT)]
    edited = [replace(POSTS[0], entry=replace(POSTS[0].entry, text="edited"))]
    report = one.converge(edited)
    assert report.addresses(Outcome.UNKNOWN) == (POSTS[0].address,)
    assert report.resumes_at is not None


@pytest.mark.parametrize("nth", range(1, 7))
def test_what_is_reserved_as_a_draft_gets_its_time_in_the_next_run(nth: int) -> None:
    """Two steps for each: the budget ends after all six are there, and some have their time."""
    one = loop(Failure("update", nth, SPENT), safety="strict")
    first = one.converge(POSTS)
    assert len(first.addresses(Outcome.APPLIED)) == nth - 1
    waiting = [entry for entry in one.live()["x"] if entry.stage is Stage.DRAFT]
    assert len(waiting) == 7 - nth
    assert all(entry.due_at and entry.due_at.year > 2030 for entry in waiting)
    second = one.converge(POSTS)
    assert len(second.addresses(Outcome.APPLIED)) == 7 - nth
    assert texts(one) == [f"text {number}" for number in range(1, 7)]
    assert {entry.stage for entry in one.live()["x"]} == {Stage.SCHEDULED}


def test_drafts_take_no_room_in_a_queue() -> None:
    one = loop(queue_limit=2)
    for text in ("by hand", "another"):
        draft = Entry(text, moment("2026-12-24 09:00"), stage=Stage.DRAFT)
        one.provider.add(draft, PROFILES["x"])
    planned = one.plan(POSTS).plan
    assert (planned.summary["create"], planned.summary["deferred"]) == (2, 4)


def test_a_draft_is_asked_for_and_stays_one() -> None:
    one = loop(safety="strict")
    asked = [replace(POSTS[0], entry=replace(POSTS[0].entry, stage=Stage.NEEDS_APPROVAL))]
    one.converge(asked)
    (live,) = one.live()["x"]
    assert (live.stage, live.due_at) == (Stage.NEEDS_APPROVAL, POSTS[0].entry.due_at)
    assert not one.plan(asked).plan.has_changes


def test_a_reminder_is_told() -> None:
    one = loop()
    one.converge(POSTS[:1])
    (item,) = one.provider._items.values()
    item.live = replace(item.live, reminder=True)
    found = one.plan(POSTS[:1]).plan.diagnostics
    assert [(one.code, one.address) for one in found] == [("PC907", str(POSTS[0].address))]
