"""The lease: only one run applies at a time. And the fence that every request has to pass.

Terms. A *lease* in the state names the run that applies. Taking it raises the *epoch*. A
*contender* is a run that finds the lease of another run. A *tenure* is the time during which a run
holds the lease.

Premise. No single lock is enough. The lock of a store (for the local store, one of the operating
system) is released when its process dies, but covers one machine only. A lease is visible to all
runs that share the state, but its holder can be paused for longer than it lasts. So there are three
layers: the lock, the lease, and a fence before every request that changes something.

A contender believes that the holder is dead in two cases: the store can prove it (the contender has
the lock of this machine, and the holder ran here), or the contender itself has watched the state
for the whole term of the lease, by its own monotonic clock, without a write. No two clocks are ever
compared.

A holder proves that it is alive by writing the state, at least every RENEWAL seconds while it
sends. A holder that was paused finds, before its next request, that its last proof is too old or
that another run wrote the state, and stops. The only gap left is a pause between the fence and the
request; the entry of such a request is found later as a stray (`reconcile.strays`).

A fence belongs to one call and is made from the intent that announces it, so no call can pass the
fence of another call. The provider's connection is made before the lease is taken. It therefore
checks a gate, which is closed unless a call is under way.
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
"""Seconds for which a lease is valid after the last write of its holder."""

MARGIN = 120.0
"""Seconds of the term that must be left when a request is sent: more than a call can take."""

RENEWAL = 60.0
"""Seconds after which a holder that sends writes the state just to prove that it is alive."""

SPARE = 60
"""Seconds that a contender should wait beyond the term of a lease: a push can arrive late."""

LOOK = 1.0
"""Seconds between two reads of the state by a contender."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A run that takes a lease: its name for people, its unique token, and its machine."""

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
        """Return the state as it is now, with everything that the journal holds."""
        return self.journal.replay(self.store.read())

    def write(self, state: State) -> State:
        """Replace the state, which must contain the journal, and empty the journal.

        Raises StateMoved, StateUnwritable.
        """
        # The time before the write counts: contenders may see it, and count, from then on.
        begun = self.clock.monotonic()
        written = self.store.write(state)
        self._proved = begun
        # Only now: if the process dies before this, the journal is still there, and its replay
        # skips records of calls on an older serial.
        self.journal.clear()
        return written

    def is_old(self) -> bool:
        """Return whether it is time to write the state, to prove that this run is alive."""
        return self.clock.monotonic() - self._proved > RENEWAL

    def must_hold(self) -> None:
        """Raise StateMoved if this run must not send any more."""
        now = self.clock.monotonic()
        if now - self._proved > TERM - MARGIN:
            raise StateMoved("this run was held up for so long that its lease may be over")
        if not self.store.is_ours():
            raise StateMoved("another run has taken over")

    def announce_call(self, intent_id: str, calendar: Clock) -> CallFence:
        """Return the fence of the call that an intent announces. Nothing is written yet."""
        return CallFence(self, intent_id, calendar)


@dataclass(slots=True)
class CallFence:
    """The fence of one call: a check of the lease, and the mark that the call is being sent."""

    tenure: Tenure
    intent_id: str
    calendar: Clock
    _marked_at: datetime | None = field(default=None, init=False)

    def check(self) -> None:
        """Check the lease right before a request, and again after any wait.

        Writes the mark that the call is about to be sent, again if the last one is older than
        MARK_HOLDS: recovery counts the quiet period from the mark.

        Raises:
            StateMoved: this run must not send any more.
        """
        self.tenure.must_hold()
        moment = self.calendar.now()
        if self._marked_at is None or moment - self._marked_at > MARK_HOLDS:
            self.tenure.journal.sending(self.intent_id, moment)
            self._marked_at = moment


@dataclass(frozen=True, slots=True)
class ProbeFence:
    """The fence of a probe, whose calls no intent announces: its objects stand in the state."""

    tenure: Tenure

    def check(self) -> None:
        """Check the lease right before a request. Raises StateMoved."""
        self.tenure.must_hold()


class SendGate:
    """The gate before the wire: a request that changes something passes only during a call."""

    def __init__(self) -> None:
        self._fence: CallFence | ProbeFence | None = None

    @contextmanager
    def open_for(self, fence: CallFence | ProbeFence) -> Iterator[None]:
        """Open the gate for the requests of a call or a probe; each has to pass the fence."""
        self._fence = fence
        try:
            yield
        finally:
            self._fence = None

    def check(self) -> None:
        """Check the fence of the current call, right before a request that changes something.

        Raises:
            StateMoved: this run must not send any more.
            RuntimeError: there is no current call. No intent announces the request, so recovery
                would never look for its result.
        """
        if self._fence is None:
            raise RuntimeError("a change was about to be sent that no intent announces")
        self._fence.check()


@contextmanager
def hold_lease(
    store: StateStore, journal: Journal, clock: Clock, holder: Holder, patience: float
) -> Iterator[Tenure]:
    """Hold the lease on the state, after waiting up to `patience` seconds for another holder.

    Raises:
        StateLocked: another run still holds it; the error names that run.
        StateError: the state cannot be read or written.
    """
    started = clock.monotonic()
    with store.lock(holder.name, patience):
        left = patience - (clock.monotonic() - started)
        tenure = _take(store, journal, clock, holder, left)
        try:
            yield tenure
        finally:
            with suppress(StateError):
                # An error of the block above matters more than this one, and a lease that stays
                # runs out by itself.
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
        # A write in between proves that the holder is alive, so the watch starts again.
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
    """Return a hint how long to wait. A late push of a killed run would start the term again."""
    return (
        f"Wait for it. If that run is dead, the state is free {lease.ttl_seconds} s after its last "
        f"write: `--lock-timeout {lease.ttl_seconds + SPARE}` of `apply` waits for that, and "
        "`plancast state unlock` takes it at once."
    )


def _release(tenure: Tenure) -> None:
    """Remove the lease from the state, if it is still that of this run."""
    state = tenure.state()
    if state.lease is not None and state.lease.token == tenure.holder.token:
        tenure.write(replace(state, lease=None))
