"""The real provider of the current API in the place of the fake one, for the same teams.

What tests do to a fake they do to this: failures strike the same calls in the same way, late
requests arrive at the same moments, and people work in the sandbox behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from plancast.model.entry import Entry, LiveEntry
from plancast.model.plan import RateWindow
from plancast.model.ports import ContentItem, QueueRead
from plancast.model.profile import Profile
from plancast.net.transport import HttpxTransport
from plancast.providers.buffer_graphql.client import GraphqlClient
from plancast.providers.buffer_graphql.provider import BufferGraphqlProvider
from plancast.providers.sandbox import mount
from plancast.sandbox import World
from plancast.sandbox.settings import MOST
from plancast.testing.fakes import Call, FakeClock, FakeProvider

LONG_AGO = timedelta(days=3650)


def wired(clock: FakeClock, profiles: Sequence[Profile]) -> WiredProvider:
    """A provider over a world of its own, whose calendar is the clock's."""
    world = World(now=clock.wall)
    world.reset(
        {
            "account": {"plan": "small", "token": "sandbox-token"},
            "profiles": [
                {"id": it.id, "service": it.service, "service_id": it.service_id} for it in profiles
            ],
            "clock": "running",
            "rate_limit": {"requests": 0, "windows": ""},
        }
    )
    http = HttpxTransport("http://localhost", "sandbox-token", 30.0, mount(world))
    inner = BufferGraphqlProvider(GraphqlClient(http), lambda: (), clock)
    inner.profiles()
    provider = WiredProvider(clock, profiles, name="wired")
    provider.inner, provider.world = inner, world
    provider.capabilities = inner.capabilities
    return provider


class WiredProvider(FakeProvider):
    """See the module's essay. `inner` is what is tested, `world` what is behind it."""

    inner: BufferGraphqlProvider
    world: World

    # -- the port: counted, disturbed, and then the real thing ----

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        ids = tuple(profile.id for profile in profiles)
        return self._run(Call("read", ids), lambda: self.inner.read(profiles, since))

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        return self._run(Call("sent", tuple(since)), lambda: self.inner.sent(since))

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        return self.inner.find(remote_ids)

    def windows(self) -> tuple[RateWindow, ...]:
        return ()

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        def act(only: int | None = None) -> tuple[LiveEntry, ...]:
            return self.inner.create(entry, profiles[:only])

        ids = tuple(profile.id for profile in profiles)
        return self._run(Call("create", ids, entry), act)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        return self._run(
            Call("update", (remote_id,), entry),
            lambda: self.inner.update(remote_id, entry, previous, profile),
        )

    def delete(self, remote_id: str) -> None:
        self._run(Call("delete", (remote_id,)), lambda: self.inner.delete(remote_id))

    # -- keyed creates ----

    def create_draft(self, key: str, entry: Entry) -> ContentItem:
        def act() -> ContentItem:
            return self.inner.keyed_creates.create_draft(key, entry)

        return self._run(Call("create_draft", (key,), entry), act)

    def promote(self, item_id: str, entry: Entry, profiles: Sequence[Profile]) -> ContentItem:
        def act(only: int | None = None) -> ContentItem:
            return self.inner.keyed_creates.promote(item_id, entry, profiles[:only])

        ids = (item_id, *(profile.id for profile in profiles))
        return self._run(Call("promote", ids, entry), act)

    def content_item(self, item_id: str) -> ContentItem | None:
        return self._run(
            Call("content_item", (item_id,)),
            lambda: self.inner.keyed_creates.content_item(item_id),
        )

    def remove_item(self, item_id: str) -> None:
        self._run(
            Call("remove_item", (item_id,)), lambda: self.inner.keyed_creates.remove_item(item_id)
        )

    def drafts(self, keys: Collection[str]) -> tuple[str, ...]:
        return self._run(
            Call("drafts", tuple(sorted(keys))), lambda: self.inner.keyed_creates.drafts(keys)
        )

    def set_keyed(self, *, forgets_keys: bool, half_promotes: bool) -> None:
        self.world.set_setting("graphql_key_memory", 0 if forgets_keys else MOST)
        self.world.set_setting("half_promotes", half_promotes)

    def refuse_promotions(self, *profile_ids: str) -> None:
        self.world.set_setting("promote_refuses", profile_ids)

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        return self.inner.expected(entry, profile)

    # -- what tests see, and what a person does in Buffer ----

    def queue(self, profile_id: str) -> tuple[LiveEntry, ...]:
        self._pass_time()
        return self.inner.read([self._profile(profile_id)]).entries

    def history(self, profile_id: str) -> tuple[LiveEntry, ...]:
        self._pass_time()
        return self.inner.sent({profile_id: self.clock.now() - LONG_AGO})

    def add(self, entry: Entry, profile: Profile) -> LiveEntry:
        self._pass_time()
        made = self.world.person_create(profile.id, entry.text, at=entry.due_at)
        return self._seen(made.id, profile.id)

    def edit(
        self, remote_id: str, text: str | None = None, due_at: datetime | None = None
    ) -> LiveEntry:
        edited = self.world.person_edit(remote_id, text=text, at=due_at)
        return self._seen(edited.id, edited.profile_id)

    def remove(self, remote_id: str) -> None:
        self.world.person_delete(remote_id)

    def _seen(self, remote_id: str, profile_id: str) -> LiveEntry:
        return next(live for live in self.queue(profile_id) if live.id == remote_id)
