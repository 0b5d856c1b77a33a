"""The limiter: requests as fast as the limit allows, and never faster.

Terms. A *window* allows so many requests in any so many seconds. Every request holds a *slot* of
every window. A *log* is the list of slots that are held, with how long ago each began to count.

Premise. A server counts a request when it arrives, which is some time between sending it and
having its answer. So a slot is held from before the request is sent until `seconds` after it was
answered: whatever the server's clock says, it has forgotten the request by then. Simulated
against a server with a rolling window this wastes less than 1 % and is never refused, where token
buckets and even pacing are (plan-apply-peers 7). A server with fixed windows is satisfied too.

All processes of a machine that use the same token share one log, in a small file behind a lock.
A process that dies leaves its slot open; the slot counts as if it had been answered when the
longest wait for an answer was over.

Times in a log are *ages*: seconds before the moment at which it was written. To grow older a log
needs the time that has passed since, not the time of day, so that a clock which is set forward
or back neither frees slots early nor holds them for long; see `elapsed`.

What is not done here: sending again. A 429 (somebody else uses the token, too) makes everybody
wait and halves the limit for one window; what becomes of the refused request is for others to say.
"""

from __future__ import annotations

import math
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from plancast.core.plan import RateWindow
from plancast.core.ports import Clock, Notify, StateMoved
from plancast.net.transport import NotSent, Request, Response, Transport

LONGEST_PAUSE = 86_400.0
"""Seconds. A server that asks for more than a day is asked again after a day."""

SHORTEST_WAIT = 0.001
"""Seconds. Less than this can be lost in the rounding of a clock, and the wait never end."""

ROUNDING = 1e-6
"""Seconds that sums of ages are off by; the excess in `Window.held` is far greater."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` requests in any `seconds`."""

    limit: int
    seconds: float

    def __post_init__(self) -> None:
        if self.limit < 1 or not 0 < self.seconds < math.inf:
            raise ValueError("a window has at least one request and more than zero seconds")

    @property
    def held(self) -> float:
        """How long after its answer a request counts: a little longer than the server says.

        The excess is for servers whose clocks have a coarse grain.
        """
        return self.seconds + min(0.25, self.seconds / 100)


@dataclass(frozen=True, slots=True)
class Slot:
    """One request. `age`: how long ago it was answered, negative where that is still to come.

    While it is `open` nobody knows when the answer will come, and `age` assumes the worst.
    """

    id: str
    age: float
    open: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """What was sent lately.

    `pause`: seconds for which nobody sends; `halved`: seconds for which only half is allowed.
    """

    slots: tuple[Slot, ...] = ()
    pause: float = 0.0
    halved: float = 0.0

    def older(self, seconds: float) -> Log:
        """The same log after that much time."""
        if seconds <= 0:
            return self
        return Log(
            tuple(replace(slot, age=slot.age + seconds) for slot in self.slots),
            _less(self.pause, seconds),
            _less(self.halved, seconds),
        )


def _less(left: float, seconds: float) -> float:
    return left - seconds if left - seconds > ROUNDING else 0.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment on two clocks: Unix time, and seconds since the machine was started."""

    wall: float
    monotonic: float


def elapsed(before: Stamp, now: Stamp) -> float:
    """Seconds between two moments, rather too few than too many.

    The stopwatch decides; it is one for all processes of a machine. Only where it has gone
    backwards, because the machine was started anew, does the calendar, if it has not as well.
    """
    ticks = now.monotonic - before.monotonic
    return ticks if ticks >= 0 else max(0.0, now.wall - before.wall)


class LogStore(Protocol):
    """Where a log is kept."""

    def change(self, step: Callable[[Log], Log], now: Callable[[], Stamp]) -> Log:
        """Replace the log, as old as it is by now, by what `step` makes of it, and return that.

        Nobody else reads or writes in between; `now` is asked once nobody else can, or a process
        that waited for its turn would date the log back. `step` may be called more than once.
        """


class MemoryLog:
    """A log of this process alone. Safe for threads."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._log = Log()
        self._stamp = Stamp(0.0, 0.0)

    def change(self, step: Callable[[Log], Log], now: Callable[[], Stamp]) -> Log:
        """See LogStore."""
        with self._mutex:
            moment = now()
            self._log = step(self._log.older(elapsed(self._stamp, moment)))
            self._stamp = moment
            return self._log


