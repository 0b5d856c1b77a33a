"""Reads beside the queues: a sent list, or an id, only if the answer can matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from plancast.model.entry import Address, LiveEntry
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired, OnDrift
from plancast.reconcile.match import Facts, How, Live, match
from plancast.reconcile.needed_lookups import QUEUE_LOOKBACK, sent_needed, unlisted
from plancast.testing.builders import NOW, entry, live, moment
from tests.reconcile.making import as_it_is, binding, desired, owner
from tests.reconcile.shapes import Seen, worlds

PAST = "2026-11-23 08:00"
HOUR = timedelta(hours=1)
FACTS = Facts(as_it_is, NOW)
NEEDED: dict[str, tuple[list[Desired], list[Binding], list[LiveEntry], dict[str, Any]]] = {
    "all is where it should be": ([desired()], [binding()], [live("remote-1")], {}),
    "something new": ([desired()], [], [], {}),
    "it left the queue": (
        [desired()],
        [binding(created_at=NOW - HOUR)],
        [],
        {"p-acme-x": NOW - HOUR},
    ),
    "it left the queue, its age is not known": ([desired()], [binding()], [], {"p-acme-x": None}),
    "it is known to have gone out": (
        [desired()],
        [binding(status=BindingStatus.PUBLISHED)],
        [],
        {},
    ),
    "new, and its time has passed": (
        [desired(content=entry(at=PAST))],
        [],
        [],
        {"p-acme-x": moment("2026-11-23 07:59")},
    ),
    "new, for the queue": (
        [desired(content=entry(at=None))],
        [],
        [],
        {"p-acme-x": NOW - QUEUE_LOOKBACK},
    ),
    "renamed, for the queue": (
        [desired("new@acme-x", entry(at=None))],
        [binding("old@acme-x", entry(at=None))],
        [live("remote-1", entry(at=None))],
        {},
    ),
    "for the queue, and it is there": (
        [desired(content=entry(at=None))],
        [],
        [live("f1", entry(at=None))],
        {},
    ),
    "the earliest wins": (
        [desired("a@acme-x", entry(at=PAST)), desired("b@acme-x")],
        [binding("b@acme-x", created_at=NOW - HOUR * 5)],
        [],
        {"p-acme-x": NOW - HOUR * 5},
    ),
    "as far back as it goes wins over any time": (
        [desired("a@acme-x", entry(at=PAST)), desired("b@acme-x")],
        [binding("b@acme-x")],
        [],
        {"p-acme-x": None},
    ),
}


@pytest.mark.parametrize("case", NEEDED)
def test_a_sent_list_is_read_only_if_it_can_tell_something(case: str) -> None:
    wanted, bound, queue, needed = NEEDED[case]
    assert sent_needed(wanted, bound, queue, FACTS) == needed


def test_each_profile_is_asked_for_its_own() -> None:
    wanted = [desired("a@acme-x", entry(at=None)), desired("a@acme-fb", entry(at=PAST))]
    assert set(sent_needed(wanted, [], [], FACTS)) == {owner("acme-x").id, owner("acme-fb").id}


@given(worlds())
def test_a_profile_with_a_future_alone_needs_no_matching(seen: Seen) -> None:
    """What matching all profiles would ask for is asked for, though only some are matched."""
    gone = {one.remote_id for one in seen.bindings} - {one.id for one in seen.live.queue}
    left = {
        one.profile_id
        for one in seen.bindings
        if one.remote_id in gone and one.status is BindingStatus.SCHEDULED
    }
    matched = match(seen.desired, seen.bindings, Live(seen.live.queue), FACTS)
    new = {
        pair.desired.profile.id
        for pair in matched.pairs
        if pair.desired is not None
        and pair.how in (How.NEW, How.MISSED)
        and (pair.desired.entry.due_at is None or pair.desired.entry.due_at <= NOW)
    }
    assert set(sent_needed(seen.desired, seen.bindings, seen.live.queue, FACTS)) == left | new


def test_what_the_history_owns_does_not_explain_a_new_post() -> None:
    """Else the sent list would not be read, and what went out by hand would go out again."""
    past = binding("old@acme-x", entry(at=None), status=BindingStatus.PUBLISHED)
    new = desired("new@acme-x", entry(at=None))
    assert sent_needed([new], [past], [], FACTS) == {}
    facts = Facts(as_it_is, NOW, history=frozenset({past.address}))
    assert sent_needed([new], [past], [], facts) == {"p-acme-x": NOW - QUEUE_LOOKBACK}


# name -> (desired, owned, the ids that are looked up); nothing is in any list
UNLISTED: dict[str, tuple[list[Desired], list[Binding], list[str]]] = {
    "it would be created again": ([desired()], [binding()], ["remote-1"]),
    "it would be forgotten": ([], [binding()], ["remote-1"]),
    "it would be created under another name": (
        [desired("new@acme-x")],
        [binding("old@acme-x")],
        ["remote-1"],
    ),
    "another one was put in its place": (
        [desired("a@acme-x", entry("something else entirely", at=PAST))],
        [binding("a@acme-x")],
        [],
    ),
    "its author wants it left removed": ([desired(on_drift=OnDrift.KEEP)], [binding()], []),
    "its time has passed": (
        [desired(content=entry(at=PAST))],
        [binding(applied=entry(at=PAST))],
        [],
    ),
    "it went out": ([desired()], [binding(status=BindingStatus.PUBLISHED)], []),
}


@pytest.mark.parametrize("case", UNLISTED)
def test_an_id_is_looked_up_if_a_plan_would_act_on_its_absence(case: str) -> None:
    wanted, bound, ids = UNLISTED[case]
    assert unlisted(wanted, bound, Live(), FACTS) == ids


def test_what_a_list_shows_and_what_lies_in_the_history_is_not_looked_up() -> None:
    assert unlisted([], [binding()], Live((live("remote-1"),)), FACTS) == []
    facts = Facts(as_it_is, NOW, history=frozenset({Address("launch/teaser", "acme-x")}))
    assert unlisted([], [binding()], Live(), facts) == []


def test_what_a_person_put_back_does_not_save_the_look() -> None:
    """Ours may be there under a status that no list shows; then it must not be forgotten."""
    assert unlisted([desired()], [binding()], Live((live("f1"),)), FACTS) == ["remote-1"]
