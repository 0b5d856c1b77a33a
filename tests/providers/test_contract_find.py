"""The answers of every provider about entries that are asked for by their ids."""

from __future__ import annotations

from datetime import timedelta

from plancast.model.entry import Entry, LiveStatus
from tests.providers.provider_setup import DUE, ProviderSetup


def test_what_is_found_by_id_is_what_the_lists_show(provider_setup: ProviderSetup) -> None:
    """Nothing is said of what is gone. A provider whose lists hold all there is need not look."""
    (profile,) = provider_setup.on("twitter")
    (waits,) = provider_setup.provider.create(Entry("a", DUE + timedelta(days=9)), [profile])
    (sent,) = provider_setup.provider.create(Entry("b", DUE), [profile])
    (deleted,) = provider_setup.provider.create(Entry("c", DUE), [profile])
    provider_setup.provider.delete(deleted.id)
    provider_setup.world.set_clock(DUE + timedelta(hours=1))
    before = provider_setup.world.requests().received
    assert provider_setup.provider.find([]) == ()
    assert provider_setup.world.requests().received == before
    found = provider_setup.provider.find([waits.id, deleted.id, sent.id])
    if provider_setup.speaks_graphql:
        assert [live.id for live in found] == [waits.id, sent.id]
        assert [live.status for live in found] == [LiveStatus.SCHEDULED, LiveStatus.PUBLISHED]
        assert found[0] == provider_setup.queue(profile)[0]
    else:
        assert found == ()
