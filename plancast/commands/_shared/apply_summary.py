"""The file of `apply --summary`: what an apply did, or why it did nothing, as Markdown."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from plancast.codec.apply_log import outcomes, read_record
from plancast.files.refusals import unwritable
from plancast.model.exit_codes import Stop
from plancast.model.plan import Plan

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.render.terminal.progress import JsonSink, LiveSink, PlainSink, RecordSink

    Shown = JsonSink | LiveSink | PlainSink | RecordSink


class Summary:
    """Gathers what an apply tells, and appends it to a file once the apply has ended.

    `name` is None if no summary was asked for: then nothing is gathered or written. Raises Stop if
    the file cannot be written, before anything is done.
    """

    def __init__(self, name: str | None, runtime: Runtime) -> None:
        self._name = name
        self._runtime = runtime
        self._events = io.StringIO()
        if name is not None:
            try:
                runtime.named(name).append().close()
            except OSError as error:
                raise Stop([unwritable(name, error)]) from error

    def listening(self, sink: Shown) -> Shown:
        """Return a sink that keeps each event as well."""
        if self._name is None:
            return sink
        from plancast.render.terminal.progress import RecordSink  # noqa: PLC0415

        return RecordSink(sink, self._events, lambda _reason: None)

    def add_refusal(self, plan: Plan) -> None:
        """Append a plan that a rail refused, as `plan` shows it."""
        if self._name is not None:
            from plancast.render.markdown import render  # noqa: PLC0415

            self._append(render(plan, self._runtime.options(plan.generated_at)))

    def add_receipt(self, plan: Plan) -> None:
        """Append how each change ended, and how many wait for room."""
        if self._name is None:
            return
        from plancast.render.markdown import render_receipt  # noqa: PLC0415
        from plancast.render.text import count  # noqa: PLC0415

        record = read_record(self._events.getvalue())
        options = self._runtime.options(plan.generated_at)
        text = render_receipt(plan, outcomes(plan, record), options, record.resumes_at)
        if waiting := plan.summary["deferred"]:
            verb = "waits" if waiting == 1 else "wait"
            text += f"\n{count(waiting, 'entry')} {verb} for room in a full queue.\n"
        self._append(text)

    def _append(self, text: str) -> None:
        """Write to the file. What was done is done: a full disk is reported in the end."""
        assert self._name is not None
        try:
            with self._runtime.named(self._name).append() as file:
                file.write(text.encode())
        except OSError as error:
            self._runtime.console.unwritten.append(unwritable(self._name, error))
