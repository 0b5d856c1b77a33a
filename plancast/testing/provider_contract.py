"""The contract of providers: a suite of tests that every provider must pass, to inherit from.

The tests of a provider supply a `ProviderCase`: the provider, and handles on the service behind it
by which the suite acts as a person, lets time pass and breaks requests.

    class TestMyProvider(ProviderContract):
        @pytest.fixture
        def case(self, tmp_path: Path) -> ProviderCase: ...

In the `conftest.py` beside it, so that a failing assertion shows its values:

    pytest.register_assert_rewrite("plancast.testing")
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

import pytest

from plancast.model.entry import Entry, Image, Link, LiveEntry, LiveStatus, QueuePosition
from plancast.model.exit_codes import Stop
from plancast.model.ports import (
    Clock,
    NotFound,
    OutcomeUnknown,
    Provider,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
    keyed_creates,
)
from plancast.model.profile import Profile
from plancast.networks.registry import LIMITS
from plancast.providers.registry import ProviderInfo, find
from plancast.reconcile.compare import live_diffs, same_as_live

URL = "https://acme.example/launch"
PICTURE = "https://acme.example/a.png"
OTHER = "https://acme.example/b.png"


class WireFailure(Enum):
    """Ways in which a request that changes something can go wrong, if the wire allows them."""

    NO_RIGHT = "the key is refused"
    TOO_EARLY = "the request limit is used up"
    NEVER_ARRIVED = "no byte of the request arrives"
    LOST_REQUEST = "the request is lost, and no answer comes"
    LOST_ANSWER = "the request is carried out, and its answer is lost"


RAISED: dict[WireFailure, tuple[type[ProviderError], bool]] = {
    WireFailure.NO_RIGHT: (Unauthorized, False),
    WireFailure.TOO_EARLY: (RateLimited, False),
    WireFailure.NEVER_ARRIVED: (Unreachable, False),
    WireFailure.LOST_REQUEST: (OutcomeUnknown, False),
    WireFailure.LOST_ANSWER: (OutcomeUnknown, True),
}
"""For each failure: the error that a create raises, and whether it was carried out."""


class LiveService(Protocol):
    """The service behind a provider, as people and time change it."""

    def write(self, profile: Profile, text: str) -> str:
        """Put a text into the queue of a profile, as a person would. Return its id."""

    def edit(self, remote_id: str, text: str) -> None:
        """Give an entry another text, as a person would."""

    def set_clock(self, moment: datetime) -> None:
        """Let time pass until `moment`. Entries that are due by then go out."""

    def fill(self, profile: Profile) -> bool:
        """Leave no room in the queue of a profile. False if a queue has no limit."""

    def changes(self) -> int:
        """Return how many requests have arrived that could change something."""

    def requests(self) -> int:
        """Return how many requests have arrived."""

    def break_next(self, failure: WireFailure) -> bool:
        """Let the next request that changes something fail. False if it cannot fail so."""


class FenceClosed(Exception):  # noqa: N818  # a participle: the fence is closed
    """The fence lets no more requests through: the run is not the one that may change the queue."""


@dataclass(slots=True)
class Fence:
    """A fence for the provider to call, as `ProviderContext.fence`. Once closed, it raises."""

    is_closed: bool = False

    def close(self) -> None:
        """Let no more requests through."""
        self.is_closed = True

    def __call__(self) -> None:
        """Return if the request may be sent. Raises FenceClosed."""
        if self.is_closed:
            raise FenceClosed


@dataclass(frozen=True, slots=True)
class ProviderCase:
    """A provider at work on an empty queue.

    `unknown_id` has the form of the service's ids and belongs to nothing. `secret` is the key that
    the provider was given, "" if it needs none. `many` is a number of entries that takes several
    pages to read. `fence` is the one that the provider was connected with, None if it calls none.
    """

    provider: Provider
    clock: Clock
    service: LiveService
    unknown_id: str = "no-such-id"
    secret: str = ""
    many: int = 203
    fence: Fence | None = None

    def queue(self, *profiles: Profile) -> tuple[LiveEntry, ...]:
        """Return the entries that wait on these profiles."""
        return self.provider.read(profiles).entries

    def due(self, hours: float = 0) -> datetime:
        """Return the time two days and `hours` from now."""
        return self.clock.now() + timedelta(days=2, hours=hours)

    def fitting(self, entry: Entry) -> tuple[Profile, ...]:
        """Return the profiles whose networks take the entry."""
        return tuple(
            profile
            for profile in self.provider.profiles()
            if self.provider.expected(entry, profile).images or not _needs_image(profile)
        )

    def first(self) -> Profile:
        """Return a profile that takes a text alone."""
        return self.fitting(Entry("a"))[0]

    def calls(self, count: int) -> int:
        """Return how many requests a create for so many profiles takes."""
        return -(-count // self.provider.capabilities.create_group)

    def agrees(self, asked: Entry, profile: Profile, live: LiveEntry) -> None:
        """Assert that a live entry is what was asked for, as plancast compares the two."""
        seen = self.provider.expected(asked, profile)
        assert live_diffs(asked, seen, live) == ()
        assert same_as_live(asked, seen, live)
        assert live.profile_id == profile.id
        assert live.status is LiveStatus.SCHEDULED
        if asked.due_at is not None:
            assert live.due_at == asked.due_at


def _needs_image(profile: Profile) -> bool:
    known = LIMITS.get(profile.service)
    return known is not None and known.needs_image


ENTRIES = {
    "text": Entry("Something is coming"),
    "trimmed": Entry("  Something is coming\n\n"),
    "odd signs": Entry("ü € 🎉 & = + % # \"<b>\" 'x' \\ [a]\n\n2nd line\ttab"),
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

CHANGES = [
    pytest.param(Entry("a"), Entry("b"), id="text"),
    pytest.param(Entry("a"), Entry("a", queue=QueuePosition.TOP), id="to the top"),
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
TIMES = ["it gets a time", "another time", "back to the queue", "to the top of the queue"]
SERVICES = ["twitter", "facebook", "mastodon"]
CALLS: dict[str, Callable[[Provider, LiveEntry, Profile], object]] = {
    "create": lambda provider, live, profile: provider.create(Entry("b"), [profile]),
    "update": lambda provider, live, profile: provider.update(
        live.id, Entry("b"), live.entry, profile
    ),
    "delete": lambda provider, live, profile: provider.delete(live.id),
    "share": lambda provider, live, profile: provider.share(live.id),
}
"""The calls that change something."""


class ProviderContract:
    """The suite. A subclass has a fixture `case`."""

    # -- looking ----

    def test_it_has_a_name_and_a_title(self, case: ProviderCase) -> None:
        assert case.provider.name
        assert case.provider.title == case.provider.capabilities.features.title

    def test_its_row_is_found_by_its_name_and_says_the_same(self, case: ProviderCase) -> None:
        """The row is built in, or that of an installed package (docs/writing-a-provider.md)."""
        provider = case.provider
        info = row_of(provider)
        assert info is not None, (
            f"no row has the name {provider.name!r}: name the `ProviderInfo` in an entry point of "
            "the group `plancast.providers`, and install the package"
        )
        assert provider.title == info.title, "hand on `title` of the context"
        choices = [{}, *({option: value} for option, value, _ in info.variants)]
        assert provider.capabilities.features in [info.features_with(one) for one in choices], (
            "hand on `features` of the context"
        )

    def test_account_and_profiles(self, case: ProviderCase) -> None:
        assert case.provider.account().id
        profiles = case.provider.profiles()
        assert profiles
        assert len({profile.id for profile in profiles}) == len(profiles)
        for profile in profiles:
            assert case.provider.profile(profile.id) == profile
            assert profile.label

    def test_a_profile_that_does_not_exist_is_not_found(self, case: ProviderCase) -> None:
        with pytest.raises(NotFound):
            case.provider.profile(case.unknown_id)
        with pytest.raises(NotFound):
            case.provider.read([Profile(case.unknown_id, "twitter")])

    def test_limits_are_known_for_every_network(self, case: ProviderCase) -> None:
        """The provider knows them, or plancast itself."""
        known = {**LIMITS, **case.provider.limits().by_service}
        for profile in case.provider.profiles():
            assert (known[profile.service].text or 0) > 0

    def test_an_empty_queue_and_an_empty_history(self, case: ProviderCase) -> None:
        profiles = case.provider.profiles()
        assert case.provider.read(profiles).entries == ()
        assert all(case.provider.sent({profile.id: None}) == () for profile in profiles)
        assert case.provider.sent({}) == ()
        assert case.provider.read([]).entries == ()

    def test_the_time_of_the_service_is_its_own_or_not_known(self, case: ProviderCase) -> None:
        queue = case.provider.read([case.first()])
        assert queue.server_time in (None, case.clock.now())
        assert queue.read_at == case.clock.now()

    # -- creating ----

    @pytest.mark.parametrize("entry", CASES)
    def test_what_is_created_reads_back_as_expected_on_every_network(
        self, case: ProviderCase, entry: Entry
    ) -> None:
        for profiles in sharing(case, entry):
            before = case.service.changes()
            made = create(case, entry, profiles)
            assert case.service.changes() - before == case.calls(len(profiles))
            assert len({live.id for live in made}) == len(profiles)
            for profile, live in zip(profiles, made, strict=True):
                case.agrees(entry, profile, live)
                assert case.queue(profile) == (live,)

    @pytest.mark.parametrize("entry", CASES)
    def test_one_profile_at_a_time_gives_the_same(self, case: ProviderCase, entry: Entry) -> None:
        for profile in case.fitting(entry):
            (live,) = case.provider.create(entry, [profile])
            case.agrees(entry, profile, live)

    @pytest.mark.parametrize("seconds", [0, 17])
    def test_a_time_is_kept_to_the_second(self, case: ProviderCase, seconds: int) -> None:
        entry = Entry("At a time", case.due() + timedelta(seconds=seconds))
        for profile in case.fitting(entry):
            (live,) = case.provider.create(entry, [profile])
            case.agrees(entry, profile, live)

    def test_results_come_in_the_order_of_the_profiles(self, case: ProviderCase) -> None:
        profiles = case.fitting(Entry("a"))[::-1]
        made = create(case, Entry("a"), list(profiles))
        assert [live.profile_id for live in made] == [profile.id for profile in profiles]

    def test_the_queue_decides_the_time_of_what_has_none(self, case: ProviderCase) -> None:
        profile = case.first()
        (first,) = case.provider.create(Entry("first"), [profile])
        (top,) = case.provider.create(Entry("top", queue=QueuePosition.TOP), [profile])
        assert [live.id for live in case.queue(profile)] == [top.id, first.id]
        assert first.entry.due_at is None
        assert first.due_at is not None

    def test_a_time_that_has_passed_is_refused_and_leaves_nothing(self, case: ProviderCase) -> None:
        profile = case.first()
        with pytest.raises(Rejected) as caught:
            case.provider.create(Entry("late", case.clock.now() - timedelta(hours=1)), [profile])
        assert caught.value.message
        assert not caught.value.queue_full
        assert case.queue(profile) == ()

    def test_a_full_queue_says_that_it_is_full(self, case: ProviderCase) -> None:
        profile = case.first()
        if not case.service.fill(profile):
            pytest.skip("a queue of this service has no limit")
        before = case.queue(profile)
        with pytest.raises(Rejected) as caught:
            case.provider.create(Entry("one too many"), [profile])
        assert caught.value.queue_full
        assert case.queue(profile) == before

    # -- reading ----

    def test_only_what_was_created_since(self, case: ProviderCase) -> None:
        profile = case.first()
        case.provider.create(Entry("old"), [profile])
        since = case.clock.now() + timedelta(seconds=60)
        case.service.set_clock(since)
        (new,) = case.provider.create(Entry("new"), [profile])
        assert [live.id for live in case.provider.read([profile], since).entries] == [new.id]
        assert case.provider.read([profile], since + timedelta(seconds=1)).entries == ()

    def test_what_a_person_made_is_read_too(self, case: ProviderCase) -> None:
        profile = case.first()
        made = case.service.write(profile, "by hand")
        (live,) = case.queue(profile)
        assert (live.id, live.entry.text) == (made, "by hand")

    def test_a_long_queue_is_read_to_its_end(self, case: ProviderCase) -> None:
        profile = case.first()
        made = {case.service.write(profile, f"post {number}") for number in range(case.many)}
        queue = case.provider.read([profile])
        assert {live.id for live in queue.entries} == made
        due = [live.due_at or _NEVER for live in queue.entries]
        assert due == sorted(due)

    def test_what_went_out_is_listed_newest_first(self, case: ProviderCase) -> None:
        profile, start = case.first(), case.due()
        made = [
            case.provider.create(Entry(f"post {n}", start + timedelta(hours=n)), [profile])[0]
            for n in range(3)
        ]
        case.service.set_clock(start + timedelta(days=1))
        assert case.queue(profile) == ()
        sent = case.provider.sent({profile.id: None})
        assert [live.id for live in sent] == [live.id for live in reversed(made)]
        assert all(live.status is LiveStatus.PUBLISHED and live.sent_at for live in sent)
        others = {one.id: None for one in case.provider.profiles() if one.id != profile.id}
        assert case.provider.sent(others) == (), "only of the profiles that are asked for"
        since = start + timedelta(hours=1)
        recent = case.provider.sent({profile.id: since})
        assert [live.id for live in recent] == [made[2].id, made[1].id]

    def test_what_is_found_by_its_id_is_what_the_lists_show(self, case: ProviderCase) -> None:
        """Removed entries are left out. A provider whose lists show all entries need not look."""
        profile = case.first()
        (waits,) = case.provider.create(Entry("a", case.due(200)), [profile])
        (gone,) = case.provider.create(Entry("b", case.due()), [profile])
        case.provider.delete(gone.id)
        before = case.service.requests()
        assert case.provider.find([]) == ()
        assert case.service.requests() == before
        assert case.provider.find([gone.id, waits.id]) in ((), case.queue(profile))

    # -- changing ----

    @pytest.mark.parametrize(("before", "after"), CHANGES)
    @pytest.mark.parametrize("service", SERVICES)
    def test_an_update_makes_it_what_was_asked_for(
        self, case: ProviderCase, before: Entry, after: Entry, service: str
    ) -> None:
        update(case, before, after, service)

    @pytest.mark.parametrize("change", TIMES)
    @pytest.mark.parametrize("service", SERVICES)
    def test_an_update_moves_it_to_another_time(
        self, case: ProviderCase, change: str, service: str
    ) -> None:
        timed, queued = Entry("a", case.due()), Entry("a")
        before, after = {
            "it gets a time": (queued, timed),
            "another time": (timed, Entry("a", case.due(1))),
            "back to the queue": (timed, queued),
            "to the top of the queue": (timed, Entry("a", queue=QueuePosition.TOP)),
        }[change]
        update(case, before, after, service)

    def test_an_update_undoes_what_a_person_did(self, case: ProviderCase) -> None:
        profile, asked = case.first(), Entry("a", case.due())
        (made,) = case.provider.create(asked, [profile])
        case.service.edit(made.id, "mine")
        (live,) = case.queue(profile)
        assert live_diffs(asked, case.provider.expected(asked, profile), live) != ()
        updated = case.provider.update(made.id, asked, live.entry, profile)
        case.agrees(asked, profile, updated)

    def test_deleted_is_gone(self, case: ProviderCase) -> None:
        profile = case.first()
        (live,) = case.provider.create(Entry("a"), [profile])
        case.provider.delete(live.id)
        assert case.queue(profile) == ()
        for act in (
            lambda: case.provider.delete(live.id),
            lambda: case.provider.update(live.id, Entry("b"), live.entry, profile),
            lambda: case.provider.share(live.id),
        ):
            with pytest.raises(NotFound):
                act()

    def test_shared_is_sent(self, case: ProviderCase) -> None:
        profile = case.first()
        (live,) = case.provider.create(Entry("a", case.due()), [profile])
        case.provider.share(live.id)
        assert case.queue(profile) == ()
        (sent,) = case.provider.sent({profile.id: None})
        assert (sent.id, sent.status) == (live.id, LiveStatus.PUBLISHED)
        assert sent.sent_at == case.clock.now()

    def test_what_was_sent_cannot_be_changed(self, case: ProviderCase) -> None:
        profile = case.first()
        (live,) = case.provider.create(Entry("a", case.due()), [profile])
        case.service.set_clock(case.due(1))
        for act in (
            lambda: case.provider.update(live.id, Entry("b"), live.entry, profile),
            lambda: case.provider.delete(live.id),
            lambda: case.provider.share(live.id),
        ):
            with pytest.raises(Rejected):
                act()

    # -- times, and what costs nothing ----

    def test_times_are_whole_seconds_of_utc(self, case: ProviderCase) -> None:
        now = case.clock.now()
        assert now.utcoffset() == timedelta(0)
        assert now.microsecond == 0
        (live,) = case.provider.create(Entry("a", case.due()), [case.first()])
        for moment in (live.created_at, live.due_at, live.entry.due_at):
            assert isinstance(moment, datetime)
            assert moment.tzinfo is UTC

    def test_expected_and_windows_make_no_request(self, case: ProviderCase) -> None:
        profile = case.first()
        before = case.service.requests()
        case.provider.expected(replace(Entry("a"), link=Link(URL)), profile)
        case.provider.windows()
        assert case.service.requests() == before

    def test_capabilities_are_the_same_in_the_whole_run(self, case: ProviderCase) -> None:
        before = case.provider.capabilities
        profile = case.first()
        case.provider.account()
        (live,) = case.provider.create(Entry("a"), [profile])
        case.provider.delete(live.id)
        assert case.provider.capabilities is before

    @pytest.mark.parametrize("change", CALLS)
    def test_behind_a_closed_fence_nothing_is_changed(
        self, case: ProviderCase, change: str
    ) -> None:
        if case.fence is None:
            info = row_of(case.provider)
            assert info is None or info.is_local, (
                "other runs can work on this queue: call `fence` of the context before each "
                "request that changes something, and give the case a `Fence`"
            )
            pytest.skip("no other run can work on this queue")
        profile, asked = case.first(), Entry("a", case.due())
        (live,) = case.provider.create(asked, [profile])
        before, waiting = case.service.changes(), case.queue(profile)
        case.fence.close()
        with pytest.raises(FenceClosed):
            CALLS[change](case.provider, live, profile)
        assert (case.service.changes(), case.queue(profile)) == (before, waiting)

    # -- when things go wrong ----

    @pytest.mark.parametrize("failure", WireFailure, ids=lambda failure: failure.name.lower())
    def test_a_create_that_goes_wrong_is_sent_once_and_says_what_is_known(
        self, case: ProviderCase, failure: WireFailure
    ) -> None:
        profile = case.first()
        if not case.service.break_next(failure):
            pytest.skip("this cannot happen to the provider")
        before = case.service.changes()
        error = raised_by(lambda: case.provider.create(Entry("a"), [profile]))
        kind, executed = RAISED[failure]
        assert type(error) is kind
        assert case.service.changes() - before <= 1
        assert bool(case.queue(profile)) is executed
        # Logs and reports of bugs show all of these.
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(case.provider)
        assert not case.secret or case.secret not in shown

    # -- keyed creates, if there are any: `keyed_contract` has their suite ----

    def test_keyed_creates_and_their_capability_go_together(self, case: ProviderCase) -> None:
        has_them = keyed_creates(case.provider) is not None
        assert has_them == (case.provider.capabilities.keyed_group > 0)


_NEVER = datetime.max.replace(tzinfo=UTC)


def row_of(provider: Provider) -> ProviderInfo | None:
    """Return the row of a provider's name, None if there is none. Fail if it cannot be used."""
    try:
        return find(provider.name)
    except Stop as stop:
        return pytest.fail("; ".join(one.detail for one in stop.diagnostics))