def delay(log: Log, windows: Sequence[Window], *, hopeful: bool = False) -> float:
    """Seconds until the next request may be sent; 0.0 for at once.

    `hopeful`: as if all open requests were answered right now, which is the earliest moment at
    which it is worth looking again.
    """
    wait = log.pause
    for window in windows:
        limit = _limit(window, log.halved > 0)
        ages = (max(slot.age, 0.0) if hopeful and slot.open else slot.age for slot in log.slots)
        left = sorted(window.held - age for age in ages if _counts(age, window))
        if len(left) >= limit:
            wait = max(wait, left[len(left) - limit])
    return wait


def eta(log: Log, windows: Sequence[Window], requests: int, latency: float = 0.0) -> float:
    """Seconds until the last of so many requests is answered, sent one after the other.

    `latency`: what one request takes. Requests that are open now are taken as answered now.
    """
    now = log.pause
    ages = [max(slot.age, 0.0) for slot in log.slots]
    frees = [sorted(window.held - age for age in ages) for window in windows]
    for _ in range(requests):
        for window, held in zip(windows, frees, strict=True):
            limit = _limit(window, log.halved > now)
            if len(held) >= limit:
                now = max(now, held[len(held) - limit])
        now += latency
        for window, held in zip(windows, frees, strict=True):
            held.append(now + window.held)
    return now


def _counts(age: float, window: Window) -> bool:
    return window.held - age > ROUNDING


