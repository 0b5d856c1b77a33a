"""The Protocols through which deciding reaches the world, and the six ways in which it fails.

Whoever implements `Provider` maps every error of the wire to one of the six
exceptions, once, at its border. Nobody above ever sees an HTTP status. The
classes are about one question: *may the request be sent again?*

===============  =========================================  ==================
exception        what happened at the provider              repeat the call?
===============  =========================================  ==================
Unauthorized     nothing; the token is no good              no
RateLimited      nothing; too early                         yes, after waiting
NotFound         nothing; there is no such object           no
Rejected         nothing; it said no and why                no
Unreachable      nothing; no byte of it arrived             yes
OutcomeUnknown   nobody knows                               never for a create
===============  =========================================  ==================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from plancast.model.entry import Entry, LiveEntry
from plancast.model.events import Event
from plancast.model.features import PLAIN, Features
from plancast.model.limits import NetworkLimits
from plancast.model.outcomes import CallOutcome
from plancast.model.plan import RateWindow
from plancast.model.profile import Account, Profile
from plancast.model.state import Intent, Lease, State


class ProviderError(Exception):
    """A call to a provider did not do what was asked. See the table above."""


class Unauthorized(ProviderError):
    """The token is missing, wrong or not allowed to do this."""


class RateLimited(ProviderError):
    """Too many requests. `retry_after` is in seconds; None where the provider did not say.

    `spent`: the budget is used up for longer than anybody wants to wait, so the run ends here and
    says when to go on.
    """

    def __init__(
        self, message: str, retry_after: float | None = None, *, spent: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.spent = spent


class NotFound(ProviderError):
    """There is no such object (any more)."""


class Rejected(ProviderError):
    """It understood and refused. `code` is its own; `queue_full`: refused for want of room.

    `choices`: what could have been meant, as pairs of id and name, where that was not clear.
    """

    def __init__(
        self,
        message: str,
        code: int | str = "",
        *,
        queue_full: bool = False,
        choices: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.queue_full = queue_full
        self.choices = tuple(choices)


class Unreachable(ProviderError):
    """The request never arrived: name, connection or TLS failed. Nothing happened."""


class OutcomeUnknown(ProviderError):
    """The request may or may not have been carried out.

    `confirmed` holds what the answer proves in spite of that: a create for
    three profiles can name the results of two. `refused` holds, by profile, the
    errors which prove that nothing happened there.
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


@dataclass(frozen=True, slots=True)
class Retirement:
    """The day from which an API answers no more. `api` is what people call it."""

    day: date
    api: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, so that nothing depends on its name. Fixed once it is connected.

    `create_group`: how many profiles one create can serve. `ungrouped_services`:
    networks of which a create may hold one profile only. `queue_limit`: entries
    that fit in a profile's queue, None if only the account can say. `sent_days`: how
    far back the sent list surely reaches. `waits`: a window of requests that is
    used up is waited for, however long it is; otherwise the run ends for now.
    `api`: whose ids a state holds that was made with it, "" where that is not told.
    `retires`: the day from which it answers no more. `cardless_services`: networks
    that show no link card; a create with a link serves either only such networks or
    only others, since in one of the two the link belongs into the text.
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

    def with_queue_limit(self, of_the_account: int | None) -> Capabilities:
        """Return them with the limit that the account has, if they leave it open."""
        known = self.queue_limit is not None or of_the_account is None
        return self if known else replace(self, queue_limit=of_the_account)


@dataclass(frozen=True, slots=True)
class QueueRead:
    """The queues of some profiles at one moment. `server_time` is None where it was not told."""

    entries: tuple[LiveEntry, ...]
    read_at: datetime
    server_time: datetime | None = None
    requests: int = 0


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """What the provider says of the networks, by service name."""

    by_service: dict[str, NetworkLimits] = field(default_factory=dict)


class Provider(Protocol):
    """A live queue. All methods raise ProviderError and nothing else for what the world does.

    `title` is what people call it in a sentence: "changed in Buffer".
    """

    @property
    def name(self) -> str:
        """The name under which plancast.yaml asks for it."""

    @property
    def title(self) -> str:
        """The title of its `ProviderInfo`."""

    @property
    def capabilities(self) -> Capabilities:
        """The same in the whole run."""

    def account(self) -> Account:
        """Whom the token belongs to. 1 request."""

    def profiles(self) -> tuple[Profile, ...]:
        """All connected accounts. 1 request."""

    def profile(self, profile_id: str) -> Profile:
        """One of them. 1 request."""

    def limits(self) -> ServiceLimits:
        """What the provider says about lengths per network. 1 request."""

    def read(self, profiles: Sequence[Profile], since: datetime | None = None) -> QueueRead:
        """What waits in the queues of these profiles, all pages, failed entries too.

        `since`: only what was created at or after it.
        """

    def sent(self, since: Mapping[str, datetime | None]) -> tuple[LiveEntry, ...]:
        """What went out on profiles, by their ids, at or after a time each; all pages.

        None for a time: as far back as the list goes. Newest first. No profile, no request.
        """

    def find(self, remote_ids: Sequence[str]) -> tuple[LiveEntry, ...]:
        """Entries by their ids, whatever has become of them; those that are gone are left out.

        For what no list shows, where lists may leave out what is new to us. At most 1 request
        each; none and nothing where lists hold all there is.
        """

    def create(self, entry: Entry, profiles: Sequence[Profile]) -> tuple[LiveEntry, ...]:
        """Put one entry in the queue of each profile; one result each, in order. 1 request."""

    def update(self, remote_id: str, entry: Entry, previous: Entry, profile: Profile) -> LiveEntry:
        """Make the entry hold this instead of `previous` (what the queue holds now). 1 request."""

    def delete(self, remote_id: str) -> None:
        """Remove it from the queue. Raises NotFound where it is gone already. 1 request."""

    def share(self, remote_id: str) -> None:
        """Send it now. 1 request."""

    def expected(self, entry: Entry, profile: Profile) -> Entry:
        """The entry as it reads back once the provider and the network have rewritten it. Pure."""

    def windows(self) -> tuple[RateWindow, ...]:
        """The request budget as of now. No request."""


