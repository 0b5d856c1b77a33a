"""Laws of any matching after a loss of the state, and its results on a whole month."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import LiveEntry, LiveStatus
from plancast.model.workspace import Desired
from plancast.rebuild.rebuild import RebuildStage, rebuild
from plancast.reconcile.match import Live
from plancast.reconcile.similarity import Rare, likeness, wording
from plancast.testing.builders import NOW, TEXT, entry, live
from tests import strategies
from tests.reconcile.making import as_it_is, desired
from tests.reconcile.months import month

EDITED = "Something new is coming to your workshop. Tomorrow, 10:30."
LINKED = "All about the workshop: https://acme.example/launch"
SHORT = "All about the workshop: https://buff.ly/3xYz"
Case = tuple[list[Desired], list[LiveEntry], list[LiveEntry]]

TEXTS = [
    TEXT,
    EDITED,
    "Fresh bread from the old oven.",
    LINKED,
    SHORT,
    "https://a.example/1",
    "https://buff.ly/1",
    "Hi",
    "",
]
texts = st.sampled_from(TEXTS)
times = st.none() | st.integers(0, 400).map(lambda half: NOW + timedelta(minutes=30 * half))
aliases = st.sampled_from(["acme-x", "acme-fb"])


@st.composite
def queues(draw: st.DrawFn) -> Case:
    """Few texts at few times, so that much is like much else."""
    wanted = [
        desired(f"p{number}@{draw(aliases)}", entry(draw(texts), at=draw(times)))
        for number in range(draw(st.integers(0, 7)))
    ]
    entries = []
    for number in range(draw(st.integers(0, 9))):
        at = draw(times)
        status = draw(st.sampled_from([LiveStatus.SCHEDULED] * 3 + [LiveStatus.PUBLISHED]))
        entries.append(
            live(
                f"r{number}",
                entry(draw(texts), at=draw(st.sampled_from([None, at]))),
                alias=draw(aliases),
                due_at=at,
                status=status,
                sent_at=at if status is LiveStatus.PUBLISHED else None,
            )
        )
    waiting = [item for item in entries if item.status is LiveStatus.SCHEDULED]
    return wanted, waiting, [item for item in entries if item.status is LiveStatus.PUBLISHED]


@given(queues())
def test_every_address_and_every_waiting_entry_has_one_place(
    case: Case,
) -> None:
    wanted, queue, sent = case
    found = rebuild(wanted, Live(tuple(queue), tuple(sent)), (), as_it_is)
    places = [item.item.address for item in found.matches]
    places += [asked.item.address for asked in found.ambiguous]
    places += [item.address for item in found.lost]
    assert sorted(places) == sorted(item.address for item in wanted)
    matched = Counter(item.live.id for item in found.matches)
    assert all(times == 1 for times in matched.values()), "nothing is matched twice"
    asked = {it.live.id for item in found.ambiguous for it in item.candidates}
    foreign = {item.id for item in found.foreign}
    assert not asked & matched.keys()
    assert not foreign & (asked | matched.keys())
    assert {item.id for item in queue} <= foreign | asked | matched.keys()
    for item in found.matches:
        assert item.item.profile.id == item.live.profile_id


@given(queues(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_lists_does_not_matter(case: Case, random: Random) -> None:
    wanted, queue, sent = case
    before = rebuild(wanted, Live(tuple(queue), tuple(sent)), (), as_it_is)
    for items in (wanted, queue, sent):
        random.shuffle(items)
    assert rebuild(wanted, Live(tuple(queue), tuple(sent)), (), as_it_is) == before


@given(queues())
def test_what_is_owned_again_is_left_alone_the_next_time(
    case: Case,
) -> None:
    wanted, queue, sent = case
    found = rebuild(wanted, Live(tuple(queue), tuple(sent)), (), as_it_is)
    owned = {item.live.id for item in found.matches}
    again = rebuild(wanted, Live(tuple(queue), tuple(sent)), owned, as_it_is)
    assert not owned & {item.live.id for item in again.matches}


# -- a whole month ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_month_is_found_again_and_nothing_is_stolen(seed: int) -> None:
    then = month(300, seed)
    found = rebuild(then.desired, Live(then.live), (), as_it_is)
    wrong = [
        f"{item.item.address} {item.live.id} {item.stage.value}: {item.evidence}"
        for item in found.matches
        if then.truth.get(item.item.address) != item.live.id
    ]
    assert wrong == []
    assert len(found.matches) > 0.95 * len(then.truth)
    assert {item.stage for item in found.matches} == set(RebuildStage)


# -- likeness -----------------------------------------------------------------------------------


@given(strategies.texts, strategies.texts)
def test_likeness_is_the_same_from_either_side(one: str, two: str) -> None:
    ours, theirs = wording(one), wording(two)
    assert likeness(ours.grams, theirs.grams) == likeness(theirs.grams, ours.grams)
    assert ours.says_the_same(theirs) == theirs.says_the_same(ours)
    assert 0 <= likeness(ours.grams, theirs.grams) <= 1
    assert likeness(ours.grams, ours.grams) == (1 if ours.grams else 0)


grams = st.frozensets(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789"), max_size=36)


@given(st.lists(grams, max_size=12), grams, st.sampled_from([0.2, 0.3375, 0.5, 0.9, 1.0]))
def test_the_index_misses_nothing_that_is_alike(
    texts: list[frozenset[str]], text: frozenset[str], floor: float
) -> None:
    near = Rare.of(texts, floor).near(text)
    alike = [number for number, it in enumerate(texts) if likeness(text, it) >= floor]
    assert set(alike) <= set(near)


def test_the_index_leaves_out_what_has_little_in_common() -> None:
    texts = [wording(item.entry.text).grams for item in month(300, 1).desired]
    rare = Rare.of(texts, 0.5)
    assert sum(len(rare.near(text)) for text in texts) < 0.1 * len(texts) ** 2
