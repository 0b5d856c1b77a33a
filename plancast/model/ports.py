"""Ports: the Protocols through which plancast reaches the world, and the errors they raise.

An implementation of `Provider` maps every error of the wire to one of six exceptions. Code above it
never sees an HTTP status. The six classes answer one question: *may the request be sent again?*

===============  =========================================  ==================
exception        effect at the provider                     repeat the call?
===============  =========================================  ==================
Unauthorized     none; the token is no good                 no
RateLimited      none; too early                            yes, after waiting
NotFound         none; there is no such object              no
Rejected         none; it refused and said why              no
Unreachable      none; no byte of the request arrived       yes
OutcomeUnknown   not known                                  never for a create
===============  =========================================  ==================

An implementation that is not sure must raise OutcomeUnknown: to raise Unreachable for a create
that did arrive would publish a post twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from plancast.model.features import PLAIN, Features

if TYPE_CHECKING:
    # Every command loads the errors below, and `validate` uses none of these.
    from plancast.model.entry import Entry, LiveEntry
    from plancast.model.events import Event
    from plancast.model.limits import NetworkLimits
    from plancast.model.outcomes import CallOutcome
    from plancast.model.plan import RateWindow
    from plancast.model.profile import Account, Profile
    from plancast.model.state import Intent, Lease, State


class ProviderError(Exception):
    """The base class of errors of a provider. See the table above."""


class Unauthorized(ProviderError):
    """The token is missing, wrong, or not allowed to do this."""


class RateLimited(ProviderError):
    """Too many requests. `retry_after` is in seconds; None if the provider did not say.

    `spent`: our own limiter refused before sending, because the budget is used up for longer than a
    run should wait. The run ends and reports when to go on.
    """

    def __init__(
        self, message: str, retry_after: float | None = None, *, spent: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.spent = spent


class NotFound(ProviderError):
    """There is no such object, or not any more."""


class Rejected(ProviderError):
    """The provider understood the request and refused it.

    `code` is the provider's own code. `queue_full`: it refused because the queue has no room.
    `repeated`: it refused because the profile holds the same text, or held it a short time ago.
    `choices` are (id, name) pairs of what the request may have meant, if that was ambiguous.
    """

    def __init__(
        self,
        message: str,
        code: int | str = "",
        *,
        queue_full: bool = False,
        repeated: bool = False,
        choices: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.queue_full = queue_full
        self.repeated = repeated
        self.choices = tuple(choices)


class Unreachable(ProviderError):
    """The request never arrived: name resolution, connection or TLS failed. It had no effect."""


class OutcomeUnknown(ProviderError):
    """The request may or may not have been carried out.

    `confirmed` holds entries that the answer proves nevertheless: a create for three profiles can
    name the results of two. `refused` holds, by profile id, errors which prove that nothing
    happened on that profile.
    """

    def __init__(
        self,
        message: str,
        confirmed: Sequence[LiveEntry] = (),
        refused: Mapping[str, ProviderError] | None = None,
    ) -> None:
        super().__init__(message)
        self.confirmed = tuple(confirmed)
        self.refused = dict(refused or {})


class NotPromoted(OutcomeUnknown):
    """A promotion that failed, perhaps after it took effect (`KeyedCreates.promote`).

    `named`: the errors that name a profile, by its id; `whole`: the one error that is about all of
    them. Each is a refusal only if the content item is seen to have no such post.
    """

    def __init__(
        self,
        message: str,
        named: Mapping[str, ProviderError] | None = None,
        whole: ProviderError | None = None,
    ) -> None:
        super().__init__(message)
        self.named = dict(named or {})
        self.whole = whole


@dataclass(frozen=True, slots=True)
class ContentItem:
    """A content item, from which a keyed create makes its posts.

    `posts` are those that it has made and that still exist, None while it is a draft.
    """

    id: str
    posts: tuple[LiveEntry, ...] | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it has made no posts yet, and can be promoted."""
        return self.posts is None


