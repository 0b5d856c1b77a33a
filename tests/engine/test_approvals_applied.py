"""Approvals after an apply, however it ends, and their use by a top-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from plancast.engine.applier import Report
from plancast.engine.planner import Planned
from plancast.model.clearance import Clearance
from plancast.model.events import Outcome
from plancast.model.plan import Action
from plancast.model.ports import Interrupted, OutcomeUnknown, Rejected
from plancast.model.state import Applied, PersonApproval
from plancast.model.workspace import Desired
from plancast.reconcile.approvals import approved_by_person
from plancast.reconcile.top_up import may_wait
from plancast.testing.fakes import Failure
from tests.engine.worlds import Loop, wanted

ADA = PersonApproval("ada", "run 7")
ONE = wanted({"address": "one@x", "text": "Spring is here.", "at": "2026-12-01 09:00"})
TWO = wanted({"address": "two@x", "text": "Meet the team.", "at": "2026-12-02 09:00"})
NEW = wanted({"address": "new@x", "text": "Nobody has seen this.", "at": "2026-12-03 09:00"})


class Killed(BaseException):
    """The process is gone."""


def loop_of(**options: Any) -> Loop:
    return Loop.at("2026-11-23 09:00", **options)


def cleared(loop: Loop, planned: Planned) -> Clearance:
    """Return the clearance of a merged request that showed the whole plan."""
    approvals = approved_by_person(planned.plan.changes, ADA, loop.clock.now())
    return Clearance(approvals, ("github:12",), Applied("main", "abcdef0"))


def merge(loop: Loop, desired: Sequence[Desired], **options: Any) -> Report:
    planned = loop.plan(desired)
    return loop.apply(planned, cleared(loop, planned), **options)


def top_up(loop: Loop, desired: Sequence[Desired]) -> Report:
    planned = loop.plan(
        desired,
        only=(Action.CREATE, Action.ADOPT),
        may=may_wait(loop.state),
        may_flag="`--waiting`",
    )
    return loop.apply(planned, Clearance())


def approved(loop: Loop) -> dict[str, bool]:
    """The addresses that are approved, and whether the network has refused them."""
    return {str(one.address): one.refused for one in loop.state.approved.values()}


def texts(loop: Loop) -> list[str]:
    return sorted(entry.text for entry in loop.live()["x"])


def test_what_was_made_is_approved_no_more_and_its_request_is_spent() -> None:
    loop = loop_of()
    merge(loop, [ONE, TWO])
    assert approved(loop) == {}
    assert set(loop.state.spent) == {"github:12"}
    assert loop.state.applied == Applied("main", "abcdef0")


def test_all_that_is_sent_was_approved_in_the_state_before() -> None:
    """The write that takes over what was approved comes before the first request."""
    loop = loop_of(failures=[Failure("create", 1, Killed())])
    with pytest.raises(Killed):
        merge(loop, [ONE, TWO])
    assert approved(loop) == {"one@x": False, "two@x": False}
    assert set(loop.state.spent) == {"github:12"}
    loop.clock.advance(600.0)
    top_up(loop, [ONE, TWO])
    assert texts(loop) == sorted([ONE.entry.text, TWO.entry.text])
    assert approved(loop) == {}


def test_what_a_run_had_no_time_for_is_made_by_a_top_up() -> None:
    loop = loop_of()
    calls = iter([False, False, True])
    report = merge(loop, [ONE, TWO], stop=lambda: next(calls, True))
    assert report.addresses(Outcome.NOT_ATTEMPTED) == (TWO.address,)
    assert approved(loop) == {"two@x": False}
    top_up(loop, [ONE, TWO])
    assert texts(loop) == sorted([ONE.entry.text, TWO.entry.text])


def test_what_a_stop_kept_from_being_sent_stays_approved() -> None:
    loop = loop_of(failures=[Failure("create", 2, Interrupted())])
    calls = iter([False] * 4)  # until the second create is on its way
    report = merge(loop, [ONE, TWO], stop=lambda: next(calls, True))
    assert report.addresses(Outcome.FAILED) == ()
    assert approved(loop) == {"two@x": False}
    top_up(loop, [ONE, TWO])
    assert texts(loop) == sorted([ONE.entry.text, TWO.entry.text])


def test_what_the_network_refused_is_not_repeated_by_a_top_up_but_by_a_person() -> None:
    refusal = Rejected("something is wrong with it", 1003)
    loop = loop_of(failures=[Failure("create", 1, refusal)])
    merge(loop, [ONE, TWO])
    assert approved(loop) == {"one@x": True}
    top_up(loop, [ONE, TWO])
    assert texts(loop) == [TWO.entry.text]
    assert approved(loop) == {"one@x": True}
    merge(loop, [ONE, TWO])
    assert texts(loop) == sorted([ONE.entry.text, TWO.entry.text])
    assert approved(loop) == {}


def test_what_nobody_knows_stays_approved_until_it_is_settled() -> None:
    lost = Failure("create", 1, OutcomeUnknown("no answer in time"))
    loop = loop_of(failures=[lost])
    merge(loop, [ONE])
    assert approved(loop) == {"one@x": False}
    loop.clock.advance(600.0)
    top_up(loop, [ONE])
    assert texts(loop) == [ONE.entry.text]
    assert approved(loop) == {}


def test_a_top_up_makes_nothing_that_nobody_has_seen() -> None:
    loop = loop_of()
    merge(loop, [ONE])
    edited = replace(ONE, entry=replace(ONE.entry, text="Spring is here!"))
    report = top_up(loop, [edited, NEW])
    assert report.settled == ()
    assert texts(loop) == [ONE.entry.text]


def test_what_is_removed_again_is_approved_no_more() -> None:
    """A post is merged, cannot be sent, and is removed; a later push that adds it is unseen."""
    loop = loop_of()
    merge(loop, [ONE, TWO], stop=lambda: True)
    assert approved(loop) == {"one@x": False, "two@x": False}
    report = top_up(loop, [TWO])
    assert [str(one.address) for one in report.dropped] == ["one@x"]
    assert texts(loop) == [TWO.entry.text]
    top_up(loop, [ONE, TWO])
    assert texts(loop) == [TWO.entry.text]


def test_a_post_that_waits_and_is_renamed_stays_approved() -> None:
    loop = loop_of()
    merge(loop, [ONE], stop=lambda: True)
    top_up(loop, [loop.rename(ONE, "renamed")])
    assert texts(loop) == [ONE.entry.text]


def test_a_top_up_makes_a_group_whole_or_not_at_all() -> None:
    """The other half of what may be one post is a destroy, which no top-up makes."""
    loop = loop_of()
    merge(loop, [ONE])
    half = wanted(
        {"address": "half@x", "text": "Spring is here, at last.", "at": "2026-12-01 09:00"}
    )
    planned = loop.plan([half])
    loop.apply(planned, cleared(loop, planned), stop=lambda: True)
    top_up(loop, [half])
    assert texts(loop) == [ONE.entry.text]
