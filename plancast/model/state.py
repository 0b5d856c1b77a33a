"""The state: everything that plancast made or adopted, and the calls that are open.

A `State` is a value. Each method that changes something returns a new one, and the store decides if
that may replace the one on disk (compare-and-swap on `serial`). A `Binding` ties an address to a
remote id and keeps two entries: the one that was sent last (`applied`) and the one that the
provider showed last (`observed`). Compared with a file, the first shows what an author changed
since; compared with the queue, the second shows what a person changed in Buffer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from plancast.model.entry import Address, Entry
from plancast.model.findings import Findings, ProbeObject
from plancast.model.profile import Profile
from plancast.model.workspace_identity import Identity

FORMAT_VERSION = 3


class BindingStatus(Enum):
    """The status of an owned entry. Only SCHEDULED ones are expected in the queue."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Binding:
    """One owned entry.

    `due_at` is the effective time at the last read. `link` is the public address once it is
    published. `created_at` is by the provider's clock. `protect` is kept here because the file that
    set it may be gone when it matters. `inert`: the entry is only reserved, years ahead, and does
    not have its own time yet (`reconcile.two_phase`). `unsettled_at` is when an update was given up
    that may still arrive; it could undo a newer update until the quiet period has passed.
    `ignored_edit` is the digest of what the file asked for after the entry was published, once an
    apply has reported that it has no effect.
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
    ignored_edit: str = ""


class Operation(Enum):
    """The kinds of calls that change something at the provider."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Intent:
    """One call that is about to be made, durable before its first byte leaves.

    `addresses` and `profile_ids` run in parallel, since a create can serve several profiles.
    `remote_id` is "" for a create. `known` holds the ids of unowned entries on those profiles when
    the plan was made: none of them can be the result of this call. `sent_at` is written right
    before the request: an intent without it was surely not sent. `given_up_at` is set when the
    outcome is unknown; the quiet period counts from then, or from `sent_at` if the process died.
    `inert`: the call reserves an entry years ahead, so that a twin does no harm
    (`reconcile.two_phase`). `keyed`: a content item whose draft has a key makes the posts, and
    `item` is the id of that content item, "" until it is known; `removes`: its draft is being
    removed, so it must not be promoted any more (`reconcile.keyed`).
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
    keyed: bool = False
    item: str = ""
    removes: bool = False

    @property
    def places(self) -> tuple[tuple[Address, str], ...]:
        """The addresses that the call serves, each with the id of its profile."""
        return tuple(zip(self.addresses, self.profile_ids, strict=True))

    def only(self, places: Iterable[tuple[Address, str]]) -> Intent:
        """Return the intent reduced to these places."""
        kept = tuple(places)
        return replace(
            self,
            addresses=tuple(address for address, _ in kept),
            profile_ids=tuple(profile_id for _, profile_id in kept),
        )


def intent_name(lineage: str, serial: int, number: int) -> str:
    """Return the id of an intent. Ids made on one state sort in the order of their calls."""
    return f"{lineage}.{serial}-{number:06d}"


def serial_of(intent_id: str) -> int:
    """Return the serial of the state that an intent was made on. Raises ValueError."""
    return int(intent_id.rpartition("-")[0].rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease of the run that applies at the moment.

    `holder` names the run for people, `token` is unique to it. `host` is its machine: a store with
    a lock of the operating system can prove that a holder on this machine is dead.
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
    """The approval of one change, kept until the change is made. See `reconcile.approvals`.

    `address` is for people only: an approval is for the content of a change, not for its name.
    `group` is that of the change, "" for none. `refused`: the network refused the change.
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
class StateHead:
    """The part of a state that can be read without its bindings, which may be damaged.

    It is for questions that need no more, and nothing is written from it. Its fields are those of
    `State`.
    """

    lineage: str
    serial: int
    epoch: int
    profiles: tuple[Profile, ...]
    moved_to: str


