"""What every provider says of entries that are asked for by their ids."""

from __future__ import annotations

from datetime import timedelta

from plancast.model.entry import Entry, LiveStatus
from tests.providers.bench import DUE, Bench


def test_what_is_found_by_id_is_what_the_lists_show(bench: Bench) -> None:
    """Nothing is said of what is gone. A provider whose lists hold all there is need not look."""
    (profile,) = bench.on("twitter")
    (waits,) = bench.provider.create(Entry("a", DUE + timedelta(days=9)), [profile])
    (went,) = bench.provider.create(Entry("b", DUE), [profile])
    (gone,) = bench.provider.create(Entry("c", DUE), [profile])
    bench.provider.delete(gone.id)
    bench.world.set_clock(DUE + timedelta(hours=1))
    before = bench.world.requests().received
    assert bench.provider.find([]) == ()
    assert bench.world.requests().received == before
    found = bench.provider.find([waits.id, gone.id, went.id])
    if bench.speaks_graphql:
        assert [live.id for live in found] == [waits.id, went.id]
        assert [live.status for live in found] == [LiveStatus.SCHEDULED, LiveStatus.PUBLISHED]
        assert found[0] == bench.queue(profile)[0]
    else:
        assert found == ()