def _limit(window: Window, halved: bool) -> int:
    return max(1, window.limit // 2) if halved else window.limit


class Limiter:
    """Lets requests pass one by one. `windows` are sorted or not; all of them hold at once.

    `timeout`: seconds after which a request is given up, and so the longest that a slot is open.
    `wall` is Unix time. `chance` gives numbers from 0 to 1.
    """

    def __init__(  # noqa: PLR0913  # everything that it may not take from the process itself
        self,
        windows: Sequence[Window],
        store: LogStore,
        clock: Clock,
        wall: Callable[[], float],
        notify: Notify = lambda _seconds, _reason: None,
        *,
        timeout: float = 60.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not windows:
            raise ValueError("a limiter needs a window")
        self._windows = tuple(windows)
        self._store = store
        self._clock = clock
        self._wall = wall
        self._notify = notify
        self._timeout = timeout
        self._chance = chance

    @property
    def windows(self) -> tuple[Window, ...]:
        """What was agreed."""
        return self._windows

    def acquire(self) -> str:
        """Wait for a slot and hold it; its id is for `release` or `cancel`.

        What Clock.sleep raises goes through; no slot is held then.
        """
        slot = Slot(uuid.uuid4().hex, -self._timeout, open=True)

        def take(log: Log) -> Log:
            if delay(log, self._windows) > 0:
                return log
            return replace(log, slots=(*log.slots, slot))

        while True:
            log = self._change(take)
            if slot in log.slots:
                return slot.id
            wait = max(SHORTEST_WAIT, delay(log, self._windows, hopeful=True))
            reason = "asked to slow down" if log.pause >= wait else "request limit"
            self._notify(wait, reason)
            self._clock.sleep(wait)

    def release(self, slot_id: str) -> None:
        """It was answered, or given up: the slot counts from now."""
        answered = Slot(slot_id, 0.0)

        def settle(log: Log) -> Log:
            others = tuple(slot for slot in log.slots if slot.id != slot_id)
            return replace(log, slots=(*others, answered))

        self._change(settle)

    def cancel(self, slot_id: str) -> None:
        """Nothing was sent: the slot is free."""
        self._change(lambda log: replace(log, slots=tuple(s for s in log.slots if s.id != slot_id)))

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot around one request. Where nothing was sent it is free again, else released.

        NotSent and StateMoved say that nothing was.
        """
        slot_id = self.acquire()
        try:
            yield
        except (NotSent, StateMoved):
            self.cancel(slot_id)
            raise
        except BaseException:
            self.release(slot_id)
            raise
        self.release(slot_id)

    def penalise(self, retry_after: float | None) -> None:
        """A 429 came all the same: all wait, and for one window after that use half the limit.

        `retry_after` is the server's word in seconds. Without it the wait is a whole window and
        up to a quarter more, so that those who were refused together do not return together.
        """
        shortest = min(window.seconds for window in self._windows)
        if retry_after is None or not retry_after >= 0:
            wait = shortest * (1 + self._chance() / 4)
        else:
            wait = min(retry_after, LONGEST_PAUSE)

        def punish(log: Log) -> Log:
            pause = max(log.pause, wait)
            return replace(log, pause=pause, halved=max(log.halved, pause + shortest))

        self._change(punish)

    def remaining(self) -> tuple[RateWindow, ...]:
        """The budget as of now."""
        log = self._change(lambda log: log)
        return tuple(
            RateWindow(
                window.limit,
                max(1, round(window.seconds)),
                0 if log.pause > 0 else _free(log, window),
            )
            for window in self._windows
        )

    def eta(self, requests: int, latency: float = 0.0) -> float:
        """Seconds that so many requests will take from now on; see `eta` of this module."""
        return eta(self._change(lambda log: log), self._windows, requests, latency)

    def _change(self, step: Callable[[Log], Log]) -> Log:
        longest = max(window.held for window in self._windows)

        def tidy(log: Log) -> Log:
            return step(replace(log, slots=tuple(s for s in log.slots if s.age < longest)))

        return self._store.change(tidy, lambda: Stamp(self._wall(), self._clock.monotonic()))


def _free(log: Log, window: Window) -> int:
    held = sum(1 for slot in log.slots if _counts(slot.age, window))
    return max(0, _limit(window, log.halved > 0) - held)


def is_429(response: Response) -> bool:
    """Whether a response says "too many requests"."""
    return response.status == 429


class PacedTransport:
    """A transport whose requests wait for a slot. A refusal for haste is handed on like others.

    `hasty` tells which answers are such refusals. `fence` is asked once the slot is there, right
    before something is sent that changes something; what it raises goes through.
    """

    def __init__(
        self,
        transport: Transport,
        limiter: Limiter,
        wall: Callable[[], float],
        hasty: Callable[[Response], bool] = is_429,
        fence: Callable[[], None] = lambda: None,
    ) -> None:
        self._fence = fence
        self._transport = transport
        self._limiter = limiter
        self._wall = wall
        self._hasty = hasty

    def send(self, request: Request) -> Response:
        """Send it once, when its time has come. Raises what the transport and the clock raise."""
        with self._limiter.slot():
            if not request.idempotent:
                self._fence()
            response = self._transport.send(request)
        if self._hasty(response):
            self._limiter.penalise(retry_after(response, self._wall()))
        return response


def retry_after(response: Response, wall: float | None = None) -> float | None:
    """How long a response asks to wait, in seconds; None where it does not say or makes no sense.

    The header holds seconds or a date; a date counts from the response's own, else from `wall`
    (Unix seconds).
    """
    value = (response.header("retry-after") or "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = http_date(value)
        if until is None:
            return None
        start = http_date(response.header("date") or "")
        if start is None and wall is not None:
            start = datetime.fromtimestamp(wall, UTC)
        if start is None:
            return None
        seconds = max(0.0, (until - start).total_seconds())
    return seconds if 0 <= seconds < math.inf else None


def http_date(value: str) -> datetime | None:
    """A date of a header, in UTC; None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
