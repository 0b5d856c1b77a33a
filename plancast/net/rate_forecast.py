"""Arithmetic of rate limits: when the next request may be sent. Pure, without a clock.

Premise. A slot is held from before its request is sent until `LimiterWindow.hold_seconds` after it
was answered, so that our own count of a window is never below the server's count of us. If the
server has reported how much is left, its report is used instead: it includes other programs. Three
things are true of a report (a `Word`) whatever kind of window the server keeps, a rolling or a
fixed one:

* the requests that it leaves, less those that were under way or have been sent since, may be sent
  at any later time;
* when its time is over at least one request may be sent, unless another program was faster;
* how many more may follow is unknown until that one is answered.

So after a report has run out, one request goes alone and brings the next report. If answers stop
carrying reports, our own count holds as if they never had.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from plancast.net.rate_windows import ROUNDING, LimiterWindow, Log, Word, agreed

LOOK_AGAIN = 0.25
"""Seconds after which to look again while the answer to any other request may free a slot."""

HALVED_UP_TO = 3600.0
"""Seconds. Halving a longer window would lose half a day or more because of one busy minute."""


def bottleneck(
    log: Log, windows: Sequence[LimiterWindow], *, hopeful: bool = False
) -> tuple[float, LimiterWindow | None]:
    """Return the seconds until the next request may be sent, and the window that is full.

    The seconds are 0.0 for now. `hopeful`: assume that all open requests were answered right now,
    which gives the earliest moment at which it is worth looking again. The window is None if the
    server asked for a pause without a report that says for which window.
    """
    known = agreed(windows, log.words)
    wait, window = max(
        ((_wait(log, window, word, hopeful), window) for window, word in known),
        key=lambda pair: pair[0],
    )
    if wait >= log.pause:
        return wait, window if wait > 0 else None
    # A pause that the server asked for: the used-up window that is renewed last explains it.
    spent = [(word.left, window) for window, word in known if _is_spent(word) and word]
    return log.pause, max(spent, key=lambda pair: pair[0])[1] if spent else None


def delay(log: Log, windows: Sequence[LimiterWindow], *, hopeful: bool = False) -> float:
    """Return the seconds until the next request may be sent; see `bottleneck`."""
    return bottleneck(log, windows, hopeful=hopeful)[0]


def eta(log: Log, windows: Sequence[LimiterWindow], requests: int, latency: float = 0.0) -> float:
    """Return the seconds until the last of so many requests is answered, sent one after the other.

    `latency`: seconds that one request takes. Requests that are open count as answered now, and
    other programs as silent.
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
    """Return how many requests a window allows now, apart from other programs."""
    if word is not None and word.holds:
        return min(max(word.free, 0), window.limit)
    counted = sum(slot.count for slot in log.slots if _counts(slot.age, window))
    limit = _limit(window, log.halved > 0)
    return max(0, limit - counted)


def is_blamed(log: Log) -> bool:
    """Return whether the server's reports say for which window it asked for a pause."""
    return any(_is_spent(word) for word in log.words)


def _is_spent(word: Word | None) -> bool:
    """Return whether a report leaves nothing and is still in force."""
    return word is not None and word.holds and word.free <= 0


def _wait(log: Log, window: LimiterWindow, word: Word | None, hopeful: bool) -> float:
    """Return the seconds until one window allows the next request."""
    pending = [-slot.age for slot in log.slots if slot.pending]
    if word is not None and word.holds:
        if word.free > 0:
            return 0.0
        # Each open request was subtracted from the report, although the server may have counted
        # some of them before it. Then the next answer brings a report with more room.
        soon = hopeful and word.free + len(pending) > 0
        return min(LOOK_AGAIN, word.left) if soon else word.left
    if word is not None and not log.was_answered_since(word):
        if not pending:
            return 0.0
        # The report has run out and one request is under way already: wait for its answer.
        return LOOK_AGAIN if hopeful else max(pending)
    releases = _releases(log, window, hopeful)
    return _opens(releases, _total(releases), _limit(window, log.halved > 0))


def _releases(log: Log, window: LimiterWindow, hopeful: bool) -> deque[tuple[float, int]]:
    """Return in how many seconds how many requests cease to count, the soonest first."""
    ages = (
        (max(slot.age, 0.0) if hopeful and slot.open else slot.age, slot.count)
        for slot in log.slots
    )
    return deque(
        sorted((window.hold_seconds - age, count) for age, count in ages if _counts(age, window))
    )


def _total(releases: deque[tuple[float, int]]) -> int:
    """Return how many requests these are."""
    return sum(count for _, count in releases)


def _opens(releases: deque[tuple[float, int]], total: int, limit: int) -> float:
    """Return when fewer than `limit` of these `total` requests are held; 0.0 for now."""
    opens = 0.0
    for moment, count in releases:
        if total < limit:
            break
        opens, total = moment, total - count
    return opens


def _counts(age: float, window: LimiterWindow) -> bool:
    """Return whether a request that was answered `age` seconds ago still fills a window."""
    return window.hold_seconds - age > ROUNDING


def _limit(window: LimiterWindow, halved: bool) -> int:
    """Return the limit of a window, half of it while short windows are halved."""
    half = halved and window.seconds <= HALVED_UP_TO
    return max(1, window.limit // 2) if half else window.limit


class _Meter:
    """The room in one window while requests are sent one after the other.

    For `_word_ends` seconds the server's report decides, and allows `_free` requests. `_probe`: the
    first request after that goes alone.
    """

    def __init__(self, log: Log, window: LimiterWindow, word: Word | None) -> None:
        self._window = window
        self._halved = log.halved
        self._releases = _releases(log, window, hopeful=True)
        self._total = _total(self._releases)
        self._word_ends, self._free, self._probe = -math.inf, 0, False
        if word is not None and (word.holds or not log.was_answered_since(word)):
            self._word_ends, self._free, self._probe = word.left, word.free, True

    def next(self, now: float) -> float:
        """Return when the next request may be sent, from `now` on."""
        if now < self._word_ends:
            if self._free > 0:
                return now
            now = self._word_ends
        if self._probe:  # the report has run out: one request may go, and brings the next one
            return now
        while self._releases and self._releases[0][0] <= now:
            self._total -= self._releases.popleft()[1]
        return max(
            now, _opens(self._releases, self._total, _limit(self._window, self._halved > now))
        )

    def take(self, sent: float, answered: float) -> None:
        """Count a request that is sent and answered at these times."""
        if sent < self._word_ends:
            self._free -= 1
        else:
            self._probe = False
        self._releases.append((answered + self._window.hold_seconds, 1))
        self._total += 1
