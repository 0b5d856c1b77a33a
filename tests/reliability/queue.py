"""The queue that all workspaces share, which notes each thing that was done to it through the API.

It refuses to hold a text twice on one profile, as Buffer does. Its budget of requests can end, and
a machine can be lost at a call, or a person can cancel the run there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from plancast.model.entry import Entry, LiveEntry, LiveStatus
from plancast.model.plan import RateWindow
from plancast.model.ports import RateLimited, Rejected
from plancast.model.profile import Profile
from plancast.model.state import Operation
from plancast.testing.fakes import FakeProvider

FAR = 2030
"""An entry that is due in this year or later is only reserved."""


@dataclass(frozen=True)
class Effect:
    """One thing that was done. `text` and `due_at` are those of the entry afterwards."""

    operation: Operation
    remote_id: str
    profile_id: str
    text: str
    due_at: datetime | None

    @property
    def is_reserved(self) -> bool:
        return self.due_at is not None and self.due_at.year >= FAR


@dataclass(slots=True)
class Queue(FakeProvider):
    """See the module. `budget` is how many requests are left, None for as many as one likes."""

    effects: list[Effect] = field(default_factory=list)
    by_hand: dict[str, LiveEntry] = field(default_factory=dict)
    budget: int | None = None
    changing: Callable[[], None] = lambda: None
    refuses: str = ""
    """A word: the network wants no entry that holds it."""
    typing: bool = False

    def windows(self) -> tuple[RateWindow, ...]:
        left = 1_000 if self.budget is None else self.budget
        return (RateWindow(1_000, 900, left),)

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        self._spend()
        self.changing()
        self._refuse(entry)
        for profile in profiles:
            self._refuse_twins(entry, profile, "")
        made = FakeProvider.create(self, entry, profiles)
        self.changing()
        return made

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        self._spend()
        self.changing()
        self._refuse(entry)
        self._refuse_twins(entry, profile, remote_id)
        made = FakeProvider.update(self, remote_id, entry, previous, profile)
        self._note(Operation.UPDATE, made, entry)
        self.changing()
        return made

    def delete(self, remote_id: str) -> None:
        self._spend()
        self.changing()
        before = self._items.get(remote_id)
        FakeProvider.delete(self, remote_id)
        if before is not None:
            self._note(Operation.DESTROY, before.live, before.live.entry)
        self.changing()

    def everything(self) -> list[LiveEntry]:
        """Return the entries that wait and those that went out."""
        self._pass_time()
        return [item.live for item in self._items.values()]

    def entry(self, remote_id: str) -> LiveEntry | None:
        self._pass_time()
        item = self._items.get(remote_id)
        return item.live if item else None

    def type_in(self, entry: Entry, profile: Profile) -> LiveEntry:
        """A person makes an entry."""
        self._pass_time()  # what arrives late is not typed in
        self.typing = True
        made = self.add(entry, profile)
        self.typing = False
        self.by_hand[made.id] = made
        return made

    def _put(self, entry: Entry, profile: Profile) -> LiveEntry:
        made = FakeProvider._put(self, entry, profile)
        if not self.typing:
            self._note(Operation.CREATE, made, entry)
        return made

    def _note(self, operation: Operation, live: LiveEntry, entry: Entry) -> None:
        due = None if entry.queue is not None else entry.due_at
        text = entry.text if operation is not Operation.DESTROY else live.entry.text
        self.effects.append(Effect(operation, live.id, live.profile_id, text, due))

    def _spend(self) -> None:
        if self.budget is not None:
            if self.budget <= 0:
                raise RateLimited("the budget is used up", 3600.0, spent=True)
            self.budget -= 1

    def _refuse(self, entry: Entry) -> None:
        if self.refuses and self.refuses in entry.text:
            raise Rejected("the network does not want it", 1030)

    def _refuse_twins(self, entry: Entry, profile: Profile, but: str) -> None:
        text = self.expected(entry, profile).text
        for live in self.queue(profile.id):
            same = live.entry.text == text and live.status is LiveStatus.SCHEDULED
            if same and live.id not in {but, *self.by_hand}:
                raise Rejected("it is in the queue already", 1025)


def limited(queue: Queue, room: int | None, *, waits: bool) -> None:
    """Say how much fits, and whether a budget that ended is waited for."""
    queue.capabilities = replace(queue.capabilities, queue_limit=room, waits=waits)
