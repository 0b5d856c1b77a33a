"""Groups: entries that belong together, and are held as a whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from plancast.model.entry import Address, Entry
from plancast.model.plan import Action, Change, Situation
from plancast.model.ports import Capabilities
from plancast.model.safety import Safety
from plancast.reconcile.groups import grouped, hold, listed, narrowed
from plancast.reconcile.order import calls, spans
from plancast.testing.builders import change, entry

TEXT = "Spring is here, and so is our new collection of garden tools."
LIKE = "Spring is here, and so is our big collection of garden tools."
OTHER = "Which of these four bridges is the oldest? Answers on Sunday."


def day(n: int) -> str:
    return f"2026-12-{n:02d} 09:00"


def create(name: str, text: str, at: str | None) -> Change:
    return change(Action.CREATE, f"{name}@acme-x", after=entry(text, at=at))


def destroy(name: str, text: str, at: str | None, alias: str = "acme-x") -> Change:
    return change(Action.DESTROY, f"{name}@{alias}", before=entry(text, at=at))


def update(name: str, before: Entry, after: Entry, **fields: str) -> Change:
    return change(Action.UPDATE, f"{name}@acme-x", before=before, after=after, **fields)  # type: ignore[arg-type]


def rename(new: str, old: str) -> Change:
    return change(Action.RENAME, f"{new}@acme-x", previous=f"{old}@acme-x")


def sets(changes: list[Change], applied: dict[str, Entry] | None = None) -> set[frozenset[str]]:
    """The groups, each by what it does."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in grouped(changes, applied or {}):
        if one.group:
            found[one.group].add(f"{one.address.post} {one.action.value}")
    return {frozenset(members) for members in found.values()}


# name -> (changes, the groups)
BONDS: dict[str, tuple[list[Change], list[set[str]]]] = {
    "what stands alone": ([create("a", TEXT, day(1)), destroy("b", OTHER, day(2))], []),
    "a swap": ([rename("a", "b"), rename("b", "a")], [{"a rename", "b rename"}]),
    "a row of names and what it leaves": (
        [change(Action.FORGET, "a@acme-x"), rename("a", "b"), create("b", OTHER, day(4))],
        [{"a forget", "a rename", "b create"}],
    ),
    "a destroy and a create of one address": (
        [destroy("a", TEXT, day(1), "acme-fb"), change(Action.CREATE, "a@acme-fb")],
        [{"a destroy", "a create"}],
    ),
    "two halves with like texts": (
        [destroy("a", TEXT, day(1)), create("b", LIKE, day(2))],
        [{"a destroy", "b create"}],
    ),
    "two halves in one minute": (
        [destroy("a", TEXT, day(1)), create("b", OTHER, day(1))],
        [{"a destroy", "b create"}],
    ),
    "not for the queue alone": ([destroy("a", TEXT, None), create("b", OTHER, None)], []),
    "not on another profile": (
        [destroy("a", TEXT, day(1), "acme-fb"), create("b", TEXT, day(1))],
        [],
    ),
    "an update that gives up what a create is like": (
        [update("a", entry(TEXT, at=day(1)), entry(OTHER, at=day(1))), create("b", LIKE, day(2))],
        [{"a update", "b create"}],
    ),
    "not an update that keeps its text": (
        [update("a", entry(TEXT, at=day(1)), entry(TEXT, at=day(3))), create("b", LIKE, day(2))],
        [],
    ),
    "an update and a create in one minute": (
        [update("a", entry(TEXT, at=day(1)), entry(TEXT, at=day(3))), create("b", OTHER, day(1))],
        [{"a update", "b create"}],
    ),
    "an update that frees what another one needs": (
        [
            update("a", entry(TEXT, at=day(1)), entry(OTHER, at=day(1))),
            update("b", entry("Something else.", at=day(2)), entry(TEXT, at=day(2))),
        ],
        [{"a update", "b update"}],
    ),
    "the closure of all of them": (
        [
            destroy("a", TEXT, day(1)),
            create("b", LIKE, day(2)),
            update("c", entry(OTHER, at=day(2)), entry("New.", at=day(5))),
            rename("d", "c"),
        ],
        [{"a destroy", "b create", "c update", "d rename"}],
    ),
    "a stray is in no group": (
        [
            replace(destroy("a", TEXT, day(1)), situations=(Situation.STRAY,)),
            create("a", TEXT, day(1)),
        ],
        [],
    ),
    "very short texts by equality": (
        [destroy("a", "Hi", day(1)), create("b", "Hi", day(2)), create("c", "Ho", day(3))],
        [{"a destroy", "b create"}],
    ),
}


@pytest.mark.parametrize("case", BONDS)
def test_what_belongs_together_is_one_group(case: str) -> None:
    changes, expected = BONDS[case]
    assert sets(changes) == {frozenset(members) for members in expected}
    assert sets(changes[::-1]) == sets(changes)


