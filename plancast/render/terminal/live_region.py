"""The region of a terminal that shows a running apply: how far it is, what is next, what was last.

Applying ━━━━━━━━━━━━━━━━────────  12 of 44 · until 10:31:20 CET, 3:41 left
  10:27:29  + launch/p011@acme-x created
  10:27:31  + launch/p012@acme-x created
  next      launch/p013@acme-x, in 0:41: 60 requests in 60 s
  left      0 of 60 requests in 60 s, 198 of 250 in 24 h
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plancast.model.entry import Address
from plancast.model.events import ApplyStarted, BatchStarted, ChangeFinished, Event, Waiting
from plancast.model.plan import Budget, RateWindow
from plancast.render.options import ViewOptions
from plancast.render.summary_text import left
from plancast.render.terminal.style import Ink, columns, cut, one_line, paint
from plancast.render.text import day_of, local

RESULTS = 5
"""Results that stay in the region."""

BAR = range(8, 25)
"""Columns of the bar: at least the first number, at most the last."""


def nothing_left() -> tuple[RateWindow, ...]:
    """Return no windows, for a provider that limits nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The knowledge of a view of a running apply beside its events.

    `order` are the addresses in the order in which they are sent. `windows` returns what is left of
    the rate limits, and `now` the time.
    """

    order: tuple[Address, ...]
    now: Callable[[], datetime]
    windows: Callable[[], Sequence[RateWindow]] = nothing_left


class LiveRegion:
    """The lines of the region, by the events so far and the time.

    Another thread may draw the lines while an event is taken into account: what an event replaces
    is never changed in place, and the lines read it once.
    """

    def __init__(self, outlook: Outlook, options: ViewOptions) -> None:
        self._outlook = outlook
        self._options = options
        self._done, self._total = 0, 0
        self._batch = ""
        self._ends: datetime | None = None
        self._waits: tuple[datetime, str] | None = None
        self._results: tuple[tuple[datetime, str], ...] = ()
        self._finished: set[Address] = set()
        self._windows: tuple[RateWindow, ...] = ()

    def see(self, event: Event, line: str = "") -> None:
        """Take an event into account. `line` says how a change ended."""
        # Asked for here and not when the lines are drawn, which another thread does.
        self._windows = tuple(self._outlook.windows())
        if isinstance(event, Waiting):
            until = event.at + timedelta(seconds=event.seconds)
            self._waits = until, one_line(event.reason)
            self._ends = max(until, self._ends or until)
            return
        self._waits = None
        if isinstance(event, ApplyStarted):
            self._total = event.changes
            self._ends = event.at + timedelta(seconds=event.eta_seconds)
        elif isinstance(event, BatchStarted):
            self._batch = f"batch {event.number} of {event.of}" if event.of > 1 else ""
        elif isinstance(event, ChangeFinished):
            self._done, self._total = event.done, event.total
            self._ends = event.at + timedelta(seconds=event.remaining_seconds)
            self._finished.add(event.address)
            self._results = (*self._results, (event.at, line.strip()))[-RESULTS:]

    def lines(self) -> list[str]:
        """Return the lines as of now; a line may be longer than the view is wide."""
        now = self._outlook.now()
        return [self._head(now), *self._rows(now)]

    def _head(self, now: datetime) -> str:
        color = self._options.color
        words = [f"{self._done:,} of {self._total:,}", self._batch, self._end(now)]
        said = " · ".join(filter(None, words))
        room = self._options.width - columns(said) - len("Applying   ")
        size = min(BAR[-1], room)
        if size < BAR[0]:
            return cut(f"Applying  {said}", self._options.width)
        full = size * self._done // self._total if self._total else size
        bar = paint("━" * full, Ink.CREATE, color=color)
        rest = paint("─" * (size - full), Ink.FAINT, color=color)
        return f"Applying {bar}{rest}  {said}"

    def _end(self, now: datetime) -> str:
        """Return when the run ends and how long that takes; "" within a few seconds of the end."""
        ends = self._ends
        if ends is None or ends - now < timedelta(seconds=3):
            return ""
        return f"until {self._clock(ends, now)}, {counted(ends - now)} left"

    def _rows(self, now: datetime) -> Iterator[str]:
        color = self._options.color
        for at, line in self._results:
            yield f"  {paint(self._clock(at, now, zone=False), Ink.FAINT, color=color)}  {line}"
        if upcoming := self._next(now):
            yield f"  {paint('next', Ink.FAINT, color=color)}      {upcoming}"
        if free := left(Budget(windows=self._windows)):
            yield f"  {paint('left', Ink.FAINT, color=color)}      requests: {free}"

    def _next(self, now: datetime) -> str:
        """Return the address that is sent next, and how long it waits for what."""
        waiting = (item for item in self._outlook.order if item not in self._finished)
        name = one_line(str(next(waiting, "")))
        waits = self._waits
        if waits is None or waits[0] <= now:
            return name
        until, reason = waits
        return ", ".join(filter(None, (name, f"in {counted(until - now)}: {reason}")))

    def _clock(self, moment: datetime, now: datetime, *, zone: bool = True) -> str:
        """Return the time of day with seconds; with the day if it is another one."""
        name = self._options.zone
        if day_of(moment, name) != day_of(now, name):
            return local(moment, name)
        _, clock_time, zone_name = local(moment, name).rsplit(" ", 2)
        if clock_time.count(":") == 1:
            clock_time += ":00"
        return f"{clock_time} {zone_name}" if zone else clock_time


def counted(gap: timedelta) -> str:
    """Return a countdown: `0:41`, `3:41`, `1:02:03`; beyond a day `2 d 3:04:05`."""
    seconds = max(0, -(-gap // timedelta(seconds=1)))
    days, rest = divmod(seconds, 86_400)
    hours, minutes = divmod(rest // 60, 60)
    clock_time = f"{minutes}:{rest % 60:02d}"
    if days or hours:
        clock_time = f"{hours}:{minutes:02d}:{rest % 60:02d}"
    return f"{days} d {clock_time}" if days else clock_time
