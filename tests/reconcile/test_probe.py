"""A probe's pure half: answers, what is ours among what is live, and the uses of findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.features import RepeatRule
from plancast.model.findings import Answer, Findings, ProbeKind, ProbeObject, Question
from plancast.reconcile.findings_use import repeat_rule_after, unfit_safety
from plancast.reconcile.probe_answers import (
    LINK,
    edit_answer,
    far_time_answer,
    is_text_of,
    link_answer,
    probe_text,
    same_item_answer,
)
from plancast.reconcile.probe_leftovers import (
    LeftoverFacts,
    Leftovers,
    Shown,
    sort_leftovers,
    without_probes,
)
from plancast.testing.builders import NOW, entry, live

MARKER, OTHER = "plancast probe l.4-1", "plancast probe l.4-2"
TEXT = probe_text(MARKER)
QUIET = timedelta(minutes=2)

# -- answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        (TEXT, Answer.AS_WRITTEN),
        (f" {TEXT}\n", Answer.AS_WRITTEN),
        (TEXT.replace(LINK, "https://buff.ly/x"), Answer.SHORTENED),
        (TEXT.replace(LINK, ""), Answer.CHANGED),
        ("", Answer.CHANGED),
        ("Another text https://buff.ly/x", Answer.CHANGED),
    ],
)
def test_what_became_of_a_link(shown: str, answer: Answer) -> None:
    assert link_answer(MARKER, shown) is answer


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        (TEXT, Answer.PATCHES),
        (TEXT.replace(LINK, "https://buff.ly/x"), Answer.PATCHES),
        ("", Answer.REPLACES),
        (" \n", Answer.REPLACES),
        ("Another text", Answer.UNCLEAR),
        (probe_text(OTHER), Answer.UNCLEAR),
    ],
)
def test_what_an_edit_without_a_text_did(shown: str, answer: Answer) -> None:
    assert edit_answer(MARKER, shown) is answer


def test_times_and_items_are_compared() -> None:
    assert far_time_answer(NOW, NOW) is Answer.KEPT
    assert far_time_answer(NOW, NOW + timedelta(minutes=1)) is Answer.CHANGED
    assert far_time_answer(NOW, None) is Answer.CHANGED
    assert same_item_answer("a", "a") is Answer.SAME_ITEM
    assert same_item_answer("a", "b") is Answer.ANOTHER_ITEM


@given(st.text(max_size=30))
def test_an_edited_text_is_not_that_of_a_probe(words: str) -> None:
    text = f"{words}{TEXT}"
    assert is_text_of(text, MARKER) is not bool(words.strip())
    assert not is_text_of(TEXT.replace(MARKER, MARKER + "0"), MARKER)


# -- leftovers ---------------------------------------------------------------------------------


def record(remote_id: str = "", marker: str = MARKER) -> ProbeObject:
    return ProbeObject(ProbeKind.POST, marker, "p1", NOW, remote_id=remote_id)


@dataclass(frozen=True)
class Row:
    """Records and live objects, with the field of the decision that gets the records."""

    records: tuple[ProbeObject, ...]
    shown: tuple[Shown, ...]
    field: str
    removed: tuple[str, ...] = ()
    after: timedelta = timedelta(0)


def shown(identity: str, text: str = TEXT, after: timedelta = timedelta(0)) -> Shown:
    return Shown(identity, (text,), NOW + after)


WAIT = QUIET + timedelta(seconds=1)
EARLIER = timedelta(minutes=-3)
ROWS = {
    "known and there": Row((record("r1"),), (shown("r1"),), "remove", ("r1",)),
    "known, and emptied by an edit": Row((record("r1"),), (shown("r1", ""),), "remove", ("r1",)),
    "known, its link shortened": Row(
        (record("r1"),),
        (shown("r1", TEXT.replace(LINK, "https://x.example")),),
        "remove",
        ("r1",),
    ),
    "known and gone": Row((record("r1"),), (), "settled"),
    "known, a copy of a person's beside it": Row(
        (record("r1"),), (shown("r1"), shown("r2")), "remove", ("r1",)
    ),
    "known and gone, a copy of a person's left": Row((record("r1"),), (shown("r2"),), "settled"),
    "known, edited by a person": Row((record("r1"),), (shown("r1", "Mine."),), "taken_over"),
    "unknown and there": Row((record(),), (shown("r1"),), "remove", ("r1",)),
    "unknown, edited by a person": Row((record(),), (shown("r1", "Mine."),), "waiting"),
    "unknown, empty": Row((record(),), (shown("r1", ""),), "waiting"),
    "unknown, from before the record": Row((record(),), (shown("r1", TEXT, EARLIER),), "waiting"),
    "unknown, of an unknown age": Row((record(),), (Shown("r1", (TEXT,), None),), "waiting"),
    "unknown, of another record": Row((record(),), (shown("r1", probe_text(OTHER)),), "waiting"),
    "unknown, and two of them": Row((record(),), (shown("r1"), shown("r2")), "unclear"),
    "two unknown, and two of them": Row(
        (record(), record()), (shown("r1"), shown("r2")), "remove", ("r1", "r2")
    ),
    "two unknown, and three of them": Row(
        (record(), record()), (shown("r1"), shown("r2"), shown("r3")), "unclear"
    ),
    "unknown, may arrive": Row((record(),), (), "waiting"),
    "unknown, cannot arrive any more": Row((record(),), (), "settled", after=WAIT),
    "an item with posts of two records": Row(
        (record("i1"),), (Shown("i1", (TEXT, probe_text(OTHER)), NOW),), "remove", ("i1",)
    ),
    "an item with a post of a person": Row(
        (record("i1"),), (Shown("i1", (TEXT, "Mine."), NOW),), "taken_over"
    ),
    "an item without posts": Row((record("i1"),), (Shown("i1", (), NOW),), "remove", ("i1",)),
    "an unknown item without posts": Row((record(),), (Shown("i1", (), NOW),), "waiting"),
}


def decided(row: Row, owned: frozenset[str] = frozenset()) -> Leftovers:
    facts = LeftoverFacts(NOW + row.after, QUIET, frozenset({MARKER, OTHER}), owned)
    return sort_leftovers(row.records, row.shown, facts)


@pytest.mark.parametrize("name", ROWS)
def test_what_is_left_of_a_probe(name: str) -> None:
    row = ROWS[name]
    found = decided(row)
    assert tuple(remote_id for remote_id, _ in found.remove) == row.removed
    placed = {
        "remove": tuple(one for _, one in found.remove),
        "settled": found.settled,
        "taken_over": found.taken_over,
        "waiting": found.waiting,
        "unclear": found.unclear,
    }
    assert placed[row.field] == row.records
    assert sum(map(len, placed.values())) == len(row.records), "each record has one place"


@pytest.mark.parametrize("name", ROWS)
def test_nothing_that_the_state_owns_is_removed(name: str) -> None:
    row = ROWS[name]
    assert decided(row, frozenset(one.id for one in row.shown)).remove == ()


def test_a_plan_does_not_see_what_a_probe_left() -> None:
    mine, left, emptied = live("r1", entry("Mine.")), live("r2", entry(TEXT)), live("r3", entry(""))
    edited, empty = live("r4", entry("Mine now.")), live("r5", entry(""))
    entries = (mine, left, emptied, edited, empty)
    assert without_probes(entries, (record(), record("r3"), record("r4"))) == (mine, edited, empty)
    assert without_probes(entries, ()) == entries


# -- uses --------------------------------------------------------------------------------------

RULE = RepeatRule(timedelta(hours=24))


def found(question: Question, answer: Answer) -> Findings:
    return Findings("acc", "graphql", NOW, {question: answer})


@pytest.mark.parametrize(
    ("answer", "account", "api", "holds"),
    [
        (Answer.ACCEPTED, "acc", "graphql", False),
        (Answer.REFUSED, "acc", "graphql", True),
        (Answer.UNCLEAR, "acc", "graphql", True),
        (Answer.ACCEPTED, "another", "graphql", True),
        (Answer.ACCEPTED, "acc", "v1", True),
    ],
)
def test_the_rule_about_repeated_texts_goes_if_the_account_takes_them(
    answer: Answer, account: str, api: str, holds: bool
) -> None:
    known = found(Question.DUPLICATE, answer)
    assert repeat_rule_after(RULE, known, account, api) == (RULE if holds else None)
    assert repeat_rule_after(None, known, account, api) is None
    assert repeat_rule_after(RULE, None, account, api) == RULE


@pytest.mark.parametrize("safety", ["direct", "strict"])
@pytest.mark.parametrize(
    ("answer", "warns"),
    [
        (Answer.KEPT, False),
        (Answer.CHANGED, True),
        (Answer.REFUSED, True),
        (Answer.UNCLEAR, False),
    ],
)
def test_strict_is_warned_of_if_far_times_are_not_kept(
    safety: str, answer: Answer, warns: bool
) -> None:
    known = found(Question.FAR_TIME, answer)
    codes = [item.code for item in unfit_safety(safety, known, "acc", "graphql")]
    assert codes == (["PC852"] if warns and safety == "strict" else [])
    assert unfit_safety(safety, known, "another", "graphql") == ()
    assert unfit_safety(safety, None, "acc", "graphql") == ()
    assert unfit_safety(safety, replace(known, answers={}), "acc", "graphql") == ()