def test_what_a_person_edited_is_still_the_other_half_of_what_was_asked_for() -> None:
    removal = destroy("a", "Touched by hand, beyond recognition.", day(1))
    new = create("b", LIKE, day(2))
    assert sets([removal, new]) == set()
    assert sets([removal, new], {removal.remote_id: entry(TEXT, at=day(1))})


def test_where_everything_is_like_everything_it_is_one_group() -> None:
    removals = [destroy(f"old-{n}", f"{TEXT} Number {n}.", None) for n in range(250)]
    new = [create(f"new-{n}", f"{TEXT} Number {n}!", None) for n in range(250)]
    (group,) = sets([*removals, *new])
    assert len(group) == 500


# -- holding --------------------------------------------------------------------------------------

PAIR = list(grouped([destroy("a", TEXT, day(1)), create("b", LIKE, day(2))], {}))
ALONE = create("c", OTHER, day(9))


def test_a_scope_that_leaves_a_part_of_a_group_holds_the_rest_and_names_what_it_leaves() -> None:
    found = narrowed([*PAIR, ALONE], lambda one: one.action is Action.CREATE, "`--only create`")
    assert [(str(one.address), one.action) for one in found] == [
        ("b@acme-x", Action.NONE),
        ("c@acme-x", Action.CREATE),
    ]
    assert found[0].situations == (Situation.BLOCKED,)
    assert found[0].reason == (
        "it belongs together with a@acme-x, which `--only create` leaves out"
    )
    assert found[0].held_with == (Address("a", "acme-x"),)


def test_a_scope_that_takes_or_leaves_a_group_whole_holds_nothing() -> None:
    assert narrowed([*PAIR, ALONE], lambda _: True, "") == [*PAIR, ALONE]
    assert narrowed([*PAIR, ALONE], lambda one: one is ALONE, "") == [ALONE]


def test_what_waits_for_a_member_waits_with_all() -> None:
    found = hold([*PAIR, ALONE], {1: (Situation.BLOCKED, "an earlier create may still happen")})
    assert [one.action for one in found] == [Action.NONE, Action.NONE, Action.CREATE]
    assert found[0].reason == "it belongs together with b@acme-x, which has to wait"
    assert [one.held_with for one in found] == [
        (Address("b", "acme-x"),),
        (Address("a", "acme-x"),),
        (),
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("a", "a@x"),
        ("ab", "a@x and b@x"),
        ("cab", "a@x, b@x and c@x"),
        ("abcde", "a@x, b@x, c@x and 2 more"),
    ],
)
def test_a_few_addresses_are_named_and_the_rest_is_counted(names: str, words: str) -> None:
    assert listed(Address(name, "x") for name in names) == words


# -- order ----------------------------------------------------------------------------------------


def test_the_creates_of_a_group_come_last_whatever_their_time() -> None:
    late = change(Action.DESTROY, "a@acme-x", before=entry(TEXT, at=day(28)), group="g")
    soon = change(Action.CREATE, "b@acme-x", after=entry(LIKE, at=day(2)), group="g")
    moved = update("c", entry(OTHER, at=day(27)), entry("New.", at=day(29)), group="g")
    made = calls([soon, late, moved], Capabilities())
    assert [call.action for call in made][-1] is Action.CREATE


def test_a_span_is_what_must_fit_before_a_group_is_begun() -> None:
    alone = [create(f"c{n}", f"{OTHER} {n}", day(n)) for n in (3, 4)]
    group = [
        change(Action.DESTROY, "a@acme-x", before=entry(TEXT, at=day(2)), group="g"),
        change(Action.CREATE, "b@acme-x", after=entry(LIKE, at=day(5)), group="g"),
    ]
    made = calls([*alone, *group], Capabilities())
    assert [str(call.changes[0].address) for call in made] == [
        "a@acme-x",
        "c3@acme-x",
        "c4@acme-x",
        "b@acme-x",
    ]
    (first,) = spans(made)
    assert (first, spans(made)[first].requests) == (0, 4)
    assert spans(made)[first].calls == {0, 3}
    assert spans(made, Safety.STRICT)[first].requests == 7
    assert spans(calls(alone, Capabilities())) == {}


def test_groups_that_share_a_request_are_one_span() -> None:
    """One create serves two profiles, and each has another half elsewhere."""
    able = Capabilities(create_group=10)
    both = [
        change(Action.CREATE, f"b@{alias}", after=entry(LIKE, at=day(5)), group=alias)
        for alias in ("acme-x", "acme-fb")
    ]
    removals = [
        change(Action.DESTROY, f"a@{alias}", before=entry(TEXT, at=day(2)), group=alias)
        for alias in ("acme-x", "acme-fb")
    ]
    made = calls([*both, *removals], able)
    assert [len(span.calls) for span in spans(made).values()] == [3]
