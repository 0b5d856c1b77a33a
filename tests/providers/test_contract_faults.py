"""The duties of every provider when things go wrong: say what is known, and never try again."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

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
from tests.providers.provider_setup import DUE, TOKEN, ProviderSetup, content_items

Table = Mapping[FaultKind, tuple[type[ProviderError] | None, bool]]
"""fault -> (what a create raises, whether it was carried out)"""

pytestmark = pytest.mark.part(6)

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
    # A fault that API v1 has no form for strikes no request.
    FaultKind.ERRORS_BESIDE_DATA: (None, True),
    FaultKind.EDIT_IGNORED: (None, True),
    FaultKind.UNEXPECTED_ERROR: (None, True),
    FaultKind.NEW_ENUM: (None, True),
    FaultKind.FAILURE_AFTER: (None, True),
}
GRAPHQL: Table = {
    **FAULTS,
    FaultKind.MESSAGE_OBJECT: (Unauthorized, False),  # FORBIDDEN
    FaultKind.HTML_403: (Unreachable, False),  # the edge lets nothing pass
    FaultKind.UNEXPECTED_ERROR: (OutcomeUnknown, False),
    FaultKind.FAILURE_AFTER: (OutcomeUnknown, True),
}
EDITS: Table = {**GRAPHQL, FaultKind.EDIT_IGNORED: (Rejected, False)}
DELETES: Table = {
    **GRAPHQL,
    # A payload of its own, which has one kind of error.
    FaultKind.UNEXPECTED_ERROR: (Rejected, False),
    FaultKind.FAILURE_AFTER: (Rejected, True),
}
READS: Table = {
    **GRAPHQL,
    FaultKind.SUCCESS_FALSE_200: (Unreachable, False),
    FaultKind.ERRORS_BESIDE_DATA: (Unreachable, False),
    FaultKind.PARTIAL_CREATE: (None, True),
    FaultKind.FAILURE_AFTER: (None, True),
}
"""A query has no types of errors, and a part of an answer is none."""

ITEMS: Table = {
    **GRAPHQL,
    # One type for a refusal and for what failed later, so it never says no.
    FaultKind.SUCCESS_FALSE_200: (OutcomeUnknown, False),
}

CLASSIC_NAMES = {
    name: f"POST /updates/{{id}}/{name}.json" for name in ("update", "destroy", "share")
}
GRAPHQL_NAMES = {
    "update": "mutation editPost", "destroy": "mutation deletePost", "share": "mutation editPost",
}  # fmt: skip


def expected(
    provider_setup: ProviderSetup, kind: FaultKind, table: Table
) -> tuple[type[ProviderError] | None, bool]:
    return (table if provider_setup.speaks_graphql else FAULTS)[kind]


@pytest.mark.parametrize("table", [FAULTS, GRAPHQL, EDITS, DELETES, READS, ITEMS])
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
    provider_setup: ProviderSetup, kind: FaultKind
) -> None:
    profiles = provider_setup.on("twitter", "facebook")[
        : provider_setup.provider.capabilities.create_group
    ]
    provider_setup.world.arm(fault(kind, provider_setup.creates))
    error = outcome(lambda: provider_setup.provider.create(Entry("a"), profiles))
    raised, executed = expected(provider_setup, kind, GRAPHQL)
    assert type(error) is (raised or type(None))
    assert provider_setup.posts() == 1
    assert bool(provider_setup.queue(*profiles)) is executed
    if kind is FaultKind.PARTIAL_CREATE and len(profiles) > 1:
        assert isinstance(error, OutcomeUnknown)
        assert error.confirmed == provider_setup.queue(*profiles)
    if isinstance(error, RateLimited):
        assert error.retry_after == 7


@pytest.mark.parametrize("kind", FaultKind)
def test_a_content_item_that_goes_wrong_is_sent_once_and_says_what_is_known(
    kind: FaultKind, tmp_path: Path
) -> None:
    with content_items(tmp_path) as setup:
        profiles = setup.on("twitter", "facebook", "linkedin")
        setup.world.arm(fault(kind, "mutation createContentItem"))
        error = outcome(lambda: setup.provider.create(Entry("a"), profiles))
        raised, executed = ITEMS[kind]
        assert type(error) is (raised or type(None))
        assert setup.posts() == 1, "nothing is sent one by one"
        made = [live.profile_id for live in setup.queue(*profiles)]
        kept = profiles[:-1] if kind is FaultKind.PARTIAL_CREATE else profiles
        assert sorted(made) == (sorted(one.id for one in kept) if executed else [])
        if isinstance(error, OutcomeUnknown):
            assert (error.confirmed, dict(error.refused)) == ((), {})


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind != FaultKind.PARTIAL_CREATE])
@pytest.mark.parametrize("name", ["update", "destroy", "share"])
def test_other_changes_that_go_wrong_are_sent_once_too(
    provider_setup: ProviderSetup, kind: FaultKind, name: str
) -> None:
    (profile,) = provider_setup.on("twitter")
    (live,) = provider_setup.provider.create(Entry("a", DUE), [profile])
    acts: dict[str, Callable[[], object]] = {
        "update": lambda: provider_setup.provider.update(
            live.id, Entry("b", DUE), live.entry, profile
        ),
        "destroy": lambda: provider_setup.provider.delete(live.id),
        "share": lambda: provider_setup.provider.share(live.id),
    }
    endpoint = (GRAPHQL_NAMES if provider_setup.speaks_graphql else CLASSIC_NAMES)[name]
    provider_setup.world.arm(fault(kind, endpoint))
    error = outcome(acts[name])
    raised, executed = expected(provider_setup, kind, DELETES if name == "destroy" else EDITS)
    assert type(error) is (raised or type(None))
    assert provider_setup.posts() == 2
    assert (provider_setup.queue(profile) != (live,)) is executed


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind != FaultKind.PARTIAL_CREATE])
def test_a_read_that_goes_wrong_has_no_unknown_outcome(
    provider_setup: ProviderSetup, kind: FaultKind
) -> None:
    (profile,) = provider_setup.on("twitter")
    (live,) = provider_setup.provider.create(Entry("a"), [profile])
    raised, _ = expected(provider_setup, kind, READS)
    provider_setup.world.arm(
        fault(kind, "query posts" if provider_setup.speaks_graphql else "GET *")
    )
    error = outcome(lambda: provider_setup.provider.read([profile]))
    wanted = Unreachable if raised is OutcomeUnknown else raised
    if kind is FaultKind.RATE_429:
        wanted = None  # a read waits as the server says, and goes on
    assert type(error) is (wanted or type(None))
    assert provider_setup.queue(profile) == (live,)


@pytest.mark.parametrize("kind", FaultKind)
def test_no_error_holds_the_token(provider_setup: ProviderSetup, kind: FaultKind) -> None:
    provider_setup.world.arm(fault(kind, provider_setup.creates))
    error = outcome(
        lambda: provider_setup.provider.create(Entry("a"), provider_setup.on("twitter", "facebook"))
    )
    if error is not None:
        output = "".join(traceback.format_exception(error)) + repr(error)
        chain = [error.__context__, error.__cause__]
        assert TOKEN not in output + repr(chain)
    assert TOKEN not in repr(provider_setup.provider)
