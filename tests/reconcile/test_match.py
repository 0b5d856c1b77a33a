"""Which desired entry is which owned one, step by step; the numbers are those of the essay."""

from __future__ import annotations

import pytest

from plancast.model.diagnostics import Pointer
from plancast.model.entry import LiveEntry, LiveStatus, Stage
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired
from plancast.reconcile.match import OwnedKind, kind_of
from plancast.reconcile.moves import StatedMove
from plancast.testing.builders import entry, live
from tests.reconcile.making import binding, desired
from tests.reconcile.pairs import (
    DUE,
    GONE_OUT,
    LATER,
    LIKE,
    NEARLY,
    OTHER,
    PAST,
    QUEUED_OUT,
    RESERVED,
    TEXT,
    A,
    B,
    have,
    pair_summaries,
    run,
    sent_entry,
    waits,
    want,
)

KINDS: dict[str, tuple[Binding, LiveEntry | None, OwnedKind]] = {
    "in the queue": (have("a"), waits(have("a")), OwnedKind.WAITING),
    "a draft": (have("a"), live(content=entry(stage=Stage.DRAFT)), OwnedKind.WAITING),
    "refused": (have("a"), waits(have("a"), status=LiveStatus.FAILED), OwnedKind.FAILED),
    "reserved": (have("a", inert=True), waits(have("a")), OwnedKind.RESERVED),
    "went out": (have("a"), sent_entry(have("a")), OwnedKind.PUBLISHED),
    "went out long ago": (have("a", status=BindingStatus.PUBLISHED), None, OwnedKind.PUBLISHED),
    "in no list": (have("a"), None, OwnedKind.GONE),
    "refused, and in no list": (have("a", status=BindingStatus.FAILED), None, OwnedKind.GONE),
}


@pytest.mark.parametrize("case", KINDS)
def test_an_owned_entry_is_of_one_kind(case: str) -> None:
    owned, seen, kind = KINDS[case]
    assert kind_of(owned, seen) is kind


# -- the steps, each with what it takes and what it leaves ----------------------------------------

