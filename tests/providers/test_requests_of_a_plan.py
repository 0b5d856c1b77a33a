"""The reads of a plan when nothing left the queue: their number, for both APIs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plancast.engine.observer import observe
from plancast.model.ports import Provider
from plancast.model.state import State
from plancast.net.transport import HttpxTransport
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.providers.buffer_v1.client import BufferClient
from plancast.providers.buffer_v1.provider import BufferV1Provider
from plancast.providers.sandbox import mount
from plancast.sandbox import World
from plancast.testing.fakes import START, FakeClock

TOKEN = "sandbox-token"


def world_with(counts: tuple[int, ...]) -> World:
    """A world with as many posts in the queue of each profile."""
    world = World()
    world.reset(
        {
            "account": {"token": TOKEN, "queue_limit": 1000},
            "profiles": [
                {"id": f"{number:024x}", "service": "linkedin"} for number in range(len(counts))
            ],
            "clock": START.isoformat(),
            "rate_limit": {"requests": 0, "windows": ""},
            "posts": [
                {
                    "profile": f"{number:024x}",
                    "text": f"Number {post}",
                    "scheduled_at": (START + timedelta(days=1, hours=post)).isoformat(),
                }
                for number, count in enumerate(counts)
                for post in range(count)
            ],
        }
    )
    return world


def reads(provider: Provider, world: World) -> tuple[int, int]:
    """Return the number of requests of a plan's reads, and the number of entries that they show."""
    before = sum(world.requests().received.values())
    provider.account()
    seen = observe(provider, FakeClock(), State("lineage"), (), provider.profiles())
    return sum(world.requests().received.values()) - before, len(seen.live.queue)


QUEUES = pytest.mark.parametrize(
    ("counts", "pages", "pages_of_all"),
    [
        ((0,), 1, 1),
        ((1,), 1, 1),
        ((100,), 1, 1),
        ((101,), 2, 2),
        ((0, 1, 100, 101), 5, 3),
        ((20,) * 10, 10, 2),
    ],
)


@QUEUES
def test_api_v1_reads_user_profiles_and_the_pages_of_each_queue(
    counts: tuple[int, ...], pages: int, pages_of_all: int
) -> None:
    del pages_of_all
    with world_with(counts) as world:
        http = HttpxTransport("http://localhost/1", TOKEN, 30.0, mount(world))
        provider = BufferV1Provider(BufferClient(http), lambda: (), FakeClock())
        assert reads(provider, world) == (2 + pages, sum(counts))


@QUEUES
@pytest.mark.parametrize("is_named", [True, False])
def test_the_current_api_reads_the_account_and_the_pages_of_one_list(
    counts: tuple[int, ...], pages: int, pages_of_all: int, *, is_named: bool
) -> None:
    with world_with(counts) as world:
        http = HttpxTransport("http://localhost", TOKEN, 30.0, mount(world))
        client = GraphqlClient(http)
        organizations = client.account()["organizations"]
        name = organizations[0]["id"] if is_named else ""
        provider = BufferGraphqlProvider(client, lambda: (), FakeClock(), organization=name)
        made, shown = reads(provider, world)
    assert made == (1 if is_named else 2) + pages_of_all
    assert shown == sum(counts)
    assert not is_named or made <= 1 + pages
