"""A server that reports what is left of its windows, and workers on a virtual clock that obey.

The server knows whose fault a refusal is: ours, if the window would have been full without those
requests of a stranger that came after the last report that we had received.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from plancast.net.rate_limiter import Limiter, LimiterWindow, LogStore, MemoryLog, RateReport
from plancast.testing.fakes import FakeClock
from tests.net.pace import limiter


class Kind(Enum):
    ROLLING = "rolling, and tells when the oldest request is forgotten"
    PATIENT = "rolling, and tells when the newest request is forgotten"
    ALIGNED = "fixed, beginning at round times"
    FIRST = "fixed, beginning with the first request"


@dataclass
class _Counter:
    window: LimiterWindow
    kind: Kind
    seen: list[tuple[float, bool]] = field(default_factory=list)
    start: float = -math.inf

    def forget(self, now: float) -> None:
        seconds = self.window.seconds
        if self.kind is Kind.ALIGNED:
            self.start = now // seconds * seconds
        elif self.kind is Kind.FIRST:
            if now >= self.start + seconds:
                self.start = now
        else:
            self.start = math.nextafter(now - seconds, math.inf)
        self.seen = [item for item in self.seen if item[0] >= self.start]

    def resets_in(self, now: float) -> float:
        if self.kind is Kind.ROLLING:
            # The one after which there is room again; refused ones may have been counted, too.
            place = max(0, len(self.seen) - self.window.limit)
            return (self.seen[place][0] if self.seen else now) + self.window.seconds - now
        if self.kind is Kind.PATIENT:
            return self.window.seconds
        return self.start + self.window.seconds - now


class ReportingServer:
    """A server with windows. `rounding` makes whole seconds; `strict`: refusals count as well."""

    def __init__(
        self,
        windows: Sequence[LimiterWindow],
        kind: Kind,
        rounding: Callable[[float], int] = math.ceil,
        strict: bool = False,
    ) -> None:
        self._counters = [_Counter(window, kind) for window in windows]
        self._rounding = rounding
        self._strict = strict
        self.refused = 0
        self.blamed = 0

    def arrive(self, now: float, heard: float | None = None) -> tuple[bool, tuple[RateReport, ...]]:
        """Handle one request: return whether it passed, and the reports in its answer.

        `heard`: arrival of the request whose answer reported last; None if a stranger asks.
        """
        full = []
        for counter in self._counters:
            counter.forget(now)
            if len(counter.seen) >= counter.window.limit:
                full.append(counter)
        if heard is not None and full:
            self.refused += 1
            self.blamed += any(
                sum(not foreign or when <= heard for when, foreign in counter.seen)
                >= counter.window.limit
                for counter in full
            )
        if not full or self._strict:
            for counter in self._counters:
                counter.seen.append((now, heard is None))
        words = (
            RateReport(
                counter.window.seconds,
                counter.window.limit,
                max(0, counter.window.limit - len(counter.seen)),
                float(max(0, self._rounding(counter.resets_in(now)))),
            )
            for counter in self._counters
        )
        return not full, tuple(words)


class _Wait(Exception):  # noqa: N818
    """A worker would sleep."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class EventClock(FakeClock):
    """Lets the simulation do the waiting."""

    def sleep(self, seconds: float) -> None:
        raise _Wait(seconds)

    def move_to(self, moment: float) -> None:
        self.advance(max(0.0, moment - self.monotonic()))


@dataclass
class LimitedWorkers:
    """Workers, half of them in another process, that send so many requests.

    `trip` gives the two halves of a round trip; `stranger` the times at which another client
    sends one; every `silent`-th answer has no report (0: all have one). `stores`: the log as each
    of the two processes has it. `idle`: seconds of other work after an answer.
    """

    server: ReportingServer
    windows: Sequence[LimiterWindow]
    workers: int
    requests: int
    trip: Callable[[int], tuple[float, float]] = lambda _: (0.05, 0.05)
    stranger: Sequence[float] = ()
    silent: int = 0
    stores: Sequence[LogStore] = ()
    idle: Callable[[int], float] = lambda _: 0.0
    clock: EventClock = field(default_factory=EventClock)
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    count: int = 0
    sent: int = 0
    passed: list[float] = field(default_factory=list)
    heard: float = -math.inf

    def run(self) -> list[float]:
        """Return when each request was answered that was not refused, in seconds from the start."""
        stores, start = self.stores or [MemoryLog()] * 2, self.clock.monotonic()
        for number in range(self.workers):
            if number < 2:
                shared = limiter(self.clock, self.windows, stores[number])
            self._at(0.001 * number, partial(self._try, shared))
        for moment in self.stranger:
            self._at(moment, self._disturb)
        while self.events and len(self.passed) < self.requests:
            moment, _, event = heapq.heappop(self.events)
            self.clock.move_to(moment)
            event()
        return [moment - start for moment in self.passed]

    def _at(self, seconds: float, event: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.events, (self.clock.monotonic() + seconds, self.count, event))

    def _disturb(self) -> None:
        self.server.arrive(self.clock.monotonic())

    def _try(self, shared: Limiter) -> None:
        try:
            slot = shared.acquire()
        except _Wait as wait:
            self._at(wait.seconds, partial(self._try, shared))
            return
        self.sent += 1
        number, heard = self.sent, self.heard
        there, back = self.trip(number)

        def arrive() -> None:
            arrived = self.clock.monotonic()
            passed, words = self.server.arrive(arrived, heard)
            self._at(back, lambda: answer(arrived, passed, words))

        def answer(arrived: float, passed: bool, words: tuple[RateReport, ...]) -> None:
            if self.silent and number % self.silent == 0:
                words = ()
            else:
                self.heard = arrived
            shared.release(slot, words)
            if passed:
                self.passed.append(self.clock.monotonic())
            else:
                spent = [word.resets_in for word in words if word.remaining == 0]
                shared.penalise(max(spent, default=None))
            if idle := self.idle(number):
                self._at(idle, partial(self._try, shared))
            else:
                self._try(shared)

        self._at(there, arrive)