# name -> (desired, owned, queue, what comes of it)
STEPS: dict[str, tuple[list[Desired], list[Binding], list[LiveEntry], list[tuple[str, ...]]]] = {
    "3: same address, equal": ([want("a")], [A], [waits(A)], [("a", "3", "r-a")]),
    "3: whatever a person did to it": (
        [want("a")],
        [A],
        [waits(A, OTHER)],
        [("a", "3", "r-a")],
    ),
    "3: published": ([want("a")], [GONE_OUT], [], [("a", "3", "r-a")]),
    "3: gone": ([want("a")], [A], [], [("a", "3", "r-a")]),
    "3: reserved, without time and stage": (
        [want("a")],
        [RESERVED],
        [waits(RESERVED)],
        [("a", "3", "r-a")],
    ),
    "3: before 5, whoever waits": (
        [want("a"), want("b")],
        [GONE_OUT, have("b")],
        [waits(B)],
        [("a", "3", "r-a"), ("b", "3", "r-b")],
    ),
    "4: same address, reads equal": (
        [want("a", OTHER)],
        [A],
        [waits(A, OTHER)],
        [("a", "4", "r-a")],
    ),
    "4: before 5": (
        [want("a", OTHER), want("b", OTHER)],
        [A, have("c", OTHER)],
        [waits(A, OTHER), waits(have("c", OTHER))],
        [("a", "4", "r-a"), ("b", "5", "r-c")],
    ),
    "5: equal, other address": ([want("b")], [A], [waits(A)], [("b", "5", "r-a")]),
    "5: even if its own address is asked for": (
        [want("a", OTHER, LATER), want("b")],
        [A, have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "5", "r-b"), ("b", "5", "r-a")],
    ),
    "5: what waits before what went out": (
        [want("c", at=None)],
        [QUEUED_OUT, have("b", at=None)],
        [waits(have("b", at=None))],
        [("a", "left over", "r-a"), ("c", "5", "r-b")],
    ),
    "5: what went out before what is gone": (
        [want("c")],
        [have("a"), have("b", status=BindingStatus.PUBLISHED)],
        [],
        [("a", "left over", "r-a"), ("c", "5", "r-b")],
    ),
    "5: of a kind by address, on both sides": (
        [want("d"), want("c")],
        [have("b"), have("a")],
        [waits(B), waits(A)],
        [("c", "5", "r-a"), ("d", "5", "r-b")],
    ),
    "5: reserved, under another name": (
        [want("b")],
        [RESERVED],
        [waits(RESERVED)],
        [("b", "5", "r-a")],
    ),
    "6: reads equal, other address": (
        [want("b", OTHER)],
        [A],
        [waits(A, OTHER)],
        [("b", "6", "r-a")],
    ),
    "6: not if a file asks for its address": (
        [want("a", LIKE), want("b", OTHER)],
        [A],
        [waits(A, OTHER)],
        [("a", "7", "r-a"), ("b", "g", "-")],
    ),
    "6a: texts in a circle": (
        [want("a", OTHER, DUE), want("b", TEXT, LATER)],
        [A, have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "6a", "r-b"), ("b", "6a", "r-a")],
    ),
    "6a: texts in a row": (
        [want("a", OTHER, DUE), want("b", LIKE, LATER)],
        [A, have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "6a", "r-b"), ("b", "10", "r-a")],
    ),
    "6a: whose own entry went to another file": (
        [want("a", TEXT, LATER), want("b", OTHER), want("c", NEARLY, None)],
        [have("a", OTHER), have("b", OTHER, PAST, status=BindingStatus.PUBLISHED), have("c")],
        [waits(have("a", OTHER)), waits(have("c"))],
        [("a", "6a", "r-c"), ("b", "5", "r-a"), ("c", "g", "-"), ("b", "left over", "r-b")],
    ),
    "6a: not what is said every week": (
        [want("a"), want("b", TEXT, LATER)],
        [A, have("c", TEXT, DUE)],
        [waits(A), waits(have("c", TEXT, DUE))],
        [("a", "3", "r-a"), ("b", "g", "-"), ("c", "left over", "r-c")],
    ),
    "6a: not if two files say it": (
        [want("a", OTHER, DUE), want("c", OTHER, DUE)],
        [A, have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "7", "r-a"), ("b", "left over", "r-b"), ("c", "g", "-")],
    ),
    "6a: a protected entry keeps its file": (
        [want("a", OTHER, DUE, protect=True), want("b", TEXT, LATER)],
        [have("a", protect=True), have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "7", "r-a"), ("b", "7", "r-b")],
    ),
    "6a: unless both are protected": (
        [want("a", OTHER, DUE, protect=True), want("b", TEXT, LATER, protect=True)],
        [have("a", protect=True), have("b", OTHER, LATER, protect=True)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "6a", "r-b"), ("b", "6a", "r-a")],
    ),
    "6a: not for what went out, and may be this": (
        [want("a", NEARLY, None)],
        [QUEUED_OUT, have("b", NEARLY, LATER)],
        [waits(have("b", NEARLY, LATER))],
        [("a", "c", "-"), ("b", "left over", "r-b")],
    ),
    "7: half of the text": (
        [want("a", LIKE, LATER)],
        [A],
        [waits(A)],
        [("a", "7", "r-a")],
    ),
    "7: the same minute": ([want("a", OTHER)], [A], [waits(A)], [("a", "7", "r-a")]),
    "7: the minute that a person gave it": (
        [want("a", OTHER, LATER)],
        [A],
        [waits(A, due_at=entry(at=LATER).due_at)],
        [("a", "7", "r-a")],
    ),
    "7: published, and not to come": (
        [want("a", NEARLY, PAST)],
        [have("a", at=PAST, status=BindingStatus.PUBLISHED)],
        [],
        [("a", "7", "r-a")],
    ),
    "7: published, for the queue, nearly the same": (
        [want("a", NEARLY, None)],
        [QUEUED_OUT],
        [],
        [("a", "7", "r-a")],
    ),
    "7: published, for the queue, and what says just this still waits elsewhere": (
        [want("a", NEARLY, None)],
        [QUEUED_OUT, have("b", NEARLY, LATER)],
        [waits(have("b", NEARLY, LATER))],
        [("a", "c", "-"), ("b", "left over", "r-b")],
    ),
    "7: before 8": (
        [want("a", NEARLY), want("b", NEARLY, LATER)],
        [A],
        [waits(A)],
        [("a", "7", "r-a"), ("b", "g", "-")],
    ),
    "8: renamed and edited": (
        [want("b", LIKE)],
        [A],
        [waits(A)],
        [("b", "8", "r-a")],
    ),
    "8: by what is live, if that is liker": (
        [want("b", NEARLY, LATER)],
        [have("a", OTHER)],
        [waits(have("a", OTHER), TEXT)],
        [("b", "8", "r-a")],
    ),
    "8: not if two are about as good": (
        [want("c", NEARLY)],
        [A, have("b", LIKE)],
        [waits(A), waits(have("b", NEARLY.replace("new", "old")))],
        [("a", "left over", "r-a"), ("b", "left over", "r-b"), ("c", "g", "-")],
    ),
    "8: not if two ask for it": (
        [want("b", NEARLY), want("c", TEXT.replace(".", "?"))],
        [A],
        [waits(A)],
        [("a", "left over", "r-a"), ("b", "g", "-"), ("c", "g", "-")],
    ),
    "8: not what is said elsewhere, without a time in common": (
        [want("b", NEARLY, LATER), want("d", TEXT, "2026-12-20 09:00")],
        [A, have("d", TEXT, "2026-12-20 09:00")],
        [waits(A), waits(have("d", TEXT, "2026-12-20 09:00"))],
        [("a", "left over", "r-a"), ("b", "g", "-"), ("d", "3", "r-d")],
    ),
    "8: published, and not to come": (
        [want("b", NEARLY, PAST)],
        [have("a", at=PAST, status=BindingStatus.PUBLISHED)],
        [],
        [("b", "8", "r-a")],
    ),
    "8: never published for what is to come": (
        [want("b", NEARLY, LATER)],
        [have("a", at=PAST, status=BindingStatus.PUBLISHED)],
        [],
        [("a", "left over", "r-a"), ("b", "g", "-")],
    ),
    "8: gone is not renamed with an edit": (
        [want("b", NEARLY)],
        [A],
        [],
        [("a", "left over", "r-a"), ("b", "g", "-")],
    ),
    "8: protected only with protected": (
        [want("b", NEARLY)],
        [have("a", protect=True)],
        [waits(A)],
        [("a", "left over", "r-a"), ("b", "g", "-")],
    ),
    "8: protected with protected": (
        [want("b", NEARLY, protect=True)],
        [have("a", protect=True)],
        [waits(A)],
        [("b", "8", "r-a")],
    ),
    "8: what went out is a rival for the queue": (
        [want("c", NEARLY, None)],
        [QUEUED_OUT, have("b", LIKE, None)],
        [waits(have("b", LIKE, None))],
        [("b", "left over", "r-b"), ("c", "d", "-")],
    ),
    "9: same address, anything": (
        [want("a", OTHER, LATER)],
        [A],
        [waits(A)],
        [("a", "9", "r-a")],
    ),
    "9: published, and not to come": (
        [want("a", OTHER, "2026-11-20 08:00")],
        [have("a", at=PAST, status=BindingStatus.PUBLISHED)],
        [],
        [("a", "9", "r-a")],
    ),
    "9: gone": ([want("a", OTHER, LATER)], [A], [], [("a", "9", "r-a")]),
    "10: the last one gets what the first one left": (
        [want("a", OTHER, LATER), want("b", "Thank you for a thousand orders.", PAST[:8] + "30")],
        [A, have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "5", "r-b"), ("b", "10", "r-a")],
    ),
    "10: not if a person changed it": (
        [want("a", OTHER, LATER), want("b", "Thank you for a thousand orders.", PAST[:8] + "30")],
        [A, have("b", OTHER, LATER)],
        [waits(A, "Touched by hand."), waits(have("b", OTHER, LATER))],
        [("a", "left over", "r-a"), ("a", "5", "r-b"), ("b", "g", "-")],
    ),
    "10: not into the past": (
        [want("a", OTHER, LATER), want("b", "Thank you for a thousand orders.", PAST)],
        [A, have("b", OTHER, LATER)],
        [waits(A), waits(have("b", OTHER, LATER))],
        [("a", "left over", "r-a"), ("a", "5", "r-b"), ("b", "f", "-")],
    ),
}


