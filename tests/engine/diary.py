"""A world that keeps a diary of everything that lasts: states, journal records, sends.

The provider looks, before it does anything, at what would be there if the process died right now.
A disk can be set to refuse, from its n-th write on or that one alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from plancast.model.entry import Entry, LiveEntry
from plancast.model.outcomes import CallOutcome
from plancast.model.ports import StateUnwritable
from plancast.model.profile import Profile
from plancast.model.state import Intent, State
from plancast.model.workspace import Policy
from plancast.testing.fakes import Failure, FakeProvider
from plancast.testing.memory_store import MemoryJournal, MemoryStore
from tests.engine.worlds import Loop


@dataclass
class Diary:
    """A diary of events in order: (kind, the intents that it was about)."""

    lines: list[tuple[str, ...]] = field(default_factory=list)
    full_from: int = 0
    writes: int = 0

    def note(self, what: str, *about: str) -> None:
        self.lines.append((what, *about))

    def disk(self) -> None:
        """A write; refused once the disk is full."""
        self.writes += 1
        if self.full_from and self.writes >= self.full_from:
            self.note("refused")
            raise StateUnwritable("no space left on device")

    def about(self, what: str) -> list[tuple[str, ...]]:
        return [line[1:] for line in self.lines if line[0] == what]

    @property
    def words(self) -> list[str]:
        return [line[0] for line in self.lines]


class Ledger(MemoryStore):
    """A store that notes each state."""

    diary: Diary

    def write(self, state: State) -> State:
        self.diary.disk()
        written = MemoryStore.write(self, state)
        self.diary.note("state")
        return written


class Log(MemoryJournal):
    """A journal that notes each record."""

    diary: Diary

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        self.diary.disk()
        MemoryJournal.intend(self, state, intents)
        self.diary.note("intend", *(intent.id for intent in intents))

    def sending(self, intent_id: str, at: datetime) -> None:
        self.diary.disk()
        MemoryJournal.sending(self, intent_id, at)
        self.diary.note("sending", intent_id)

    def outcome(
        self, intent_id: str, outcome: CallOutcome, at: datetime, live: Sequence[LiveEntry] = ()
    ) -> None:
        self.diary.disk()
        MemoryJournal.outcome(self, intent_id, outcome, at, live)
        self.diary.note(outcome.value, intent_id)

    def clear(self) -> None:
        MemoryJournal.clear(self)
        self.diary.note("clear")


class Line(FakeProvider):
    """A provider that notes each send under the one intent that is durably in flight."""

    diary: Diary
    store: Ledger
    log: Log
    takes: float = 0.0

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        intent = self._in_flight()
        assert (intent.entry, intent.profile_ids) == (entry, tuple(item.id for item in profiles))
        return FakeProvider.create(self, entry, profiles)

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        intent = self._in_flight()
        assert (intent.remote_id, intent.entry) == (remote_id, entry)
        return FakeProvider.update(self, remote_id, entry, previous, profile)

    def delete(self, remote_id: str) -> None:
        assert self._in_flight().remote_id == remote_id
        FakeProvider.delete(self, remote_id)

    def _in_flight(self) -> Intent:
        """Return the intent by which the next run would know of this call, and of no other."""
        durable = self.log.replay(self.store.read())
        flying = [
            intent
            for intent in durable.intents.values()
            if intent.sent_at is not None and intent.given_up_at is None
        ]
        assert len(flying) == 1, f"{len(flying)} calls are in flight as far as the disk knows"
        self.diary.note("send", flying[0].id)
        self.clock.advance(self.takes)
        return flying[0]


def diarist(*failures: Failure, **policy: object) -> tuple[Loop, Diary]:
    """A fresh world and its diary."""
    plain = Loop.at("2026-11-23 09:00")
    provider = Line(plain.clock, plain.provider.accounts, failures=failures)
    store, log, diary = Ledger(), Log(), Diary()
    store.diary = log.diary = provider.diary = diary
    provider.store, provider.log = store, log
    rules = replace(Policy(), max_destroy=1000, **policy)  # type: ignore[arg-type]
    return replace(plain, provider=provider, store=store, journal=log, policy=rules), diary
