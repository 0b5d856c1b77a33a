"""The outcome of an open intent, for everything that the live lists can show of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from plancast.engine.recovery import MARK_HOLDS, Evidence, Recovered, recover
from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus
from plancast.model.ports import ContentItem
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, Intent, Operation, State
from plancast.model.workspace import Policy
from plancast.reconcile.match import Live
from plancast.reconcile.strays import CLOCK_TOLERANCE
from plancast.testing import builders
from tests.engine.worlds import PROFILES

MADE = builders.moment("2026-11-23 09:00")
QUIET = Policy().quiet_period
TEXT = "Tomorrow, 10:00."
ENTRY = builders.entry(TEXT)
SECOND = timedelta(seconds=1)
HERE, THERE = Address("launch/teaser", "x"), Address("launch/teaser", "li")
BY_ID = {profile.id: profile for profile in PROFILES.values()}


def as_it_is(entry: Entry, profile: Profile) -> Entry:
    """A provider that rewrites nothing."""
    del profile
    return replace(entry, queue=None)


def intent(operation: Operation = Operation.CREATE, **fields: Any) -> Intent:
    """A call on x that was sent, and whose process died."""
    made = Intent(
        id="lineage.3-000001",
        operation=operation,
        addresses=(HERE,),
        profile_ids=("p-x",),
        entry=ENTRY,
        made_at=MADE,
        remote_id="" if operation is Operation.CREATE else "id-1",
        sent_at=MADE + SECOND,
    )
    return replace(made, **fields)


def grouped(**fields: Any) -> Intent:
    return intent(addresses=(HERE, THERE), profile_ids=("p-x", "p-li"), **fields)


def live(id: str = "id-1", entry: Entry = ENTRY, **fields: Any) -> LiveEntry:
    made = LiveEntry(id, "p-x", entry, due_at=entry.due_at, created_at=MADE + SECOND)
    return replace(made, **fields)


def sent(id: str = "id-1", **fields: Any) -> LiveEntry:
    due = ENTRY.due_at
    published = live(id, status=LiveStatus.PUBLISHED, sent_at=due, link="https://network.example/1")
    return replace(published, **fields)


def binding(**fields: Any) -> Binding:
    return replace(Binding(HERE, "id-1", "p-x", ENTRY, ENTRY, created_at=MADE), **fields)


def state(*intents: Intent, owned: tuple[Binding, ...] = ()) -> State:
    return State(lineage="lineage", serial=3).intend(intents).bind(*owned)


def seen(
    *queue: LiveEntry,
    sent: tuple[LiveEntry, ...] = (),
    now: datetime = MADE + timedelta(seconds=30),
    **fields: Any,
) -> Evidence:
    return Evidence(Live(queue, sent), BY_ID, as_it_is, now, QUIET, **fields)


# -- creates ----

GIVEN_UP = intent(given_up_at=MADE + timedelta(seconds=20))
BELIEVED: dict[str, tuple[Intent, datetime]] = {
    "the process died": (intent(), MADE + SECOND + MARK_HOLDS + QUIET),
    "the answer was lost": (GIVEN_UP, MADE + timedelta(seconds=20) + QUIET),
    "its twin would be inert": (replace(GIVEN_UP, inert=True), MADE + timedelta(seconds=20)),
    "the process died, and its twin would be inert": (
        intent(inert=True),
        MADE + SECOND + MARK_HOLDS,
    ),
    "for a time that the queue gives": (
        intent(entry=builders.entry(TEXT, at=None)),
        MADE + SECOND + MARK_HOLDS + QUIET,
    ),
}


@pytest.mark.parametrize(("open_intent", "until"), BELIEVED.values(), ids=BELIEVED)
def test_absence_is_believed_after_the_quiet_period_and_not_a_second_before(
    open_intent: Intent, until: datetime
) -> None:
    before = recover(state(open_intent), seen(now=until - SECOND))
    assert [(item.address, item.until) for item in before.undecided] == [(HERE, until)]
    assert before.state.intents.keys() == {open_intent.id}
    assert before.state.abandoned == ()
    after = recover(state(open_intent), seen(now=until))
    assert after == Recovered(state().abandon(open_intent))


def test_looking_does_not_make_the_wait_longer() -> None:
    once = recover(state(intent()), seen(now=MADE + timedelta(minutes=1)))
    again = recover(once.state, seen(now=MADE + timedelta(minutes=2)))
    assert again.undecided == once.undecided


def test_what_was_never_sent_is_neither_waited_for_nor_feared() -> None:
    recovered = recover(state(intent(sent_at=None)), seen(now=MADE))
    assert recovered == Recovered(state())


@pytest.mark.parametrize(
    "now", [MADE + SECOND, MADE + timedelta(days=1)], ids=["at once", "a day later"]
)
def test_what_is_in_the_queue_is_ours_at_any_time(now: datetime) -> None:
    recovered = recover(state(intent()), seen(live(), now=now))
    assert recovered.undecided == ()
    (bound,) = recovered.state.resources.values()
    assert (bound.address, bound.remote_id, bound.applied) == (HERE, "id-1", ENTRY)
    assert recovered.state.intents == {}


def test_what_went_out_already_is_ours_and_published() -> None:
    recovered = recover(state(intent()), seen(sent=(sent(),), now=MADE + timedelta(days=9)))
    (bound,) = recovered.state.resources.values()
    assert bound.status is BindingStatus.PUBLISHED
    assert bound.link == "https://network.example/1"
    assert recovered.state.abandoned == ()


def test_what_went_out_is_told_by_its_text_alone() -> None:
    pictured = replace(ENTRY, images=builders.entry(images=["https://acme.example/a.png"]).images)
    copied = replace(ENTRY, images=builders.entry(images=["https://buffer.example/b.png"]).images)
    published = sent(entry=copied)
    recovered = recover(state(intent(entry=pictured)), seen(sent=(published,), now=MADE))
    assert [bound.remote_id for bound in recovered.state.resources.values()] == ["id-1"]


def test_what_the_provider_rewrote_is_recognised() -> None:
    written = Entry("Read", due_at=ENTRY.due_at, link=builders.entry(link="https://a.example").link)

    def rewritten(entry: Entry, profile: Profile) -> Entry:
        del profile
        return Entry(f"{entry.text} https://a.example", due_at=entry.due_at)

    evidence = replace(seen(live(entry=rewritten(written, BY_ID["p-x"]))), expected=rewritten)
    recovered = recover(state(intent(entry=written)), evidence)
    assert HERE in recovered.state.resources
    assert recovered.state.resources[HERE].applied == written


NOT_IT: dict[str, tuple[LiveEntry, dict[str, Any]]] = {
    "it was there when the plan was made": (live(), {"known": ("id-1",)}),
    "it is on another profile": (live(profile_id="p-li"), {}),
    "it was there long before": (live(created_at=MADE - CLOCK_TOLERANCE - SECOND), {}),
    "it says and does something else": (
        live(entry=builders.entry("Something else", at="2026-12-03 09:00")),
        {},
    ),
}


@pytest.mark.parametrize(("entry", "fields"), NOT_IT.values(), ids=NOT_IT)
@pytest.mark.parametrize("listed", ["queue", "sent"])
def test_what_cannot_be_the_work_of_a_create_is_not_taken_for_it(
    entry: LiveEntry, fields: dict[str, Any], listed: str
) -> None:
    open_intent = intent(**fields)
    if listed == "sent":
        entry = replace(entry, status=LiveStatus.PUBLISHED, sent_at=entry.due_at)
    evidence = seen(entry) if listed == "queue" else seen(sent=(entry,))
    assert recover(state(open_intent), evidence).state.resources == {}
    late = replace(evidence, now=MADE + timedelta(days=1))
    assert recover(state(open_intent), late) == Recovered(state().abandon(open_intent))


def test_what_somebody_else_owns_already_is_not_taken() -> None:
    other = binding(address=Address("another", "x"))
    recovered = recover(state(intent(), owned=(other,)), seen(live()))
    assert list(recovered.state.resources) == [other.address]
    assert [item.address for item in recovered.undecided] == [HERE]


@pytest.mark.parametrize("behind", [CLOCK_TOLERANCE, timedelta(), -timedelta(minutes=3)])
def test_a_clock_that_is_a_little_behind_hides_nothing(behind: timedelta) -> None:
    recovered = recover(state(intent()), seen(live(created_at=MADE - behind)))
    assert HERE in recovered.state.resources


def test_of_two_that_fit_the_older_one_is_ours() -> None:
    recovered = recover(state(intent()), seen(live("id-2"), live("id-1")))
    assert recovered.state.resources[HERE].remote_id == "id-1"


def test_two_creates_that_are_equal_share_nothing() -> None:
    twin = intent(id="lineage.3-000002", addresses=(Address("twin", "x"),))
    both = recover(state(intent(), twin), seen(live("id-1"), live("id-2")))
    owned = {str(key): item.remote_id for key, item in both.state.resources.items()}
    assert owned == {"launch/teaser@x": "id-1", "twin@x": "id-2"}
    one = recover(state(intent(), twin), seen(live("id-1")))
    assert list(one.state.resources) == [HERE]
    assert [item.address for item in one.undecided] == [Address("twin", "x")]


def test_without_its_profile_nothing_is_believed() -> None:
    evidence = replace(seen(now=MADE + timedelta(days=9)), profiles={})
    recovered = recover(state(intent()), evidence)
    assert [item.address for item in recovered.undecided] == [HERE]
    assert recovered.state.abandoned == ()


# -- creates for several profiles ----


def test_of_a_group_what_is_there_is_ours_and_the_rest_is_waited_for() -> None:
    recovered = recover(state(grouped()), seen(live()))
    assert list(recovered.state.resources) == [HERE]
    (left,) = recovered.state.intents.values()
    assert (left.addresses, left.profile_ids) == ((THERE,), ("p-li",))
    assert [item.address for item in recovered.undecided] == [THERE]
    found = live("id-2", profile_id="p-li")
    later = recover(recovered.state, seen(live(), found, now=MADE + timedelta(minutes=1)))
    assert {item.remote_id for item in later.state.resources.values()} == {"id-1", "id-2"}
    assert later.undecided == ()


def test_of_a_group_only_what_is_absent_is_feared_later() -> None:
    recovered = recover(state(grouped()), seen(live(), now=MADE + timedelta(days=1)))
    assert list(recovered.state.resources) == [HERE]
    assert recovered.state.intents == {}
    (feared,) = recovered.state.abandoned
    assert (feared.addresses, feared.profile_ids) == ((THERE,), ("p-li",))


# -- entries that are only like it ----


def test_what_is_only_like_it_and_as_young_is_left_for_a_person_to_judge() -> None:
    edited = live(entry=replace(ENTRY, text="Tomorrow, 10:00, says somebody."))
    recovered = recover(state(intent()), seen(edited, now=MADE + timedelta(days=1)))
    assert [(item.address, item.alike) for item in recovered.undecided] == [(HERE, edited)]
    assert recovered.state.resources == {}
    assert recovered.state.abandoned == ()


def test_what_is_absent_is_let_go_while_the_rest_of_its_group_is_asked_about() -> None:
    """Else its create would be sent again while an open intent still looks for it."""
    edited = live(entry=replace(ENTRY, text="Tomorrow, 10:00, says somebody."))
    recovered = recover(state(grouped()), seen(edited, now=MADE + timedelta(days=1)))
    assert [item.address for item in recovered.undecided] == [HERE]
    assert [item.profile_ids for item in recovered.state.intents.values()] == [("p-x",)]
    assert [item.profile_ids for item in recovered.state.abandoned] == [("p-li",)]


def test_what_began_to_exist_after_the_create_was_given_up_is_somebody_elses() -> None:
    until = MADE + SECOND + MARK_HOLDS + QUIET
    edited = replace(ENTRY, text="Tomorrow, 10:00, says somebody.")
    for created, asked in ((until, True), (until + SECOND, False)):
        evidence = seen(live(entry=edited, created_at=created), now=MADE + timedelta(days=1))
        assert bool(recover(state(intent()), evidence).undecided) is asked, created


def test_nobody_is_asked_about_what_no_file_asks_for() -> None:
    edited = live(entry=replace(ENTRY, text="Tomorrow, 10:00, says somebody."))
    evidence = seen(edited, now=MADE + timedelta(days=1), wanted=frozenset())
    recovered = recover(state(intent()), evidence)
    assert recovered == Recovered(state().abandon(intent()))


# -- hurry ----


def test_only_what_would_be_due_before_anybody_knows_is_created_again_on_request() -> None:
    now = MADE + timedelta(seconds=30)
    until = MADE + SECOND + MARK_HOLDS + QUIET
    for due, hurried in ((until, True), (until + SECOND, False), (now, False)):
        open_intent = intent(entry=replace(ENTRY, due_at=due))
        recovered = recover(state(open_intent), seen(now=now, recreate=True))
        assert (recovered.undecided == ()) is hurried, due


# -- updates and destroys ----


def test_a_destroy_happened_where_its_entry_is_in_no_list() -> None:
    before = state(intent(Operation.DESTROY), owned=(binding(),))
    assert recover(before, seen()) == Recovered(state())
    for evidence in (seen(live()), seen(sent=(sent(),))):
        assert recover(before, evidence) == Recovered(state(owned=(binding(),)))


def test_a_destroy_takes_nothing_from_a_new_owner_of_its_address() -> None:
    other = binding(remote_id="id-9")
    recovered = recover(state(intent(Operation.DESTROY), owned=(other,)), seen())
    assert recovered.state.resources == {HERE: other}


NEWER = replace(ENTRY, text="As it is to be")


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        pytest.param(live(entry=NEWER), NEWER, id="it happened"),
        pytest.param(live(), ENTRY, id="it did not"),
        pytest.param(None, ENTRY, id="it is gone"),
    ],
)
def test_an_update_that_is_seen_was_applied_and_any_is_marked_as_unsettled(
    shown: LiveEntry | None, known: Entry
) -> None:
    update = intent(Operation.UPDATE, entry=NEWER, given_up_at=MADE + timedelta(seconds=20))
    queue = (shown,) if shown else ()
    recovered = recover(state(update, owned=(binding(),)), seen(*queue))
    marked = MADE + timedelta(seconds=20)
    expected = binding(applied=known, observed=known, unsettled_at=marked)
    assert recovered == Recovered(state(owned=(expected,)))


def test_an_update_that_cannot_be_seen_is_sent_once_more() -> None:
    """No answer shows alternative texts: the entry looks as before whether it happened or not."""
    plain = builders.entry(images=["https://acme.example/a.png"])
    described = replace(plain, images=(replace(plain.images[0], alt="A stage"),))
    update = intent(Operation.UPDATE, entry=described)
    before = state(update, owned=(binding(applied=plain, observed=plain),))
    assert recover(before, seen(live(entry=plain))).state.resources[HERE].applied == plain


def test_an_update_that_was_not_sent_leaves_nothing() -> None:
    update = intent(Operation.UPDATE, sent_at=None)
    recovered = recover(state(update, owned=(binding(),)), seen(live()))
    assert recovered == Recovered(state(owned=(binding(),)))


def test_an_update_says_nothing_about_a_new_owner_of_its_address() -> None:
    other = binding(remote_id="id-9")
    recovered = recover(state(intent(Operation.UPDATE), owned=(other,)), seen(live()))
    assert recovered == Recovered(state(owned=(other,)))


# -- keyed creates ----


def keyed(**fields: Any) -> Intent:
    return grouped(keyed=True, **fields)


def recovered_keyed(
    known: State, items: dict[str, ContentItem | None] | None, *queue: LiveEntry
) -> Recovered:
    evidence = Evidence(
        live=Live(queue),
        profiles=BY_ID,
        expected=as_it_is,
        now=MADE + SECOND,
        quiet_period=QUIET,
        items=items,
    )
    return recover(known, evidence)


X, LI = live("id-1"), live("id-2", profile_id="p-li")
OPEN_ITEMS: dict[str, tuple[Intent, dict[str, ContentItem | None]]] = {
    "a draft": (keyed(item="i1"), {"i1": ContentItem("i1")}),
    "a draft that no mark speaks of": (
        keyed(item="i1", sent_at=None),
        {"i1": ContentItem("i1")},
    ),
    "an item that is not known yet": (keyed(), {}),
    "a draft that was given up": (keyed(given_up_at=MADE + SECOND), {}),
}


@pytest.mark.parametrize("name", OPEN_ITEMS)
def test_a_keyed_create_that_made_nothing_yet_stays_open_and_nothing_waits(name: str) -> None:
    call, items = OPEN_ITEMS[name]
    found = recovered_keyed(state(call), items)
    assert found.state.intents == {call.id: call}
    assert found.undecided == ()


OVER: dict[str, tuple[ContentItem | None, dict[Address, str]]] = {
    "all posts": (ContentItem("i1", (LI, X)), {HERE: "id-1", THERE: "id-2"}),
    "posts in part": (ContentItem("i1", (LI,)), {THERE: "id-2"}),
    "no post any more": (ContentItem("i1", ()), {}),
    "a post of another profile": (ContentItem("i1", (live("id-3", profile_id="p-fb"),)), {}),
    "gone": (None, {}),
}


@pytest.mark.parametrize("name", OVER)
@pytest.mark.parametrize("mark", [None, MADE + SECOND])
def test_a_keyed_create_whose_item_makes_no_more_is_settled_at_once(
    name: str, mark: datetime | None
) -> None:
    item, owned = OVER[name]
    found = recovered_keyed(state(keyed(item="i1", sent_at=mark)), {"i1": item})
    assert found.state.intents == {}
    assert found.undecided == ()
    assert {key: one.remote_id for key, one in found.state.resources.items()} == owned
    assert all(one.applied == ENTRY for one in found.state.resources.values())
    assert found.state.abandoned == ()


def test_what_an_item_made_replaces_no_entry_that_is_there() -> None:
    """The address may own another entry by now, such as one that a person brought back."""
    other = binding(remote_id="id-9", observed=ENTRY)
    found = recovered_keyed(
        state(keyed(item="i1"), owned=(other,)), {"i1": ContentItem("i1", (X,))}, live("id-9")
    )
    assert found.state.owned_ids() == {"id-9", "id-1"}
    assert found.state.resources[HERE].remote_id == "id-9"


def test_a_keyed_create_that_was_surely_not_sent_is_over() -> None:
    found = recovered_keyed(state(keyed(sent_at=None)), {})
    assert (found.state.intents, found.state.draft_keys) == ({}, {})


@pytest.mark.parametrize("items", [None, {"another": None}])
def test_without_a_read_of_its_item_a_keyed_create_is_looked_for_like_any_other(
    items: dict[str, ContentItem | None] | None,
) -> None:
    """The provider has no keyed creates any more, or the plan is made offline."""
    found = recovered_keyed(state(keyed(item="i1")), items)
    assert len(found.undecided) == 2
    seen_there = recovered_keyed(state(keyed(item="i1")), items, X, LI)
    assert seen_there.state.owned_ids() == {"id-1", "id-2"}
