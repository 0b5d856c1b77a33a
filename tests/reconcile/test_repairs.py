"""Repairs: which edit of its file schedules an entry again that its network refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from plancast.model.entry import Entry, Image, LiveEntry, LiveStatus, QueuePosition
from plancast.model.plan import Action, Change, Situation
from plancast.model.state import BindingStatus
from plancast.model.workspace import OnDrift
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.match import How, Pair
from plancast.reconcile.repairs import replaced_entry
from plancast.testing.builders import NOW, entry, live, moment
from tests.reconcile.making import as_it_is, binding, desired

TRIED, LATER = "2026-11-23 08:00", "2026-12-02 08:30"
ERROR = "Status is a duplicate."
S = Situation

TIMED, QUEUED = entry(at=TRIED), entry(at=None)
EDITS = {
    "nothing": {},
    "text": {"text": "mended"},
    "images": {"images": (Image("https://a.example/2.png", "Two"),)},
    "time": {"due_at": moment(LATER)},
    "time and text": {"due_at": moment(LATER), "text": "mended"},
    "into the queue": {"due_at": None, "queue": QueuePosition.NEXT},
}


def failed(content: Entry, due_at: str = TRIED) -> LiveEntry:
    return live(content=content, due_at=due_at, status=LiveStatus.FAILED, error=ERROR)


def of(
    applied: Entry,
    wish: Entry,
    seen: Entry | None = None,
    *,
    edits_failed: bool = True,
    on_drift: OnDrift = OnDrift.OVERWRITE,
) -> Change:
    owned = binding(applied=applied, status=BindingStatus.FAILED)
    item = desired(content=wish, on_drift=on_drift)
    pair = Pair(item.address, How.SAME, item, owned, failed(seen or applied))
    return diff(pair, DiffContext(NOW, as_it_is, {}, "Buffer", edits_failed))


@pytest.mark.parametrize(
    ("applied", "edit", "edits_failed"),
    list(product((TIMED, QUEUED), EDITS, (True, False))),
)
def test_the_table_of_edits(applied: Entry, edit: str, edits_failed: bool) -> None:
    wish = replace(applied, **EDITS[edit])  # type: ignore[arg-type]
    change = of(applied, wish, edits_failed=edits_failed)
    assert change.situations == (S.FAILED,)
    assert ERROR in change.reason
    is_late = wish.due_at is not None and wish.due_at <= NOW
    if wish == applied:
        assert change.action is Action.NONE
        assert change.reason.endswith("another time" if applied is TIMED else "of the queue")
        assert change.fields == ()
    elif is_late:
        assert change.action is Action.NONE
        assert change.fields, "the plan shows what was mended"
        assert change.reason.endswith("give it another time")
    else:
        assert change.action is (Action.UPDATE if edits_failed else Action.CREATE)
        assert change.due_at == wish.due_at, "the time at which it was tried is over"
        assert change.is_repair is edits_failed


DRIFT = replace(TIMED, text="touched")

# name -> (wish, what a person left in Buffer, on_drift) -> (action, situations)
DRIFTED: dict[str, tuple[Entry, OnDrift, Action, tuple[Situation, ...]]] = {
    "a file that is unchanged": (TIMED, OnDrift.OVERWRITE, Action.NONE, (S.FAILED, S.DRIFTED)),
    "a file that is unchanged, keep": (TIMED, OnDrift.KEEP, Action.NONE, (S.FAILED, S.DRIFTED)),
    "a file that is unchanged, fail": (
        TIMED,
        OnDrift.FAIL,
        Action.NONE,
        (S.FAILED, S.DRIFTED, S.BLOCKED),
    ),
    "a new time": (
        replace(TIMED, due_at=moment(LATER)),
        OnDrift.OVERWRITE,
        Action.UPDATE,
        (S.FAILED, S.DRIFTED),
    ),
    "a new time, keep": (
        replace(TIMED, due_at=moment(LATER)),
        OnDrift.KEEP,
        Action.NONE,
        (S.FAILED, S.DRIFTED, S.BLOCKED),
    ),
}


@pytest.mark.parametrize("case", DRIFTED)
def test_what_a_person_wrote_into_a_failed_entry_sends_nothing_by_itself(case: str) -> None:
    wish, on_drift, action, situations = DRIFTED[case]
    change = of(TIMED, wish, DRIFT, on_drift=on_drift)
    assert (change.action, change.situations) == (action, situations)
    assert [leaf.path for leaf in change.drift] == ["text"]


def test_drift_of_a_failed_queue_entry_sends_nothing() -> None:
    assert of(QUEUED, QUEUED, replace(QUEUED, text="touched")).action is Action.NONE


def test_a_failed_entry_is_not_adopted_as_it_is() -> None:
    """The file says what a person wrote into it: that is in Buffer, and does not go out."""
    mended = replace(QUEUED, text="mended")
    assert of(QUEUED, mended, mended).action is Action.UPDATE


@pytest.mark.parametrize("content", [TIMED, QUEUED])
def test_a_failed_entry_holds_no_place_in_the_queue(content: Entry) -> None:
    change = of(content, replace(content, text="mended", due_at=moment(LATER)))
    replaced = replaced_entry(change)
    assert replaced is not None
    assert (replaced.text, replaced.due_at) == (content.text, moment(TRIED))
    waiting = replace(change, live=live(content=content, due_at=LATER))
    assert replaced_entry(waiting) == content


def test_a_create_replaces_nothing_that_can_be_updated() -> None:
    change = of(TIMED, replace(TIMED, due_at=moment(LATER)), edits_failed=False)
    assert (change.remote_id, change.before, change.live) == ("", None, None)
    assert replaced_entry(change) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("", "the network refused it and gave no reason; "),
        ("No.", "the network refused it: No; "),
        (ERROR, "the profile has the same text already"),
    ],
)
def test_each_reason_begins_a_sentence(error: str, words: str) -> None:
    seen = replace(failed(TIMED), error=error)
    item = desired(content=TIMED)
    pair = Pair(item.address, How.SAME, item, binding(applied=TIMED))
    change = diff(replace(pair, live=seen), DiffContext(NOW, as_it_is, {}, "Buffer"))
    assert change.reason.startswith(words)
