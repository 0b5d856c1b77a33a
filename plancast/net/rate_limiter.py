"""The rate limiter: it sends requests as fast as the limits allow, and never faster.

`rate_windows` defines the terms: windows, slots, a log, and words, the server's reports.

Premise. A server counts a request when it arrives, which is some time between sending it and having
its answer. So a slot is held from before the request is sent until `seconds` after it was answered:
whatever the server's clock says, it has forgotten the request by then. Simulated against a server
with a rolling window this wastes less than 1 % and is never refused. A token bucket that begins
full is refused, since it sends up to two windows' worth within the first one; even pacing is, as
soon as the network delays one request and not the next. Servers with fixed windows do not refuse
this either. If answers report how much of a window is left, that is used instead of our own count:
it includes the requests of other programs on the same account; `rate_forecast` says which
conclusions a report allows.

All processes of a machine that use the same account share one log, in a small file behind a lock;
see `limiter_log`. A request takes the lock once: its answer is written with the next request, or by
`close`. Until then, or if a process dies, its slot is open for the others; it counts as if it had
been answered when the longest wait for an answer was over.

A window of a day is not waited for: if the next slot is further away than the limiter's patience,
it raises Spent instead, and nothing is sent.

A 429 (another program uses the account, too) makes every process wait, and halves the limit of
short windows for a while. A read that was refused like this is sent again once the wait is over: it
has no effect, and a plan of a hundred pages should not end for one of them. A refused request that
changes something is not sent again here; the caller decides.
"""

from __future__ import annotations

import math
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from plancast.model.plan import RateWindow
from plancast.model.ports import Clock, Notify, StateMoved
from plancast.net import rate_headers
from plancast.net.rate_forecast import LOOK_AGAIN, bottleneck, delay, eta, free, is_blamed
from plancast.net.rate_headers import RateReport, http_date, retry_after
from plancast.net.rate_windows import (
    LONGEST_PAUSE,
    MOST_WORDS,
    LimiterWindow,
    Log,
    LogStore,
    MemoryLog,
    Slot,
    Stamp,
    Step,
    Word,
    agreed,
    elapsed,
    tidied,
)
from plancast.net.transport import NotSent, Request, Response, Transport

__all__ = [
    "LONGEST_PAUSE",
    "Limiter",
    "LimiterWindow",
    "Log",
    "LogStore",
    "MemoryLog",
    "PacedTransport",
    "RateReport",
    "RepeatedReads",
    "Slot",
    "Spent",
    "Stamp",
    "Word",
    "delay",
    "elapsed",
    "eta",
    "http_date",
    "is_429",
    "retry_after",
]

SHORTEST_WAIT = 0.001
"""Seconds. A shorter wait can be lost in the rounding of a clock, and would never end."""

REPORT_GRAIN = 1.0
"""Seconds. Servers report whole ones, and do not say which way they round."""


READ_TRIES = 5
"""The most times that a read is sent, if each time the server says that it is too early."""

READ_PATIENCE = 120.0
"""Seconds. A server that asks for a longer pause than this ends the run."""

READ_BACK_OFF = 1.0
"""Seconds between tries if neither the server nor a limiter says more."""


class Spent(NotSent):
    """The request was not sent: it could go out only after so many `seconds`.

    `window` is the one that is used up, None if the server did not say which.
    """

    def __init__(self, seconds: float, window: LimiterWindow | None = None) -> None:
        super().__init__(
            f"the budget of {window} is used up"
            if window
            else "the service asks for a longer pause than is waited for"
        )
        self.seconds = seconds
        self.window = window