def raised_by(act: Callable[[], object]) -> ProviderError | None:
    """Return the error of a provider that a call raises, None if it raises none."""
    try:
        act()
    except ProviderError as error:
        return error
    return None


def sharing(case: ProviderCase, entry: Entry) -> list[list[Profile]]:
    """Return the profiles that an entry fits, in parts that may share a create.

    An entry with a link may need other words on networks without cards, so those are kept apart.
    """
    able = case.provider.capabilities
    cardless = able.cardless_services if entry.link else frozenset()
    parts = (
        [one for one in case.fitting(entry) if (one.service in cardless) is apart]
        for apart in (False, True)
    )
    return [part for part in parts if part]


def create(case: ProviderCase, entry: Entry, profiles: list[Profile]) -> list[LiveEntry]:
    """Create in groups as large as the provider allows."""
    size = case.provider.capabilities.create_group
    made: list[LiveEntry] = []
    for start in range(0, len(profiles), size):
        made.extend(case.provider.create(entry, profiles[start : start + size]))
    return made


def update(case: ProviderCase, before: Entry, after: Entry, service: str) -> None:
    """Create an entry, update it, and assert that one request made it what was asked for."""
    profiles = {one.service: one for one in reversed(case.provider.profiles())}
    # A provider for other networks is tried on the first that takes a text alone.
    elsewhere = case.first() if service == SERVICES[0] and not {*SERVICES} & {*profiles} else None
    profile = profiles.get(service, elsewhere)
    if profile is None:
        pytest.skip(f"there is no profile on {service}")
    (made,) = case.provider.create(before, [profile])
    sent = case.service.changes()
    live = case.provider.update(made.id, after, made.entry, profile)
    assert case.service.changes() - sent == 1
    assert live.id == made.id
    case.agrees(after, profile, live)
    (read,) = case.queue(profile)
    case.agrees(after, profile, read)
    if after.due_at is None:
        assert read.entry.due_at is None
