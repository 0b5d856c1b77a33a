"""Both of Buffer's APIs keep the contract of providers; and what they promise beyond it.

Each test is given a `ProviderSetup`: a provider, and the world behind it to look at and to break
(see `provider_setup.py`). `test_contract_faults.py` tests what must happen if things go wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from plancast.model.entry import Entry, Image, LiveStatus
from plancast.model.ports import OutcomeUnknown, Rejected
from plancast.model.profile import Profile
from plancast.providers.registry import BUILT_IN
from plancast.reconcile.compare import live_diffs, same_as_live
from plancast.sandbox import Fault, FaultKind
from plancast.testing.fakes import START
from plancast.testing.keyed_contract import KeyedCreatesContract
from plancast.testing.provider_contract import (
    Fence,
    ProviderCase,
    ProviderContract,
    WireFailure,
)
from tests.providers.provider_setup import (
    DUE,
    PICTURE,
    PROVIDER_SETUPS,
    TOKEN,
    URL,
    ProviderSetup,
    agrees,
    fitting,
)

FAULTS = {
    WireFailure.NO_RIGHT: FaultKind.UNAUTHORIZED,
    WireFailure.TOO_EARLY: FaultKind.RATE_429,
    WireFailure.LOST_REQUEST: FaultKind.LOST_REQUEST,
    WireFailure.LOST_ANSWER: FaultKind.LOST_ANSWER,
}
"""A request that never arrives is tried without a service: tests/providers/test_wiring.py."""


class SandboxService:
    """The world behind a provider, as the contract wants to change it."""

    def __init__(self, provider_setup: ProviderSetup) -> None:
        self._provider_setup = provider_setup
        self._world = provider_setup.world

    def write(self, profile: Profile, text: str) -> str:
        return self._world.person_create(profile.id, text).id

    def edit(self, remote_id: str, text: str) -> None:
        self._world.person_edit(remote_id, text=text, queue=True, media={"link": URL})

    def set_clock(self, moment: datetime) -> None:
        self._world.set_clock(moment)

    def fill(self, profile: Profile) -> bool:
        self._provider_setup.provider.create(Entry("full"), [profile])
        self._world.set_setting("queue_limit", 1)
        return True

    def changes(self) -> int:
        return self._provider_setup.posts()

    def requests(self) -> int:
        return sum(self._world.requests().received.values())

    def break_next(self, failure: WireFailure) -> bool:
        kind = FAULTS.get(failure)
        if kind is not None:
            # Over GraphQL a draft, a promotion and a removal are changes as well.
            endpoint = self._provider_setup.creates
            endpoint = "mutation *" if self._provider_setup.speaks_graphql else endpoint
            self._world.arm(Fault(kind, endpoint, seconds=0.01, retry_after=7))
        return kind is not None


@pytest.mark.part(5)
class TestBuffer(ProviderContract):
    PROVIDERS = ("sandbox", "buffer", "buffer-graphql")

    @pytest.fixture
    def case(self, provider_setup: ProviderSetup) -> ProviderCase:
        service, name = SandboxService(provider_setup), provider_setup.provider.name
        return ProviderCase(
            provider_setup.provider,
            provider_setup.clock,
            service,
            unknown_id="4eb854340acb04e87000ffff",
            secret=TOKEN,
            many=5,  # pages are tried below, with what they cost
            fence=None if BUILT_IN[name].is_local else provider_setup.fence,
        )


@pytest.mark.part(4)
class TestKeyedCreates(KeyedCreatesContract):
    @pytest.fixture(params=["graphql", "graphql-served"])
    def case(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProviderCase]:
        fence = Fence()
        with PROVIDER_SETUPS[request.param](tmp_path, fence) as (connected, world):
            setup = ProviderSetup(connected.provider, connected.clock, world, fence)
            is_local = BUILT_IN[connected.provider.name].is_local
            service = SandboxService(setup)
            yield ProviderCase(
                setup.provider, setup.clock, service, fence=None if is_local else fence
            )
            connected.close()


# -- looking ----


def test_the_networks_of_the_account_are_there(provider_setup: ProviderSetup) -> None:
    profiles = provider_setup.provider.profiles()
    assert {"twitter", "facebook", "linkedin"} <= {profile.service for profile in profiles}


def test_an_empty_queue_takes_as_many_requests_as_there_are_lists(
    provider_setup: ProviderSetup,
) -> None:
    profiles = provider_setup.provider.profiles()
    found = provider_setup.provider.read(profiles)
    assert (found.entries, found.requests) == (
        (),
        1 if provider_setup.speaks_graphql else len(profiles),
    )


# -- creating ----


def test_results_are_matched_by_profile_and_not_by_their_place(
    provider_setup: ProviderSetup,
) -> None:
    provider_setup.world.set_setting("reversed_updates", True)
    profiles = provider_setup.on("linkedin", "twitter", "facebook")
    made = provider_setup.provider.create(Entry("a"), profiles)
    assert [live.profile_id for live in made] == [profile.id for profile in profiles]


def test_a_profile_without_posting_times_takes_entries_that_have_no_time(
    provider_setup: ProviderSetup,
) -> None:
    (profile,) = provider_setup.on("twitter")
    provider_setup.world.set_profile(profile.id, schedules=())
    (live,) = provider_setup.provider.create(Entry("a"), [profile])
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
def test_a_refusal_leaves_nothing(provider_setup: ProviderSetup, entry: Entry, full: bool) -> None:
    (profile,) = provider_setup.on("twitter")
    provider_setup.provider.create(Entry("again"), [profile])
    if full:
        provider_setup.world.set_setting("queue_limit", 1)
    with pytest.raises(Rejected) as caught:
        provider_setup.provider.create(entry, [profile])
    assert caught.value.queue_full is full
    assert caught.value.message
    assert "<" not in caught.value.message
    assert len(provider_setup.queue(profile)) == 1


def test_a_group_of_which_one_is_full_is_refused_or_told_apart(
    provider_setup: ProviderSetup,
) -> None:
    profiles = provider_setup.on("twitter", "facebook")
    provider_setup.provider.create(Entry("first"), profiles[:1])
    provider_setup.world.set_setting("queue_limit", 1)
    if provider_setup.provider.capabilities.create_group > 1:
        with pytest.raises(Rejected) as refused:
            provider_setup.provider.create(Entry("second"), profiles)
        assert refused.value.queue_full
        provider_setup.world.set_setting("when_full", "skip")
    with pytest.raises(OutcomeUnknown) as caught:
        provider_setup.provider.create(Entry("second"), profiles)
    assert [live.profile_id for live in caught.value.confirmed] == [profiles[1].id]


# -- reading ----


def test_a_long_queue_takes_a_request_for_each_page(provider_setup: ProviderSetup) -> None:
    (profile,) = provider_setup.on("twitter")
    made = {provider_setup.world.person_create(profile.id, f"post {n}").id for n in range(203)}
    found = provider_setup.provider.read([profile])
    assert {live.id for live in found.entries} == made
    assert found.requests == 3


def test_what_a_person_made_is_read_with_its_media(provider_setup: ProviderSetup) -> None:
    (profile,) = provider_setup.on("facebook")
    made = provider_setup.world.person_create(
        profile.id, "by hand", at=DUE, media={"picture": PICTURE}
    )
    (live,) = provider_setup.queue(profile)
    assert live.id == made.id
    assert live.entry == Entry("by hand", DUE, images=(Image(PICTURE),))


def test_copies_of_images_are_told_from_originals(provider_setup: ProviderSetup) -> None:
    provider_setup.world.set_setting("rehost_images", True)
    (profile,) = provider_setup.on("twitter")
    asked = Entry("Look", images=(Image(PICTURE),))
    (live,) = provider_setup.provider.create(asked, [profile])
    assert live.entry.images[0].hosted
    assert same_as_live(asked, provider_setup.provider.expected(asked, profile), live)


@pytest.mark.parametrize(
    "setting", ["missing_optional_fields", "statistics_as_list", "empty_twitter_names"]
)
@pytest.mark.parametrize("on", [True, False])
def test_fields_that_come_and_go(provider_setup: ProviderSetup, setting: str, on: bool) -> None:
    provider_setup.world.set_setting(setting, on)
    assert provider_setup.provider.account().id
    profiles = fitting(provider_setup, Entry("a"))
    made = provider_setup.provider.create(Entry("a"), profiles)
    for profile, live in zip(profiles, made, strict=True):
        assert provider_setup.queue(profile) == (live,)


def test_an_entry_that_its_network_refused_stays_and_says_why(
    provider_setup: ProviderSetup,
) -> None:
    (profile,) = provider_setup.on("twitter")
    provider_setup.world.set_setting("network_refuses", ("*",))
    (made,) = provider_setup.provider.create(Entry("a", DUE), [profile])
    provider_setup.world.set_clock(DUE + timedelta(minutes=1))
    (live,) = provider_setup.queue(profile)
    assert (live.id, live.status) == (made.id, LiveStatus.FAILED)
    assert live.error


def test_an_update_of_what_its_network_refused_schedules_it_again_or_is_not_promised(
    provider_setup: ProviderSetup,
) -> None:
    """`Capabilities.edits_failed`: an entry with a time of its own, and one in the queue."""
    (profile,) = provider_setup.on("twitter")
    provider_setup.world.set_setting("network_refuses", ("*",))
    texts = {"a": DUE + timedelta(days=2), "b": None}
    for text in texts:
        provider_setup.provider.create(Entry(text, DUE), [profile])
    provider_setup.world.set_clock(DUE + timedelta(minutes=1))
    provider_setup.world.set_setting("network_refuses", ())
    if not provider_setup.provider.capabilities.edits_failed:
        assert not provider_setup.speaks_graphql
        return
    for live in provider_setup.queue(profile):
        text = live.entry.text
        wish = Entry(f"{text} mended", texts[text])
        again = provider_setup.provider.update(live.id, wish, live.entry, profile)
        assert (again.status, again.error) == (LiveStatus.SCHEDULED, "")
    assert all(one.due_at and one.due_at > DUE for one in provider_setup.queue(profile))


def test_an_update_after_which_a_post_is_failed_still_is_refused(
    provider_setup: ProviderSetup,
) -> None:
    (profile,) = provider_setup.on("twitter")
    provider_setup.world.set_setting("network_refuses", ("*",))
    (made,) = provider_setup.provider.create(Entry("a", DUE), [profile])
    provider_setup.world.set_clock(DUE + timedelta(minutes=1))
    # As if it were in the queue still, where a post keeps its place if only its text changes.
    before, wish = Entry("a"), Entry("a mended")
    with pytest.raises(Rejected, match=r"failed|refused") as refusal:
        provider_setup.provider.update(made.id, wish, before, profile)
    assert refusal.value.code in ("not_applied", "failed")


def test_what_went_out_has_its_address(provider_setup: ProviderSetup) -> None:
    (profile,) = provider_setup.on("twitter")
    provider_setup.provider.create(Entry("a", DUE), [profile])
    provider_setup.world.set_clock(DUE + timedelta(days=1))
    (sent,) = provider_setup.provider.sent({profile.id: None})
    assert sent.link


# -- changing ----


def test_an_update_undoes_what_a_person_did_to_media(provider_setup: ProviderSetup) -> None:
    (profile,) = provider_setup.on("facebook")
    asked = Entry("a", DUE, images=(Image(PICTURE),))
    (made,) = provider_setup.provider.create(asked, [profile])
    provider_setup.world.person_edit(made.id, text="mine", queue=True, media={"link": URL})
    (live,) = provider_setup.queue(profile)
    assert live_diffs(asked, provider_setup.provider.expected(asked, profile), live) != ()
    agrees(
        provider_setup,
        asked,
        profile,
        provider_setup.provider.update(made.id, asked, live.entry, profile),
    )