@dataclass(frozen=True, slots=True)
class Retirement:
    """The day from which an API no longer answers. `api` is its name for people."""

    day: date
    api: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The abilities of a provider, so that no code depends on its name. They are fixed in a run.

    `create_group` is the number of profiles that one create can serve. `ungrouped_services` are
    networks of which one create may serve a single profile only. `queue_limit` is the number of
    entries that fit in a profile's queue, None if it depends on the account. `sent_days` is how far
    back the sent list is sure to reach. `waits`: if a rate-limit window is used up, the provider
    waits for the next one, however long; otherwise the run ends for now. `api` names the API whose
    ids the state holds, "" if it has no name. `retires` is its announced last day.
    `cardless_services` are networks without link cards, on which a link becomes part of the text:
    one create with a link serves either only such networks or none of them. `edits_failed`: an
    entry that its network refused can be edited, which schedules it again (`reconcile.repairs`).
    `keyed_group` is the number of profiles that one keyed create can serve, 0 if there are none
    (`KeyedCreates`).
    """

    create_group: int = 1
    ungrouped_services: frozenset[str] = frozenset()
    cardless_services: frozenset[str] = frozenset()
    queue_limit: int | None = None
    sent_days: int = 30
    features: Features = PLAIN
    waits: bool = True
    api: str = ""
    retires: Retirement | None = None
    edits_failed: bool = True
    keyed_group: int = 0

    def for_keyed_creates(self) -> Capabilities:
        """Return the capabilities for creates that are all keyed."""
        return replace(self, create_group=self.keyed_group)

    def with_queue_limit(self, of_the_account: int | None) -> Capabilities:
        """Return the capabilities with the account's limit, if they have none of their own."""
        known = self.queue_limit is not None or of_the_account is None
        return self if known else replace(self, queue_limit=of_the_account)


@dataclass(frozen=True, slots=True)
class QueueRead:
    """The queues of some profiles at one moment.

    `server_time` is the provider's clock, None if the answer did not show it.
    """

    entries: tuple[LiveEntry, ...]
    read_at: datetime
    server_time: datetime | None = None
    requests: int = 0


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """The limits of networks as the provider reports them, by service name."""

    by_service: dict[str, NetworkLimits] = field(default_factory=dict)


class Provider(Protocol):
    """A live queue.

    All methods raise ProviderError, and no other exception, for errors of the network or the API.
    """

    @property
    def name(self) -> str:
        """The name by which plancast.yaml selects the provider."""

    @property
    def title(self) -> str:
        """The name for people, as in "changed in Buffer"; from its `ProviderInfo`."""

    @property
    def capabilities(self) -> Capabilities:
        """The abilities of the provider, the same during the whole run."""

    def account(self) -> Account:
        """Return the account that the token belongs to. 1 request."""

    def profiles(self) -> tuple[Profile, ...]:
        """Return all connected profiles. 1 request."""

    def profile(self, profile_id: str) -> Profile:
        """Return one connected profile. 1 request."""

    def limits(self) -> ServiceLimits:
        """Return the limits that the provider reports for each network. 1 request."""

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        """Return the entries in the queues of these profiles: all pages, failed entries included.

        With `since`, only entries that were created at or after that time.
        """

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        """Return the entries that went out, newest first, all pages.

        `since` maps profile ids to the earliest time to read; None means as far back as the list
        goes. Without profiles no request is made.
        """

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        """Return entries by their ids, in any status, without those that do not exist any more.

        It is called for owned entries that no list shows, since a list may leave out entries with a
        status that is new. At most 1 request each. A provider whose lists are complete returns
        nothing without a request.
        """

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        """Create an entry on each profile; return one live entry each, in order. 1 request."""

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        """Replace `previous`, the content in the queue now, with `entry`. 1 request."""

    def delete(self, remote_id: str) -> None:
        """Remove an entry from the queue. Raises NotFound if it is gone already. 1 request."""

    def share(self, remote_id: str) -> None:
        """Publish an entry now. 1 request."""

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """Return an entry as it reads back after the provider and the network rewrote it. Pure."""

    def windows(self) -> tuple[RateWindow, ...]:
        """Return the rate-limit windows as of now. No request."""


class KeyedCreates(Protocol):
    """Creates that may be repeated: an optional part of a provider, see `keyed_creates`.

    A *content item* begins as a draft, from which nothing goes out. Promotion turns it into posts,
    once: of two promotions of one item at most one takes effect. Its draft has a key of ours, and a
    repeated creation with that key returns the same item, whatever has become of it, as long as the
    service remembers the key. All methods raise ProviderError. `reconcile.keyed` has the protocol.
    """

    def create_draft(self, key: str, entry: Entry) -> ContentItem:
        """Create the draft with this key, a UUID, or return the content item that has it.

        Raises Rejected if the service refused the draft. 1 request.
        """

    def promote(self, item_id: str, entry: Entry, profiles: Sequence[Profile]) -> ContentItem:
        """Turn a draft into a post on each profile, and return the content item. 1 request.

        Raises NotPromoted if the answer names errors.
        """

    def content_item(self, item_id: str) -> ContentItem | None:
        """Return a content item, None if it is gone. 1 request."""

    def remove_item(self, item_id: str) -> None:
        """Remove a content item, with its posts if it has any. 1 request.

        Raises NotFound if it is gone, OutcomeUnknown if it may still be there.
        """

    def drafts(self, keys: Collection[str]) -> tuple[str, ...]:
        """Return the ids of the drafts that were created with one of these keys.

        A service that has forgotten a key can have several. Without keys no request is made.
        """


