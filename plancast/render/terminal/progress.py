"""Sinks for the events of an apply: a region of a terminal, lines of a log, or JSON for machines.

A sink must never end a run: if its stream takes no more (a closed pipe, a full disk behind a
redirection), it falls silent.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO, TypeGuard, cast

from plancast.codec import event_to_dict
from plancast.model.entry import Address
from plancast.model.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Event,
    Outcome,
    Waiting,
)
from plancast.model.plan import Action
from plancast.model.quoting import shorten
from plancast.render.options import ViewOptions
from plancast.render.streams import Controls, guard
from plancast.render.summary_text import stopped
from plancast.render.terminal.live_region import LiveRegion, Outlook
from plancast.render.terminal.style import Ink, one_line, paint, to_json, wrap
from plancast.render.text import count, duration

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

_INKS = {
    Outcome.APPLIED: Ink.CREATE,
    Outcome.FAILED: Ink.ERROR,
    Outcome.UNKNOWN: Ink.WARNING,
    Outcome.NOT_ATTEMPTED: Ink.FAINT,
    Outcome.DEFERRED: Ink.WARNING,
}
STOPPED = 5
"""Addresses that are named of the changes that wait for more requests."""

LONG_WAIT = 2.0
"""Seconds. A shorter wait gets no line in a log."""


class _Quiet(io.TextIOBase):
    """A stream that falls silent instead of raising, and escapes characters it cannot encode."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._terminal = stream.isatty()
        self._encoding = stream.encoding or "utf-8"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream behind it."""
        return self._encoding

    def isatty(self) -> bool:
        """Return whether the stream was a terminal when it was opened."""
        return self._terminal

    def write(self, text: str) -> int:
        """Write the text, unless the stream has failed before."""
        # A character that the terminal cannot show must not end an apply.
        plain = text.encode(self._encoding, "backslashreplace").decode(self._encoding)
        try:
            if self._stream is not None:
                self._stream.write(plain)
        except (OSError, ValueError):
            self._stream = None
        return len(text)

    def flush(self) -> None:
        """Flush the stream, unless it has failed before."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except (OSError, ValueError):
            self._stream = None

    def line(self, text: str) -> None:
        """Write a line and flush it."""
        self.write(text + "\n")
        self.flush()


class JsonSink:
    """Sink that writes one JSON object per line, in the form of `schemas/event.schema.json`."""

    def __init__(self, stream: TextIO) -> None:
        self._out = _Quiet(stream)

    def emit(self, event: Event) -> None:
        """Write the event."""
        self._out.line(to_json(event_to_dict(event)))

    def close(self) -> None:
        """Do nothing: this sink holds nothing open."""


class RecordSink:
    """Sink that records events as JSON lines in a file, and passes them to another sink.

    A full disk ends the record and nothing else: `lost` is called once, with the reason. The last
    line of the file may then be torn.
    """

    def __init__(
        self,
        inner: JsonSink | LiveSink | PlainSink | RecordSink,
        file: TextIO,
        lost: Callable[[str], None],
    ) -> None:
        self._inner = inner
        self._file: TextIO | None = file
        self._lost = lost

    def emit(self, event: Event) -> None:
        """Write the event to the file, then pass it on."""
        if self._file is not None:
            try:
                self._file.write(to_json(event_to_dict(event)) + "\n")
                # After each event: the record of a killed run has to be as long as its work.
                self._file.flush()
            except (OSError, ValueError) as error:
                self._file = None
                self._lost(getattr(error, "strerror", None) or "it is closed")
        self._inner.emit(event)

    def close(self) -> None:
        """Close the other sink; the file is closed by the code that opened it."""
        self._inner.close()


class PlainSink:
    """Sink for logs: one line for each finished change; then changes not made, and totals."""

    def __init__(self, stream: TextIO, options: ViewOptions) -> None:
        self._out = _Quiet(stream)
        self._options = options
        self._finished = Finished()

    def emit(self, event: Event) -> None:
        """Write a line for the event if it deserves one."""
        if isinstance(event, ChangeFinished):
            self._finished.add(event)
            self._out.line(change_line(event, color=self._options.color))
        elif isinstance(event, BatchStarted) and event.of > 1:
            self._out.line(f"Batch {event.number} of {event.of}: {count(event.calls, 'request')}")
        elif isinstance(event, Waiting) and event.seconds >= LONG_WAIT:
            self._out.line(f"Waiting {duration(event.seconds)}: {_words(event.reason)}")
        elif isinstance(event, ApplyFinished) and _has_changes(event):
            self._out.line(report(event, self._finished, self._options))

    def close(self) -> None:
        """Do nothing: this sink holds nothing open."""