@pytest.mark.parametrize("case", STEPS)
def test_a_step_takes_what_it_says_and_nothing_else(case: str) -> None:
    wanted, bound, queue, expected = STEPS[case]
    found = run(wanted, bound, queue)
    assert sorted(pair_summaries(found)) == sorted(
        (f"{one[0]}@acme-x", *one[1:]) for one in expected
    )
    assert found.unmanaged == ()
    assert sorted(pair_summaries(run(wanted[::-1], bound[::-1], queue[::-1]))) == sorted(
        pair_summaries(found)
    )


# -- step 2: what authors state -------------------------------------------------------------------


def moved(old: str, new: str) -> StatedMove:
    return StatedMove(old, new, Pointer("_moves.yaml"))


def test_what_an_author_states_comes_before_everything_else() -> None:
    wanted = [want("b", OTHER, LATER), want("c")]
    found = run(wanted, [A], [waits(A)], stated=[moved("a", "b")])
    assert pair_summaries(found) == [("b@acme-x", "2", "r-a"), ("c@acme-x", "g", "-")]


def test_a_published_post_may_be_stated_to_be_itself() -> None:
    owned = have("a", at=None, status=BindingStatus.PUBLISHED)
    assert pair_summaries(run([want("a", OTHER, None)], [owned])) == [("a@acme-x", "c", "-")]
    found = run([want("a", OTHER, None)], [owned], stated=[moved("a", "a")])
    assert pair_summaries(found) == [("a@acme-x", "2", "r-a")]


