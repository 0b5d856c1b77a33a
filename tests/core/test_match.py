"""Which live entry belongs to which desired one. The numbers are those of the module's essay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.core.match import (
    QUEUE_LOOKBACK,
    SENT_TOLERANCE,
    How,
    Live,
    Matched,
    match,
    orphans,
    sent_needed,
)
from plancast.core.model import Desired, Entry, LiveEntry, LiveStatus, Profile
from plancast.core.state import Binding, BindingStatus
from tests.builders import NOW, entry, live, moment
from tests.core.making import as_it_is, binding, desired, owner

PAST = "2026-11-23 08:00"


def sent(id: str, content: Entry | None = None, at: str = PAST) -> LiveEntry:
    return live(id, content, due_at=at, sent_at=at, status=LiveStatus.PUBLISHED)


def run(
    wanted: list[Desired],
    bound: list[Binding] | None = None,
    queue: list[LiveEntry] | None = None,
    went: list[LiveEntry] | None = None,
) -> Matched:
    return match(wanted, bound or [], Live(tuple(queue or ()), tuple(went or ())), as_it_is)


def told(matched: Matched) -> list[tuple[str, str, str]]:
    return [
        (str(pair.address), pair.how.value, pair.live.id if pair.live else "-")
        for pair in matched.pairs
    ]


# -- 1: bound entries by id -------------------------------------------------------------------


def test_a_bound_entry_is_found_by_its_id_whatever_it_holds() -> None:
    found = run([desired()], [binding()], [live("remote-1", entry("edited by a person"))])
    assert told(found) == [("launch/teaser@acme-x", "bound", "remote-1")]
    assert found.unmanaged == ()


def test_a_bound_entry_is_found_among_what_was_sent() -> None:
    found = run([desired()], [binding()], went=[sent("remote-1")])
    assert told(found) == [("launch/teaser@acme-x", "bound", "remote-1")]


def test_a_bound_entry_is_never_replaced_by_one_that_looks_like_it() -> None:
    found = run([desired()], [binding()], [live("twin")])
    assert told(found) == [("launch/teaser@acme-x", "bound", "-")]
    assert [item.id for item in found.unmanaged] == ["twin"]


def test_a_bound_entry_that_nobody_asks_for_is_a_pair_too() -> None:
    found = run([], [binding()], [live("remote-1")])
    assert found.pairs[0].desired is None
    assert told(found) == [("launch/teaser@acme-x", "bound", "remote-1")]


def test_an_alias_that_means_another_profile_leaves_its_entry_behind() -> None:
    item = desired("a@acme-x", profile=Profile("p-new", "twitter"))
    old = binding("a@acme-x")
    found = run([item], [old], [live("remote-1")])
    assert told(found) == [("a@acme-x", "new", "-")]
    assert orphans([item], [old]) == (old,)
    assert found.unmanaged == (), "it is still owned"
    assert orphans([desired("a@acme-x")], [old]) == orphans([], [old]) == ()


# -- 2: renames -------------------------------------------------------------------------------


def test_a_vanished_address_and_a_new_one_with_an_equal_entry_are_a_rename() -> None:
    found = run([desired("new@acme-x")], [binding("old@acme-x")], [live("remote-1")])
    assert told(found) == [("new@acme-x", "renamed", "remote-1")]


@pytest.mark.parametrize(
    ("wanted", "bound"),
    [
        pytest.param(
            [desired("new@acme-x", entry("other"))], binding("old@acme-x"), id="another text"
        ),
        pytest.param(
            [desired("new@acme-x", entry(at="2026-12-01 08:31"))],
            binding("old@acme-x"),
            id="another time",
        ),
        pytest.param([desired("new@acme-fb")], binding("old@acme-x"), id="another profile"),
        pytest.param(
            [desired("old@acme-x"), desired("new@acme-x")],
            binding("old@acme-x"),
            id="the old one is still asked for",
        ),
    ],
)
def test_anything_less_is_no_rename(wanted: list[Desired], bound: Binding) -> None:
    assert How.RENAMED not in {pair.how for pair in run(wanted, [bound]).pairs}


def test_one_vanished_address_is_renamed_once() -> None:
    found = run([desired("b@acme-x"), desired("a@acme-x")], [binding("old@acme-x")])
    assert told(found) == [("a@acme-x", "renamed", "-"), ("b@acme-x", "new", "-")]


def test_equal_entries_are_renamed_in_the_order_of_their_addresses() -> None:
    bound = [binding("old-2@acme-x", remote_id="r2"), binding("old-1@acme-x", remote_id="r1")]
    found = run([desired("b@acme-x"), desired("a@acme-x")], bound, [live("r1"), live("r2")])
    assert told(found) == [("a@acme-x", "renamed", "r1"), ("b@acme-x", "renamed", "r2")]


# -- 3: adoption ------------------------------------------------------------------------------


def test_what_exists_already_is_adopted_and_not_created() -> None:
    found = run([desired()], queue=[live("f1")])
    assert told(found) == [("launch/teaser@acme-x", "adopted", "f1")]
    assert found.unmanaged == ()


def test_the_older_of_two_equal_ones_is_adopted() -> None:
    found = run([desired()], queue=[live("f2"), live("f1")])
    assert told(found) == [("launch/teaser@acme-x", "adopted", "f1")]
    assert [item.id for item in found.unmanaged] == ["f2"]


def test_each_live_entry_is_adopted_once() -> None:
    found = run([desired("b@acme-x"), desired("a@acme-x")], queue=[live("f1")])
    assert told(found) == [("a@acme-x", "adopted", "f1"), ("b@acme-x", "new", "-")]


def test_the_queue_is_searched_before_what_was_sent() -> None:
    content = entry(at=PAST)
    found = run(
        [desired(content=content)],
        queue=[live("f2", content, due_at=PAST)],
        went=[sent("f1", content)],
    )
    assert told(found) == [("launch/teaser@acme-x", "adopted", "f2")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(live("f1", entry("nearly the same")), id="text"),
        pytest.param(live("f1", entry(at="2026-12-01 08:31")), id="time"),
        pytest.param(live("f1", alias="acme-fb"), id="profile"),
        pytest.param(live("f1", entry(link="https://a.example")), id="link"),
    ],
)
def test_what_is_not_equal_is_not_adopted(other: LiveEntry) -> None:
    found = run([desired()], queue=[other])
    assert told(found) == [("launch/teaser@acme-x", "new", "-")]
    assert found.unmanaged == (other,)


def test_adoption_asks_how_the_provider_rewrites() -> None:
    def shouting(content: Entry, profile: Profile) -> Entry:
        return replace(content, text=content.text.upper())

    queue = Live((live("f1", entry("HELLO")),))
    assert told(match([desired(content=entry("hello"))], [], queue, shouting))[0][1] == "adopted"


def test_with_shortened_links_the_words_decide() -> None:
    asked = entry("see https://a.example now", shorten=True)
    found = run([desired(content=asked)], queue=[live("f1", entry("see https://buff.ly/1 now"))])
    assert told(found)[0][1:] == ("adopted", "f1")


SENT = {
    "on time": (PAST, PAST, True),
    "late": (PAST, "2026-11-23 08:59", True),
    "too late to be it": (PAST, "2026-11-23 09:00", False),
    "before its time": (PAST, "2026-11-23 07:59", False),
    "on another day": (PAST, "2026-11-22 08:00", False),
    "from the queue, whenever": (None, "2026-11-01 08:00", True),
}


@pytest.mark.parametrize("case", SENT)
def test_what_went_out_already_is_adopted_by_text_and_time(case: str) -> None:
    asked, went, fits = SENT[case]
    found = run([desired(content=entry(at=asked))], went=[sent("s1", at=went)])
    assert told(found)[0][1] == ("adopted" if fits else "new")


def test_media_do_not_count_among_what_was_sent() -> None:
    asked = entry(at=PAST, images=["https://a.example/1.png"], link="https://a.example")
    assert told(run([desired(content=asked)], went=[sent("s1", entry())]))[0][1] == "adopted"


def test_what_was_refused_is_not_what_went_out() -> None:
    asked = entry(at=PAST)
    refused = replace(sent("s1", asked), status=LiveStatus.FAILED)
    assert told(run([desired(content=asked)], went=[refused]))[0][1] == "new"


def test_what_is_owned_is_not_adopted_by_another_address() -> None:
    found = run(
        [desired("a@acme-x"), desired("b@acme-x")], [binding("a@acme-x")], [live("remote-1")]
    )
    assert told(found) == [("a@acme-x", "bound", "remote-1"), ("b@acme-x", "new", "-")]


# -- 4: the rest ------------------------------------------------------------------------------


def test_what_is_left_is_new_bound_or_unmanaged() -> None:
    stranger = live("f1", entry("mine"))
    found = run([desired("a@acme-x")], [binding("b@acme-x", entry("gone"))], [stranger])
    assert told(found) == [("a@acme-x", "new", "-"), ("b@acme-x", "bound", "-")]
    assert found.unmanaged == (stranger,)


def test_what_others_sent_is_nobodys_business() -> None:
    assert run([], went=[sent("s1")]) == Matched((), ())


# -- which sent lists must be read ------------------------------------------------------------

HOUR = timedelta(hours=1)
NEEDED = {
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
def test_a_sent_list_is_read_only_where_it_can_tell_something(case: str) -> None:
    wanted, bound, queue, needed = NEEDED[case]
    assert sent_needed(wanted, bound, queue, as_it_is, NOW) == needed


def test_each_profile_is_asked_for_its_own() -> None:
    wanted = [desired("a@acme-x", entry(at=None)), desired("a@acme-fb", entry(at=PAST))]
    needed = sent_needed(wanted, [], [], as_it_is, NOW)
    assert set(needed) == {owner("acme-x").id, owner("acme-fb").id}


def test_the_tolerance_is_wider_than_any_delay_on_record() -> None:
    assert timedelta(minutes=22) < SENT_TOLERANCE < timedelta(hours=2)