class Interrupted(Exception):
    """`Clock.sleep` was told to come back early. What it waited for has not been done."""


class Clock(Protocol):
    """Time, for those who may not ask for it."""

    def now(self) -> datetime:
        """The calendar time, UTC, whole seconds. The sandbox has its own."""

    def monotonic(self) -> float:
        """Seconds that never jump."""

    def sleep(self, seconds: float) -> None:
        """Wait. Raises Interrupted as soon as the run is to end."""


class StateStore(Protocol):
    """Where the state lives."""

    @property
    def place(self) -> str:
        """What `lock` reaches: whoever has it knows that no other run of this place is alive."""

    def read(self) -> State:
        """The current state; a new one with a fresh lineage and serial 0 where there is none.

        Raises StateDamaged where it is there and cannot be understood.
        """

    def write(self, state: State) -> State:
        """Replace the state if its serial is still `state.serial`; returns it with the next serial.

        Raises StateMoved where somebody else wrote in between, StateUnwritable
        where the disk refuses; in both cases what was there is still there.
        """

    def lock(self, holder: str, timeout: float) -> AbstractContextManager[None]:
        """Exclusive meanwhile. Raises StateLocked, naming the holder, after `timeout` s."""

    def is_gone(self, lease: Lease) -> bool:
        """Whether its holder is surely dead. Only to be asked by whoever has the lock."""

    def is_ours(self) -> bool:
        """Whether the state is still as we wrote it last, as far as a glance can tell."""


class Journal(Protocol):
    """The log of intents and outcomes. Every method returns after the data is durable."""

    def intend(self, state: State, intents: Sequence[Intent]) -> None:
        """These calls are about to be made on `state`: one write for the whole batch."""

    def sending(self, intent_id: str, at: datetime) -> None:
        """This call is about to be sent."""

    def outcome(
        self,
        intent_id: str,
        outcome: CallOutcome,
        at: datetime,
        live: Sequence[LiveEntry] = (),
    ) -> None:
        """What became of a call, and what the answer showed."""

    def replay(self, state: State) -> State:
        """The state with everything that was journalled after it was written."""

    def clear(self) -> None:
        """The state holds it all now."""


class StateError(Exception):
    """Something is wrong with state or journal. `path` is where it lives.

    `hint` says what to do in this case, if the code of the problem cannot know it.
    """

    def __init__(self, message: str, path: str = "", holder: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.holder = holder
        self.hint = hint


class StateDamaged(StateError):
    """It cannot be understood. It was left as it is."""


class JournalDamaged(StateDamaged):
    """It is the journal that cannot be understood."""


class StateTooNew(StateDamaged):
    """A newer plancast wrote it."""


class StateMoved(StateError):
    """Another run wrote it in between."""


class StateLocked(StateError):
    """Another run holds it."""


class StateUnwritable(StateError):
    """The disk, or the remote, refused. What was there is still there."""


class StateLinked(StateError):
    """A file of it is a link, or lies behind one. The link was not followed."""


class StateUnreachable(StateError):
    """It is kept somewhere else, and that cannot be asked."""


class StateRewound(StateError):
    """It is an older one than was seen before, or gone, or another one: somebody replaced it."""


class StateElsewhere(StateError):
    """There is none here, but one where it was kept before."""


class StateForeign(StateError):
    """The place where the state should be holds something else, or is for something else."""


class StateRefused(StateError):
    """It is not the state of this workspace, or not surely. `code` says which of these."""

    def __init__(self, message: str, path: str = "", *, hint: str = "", code: str) -> None:
        super().__init__(message, path, hint=hint)
        self.code = code


class Sink(Protocol):
    """Where events go."""

    def emit(self, event: Event) -> None:
        """Show or record it. Must not raise."""


Notify = Callable[[float, str], None]
"""Called with (seconds, reason) before somebody waits that long."""