# Posts of a series differ by their numbers, and are all alike.
FIRST, SECOND = f"Tip 1 of the week. {TEXT}", f"Tip 2 of the week. {TEXT}"
FIRST_EDITED = f"Tip 1 of the week. {NEARLY}"


def test_of_a_series_a_statement_counts_although_the_own_entry_is_liker() -> None:
    """Another file asks for the old content of the address, so the move is still to be made."""
    over = have("a", f"{FIRST_EDITED} Soon.", status=BindingStatus.PUBLISHED)
    own = have("b", SECOND, LATER, status=BindingStatus.PUBLISHED)
    wanted = [want("b", FIRST), want("c", SECOND, LATER)]
    found = run(wanted, [over, own], stated=[moved("a", "b")])
    assert pair_summaries(found) == [("b@acme-x", "2", "r-a"), ("c@acme-x", "5", "r-b")]
    found = run(wanted[:1], [over, own], stated=[moved("a", "b")])
    assert ("b@acme-x", "2", "r-a") not in pair_summaries(found), "it was moved before"


def test_of_a_series_what_went_out_is_no_edit_of_what_waits() -> None:
    over, waiting = have("a", FIRST, None, status=BindingStatus.PUBLISHED), have("b", SECOND, LATER)
    found = run([want("b", FIRST_EDITED, None)], [over, waiting], [waits(waiting)])
    assert pair_summaries(found) == [("b@acme-x", "d", "-"), ("b@acme-x", "left over", "r-b")]


def test_of_a_series_the_likest_that_went_out_is_asked_about() -> None:
    first = have("a", FIRST, None, status=BindingStatus.PUBLISHED)
    second = have("b", SECOND, None, status=BindingStatus.PUBLISHED)
    found = run([want("b", FIRST_EDITED, None)], [first, second])
    assert ("b@acme-x", "7", "r-b") not in pair_summaries(found)
    assert ("b@acme-x", "c", "-") in pair_summaries(found)


def test_what_shall_stay_as_it_is_goes_to_no_other_post_by_likeness() -> None:
    wanted = [want("b", f"{TEXT} And more.")]
    assert pair_summaries(run(wanted, [A], [waits(A)])) == [("b@acme-x", "8", "r-a")]
    found = run(wanted, [A], [waits(A)], kept={"a"})
    assert pair_summaries(found) == [("a@acme-x", "left over", "r-a"), ("b@acme-x", "g", "-")]


def test_a_stated_move_is_made_on_each_profile() -> None:
    wanted = [desired("b@acme-x", entry(OTHER)), desired("b@acme-fb", entry(OTHER, at=LATER))]
    bound = [
        binding("a@acme-x", entry(TEXT), remote_id="r-x"),
        binding("a@acme-fb", entry(TEXT), remote_id="r-fb"),
    ]
    found = run(
        wanted, bound, [live("r-x"), live("r-fb", alias="acme-fb")], stated=[moved("a", "b")]
    )
    assert pair_summaries(found) == [("b@acme-fb", "2", "r-fb"), ("b@acme-x", "2", "r-x")]


# -- many at once ---------------------------------------------------------------------------------


def test_among_thousands_an_edited_rename_is_found_by_its_minute_or_its_text() -> None:
    count = 2_050
    at = [
        f"2027-{1 + n // 600:02d}-{1 + n // 24 % 25:02d} {n % 24:02d}:{n // 600 + 10}"
        for n in range(count)
    ]
    bound = [have(f"old-{n}", f"Number {n}: {OTHER}", at[n]) for n in range(count)]
    wanted = [want(f"new-{n}", f"Number {n}: {TEXT}", at[n]) for n in range(count)]
    found = run(wanted, bound, [waits(one) for one in bound])
    hows = {how for _, how, _ in pair_summaries(found)}
    assert hows == {"left over", "g"}, "the texts say something else: a minute alone is not clear"
    same = [want(f"new-{n}", f"Number {n}: {OTHER}", at[n][:-1] + "9") for n in range(count)]
    again = run(same, bound, [waits(one) for one in bound])
    assert {how for _, how, _ in pair_summaries(again)} == {"6a"}
