"""What every provider must do when things go wrong: say what is known, and never try again."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from plancast.core.model import Entry
from plancast.core.ports import (
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.sandbox import Fault, FaultKind
from tests.providers.bench import DUE, TOKEN, Bench

#: fault -> (what a create raises, whether it was carried out)
FAULTS: dict[FaultKind, tuple[type[ProviderError] | None, bool]] = {
    FaultKind.LOST_REQUEST: (OutcomeUnknown, False),
    FaultKind.LOST_ANSWER: (OutcomeUnknown, True),
    FaultKind.LATE_COMMIT: (OutcomeUnknown, False),
    FaultKind.ERROR_500_BEFORE: (OutcomeUnknown, False),
    FaultKind.ERROR_500_AFTER: (OutcomeUnknown, True),
    FaultKind.HTML_502_BEFORE: (OutcomeUnknown, False),
    FaultKind.HTML_502_AFTER: (OutcomeUnknown, True),
    FaultKind.HTML_504_AFTER: (OutcomeUnknown, True),
    FaultKind.RATE_429: (RateLimited, False),
    FaultKind.SUCCESS_FALSE_200: (Rejected, False),
    FaultKind.TRUNCATED_BODY: (OutcomeUnknown, True),
    FaultKind.EMPTY_BODY: (OutcomeUnknown, True),
    FaultKind.UNPARSABLE_200: (OutcomeUnknown, True),
    FaultKind.SLOW: (None, True),
    FaultKind.MESSAGE_OBJECT: (Rejected, False),
    FaultKind.UNAUTHORIZED: (Unauthorized, False),
    FaultKind.HTML_401: (Unauthorized, False),
    FaultKind.PARTIAL_CREATE: (OutcomeUnknown, True),
}

CREATE = "POST /updates/create.json"


def test_every_fault_has_its_place_in_the_table() -> None:
    assert set(FAULTS) == set(FaultKind)


def outcome(act: Callable[[], object]) -> ProviderError | None:
    try:
        act()
    except ProviderError as error:
        return error
    return None


def fault(kind: FaultKind, endpoint: str) -> Fault:
    late = kind is FaultKind.LATE_COMMIT
    return Fault(kind, endpoint, seconds=3600 if late else 0.01, retry_after=7)


@pytest.mark.parametrize("kind", FaultKind)
def test_a_create_that_goes_wrong_is_sent_once_and_says_what_is_known(
    bench: Bench, kind: FaultKind
) -> None:
    profiles = bench.on("twitter", "facebook")
    bench.world.arm(fault(kind, CREATE))
    error = outcome(lambda: bench.provider.create(Entry("a"), profiles))
    raised, executed = FAULTS[kind]
    assert type(error) is (raised or type(None))
    assert bench.posts() == 1
    assert bool(bench.queue(*profiles)) is executed
    if kind is FaultKind.PARTIAL_CREATE:
        assert isinstance(error, OutcomeUnknown)
        assert error.confirmed == bench.queue(*profiles)
    if isinstance(error, RateLimited):
        assert error.retry_after == 7


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind != FaultKind.PARTIAL_CREATE])
@pytest.mark.parametrize("name", ["update", "destroy", "share"])
def test_other_changes_that_go_wrong_are_sent_once_too(
    bench: Bench, kind: FaultKind, name: str
) -> None:
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a", DUE), [profile])
    acts: dict[str, Callable[[], object]] = {
        "update": lambda: bench.provider.update(live.id, Entry("b", DUE), live.entry, profile),
        "destroy": lambda: bench.provider.delete(live.id),
        "share": lambda: bench.provider.share(live.id),
    }
    bench.world.arm(fault(kind, f"POST /updates/{{id}}/{name}.json"))
    error = outcome(acts[name])
    raised, executed = FAULTS[kind]
    assert type(error) is (raised or type(None))
    assert bench.posts() == 2
    assert (bench.queue(profile) != (live,)) is executed


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind != FaultKind.PARTIAL_CREATE])
def test_a_read_that_goes_wrong_has_no_unknown_outcome(bench: Bench, kind: FaultKind) -> None:
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a"), [profile])
    raised, _ = FAULTS[kind]
    bench.world.arm(fault(kind, "GET *"))
    error = outcome(lambda: bench.provider.read([profile]))
    wanted = Unreachable if raised is OutcomeUnknown else raised
    assert type(error) is (wanted or type(None))
    assert bench.queue(profile) == (live,)


@pytest.mark.parametrize("kind", FaultKind)
def test_no_error_holds_the_token(bench: Bench, kind: FaultKind) -> None:
    bench.world.arm(fault(kind, CREATE))
    error = outcome(lambda: bench.provider.create(Entry("a"), bench.on("twitter", "facebook")))
    if error is not None:
        told = "".join(traceback.format_exception(error)) + repr(error)
        chain = [error.__context__, error.__cause__]
        assert TOKEN not in told + repr(chain)
    assert TOKEN not in repr(bench.provider)
