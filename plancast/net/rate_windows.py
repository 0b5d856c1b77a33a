"""Values of rate limiting: windows, the log of sent requests, the server's reports; and its stores.

Terms. A *window* allows so many requests in any so many seconds. Every request holds a *slot* of
every window. A *log* is the list of slots that are held, with how long ago each began to count, and
of the *words*: the server's last report on each window, and the requests sent since.

Times in a log are *ages*: seconds before the moment at which it was written. To grow older a log
needs the time that has passed since, not the time of day, so a clock that is set forward or back
neither frees slots early nor holds them for long; see `elapsed`.

The slots of a log are in the order in which they were last touched: added, or answered. So the
slots behind an open one were sent, or answered, after that one was added.

A window of 30 days holds thousands of requests. Requests that were answered a while ago are kept in
*groups*: slots of similar age become one that is as old as the youngest of them, so that a group
frees none of its requests early, and all of them hardly late; see `thinned`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from plancast.model.durations import period

LONGEST_PAUSE = 86_400.0
"""Seconds. A server that asks for a longer pause is asked again after a day."""

ROUNDING = 1e-6
"""Seconds by which sums of ages may be off; the excess in `hold_seconds` is far greater."""

FINE = 960.0
"""Seconds. Slots younger than this stay apart: windows of up to 15 minutes are kept exactly."""

GRAINS = 100
"""Parts of a window. A group spans at most one part, and is held at most so much too long."""

KEPT = 31 * 86_400.0
"""Seconds for which the limit in a server's report is believed if no later report repeats it."""

MOST_WORDS = 8
"""The most windows whose reports are kept. Buffer has named two or three."""


@dataclass(frozen=True, slots=True)
class LimiterWindow:
    """At most `limit` requests in any `seconds`.

    `chosen`: the user or plancast wants this limit, whatever the server allows. A report of the
    server may lower such a limit and not raise it; of other windows the server knows better.
    """

    limit: int
    seconds: float
    chosen: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.limit < 1 or not 0 < self.seconds < math.inf:
            raise ValueError("a window has at least one request and more than zero seconds")

    def __str__(self) -> str:
        """Return such as `250 requests in 24 h`."""
        noun = "request" if self.limit == 1 else "requests"
        return f"{self.limit:,} {noun} in {period(self.seconds)}"

    @property
    def hold_seconds(self) -> float:
        """Seconds for which a request counts after its answer: a little more than `seconds`.

        The excess is for servers whose clocks have a coarse grain.
        """
        return self.seconds + min(0.25, self.seconds / 100)


@dataclass(frozen=True, slots=True)
class Slot:
    """One request. `age`: seconds since it was answered, negative if that is still to come.

    While it is `open` it is unknown when the answer will come, and `age` assumes the worst. A group
    has a `count`, the `age` of its youngest request, and a `span` up to that of its oldest. `left`:
    the remaining requests that its answer reported, as pairs of window (seconds) and number; kept
    while it matters.
    """

    id: str
    age: float
    open: bool = False
    count: int = 1
    span: float = 0.0
    left: tuple[tuple[float, int], ...] = ()

    @property
    def pending(self) -> bool:
        """Return whether the request may still be on its way to the server."""
        return self.open and self.age < 0


@dataclass(frozen=True, slots=True)
class Word:
    """The server's last report on one window, and the requests sent since.

    `free`: the requests that may still be sent by it, below zero if more were under way than it
    left. `left`: seconds for which it holds; negative: seconds since it ceased to hold. `age`:
    seconds since it was received.
    """

    limit: int
    seconds: float
    free: int
    left: float
    age: float = 0.0

    @property
    def holds(self) -> bool:
        """Return whether the report is still in force."""
        return self.left > ROUNDING


