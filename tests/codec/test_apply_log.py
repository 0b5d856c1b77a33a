"""The record of an apply, whole or torn, and the outcomes of a plan that it gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.codec import event_to_dict
from plancast.codec.apply_log import CUT_SHORT, NO_RECORD, is_whole, outcomes, read_record
from plancast.model.entry import Address
from plancast.model.events import ApplyFinished, ApplyStarted, ChangeFinished, Event, Outcome
from plancast.model.plan import Action
from plancast.render.terminal.style import to_json
from plancast.testing.builders import NOW, change, plan
from tests import strategies

A, B = Address.parse("a@acme-x"), Address.parse("b@acme-x")
PLAN = plan(
    change(address="a@acme-x"),
    change(Action.DESTROY, "b@acme-x"),
    change(Action.NONE, "c@acme-x"),
)
STARTED = ApplyStarted(NOW, 2, 2, 3)


def finished(address: Address, action: Action, outcome: Outcome, message: str = "") -> Event:
    return ChangeFinished(NOW, address, action, outcome, 1, 2, 3, "remote-1", message)


def ended(
    applied: tuple[Address, ...] = (),
    failed: tuple[Address, ...] = (),
    deferred: tuple[Address, ...] = (),
) -> Event:
    return ApplyFinished(NOW, applied, failed, (), (), deferred, requests=2)


def written(*events: Event) -> str:
    return "".join(f"{to_json(event_to_dict(event))}\n" for event in events)


def outcomes_by_address(text: str | None) -> dict[str, tuple[Outcome, str]]:
    record = None if text is None else read_record(text)
    return {str(item.address): (item.outcome, item.message) for item in outcomes(PLAN, record)}


DONE = finished(A, Action.CREATE, Outcome.APPLIED)
FAILED = finished(B, Action.DESTROY, Outcome.FAILED, "no such update")
WHOLE = written(STARTED, DONE, FAILED, ended(applied=(A,), failed=(B,)))


def test_a_whole_record_tells_how_each_change_ended() -> None:
    assert outcomes_by_address(WHOLE) == {
        "a@acme-x": (Outcome.APPLIED, ""),
        "b@acme-x": (Outcome.FAILED, "no such update"),
    }
    assert is_whole(read_record(WHOLE))
    assert read_record(WHOLE).resumes_at is None


def test_a_record_tells_when_it_goes_on() -> None:
    later = NOW + timedelta(minutes=14)
    text = written(STARTED, DONE, ApplyFinished(NOW, (A,), (), (), (B,), (), 58, later))
    assert read_record(text).resumes_at == later
    assert outcomes_by_address(text)["b@acme-x"] == (Outcome.NOT_ATTEMPTED, "")


CUT = (Outcome.UNKNOWN, CUT_SHORT)
DEFERRED = written(STARTED, DONE, ended(applied=(A,), deferred=(B,)))


@pytest.mark.parametrize(
    ("text", "expected", "whole"),
    [
        ("", {}, True),
        ("\n \n", {}, True),
        ('{"event": "apply_sta', {"a@acme-x": CUT, "b@acme-x": CUT}, False),
        (written(STARTED), {"a@acme-x": CUT, "b@acme-x": CUT}, False),
        (written(STARTED, DONE), {"a@acme-x": (Outcome.APPLIED, ""), "b@acme-x": CUT}, False),
        (
            written(STARTED, DONE) + written(FAILED)[:-9],
            {"a@acme-x": (Outcome.APPLIED, ""), "b@acme-x": CUT},
            False,
        ),
        (
            DEFERRED,
            {"a@acme-x": (Outcome.APPLIED, ""), "b@acme-x": (Outcome.DEFERRED, "")},
            True,
        ),
        (written(STARTED, DONE, ended(applied=(A,))), {"a@acme-x": (Outcome.APPLIED, "")}, True),
        (
            None,
            {
                "a@acme-x": (Outcome.UNKNOWN, NO_RECORD),
                "b@acme-x": (Outcome.UNKNOWN, NO_RECORD),
            },
            False,
        ),
    ],
    ids=["empty", "blank", "torn-first", "begun", "half", "torn", "by-the-sum", "left-out", "none"],
)
def test_what_is_not_told_is_not_made_up(
    text: str | None, expected: dict[str, tuple[Outcome, str]], whole: bool
) -> None:
    assert outcomes_by_address(text) == expected
    assert is_whole(None if text is None else read_record(text)) is whole


@pytest.mark.parametrize(
    "line",
    [
        "null",
        "[]",
        "3",
        '"text"',
        "{}",
        "[" * 100_000,
        '{"event": "change_finished"}',
        '{"event": "change_finished", "at": "soon", "address": "a@acme-x"}',
        '{"event": "apply_finished", "applied": "a@acme-x"}',
        '{"event": "of a later plancast", "address": 3}',
        "\x00\ufffd",
    ],
)
def test_a_line_that_says_nothing_is_passed_over(line: str) -> None:
    assert outcomes_by_address(WHOLE.replace("\n", f"\n{line}\n")) == outcomes_by_address(WHOLE)


@given(st.lists(strategies.events, max_size=8), st.integers(0, 400))
def test_a_record_that_is_cut_anywhere_is_read(events: list[Event], cut: int) -> None:
    text = written(*events)
    record = read_record(text)
    assert record.finished == tuple(item for item in events if isinstance(item, ChangeFinished))
    part = read_record(text[: max(0, len(text) - cut)])
    assert part.finished == record.finished[: len(part.finished)]
    assert {item.action for item in outcomes(PLAN, part)} <= {Action.CREATE, Action.DESTROY}