class Limiter:
    """A gate that lets requests pass one by one. All of its `windows` hold at once, in any order.

    `timeout`: seconds after which a request is given up, and so the longest that a slot is open.
    `patience`: seconds that a single wait may take. `wall` returns Unix time, `chance` numbers from
    0 to 1.
    """

    def __init__(  # noqa: PLR0913  # everything that it may not take from the process itself
        self,
        windows: Sequence[LimiterWindow],
        store: LogStore,
        clock: Clock,
        wall: Callable[[], float],
        notify: Notify = lambda _seconds, _reason: None,
        *,
        timeout: float = 60.0,
        patience: float = math.inf,
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
        self._patience = patience
        self._chance = chance
        self._turn = threading.Lock()

    @property
    def windows(self) -> tuple[LimiterWindow, ...]:
        """The windows as they were given, before any report of the server."""
        return self._windows

    def acquire(self) -> str:
        """Wait for a slot and hold it; return its id for `release` or `cancel`.

        Raises Spent if the wait would be longer than the patience; errors of Clock.sleep pass
        through. No slot is held then.
        """
        # Until it is answered assume the worst: that it is answered when the timeout is over.
        slot = Slot(uuid.uuid4().hex, -self._timeout, open=True)

        # Threads wait in a row: each wait is reported once, and a slot goes to the first one.
        with self._turn:
            return self._taken(slot)

    def _taken(self, slot: Slot) -> str:
        """Wait until a slot can be held, and hold this one."""

        # Looking and taking are one step under the store's lock: two processes must not both take
        # the last slot.
        def take(log: Log) -> Log:
            return log if delay(log, self._windows) > 0 else log.with_slot(slot)

        while True:
            log = self._change(take)
            if slot in log.slots:
                return slot.id
            wait, window = bottleneck(log, self._windows, hopeful=True)
            # Looking again after LOOK_AGAIN is no wait: a limiter without patience does so, too.
            if wait > max(self._patience, LOOK_AGAIN):
                raise Spent(wait, window)
            wait = max(SHORTEST_WAIT, wait)
            # A short wait for a report, which comes with the answer to another request, is not
            # worth a message.
            if wait > LOOK_AGAIN or not log.words:
                self._notify(wait, "asked to slow down" if log.pause >= wait else "request limit")
            self._clock.sleep(wait)

    def release(self, slot_id: str, words: Sequence[RateReport] = ()) -> None:
        """Let the slot count from now: its request was answered, or given up.

        `words`: the reports in the answer.
        """
        left = tuple((word.seconds, word.remaining) for word in words)

        def answer(log: Log, ago: float) -> Log:
            return self._with_reports(log, words, slot_id, ago).answered(slot_id, left, ago)

        self._store.note(answer, self._stamp, self._tidy)

    def close(self) -> None:
        """Let other processes see the answers that came after the last request was sent."""
        self._store.flush(self._stamp)

    def cancel(self, slot_id: str) -> None:
        """Free the slot, since nothing was sent."""
        self._change(lambda log: log.cancelled(slot_id))

    @contextmanager
    def slot(self) -> Iterator[list[RateReport]]:
        """Hold a slot around one request. If nothing was sent it is free again, else released.

        NotSent and StateMoved mean that nothing was sent. The caller appends the reports of the
        answer to the list.
        """
        slot_id = self.acquire()
        words: list[RateReport] = []
        try:
            yield words
        except (NotSent, StateMoved):
            self.cancel(slot_id)
            raise
        except BaseException:  # it may have been sent, so the slot counts
            self.release(slot_id)
            raise
        self.release(slot_id, words)

    def correct(self, words: Sequence[RateReport], slot_id: str = "") -> None:
        """Replace our own count by the server's reports.

        `slot_id`: the request whose answer carried them, while its slot is still held. Without it,
        every request that may have been sent meanwhile is subtracted from what they leave.
        """
        self._change(lambda log: self._with_reports(log, words, slot_id))

    def penalise(self, retry_after: float | None) -> None:
        """After a 429 make every process wait, then use half of the short windows for a while.

        `retry_after` is the wait that the server asked for, in seconds. Without it the wait is the
        shortest window and up to a quarter more, so that processes that were refused together do
        not return together.
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
        """Return the budget as of now: our own windows in order, then those of the server."""
        log = self._store.look(self._stamp, self._tidy)
        known = agreed(self._windows, log.words)
        # If the server reports which window is used up, a pause does not empty the others.
        paused = log.pause > 0 and not is_blamed(log)
        budget: dict[float, RateWindow] = {}
        order = dict.fromkeys((*(w.seconds for w in self._windows), *(w.seconds for w, _ in known)))
        for seconds in order:
            same = [pair for pair in known if pair[0].seconds == seconds]
            left = min(free(log, window, word) for window, word in same)
            limit = min(window.limit for window, _ in same)
            shown = max(1, round(seconds))
            budget[seconds] = RateWindow(limit, shown, 0 if paused else min(left, limit))
        return tuple(budget.values())

    def eta(self, requests: int, latency: float = 0.0) -> float:
        """Return the seconds that so many requests will take from now; see `rate_forecast.eta`."""
        log = self._store.look(self._stamp, self._tidy)
        return eta(log, self._windows, requests, latency)

    def until(self, requests: int) -> float:
        """Return the seconds until the last of so many requests could be sent; 0.0 for now."""
        return self.eta(requests)

    def _with_reports(
        self, log: Log, words: Sequence[RateReport], slot_id: str, ago: float = 0.0
    ) -> Log:
        """Return the log with the reports of an answer, `ago` seconds old, in place of older ones.

        An answer is noted late at times. Then another process may have had a younger report, which
        took this request for one that was under way.
        """
        known = {word.seconds: word for word in log.words}
        new = {}
        for report in words:
            seconds, remaining = report.seconds, report.remaining
            younger = known.get(seconds)
            if younger is not None and younger.age < ago:
                if log.arrived_before(younger, slot_id, remaining, self._timeout):
                    new[seconds] = replace(younger, free=younger.free + 1)
                continue
            # The server may not have seen every request that was under way beside this one.
            left = remaining - log.beside(slot_id, seconds, remaining, self._timeout)
            holds = report.resets_in + REPORT_GRAIN - ago
            new[seconds] = Word(report.limit, seconds, left, holds, ago)
        if not new:
            return log
        old = sorted((w for w in log.words if w.seconds not in new), key=lambda word: word.age)
        # If the server reports ever new windows, the oldest reports are dropped.
        kept = (*new.values(), *old)[:MOST_WORDS]
        return replace(log, words=tuple(sorted(kept, key=lambda word: word.seconds)))

    def _change(self, step: Step) -> Log:
        return self._store.change(step, self._stamp, self._tidy)

    def _stamp(self) -> Stamp:
        return Stamp(self._wall(), self._clock.monotonic())

    def _tidy(self, log: Log) -> Log:
        return tidied(log, self._windows)


def is_429(response: Response) -> bool:
    """Return whether a response says "too many requests"."""
    return response.status == 429


class PacedTransport:
    """A transport whose requests wait for a slot.

    A refusal for haste is returned like other answers. `hasty` returns whether an answer is such a
    refusal. `fence` is called once the slot is there, right before a request is sent that changes
    something; its exceptions pass through.
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
        """Send a request once, when a slot is free.

        Raises what the transport and the clock raise, and Spent if it would have to wait for too
        long.
        """
        with self._limiter.slot() as words:
            if not request.idempotent:
                self._fence()
            response = self._transport.send(request)
            words.extend(rate_headers.rate_reports(response))
        if self._hasty(response):
            self._limiter.penalise(rate_headers.requested_wait(response, self._wall()))
        return response


class RepeatedReads:
    """A transport that sends a read again after the server refused it for haste.

    The limiter below has noted the refusal and waits before the next try. From the second refusal
    on this class waits by itself as well, for transports that have no limiter. `hasty` returns
    whether an answer is such a refusal. Requests that change something are sent once.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        wall: Callable[[], float],
        hasty: Callable[[Response], bool] = is_429,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._wall = wall
        self._hasty = hasty

    def send(self, request: Request) -> Response:
        """Send a request, a read up to READ_TRIES times.

        Raises what the transport and the clock raise.
        """
        tries = 1
        while True:
            response = self._transport.send(request)
            if not request.idempotent or tries >= READ_TRIES or not self._hasty(response):
                return response
            asked = rate_headers.requested_wait(response, self._wall())
            if asked is not None and asked > READ_PATIENCE:
                return response
            if tries > 1:
                self._clock.sleep(READ_BACK_OFF if asked is None else asked)
            tries += 1