@dataclass(frozen=True, slots=True)
class Log:
    """The requests that were sent lately.

    `pause`: seconds in which nothing is sent; `halved`: seconds in which only half of the short
    windows is used. `words`: at most one for each window.
    """

    slots: tuple[Slot, ...] = ()
    pause: float = 0.0
    halved: float = 0.0
    words: tuple[Word, ...] = ()

    def older(self, seconds: float) -> Log:
        """Return the log as it is after so many seconds."""
        if seconds <= 0:
            return self
        return Log(
            tuple(Slot(s.id, s.age + seconds, s.open, s.count, s.span, s.left) for s in self.slots),
            _less(self.pause, seconds),
            _less(self.halved, seconds),
            tuple(replace(w, left=w.left - seconds, age=w.age + seconds) for w in self.words),
        )

    def with_slot(self, slot: Slot) -> Log:
        """Return the log with one more request under way."""
        return replace(self, slots=(*self.slots, slot), words=_freed(self.words, -1))

    def answered(
        self, slot_id: str, left: tuple[tuple[float, int], ...] = (), ago: float = 0.0
    ) -> Log:
        """Return the log with that request answered, or ended without an answer.

        `ago`: seconds since then.
        """
        # The slot moves to the end: slots are in the order in which they were last touched.
        others = tuple(slot for slot in self.slots if slot.id != slot_id)
        return replace(self, slots=(*others, Slot(slot_id, ago, left=left)))

    def cancelled(self, slot_id: str) -> Log:
        """Return the log without that request, since nothing of it was sent."""
        cancelled = next((slot for slot in self.slots if slot.id == slot_id), None)
        if cancelled is None:
            return self
        # Every report in the log has subtracted it while it was pending. If it is pending no
        # longer, a later report may not have.
        words = _freed(self.words, 1) if cancelled.pending else self.words
        slots = tuple(slot for slot in self.slots if slot.id != slot_id)
        return replace(self, slots=slots, words=words)

    def beside(self, slot_id: str, seconds: float, remaining: int, longest: float) -> int:
        """Return how many requests to subtract from what one answer reported for a window.

        `remaining` is the reported number. The requests to subtract are those that were under way
        at some moment while that one was, and those that were sent later; but not those whose own
        answers reported more. Such a request arrived earlier, and is counted in `remaining`; or it
        arrived later and yet found more, so that the report in between was too low. `seconds` is
        the window. `longest`: the seconds that a request can take; if the slot of that request is
        not known, every request that was answered so lately is subtracted.
        """
        place = next((n for n, slot in enumerate(self.slots) if slot.id == slot_id), None)
        if place is None:
            return sum(slot.count for slot in self.slots if slot.age < longest)
        return sum(
            slot.count
            for n, slot in enumerate(self.slots)
            if (n > place or (n < place and slot.pending))
            and dict(slot.left).get(seconds, -1) <= remaining
        )

    def arrived_before(self, word: Word, slot_id: str, remaining: int, longest: float) -> bool:
        """Return whether a report has counted a request that it was made less for, as pending.

        It has if the answer to that request left more: `remaining`. `longest`: the seconds that a
        request can take.
        """
        slot = next((slot for slot in self.slots if slot.id == slot_id and slot.open), None)
        # At the moment of the report it must have been sent, and not have been given up.
        if slot is None or not slot.age < word.age <= slot.age + longest + ROUNDING:
            return False
        # The answer that brought the report has the same age, and says what it left in all.
        reported = (
            left
            for other in self.slots
            if not other.open and abs(other.age - word.age) <= ROUNDING
            for seconds, left in other.left
            if seconds == word.seconds
        )
        return any(remaining > left for left in reported)

    def was_answered_since(self, word: Word) -> bool:
        """Return whether any request was answered after a report ceased to hold."""
        return any(not slot.open and slot.age <= ROUNDING - word.left for slot in self.slots)


def _less(left: float, seconds: float) -> float:
    """Return the time that is left after some seconds; 0.0 if hardly any is."""
    return left - seconds if left - seconds > ROUNDING else 0.0


def _freed(words: Sequence[Word], requests: int) -> tuple[Word, ...]:
    """Return the reports with so many more requests free; a negative number takes them."""
    return tuple(replace(word, free=word.free + requests) for word in words)


def agreed(
    windows: Sequence[LimiterWindow], words: Sequence[Word]
) -> tuple[tuple[LimiterWindow, Word | None], ...]:
    """Return the windows that hold, each with the server's report on it or None.

    Our windows take the limits that the server reports; windows that only the server names are
    added. A chosen window holds as it is, beside the report.
    """
    word_by_window = {word.seconds: word for word in words}
    windows_in_force: list[tuple[LimiterWindow, Word | None]] = []
    for window in windows:
        if window.chosen or window.seconds not in word_by_window:
            windows_in_force.append((window, None))
    seconds = dict.fromkeys([*(window.seconds for window in windows), *word_by_window])
    windows_in_force += [
        (LimiterWindow(word_by_window[s].limit, s), word_by_window[s])
        for s in seconds
        if s in word_by_window
    ]
    return tuple(windows_in_force)


