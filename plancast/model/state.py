"""What plancast knows that it made or adopted.

A `State` is a value: every change returns a new one, and the store decides
whether the new one may replace what is on disk (compare-and-swap on `serial`).
`Binding` ties an address to a remote id and keeps two entries: what was asked
for last (`applied`) and what the provider showed last (`observed`). The first
tells what an author changed since, the second what a person changed in Buffer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from plancast.model.entry import Address, Entry
from plancast.model.identity import Identity
from plancast.model.profile import Profile

FORMAT_VERSION = 2


class BindingStatus(Enum):
    """How far an entry has come. Only SCHEDULED ones are looked for in the queue."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Binding:
    """One owned entry.

    `due_at` is the effective time when it was last seen. `link` is the public
    address once it is published. `created_at` is the provider's time. `protect`
    is remembered because the file that said so may be gone when it matters.
    `inert`: it was only reserved, far in the future, and is still to get its
    own time (`safety: strict`). `unsettled_at`: when an update of it was given
    up that may still arrive; until the quiet period has passed since, a newer
    one could be undone by it.
    """

    address: Address
    remote_id: str
    profile_id: str
    applied: Entry
    observed: Entry
    status: BindingStatus = BindingStatus.SCHEDULED
    due_at: datetime | None = None
    created_at: datetime | None = None
    sent_at: datetime | None = None
    link: str = ""
    protect: bool = False
    inert: bool = False
    unsettled_at: datetime | None = None


class Operation(Enum):
    """The calls that change something at the provider."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Intent:
    """One call that is about to be made, durable before its first byte leaves.

    `addresses` and `profile_ids` run in parallel: a create can serve several
    profiles. `remote_id` is empty for a create. `known` holds the remote ids
    that were on those profiles, owned by nobody, when the plan was made: none
    of them can be the result of this call. `sent_at` is written right before it
    is sent: an intent without it was surely not sent. `given_up_at` is set when
    the outcome is unknown; the quiet period counts from there (from `sent_at`
    where the process died). `inert`: what it creates goes out in years at the
    earliest, so a twin of it does no harm.
    """

    id: str
    operation: Operation
    addresses: tuple[Address, ...]
    profile_ids: tuple[str, ...]
    entry: Entry
    made_at: datetime
    remote_id: str = ""
    known: tuple[str, ...] = ()
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    inert: bool = False

    @property
    def places(self) -> tuple[tuple[Address, str], ...]:
        """What it serves: each address with the id of its profile."""
        return tuple(zip(self.addresses, self.profile_ids, strict=True))

    def only(self, places: Iterable[tuple[Address, str]]) -> Intent:
        """The same call as far as it serves these."""
        kept = tuple(places)
        return replace(
            self,
            addresses=tuple(address for address, _ in kept),
            profile_ids=tuple(profile_id for _, profile_id in kept),
        )


def intent_name(lineage: str, serial: int, number: int) -> str:
    """The id of an intent: of those made on one state, the order is that of the ids."""
    return f"{lineage}.{serial}-{number:06d}"


def serial_of(intent_id: str) -> int:
    """The serial of the state that an intent was made on. Raises ValueError."""
    return int(intent_id.rpartition("-")[0].rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Lease:
    """Who applies at the moment. `holder` names it for people, `token` is of this run alone.

    `host` is the machine, so that a store whose lock belongs to a machine can
    tell whether the holder still lives.
    """

    holder: str
    token: str
    host: str
    acquired_at: datetime
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """An approval by the merge of a request: the forge, the request's number, the commit shown."""

    forge: str
    request: str
    revision: str


