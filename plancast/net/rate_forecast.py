"""When requests may be sent: the arithmetic of windows, without a clock. Pure.

Premise. A slot counts from before its request is sent until `LimiterWindow.hold_seconds` after it
was answered, so that our own count of a window is never below what a server counts of us. If the
server has reported what is left, that is used instead: it knows of others, and of itself. Three
things are true of such a report whatever kind of window the server keeps, a rolling or a fixed one:

* what it leaves, less what was under way or has been sent since, may be sent at any later time;
* when its time is over at least one request may be sent, unless another client was faster;
* how many more is not known before that one is answered.

So after a report has run out one request goes alone and brings the next. If answers stop reporting,
our own count holds as if they never had.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from plancast.net.rate_windows import ROUNDING, LimiterWindow, Log, Word, agreed

LOOK_AGAIN = 0.25
"""Seconds. How soon to look again where any answer to another request may free a slot."""

HALVED_UP_TO = 3600.0
"""Seconds. Half of a longer window would be lost for a day because of a busy minute."""


def bottleneck(
    log: Log, windows: Sequence[LimiterWindow], *, hopeful: bool = False
) -> tuple[float, LimiterWindow | None]:
    """Seconds until the next request may be sent, 0.0 for at once, and the window that is full.

    `hopeful`: as if all open requests were answered right now, which is the earliest moment at
    which it is worth looking again. The window is None where the server asked for a pause and
    nobody knows for which window.
    """
    known = agreed(windows, log.words)
    wait, window = max(
        ((_wait(log, window, word, hopeful), window) for window, word in known),
        key=lambda pair: pair[0],
    )
    if wait >= log.pause:
        return wait, window if wait > 0 else None
    spent = [(word.left, window) for window, word in known if _is_spent(word) and word]
    return log.pause, max(spent, key=lambda pair: pair[0])[1] if spent else None


def delay(log: Log, windows: Sequence[LimiterWindow], *, hopeful: bool = False) -> float:
    """Seconds until the next request may be sent; see `bottleneck`."""
    return bottleneck(log, windows, hopeful=hopeful)[0]


def eta(log: Log, windows: Sequence[LimiterWindow], requests: int, latency: float = 0.0) -> float:
    """Seconds until the last of so many requests is answered, sent one after the other.

    `latency`: what one request takes. Requests that are open now are taken as answered now, and
    nobody else as sending anything.
    """
    now = log.pause
    meters = [_Meter(log, window, word) for window, word in agreed(windows, log.words)]
    for _ in range(requests):
        now = max(meter.next(now) for meter in meters)
        for meter in meters:
            meter.take(now, now + latency)
        now += latency
    return now


def free(log: Log, window: LimiterWindow, word: Word | None) -> int:
    """How many requests a window allows now, whatever others do."""
    if word is not None and word.holds:
        return min(max(word.free, 0), window.limit)
    counted = sum(slot.count for slot in log.slots if _counts(slot.age, window))
    limit = _limit(window, log.halved > 0)
    return max(0, limit - counted)


def is_blamed(log: Log) -> bool:
    """Whether the server's words tell for which window it asked for a pause."""
    return any(_is_spent(word) for word in log.words)


def _is_spent(word: Word | None) -> bool:
    return word is not None and word.holds and word.free <= 0


def _wait(log: Log, window: LimiterWindow, word: Word | None, hopeful: bool) -> float:
    pending = [-slot.age for slot in log.slots if slot.pending]
    if word is not None and word.holds:
        if word.free > 0:
            return 0.0
        # Each of them was taken off, and some may be in what the server told already.
        soon = hopeful and word.free + len(pending) > 0
        return min(LOOK_AGAIN, word.left) if soon else word.left
    if word is not None and not log.was_answered_since(word):
        if not pending:
            return 0.0
        return LOOK_AGAIN if hopeful else max(pending)
    counted = _counted(log, window, hopeful)
    return _opens(counted, _total(counted), _limit(window, log.halved > 0))


def _counted(log: Log, window: LimiterWindow, hopeful: bool) -> deque[tuple[float, int]]:
    """In how many seconds how many requests will be free, the soonest first."""
    ages = (
        (max(slot.age, 0.0) if hopeful and slot.open else slot.age, slot.count)
        for slot in log.slots
    )
    return deque(
        sorted((window.hold_seconds - age, count) for age, count in ages if _counts(age, window))
    )


def _total(counted: deque[tuple[float, int]]) -> int:
    return sum(count for _, count in counted)


def _opens(counted: deque[tuple[float, int]], total: int, limit: int) -> float:
    """When fewer than `limit` of these `total` requests are held; 0.0 for now."""
    opens = 0.0
    for moment, count in counted:
        if total < limit:
            break
        opens, total = moment, total - count
    return opens


def _counts(age: float, window: LimiterWindow) -> bool:
    return window.hold_seconds - age > ROUNDING


def _limit(window: LimiterWindow, halved: bool) -> int:
    half = halved and window.seconds <= HALVED_UP_TO
    return max(1, window.limit // 2) if half else window.limit


class _Meter:
    """One window while requests are sent, at times that only grow."""

    def __init__(self, log: Log, window: LimiterWindow, word: Word | None) -> None:
        self._window = window
        self._halved = log.halved
        self._counted = _counted(log, window, hopeful=True)
        self._total = _total(self._counted)
        self._believed_until, self._free, self._probe = -math.inf, 0, False
        if word is not None and (word.holds or not log.was_answered_since(word)):
            self._believed_until, self._free, self._probe = word.left, word.free, True

    def next(self, now: float) -> float:
        """When the next request may be sent, from `now` on."""
        if now < self._believed_until:
            if self._free > 0:
                return now
            now = self._believed_until
        if self._probe:
            return now
        while self._counted and self._counted[0][0] <= now:
            self._total -= self._counted.popleft()[1]
        return max(
            now, _opens(self._counted, self._total, _limit(self._window, self._halved > now))
        )

    def take(self, sent: float, answered: float) -> None:
        """One is sent at that time and answered at the other."""
        if sent < self._believed_until:
            self._free -= 1
        else:
            self._probe = False
        self._counted.append((answered + self._window.hold_seconds, 1))
        self._total += 1