def tidied(log: Log, windows: Sequence[LimiterWindow]) -> Log:
    """Return the log without slots that no window counts any more, and with old ones in groups."""
    words = tuple(word for word in log.words if word.left > -KEPT)
    holding = [window for window, _ in agreed(windows, words)]
    longest = max(window.hold_seconds for window in holding)
    kept = [slot for slot in log.slots if slot.age < longest]
    return replace(log, slots=thinned(_forgetful(kept), holding), words=words)


def _forgetful(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Drop the reports of answers that came before the first request that is pending."""
    first = next((n for n, slot in enumerate(slots) if slot.pending), len(slots))
    return tuple(
        replace(slot, left=()) if slot.left and n < first else slot for n, slot in enumerate(slots)
    )


def thinned(slots: Sequence[Slot], windows: Sequence[LimiterWindow]) -> tuple[Slot, ...]:
    """Return the same requests in fewer slots: at most 2 * GRAINS a window beyond the fine ones.

    In a group a request is held longer than alone, by at most a part of each window that holds it,
    and never shorter.
    """
    fine = [slot for slot in slots if slot.age < FINE]
    if len(fine) == len(slots):
        return tuple(slots)
    coarse = sorted((slot for slot in slots if slot.age >= FINE), key=lambda slot: slot.age)
    groups = coarse[:1]
    for slot in coarse[1:]:
        group = groups[-1]
        span = max(group.span, slot.age + slot.span - group.age)
        if span <= _grain(group.age, windows):
            # An open slot of this age is that of a process that died: like the others it counts as
            # answered, and it needs no id any more.
            groups[-1] = Slot("", group.age, False, group.count + slot.count, span)
        else:
            groups.append(slot)
    return (*groups, *fine)


def _grain(age: float, windows: Sequence[LimiterWindow]) -> float:
    """Return the longest span of a group whose youngest request is so old."""
    return min((w.seconds / GRAINS for w in windows if w.hold_seconds > age), default=math.inf)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment on two clocks: Unix time, and seconds since the machine was started."""

    wall: float
    monotonic: float


def elapsed(before: Stamp, now: Stamp) -> float:
    """Return the seconds between two moments, rather too few than too many.

    The monotonic clock decides; all processes of a machine share it. Only if it has gone backwards,
    because the machine was started anew, does the wall clock, if that has not gone backwards as
    well.
    """
    ticks = now.monotonic - before.monotonic
    return ticks if ticks >= 0 else max(0.0, now.wall - before.wall)


def is_before(one: Stamp, other: Stamp) -> bool:
    """Return whether both clocks show less at one moment than at another."""
    return one.monotonic < other.monotonic and one.wall < other.wall


Step = Callable[[Log], Log]
"""A change of a log."""

LateStep = Callable[[Log, float], Log]
"""A change of a log that happened so many seconds ago."""


class LogStore(Protocol):
    """The place that keeps a log."""

    def change(self, step: Step, now: Callable[[], Stamp], tidy: Step) -> Log:
        """Tidy the log, replace it by the result of `step`, and return it.

        `step` receives it aged up to now. No other process or thread reads or writes in between.
        `now` is called once the log is locked: the time spent waiting for the lock must not be
        dated back. `tidy` drops what no longer counts. Both may be called more than once.
        """

    def note(self, step: LateStep, now: Callable[[], Stamp], tidy: Step) -> None:
        """Change the log by `step` before the next change at the latest.

        This is for the end of a request, for which no process waits: a store that has to write
        something for each change can write this together with the next one.
        """

    def look(self, now: Callable[[], Stamp], tidy: Step) -> Log:
        """Return the log as of now, without a change."""

    def flush(self, now: Callable[[], Stamp]) -> None:
        """Write what was noted."""


class MemoryLog:
    """A log of this process alone. Safe for threads."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._log = Log()
        self._stamp = Stamp(0.0, 0.0)

    def change(self, step: Step, now: Callable[[], Stamp], tidy: Step) -> Log:
        """Replace the log by the result of `step`; see LogStore."""
        with self._mutex:
            moment = now()
            self._log = step(tidy(self._log.older(elapsed(self._stamp, moment))))
            self._stamp = moment
            return self._log

    def note(self, step: LateStep, now: Callable[[], Stamp], tidy: Step) -> None:
        """Change the log at once, which costs nothing here; see LogStore."""
        self.change(lambda log: step(log, 0.0), now, tidy)

    def look(self, now: Callable[[], Stamp], tidy: Step) -> Log:
        """Return the log as of now; see LogStore."""
        return self.change(lambda log: log, now, tidy)

    def flush(self, now: Callable[[], Stamp]) -> None:
        """Do nothing: there is nothing to write."""