@dataclass(frozen=True, slots=True)
class PersonApproval:
    """An approval by a person who started, or released, a run of CI."""

    person: str
    run: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A change that may be sent although the run that asked for it did not send it.

    `address` is for people: an approval belongs to the content of a change, not to its name.
    `group` is that of the change, "" for none. `refused`: the network refused it.
    """

    profile_id: str
    address: Address
    kind: Operation
    at: datetime
    by: RequestApproval | PersonApproval
    group: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """The commit that was applied last, and its branch."""

    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class State:
    """The whole document. `profiles` is what was last seen of them, for runs without a token.

    `provider` is the API whose ids it holds: `Capabilities.api`, "" where that was not noted.
    `abandoned` are creates that were believed not to have happened. If one of
    them arrives after all, it is known for what it is: a twin of ours.
    `workspace` is whose state it is, None if an older plancast wrote it. `approved` holds
    approvals by the key of their change, `spent` the requests whose approvals were moved there, and
    when, `unapproved` the keys of changes that nobody approved, and when an apply first met each.
    `moved_to` is the ref that holds the state from now on, "" if this one does.
    """

    lineage: str
    serial: int = 0
    epoch: int = 0
    account_id: str = ""
    provider: str = ""
    read_at: datetime | None = None
    lease: Lease | None = None
    resources: Mapping[Address, Binding] = field(default_factory=dict, hash=False)
    intents: Mapping[str, Intent] = field(default_factory=dict, hash=False)
    profiles: tuple[Profile, ...] = ()
    abandoned: tuple[Intent, ...] = ()
    workspace: Identity | None = None
    approved: Mapping[str, Approval] = field(default_factory=dict, hash=False)
    spent: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    unapproved: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    applied: Applied | None = None
    moved_to: str = ""

    @property
    def is_new(self) -> bool:
        """Whether it says nothing of any queue: no apply has come so far as to look at one."""
        knows = self.resources or self.intents or self.abandoned
        return not knows and self.read_at is None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is lost without it: it owns nothing, and nothing is open or approved."""
        return not (self.resources or self.intents or self.approved)

    def binding(self, address: Address) -> Binding | None:
        """What is owned under this address."""
        return self.resources.get(address)

    def holder(self, remote_id: str, address: Address) -> Binding | None:
        """What owns a remote id: `address`, where it is looked for first, or any other."""
        binding = self.resources.get(address)
        if binding is not None and binding.remote_id == remote_id:
            return binding
        return next((one for one in self.resources.values() if one.remote_id == remote_id), None)

    def owned_ids(self) -> frozenset[str]:
        """Remote ids of everything owned."""
        return frozenset(binding.remote_id for binding in self.resources.values())

    def bind(self, *bindings: Binding) -> State:
        """With these bindings added, or put in the place of those with the same address."""
        merged = dict(self.resources)
        merged.update((binding.address, binding) for binding in bindings)
        return replace(self, resources=merged)

    def forget(self, *addresses: Address) -> State:
        """Without these addresses; those that are not there are ignored."""
        gone = set(addresses)
        kept = {key: value for key, value in self.resources.items() if key not in gone}
        return replace(self, resources=kept)

    def move(self, old: Address, new: Address) -> State:
        """With one binding under another address. Raises KeyError where `old` is not owned."""
        binding = replace(self.resources[old], address=new)
        return self.forget(old).bind(binding)

    def intend(self, intents: Iterable[Intent]) -> State:
        """With these intents open."""
        merged = dict(self.intents)
        merged.update((intent.id, intent) for intent in intents)
        return replace(self, intents=merged)

    def sending(self, intent_id: str, at: datetime) -> State:
        """With an intent marked as about to be sent; nothing where it is not open."""
        known = self.intents.get(intent_id)
        return self.intend([replace(known, sent_at=at)]) if known else self

    def settle(self, *intent_ids: str) -> State:
        """Without these intents: their outcome is known."""
        gone = set(intent_ids)
        kept = {key: value for key, value in self.intents.items() if key not in gone}
        return replace(self, intents=kept)

    def answered(self, address: Address) -> State:
        """With no create open for this address any more: it is known what became of it."""
        left: dict[str, Intent] = {}
        for intent in self.intents.values():
            kept = [
                place
                for place in intent.places
                if intent.operation is not Operation.CREATE or place[0] != address
            ]
            if kept:
                left[intent.id] = intent.only(kept)
        return replace(self, intents=left)

    def abandon(self, intent: Intent) -> State:
        """Without this create, which is believed not to have happened; it is remembered."""
        return replace(self.settle(intent.id), abandoned=(*self.abandoned, intent))

    def next_serial(self) -> State:
        """The same content with the following serial, for a store that is about to write it."""
        return replace(self, serial=self.serial + 1)
