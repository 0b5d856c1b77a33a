"""The contract of keyed creates: a suite of tests for each provider that has them.

A provider that has them (`model.ports.keyed_creates`) inherits this suite beside
`ProviderContract`, with the same fixture `case`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from plancast.model.entry import Entry
from plancast.model.ports import (
    KeyedCreates,
    NotFound,
    NotPromoted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    keyed_creates,
)
from plancast.testing.provider_contract import (
    CASES,
    RAISED,
    FenceClosed,
    ProviderCase,
    WireFailure,
    raised_by,
    sharing,
)

KEY = "0b6c9d52-6a0f-5c61-9d5e-6d1c4a1f2b30"
OTHER_KEY = "4c1a7f0e-2b3d-5e8a-8f61-90d2c3b4a5e6"


def keyed_of(case: ProviderCase) -> KeyedCreates:
    """Return the keyed creates of a provider; fail if it has none."""
    keyed = keyed_creates(case.provider)
    assert keyed is not None, "the provider has no keyed creates"
    return keyed


class KeyedCreatesContract:
    """The suite. A subclass has a fixture `case`."""

    def test_a_draft_of_a_keyed_create_is_no_entry(self, case: ProviderCase) -> None:
        keyed, profile = keyed_of(case), case.first()
        before = case.service.changes()
        item = keyed.create_draft(KEY, Entry("a", case.due()))
        assert case.service.changes() - before == 1
        assert item.is_draft
        assert keyed.content_item(item.id) == item
        assert (keyed.drafts([KEY]), keyed.drafts([OTHER_KEY]), keyed.drafts([])) == (
            (item.id,),
            (),
            (),
        )
        case.service.set_clock(case.due(1))
        assert case.queue(profile) == ()
        assert case.provider.sent({profile.id: None}) == ()

    def test_a_repeated_key_returns_the_item_as_it_is_now(self, case: ProviderCase) -> None:
        keyed, profile = keyed_of(case), case.first()
        item = keyed.create_draft(KEY, Entry("a", case.due()))
        assert keyed.create_draft(KEY, Entry("a", case.due())) == item
        other = keyed.create_draft(OTHER_KEY, Entry("a", case.due()))
        assert other.id != item.id
        promoted = keyed.promote(item.id, Entry("a", case.due()), [profile])
        assert keyed.create_draft(KEY, Entry("a", case.due())) == promoted
        assert keyed.drafts([KEY, OTHER_KEY]) == (other.id,)
        assert len(case.queue(profile)) == 1

    @pytest.mark.parametrize("entry", CASES)
    def test_a_promotion_makes_what_a_create_makes(self, case: ProviderCase, entry: Entry) -> None:
        keyed = keyed_of(case)
        size = case.provider.capabilities.keyed_group
        for number, profiles in enumerate(sharing(case, entry)):
            group = profiles[:size]
            item = keyed.create_draft(f"{KEY[:-1]}{number}", entry)
            before = case.service.changes()
            promoted = keyed.promote(item.id, entry, group)
            assert case.service.changes() - before == 1
            made = {live.profile_id: live for live in promoted.posts or ()}
            assert made.keys() == {profile.id for profile in group}
            for profile in group:
                case.agrees(entry, profile, made[profile.id])
                assert case.queue(profile) == (made[profile.id],)
            assert keyed.content_item(item.id) == promoted

    def test_an_item_is_promoted_once(self, case: ProviderCase) -> None:
        keyed, profile, entry = keyed_of(case), case.first(), Entry("a", case.due())
        item = keyed.create_draft(KEY, entry)
        keyed.promote(item.id, entry, [profile])
        before = case.queue(profile)
        with pytest.raises(NotPromoted) as caught:
            keyed.promote(item.id, entry, [profile])
        assert (caught.value.named, caught.value.whole) == ({}, None), "it proves nothing"
        assert case.queue(profile) == before

    def test_a_promotion_that_is_refused_leaves_the_draft(self, case: ProviderCase) -> None:
        keyed, profile = keyed_of(case), case.first()
        late = Entry("late", case.clock.now() - timedelta(hours=1))
        item = keyed.create_draft(KEY, late)
        with pytest.raises(NotPromoted) as caught:
            keyed.promote(item.id, late, [profile])
        assert isinstance(caught.value.named[profile.id], Rejected)
        assert keyed.content_item(item.id) == item
        assert case.queue(profile) == ()

    def test_a_promotion_into_a_full_queue_says_so(self, case: ProviderCase) -> None:
        keyed, profile = keyed_of(case), case.first()
        if not case.service.fill(profile):
            pytest.skip("a queue of this service has no limit")
        item = keyed.create_draft(KEY, Entry("one too many"))
        with pytest.raises(NotPromoted) as caught:
            keyed.promote(item.id, Entry("one too many"), [profile])
        refusal = caught.value.named[profile.id]
        assert isinstance(refusal, Rejected)
        assert refusal.queue_full

    def test_a_content_item_that_is_removed_is_gone(self, case: ProviderCase) -> None:
        keyed, profile, entry = keyed_of(case), case.first(), Entry("a", case.due())
        item = keyed.create_draft(KEY, entry)
        keyed.remove_item(item.id)
        assert keyed.content_item(item.id) is None
        assert keyed.drafts([KEY]) == ()
        with pytest.raises((NotFound, OutcomeUnknown)):
            keyed.remove_item(item.id)
        with pytest.raises(ProviderError):
            keyed.promote(item.id, entry, [profile])
        assert case.queue(profile) == ()

    @pytest.mark.parametrize("step", ["draft", "promotion", "removal"])
    @pytest.mark.parametrize("failure", WireFailure, ids=lambda failure: failure.name.lower())
    def test_a_step_of_a_keyed_create_that_goes_wrong_says_what_is_known(
        self, case: ProviderCase, failure: WireFailure, step: str
    ) -> None:
        keyed, profile, entry = keyed_of(case), case.first(), Entry("a", case.due())
        item = None if step == "draft" else keyed.create_draft(KEY, entry)
        if not case.service.break_next(failure):
            pytest.skip("this cannot happen to the provider")
        if item is None:
            error = raised_by(lambda: keyed.create_draft(KEY, entry))
        elif step == "promotion":
            error = raised_by(lambda: keyed.promote(item.id, entry, [profile]))
        else:
            error = raised_by(lambda: keyed.remove_item(item.id))
        kind, executed = RAISED[failure]
        assert type(error) is kind
        if item is None:
            assert bool(keyed.drafts([KEY])) is executed
        elif step == "promotion":
            shown = keyed.content_item(item.id)
            assert shown is not None
            assert shown.is_draft is not executed
            assert bool(case.queue(profile)) is executed
        else:
            assert (keyed.content_item(item.id) is None) is executed

    @pytest.mark.parametrize("step", ["draft", "promotion", "removal"])
    def test_behind_a_closed_fence_no_step_of_a_keyed_create_is_taken(
        self, case: ProviderCase, step: str
    ) -> None:
        keyed, profile, entry = keyed_of(case), case.first(), Entry("a", case.due())
        if case.fence is None:
            pytest.skip("no other run can work on this queue")
        item = keyed.create_draft(KEY, entry)
        before = case.service.changes()
        case.fence.close()
        steps: dict[str, Callable[[], object]] = {
            "draft": lambda: keyed.create_draft(OTHER_KEY, entry),
            "promotion": lambda: keyed.promote(item.id, entry, [profile]),
            "removal": lambda: keyed.remove_item(item.id),
        }
        with pytest.raises(FenceClosed):
            steps[step]()
        assert case.service.changes() == before
        assert keyed.content_item(item.id) == item
