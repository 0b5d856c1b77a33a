"""One call: what each failure means, how often it is tried, and how long is waited in between."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.engine.provider_call import RATE_LIMIT_TRIES, TRIES, CallAnswer, make_call
from plancast.model.entry import Address, Entry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import (
    Interrupted,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    StateMoved,
    Unauthorized,
    Unreachable,
)
from plancast.model.state import Intent, Operation
from plancast.testing import builders
from plancast.testing.fakes import Failure, FakeClock, FakeProvider
from tests.engine.worlds import PROFILES

CREATE, UPDATE, DESTROY = Operation.CREATE, Operation.UPDATE, Operation.DESTROY
METHODS = {CREATE: "create", UPDATE: "update", DESTROY: "delete"}
OLD, NEW = builders.entry("as it was"), builders.entry("as it is to be")
NO_ANSWER = OutcomeUnknown("no answer in time")
REFUSED = Rejected("something is wrong with it", 1003)
NOT_FOUND = NotFound("no update 1")
UNREACHABLE = Unreachable("could not connect")
LOCKED_OUT = Unauthorized("the token is no good")
EARLY, LATER = RateLimited("too early"), RateLimited("too early", 7.0)


class Impatient(FakeClock):
    """The clock of a run that was asked to stop: it does not wait any more."""

    def sleep(self, seconds: float) -> None:
        raise Interrupted


class CallCase:
    """A call to make, and the queue behind it with its one entry, if it is not a create."""

    def __init__(
        self, operation: Operation, *failures: Failure, clock: FakeClock | None = None
    ) -> None:
        self.operation = operation
        self.clock = clock or FakeClock()
        self.provider = FakeProvider(self.clock, tuple(PROFILES.values()))
        self.provider.failures = failures
        self.before = None
        if operation is not CREATE:
            self.before = self.provider.add(OLD, PROFILES["x"])

    def call(self, fence: Callable[[], None] = lambda: None) -> CallAnswer:
        intent = Intent(
            id="lineage.1-000001",
            operation=self.operation,
            addresses=(Address("launch/teaser", "x"),),
            profile_ids=("p-x",),
            entry=OLD if self.operation is DESTROY else NEW,
            made_at=self.clock.now(),
            remote_id=self.before.id if self.before else "",
        )
        by_id = {profile.id: profile for profile in PROFILES.values()}
        return make_call(intent, OLD, by_id, self.provider, self.clock, fence)

    @property
    def tries(self) -> int:
        return sum(1 for call in self.provider.calls if call.method == METHODS[self.operation])

    def queue(self) -> list[Entry]:
        return [live.entry for live in self.provider.queue("p-x")]


def always(operation: Operation, error: BaseException) -> list[Failure]:
    return [Failure(METHODS[operation], nth, error) for nth in range(1, 10)]


def each(operation: Operation, *errors: BaseException) -> list[Failure]:
    return [Failure(METHODS[operation], nth, error) for nth, error in enumerate(errors, start=1)]


TABLE = [
    # operation, error, outcome, tries, slept, fatal
    (CREATE, NO_ANSWER, CallOutcome.UNKNOWN, 1, [], False),
    (UPDATE, NO_ANSWER, CallOutcome.UNKNOWN, TRIES, [1.0, 2.0], False),
    (DESTROY, NO_ANSWER, CallOutcome.UNKNOWN, TRIES, [1.0, 2.0], False),
    (CREATE, UNREACHABLE, CallOutcome.NOT_SENT, TRIES, [1.0, 2.0], True),
    (UPDATE, UNREACHABLE, CallOutcome.NOT_SENT, TRIES, [1.0, 2.0], True),
    (DESTROY, UNREACHABLE, CallOutcome.NOT_SENT, TRIES, [1.0, 2.0], True),
    (CREATE, EARLY, CallOutcome.NOT_SENT, RATE_LIMIT_TRIES, [0.0, 1.0, 1.0, 1.0], True),
    (UPDATE, LATER, CallOutcome.NOT_SENT, RATE_LIMIT_TRIES, [0.0, 7.0, 7.0, 7.0], True),
    (DESTROY, LATER, CallOutcome.NOT_SENT, RATE_LIMIT_TRIES, [0.0, 7.0, 7.0, 7.0], True),
    (CREATE, REFUSED, CallOutcome.REJECTED, 1, [], False),
    (UPDATE, REFUSED, CallOutcome.REJECTED, 1, [], False),
    (DESTROY, REFUSED, CallOutcome.REJECTED, 1, [], False),
    (CREATE, NOT_FOUND, CallOutcome.REJECTED, 1, [], False),
    (UPDATE, NOT_FOUND, CallOutcome.REJECTED, 1, [], False),
    (DESTROY, NOT_FOUND, CallOutcome.CONFIRMED, 1, [], False),
    (CREATE, LOCKED_OUT, CallOutcome.REJECTED, 1, [], True),
    (UPDATE, LOCKED_OUT, CallOutcome.REJECTED, 1, [], True),
    (DESTROY, LOCKED_OUT, CallOutcome.REJECTED, 1, [], True),
]


@pytest.mark.parametrize(
    ("operation", "error", "outcome", "tries", "slept", "fatal"),
    [pytest.param(*row, id=f"{row[0].value}-{type(row[1]).__name__}") for row in TABLE],
)
def test_an_error_that_does_not_pass_has_one_meaning(
    operation: Operation,
    error: ProviderError,
    outcome: CallOutcome,
    tries: int,
    slept: list[float],
    fatal: bool,
) -> None:
    case = CallCase(operation, *always(operation, error))
    answer = case.call()
    assert (answer.outcome, answer.fatal) == (outcome, fatal)
    assert (case.tries, answer.requests) == (tries, tries)
    assert case.clock.slept == slept
    assert (answer.message == str(error)) is (outcome is not CallOutcome.CONFIRMED)


PASSING: list[tuple[Operation, list[ProviderError], CallOutcome, int]] = [
    (CREATE, [UNREACHABLE, UNREACHABLE], CallOutcome.CONFIRMED, 3),
    (CREATE, [EARLY, LATER, EARLY, LATER], CallOutcome.CONFIRMED, 5),
    (CREATE, [EARLY, NO_ANSWER], CallOutcome.UNKNOWN, 2),
    (CREATE, [UNREACHABLE, NO_ANSWER], CallOutcome.UNKNOWN, 2),
    (CREATE, [UNREACHABLE, REFUSED], CallOutcome.REJECTED, 2),
    (UPDATE, [NO_ANSWER], CallOutcome.UNSETTLED, 2),
    (UPDATE, [NO_ANSWER, UNREACHABLE], CallOutcome.UNSETTLED, 3),
    (UPDATE, [NO_ANSWER, UNREACHABLE, UNREACHABLE], CallOutcome.UNKNOWN, 3),
    (UPDATE, [NO_ANSWER, UNREACHABLE, EARLY], CallOutcome.UNSETTLED, 4),
    (UPDATE, [NO_ANSWER, REFUSED], CallOutcome.UNKNOWN, 2),
    (UPDATE, [NO_ANSWER, LOCKED_OUT], CallOutcome.UNKNOWN, 2),
    (UPDATE, [NO_ANSWER, NOT_FOUND], CallOutcome.REJECTED, 2),
    (DESTROY, [NO_ANSWER], CallOutcome.UNSETTLED, 2),
    (DESTROY, [NO_ANSWER, NOT_FOUND], CallOutcome.CONFIRMED, 2),
    (DESTROY, [NO_ANSWER, REFUSED], CallOutcome.REJECTED, 2),
]


@pytest.mark.parametrize(
    ("operation", "errors", "outcome", "tries"),
    [
        pytest.param(*row, id="-".join((row[0].value, *(type(e).__name__ for e in row[1]))))
        for row in PASSING
    ],
)
def test_a_second_try_does_not_forget_the_first(
    operation: Operation, errors: list[ProviderError], outcome: CallOutcome, tries: int
) -> None:
    case = CallCase(operation, *each(operation, *errors))
    answer = case.call()
    assert (answer.outcome, case.tries, answer.requests) == (outcome, tries, tries)


def test_nobody_waits_longer_than_a_minute_for_a_limit() -> None:
    case = CallCase(CREATE, *always(CREATE, RateLimited("too early", 90.0)))
    case.call()
    assert max(case.clock.slept) == 60.0


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize(
    "error", [RateLimited("used up", 3600.0), RateLimited("used up", 9.0, spent=True)]
)
def test_a_budget_that_is_used_up_ends_the_run(operation: Operation, error: RateLimited) -> None:
    case = CallCase(operation, *always(operation, error))
    answer = case.call()
    assert (answer.outcome, answer.fatal, case.tries) == (CallOutcome.NOT_SENT, True, 1)
    assert answer.resumes_in == error.retry_after
    assert case.clock.slept == []


def test_a_budget_that_ends_after_a_lost_answer_leaves_the_doubt() -> None:
    spent = RateLimited("used up", 3600.0)
    case = CallCase(UPDATE, *each(UPDATE, NO_ANSWER, spent))
    answer = case.call()
    assert (answer.outcome, answer.resumes_in) == (CallOutcome.UNKNOWN, 3600.0)


def test_what_a_lost_answer_proves_is_kept() -> None:
    partly = Failure("create", 1, NO_ANSWER, executed=True, confirms=True)
    case = CallCase(CREATE, partly)
    answer = case.call()
    assert [live.entry for live in answer.live] == case.queue()


def test_a_full_queue_is_told_apart_from_a_refusal() -> None:
    full = Rejected("the queue is full", 1023, queue_full=True)
    assert CallCase(CREATE, *always(CREATE, full)).call().queue_full
    assert not CallCase(CREATE, *always(CREATE, REFUSED)).call().queue_full


def test_an_entry_that_is_gone_needs_no_second_destroy() -> None:
    case = CallCase(DESTROY)
    assert case.before is not None
    case.provider.remove(case.before.id)
    answer = case.call()
    assert (answer.outcome, case.tries) == (CallOutcome.CONFIRMED, 1)


# -- whatever happens ----

ERRORS = st.lists(
    st.tuples(
        st.sampled_from([NO_ANSWER, UNREACHABLE, EARLY, LATER, REFUSED, NOT_FOUND, LOCKED_OUT]),
        st.booleans(),
    ),
    max_size=8,
)


def troubled(operation: Operation, errors: list[tuple[ProviderError, bool]]) -> CallCase:
    """Only an answer that was lost can hide that something was done."""
    made = [
        Failure(METHODS[operation], nth, error, executed=done and error is NO_ANSWER)
        for nth, (error, done) in enumerate(errors, start=1)
    ]
    return CallCase(operation, *made)


@given(ERRORS)
def test_a_create_that_may_have_happened_is_never_sent_again(
    errors: list[tuple[ProviderError, bool]],
) -> None:
    case = troubled(CREATE, errors)
    answer = case.call()
    made = len(case.queue())
    expected = {
        CallOutcome.CONFIRMED: made == 1,
        CallOutcome.UNKNOWN: made <= 1,
        CallOutcome.NOT_SENT: made == 0,
        CallOutcome.REJECTED: made == 0,
    }
    assert expected[answer.outcome]
    lost = [nth for nth, (error, _) in enumerate(errors, start=1) if error is NO_ANSWER]
    assert case.tries <= min(lost, default=len(errors) + 1)


@given(ERRORS)
def test_an_update_is_called_unsent_only_where_nothing_arrived_or_will(
    errors: list[tuple[ProviderError, bool]],
) -> None:
    case = troubled(UPDATE, errors)
    outcome = case.call().outcome
    lost = any(error is NO_ANSWER for error, _ in errors[: case.tries])
    if outcome is CallOutcome.NOT_SENT:
        assert not lost
        assert case.queue() == [OLD]
    elif outcome in (CallOutcome.CONFIRMED, CallOutcome.UNSETTLED):
        assert (outcome is CallOutcome.UNSETTLED) is lost
        assert case.queue() == [NEW]


# -- being stopped ----


def test_a_wait_that_is_cut_short_leaves_the_first_failure_as_the_answer() -> None:
    case = CallCase(UPDATE, *always(UPDATE, NO_ANSWER), clock=Impatient())
    answer = case.call()
    assert (answer.outcome, answer.message) == (CallOutcome.UNKNOWN, str(NO_ANSWER))
    assert case.tries == 1


@pytest.mark.parametrize(
    ("errors", "outcome"),
    [
        pytest.param([Interrupted()], CallOutcome.NOT_SENT, id="before the first try"),
        pytest.param([UNREACHABLE, Interrupted()], CallOutcome.NOT_SENT, id="nothing arrived"),
        pytest.param([NO_ANSWER, Interrupted()], CallOutcome.UNKNOWN, id="it may have arrived"),
    ],
)
def test_a_limiter_that_is_interrupted_has_sent_nothing_but_the_tries_before(
    errors: list[BaseException], outcome: CallOutcome
) -> None:
    case = CallCase(UPDATE, *each(UPDATE, *errors))
    answer = case.call()
    assert answer.outcome is outcome
    assert answer.requests == len(errors) - 1


class Fence:
    """Closes before the given try."""

    def __init__(self, closes: int) -> None:
        self.closes = closes
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1
        if self.asked >= self.closes:
            raise StateMoved("another run has taken over")


def test_the_fence_is_asked_before_every_try() -> None:
    fence = Fence(closes=99)
    case = CallCase(UPDATE, *each(UPDATE, UNREACHABLE, UNREACHABLE))
    case.call(fence)
    assert fence.asked == case.tries == 3


@pytest.mark.parametrize("operation", Operation, ids=lambda item: item.value)
def test_behind_a_closed_fence_nothing_is_sent(operation: Operation) -> None:
    case = CallCase(operation)
    before = case.queue()
    answer = case.call(Fence(closes=1))
    assert (answer.outcome, answer.fatal, answer.requests) == (CallOutcome.NOT_SENT, True, 0)
    assert case.tries == 0
    assert case.queue() == before


def test_a_fence_that_closes_after_a_lost_answer_leaves_it_unknown() -> None:
    case = CallCase(UPDATE, *always(UPDATE, NO_ANSWER))
    answer = case.call(Fence(closes=2))
    assert (answer.outcome, answer.fatal, answer.requests) == (CallOutcome.UNKNOWN, True, 1)
