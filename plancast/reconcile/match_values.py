"""Values that matching works on: both sides, what a pair says, and when two sides are equal.

The essay stands in `match`. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from plancast.model.entry import Address, Entry, LiveEntry, LiveStatus, Stage
from plancast.model.profile import Profile
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired
from plancast.reconcile.compare import blind_links, normalize_text, same_as_live

Expected = Callable[[Entry, Profile], Entry]
"""Returns an entry as it reads back once the provider has rewritten it."""


class OwnedKind(Enum):
    """How far an owned entry has come. Of equal ones the first in this order is taken first."""

    WAITING = "waiting"
    FAILED = "failed"
    RESERVED = "reserved"
    PUBLISHED = "published"
    GONE = "gone"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return _RANKS[self]

    @property
    def is_there(self) -> bool:
        """Whether the provider still holds it in a queue."""
        return self in (OwnedKind.WAITING, OwnedKind.FAILED, OwnedKind.RESERVED)


_RANKS = {kind: rank for rank, kind in enumerate(OwnedKind)}


class How(Enum):
    """The step that found a pair, or the rule that decided about what was left over."""

    STATED = "step 2"
    SAME = "step 3"
    READS_SAME = "step 4"
    EQUAL = "step 5"
    READS_EQUAL = "step 6"
    TEXT_MOVED = "step 6a"
    ALIKE = "step 7"
    CLEAR = "step 8"
    ADDRESS = "step 9"
    CHAIN = "step 10"
    CLAIMED = "rule a"
    ADOPTED = "rule b"
    OCCUPIED = "rule c"
    REPEATED = "rule d"
    SENT = "rule e"
    MISSED = "rule f"
    NEW = "rule g"
    UNWANTED = "left over"


@dataclass(frozen=True, slots=True)
class Live:
    """The queues, and those parts of the sent lists that were read."""

    queue: tuple[LiveEntry, ...] = ()
    sent: tuple[LiveEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A create whose outcome is unknown. No equal entry is created until it is settled.

    `inert`: it reserves its place, so its time and its stage are not those that were asked for.
    """

    address: Address
    profile_id: str
    entry: Entry
    inert: bool = False

    def is_for(self, entry: Entry) -> bool:
        """Whether this entry may be what the create has made."""
        return entry == self.entry or (self.inert and blank(entry) == blank(self.entry))


@dataclass(frozen=True, slots=True, eq=False)
class Want:
    """A desired entry. Two are never equal: matching knows them apart as objects."""

    item: Desired

    @property
    def address(self) -> Address:
        """The address that the file gives it."""
        return self.item.address

    @property
    def entry(self) -> Entry:
        """What the file asks for."""
        return self.item.entry


@dataclass(frozen=True, slots=True, eq=False)
class Owned:
    """A binding with the live entry that it names; `live` is None if no list shows it."""

    binding: Binding
    live: LiveEntry | None
    kind: OwnedKind

    @classmethod
    def of(cls, binding: Binding, live: LiveEntry | None) -> Owned:
        """Put the two together."""
        return cls(binding, live, kind_of(binding, live))

    @property
    def address(self) -> Address:
        """The address under which the state holds it."""
        return self.binding.address

    @property
    def order(self) -> tuple[int, Address]:
        """Its place among equal ones."""
        return (self.kind.rank, self.binding.address)


@dataclass(frozen=True, slots=True)
class Pair:
    """What belongs together under one address: at most one desired, one bound, one live entry.

    `published` is what the rules (c) and (d) refuse for: an owned entry that went out. `claim` is
    what rule (a) waits for.
    """

    address: Address
    how: How
    desired: Desired | None = None
    binding: Binding | None = None
    live: LiveEntry | None = None
    published: Binding | None = None
    claim: Claim | None = None

    @property
    def is_renamed(self) -> bool:
        """Whether the binding comes from another address."""
        return (
            self.desired is not None
            and self.binding is not None
            and self.binding.address != self.address
        )

    @property
    def profile_id(self) -> str:
        """The profile that it is about."""
        if self.desired is not None:
            return self.desired.profile.id
        return self.binding.profile_id if self.binding else ""


@dataclass(frozen=True, slots=True)
class Matched:
    """Each desired and each owned entry in one pair; queue entries of others in `unmanaged`."""

    pairs: tuple[Pair, ...]
    unmanaged: tuple[LiveEntry, ...] = ()


def kind_of(binding: Binding, live: LiveEntry | None) -> OwnedKind:
    """Return how far an owned entry has come, by what was read and what is remembered."""
    if live is None:
        return OwnedKind.PUBLISHED if binding.status is BindingStatus.PUBLISHED else OwnedKind.GONE
    if live.status is LiveStatus.PUBLISHED:
        return OwnedKind.PUBLISHED
    if binding.inert:
        return OwnedKind.RESERVED
    return OwnedKind.FAILED if live.status is LiveStatus.FAILED else OwnedKind.WAITING


def lead(binding: Binding, live: LiveEntry | None) -> timedelta:
    """Return how long before the time that its file asked for an entry went out; 0 if it did not.

    `live` is the entry as it was seen now, None if it was not.
    """
    asked = binding.applied.due_at
    sent_at = live.sent_at if live else binding.sent_at
    if asked is None or sent_at is None:
        return timedelta()
    return max(asked - sent_at, timedelta())


def is_to_come(entry: Entry, now: datetime) -> bool:
    """Return whether it is due later than now, or is for the queue."""
    return entry.due_at is None or entry.due_at > now


def blank(entry: Entry) -> Entry:
    """Return the entry without its time and its stage: what a reserved entry has of it."""
    return replace(entry, due_at=None, queue=None, stage=Stage.SCHEDULED)


def is_equal(entry: Entry, binding: Binding) -> bool:
    """Return whether the file asks for just what was applied last."""
    if binding.inert:
        return entry.text == binding.applied.text and blank(entry) == blank(binding.applied)
    return entry == binding.applied


def text_key(text: str) -> str:
    """Return what is the same for texts that differ by blanks at their ends or by links."""
    return blind_links(normalize_text(text))


def reads_equal(entry: Entry, reads_as: Entry, owned: Owned) -> bool:
    """Return whether the live entry is what the file asks for, once it was rewritten."""
    live = owned.live
    if live is None or text_key(live.entry.text) != text_key(reads_as.text):
        return False
    if not owned.binding.inert:
        return same_as_live(entry, reads_as, live)
    seen = replace(live, entry=blank(live.entry), due_at=None)
    return same_as_live(blank(entry), blank(reads_as), seen)
