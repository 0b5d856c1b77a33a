"""A failed post is repaired by its file alone, goes out once, and never by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plancast.model.clearance import Clearance
from plancast.model.entry import LiveEntry, LiveStatus
from plancast.model.events import Outcome
from plancast.model.plan import Action, Situation
from plancast.model.ports import OutcomeUnknown, Rejected
from plancast.model.state import BindingStatus, PersonApproval
from plancast.model.workspace import Desired, Policy
from plancast.reconcile.approvals import approved_by_person, pending
from plancast.reconcile.top_up import may_wait
from plancast.sandbox.values import Schedule
from plancast.testing.fakes import Call, Failure
from tests.engine.wired import WiredProvider, wired
from tests.engine.worlds import PROFILES, Loop, moment, wanted

QUIET = Policy().quiet_period.total_seconds()
WEEK = 7 * 86_400.0
NO_ANSWER = OutcomeUnknown("no answer in time")
ADA = PersonApproval("ada", "run 7")

TIMED = wanted({"address": "a@x", "text": "One", "at": "2026-11-23 10:00"})
AGAIN = wanted({"address": "a@x", "text": "One mended", "at": "2026-11-24 10:00"})
QUEUED = wanted({"address": "a@x", "text": "One"})
MENDED = wanted({"address": "a@x", "text": "One mended"})
REPAIRS = {"with a time": (TIMED, AGAIN), "in the queue": (QUEUED, MENDED)}


class Killed(BaseException):
    """The process is killed: no handler catches this."""


def broken(before: Desired, *, edits_failed: bool = True) -> Loop:
    """One post that its network has refused."""
    loop = Loop.at("2026-11-23 09:00")
    able = replace(loop.provider.capabilities, edits_failed=edits_failed)
    loop.provider.capabilities = able
    loop.converge([before])
    (live,) = loop.provider.queue("p-x")
    loop.provider.fail(live.id)
    loop.clock.advance(2 * 3600.0)
    return loop


def published(loop: Loop) -> list[str]:
    return [live.entry.text for live in loop.provider.history("p-x")]


def calls(loop: Loop) -> list[str]:
    changing = ("create", "update", "delete", "share")
    return [call.method for call in loop.provider.calls if call.method in changing]


def statuses(loop: Loop) -> list[LiveStatus]:
    return [live.status for live in loop.provider.queue("p-x")]


def settle(loop: Loop, wish: Sequence[Desired]) -> None:
    """Apply until nothing is left to do."""
    for _ in range(4):
        loop.store.disk.holders.clear()
        loop.converge(wish)
        loop.clock.advance(QUIET + 10.0)
    assert not loop.plan(wish).plan.has_changes


@pytest.mark.parametrize("before", [TIMED, QUEUED], ids=["with a time", "in the queue"])
def test_a_failed_post_whose_file_is_unchanged_is_left_alone(before: Desired) -> None:
    loop = broken(before)
    for _ in range(3):
        (change,) = loop.plan([before]).plan.changes
        assert (change.action, change.situations) == (Action.NONE, (Situation.FAILED,))
        loop.converge([before])
        loop.clock.advance(86_400.0)
    assert calls(loop) == ["create"]
    assert published(loop) == []


@pytest.mark.parametrize("edits_failed", [True, False])
@pytest.mark.parametrize("case", REPAIRS)
def test_a_mended_post_goes_out_once(case: str, edits_failed: bool) -> None:
    before, after = REPAIRS[case]
    loop = broken(before, edits_failed=edits_failed)
    loop.converge([after])
    assert calls(loop)[1:] == (["update"] if edits_failed else ["delete", "create"])
    assert statuses(loop) == [LiveStatus.SCHEDULED]
    assert not loop.plan([after]).plan.has_changes
    loop.clock.advance(7 * 86_400.0)
    loop.converge([after])
    assert published(loop) == ["One mended"]
    assert len(calls(loop)) == (2 if edits_failed else 3)


FAULTS = {
    "before it arrived": {"error": NO_ANSWER},
    "after it was made": {"error": NO_ANSWER, "executed": True},
    "and it came late": {"error": NO_ANSWER, "late": QUIET / 2},
    "killed before": {"error": Killed()},
    "killed after": {"error": Killed(), "executed": True},
    "killed, and it came late": {"error": Killed(), "late": QUIET / 2},
    "refused": {"error": Rejected("not now")},
}
STEPS = {"update": (True, 1), "delete": (False, 1), "create": (False, 2)}


@pytest.mark.parametrize("case", REPAIRS)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", STEPS)
def test_no_fault_of_a_repair_sends_it_twice_or_loses_it(
    method: str, fault: str, case: str
) -> None:
    edits_failed, nth = STEPS[method]
    before, after = REPAIRS[case]
    loop = broken(before, edits_failed=edits_failed)
    loop.provider.failures = [Failure(method, nth, **FAULTS[fault])]  # type: ignore[arg-type]
    try:
        loop.converge([after])
    except Killed:
        loop.store.disk.holders.clear()
    loop.provider.failures = ()
    loop.clock.advance(QUIET + 10.0)
    settle(loop, [after])
    assert statuses(loop) == [LiveStatus.SCHEDULED]
    loop.clock.advance(7 * 86_400.0)
    settle(loop, [after])
    assert published(loop) == ["One mended"]


def test_a_repair_whose_answer_is_lost_is_no_proof_that_it_arrived() -> None:
    """A person wrote into the failed entry what the file asks for, and the request was lost."""
    loop = broken(QUEUED)
    (live,) = loop.provider.queue("p-x")
    loop.provider.edit(live.id, text="One mended")
    # An update is repeated at once, since it names an id: all tries of the run are lost.
    loop.provider.failures = [Failure("update", nth, NO_ANSWER) for nth in range(1, 9)]
    loop.converge([MENDED])
    loop.provider.failures = ()
    assert statuses(loop) == [LiveStatus.FAILED]
    loop.clock.advance(QUIET + 10.0)
    settle(loop, [MENDED])
    assert statuses(loop) == [LiveStatus.SCHEDULED]


def test_a_repair_that_failed_in_its_turn_is_not_repeated() -> None:
    loop = broken(TIMED)
    loop.provider.failures = [Failure("update", 1, Killed(), executed=True)]
    with pytest.raises(Killed):
        loop.converge([AGAIN])
    (live,) = loop.provider.queue("p-x")
    loop.provider.fail(live.id)
    loop.clock.advance(QUIET + 10.0)
    settle(loop, [AGAIN])
    assert statuses(loop) == [LiveStatus.FAILED]
    assert calls(loop) == ["create", "update"]
    assert loop.state.resources[AGAIN.address].status is BindingStatus.FAILED


def test_a_post_that_a_person_sent_meanwhile_is_not_sent_again() -> None:
    loop = broken(TIMED)
    (live,) = loop.provider.queue("p-x")
    loop.provider.publish(live.id)
    loop.converge([AGAIN])
    assert published(loop) == ["One"]
    assert calls(loop) == ["create"]


# -- approvals ----


def test_a_repair_needs_an_approval_like_any_other_change() -> None:
    loop = broken(TIMED)
    planned = loop.plan([AGAIN])
    (change,) = pending(planned.plan.changes).values()
    assert (change.action, change.address) == (Action.UPDATE, AGAIN.address)
    assert not pending(loop.plan([TIMED]).plan.changes), "what only failed asks for nothing"
    approvals = approved_by_person(planned.plan.changes, ADA, loop.clock.now())
    assert len(approvals) == 1
    loop.apply(planned, Clearance(approvals))
    assert statuses(loop) == [LiveStatus.SCHEDULED]


@pytest.mark.parametrize("edits_failed", [True, False])
def test_a_top_up_repairs_nothing(edits_failed: bool) -> None:
    loop = broken(TIMED, edits_failed=edits_failed)
    for wish in (TIMED, AGAIN):
        planned = loop.plan(
            [wish],
            only=(Action.CREATE, Action.ADOPT),
            may=may_wait(loop.state),
            may_flag="`--waiting`",
        )
        loop.apply(planned, Clearance())
    assert calls(loop) == ["create"]


# -- room ----


def full_of(loop: Loop, *times: str) -> list[Desired]:
    made = [
        wanted({"address": f"b{n}@x", "text": f"Other {n}", "at": at}) for n, at in enumerate(times)
    ]
    loop.provider.owner = replace(loop.provider.owner, queue_limit=2)
    return made


def test_a_failed_entry_takes_no_room() -> None:
    loop = broken(TIMED)
    others = full_of(loop, "2026-11-25 09:00", "2026-11-26 09:00")
    assert loop.plan([TIMED, *others]).plan.summary["create"] == 2


def test_a_repair_waits_for_room() -> None:
    loop = broken(TIMED)
    others = full_of(loop, "2026-11-23 18:00", "2026-11-26 09:00")
    loop.converge([TIMED, *others])
    changes = loop.plan([AGAIN, *others]).plan.changes
    (change,) = (one for one in changes if one.address == AGAIN.address)
    assert change.situations == (Situation.FAILED, Situation.DEFERRED)
    assert not loop.plan([AGAIN, *others]).plan.has_changes
    loop.clock.advance(12 * 3600.0)
    loop.converge([AGAIN, *others])
    assert statuses(loop) == [LiveStatus.SCHEDULED] * 2


def test_a_repair_that_meets_a_full_queue_is_deferred() -> None:
    loop = broken(TIMED)
    full = Rejected("Scheduled posts limit reached.", "limit", queue_full=True)
    loop.provider.failures = [Failure("update", 1, full)]
    report = loop.converge([AGAIN])
    assert report.addresses(Outcome.DEFERRED) == (AGAIN.address,)
    loop.provider.failures = ()
    loop.converge([AGAIN])
    assert statuses(loop) == [LiveStatus.SCHEDULED]


def test_a_failed_post_may_go_at_any_time() -> None:
    """Its time has passed, so nothing is due: its file can be removed without a flag."""
    loop = broken(TIMED)
    other = wanted({"address": "b@x", "text": "Other", "at": "2026-11-26 09:00"})
    planned = loop.plan([other])
    assert [item.code for item in planned.plan.diagnostics] == []
    loop.apply(planned)
    assert [live.entry.text for live in loop.provider.queue("p-x")] == ["Other"]


# -- over the current API ----


def refused(loop: Loop, wish: Desired) -> LiveEntry:
    """Let the time of a post come while its network refuses everything."""
    assert isinstance(loop.provider, WiredProvider)
    loop.provider.world.set_profile("p-x", schedules=(Schedule(("mon", "thu"), ("11:00",)),))
    loop.converge([wish])
    loop.provider.world.set_setting("network_refuses", ["*"])
    loop.clock.advance(WEEK)
    (live,) = loop.provider.queue("p-x")
    assert live.status is LiveStatus.FAILED
    loop.provider.world.set_setting("network_refuses", [])
    return live


@pytest.mark.parametrize("fault", [None, "before it arrived", "after it was made", "killed after"])
@pytest.mark.parametrize("case", REPAIRS)
def test_the_current_api_schedules_a_mended_post_again(case: str, fault: str | None) -> None:
    before, after = REPAIRS[case]
    if after.entry.due_at is not None:
        after = replace(after, entry=replace(after.entry, due_at=moment("2026-12-08 10:00")))
    loop = Loop.at("2026-11-23 09:00")
    loop = replace(loop, provider=wired(loop.clock, tuple(PROFILES.values())))
    live = refused(loop, before)
    if fault:
        loop.provider.failures = [Failure("update", 1, **FAULTS[fault])]  # type: ignore[arg-type]
    try:
        loop.converge([after])
    except Killed:
        loop.store.disk.holders.clear()
    loop.provider.failures = ()
    loop.clock.advance(QUIET + 10.0)
    settle(loop, [after])
    assert [one.id for one in (*loop.provider.queue("p-x"), *loop.provider.history("p-x"))] == [
        live.id
    ]
    loop.clock.advance(2 * WEEK)
    settle(loop, [after])
    assert published(loop) == ["One mended"]
    edit = Call("update", (live.id,), after.entry)
    # Without an answer it is sent once more: an edit that names the post does no harm.
    assert loop.provider.calls.count(edit) == (1 if fault in (None, "killed after") else 2)
