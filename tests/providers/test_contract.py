"""What every provider must do, whatever it is made of.

Each test is given a `Bench`: a provider, and the world behind it to look at and to break (see
`bench.py`). What must happen when things go wrong stands in `test_contract_faults.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plancast.model.entry import Entry, Image, Link, LiveStatus, QueuePosition
from plancast.model.ports import NotFound, OutcomeUnknown, Rejected
from plancast.model.profile import Profile
from plancast.networks.registry import LIMITS
from plancast.reconcile.compare import live_diffs, same_as_live
from tests.fakes import START
from tests.providers.bench import DUE, OTHER, PICTURE, URL, Bench, agrees, fitting

# -- looking ----


def test_account_and_profiles(bench: Bench) -> None:
    assert bench.provider.account().id
    profiles = bench.provider.profiles()
    assert {"twitter", "facebook", "linkedin"} <= {profile.service for profile in profiles}
    for profile in profiles:
        assert bench.provider.profile(profile.id) == profile
        assert profile.label


def test_a_profile_that_does_not_exist_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.provider.profile("4eb854340acb04e87000ffff")
    stranger = Profile("4eb854340acb04e87000ffff", "twitter")
    with pytest.raises(NotFound):
        bench.provider.read([stranger])


def test_limits_are_told_for_every_network(bench: Bench) -> None:
    """Or known without asking, where the provider tells none."""
    told = {**LIMITS, **bench.provider.limits().by_service}
    for profile in bench.provider.profiles():
        assert (told[profile.service].text or 0) > 0


def test_an_empty_queue_and_an_empty_history(bench: Bench) -> None:
    profiles = bench.provider.profiles()
    found = bench.provider.read(profiles)
    assert (found.entries, found.requests) == ((), 1 if bench.speaks_graphql else len(profiles))
    assert all(bench.provider.sent({profile.id: None}) == () for profile in profiles)
    assert bench.provider.read([]).entries == ()


def test_the_time_of_the_server_is_its_own_or_untold(bench: Bench) -> None:
    assert bench.provider.read(bench.on("twitter")).server_time in (None, START)


# -- creating ----

ENTRIES = {
    "text": Entry("Something is coming"),
    "trimmed": Entry("  Something is coming\n\n"),
    "odd signs": Entry("ü € 🎉 & = + % # \"<b>\" 'x' \\ [a]\n\n2nd line\ttab"),
    "time": Entry("At a time", DUE),
    "seconds": Entry("At a second", DUE + timedelta(seconds=17)),
    "next": Entry("Next", queue=QueuePosition.NEXT),
    "top": Entry("Top", queue=QueuePosition.TOP),
    "link": Entry("See", link=Link(URL)),
    "link alone": Entry("", link=Link(URL)),
    "link twice": Entry(f"See {URL} now", link=Link(URL)),
    "card": Entry("See", link=Link(URL, "A title", "A description")),
    "card with picture": Entry("See", link=Link(URL, "A title", None, PICTURE)),
    "link in text": Entry(f"See {URL}."),
    "no card": Entry(f"See {URL}", link_card=False),
    "shortened": Entry(f"See {URL} and {URL}/2", shorten=True),
    "image": Entry("Look", images=(Image(PICTURE),)),
    "images": Entry("Look", images=(Image(PICTURE, "A stage"), Image(OTHER, "A door"))),
    "link and image": Entry("Look", link=Link(URL), images=(Image(PICTURE, "A stage"),)),
    "link in text and image": Entry(f"Look {URL}", images=(Image(PICTURE),)),
}
CASES = [pytest.param(entry, id=name) for name, entry in ENTRIES.items()]


@pytest.mark.parametrize("entry", CASES)
def test_what_is_created_reads_back_as_expected_on_every_network(
    bench: Bench, entry: Entry
) -> None:
    for profiles in sharing(bench, entry):
        before = bench.posts()
        made = bench.provider.create(entry, profiles)
        assert bench.posts() - before == bench.calls(profiles)
        assert len({live.id for live in made}) == len(profiles)
        for profile, live in zip(profiles, made, strict=True):
            agrees(bench, entry, profile, live)
            assert bench.queue(profile) == (live,)


def sharing(bench: Bench, entry: Entry) -> list[list[Profile]]:
    """The profiles that an entry fits, in parts that may share a create."""
    profiles = list(fitting(bench, entry))
    cardless = bench.provider.capabilities.cardless_services if entry.link else frozenset()
    parts = (
        [profile for profile in profiles if (profile.service in cardless) is apart]
        for apart in (False, True)
    )
    return [part for part in parts if part]


@pytest.mark.parametrize("entry", CASES)
def test_one_profile_at_a_time_gives_the_same(bench: Bench, entry: Entry) -> None:
    for profile in fitting(bench, entry):
        (live,) = bench.provider.create(entry, [profile])
        agrees(bench, entry, profile, live)


def test_results_come_in_the_order_of_the_profiles(bench: Bench) -> None:
    bench.world.set_setting("reversed_updates", True)
    profiles = bench.on("linkedin", "twitter", "facebook")
    made = bench.provider.create(Entry("a"), profiles)
    assert [live.profile_id for live in made] == [profile.id for profile in profiles]


def test_the_queue_decides_the_time_of_what_has_none(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    (first,) = bench.provider.create(Entry("first"), [profile])
    (top,) = bench.provider.create(Entry("top", queue=QueuePosition.TOP), [profile])
    order = [live.id for live in bench.queue(profile)]
    assert order == [top.id, first.id]
    assert first.entry.due_at is None
    assert first.due_at is not None


def test_a_profile_without_posting_times_takes_entries_that_have_no_time(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    bench.world.set_profile(profile.id, schedules=())
    (live,) = bench.provider.create(Entry("a"), [profile])
    assert live.due_at is None


@pytest.mark.parametrize(
    ("entry", "full"),
    [
        (Entry("late", START - timedelta(hours=1)), False),
        (Entry("again"), False),
        (Entry(""), False),
        (Entry("x" * 5000), False),
        (Entry("a", images=(Image("http://localhost/a.png"),)), False),
        (Entry("a", images=(Image("https://acme.example/a.exe"),)), False),
        (Entry("a", images=(Image(file="a.png"),)), False),
        (Entry("\ud800"), False),
        (Entry("full"), True),
    ],
)
def test_a_refusal_leaves_nothing(bench: Bench, entry: Entry, full: bool) -> None:
    (profile,) = bench.on("twitter")
    bench.provider.create(Entry("again"), [profile])
    if full:
        bench.world.set_setting("queue_limit", 1)
    with pytest.raises(Rejected) as caught:
        bench.provider.create(entry, [profile])
    assert caught.value.queue_full is full
    assert caught.value.message
    assert "<" not in caught.value.message
    assert len(bench.queue(profile)) == 1


def test_a_group_of_which_one_is_full_is_refused_or_told_apart(bench: Bench) -> None:
    profiles = bench.on("twitter", "facebook")
    bench.provider.create(Entry("first"), profiles[:1])
    bench.world.set_setting("queue_limit", 1)
    if bench.provider.capabilities.create_group > 1:
        with pytest.raises(Rejected) as refused:
            bench.provider.create(Entry("second"), profiles)
        assert refused.value.queue_full
        bench.world.set_setting("when_full", "skip")
    with pytest.raises(OutcomeUnknown) as caught:
        bench.provider.create(Entry("second"), profiles)
    assert [live.profile_id for live in caught.value.confirmed] == [profiles[1].id]


# -- reading ----


def test_a_long_queue_is_read_in_pages(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    made = {bench.world.person_create(profile.id, f"post {n}").id for n in range(203)}
    found = bench.provider.read([profile])
    assert {live.id for live in found.entries} == made
    assert found.requests == 3
    due = [live.due_at or START for live in found.entries]
    assert due == sorted(due)


def test_only_what_was_created_since(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    bench.provider.create(Entry("old"), [profile])
    bench.world.advance(60)
    (new,) = bench.provider.create(Entry("new"), [profile])
    since = START + timedelta(seconds=60)
    assert [live.id for live in bench.provider.read([profile], since).entries] == [new.id]
    assert bench.provider.read([profile], since + timedelta(seconds=1)).entries == ()


def test_what_a_person_made_is_read_too(bench: Bench) -> None:
    (profile,) = bench.on("facebook")
    made = bench.world.person_create(profile.id, "by hand", at=DUE, media={"picture": PICTURE})
    (live,) = bench.queue(profile)
    assert live.id == made.id
    assert live.entry == Entry("by hand", DUE, images=(Image(PICTURE),))


def test_copies_of_images_are_told_from_originals(bench: Bench) -> None:
    bench.world.set_setting("rehost_images", True)
    (profile,) = bench.on("twitter")
    asked = Entry("Look", images=(Image(PICTURE),))
    (live,) = bench.provider.create(asked, [profile])
    assert live.entry.images[0].hosted
    assert same_as_live(asked, bench.provider.expected(asked, profile), live)


@pytest.mark.parametrize(
    "setting", ["missing_optional_fields", "statistics_as_list", "empty_twitter_names"]
)
@pytest.mark.parametrize("on", [True, False])
def test_fields_that_come_and_go(bench: Bench, setting: str, on: bool) -> None:
    bench.world.set_setting(setting, on)
    assert bench.provider.account().id
    profiles = fitting(bench, Entry("a"))
    made = bench.provider.create(Entry("a"), profiles)
    for profile, live in zip(profiles, made, strict=True):
        assert bench.queue(profile) == (live,)


def test_an_entry_that_its_network_refused_stays_and_says_why(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    bench.world.set_setting("network_refuses", ("*",))
    (made,) = bench.provider.create(Entry("a", DUE), [profile])
    bench.world.set_clock(DUE + timedelta(minutes=1))
    (live,) = bench.queue(profile)
    assert (live.id, live.status) == (made.id, LiveStatus.FAILED)
    assert live.error


def test_what_went_out_is_listed_newest_first(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    made = [
        bench.provider.create(Entry(f"post {n}", DUE + timedelta(hours=n)), [profile])[0]
        for n in range(3)
    ]
    bench.world.set_clock(DUE + timedelta(days=1))
    assert bench.queue(profile) == ()
    sent = bench.provider.sent({profile.id: None})
    assert [live.id for live in sent] == [live.id for live in reversed(made)]
    assert all(live.status is LiveStatus.PUBLISHED for live in sent)
    assert all(live.sent_at and live.link for live in sent)
    since = DUE + timedelta(hours=1)
    assert [live.id for live in bench.provider.sent({profile.id: since})] == [
        made[2].id,
        made[1].id,
    ]


# -- changing ----

CHANGES = [
    pytest.param(Entry("a"), Entry("b"), id="text"),
    pytest.param(Entry("a", DUE), Entry("a", DUE + timedelta(hours=1)), id="time"),
    pytest.param(Entry("a"), Entry("a", DUE), id="gets a time"),
    pytest.param(Entry("a", DUE), Entry("a"), id="back to the queue"),
    pytest.param(Entry("a", DUE), Entry("a", queue=QueuePosition.TOP), id="to the top"),
    pytest.param(Entry("a"), Entry("a", link=Link(URL)), id="gets a link"),
    pytest.param(Entry("a", link=Link(URL)), Entry("a"), id="loses its link"),
    pytest.param(Entry("a", link=Link(URL)), Entry("a", link=Link(f"{URL}/2")), id="other link"),
    pytest.param(
        Entry("a", link=Link(URL, "T")), Entry("a", link=Link(URL, "U", "D")), id="other card"
    ),
    pytest.param(Entry("a"), Entry("a", images=(Image(PICTURE),)), id="gets an image"),
    pytest.param(Entry("a", images=(Image(PICTURE),)), Entry("a"), id="loses its image"),
    pytest.param(
        Entry("a", images=(Image(PICTURE),)), Entry("b", images=(Image(PICTURE),)), id="keeps it"
    ),
    pytest.param(
        Entry("a", images=(Image(PICTURE), Image(OTHER))),
        Entry("a", images=(Image(OTHER),)),
        id="fewer images",
    ),
    pytest.param(
        Entry("a", images=(Image(PICTURE),)),
        Entry("a", images=(Image(OTHER), Image(PICTURE))),
        id="more images",
    ),
    pytest.param(
        Entry("a", images=(Image(PICTURE),)), Entry("a", link=Link(URL)), id="image to link"
    ),
    pytest.param(
        Entry("a", link=Link(URL)), Entry("a", images=(Image(PICTURE),)), id="link to image"
    ),
    pytest.param(Entry(f"a {URL}"), Entry(f"b {URL}"), id="card from text stays"),
    pytest.param(Entry(f"a {URL}"), Entry(f"a {URL}/2"), id="card from text changes"),
    pytest.param(Entry(f"a {URL}"), Entry("a"), id="card from text goes"),
    pytest.param(Entry("a"), Entry(f"a {URL}"), id="card from text comes"),
    pytest.param(Entry(f"a {URL}"), Entry(f"a {URL}", link_card=False), id="card switched off"),
    pytest.param(Entry(f"a {URL}", link_card=False), Entry(f"b {URL}"), id="card switched on"),
    pytest.param(Entry(f"a {URL}"), Entry(f"b {URL}", shorten=True), id="shortened from now on"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
@pytest.mark.parametrize("service", ["twitter", "facebook", "mastodon"])
def test_an_update_makes_it_what_was_asked_for(
    bench: Bench, before: Entry, after: Entry, service: str
) -> None:
    (profile,) = bench.on(service)
    (made,) = bench.provider.create(before, [profile])
    sent = bench.posts()
    live = bench.provider.update(made.id, after, made.entry, profile)
    assert bench.posts() - sent == 1
    assert live.id == made.id
    agrees(bench, after, profile, live)
    (read,) = bench.queue(profile)
    agrees(bench, after, profile, read)
    if after.due_at is None:
        assert read.entry.due_at is None


def test_an_update_undoes_what_a_person_did(bench: Bench) -> None:
    (profile,) = bench.on("facebook")
    asked = Entry("a", DUE, images=(Image(PICTURE),))
    (made,) = bench.provider.create(asked, [profile])
    bench.world.person_edit(made.id, text="mine", queue=True, media={"link": URL})
    (live,) = bench.queue(profile)
    assert live_diffs(asked, bench.provider.expected(asked, profile), live) != ()
    agrees(bench, asked, profile, bench.provider.update(made.id, asked, live.entry, profile))


def test_deleted_is_gone(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a"), [profile])
    bench.provider.delete(live.id)
    assert bench.queue(profile) == ()
    with pytest.raises(NotFound):
        bench.provider.delete(live.id)
    with pytest.raises(NotFound):
        bench.provider.update(live.id, Entry("b"), live.entry, profile)
    with pytest.raises(NotFound):
        bench.provider.share(live.id)


def test_shared_is_sent(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a", DUE), [profile])
    bench.provider.share(live.id)
    assert bench.queue(profile) == ()
    (sent,) = bench.provider.sent({profile.id: None})
    assert (sent.id, sent.status, sent.sent_at) == (live.id, LiveStatus.PUBLISHED, START)


def test_what_was_sent_cannot_be_changed(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a", DUE), [profile])
    bench.world.set_clock(DUE + timedelta(hours=1))
    with pytest.raises(Rejected):
        bench.provider.update(live.id, Entry("b"), live.entry, profile)
    with pytest.raises(Rejected):
        bench.provider.delete(live.id)
    with pytest.raises(Rejected):
        bench.provider.share(live.id)


# -- times, and what costs nothing ----


def test_times_are_whole_seconds_of_utc(bench: Bench) -> None:
    now = bench.clock.now()
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond == 0
    (profile,) = bench.on("twitter")
    (live,) = bench.provider.create(Entry("a", DUE), [profile])
    for moment in (live.created_at, live.due_at, live.entry.due_at):
        assert isinstance(moment, datetime)
        assert moment.tzinfo is UTC


def test_expected_never_asks_anybody(bench: Bench) -> None:
    (profile,) = bench.on("twitter")
    before = bench.world.requests().received
    bench.provider.expected(replace(Entry("a"), link=Link(URL)), profile)
    bench.provider.windows()
    assert bench.world.requests().received == before
