"""The rules for what no step has paired; the letters are those of the essay of match."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, Stage
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired
from plancast.reconcile.match import (
    SENT_TOLERANCE,
    Claim,
    Facts,
    How,
    Live,
    Matched,
    equal_sent,
    match,
)
from plancast.testing.builders import NOW, entry, live, moment
from tests.reconcile.making import as_it_is, binding, desired
from tests.reconcile.pairs import (
    GONE_OUT,
    LATER,
    LIKE,
    NEARLY,
    OTHER,
    PAST,
    QUEUED_OUT,
    TEXT,
    A,
    have,
    pair_summaries,
    run,
    sent,
    waits,
    want,
)

# -- rules (a) to (g) -----------------------------------------------------------------------------

CLAIM = Claim(Address("a", "acme-x"), "p-acme-x", entry(TEXT))
INERT = replace(CLAIM, entry=entry(TEXT, at="2032-01-01 00:00", stage=Stage.DRAFT), inert=True)


@pytest.mark.parametrize(
    ("item", "claim", "how"),
    [
        pytest.param(want("a"), CLAIM, "a", id="the very create"),
        pytest.param(want("b"), CLAIM, "a", id="under another name"),
        pytest.param(want("a", OTHER), CLAIM, "a", id="another entry in its place"),
        pytest.param(want("b", at=LATER), INERT, "a", id="reserved: without its time"),
        pytest.param(want("b", NEARLY, LATER), CLAIM, "a", id="renamed and edited"),
        pytest.param(want("b", OTHER), CLAIM, "a", id="renamed, the minute kept"),
        pytest.param(want("b", OTHER, LATER), CLAIM, "g", id="something else"),
        pytest.param(desired("b@acme-fb", entry(TEXT)), CLAIM, "g", id="on another profile"),
        pytest.param(
            want("b", at=PAST), replace(CLAIM, entry=entry(TEXT, at=PAST)), "a", id="late"
        ),
    ],
)
def test_an_unanswered_create_holds_every_create_of_the_same(
    item: Desired, claim: Claim, how: str
) -> None:
    assert [one[1] for one in pair_summaries(run([item], claims=[claim]))] == [how]


def test_what_is_only_like_a_claim_is_not_held_while_a_file_asks_for_that() -> None:
    found = run([want("a"), want("b", NEARLY, LATER)], claims=[CLAIM])
    assert pair_summaries(found) == [("a@acme-x", "a", "-"), ("b@acme-x", "g", "-")]


def test_a_claim_holds_what_would_be_created_again_because_it_is_gone() -> None:
    found = run([want("a")], [A], claims=[CLAIM])
    assert pair_summaries(found) == [("a@acme-x", "a", "r-a")]


def test_what_waits_and_nobody_owns_is_adopted_and_not_created() -> None:
    found = run([want("a")], queue=[live("f1", entry(TEXT))])
    assert pair_summaries(found) == [("a@acme-x", "b", "f1")]
    assert found.unmanaged == ()


def test_what_a_person_put_back_is_adopted_in_the_place_of_ours() -> None:
    found = run([want("a")], [A], [live("f1", entry(TEXT))])
    assert sorted(pair_summaries(found)) == [
        ("a@acme-x", "b", "f1"),
        ("a@acme-x", "left over", "r-a"),
    ]


def test_ours_is_kept_where_it_waits_and_a_twin_is_left_alone() -> None:
    found = run([want("a")], [A], [waits(A), live("f1", entry(TEXT))])
    assert pair_summaries(found) == [("a@acme-x", "3", "r-a")]
    assert [item.id for item in found.unmanaged] == ["f1"]


def test_a_person_may_write_down_what_an_unanswered_create_has_become() -> None:
    found = run([want("a", OTHER)], queue=[live("f1", entry(OTHER))], claims=[CLAIM])
    assert pair_summaries(found) == [("a@acme-x", "b", "f1")]


def test_the_older_of_two_equal_ones_is_adopted_and_each_once() -> None:
    queue = [live("f2", entry(TEXT)), live("f1", entry(TEXT)), live("f3", entry(TEXT))]
    found = run([want("b"), want("a")], queue=queue)
    assert pair_summaries(found) == [("a@acme-x", "b", "f1"), ("b@acme-x", "b", "f2")]
    assert [item.id for item in found.unmanaged] == ["f3"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(live("f1", entry(NEARLY)), id="text"),
        pytest.param(live("f1", entry(TEXT, at="2026-12-01 08:31")), id="time"),
        pytest.param(live("f1", entry(TEXT), alias="acme-fb"), id="profile"),
        pytest.param(live("f1", entry(TEXT, link="https://a.example")), id="link"),
    ],
)
def test_what_is_not_equal_is_not_adopted(other: LiveEntry) -> None:
    found = run([want("a")], queue=[other])
    assert pair_summaries(found) == [("a@acme-x", "g", "-")]
    assert found.unmanaged == (other,)


def test_what_a_neighbour_or_the_history_owns_is_not_adopted() -> None:
    theirs = live("f1", entry(TEXT))
    found = run([want("a")], queue=[theirs], elsewhere={"f1"})
    assert pair_summaries(found) == [("a@acme-x", "g", "-")]
    assert found.unmanaged == (theirs,)
    past = have("old", at=None, status=BindingStatus.PUBLISHED)
    late = sent("r-old", entry(TEXT, at=None))
    kept = run([want("n", at=None)], [past], sent_list=[late], history={past.address})
    assert pair_summaries(kept) == [("n@acme-x", "g", "-")]


def test_what_went_out_from_a_neighbour_is_not_sent_again() -> None:
    """The file of a post for the queue moved from one workspace to another, after it went out."""
    over = sent("f1", entry(TEXT, at=None))
    found = run([want("a", at=None)], sent_list=[over], elsewhere={"f1"})
    assert pair_summaries(found) == [("a@acme-x", "e", "f1")]


def test_adoption_asks_how_the_provider_rewrites() -> None:
    def shouting(content: Entry, profile: Profile) -> Entry:
        return replace(content, text=content.text.upper())

    queue = Live((live("f1", entry("HELLO")),))
    found = match([want("a", "hello")], [], queue, Facts(shouting, NOW))
    assert pair_summaries(found)[0][1] == "b"


def test_with_shortened_links_the_words_decide() -> None:
    asked = entry("see https://a.example now", shorten=True)
    found = run([desired(content=asked)], queue=[live("f1", entry("see https://buff.ly/1 now"))])
    assert pair_summaries(found)[0][1:] == ("b", "f1")


OVER = have("over", at=None, status=BindingStatus.PUBLISHED)
REFUSALS: dict[str, tuple[list[Desired], list[Binding], str]] = {
    "c: another text under a published address": ([want("a", OTHER)], [GONE_OUT], "c"),
    "c: the same text with a new time": ([want("a", at=LATER)], [GONE_OUT], "c"),
    "c: not if another file has what was published": (
        [want("a", OTHER), want("b")],
        [GONE_OUT],
        "g",
    ),
    "c: not for what is past": (
        [want("a", OTHER, PAST), want("b")],
        [GONE_OUT],
        "f",
    ),
    "d: nearly the same text, the file gone": ([want("b", NEARLY, None)], [QUEUED_OUT], "d"),
    "d: two letters that traded places, in a short text": (
        [want("b", TEXT.replace("garden", "graden"), None)],
        [QUEUED_OUT],
        "d",
    ),
    "d: one word of it is another one": (
        [want("b", TEXT.replace("collection", "selection"), None)],
        [QUEUED_OUT],
        "d",
    ),
    "d: not a text that has only its subject in common": (
        [want("b", LIKE, None)],
        [QUEUED_OUT],
        "g",
    ),
    "d: its place was taken by something else": (
        [want("a", LIKE, None), want("b", NEARLY, None)],
        [QUEUED_OUT, have("c", LIKE, None)],
        "d",
    ),
    "d: not while a file asks for it": (
        [want("a", at=None), want("b", NEARLY, None)],
        [QUEUED_OUT],
        "g",
    ),
    "d: sent early, and its own time is still to come": ([want("b", NEARLY)], [GONE_OUT], "d"),
    "d: sent early, and meant for about that time": (
        [want("b", NEARLY, "2026-12-01 10:00")],
        [GONE_OUT],
        "d",
    ),
    "d: not if it is meant for another day": ([want("b", NEARLY, LATER)], [GONE_OUT], "g"),
    "d: not with a new time, once the old one is past": (
        [want("b", at=LATER)],
        [have("a", at=PAST, status=BindingStatus.PUBLISHED)],
        "g",
    ),
    "d: put in the place of another one that waits": (
        [want("b", NEARLY, None)],
        [QUEUED_OUT, have("b", OTHER, None)],
        "d",
    ),
    "d: liker than what its address had": (
        [want("b", NEARLY, None)],
        [QUEUED_OUT, have("b", LIKE, None)],
        "d",
    ),
    "d: at the end of a chain": (
        [want("a", OTHER, LATER), want("b", NEARLY, None)],
        [have("a", "Thank you for a thousand orders."), have("b", OTHER, LATER), OVER],
        "d",
    ),
    "d: not with a time of its own": ([want("b", NEARLY)], [QUEUED_OUT], "g"),
    "d: not if it is less like": ([want("b", LIKE, None)], [QUEUED_OUT], "g"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_may_have_gone_out_already_is_not_guessed(case: str) -> None:
    wanted, bound, how = REFUSALS[case]
    queue = [waits(one) for one in bound if one.status is BindingStatus.SCHEDULED]
    found = run(wanted, bound, queue)
    left = [pair for pair in found.pairs if pair.how.value.startswith("rule")]
    assert [pair.how.value for pair in left] == [f"rule {how}"]
    if how in ("c", "d"):
        (pair,) = left
        assert pair.published in bound
        forgotten = [one.binding for one in found.pairs if one.how is How.UNWANTED]
        assert pair.published not in forgotten, "the question would answer itself"


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
    asked, went_at, fits = SENT[case]
    found = run([desired(content=entry(at=asked))], sent_list=[sent("s1", at=went_at)])
    assert pair_summaries(found)[0][1] == ("e" if fits else "g" if asked is None else "f")
    by_itself = equal_sent([desired(content=entry(at=asked))], [sent("s1", at=went_at)], as_it_is)
    assert bool(by_itself) is fits


def test_the_queue_is_searched_before_what_was_sent() -> None:
    content = entry(at=PAST)
    found = run(
        [desired(content=content)],
        queue=[live("f2", content, due_at=PAST)],
        sent_list=[sent("f1", content)],
    )
    assert pair_summaries(found) == [("launch/teaser@acme-x", "b", "f2")]


def test_media_do_not_count_among_what_was_sent() -> None:
    asked = entry(at=PAST, images=["https://a.example/1.png"], link="https://a.example")
    assert (
        pair_summaries(run([desired(content=asked)], sent_list=[sent("s1", entry())]))[0][1] == "e"
    )


def test_what_was_refused_is_not_what_went_out() -> None:
    asked = entry(at=PAST)
    refused = replace(sent("s1", asked), status=LiveStatus.FAILED)
    assert pair_summaries(run([desired(content=asked)], sent_list=[refused]))[0][1] == "f"


@pytest.mark.parametrize(("made", "how"), [("2026-11-20 08:00", "e"), ("2026-11-23 08:30", "3")])
def test_what_went_out_before_ours_was_made_is_not_what_became_of_it(made: str, how: str) -> None:
    """Ours is gone from the queue; the same text went out at eight."""
    owned = replace(have("a", at=None), created_at=entry(at=made).due_at)
    found = run([want("a", at=None)], [owned], sent_list=[sent("s1", entry(TEXT))])
    assert pair_summaries(found)[0][1] == how


# -- what is left over ----------------------------------------------------------------------------


def test_an_alias_that_means_another_profile_leaves_its_entry_behind() -> None:
    item = desired("a@acme-x", profile=Profile("p-new", "twitter"))
    old = binding("a@acme-x")
    found = run([item], [old], [live("remote-1")])
    assert pair_summaries(found) == [("a@acme-x", "left over", "remote-1"), ("a@acme-x", "g", "-")]
    assert found.unmanaged == (), "it is still owned"


def test_another_alias_for_the_same_profile_is_a_rename() -> None:
    profile = Profile("p-acme-x", "twitter")
    found = run([desired("a@short", profile=profile)], [binding("a@acme-x")], [live("remote-1")])
    assert pair_summaries(found) == [("a@short", "5", "remote-1")]


def test_what_is_left_is_new_bound_or_unmanaged() -> None:
    stranger = live("f1", entry("mine"))
    found = run([want("a")], [have("b", OTHER)], [stranger])
    assert pair_summaries(found) == [("a@acme-x", "g", "-"), ("b@acme-x", "left over", "r-b")]
    assert found.unmanaged == (stranger,)


def test_what_others_sent_is_nobodys_business() -> None:
    assert run([], sent_list=[sent("s1")]) == Matched(())


def test_the_tolerance_is_wider_than_any_delay_on_record() -> None:
    assert timedelta(minutes=22) < SENT_TOLERANCE < timedelta(hours=2)


@pytest.mark.parametrize(
    ("sent_at", "how"),
    [
        pytest.param("2026-11-20 10:00", "d", id="before its time"),
        pytest.param("2026-11-23 08:00", "g", id="at its time"),
    ],
)
def test_what_went_out_early_is_asked_about_whatever_its_new_time_and_name(
    sent_at: str, how: str
) -> None:
    """Its author may not have known yet that a person has sent it."""
    over = have("a", TEXT, at=PAST, status=BindingStatus.PUBLISHED, sent_at=moment(sent_at))
    found = run([want("b", TEXT, "2026-12-20 09:30")], [over])
    assert [one[1] for one in pair_summaries(found) if one[0].startswith("b@")] == [how]
