"""The limiter: requests as fast as the limits allow, and never faster.

Terms are those of `windows`: windows, slots, a log, and the server's words.

Premise. A server counts a request when it arrives, which is some time between sending it and
having its answer. So a slot is held from before the request is sent until `seconds` after it was
answered: whatever the server's clock says, it has forgotten the request by then. Simulated
against a server with a rolling window this wastes less than 1 % and is never refused. A full token
bucket is, since it sends up to two windows' worth within the first one; even pacing is, as soon as
the network delays one request and not the next. A server with fixed windows is satisfied too.
Where answers tell what is left of a window, that is taken instead of our own count: it includes
what others sent with the same key; see `forecast` for what may be concluded from such a word.

All processes of a machine that use the same token share one log, in a small file behind a lock.
A process that dies leaves its slot open; the slot counts as if it had been answered when the
longest wait for an answer was over.

A window of a day is not waited for: where the next slot is further away than the limiter's
patience it says so instead, and nothing is sent.

A 429 (another program uses the token, too) makes every process wait, and halves the limit of short
windows for a while. A read that was refused like this is sent again once the wait is over: it has
no effect, and a plan of a hundred pages should not end for one of them. What becomes of a refused
request that changes something is for others to say.
"""

from __future__ import annotations

import math
import random
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
"""Seconds. Less than this can be lost in the rounding of a clock, and the wait never end."""

REPORT_GRAIN = 1.0
"""Seconds. Servers tell whole ones, and do not say which way they round."""


READ_TRIES = 5
"""How often a read is sent at the most, if each time the server says that it is too early."""

READ_PATIENCE = 120.0
"""Seconds. A server that asks for a longer pause than this ends the run."""

READ_BACK_OFF = 1.0
"""Seconds between tries if neither the server nor a limiter says more."""


class Spent(NotSent):
    """The next request could go out only after so many `seconds`; it was not sent, nor will be.

    `window` is the one that is used up, None where the server did not say which.
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
    """Lets requests pass one by one. `windows` are sorted or not; all of them hold at once.

    `timeout`: seconds after which a request is given up, and so the longest that a slot is open.
    `patience`: seconds that a single wait may take. `wall` is Unix time. `chance` gives numbers
    from 0 to 1.
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

    @property
    def windows(self) -> tuple[LimiterWindow, ...]:
        """What was agreed, before the server had a word."""
        return self._windows

    def acquire(self) -> str:
        """Wait for a slot and hold it; its id is for `release` or `cancel`.

        Raises Spent where the wait would be longer than the patience. What Clock.sleep raises
        goes through. No slot is held then.
        """
        slot = Slot(uuid.uuid4().hex, -self._timeout, open=True)

        def take(log: Log) -> Log:
            return log if delay(log, self._windows) > 0 else log.with_slot(slot)

        while True:
            log = self._change(take)
            if slot in log.slots:
                return slot.id
            wait, window = bottleneck(log, self._windows, hopeful=True)
            if wait > max(self._patience, LOOK_AGAIN):
                raise Spent(wait, window)
            wait = max(SHORTEST_WAIT, wait)
            # Where a word is waited for, it comes with the answer to another request: that is
            # not worth telling.
            if wait > LOOK_AGAIN or not log.words:
                self._notify(wait, "asked to slow down" if log.pause >= wait else "request limit")
            self._clock.sleep(wait)

    def release(self, slot_id: str, words: Sequence[RateReport] = ()) -> None:
        """It was answered, or given up: the slot counts from now. `words`: what the answer told."""
        left = tuple((word.seconds, word.remaining) for word in words)
        self._change(lambda log: self._listened(log, words, slot_id).answered(slot_id, left))

    def cancel(self, slot_id: str) -> None:
        """Nothing was sent: the slot is free."""
        self._change(lambda log: log.cancelled(slot_id))

    @contextmanager
    def slot(self) -> Iterator[list[RateReport]]:
        """Hold a slot around one request. Where nothing was sent it is free again, else released.

        NotSent and StateMoved say that nothing was. What the answer tells goes into the list.
        """
        slot_id = self.acquire()
        words: list[RateReport] = []
        try:
            yield words
        except (NotSent, StateMoved):
            self.cancel(slot_id)
            raise
        except BaseException:
            self.release(slot_id)
            raise
        self.release(slot_id, words)

    def correct(self, words: Sequence[RateReport], slot_id: str = "") -> None:
        """The server has told how its windows are. That replaces our own count of them.

        `slot_id`: the request whose answer told it, while its slot is still held. Without it,
        everything that may have been sent meanwhile is taken off what it left.
        """
        self._change(lambda log: self._listened(log, words, slot_id))

    def penalise(self, retry_after: float | None) -> None:
        """A 429 came all the same: all wait, and after that use half of the short windows.

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
        """The budget as of now: our own windows in their order, then those that were told."""
        log = self._change(lambda log: log)
        known = agreed(self._windows, log.words)
        # A pause for a window that was told to be used up says nothing of the others.
        paused = log.pause > 0 and not is_blamed(log)
        found: dict[float, RateWindow] = {}
        order = dict.fromkeys((*(w.seconds for w in self._windows), *(w.seconds for w, _ in known)))
        for seconds in order:
            same = [pair for pair in known if pair[0].seconds == seconds]
            left = min(free(log, window, word) for window, word in same)
            limit = min(window.limit for window, _ in same)
            shown = max(1, round(seconds))
            found[seconds] = RateWindow(limit, shown, 0 if paused else min(left, limit))
        return tuple(found.values())

    def eta(self, requests: int, latency: float = 0.0) -> float:
        """Seconds that so many requests will take from now on; see `eta` of `forecast`."""
        return eta(self._change(lambda log: log), self._windows, requests, latency)

    def until(self, requests: int) -> float:
        """Seconds until the last of so many requests could be sent; 0.0 for now."""
        return self.eta(requests)

    def _listened(self, log: Log, words: Sequence[RateReport], slot_id: str) -> Log:
        if not words:
            return log
        new = {}
        for report in words:
            seconds, remaining = report.seconds, report.remaining
            left = remaining - log.beside(slot_id, seconds, remaining, self._timeout)
            new[seconds] = Word(report.limit, seconds, left, report.resets_in + REPORT_GRAIN)
        old = sorted((w for w in log.words if w.seconds not in new), key=lambda word: word.age)
        kept = (*new.values(), *old)[:MOST_WORDS]
        return replace(log, words=tuple(sorted(kept, key=lambda word: word.seconds)))

    def _change(self, step: Callable[[Log], Log]) -> Log:
        return self._store.change(
            lambda log: step(tidied(log, self._windows)),
            lambda: Stamp(self._wall(), self._clock.monotonic()),
        )


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
        """Send it once, when its time has come.

        Raises what the transport and the clock raise, and Spent where it would have to wait for
        too long.
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

    The limiter below has taken note of the refusal and waits before the next try. From the second
    refusal on this waits by itself as well, for transports that have no limiter. `hasty` says
    which answers are such refusals; requests that change something are sent once.
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
        """Send it, a read up to READ_TRIES times. Raises what the transport and the clock raise."""
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
