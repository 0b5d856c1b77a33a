"""Windows, the log of what was sent, and what the server said of it: values, and two keepers.

Terms. A *window* allows so many requests in any so many seconds. Every request holds a *slot* of
every window. A *log* is the list of slots that are held, with how long ago each began to count,
and of the *words* in which the server told how much of a window is left.

Times in a log are *ages*: seconds before the moment at which it was written. To grow older a log
needs the time that has passed since, not the time of day, so that a clock which is set forward
or back neither frees slots early nor holds them for long; see `elapsed`.

The slots of a log stand in the order in which they were last touched: taken, or answered. So
what stands behind a slot that is open was sent, or answered, after that one was taken.

A window of 30 days holds thousands of requests. What was answered a while ago is kept in
*groups*: slots whose ages are alike become one that is as old as the youngest of them, so that a
group frees none of its requests early, and all of them hardly late; see `thinned`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from plancast.model.durations import period

LONGEST_PAUSE = 86_400.0
"""Seconds. A server that asks for more than a day is asked again after a day."""

ROUNDING = 1e-6
"""Seconds that sums of ages are off by; the excess in `hold_seconds` is far greater."""

FINE = 960.0
"""Seconds. Slots younger than this stand alone: windows of up to 15 minutes are kept exactly."""

GRAINS = 100
"""A group spans at most this part of the window that holds it, and is held so much too long."""

KEPT = 31 * 86_400.0
"""Seconds for which the limit that a server told is believed when it is not told again."""

MOST_WORDS = 8
"""Windows that are listened for. Buffer has three."""


@dataclass(frozen=True, slots=True)
class LimiterWindow:
    """At most `limit` requests in any `seconds`.

    `chosen`: somebody wants it so, whatever the server allows. The server's word may lower such a
    limit and not raise it; of other windows it knows better than we do.
    """

    limit: int
    seconds: float
    chosen: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.limit < 1 or not 0 < self.seconds < math.inf:
            raise ValueError("a window has at least one request and more than zero seconds")

    def __str__(self) -> str:
        """`250 requests in 24 h`."""
        noun = "request" if self.limit == 1 else "requests"
        return f"{self.limit:,} {noun} in {period(self.seconds)}"

    @property
    def hold_seconds(self) -> float:
        """Seconds after its answer for which a request counts: a little more than the server says.

        The excess is for servers whose clocks have a coarse grain.
        """
        return self.seconds + min(0.25, self.seconds / 100)


@dataclass(frozen=True, slots=True)
class Slot:
    """One request. `age`: how long ago it was answered, negative where that is still to come.

    While it is `open` nobody knows when the answer will come, and `age` assumes the worst. A
    group has a `count`, the `age` of its youngest request, and a `span` up to that of its oldest.
    `left`: what the answer told to remain, by the seconds of the window; kept while it matters.
    """

    id: str
    age: float
    open: bool = False
    count: int = 1
    span: float = 0.0
    left: tuple[tuple[float, int], ...] = ()

    @property
    def pending(self) -> bool:
        """Whether the server may be yet to see it."""
        return self.open and self.age < 0


@dataclass(frozen=True, slots=True)
class Word:
    """What the server said of a window, and what was sent since.

    `free`: what may still be sent by it, below zero where more was under way than it left.
    `left`: seconds for which it holds; negative: for how long it has not. `age`: seconds since it
    was heard.
    """

    limit: int
    seconds: float
    free: int
    left: float
    age: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the window is as it was told."""
        return self.left > ROUNDING