class LiveSink:
    """Sink for a terminal: a region that shows how far the run is, and lines above for failures."""

    def __init__(self, stream: TextIO, options: ViewOptions, outlook: Outlook) -> None:
        self._console = _console(guard(stream, Controls.ALL), options)
        self._options = options
        self._region = LiveRegion(outlook, options)
        self._live: Live | None = None
        self._finished = Finished()

    def emit(self, event: Event) -> None:
        """Show the event in the region, and print above it what has to stay."""
        line = change_line(event, color=self._options.color) if _ends(event) else ""
        self._region.see(event, line.partition("\n")[0])
        if isinstance(event, ApplyStarted):
            self._start()
        elif isinstance(event, ChangeFinished):
            self._finished.add(event)
            # The report counts what went well; only trouble deserves a line that stays.
            if event.outcome is not Outcome.APPLIED or event.message:
                self._print(line)
        elif isinstance(event, ApplyFinished):
            self.close()
            if _has_changes(event):
                self._print(report(event, self._finished, self._options))

    def close(self) -> None:
        """Remove the region. Called however the run ends, so it may be gone already."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _start(self) -> None:
        from rich.live import Live  # noqa: PLC0415

        # It goes at the end: the report says all that it showed.
        self._live = Live(console=self._console, transient=True, get_renderable=self._draw)
        self._live.start(refresh=True)

    def _draw(self) -> Group:
        from rich.console import Group  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        lines = self._region.lines()
        return Group(*(Text.from_ansi(one, no_wrap=True, overflow="ellipsis") for one in lines))

    def _print(self, text: str) -> None:
        from rich.text import Text  # noqa: PLC0415

        self._console.print(Text.from_ansi(text), soft_wrap=True)


def _console(stream: TextIO, options: ViewOptions) -> Console:
    from rich.console import Console  # noqa: PLC0415

    class Steady(Console):
        """A console that never hides the cursor: a run that is killed could not show it again."""

        def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002
            return False

    # rich ends the process if writing raises BrokenPipeError, in the middle of an apply. _Quiet
    # never raises.
    quiet = cast("TextIO", _Quiet(stream))
    return Steady(file=quiet, no_color=not options.color, highlight=False, width=options.width)


def _ends(event: Event) -> TypeGuard[ChangeFinished]:
    return isinstance(event, ChangeFinished)


class Finished:
    """The changes that have ended so far: what the report at the end says of them."""

    def __init__(self) -> None:
        self.applied: Counter[Action] = Counter()
        self.messages: dict[Address, str] = {}

    def add(self, event: ChangeFinished) -> None:
        """Add one. Its address may end twice, if it changes hands: an empty message is no news."""
        if event.outcome is Outcome.APPLIED:
            self.applied[event.action] += 1
        if event.message or event.address not in self.messages:
            self.messages[event.address] = event.message


def change_line(event: ChangeFinished, *, color: bool) -> str:
    """Return `  + launch@acme-x created (3/12)`, with a warning on a second line if it has one."""
    word = event.action.past if event.outcome is Outcome.APPLIED else _word(event.outcome)
    shown = paint(word, _INKS[event.outcome], color=color)
    message = _words(event.message)
    head = f"  {event.action.sign} {one_line(str(event.address))} {shown}"
    tail = f"({event.done}/{event.total})"
    if not message or event.outcome is not Outcome.APPLIED:
        return f"{head}{f': {message}' if message else ''} {tail}"
    warning = paint("warning", Ink.WARNING, color=color)
    return f"{head} {tail}\n    {warning}: {message}"


def _words(text: str) -> str:
    """Return the message of a server on one line, shortened."""
    return one_line(shorten(text))


def _has_changes(event: ApplyFinished) -> bool:
    """Return whether there was anything to do; if not, the plan has said so already."""
    groups = (event.applied, event.failed, event.unknown, event.deferred, event.not_attempted)
    return any(groups)


def report(event: ApplyFinished, finished: Finished, options: ViewOptions) -> str:
    """Render the changes that were not applied, one by one, the totals, and when it goes on."""
    color = options.color
    groups = (
        (Outcome.FAILED, "Failed", event.failed),
        (Outcome.UNKNOWN, "Outcome unknown, nothing was repeated", event.unknown),
        (Outcome.DEFERRED, "Waiting for its place in the queue", event.deferred),
        (Outcome.NOT_ATTEMPTED, "Not attempted", event.not_attempted),
    )
    # Nothing is wrong with what was left for the next run, and its plan shows it.
    is_cut_short = event.resumes_at is not None or event.interrupted
    lines = [""]
    for outcome, title, addresses in groups:
        if not addresses:
            continue
        lines.append(paint(f"{title}:", _INKS[outcome], color=color))
        is_brief = outcome is Outcome.NOT_ATTEMPTED and is_cut_short
        shown = addresses[:STOPPED] if is_brief else addresses
        for address in shown:
            message = _words(finished.messages.get(address, ""))
            lines.append(f"  {one_line(str(address))}" + (f": {message}" if message else ""))
        if len(shown) < len(addresses):
            lines.append(f"  … {len(addresses) - len(shown):,} more")
        lines.append("")
    totals = wrap(_totals(event, finished), options.width)
    lines.extend(paint(line, Ink.STRONG, color=color) for line in totals)
    if words := _goes_on(event, options):
        lines.extend(paint(line, Ink.WARNING, color=color) for line in wrap(words, options.width))
    return "\n".join(lines)


def _totals(event: ApplyFinished, finished: Finished) -> str:
    """Return `Apply complete: 3 applied (2 created, 1 updated). 3 requests made.`"""
    done = [
        f"{number:,} {action.past}" for action in Action if (number := finished.applied[action])
    ]
    parts = [f"{len(event.applied):,} applied" + (f" ({', '.join(done)})" if done else "")]
    groups = {
        Outcome.FAILED: event.failed,
        Outcome.UNKNOWN: event.unknown,
        Outcome.DEFERRED: event.deferred,
        Outcome.NOT_ATTEMPTED: event.not_attempted,
    }
    parts += [f"{len(group):,} {_word(outcome)}" for outcome, group in groups.items() if group]
    head = "Apply complete" if len(parts) == 1 else "Apply incomplete"
    return f"{head}: {', '.join(parts)}. {count(event.requests, 'request')} made."


def _goes_on(event: ApplyFinished, options: ViewOptions) -> str:
    """Say how the rest is done if the run was cut short; "" if it was not."""
    left = len(event.not_attempted)
    if event.resumes_at is not None:
        return stopped(left, event.resumes_at, event.at, options.zone)
    if event.interrupted:
        what = f"{left:,} not attempted; run" if left else "Run"
        return f"Interrupted. {what} `plancast apply` again: nothing is sent twice."
    return ""


def _word(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")
