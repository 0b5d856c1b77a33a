"""Telling what an apply does while it does it: on a terminal, in a log, for machines.

A sink must never end a run: when nobody listens any more (a closed pipe, a full
disk behind a redirection) it falls silent.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from plancast.core.codec import event_to_dict
from plancast.core.events import (
    ApplyFinished,
    ApplyStarted,
    BatchStarted,
    ChangeFinished,
    Event,
    Outcome,
    Waiting,
)
from plancast.core.model import Address
from plancast.core.plan import Action
from plancast.views.options import ViewOptions
from plancast.views.paint import Ink, one_line, paint, safe
from plancast.views.words import count, duration

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DESTROY: "destroyed",
    Action.ADOPT: "adopted",
    Action.RENAME: "renamed",
    Action.FORGET: "forgotten",
    Action.NONE: "unchanged",
}
_INKS = {
    Outcome.APPLIED: Ink.CREATE,
    Outcome.FAILED: Ink.ERROR,
    Outcome.UNKNOWN: Ink.WARNING,
    Outcome.NOT_ATTEMPTED: Ink.FAINT,
    Outcome.DEFERRED: Ink.WARNING,
}
LONG_WAIT = 2.0
"""Seconds from which a wait is worth a line in a log."""


class _Quiet:
    """A stream that falls silent instead of raising."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream

    def line(self, text: str) -> None:
        """Write a line, if anybody still listens."""
        if self._stream is None:
            return
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None


class JsonSink:
    """One JSON object a line: `schemas/event.schema.json`."""

    def __init__(self, stream: TextIO) -> None:
        self._out = _Quiet(stream)

    def emit(self, event: Event) -> None:
        """Write it."""
        self._out.line(json.dumps(event_to_dict(event), ensure_ascii=False))


class PlainSink:
    """One line for each change that is done with; then what was not done, and the sum."""

    def __init__(self, stream: TextIO, options: ViewOptions) -> None:
        self._out = _Quiet(stream)
        self._color = options.color
        self._messages: dict[Address, str] = {}

    def emit(self, event: Event) -> None:
        """Write it, if it is worth a line."""
        if isinstance(event, ChangeFinished):
            self._messages[event.address] = event.message
            self._out.line(self._change(event))
        elif isinstance(event, BatchStarted) and event.of > 1:
            self._out.line(f"Batch {event.number} of {event.of}: {count(event.calls, 'request')}")
        elif isinstance(event, Waiting) and event.seconds >= LONG_WAIT:
            self._out.line(f"Waiting {duration(event.seconds)}: {event.reason}")
        elif isinstance(event, ApplyFinished):
            self._out.line(report(event, self._messages, color=self._color))

    def _change(self, event: ChangeFinished) -> str:
        return change_line(event, color=self._color)


class LiveSink:
    """A progress bar with batches and the remaining time; lines above it for what went wrong."""

    def __init__(self, stream: TextIO, options: ViewOptions) -> None:
        from rich.console import Console  # noqa: PLC0415

        self._console = Console(file=stream, no_color=not options.color, highlight=False)
        self._color = options.color
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._messages: dict[Address, str] = {}
        self._note = ""

    def emit(self, event: Event) -> None:
        """Move the bar."""
        if isinstance(event, ApplyStarted):
            self._start(event)
        elif isinstance(event, BatchStarted):
            self._note = f"batch {event.number} of {event.of}" if event.of > 1 else ""
            self._update(note=self._note)
        elif isinstance(event, Waiting):
            self._update(note=f"{self._note} · {event.reason}, {duration(event.seconds)}")
        elif isinstance(event, ChangeFinished):
            self._messages[event.address] = event.message
            if event.outcome is not Outcome.APPLIED:
                self._print(change_line(event, color=self._color))
            left = f"{duration(event.remaining_seconds)} left" if event.remaining_seconds else ""
            self._update(completed=event.done, note=" · ".join(filter(None, (self._note, left))))
        else:
            self._stop()
            self._print(report(event, self._messages, color=self._color))

    def _start(self, event: ApplyStarted) -> None:
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
        )

        self._progress = Progress(
            TextColumn("Applying"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task("apply", total=event.changes, note="")

    def _update(self, **fields: object) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, **fields)  # type: ignore[arg-type]

    def _print(self, text: str) -> None:
        from rich.text import Text  # noqa: PLC0415

        self._console.print(Text.from_ansi(text), soft_wrap=True)

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def change_line(event: ChangeFinished, *, color: bool) -> str:
    """`  + launch@acme-x created (3/12)`."""
    word = _DONE[event.action] if event.outcome is Outcome.APPLIED else event.outcome.value
    word = word.replace("_", " ")
    shown = paint(word, _INKS[event.outcome], color=color)
    message = f": {one_line(event.message)}" if event.message else ""
    place = safe(str(event.address))
    return f"  {event.action.sign} {place} {shown}{message} ({event.done}/{event.total})"


def report(event: ApplyFinished, messages: dict[Address, str], *, color: bool) -> str:
    """What was not applied, one by one, and the sum in one line."""
    groups = (
        (Outcome.FAILED, "Failed", event.failed),
        (Outcome.UNKNOWN, "Outcome unknown, nothing was repeated", event.unknown),
        (Outcome.DEFERRED, "Waiting for room in the queue", event.deferred),
        (Outcome.NOT_ATTEMPTED, "Not attempted", event.not_attempted),
    )
    lines = [""]
    for outcome, title, addresses in groups:
        if not addresses:
            continue
        lines.append(paint(f"{title}:", _INKS[outcome], color=color))
        for address in addresses:
            message = one_line(messages.get(address, ""))
            lines.append(f"  {safe(str(address))}" + (f": {message}" if message else ""))
        lines.append("")
    left = [
        f"{len(group)} {outcome.value.replace('_', ' ')}" for outcome, _, group in groups if group
    ]
    head = "Apply complete" if not left else "Apply incomplete"
    parts = ", ".join([f"{len(event.applied)} applied", *left])
    lines.append(
        paint(f"{head}: {parts}. {count(event.requests, 'request')} made.", Ink.STRONG, color=color)
    )
    return "\n".join(lines)