@dataclass(frozen=True, slots=True)
class State:
    """The whole state document.

    `lineage` identifies the state over its life, `serial` counts its writes, `epoch` its leases.
    `profiles` are as last seen, for runs without a token. `provider` is the API whose ids it holds
    (`Capabilities.api`), "" if an older plancast did not record it. `abandoned` are creates that
    were believed not to have happened; an entry that one of them makes after all is recognized as a
    stray. `workspace` is its identity, None if an older plancast wrote it. `approved` holds
    approvals by the key of their change; `spent` the requests that gave them, with the time;
    `unapproved` the keys of changes without approval, with the time an apply first saw each.
    `moved_to` is the ref that holds the state now, "" if that is this one. `findings` are those of
    the last probes of the account, `probes` the objects of a probe that may still exist.
    `draft_keys` are the keys of drafts whose creation was refused or not answered, with the time of
    the last try: a draft that no intent knows may have such a key (`reconcile.keyed`).
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
    findings: Findings | None = None
    probes: tuple[ProbeObject, ...] = ()
    draft_keys: Mapping[str, datetime] = field(default_factory=dict, hash=False)

    @property
    def is_new(self) -> bool:
        """Whether no apply has read a queue with this state yet."""
        knows = self.resources or self.intents or self.abandoned
        return not knows and self.read_at is None

    @property
    def is_idle(self) -> bool:
        """Whether the state can be dropped: it owns nothing, and nothing is open or approved."""
        return not (self.resources or self.intents or self.approved or self.probes)

    def binding(self, address: Address) -> Binding | None:
        """Return the binding at this address; None if it has none."""
        return self.resources.get(address)

    def holder(self, remote_id: str, address: Address) -> Binding | None:
        """Return the binding of a remote id, looked for at `address` first; None if not owned."""
        binding = self.resources.get(address)
        if binding is not None and binding.remote_id == remote_id:
            return binding
        # A scan, but rare: only after a rename, or if an alias means another profile now.
        return next((one for one in self.resources.values() if one.remote_id == remote_id), None)

    def abandoned_addresses(self) -> frozenset[Address]:
        """Return the addresses of creates that were believed not to have happened."""
        return frozenset(address for intent in self.abandoned for address in intent.addresses)

    def owned_ids(self) -> frozenset[str]:
        """Return the remote ids of all bindings."""
        return frozenset(binding.remote_id for binding in self.resources.values())

    def bind(self, *bindings: Binding) -> State:
        """Return the state with these bindings; each replaces the one at its address, if any."""
        merged = dict(self.resources)
        merged.update((binding.address, binding) for binding in bindings)
        return replace(self, resources=merged)

    def forget(self, *addresses: Address) -> State:
        """Return the state without the bindings of these addresses; unknown ones are ignored."""
        dropped = set(addresses)
        kept = {key: value for key, value in self.resources.items() if key not in dropped}
        return replace(self, resources=kept)

    def move(self, old: Address, new: Address) -> State:
        """Return the state with one binding at another address. Raises KeyError if not owned."""
        binding = replace(self.resources[old], address=new)
        return self.forget(old).bind(binding)

    def intend(self, intents: Iterable[Intent]) -> State:
        """Return the state with these intents open; each replaces the one with its id."""
        merged = dict(self.intents)
        merged.update((intent.id, intent) for intent in intents)
        return replace(self, intents=merged)

    def sending(self, intent_id: str, at: datetime) -> State:
        """Return the state with an intent marked as about to be sent, if that is open."""
        known = self.intents.get(intent_id)
        return self.intend([replace(known, sent_at=at)]) if known else self

    def drafted(self, intent_id: str, item: str) -> State:
        """Return the state with the content item of a keyed create, if that is open.

        The first id stays: a second draft is made only if the service has forgotten a key.
        """
        known = self.intents.get(intent_id)
        return self.intend([replace(known, item=known.item or item)]) if known else self

    def removing(self, *intent_ids: str) -> State:
        """Return the state with the drafts of these keyed creates marked as being removed."""
        return self.intend([replace(self.intents[name], removes=True) for name in intent_ids])

    def doubt_draft(self, key: str, at: datetime) -> State:
        """Return the state with the key of a draft whose creation was not answered."""
        return replace(self, draft_keys={**self.draft_keys, key: at})

    def settle(self, *intent_ids: str) -> State:
        """Return the state without these intents: their outcome is known."""
        dropped = set(intent_ids)
        kept = {key: value for key, value in self.intents.items() if key not in dropped}
        return replace(self, intents=kept)

    def answered(self, address: Address) -> State:
        """Return the state without open creates for this address: their outcome is known."""
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
        """Return the state with a create moved from the open intents to the abandoned ones."""
        return replace(self.settle(intent.id), abandoned=(*self.abandoned, intent))

    def next_serial(self) -> State:
        """Return the state with the next serial, for a store that is about to write it."""
        return replace(self, serial=self.serial + 1)
