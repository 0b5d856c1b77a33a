"""A state for another API: what is owned is found, what is not certain is asked, none is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plancast.model.entry import Address, LiveEntry, LiveStatus
from plancast.model.plan import Action, Change, Situation
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus, State
from plancast.model.workspace import Desired
from plancast.rebuild.migrate import (
    FoundEntries,
    Search,
    Target,
    find,
    migrated,
    misgiven,
    sent_since,
)
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.match import Facts, Live, match
from plancast.reconcile.rails import guard_ids
from plancast.testing.builders import ADDRESS, NOW, TEXT, entry, live, moment
from tests.reconcile.making import as_it_is, binding, desired, intent, state

AT = "2026-12-01 08:30"
PAST = "2026-11-20 08:30"
SHORT = f"{TEXT} https://buff.ly/3xYz"
LONG = f"{TEXT} https://acme.example/launch"
CHANNEL = Profile("c-acme-x", "twitter", username="acme")
CHANNELS = {"p-acme-x": CHANNEL, "p-acme-fb": Profile("c-acme-fb", "facebook")}
TARGET = Target("buffer-graphql", "account-2", tuple(CHANNELS.values()), NOW)


def scheduled_entry(
    id: str = "n1", text: str = TEXT, at: str | None = AT, channel: str = "c-acme-x"
) -> LiveEntry:
    return replace(live(id, entry(text, at=at), due_at=at), profile_id=channel)


def queued(id: str, text: str, due: str) -> LiveEntry:
    """The queue gave it its time."""
    return replace(live(id, entry(text, at=None), due_at=due), profile_id="c-acme-x")


def sent_entry(id: str = "s1", text: str = TEXT, at: str = PAST) -> LiveEntry:
    content = entry(text, at=at)
    sent = live(id, content, due_at=at, sent_at=at, status=LiveStatus.PUBLISHED)
    return replace(sent, profile_id="c-acme-x")


def sent_binding(address: str = ADDRESS, text: str = TEXT, at: str = PAST) -> Binding:
    return binding(address, entry(text, at=at), status=BindingStatus.PUBLISHED, sent_at=moment(at))


def run(
    bindings: list[Binding], queue: list[LiveEntry], sent: list[LiveEntry] | None = None
) -> FoundEntries:
    return find(Search(bindings, CHANNELS), Live(tuple(queue), tuple(sent or ())))


def result_by_address(found: FoundEntries) -> dict[str, str]:
    """By address: `HOW ID` of what was found, `? ID...` of a question, `lost`, `kept`."""
    return {
        **{str(it.binding.address): f"{it.how} {it.live.id}" for it in found.moved},
        **{
            str(it.item.address): " ".join(["?", *(one.live.id for one in it.candidates)])
            for it in found.ambiguous
        },
        **{str(it.address): "lost" for it in found.lost},
        **{str(it.address): "kept" for it in found.kept},
    }


# -- one binding, one entry -----------------------------------------------------------------------

SEEN = binding(ADDRESS, entry(LONG), observed=entry(SHORT))
SLOT = binding(ADDRESS, entry(at=None), due_at=moment("2026-12-01 11:00"))

ONE = {
    "the same id": (binding(), [scheduled_entry("remote-1")], [], "id remote-1"),
    "the same id, moved and edited": (
        binding(),
        [scheduled_entry("remote-1", TEXT.replace("Tomorrow", "Today"), "2026-12-20 08:30")],
        [],
        "id remote-1",
    ),
    "the same id and minute, another text": (
        binding(),
        [scheduled_entry("remote-1", "Rewritten from scratch, word by word.")],
        [],
        "id remote-1",
    ),
    "the same id of something else": (
        binding(),
        [scheduled_entry("remote-1", "A quiet evening by the river.", "2026-12-09 18:00")],
        [],
        "lost",
    ),
    "the same id on another channel": (
        binding(),
        [scheduled_entry("remote-1", channel="c-acme-fb"), scheduled_entry("n1")],
        [],
        "exact n1",
    ),
    "another id": (binding(), [scheduled_entry()], [], "exact n1"),
    "as it was seen, not as it was asked for": (
        SEEN, [scheduled_entry(text=SHORT)], [], "exact n1"
    ),
    "moved by a person": (binding(), [scheduled_entry(at="2026-12-01 10:30")], [], "order n1"),
    "edited by a person": (
        binding(),
        [scheduled_entry(text=TEXT.replace("Tomorrow", "Today"))],
        [],
        "likeness n1",
    ),
    "in the queue, at its time": (SLOT, [queued("n1", TEXT, "2026-12-01 11:00")], [], "exact n1"),
    "in the queue, in another slot": (
        SLOT,
        [queued("n1", TEXT, "2026-12-19 11:00")],
        [],
        "exact n1",
    ),
    "twice": (binding(), [scheduled_entry(), scheduled_entry("n2")], [], "? n1 n2"),
    "removed": (binding(), [], [], "lost"),
    "it went out meanwhile": (binding(ADDRESS, entry(at=PAST)), [], [sent_entry()], "exact s1"),
    "it went out before": (sent_binding(), [], [sent_entry()], "exact s1"),
    "it went out before, and is due again": (sent_binding(), [scheduled_entry()], [], "kept"),
    "it went out just now, and is due again": (
        sent_binding(at="2026-11-22 08:30"),
        [scheduled_entry(at="2026-11-24 08:30")],
        [],
        "kept",
    ),
    "it went out long before": (sent_binding(), [], [], "kept"),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE)
def test_a_binding_is_found_by_its_id_or_its_content(case: str) -> None:
    bound, queue, sent, verdict = ONE[case]
    assert result_by_address(run([bound], queue, sent)) == {ADDRESS: verdict}


def test_an_id_is_spoken_for_before_anything_is_compared() -> None:
    """Two say the same at one time: only their ids differ."""
    bindings = [binding("a@acme-x", remote_id="r1"), binding("b@acme-x", remote_id="r2")]
    found = run(bindings, [scheduled_entry("r2"), scheduled_entry("r1")])
    assert result_by_address(found) == {"a@acme-x": "id r1", "b@acme-x": "id r2"}


ALIKE = {
    "equal": (scheduled_entry(), "exact n1"),
    "later": (scheduled_entry(at="2026-12-01 10:30"), "? n1"),
    "edited": (scheduled_entry(text=TEXT.replace("Tomorrow", "Today")), "? n1"),
}


@pytest.mark.parametrize("case", ALIKE)
def test_where_others_have_their_ids_what_is_only_like_it_may_be_somebody_elses(case: str) -> None:
    there, verdict = ALIKE[case]
    kept = binding("kept@acme-x", entry("Kept as it is."), remote_id="r2")
    found = run([binding(), kept], [there, scheduled_entry("r2", "Kept as it is.")])
    assert result_by_address(found) == {ADDRESS: verdict, "kept@acme-x": "id r2"}


@pytest.mark.parametrize(("second", "verdict"), [(0, "order n1"), (9, "order n1"), (90, "? n1")])
def test_where_others_have_their_births_so_it_is_with_those(second: int, verdict: str) -> None:
    made_at = moment("2026-11-20 09:00:00")
    there = replace(
        scheduled_entry(at="2026-12-01 10:30"), created_at=made_at + timedelta(seconds=second)
    )
    kept = binding("kept@acme-x", entry("Kept as it is."), created_at=made_at)
    queue = [there, replace(scheduled_entry("n2", "Kept as it is."), created_at=made_at)]
    found = result_by_address(run([binding(created_at=made_at), kept], queue))
    assert found == {ADDRESS: verdict, "kept@acme-x": "exact n2"}


def test_slots_of_the_queue_tell_apart_what_says_the_same() -> None:
    bindings = [
        binding(f"{n}@acme-x", entry(at=None), due_at=moment(f"2026-12-0{n} 11:00")) for n in (1, 2)
    ]
    queue = [queued(f"n{n}", TEXT, f"2026-12-0{n} 11:00") for n in (2, 1)]
    assert result_by_address(run(bindings, queue)) == {
        "1@acme-x": "exact n1",
        "2@acme-x": "exact n2",
    }


def test_what_is_taken_is_no_slot_for_another() -> None:
    bindings = [
        binding(f"{n}@acme-x", entry(at=None), due_at=moment(f"2026-12-0{n} 11:00")) for n in (1, 2)
    ]
    found = run(bindings, [queued("n1", TEXT, "2026-12-01 11:00")])
    assert result_by_address(found) == {"1@acme-x": "exact n1", "2@acme-x": "lost"}


BIRTHS = {
    "one of two": (["09:00:00", "09:00:07"], {"a@acme-x": "born n1"}),
    "both": (["09:00:00", "09:00:00"], {"a@acme-x": "? n1 n2"}),
    "neither": (["09:00:01", "09:00:07"], {"a@acme-x": "? n1 n2"}),
}


@pytest.mark.parametrize("case", BIRTHS)
def test_the_second_in_which_it_was_made_settles_what_the_content_cannot(case: str) -> None:
    seconds, verdict = BIRTHS[case]
    made_at = [moment(f"2026-11-20 {second}") for second in seconds]
    queue = [replace(scheduled_entry(f"n{n}"), created_at=at) for n, at in enumerate(made_at, 1)]
    bound = binding("a@acme-x", created_at=moment("2026-11-20 09:00:00"))
    assert result_by_address(run([bound], queue)) == verdict


def test_what_two_were_made_in_settles_nothing() -> None:
    at = moment("2026-11-20 09:00:00")
    bindings = [binding(f"{name}@acme-x", created_at=at) for name in "ab"]
    queue = [replace(scheduled_entry("n1"), created_at=at), scheduled_entry("n2")]
    assert set(result_by_address(run(bindings, queue)).values()) == {"? n1 n2"}


def test_what_went_out_never_takes_what_is_due_again() -> None:
    found = run(
        [sent_binding("old@acme-x"), binding("new@acme-x")], [scheduled_entry()], [sent_entry()]
    )
    assert result_by_address(found) == {"new@acme-x": "exact n1", "old@acme-x": "exact s1"}


def test_what_went_out_on_a_profile_that_is_no_more_stays_as_it_is() -> None:
    old = replace(sent_binding("old@acme-mastodon"), profile_id="p-closed")
    found = run([old], [scheduled_entry()], [sent_entry()])
    assert result_by_address(found) == {"old@acme-mastodon": "kept"}
    assert made(found, old).resources[old.address] == old


# -- what a person says ---------------------------------------------------------------------------


def test_what_a_person_says_goes_before_everything() -> None:
    place = Address.parse(ADDRESS)
    search = Search([binding()], CHANNELS, given={place: "n2"})
    world = Live((scheduled_entry("remote-1"), scheduled_entry("n2", "Something else.")))
    assert misgiven(search, world) == ()
    assert result_by_address(find(search, world)) == {ADDRESS: "given n2"}


MISGIVEN = {
    "nobody's address": ({"other@acme-x": "n1"}, "it is not in the state"),
    "no such post": ({ADDRESS: "n9"}, "no post n9 is in the queue or was sent lately"),
    "on another channel": ({ADDRESS: "fb"}, "the post fb is on another channel"),
    "for two": ({ADDRESS: "n1", "b@acme-x": "n1"}, "the post n1 is given to another address too"),
}


@pytest.mark.parametrize("case", MISGIVEN)
def test_what_a_person_says_must_be_possible(case: str) -> None:
    answers, reason = MISGIVEN[case]
    search = Search(
        [binding(), binding("b@acme-x")],
        CHANNELS,
        given={Address.parse(key): value for key, value in answers.items()},
    )
    found = misgiven(search, Live((scheduled_entry(), scheduled_entry("fb", channel="c-acme-fb"))))
    assert {reason for _, reason in found} == {reason}


# -- which sent lists are read --------------------------------------------------------------------


def test_sent_lists_are_read_for_what_the_queue_does_not_explain() -> None:
    made_at, reach = moment("2026-11-10 08:00"), timedelta(days=30)
    waiting = binding("a@acme-x", created_at=made_at)
    search = Search(
        [waiting, sent_binding("b@acme-x"), sent_binding("c@acme-x", at="2026-08-01 08:30")],
        CHANNELS,
    )
    assert sent_since(search, find(search, Live((scheduled_entry(),))), NOW, reach) == {
        "c-acme-x": moment("2026-11-20 08:29")
    }, "of what went out, as far as the list reaches"
    assert sent_since(search, find(search, Live()), NOW, reach) == {"c-acme-x": made_at}
    unknown = Search([replace(waiting, created_at=None)], CHANNELS)
    assert sent_since(unknown, find(unknown, Live()), NOW, reach) == {"c-acme-x": None}
    nothing = Search([waiting], CHANNELS)
    assert sent_since(nothing, find(nothing, Live((scheduled_entry(),))), NOW, reach) == {}
    later = Live((scheduled_entry(at="2026-12-01 10:30"),))
    assert sent_since(nothing, find(nothing, later), NOW, reach) == {"c-acme-x": made_at}, (
        "it may be another, and ours went out"
    )


# -- the new state, and the plan that follows -----------------------------------------------------


def made(found: FoundEntries, *bindings: Binding) -> State:
    return migrated(state(*bindings), found, CHANNELS, as_it_is, TARGET)


def asks(bound: Binding) -> Desired:
    """Return the entry that its file asks for, on the channel."""
    return desired(str(bound.address), bound.applied, profile=CHANNELS[bound.profile_id])


def changes(fresh: State, wanted: list[Desired], world: Live) -> list[Change]:
    matched = match(wanted, fresh.resources.values(), world, Facts(as_it_is, NOW))
    return [diff(pair, DiffContext(NOW, as_it_is, {}, "Buffer")) for pair in matched.pairs]


@pytest.mark.parametrize("case", ONE)
def test_nothing_is_created_or_destroyed_by_the_plan_that_follows(case: str) -> None:
    """But what is doubtful: it is not in the state any more, so it must not come to that."""
    bound, queue, sent, verdict = ONE[case]
    found = run([bound], queue, sent)
    fresh = made(found, bound)
    assert (bound.address in fresh.resources) == (verdict != "lost" and "?" not in verdict)
    assert found.doubtful == (() if fresh.resources else (bound.address,))
    if fresh.resources:
        (change,) = changes(fresh, [asks(bound)], Live(tuple(queue), tuple(sent)))
        assert change.action in (Action.NONE, Action.UPDATE)


def test_what_nobody_touched_needs_nothing() -> None:
    """Short links, as they were seen, are no change of a person."""
    fresh = made(run([SEEN], [scheduled_entry(text=SHORT)]), SEEN)
    (change,) = changes(fresh, [asks(SEEN)], Live((scheduled_entry(text=SHORT),)))
    assert (change.action, change.situations) == (Action.NONE, ())
    assert fresh.resources[SEEN.address].observed.text == SHORT


def test_what_a_person_changed_since_is_still_seen_as_such() -> None:
    touched = scheduled_entry(text=TEXT.replace("Tomorrow", "Today"))
    fresh = made(run([binding()], [touched]), binding())
    (change,) = changes(fresh, [asks(binding())], Live((touched,)))
    assert (change.action, change.situations) == (Action.UPDATE, (Situation.DRIFTED,))


def test_what_an_author_changed_since_is_still_to_be_sent() -> None:
    fresh = made(run([binding()], [scheduled_entry()]), binding())
    edited = replace(asks(binding()), entry=entry("Something else is coming."))
    (change,) = changes(fresh, [edited], Live((scheduled_entry(),)))
    assert (change.action, change.situations) == (Action.UPDATE, ())


def test_what_went_out_stays_published_whatever_is_found() -> None:
    for sent in ([sent_entry()], []):
        fresh = made(run([sent_binding()], [], sent), sent_binding())
        assert fresh.resources[sent_binding().address].profile_id == CHANNEL.id
        (change,) = changes(fresh, [asks(sent_binding())], Live(sent=tuple(sent)))
        assert (change.action, change.situations) == (Action.NONE, (Situation.PUBLISHED,))


def test_the_state_is_about_the_other_side_and_goes_on_counting() -> None:
    bound = binding(protect=True, inert=True, unsettled_at=NOW)
    late = replace(intent("late@acme-x", made_at=NOW), known=("remote-1", "by-hand"))
    old = replace(state(bound), account_id="account-1", abandoned=(late,), read_at=None)
    fresh = migrated(old, run([bound], [scheduled_entry()]), CHANNELS, as_it_is, TARGET)
    assert (fresh.lineage, fresh.serial) == (old.lineage, old.serial)
    assert (fresh.provider, fresh.account_id) == ("buffer-graphql", "account-2")
    assert (fresh.read_at, {it.id for it in fresh.profiles}) == (NOW, {"c-acme-x", "c-acme-fb"})
    kept = fresh.resources[bound.address]
    assert (kept.remote_id, kept.profile_id) == ("n1", "c-acme-x")
    assert (kept.protect, kept.inert, kept.unsettled_at) == (True, True, NOW)
    assert fresh.abandoned[0].profile_ids == ("c-acme-x",)
    assert fresh.abandoned[0].known == ("n1", "by-hand")


LINK = "https://acme.example/launch"
REWRITTEN = {
    "a link that stands in the text there": (
        entry(link=LINK),
        entry(f"{TEXT} {LINK}"),
        entry(f"{TEXT} {LINK}"),
    ),
    "a link that is a card there": (
        entry(link=LINK),
        entry(f"{TEXT} {LINK}"),
        entry(link=LINK),
    ),
    "tags that the other side has not": (entry(), entry(), entry()),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_what_the_two_sides_read_otherwise_needs_nothing(case: str) -> None:
    asked, observed, shown = REWRITTEN[case]
    bound = binding(ADDRESS, asked, observed=observed)
    there = replace(scheduled_entry(), entry=shown)
    wanted = replace(asks(bound), entry=replace(asked, tags=("launch",)))
    target = replace(TARGET, tags={bound.address: ("launch",)})
    fresh = migrated(state(bound), run([bound], [there]), CHANNELS, as_it_is, target)
    (change,) = changes(fresh, [wanted], Live((there,)))
    assert (change.action, change.situations) == (Action.NONE, ())


def test_open_intents_are_no_matter_of_ids() -> None:
    with pytest.raises(ValueError, match="intents"):
        migrated(state(intents=[intent()]), FoundEntries(), CHANNELS, as_it_is, TARGET)


APIS = {
    "its own": ("buffer-v1", "buffer-v1", True),
    "another": ("buffer-v1", "buffer-graphql", False),
    "back again": ("buffer-graphql", "buffer-v1", False),
    "not told, and the first": ("", "buffer-v1", True),
    "not told, and another": ("", "buffer-graphql", False),
    "of a provider that has no name for it": ("buffer-v1", "", True),
}


@pytest.mark.parametrize("case", APIS)
def test_a_state_is_for_the_api_whose_ids_it_holds(case: str) -> None:
    known, api, fits = APIS[case]
    for owner in (state(binding()), state(intents=[intent()])):
        trouble = guard_ids(replace(owner, provider=known), api)
        assert (trouble is None) == fits
    assert guard_ids(replace(state(), provider=known), api) is None, "it holds none"
