"""Values of matching: both sides, pairs, and the tests of equality between the sides.

The essay is in `match`. Nothing is decided here.
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
"""A function that returns an entry as it reads back once the provider has rewritten it."""


class OwnedKind(Enum):
    """The stage of an owned entry. Of equal entries, step 5 takes the first in this order."""

    WAITING = "waiting"
    FAILED = "failed"
    RESERVED = "reserved"
    PUBLISHED = "published"
    GONE = "gone"

    @property
    def rank(self) -> int:
        """The position of this kind in the order, from 0."""
        return _RANKS[self]

    @property
    def is_there(self) -> bool:
        """Whether the provider still holds the entry in a queue."""
        return self in (OwnedKind.WAITING, OwnedKind.FAILED, OwnedKind.RESERVED)


_RANKS = {kind: rank for rank, kind in enumerate(OwnedKind)}


class How(Enum):
    """The step that found a pair, or the rule that decided about a rest. See `match`."""

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

    `inert`: it was the first phase of a two-phase create, so the time and stage of `entry` are
    placeholders.
    """

    address: Address
    profile_id: str
    entry: Entry
    inert: bool = False

    def is_for(self, entry: Entry) -> bool:
        """Return whether the create, if it happened, has made this entry."""
        return entry == self.entry or (self.inert and blank(entry) == blank(self.entry))


@dataclass(frozen=True, slots=True, eq=False)
class Want:
    """A desired entry, compared by identity: two posts with equal content stay two."""

    item: Desired

    @property
    def address(self) -> Address:
        """The address that its file gives it."""
        return self.item.address

    @property
    def entry(self) -> Entry:
        """The content that its file asks for."""
        return self.item.entry


@dataclass(frozen=True, slots=True, eq=False)
class Owned:
    """A binding with the live entry that it names; `live` is None if no list shows it."""

    binding: Binding
    live: LiveEntry | None
    kind: OwnedKind

    @classmethod
    def of(cls, binding: Binding, live: LiveEntry | None) -> Owned:
        """Build the value and derive its kind."""
        return cls(binding, live, kind_of(binding, live))

    @property
    def address(self) -> Address:
        """The address under which the state holds the entry."""
        return self.binding.address

    @property
    def order(self) -> tuple[int, Address]:
        """The sort key among equal entries: by kind, then by address."""
        return (self.kind.rank, self.binding.address)


@dataclass(frozen=True, slots=True)
class Pair:
    """The entries that belong together under one address: at most one desired, bound, and live.

    `published` is the published entry because of which rule (c) or (d) refuses, `claim` the create
    that rule (a) waits for.
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
        """The id of the profile that the pair is about."""
        if self.desired is not None:
            return self.desired.profile.id
        return self.binding.profile_id if self.binding else ""


@dataclass(frozen=True, slots=True)
class Matched:
    """The result of matching.

    Each desired and each owned entry is in exactly one pair. `unmanaged` are the queue entries that
    no pair contains; plancast shows them and never changes them.
    """

    pairs: tuple[Pair, ...]
    unmanaged: tuple[LiveEntry, ...] = ()


def kind_of(binding: Binding, live: LiveEntry | None) -> OwnedKind:
    """Return the kind of an owned entry, from what was read now and what the state remembers."""
    if live is None:
        return OwnedKind.PUBLISHED if binding.status is BindingStatus.PUBLISHED else OwnedKind.GONE
    if live.status is LiveStatus.PUBLISHED:
        return OwnedKind.PUBLISHED
    if binding.inert:
        return OwnedKind.RESERVED
    return OwnedKind.FAILED if live.status is LiveStatus.FAILED else OwnedKind.WAITING


def lead(binding: Binding, live: LiveEntry | None) -> timedelta:
    """Return how long before the time in its file an entry went out; 0 if it did not.

    `live` is the entry as it was read now, None if no list shows it.
    """
    asked = binding.applied.due_at
    sent_at = live.sent_at if live else binding.sent_at
    if asked is None or sent_at is None:
        return timedelta()
    return max(asked - sent_at, timedelta())


def is_to_come(entry: Entry, now: datetime) -> bool:
    """Return whether an entry is due later than now, or is for the queue."""
    return entry.due_at is None or entry.due_at > now


def blank(entry: Entry) -> Entry:
    """Return the entry without its time and stage, the parts that a reservation replaces."""
    return replace(entry, due_at=None, queue=None, stage=Stage.SCHEDULED)


def is_equal(entry: Entry, binding: Binding) -> bool:
    """Return whether the file asks for exactly what was applied last."""
    if binding.inert:
        # The texts are compared first because `blank` copies both entries.
        return entry.text == binding.applied.text and blank(entry) == blank(binding.applied)
    return entry == binding.applied


def text_key(text: str) -> str:
    """Return a key that is equal for texts that differ only by links or by blanks at the ends."""
    return blind_links(normalize_text(text))


def reads_equal(entry: Entry, reads_as: Entry, owned: Owned) -> bool:
    """Return whether the live entry is what the file asks for, as the provider rewrites it."""
    live = owned.live
    # The key of the text is cheap, and differs for nearly all pairs.
    if live is None or text_key(live.entry.text) != text_key(reads_as.text):
        return False
    if not owned.binding.inert:
        return same_as_live(entry, reads_as, live)
    # The live time of a reserved entry is a placeholder.
    seen = replace(live, entry=blank(live.entry), due_at=None)
    return same_as_live(blank(entry), blank(reads_as), seen)
