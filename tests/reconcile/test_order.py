"""From changes to calls: fewest requests, earliest first, and what frees something before that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.entry import Link
from plancast.model.plan import Action, Change, RateWindow
from plancast.model.ports import Capabilities
from plancast.reconcile.order import PlannedCall, calls, eta_seconds
from plancast.testing.builders import change, entry, live, moment

ONE_EACH = Capabilities(create_group=1)
THREE = Capabilities(create_group=3)
NARROW = Capabilities(create_group=10, ungrouped_services=frozenset({"twitter"}))
LIMITED = Capabilities(queue_limit=10)


def create(address: str, text: str = "hello", day: int = 1) -> Change:
    return change(Action.CREATE, address, after=entry(text, at=f"2026-12-{day:02d} 08:00"))


def update(address: str, old: str, new: str, day: int = 1) -> Change:
    at = f"2026-12-{day:02d} 08:00"
    return change(Action.UPDATE, address, before=entry(old, at=at), after=entry(new, at=at))


def destroy(address: str, text: str = "hello", day: int = 1) -> Change:
    return change(Action.DESTROY, address, before=entry(text, at=f"2026-12-{day:02d} 08:00"))


def call_lines(made: tuple[PlannedCall, ...]) -> list[str]:
    return [
        f"{call.action.sign} {' '.join(str(item.address) for item in call.changes)}"
        for call in made
    ]


# -- as few as possible -----------------------------------------------------------------------

GROUPS: dict[str, tuple[list[str], Capabilities, list[str]]] = {
    "one for all": (["a@acme-x", "a@acme-fb"], THREE, ["+ a@acme-x a@acme-fb"]),
    "one each": (["a@acme-x", "a@acme-fb"], ONE_EACH, ["+ a@acme-fb", "+ a@acme-x"]),
    "as many as fit": (
        ["a@p-1", "a@p-2", "a@p-3", "a@p-4"],
        THREE,
        ["+ a@p-1 a@p-2 a@p-3", "+ a@p-4"],
    ),
    "a profile only once": (["a@acme-x", "b@acme-x"], THREE, ["+ a@acme-x", "+ b@acme-x"]),
    "posts that say the same": (["a@acme-x", "b@acme-fb"], THREE, ["+ a@acme-x b@acme-fb"]),
    "a network that stands alone": (
        ["a@acme-x", "a@other-x", "a@acme-fb", "a@other-fb"],
        NARROW,
        ["+ a@acme-x a@acme-fb a@other-fb", "+ a@other-x"],
    ),
}


CARDS = Capabilities(create_group=10, cardless_services=frozenset({"twitter", "mastodon"}))


def linked(address: str, service: str) -> Change:
    made = create(address)
    return replace(
        made,
        profile=replace(made.profile, service=service),
        after=replace(entry("hello"), link=Link("https://acme.example/")),
    )


def test_a_link_goes_apart_to_networks_without_cards() -> None:
    services = ("twitter", "facebook", "mastodon", "linkedin")
    made = calls([linked(f"a@p-{service}", service) for service in services], CARDS)
    assert sorted(sorted(item.profile.service for item in call.changes) for call in made) == [
        ["facebook", "linkedin"],
        ["mastodon", "twitter"],
    ]
    together = [replace(linked(f"a@p-{s}", s), after=entry("hello")) for s in services]
    assert len(calls(together, CARDS)) == 1


@pytest.mark.parametrize("case", GROUPS)
def test_equal_creates_share_a_call_as_far_as_the_provider_can(case: str) -> None:
    addresses, able, made = GROUPS[case]
    assert call_lines(calls([create(address) for address in addresses], able)) == made


@pytest.mark.parametrize(
    ("alone", "made"),
    [
        (["a@p-1"], ["+ a@p-1", "+ a@p-2 a@p-3"]),
        (["a@p-1", "a@p-3"], ["+ a@p-1", "+ a@p-2", "+ a@p-3"]),
        (["a@p-1", "a@p-2", "a@p-3"], ["+ a@p-1", "+ a@p-2", "+ a@p-3"]),
        (["b@p-1"], ["+ a@p-1 a@p-2 a@p-3"]),
    ],
)
def test_a_create_that_came_to_nothing_before_shares_no_call(
    alone: list[str], made: list[str]
) -> None:
    changes = [create(address) for address in ("a@p-1", "a@p-2", "a@p-3")]
    addresses = {one.address for one in map(create, alone)}
    assert call_lines(calls(changes, THREE, addresses)) == made


def test_creates_that_differ_do_not_share() -> None:
    made = calls([create("a@acme-x"), create("a@acme-fb", day=2)], THREE)
    assert call_lines(made) == ["+ a@acme-x", "+ a@acme-fb"]


def test_only_creates_are_grouped() -> None:
    changes = [destroy("a@acme-x"), destroy("a@acme-fb"), update("b@acme-x", "x", "y")]
    assert all(len(call.changes) == 1 for call in calls(changes, THREE))


def test_what_only_changes_the_state_needs_no_call() -> None:
    quiet = [change(action) for action in Action if not action.sends]
    assert calls(quiet, THREE) == ()


# -- earliest first ---------------------------------------------------------------------------


def test_the_earliest_goes_first_and_then_the_address_decides() -> None:
    changes = [
        create("c@acme-x", "c", day=3),
        create("b@acme-x", "b", day=1),
        create("a@acme-x", "a", day=1),
        update("d@acme-x", "old", "new", day=2),
    ]
    assert call_lines(calls(changes, ONE_EACH)) == [
        "+ a@acme-x",
        "+ b@acme-x",
        "~ d@acme-x",
        "+ c@acme-x",
    ]


@pytest.mark.parametrize("able", [ONE_EACH, LIMITED])
def test_of_700_calls_none_is_late_that_could_have_been_on_time(able: Capabilities) -> None:
    start = moment("2026-12-01 08:00")
    soon = {place: start + timedelta(minutes=place % 20, seconds=30) for place in range(0, 700, 18)}
    soon[1] = start + timedelta(minutes=20)
    assert len(soon) == 40
    made = calls(
        [
            change(
                Action.CREATE,
                f"p{place}@acme-x",
                after=replace(
                    entry(f"number {place}"),
                    due_at=soon.get(place, start + timedelta(days=1, minutes=place)),
                ),
            )
            for place in range(700)
        ],
        able,
    )
    # 60 a minute: call 61 is sent a minute after the first.
    sent = [start + timedelta(minutes=number // 60) for number in range(len(made))]
    late = [call for call, at in zip(made, sent, strict=True) if at > call.due_at]
    assert late == []


def test_an_update_is_as_urgent_as_the_old_entry() -> None:
    moved = change(
        Action.UPDATE,
        "z@acme-x",
        before=entry("z"),
        after=entry("z", at="2026-12-20 08:00"),
        live=live(due_at="2026-11-24 08:00"),
    )
    assert call_lines(calls([create("a@acme-x"), moved], ONE_EACH)) == ["~ z@acme-x", "+ a@acme-x"]


def test_what_has_no_time_goes_last() -> None:
    queued = change(Action.CREATE, "a@acme-x", after=entry("q", at=None))
    assert call_lines(calls([queued, create("b@acme-x")], ONE_EACH)) == ["+ b@acme-x", "+ a@acme-x"]


def test_a_group_is_as_urgent_as_its_first() -> None:
    made = calls([create("a@acme-x", day=2), create("a@acme-fb", day=2)], THREE)
    assert made[0].due_at == moment("2026-12-02 08:00")
    assert made[0].entry == entry("hello", at="2026-12-02 08:00")
    assert calls([destroy("a@acme-x", "gone")], THREE)[0].entry.text == "gone"


# -- what frees something ---------------------------------------------------------------------

FREEING: dict[str, tuple[list[Change], Capabilities, list[str]]] = {
    "a destroy frees the address": (
        [create("a@acme-x", "new", day=1), destroy("a@acme-x", "old", day=9)],
        ONE_EACH,
        ["- a@acme-x", "+ a@acme-x"],
    ),
    "a destroy frees room": (
        [create("a@acme-x", "new", day=1), destroy("b@acme-x", "old", day=9)],
        LIMITED,
        ["- b@acme-x", "+ a@acme-x"],
    ),
    "room does not matter where there is no limit": (
        [create("a@acme-x", "new", day=1), destroy("b@acme-x", "old", day=9)],
        ONE_EACH,
        ["+ a@acme-x", "- b@acme-x"],
    ),
    "room elsewhere is of no use": (
        [create("a@acme-x", "new", day=1), destroy("b@acme-fb", "old", day=9)],
        LIMITED,
        ["+ a@acme-x", "- b@acme-fb"],
    ),
    "a destroy frees a text": (
        [create("a@acme-x", "same", day=1), destroy("b@acme-x", "same", day=9)],
        ONE_EACH,
        ["- b@acme-x", "+ a@acme-x"],
    ),
    "an update frees a text": (
        [create("a@acme-x", "same", day=1), update("b@acme-x", "same", "other", day=9)],
        ONE_EACH,
        ["~ b@acme-x", "+ a@acme-x"],
    ),
    "an update needs a text": (
        [update("a@acme-x", "old", "same", day=1), destroy("b@acme-x", "same", day=9)],
        ONE_EACH,
        ["- b@acme-x", "~ a@acme-x"],
    ),
    "a text on another profile is another one": (
        [create("a@acme-x", "same", day=1), destroy("b@acme-fb", "same", day=9)],
        ONE_EACH,
        ["+ a@acme-x", "- b@acme-fb"],
    ),
    "networks append links, so the words count": (
        [create("a@acme-x", "same", day=1), destroy("b@acme-x", "same https://t.co/1", day=9)],
        ONE_EACH,
        ["- b@acme-x", "+ a@acme-x"],
    ),
    "an update that keeps its text frees nothing": (
        [create("a@acme-x", "same", day=1), update("b@acme-x", "same", "same", day=9)],
        ONE_EACH,
        ["+ a@acme-x", "~ b@acme-x"],
    ),
    "a chain, the last link of which is the most urgent": (
        [
            create("a@acme-x", "two", day=1),
            update("b@acme-x", "two", "one", day=5),
            destroy("c@acme-x", "one", day=9),
        ],
        ONE_EACH,
        ["- c@acme-x", "~ b@acme-x", "+ a@acme-x"],
    ),
    "what frees is not drawn ahead of what is more urgent": (
        [
            create("a@acme-x", "same", day=5),
            destroy("b@acme-x", "same", day=9),
            create("c@acme-fb", "first", day=1),
        ],
        ONE_EACH,
        ["+ c@acme-fb", "- b@acme-x", "+ a@acme-x"],
    ),
    "texts in a circle are sent all the same": (
        [update("a@acme-x", "one", "two", day=1), update("b@acme-x", "two", "one", day=2)],
        ONE_EACH,
        ["~ b@acme-x", "~ a@acme-x"],
    ),
}


@pytest.mark.parametrize("case", FREEING)
def test_what_frees_something_goes_before_what_needs_it(case: str) -> None:
    changes, able, made = FREEING[case]
    assert call_lines(calls(changes, able)) == made
    assert call_lines(calls(changes[::-1], able)) == made


@pytest.mark.parametrize(
    ("text", "able"), [("same", ONE_EACH), ("other", LIMITED)], ids=["text", "room"]
)
def test_what_has_no_time_still_goes_before_what_needs_it(text: str, able: Capabilities) -> None:
    removal = change(Action.DESTROY, "z@acme-x", before=entry("same", at=None))
    queued = change(Action.CREATE, "a@acme-x", after=entry(text, at=None))
    assert call_lines(calls([queued, removal], able)) == ["- z@acme-x", "+ a@acme-x"]


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_a_chain_is_worked_off_from_its_free_end(days: list[int], shuffled: list[int]) -> None:
    """Each takes the text of the next; only the last one's new text is free."""
    chain = [update(f"{n}@acme-x", f"t{n}", f"t{n + 1}", day=days[n] + 1) for n in range(8)]
    made = calls([chain[n] for n in shuffled], ONE_EACH)
    assert [str(call.changes[0].address.post) for call in made] == list("76543210")


def test_a_chain_of_thousands_is_no_trouble() -> None:
    chain = [update(f"{n}@acme-x", f"t{n}", f"t{n + 1}") for n in range(5000)]
    assert calls(chain, ONE_EACH)[0].changes[0].address.post == "4999"


# -- how long it takes ------------------------------------------------------------------------

MINUTE = RateWindow(limit=60, seconds=60, remaining=60)


@pytest.mark.parametrize(
    ("requests", "windows", "seconds"),
    [
        (0, [MINUTE], 0),
        (60, [MINUTE], 0),
        (61, [MINUTE], 60),
        (120, [MINUTE], 60),
        (121, [MINUTE], 120),
        (1, [RateWindow(60, 60, 0)], 60),
        (61, [MINUTE, RateWindow(10, 900, 60)], 900),
        (1000, [], 0),
    ],
)
def test_the_estimate_is_that_of_the_slowest_limit(
    requests: int, windows: list[RateWindow], seconds: int
) -> None:
    assert eta_seconds(requests, windows) == seconds
    assert eta_seconds(requests, windows, waits=False) == 0
