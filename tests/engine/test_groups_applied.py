"""Groups in an apply: in order, whole, and never one too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from plancast.engine.applier import Report
from plancast.model.entry import Address, LiveStatus
from plancast.model.events import Outcome
from plancast.model.plan import Action, RateWindow
from plancast.model.ports import Capabilities, OutcomeUnknown, Rejected, StateUnwritable
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.rails import Allowances
from plancast.testing.fakes import Failure, FakeClock, FakeProvider
from tests.engine.diary import Diary, diarist
from tests.engine.worlds import PROFILES, Loop, wanted

TIP = "Every Friday: one tool, one trick."
TRICK = "Every Friday: one tool, a trick or two."
NO_ANSWER = OutcomeUnknown("no answer in time")
REFUSED = Rejected("something is wrong with it", 1003)


def post(address: str, text: str, at: str = "2026-12-01 09:00", **spec: Any) -> Desired:
    return wanted({"address": address, "text": text, "at": at, **spec})


OLD, NEW = post("old@x", TIP), post("new@x", TRICK, "2026-12-09 09:00")
ALONE = post("alone@x", "Something else entirely, on a day of its own.", "2026-12-20 09:00")


def ended(report: Report) -> dict[str, str]:
    return {str(one.change.address): one.outcome.value for one in report.settled}


def texts(loop: Loop) -> list[str]:
    return sorted(entry.text for entry in loop.live()["x"])


# -- order ----


@pytest.mark.parametrize("error", [REFUSED, NO_ANSWER], ids=["refused", "not answered"])
def test_a_create_is_not_made_while_the_other_half_is_still_there(error: Exception) -> None:
    loop = Loop.at("2026-11-23 09:00")
    loop.converge([OLD])
    loop.provider.failures = [Failure("delete", nth, error) for nth in range(1, 9)]
    report = loop.converge([NEW, ALONE])
    assert ended(report)["new@x"] == "not_attempted"
    assert ended(report)["alone@x"] == "applied"
    assert texts(loop) == sorted([TIP, ALONE.entry.text])
    loop.provider.failures = ()
    loop.clock.advance(600.0)
    loop.converge([NEW, ALONE])
    assert texts(loop) == sorted([TRICK, ALONE.entry.text])


def test_an_update_that_fails_holds_the_creates_of_its_group() -> None:
    """`b` needs the text that `a` gives up; a new post needs the text that `b` gives up."""
    loop = Loop.at("2026-11-23 09:00")
    first = [post("a@x", TIP), post("b@x", "Which bridge is the oldest?", "2026-12-02 09:00")]
    loop.converge(first)
    loop.provider.failures = [Failure("update", 1, REFUSED)]
    new = post("c@x", "Which bridge is the oldest? Really?", "2026-12-03 09:00")
    edited = [first[0], replace(first[1], entry=replace(first[1].entry, text="Thank you all."))]
    report = loop.converge([*edited, new])
    assert ended(report) == {"b@x": "failed", "c@x": "not_attempted"}


# -- claims within a run ----


@pytest.mark.parametrize("safety", ["direct", "strict"])
def test_an_equal_entry_is_not_created_beside_one_of_which_nobody_knows(safety: str) -> None:
    loop = Loop.at("2026-11-23 09:00", failures=[Failure("create", 1, NO_ANSWER, late=30.0)])
    loop.policy = Policy(safety=safety)
    twins = [post("one@x", TIP, ""), post("two@x", TIP, "")]
    report = loop.converge(twins)
    assert ended(report) == {"one@x": "unknown", "two@x": "not_attempted"}
    for _ in range(3):
        loop.clock.advance(200.0)
        loop.converge(twins)
    assert texts(loop) == [TIP, TIP]


def test_a_create_that_is_found_does_not_take_the_address_of_what_was_renamed_to_it() -> None:
    """Its file was replaced by another one, which is owned, while its answer was lost."""
    lost = Failure("create", 2, NO_ANSWER, late=30.0)
    loop = Loop.at("2026-11-23 09:00", failures=[lost])
    owned, sent = post("b@x", ALONE.entry.text, "2026-12-20 09:00"), post("a@x", TIP)
    loop.converge([owned])
    loop.converge([owned, sent])
    renamed = loop.rename(owned, "a")
    loop.converge([renamed])
    assert [str(address) for address in loop.state.resources] == ["a@x"]
    loop.clock.advance(40.0)
    for _ in range(2):
        loop.converge([renamed])
        loop.clock.advance(300.0)
    assert texts(loop) == [ALONE.entry.text]
    assert not loop.plan([renamed]).plan.has_changes


# -- the budget ----


@dataclass(slots=True)
class Metered(FakeProvider):
    """A provider whose budget is so many requests in a quarter of an hour, and does not wait."""

    budget: int = 60
    limit: int = 60

    def windows(self) -> tuple[RateWindow, ...]:
        made = sum(1 for call in self.calls if call.entry is not None or call.method == "delete")
        return (RateWindow(self.limit, 900, self.budget - made),)


def metered(budget: int, safety: str = "direct") -> Loop:
    clock = FakeClock()
    plain = Loop.at("2026-11-23 09:00")
    provider = Metered(clock, tuple(PROFILES.values()), budget=60)
    provider.capabilities = Capabilities(create_group=10, waits=False)
    loop = replace(plain, clock=clock, provider=provider, policy=Policy(safety=safety))
    loop.converge([OLD])
    provider.calls.clear()
    provider.budget = budget
    return loop


@pytest.mark.parametrize(
    ("safety", "budget", "done"),
    [
        ("direct", 1, {"new@x": "not_attempted", "old@x": "not_attempted", "alone@x": "applied"}),
        ("direct", 3, {"new@x": "applied", "old@x": "applied", "alone@x": "applied"}),
        ("strict", 2, {"new@x": "not_attempted", "old@x": "not_attempted", "alone@x": "applied"}),
        ("strict", 5, {"new@x": "applied", "old@x": "applied", "alone@x": "applied"}),
    ],
)
def test_a_group_that_does_not_fit_is_left_for_the_next_run(
    safety: str, budget: int, done: dict[str, str]
) -> None:
    loop = metered(budget, safety)
    report = loop.converge([NEW, ALONE])
    assert ended(report) == done
    left = "not_attempted" in done.values()
    assert report.resumes_at == (loop.clock.now() + timedelta(seconds=900) if left else None)
    if left:
        assert texts(loop) == sorted([TIP, ALONE.entry.text])
        loop.provider.budget = 60  # type: ignore[attr-defined]
        loop.converge([NEW, ALONE])
    assert texts(loop) == sorted([TRICK, ALONE.entry.text])


def test_what_would_never_fit_is_begun_all_the_same() -> None:
    loop = metered(1)
    loop.provider.limit = 1  # type: ignore[attr-defined]
    report = loop.converge([NEW])
    assert report.addresses(Outcome.APPLIED) == (OLD.address, NEW.address)


# -- booking, and a run that dies around it ----


def ring(*names: str) -> list[Desired]:
    """Three posts, under these names."""
    days = ["2026-12-01", "2026-12-02", "2026-12-03"]
    texts = [TIP, "Which of these bridges is the oldest?", "Thank you for a thousand orders."]
    return [
        post(f"{name}@x", text, f"{day} 09:00")
        for name, text, day in zip(names, texts, days, strict=True)
    ]


def scenario(safety: str) -> tuple[Loop, Diary, list[Desired]]:
    """A ring of names of which one is edited; one that is destroyed makes room for another."""
    loop, diary = diarist(safety=safety)
    room = post("room@x", "Touched by a person later.", "2026-12-05 09:00")
    moves = post("moves@x", "Our garden tools are here, come and see.", "2026-12-06 09:00")
    loop.converge([*ring("a", "b", "c"), room, moves])
    (touched,) = (one for one in loop.provider.queue("p-x") if one.entry.text == room.entry.text)
    loop.provider.edit(touched.id, text="Beyond recognition by now.")
    after = ring("b", "c", "a")
    after[0] = replace(after[0], entry=replace(after[0].entry, text=TRICK))
    after.append(replace(moves, address=Address("room", "x")))
    after.append(ALONE)
    diary.lines.clear()
    diary.writes = 0
    return loop, diary, after


ALLOW = Allowances(destroy=99)


def run(loop: Loop, after: Sequence[Desired]) -> Report:
    return loop.apply(loop.plan(after, allow=ALLOW))


def test_all_names_change_in_one_write_before_the_first_request() -> None:
    loop, diary, after = scenario("direct")
    planned = loop.plan(after, allow=ALLOW)
    assert {
        f"{one.address} {one.action.value}"
        for one in planned.plan.changes
        if one.action is not Action.NONE
    } == {
        "a@x rename",
        "alone@x create",
        "b@x update",
        "c@x rename",
        "room@x destroy",
        "room@x rename",
    }
    loop.apply(planned)
    assert diary.words[:5] == ["state", "clear", "state", "clear", "intend"]
    assert {str(key): one.applied.text for key, one in loop.state.resources.items()} == {
        str(item.address): item.entry.text for item in after
    }
    assert not loop.plan(after, allow=ALLOW).plan.has_changes


def effects(safety: str) -> int:
    loop, diary, after = scenario(safety)
    run(loop, after)
    return diary.writes


@pytest.mark.parametrize(
    ("safety", "fatal"),
    [(how, nth) for how in ("direct", "strict") for nth in range(1, effects(how))],
)
def test_a_run_that_dies_at_any_write_loses_no_entry_and_makes_no_twin(
    safety: str, fatal: int
) -> None:
    loop, diary, after = scenario(safety)
    owned = loop.state.owned_ids()
    diary.full_from = fatal
    with pytest.raises(StateUnwritable):
        run(loop, after)
    diary.full_from = 0
    known = loop.state
    waiting = {one.id for one in loop.provider.queue("p-x")}
    assert owned & waiting <= known.owned_ids(), "what is there is still owned"
    loop.clock.advance(600.0)
    for _ in range(2):
        run(loop, after)
        loop.clock.advance(300.0)
    assert texts(loop) == sorted(item.entry.text for item in after)
    assert not loop.plan(after, allow=ALLOW).plan.has_changes
    live = loop.provider.queue("p-x")
    assert all(one.status is LiveStatus.SCHEDULED for one in live)
