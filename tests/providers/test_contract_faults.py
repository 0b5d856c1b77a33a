"""What every provider must do when things go wrong: say what is known, and never try again."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping

import pytest

from plancast.model.entry import Entry
from plancast.model.ports import (
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from plancast.sandbox import Fault, FaultKind
from tests.providers.bench import DUE, TOKEN, Bench

Table = Mapping[FaultKind, tuple[type[ProviderError] | None, bool]]
"""fault -> (what a create raises, whether it was carried out)"""

FAULTS: Table = {
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
    FaultKind.HTML_403: (Unauthorized, False),
    FaultKind.PARTIAL_CREATE: (OutcomeUnknown, True),
    # What API v1 has no form for strikes nobody.
    FaultKind.ERRORS_BESIDE_DATA: (None, True),
    FaultKind.EDIT_IGNORED: (None, True),
    FaultKind.UNEXPECTED_ERROR: (None, True),
    FaultKind.NEW_ENUM: (None, True),
}
GRAPHQL: Table = {
    **FAULTS,
    FaultKind.MESSAGE_OBJECT: (Unauthorized, False),  # FORBIDDEN
    FaultKind.HTML_403: (Unreachable, False),  # the edge lets nothing pass
    FaultKind.UNEXPECTED_ERROR: (OutcomeUnknown, False),
}
EDITS: Table = {**GRAPHQL, FaultKind.EDIT_IGNORED: (Rejected, False)}
DELETES: Table = {
    **GRAPHQL,
    # A payload of its own, which has one kind of error.
    FaultKind.UNEXPECTED_ERROR: (Rejected, False),
}
READS: Table = {
    **GRAPHQL,
    FaultKind.SUCCESS_FALSE_200: (Unreachable, False),
    FaultKind.ERRORS_BESIDE_DATA: (Unreachable, False),
    FaultKind.PARTIAL_CREATE: (None, True),
}
"""A query has no types of errors, and a part of an answer is none."""

CLASSIC_NAMES = {
    name: f"POST /updates/{{id}}/{name}.json" for name in ("update", "destroy", "share")
}
GRAPHQL_NAMES = {
    "update": "mutation editPost", "destroy": "mutation deletePost", "share": "mutation editPost",
}  # fmt: skip


def expected(
    bench: Bench, kind: FaultKind, table: Table
) -> tuple[type[ProviderError] | None, bool]:
    return (table if bench.speaks_graphql else FAULTS)[kind]


@pytest.mark.parametrize("table", [FAULTS, GRAPHQL, EDITS, DELETES, READS])
def test_every_fault_has_its_place_in_the_tables(table: Table) -> None:
    assert set(table) == set(FaultKind)


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
    profiles = bench.on("twitter", "facebook")[: bench.provider.capabilities.create_group]
    bench.world.arm(fault(kind, bench.creates))
    error = outcome(lambda: bench.provider.create(Entry("a"), profiles))
    raised, executed = expected(bench, kind, GRAPHQL)
    assert type(error) is (raised or type(None))
    assert bench.posts() == 1
    assert bool(bench.queue(*profiles)) is executed
    if kind is FaultKind.PARTIAL_CREATE and len(profiles) > 1:
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
    endpoint = (GRAPHQL_NAMES if bench.speaks_graphql else CLASSIC_NAMES)[name]
    bench.world.arm(fault(kind, endpoint))
    error = outcome(acts[name])
    raised, executed = expected(bench, kind, DELETES if name == "destroy" else EDITS)
    assert type(error) is (raised or type(None))
    assert bench.posts() == 2
    assert (bench.queue(profile) != (live,)) is executed


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind != FaultKind.PARTIAL_CREATE])
def test_a_read_that_goes_wrong_has_no_unknown_outcome(bench: Bench, kind: FaultKind) -> None:
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a"), [profile])
    raised, _ = expected(bench, kind, READS)
    bench.world.arm(fault(kind, "query posts" if bench.speaks_graphql else "GET *"))
    error = outcome(lambda: bench.provider.read([profile]))
    wanted = Unreachable if raised is OutcomeUnknown else raised
    if kind is FaultKind.RATE_429:
        wanted = None  # a read waits as the server says, and goes on
    assert type(error) is (wanted or type(None))
    assert bench.queue(profile) == (live,)


@pytest.mark.parametrize("kind", FaultKind)
def test_no_error_holds_the_token(bench: Bench, kind: FaultKind) -> None:
    bench.world.arm(fault(kind, bench.creates))
    error = outcome(lambda: bench.provider.create(Entry("a"), bench.on("twitter", "facebook")))
    if error is not None:
        told = "".join(traceback.format_exception(error)) + repr(error)
        chain = [error.__context__, error.__cause__]
        assert TOKEN not in told + repr(chain)
    assert TOKEN not in repr(bench.provider)