def keyed_creates(provider: Provider) -> KeyedCreates | None:
    """Return the keyed creates of a provider, None if it has none.

    A provider that has them says so by its attribute `keyed_creates` and by
    `Capabilities.keyed_group`.
    """
    return getattr(provider, "keyed_creates", None)


class Interrupted(Exception):
    """`Clock.sleep` ended early because the run is to stop. The wait is not over."""


class Clock(Protocol):
    """The time, passed in so that tests and the sandbox can set it."""

    def now(self) -> datetime:
        """Return the calendar time in UTC, in whole seconds. The sandbox has its own."""

    def monotonic(self) -> float:
        """Return seconds of a clock that never jumps, for measuring durations."""

    def sleep(self, seconds: float) -> None:
        """Wait. Raises Interrupted as soon as the run is to stop."""


class StateStore(Protocol):
    """The storage of the state."""

    @property
    def place(self) -> str:
        """The scope of `lock`: while a run holds it, no other run of this place is alive."""

    def read(self) -> State:
        """Return the current state; if there is none, a new one with a fresh lineage and serial 0.

        Raises StateDamaged if it exists and cannot be understood.
        """

    def write(self, state: State) -> State:
        """Replace the state if its serial is still `state.serial`; return it with the next serial.

        Raises StateMoved if another process wrote in between, StateUnwritable if the disk or the
        remote refuses. In both cases the old state is unchanged.
        """

    def lock(self, holder: str, timeout: float) -> AbstractContextManager[None]:
        """Return a context in which no other run of this place can write.

        Raises StateLocked, naming the holder, after `timeout` seconds.
        """

    def is_gone(self, lease: Lease) -> bool:
        """Return whether the holder of a lease is surely dead. Requires the lock."""

    def is_ours(self) -> bool:
        """Return whether the state is still as this run wrote it last, by a cheap check."""


class Journal(Protocol):
    """The log of intents and outcomes. Every method returns after the data is durable."""

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        """Record that these calls are about to be made on `state`: one write for the batch."""

    def sending(self, intent_id: str, at: datetime) -> None:
        """Record that a call is about to be sent. Without this record it surely was not."""

    def drafted(self, intent_id: str, item: str) -> None:
        """Record the id of the content item that a keyed create has made as a draft."""

    def outcome(
        self,
        intent_id: str,
        outcome: CallOutcome,
        at: datetime,
        live: Sequence[LiveEntry] = (),
    ) -> None:
        """Record the outcome of a call, and the entries that the answer showed."""

    def replay(self, state: State) -> State:
        """Return the state with everything that was recorded after it was written."""

    def clear(self) -> None:
        """Empty the journal: the state that was just written contains all of it."""


class StateError(Exception):
    """The base class of errors of state and journal.

    `path` is the place of the state. `holder` names the run that holds it, if that is the problem.
    `hint` says what to do, if the table of codes cannot know it.
    """

    def __init__(self, message: str, path: str = "", holder: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.holder = holder
        self.hint = hint


class StateDamaged(StateError):
    """The state cannot be understood. It was left as it is."""


class JournalDamaged(StateDamaged):
    """The journal cannot be understood. It was left as it is."""


class StateTooNew(StateDamaged):
    """A newer plancast wrote the state, in a format that this one does not know."""


class StateMoved(StateError):
    """Another run wrote the state in between."""


class StateLocked(StateError):
    """Another run holds the state."""


class StateUnwritable(StateError):
    """The disk or the remote refused a write. The old state is unchanged."""


class StateLinked(StateError):
    """A file of the state is a link, or lies behind one. The link was not followed."""


class StateUnreachable(StateError):
    """The state is kept at a remote that cannot be reached."""


class StateRewound(StateError):
    """The state is older than one that was seen before, or gone, or another: it was replaced."""


class StateElsewhere(StateError):
    """The place of the state is empty, but the place where it was kept before has one."""


class StateForeign(StateError):
    """The place of the state holds something else, or is reserved for something else."""


class StateRefused(StateError):
    """The state is not that of this workspace, or not surely; `code` is that of the diagnostic."""

    def __init__(self, message: str, path: str = "", *, hint: str = "", code: str) -> None:
        super().__init__(message, path, hint=hint)
        self.code = code


class Sink(Protocol):
    """The receiver of events."""

    def emit(self, event: Event) -> None:
        """Show or record an event. Must not raise."""


Notify = Callable[[float, str], None]
"""A function that is called with (seconds, reason) before a wait."""
