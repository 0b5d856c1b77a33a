"""The order of what lasts and what is sent, and that every change is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.engine.applier import BATCH, Report
from plancast.model.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Outcome,
)
from plancast.model.plan import Action, Change, Situation
from plancast.model.ports import (
    Interrupted,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    StateUnwritable,
    Unauthorized,
    Unreachable,
)
from plancast.model.workspace import Desired
from plancast.testing.fakes import Failure
from tests.engine.diary import Diary, diarist
from tests.engine.worlds import PROFILES, Loop, wanted

NO_ANSWER = OutcomeUnknown("no answer in time")
REFUSED = Rejected("something is wrong with it", 1003)
FULL = Rejected("the queue is full", 1023, queue_full=True)
LOCKED_OUT = Unauthorized("the token is no good")


def post(address: str, text: str = "", at: str = "2026-12-01 09:00", **spec: Any) -> Desired:
    return wanted({"address": address, "text": text or address, "at": at, **spec})


def edited(item: Desired) -> Desired:
    return replace(item, entry=replace(item.entry, text=f"{item.entry.text}, edited"))


def ended(report: Report) -> dict[str, str]:
    return {str(item.change.address): item.outcome.value for item in report.settled}


A, B, C, D = (post(f"{name}@x", at=f"2026-12-0{n}") for n, name in enumerate("abcd", start=1))


# -- the order ----


def test_the_intents_of_a_batch_come_first_and_each_outcome_before_the_next_send() -> None:
    world, diary = diarist()
    world.converge([A, B])
    assert diary.words == [
        *("state", "clear"),  # the lease
        *("state", "clear"),  # what needs no request
        "intend",
        "sending",
        "send",
        "confirmed",
        "sending",
        "send",
        "confirmed",
        *("state", "clear"),
        *("state", "clear"),  # the lease is given back
    ]


def test_strict_sends_the_true_time_only_once_the_id_is_in_the_state() -> None:
    world, diary = diarist(safety="strict")
    world.converge([A])
    assert diary.words[4:] == [
        *("intend", "sending", "send", "confirmed", "state", "clear"),
        *("intend", "sending", "send", "confirmed", "state", "clear"),
        *("state", "clear"),
    ]
    methods = [call.method for call in world.provider.calls if call.entry]
    assert methods == ["create", "update"]


def test_a_long_plan_is_done_in_batches_with_a_state_between_them() -> None:
    world, diary = diarist()
    world.converge([post(f"p-{number}@x") for number in range(BATCH + 1)])
    assert [len(intents) for intents in diary.about("intend")] == [BATCH, 1]
    second = diary.lines.index(("intend", *diary.about("intend")[1]))
    assert diary.words[second - 2 : second] == ["state", "clear"]


def test_a_run_that_takes_long_shows_that_it_lives_and_keeps_its_intents() -> None:
    world, diary = diarist()
    world.provider.takes = 50.0  # type: ignore[attr-defined]
    report = world.converge([A, B, C, D])
    assert set(ended(report).values()) == {"applied"}
    first, last = diary.words.index("send"), len(diary.words) - diary.words[::-1].index("send")
    assert diary.words[first:last].count("state") == 1


def test_another_try_after_a_wait_is_marked_anew() -> None:
    early = [Failure("create", nth, RateLimited("too early", 7.0)) for nth in (1, 2)]
    world, diary = diarist(*early)
    world.converge([A])
    assert diary.words.count("sending") == 2, "after 0 seconds the first mark still holds"
    assert diary.words.count("send") == 3


ERRORS = (
    NO_ANSWER,
    Unreachable("could not connect"),
    RateLimited("too early"),
    REFUSED,
    FULL,
    NotFound("no such update"),
    LOCKED_OUT,
)
TROUBLE = st.lists(
    st.builds(
        Failure,
        st.sampled_from(["create", "update", "delete"]),
        st.integers(1, 6),
        st.sampled_from(ERRORS),
    ),
    max_size=4,
)
POSTS = st.lists(
    st.builds(
        post,
        st.builds("p-{}@{}".format, st.integers(0, 3), st.sampled_from(sorted(PROFILES))),
        st.sampled_from(["one", "two", "three"]),
    ),
    max_size=7,
    unique_by=lambda item: item.address,
)


def trouble(failures: Sequence[Failure], chance: bool) -> list[Failure]:
    """Only if the answer is lost can something have been done."""
    return [replace(item, executed=chance and item.error is NO_ANSWER) for item in failures]


@given(POSTS, POSTS, TROUBLE, st.booleans(), st.sampled_from(["direct", "strict"]))
def test_whatever_fails_a_call_is_announced_once_and_ends_once(
    before: list[Desired],
    after: list[Desired],
    failures: list[Failure],
    executed: bool,
    safety: str,
) -> None:
    world, diary = diarist(*trouble(failures, executed), safety=safety)
    world.converge(before)
    world.converge(after)
    announced = [name for intents in diary.about("intend") for name in intents]
    outcomes = [
        name
        for word in ("confirmed", "unsettled", "rejected", "not_sent", "unknown")
        for (name,) in diary.about(word)
    ]
    assert sorted(announced) == sorted(set(outcomes))
    assert len(outcomes) == len(set(outcomes))
    flying = ""
    for word, *about in diary.lines:
        if word == "send":
            assert flying in ("", about[0]), "a call began before the one before had ended"
            flying = about[0]
        elif about == [flying] and word != "sending":
            flying = ""


# -- accounting ----


@given(POSTS, POSTS, TROUBLE, st.booleans(), st.sampled_from(["direct", "strict"]))
def test_every_change_is_accounted_for_exactly_once(
    before: list[Desired],
    after: list[Desired],
    failures: list[Failure],
    executed: bool,
    safety: str,
) -> None:
    world, _ = diarist(safety=safety)
    world.converge(before)
    world.provider.failures = trouble(failures, executed)
    planned = world.plan(after)
    world.sink.events.clear()
    report = world.apply(planned)

    asked = [change for change in planned.plan.changes if change.action is not Action.NONE]
    assert Counter(map(key, (item.change for item in report.settled))) == Counter(map(key, asked))

    first, *middle, last = world.sink.events
    assert isinstance(first, ApplyStarted)
    assert isinstance(last, ApplyFinished)
    finished = [event for event in middle if isinstance(event, ChangeFinished)]
    assert [event.done for event in finished] == list(range(1, len(finished) + 1))
    assert {event.total for event in finished} <= {first.changes} == {len(asked)}
    outcomes = [(event.address, event.outcome) for event in finished]
    attempted = [item for item in report.settled if item.outcome is not Outcome.NOT_ATTEMPTED]
    assert outcomes == [(item.change.address, item.outcome) for item in attempted]
    counted = (last.applied, last.failed, last.unknown, last.not_attempted, last.deferred)
    assert sum(map(len, counted)) == len(asked)


def key(change: Change) -> tuple[str, str, str]:
    return (str(change.address), change.profile.id, change.action.value)


def test_events_tell_batches_ids_and_what_is_left() -> None:
    world, _ = diarist()
    world.converge([A])
    world.sink.events.clear()
    world.converge([edited(A), B])
    batch = next(event for event in world.sink.events if isinstance(event, BatchStarted))
    assert (batch.number, batch.of, batch.calls) == (1, 1, 2)
    finished = [event for event in world.sink.events if isinstance(event, ChangeFinished)]
    queue = {live.entry.text: live.id for live in world.provider.queue("p-x")}
    assert {event.remote_id for event in finished} == set(queue.values())


def test_what_needs_no_request_is_done_even_where_nothing_can_be_sent() -> None:
    world, _ = diarist()
    world.converge([A])
    world.provider.add(B.entry, B.profile)
    world.provider.failures = [Failure("create", 2, LOCKED_OUT)]
    report = world.converge([world.rename(A, "renamed"), B, C])
    assert ended(report) == {"renamed@x": "applied", "b@x": "applied", "c@x": "failed"}
    assert sorted(map(str, world.state.resources)) == ["b@x", "renamed@x"]


# -- what ends a run, and what does not ----

ENDS: dict[str, tuple[Exception, dict[str, str]]] = {
    "a refusal": (REFUSED, {"a@x": "applied", "b@x": "failed", "c@x": "applied"}),
    "a full queue": (FULL, {"a@x": "applied", "b@x": "deferred", "c@x": "applied"}),
    "a lost answer": (NO_ANSWER, {"a@x": "applied", "b@x": "unknown", "c@x": "applied"}),
    "no right to": (LOCKED_OUT, {"a@x": "applied", "b@x": "failed", "c@x": "not_attempted"}),
}


@pytest.mark.parametrize(("error", "outcomes"), ENDS.values(), ids=ENDS)
def test_only_an_error_that_no_call_can_pass_ends_the_run(
    error: Exception, outcomes: dict[str, str]
) -> None:
    world, _ = diarist(Failure("create", 2, error))
    report = world.converge([A, B, C])
    assert ended(report) == outcomes
    assert report.aborted == ("" if outcomes["c@x"] == "applied" else str(error))
    assert not report.interrupted


def test_where_nothing_can_be_reached_nothing_else_is_tried() -> None:
    dead = [Failure("create", nth, Unreachable("could not connect")) for nth in range(1, 9)]
    world, diary = diarist(*dead)
    report = world.converge([A, B])
    assert ended(report) == {"a@x": "failed", "b@x": "not_attempted"}
    assert set(diary.about("send")) == {diary.about("intend")[0][:1]}
    assert world.state.intents == {}, "nothing is in doubt"


def test_being_stopped_lets_the_call_end_and_begins_no_other() -> None:
    world, diary = diarist()
    report = world.apply(world.plan([A, B, C]), stop=lambda: "send" in diary.words)
    assert report.interrupted
    assert ended(report) == {"a@x": "applied", "b@x": "not_attempted", "c@x": "not_attempted"}
    assert world.state.intents == {}
    again = world.converge([A, B, C])
    assert set(ended(again)) == {"b@x", "c@x"}


def test_a_call_that_was_not_sent_because_of_a_stop_has_not_failed() -> None:
    world, diary = diarist(Failure("create", 2, Interrupted()))
    report = world.apply(world.plan([A, B, C]), stop=lambda: len(diary.about("send")) > 1)
    assert report.interrupted
    assert ended(report) == {"a@x": "applied", "b@x": "not_attempted", "c@x": "not_attempted"}
    assert world.state.intents == {}, "nothing is in doubt"
    assert set(ended(world.converge([A, B, C]))) == {"b@x", "c@x"}


def test_being_stopped_between_the_two_steps_leaves_only_what_is_inert() -> None:
    world, diary = diarist(safety="strict")
    report = world.apply(world.plan([A]), stop=lambda: "send" in diary.words)
    assert ended(report) == {"a@x": "not_attempted"}
    (live,) = world.provider.queue("p-x")
    assert live.due_at is not None
    assert live.due_at - world.clock.now() > timedelta(days=1800)
    world.converge([A])
    assert [live.due_at for live in world.provider.queue("p-x")] == [A.entry.due_at]


@pytest.mark.parametrize("error", [REFUSED, NO_ANSWER], ids=["refused", "not answered"])
def test_what_moves_to_another_profile_is_not_made_before_the_old_one_is_gone(
    error: Exception,
) -> None:
    failures = [Failure("delete", nth, error) for nth in range(1, 9)]
    world, _ = diarist(*failures)
    world.converge([A])
    moved = replace(A, profile=PROFILES["li"])
    report = world.converge([moved])
    assert world.provider.queue("p-li") == ()
    outcomes = {item.change.action: item.outcome for item in report.settled}
    assert outcomes[Action.CREATE] is Outcome.NOT_ATTEMPTED
    world.provider.failures = ()
    world.clock.advance(600.0)
    world.converge([moved])
    assert [len(world.provider.queue(name)) for name in ("p-x", "p-li")] == [0, 1]


def test_a_stray_and_the_entry_itself_are_two_changes_of_one_address() -> None:
    world, _ = diarist(Failure("create", 1, NO_ANSWER, late=600.0))
    world.converge([A])
    world.clock.advance(300.0)
    world.converge([A])
    world.clock.advance(300.0)
    planned = world.plan([edited(A)])
    report = world.apply(planned)
    outcomes = sorted((item.change.action.value, item.outcome.value) for item in report.settled)
    assert outcomes == [("destroy", "applied"), ("update", "applied")]
    assert [live.entry for live in world.provider.queue("p-x")] == [edited(A).entry]
    assert any(Situation.STRAY in item.change.situations for item in report.settled)


def test_a_stray_that_is_done_with_does_not_hide_that_its_address_is_not() -> None:
    world, diary = diarist(Failure("create", 1, NO_ANSWER, late=600.0))
    world.converge([A])
    world.clock.advance(300.0)
    world.converge([A])
    world.clock.advance(300.0)
    planned = world.plan([edited(A)])
    diary.lines.clear()
    report = world.apply(planned, stop=lambda: "send" in diary.words)
    assert sorted(item.outcome.value for item in report.settled) == ["applied", "not_attempted"]


def test_of_a_group_each_profile_ends_by_itself() -> None:
    partly = Failure("create", 1, NO_ANSWER, executed=True, only=2, confirms=True)
    world, _ = diarist(partly)
    group = [post(f"a@{alias}", "for all") for alias in PROFILES]
    outcomes = ended(world.converge(group))
    assert sorted(outcomes.values()) == ["applied", "applied", "unknown"]
    made = {str(address) for address in world.state.resources}
    assert made == {address for address, outcome in outcomes.items() if outcome == "applied"}


def test_what_a_file_protects_is_remembered_once_its_file_is_gone() -> None:
    world, _ = diarist()
    world.converge([replace(A, protect=True), B])
    assert [item.code for item in world.plan([B]).plan.diagnostics] == ["PC706"]


# -- a disk that is full ----


def scenario(safety: str) -> tuple[Loop, Diary, Callable[[], object]]:
    """A run with one call of each kind."""
    world, diary = diarist(safety=safety)
    world.converge([A, B])
    diary.writes = 0
    diary.lines.clear()
    return world, diary, lambda: world.converge([edited(A), C])


def writes(safety: str) -> int:
    _, diary, run = scenario(safety)
    run()
    return diary.writes


WRITES = [(how, nth) for how in ("direct", "strict") for nth in range(1, writes(how) + 1)]


@pytest.mark.parametrize(("safety", "refused"), WRITES)
def test_once_the_disk_refuses_nothing_more_is_sent_and_nothing_is_lost(
    safety: str, refused: int
) -> None:
    world, diary, run = scenario(safety)
    diary.full_from = refused
    # The last write only gives the lease back; it runs out if that fails.
    if refused < writes(safety):
        with pytest.raises(StateUnwritable):
            run()
    else:
        run()
    assert "send" not in diary.words[diary.words.index("refused") :]
    diary.full_from = 0
    for _ in range(2):
        world.converge([edited(A), C])
        world.clock.advance(300.0)
    texts = sorted(live.entry.text for live in world.provider.queue("p-x"))
    assert texts == ["a@x, edited", "c@x"]
    assert not world.plan([edited(A), C]).plan.has_changes