@dataclass(frozen=True, slots=True)
class Log:
    """What was sent lately.

    `pause`: seconds for which nobody sends; `halved`: seconds for which only half is allowed.
    `words`: at most one for a window.
    """

    slots: tuple[Slot, ...] = ()
    pause: float = 0.0
    halved: float = 0.0
    words: tuple[Word, ...] = ()

    def older(self, seconds: float) -> Log:
        """The same log after that much time."""
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

    def answered(self, slot_id: str, left: tuple[tuple[float, int], ...] = ()) -> Log:
        """With that request's answer, or its end without one, at this moment."""
        others = tuple(slot for slot in self.slots if slot.id != slot_id)
        return replace(self, slots=(*others, Slot(slot_id, 0.0, left=left)))

    def cancelled(self, slot_id: str) -> Log:
        """Without that request: nothing of it was sent."""
        found = next((slot for slot in self.slots if slot.id == slot_id), None)
        if found is None:
            return self
        # Each word took it off while it was pending, and no word is sure to have done so after.
        words = _freed(self.words, 1) if found.pending else self.words
        slots = tuple(slot for slot in self.slots if slot.id != slot_id)
        return replace(self, slots=slots, words=words)

    def beside(self, slot_id: str, seconds: float, remaining: int, longest: float) -> int:
        """How many requests are to be taken off what that one's answer told of a window.

        They are those that were under way at some moment at which that one was as well, and
        those that were sent later; but not those to which more was told. Such a one arrived
        earlier and has been counted; or it arrived later and yet found more, so that what was
        told in between is too little. `longest`: seconds that a request can take; where that slot
        is not known, whatever was answered so lately is taken off.
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

    def was_answered_since(self, word: Word) -> bool:
        """Whether a request was answered since a word ceased to hold."""
        return any(not slot.open and slot.age <= ROUNDING - word.left for slot in self.slots)


def _less(left: float, seconds: float) -> float:
    return left - seconds if left - seconds > ROUNDING else 0.0


def _freed(words: Sequence[Word], requests: int) -> tuple[Word, ...]:
    return tuple(replace(word, free=word.free + requests) for word in words)


def agreed(
    windows: Sequence[LimiterWindow], words: Sequence[Word]
) -> tuple[tuple[LimiterWindow, Word | None], ...]:
    """What holds: our windows with the limits that were told, and those that were told alone.

    A chosen window holds as it is, beside what was told of it.
    """
    by_seconds = {word.seconds: word for word in words}
    found: list[tuple[LimiterWindow, Word | None]] = []
    for window in windows:
        if window.chosen or window.seconds not in by_seconds:
            found.append((window, None))
    seconds = dict.fromkeys([*(window.seconds for window in windows), *by_seconds])
    found += [
        (LimiterWindow(by_seconds[s].limit, s), by_seconds[s]) for s in seconds if s in by_seconds
    ]
    return tuple(found)


def tidied(log: Log, windows: Sequence[LimiterWindow]) -> Log:
    """The log without what no window counts any more, and what is old in groups."""
    words = tuple(word for word in log.words if word.left > -KEPT)
    holding = [window for window, _ in agreed(windows, words)]
    longest = max(window.hold_seconds for window in holding)
    counting = [slot for slot in log.slots if slot.age < longest]
    return replace(log, slots=thinned(_forgetful(counting), holding), words=words)


def _forgetful(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Without what was told before anything was sent that is still under way."""
    first = next((n for n, slot in enumerate(slots) if slot.pending), len(slots))
    return tuple(
        replace(slot, left=()) if slot.left and n < first else slot for n, slot in enumerate(slots)
    )


def thinned(slots: Sequence[Slot], windows: Sequence[LimiterWindow]) -> tuple[Slot, ...]:
    """The same requests in fewer slots: at most 2 * GRAINS a window beyond the fine ones.

    A request is held longer than alone by at most a part of each window that holds it, and never
    shorter.
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
            groups[-1] = Slot("", group.age, False, group.count + slot.count, span)
        else:
            groups.append(slot)
    return (*groups, *fine)


def _grain(age: float, windows: Sequence[LimiterWindow]) -> float:
    """How long a group may span whose youngest request is so old."""
    return min((w.seconds / GRAINS for w in windows if w.hold_seconds > age), default=math.inf)


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
