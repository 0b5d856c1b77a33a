"""One applier at a time: the lease in the state, and the fence before each send.

Terms. A *lease* in the state names who applies. Taking it raises the *epoch*. A
*contender* is a run that finds the lease of another one. A *tenure* is the time in
which a run holds the lease.

Premise. No lock can be trusted alone. The lock of a store (for the local one:
of the operating system) falls with its process, but knows only one machine. A
lease is seen by all who share the state, but its holder can be paused for
longer than it lasts. So there are three layers: the lock, the lease, and a
fence that is asked before every byte that changes something.

A contender believes a holder dead when the store can prove it (the lock of this
machine is ours, and the holder ran here), or when it has itself watched the
state stand still for the whole term of the lease, by its own stopwatch. No two
clocks are ever compared.

A holder proves that it lives by writing the state, which it does at least every
RENEWAL seconds while it sends. A holder that was paused finds, before its next
send, that its last proof is too old or that the state is not its own any more,
and stops. What is left is a pause between the fence and the send: its entry is
found as a stray later (reconcile.strays).

A fence belongs to one call and is made from the intent that announces it, so no call can pass the
fence of another. The connection is made before the lease is taken: it asks a gate, which is closed
unless a call is under way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from plancast.engine.recovery import MARK_HOLDS
from plancast.model.ports import Clock, Journal, StateError, StateLocked, StateMoved, StateStore
from plancast.model.state import Lease, State

TERM = 300
"""Seconds for which a lease holds without a proof of life."""

MARGIN = 120.0
"""Seconds that must be left of it when something is sent: more than a call can take."""

RENEWAL = 60.0
"""Seconds after which a holder that sends writes the state, only to show that it lives."""

SPARE = 60
"""Seconds beside the term of a lease that a contender should bring along: a push may land late."""

LOOK = 1.0
"""Seconds between two looks of a contender."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A run: its name for people, a word that no other run has, and its machine."""

    name: str
    token: str
    host: str


@dataclass(slots=True)
class Tenure:
    """The right to write the state, as long as a run holds the lease.

    `found_serial` is the serial of the state before the lease was taken.
    """

    store: StateStore
    journal: Journal
    clock: Clock
    holder: Holder
    found_serial: int
    _proved: float = field(default=0.0)

    def state(self) -> State:
        """Return the state as it is now, with everything that was journalled."""
        return self.journal.replay(self.store.read())

    def write(self, state: State) -> State:
        """Replace the state, which holds the journal by now. Raises StateMoved, StateUnwritable."""
        begun = self.clock.monotonic()  # others may see it from here on, and count from there
        written = self.store.write(state)
        self._proved = begun
        self.journal.clear()
        return written

    def is_old(self) -> bool:
        """Return whether it is time to write the state, to show that this run lives."""
        return self.clock.monotonic() - self._proved > RENEWAL

    def must_hold(self) -> None:
        """Raise StateMoved if this run may not send any more."""
        now = self.clock.monotonic()
        if now - self._proved > TERM - MARGIN:
            raise StateMoved("this run was held up for so long that its lease may be over")
        if not self.store.is_ours():
            raise StateMoved("another run has taken over")

    def announce_call(self, intent_id: str, calendar: Clock) -> CallFence:
        """Return the fence of the call that this intent announces. Nothing is written yet."""
        return CallFence(self, intent_id, calendar)


@dataclass(slots=True)
class CallFence:
    """The fence of one call."""

    tenure: Tenure
    intent_id: str
    calendar: Clock
    _marked_at: datetime | None = field(default=None, init=False)

    def check(self) -> None:
        """Check the lease right before something is sent, and again after any wait.

        Raises StateMoved if nothing may be sent any more. Writes that the call is about to be
        sent, anew if that was written a while ago: recovery counts from there.
        """
        self.tenure.must_hold()
        moment = self.calendar.now()
        if self._marked_at is None or moment - self._marked_at > MARK_HOLDS:
            self.tenure.journal.sending(self.intent_id, moment)
            self._marked_at = moment


class SendGate:
    """The gate before the wire: it lets a change pass only while a call is under way."""

    def __init__(self) -> None:
        self._fence: CallFence | None = None

    @contextmanager
    def open_for(self, fence: CallFence) -> Iterator[None]:
        """Let the requests of one call pass, as long as its fence does."""
        self._fence = fence
        try:
            yield
        finally:
            self._fence = None

    def check(self) -> None:
        """Check the fence of the call under way, right before a request that changes something.

        Raises StateMoved if nothing may be sent any more. Without a call under way it raises
        RuntimeError: no intent announces that request, so no recovery would look for it.
        """
        if self._fence is None:
            raise RuntimeError("a change was about to be sent that no intent announces")
        self._fence.check()


@contextmanager
def hold_lease(
    store: StateStore, journal: Journal, clock: Clock, holder: Holder, patience: float
) -> Iterator[Tenure]:
    """Hold the state, waiting up to `patience` seconds for the run that has it.

    Raises StateLocked, naming the holder; StateError if the state cannot be read or written.
    """
    started = clock.monotonic()
    with store.lock(holder.name, patience):
        left = patience - (clock.monotonic() - started)
        tenure = _take(store, journal, clock, holder, left)
        try:
            yield tenure
        finally:
            with suppress(StateError):
                # Whatever went wrong above is what matters; a lease that stays runs out.
                _release(tenure)


def _take(
    store: StateStore, journal: Journal, clock: Clock, holder: Holder, patience: float
) -> Tenure:
    """Wait until the lease is free, then take it."""
    started = clock.monotonic()
    seen: tuple[str, int] | None = None
    seen_at = started
    while True:
        state = journal.replay(store.read())
        now = clock.monotonic()
        lease = state.lease
        if seen != (state.lineage, state.serial):
            seen, seen_at = (state.lineage, state.serial), now
        if lease is None or store.is_gone(lease) or now - seen_at >= lease.ttl_seconds:
            lease_taken = Lease(holder.name, holder.token, holder.host, clock.now(), TERM)
            tenure = Tenure(store, journal, clock, holder, state.serial)
            tenure.write(replace(state, lease=lease_taken, epoch=state.epoch + 1))
            return tenure
        if now - started >= patience:
            raise StateLocked(
                f"{lease.holder} holds it since {lease.acquired_at:%Y-%m-%d %H:%M:%S} UTC",
                holder=lease.holder,
                hint=_hint(lease),
            )
        clock.sleep(min(LOOK, patience))


def _hint(lease: Lease) -> str:
    """Say when to come back. A push of a run that was killed can land late: then it counts anew."""
    return (
        f"Wait for it. If that run is dead, the state is free {lease.ttl_seconds} s after its last "
        f"write: `--lock-timeout {lease.ttl_seconds + SPARE}` of `apply` waits for that, and "
        "`plancast state unlock` takes it at once."
    )


def _release(tenure: Tenure) -> None:
    state = tenure.state()
    if state.lease is not None and state.lease.token == tenure.holder.token:
        tenure.write(replace(state, lease=None))
