"""Writer of `apply --summary`: append to a file, as Markdown, what an apply did or why it refused.

CI names the summary page of the job here (`$GITHUB_STEP_SUMMARY`), so the file is appended to and
never replaced.
"""

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
    """Collector of an apply's events, which appends a receipt to a file once the apply has ended.

    `name` is None if no summary was asked for: then nothing is collected or written. Raises Stop if
    the file cannot be written, before the apply sends a request.
    """

    def __init__(self, name: str | None, runtime: Runtime) -> None:
        self._name = name
        self._runtime = runtime
        self._events = io.StringIO()
        if name is not None:
            try:
                # Open the file now: an apply that has sent requests must not fail on its summary.
                runtime.named(name).append().close()
            except OSError as error:
                raise Stop([unwritable(name, error)]) from error

    def listening(self, sink: Shown) -> Shown:
        """Return a sink that passes each event to `sink` and keeps it for the receipt."""
        if self._name is None:
            return sink
        from plancast.render.terminal.progress import RecordSink  # noqa: PLC0415

        return RecordSink(sink, self._events, lambda _reason: None)

    def add_refusal(self, plan: Plan) -> None:
        """Append a plan that a safety rail refused, as `plan --format markdown` shows it."""
        if self._name is not None:
            from plancast.render.markdown import render  # noqa: PLC0415

            self._append(render(plan, self._runtime.options(plan.generated_at)))

    def add_receipt(self, plan: Plan) -> None:
        """Append how each change of a plan ended, and how many entries are deferred."""
        if self._name is None:
            return
        from plancast.render.markdown import render_receipt  # noqa: PLC0415
        from plancast.render.text import count  # noqa: PLC0415

        record = read_record(self._events.getvalue())
        options = self._runtime.options(plan.generated_at)
        text = render_receipt(plan, outcomes(plan, record), options, record.resumes_at)
        for_room = sum(1 for item in plan.diagnostics if item.code == "PC905")
        for waiting, what in (
            (for_room, "room in a full queue"),
            (plan.summary["deferred"] - for_room, "another post that goes first"),
        ):
            if waiting:
                verb = "waits" if waiting == 1 else "wait"
                text += f"\n{count(waiting, 'entry')} {verb} for {what}.\n"
        self._append(text)

    def _append(self, text: str) -> None:
        """Append a text to the file; a failure is reported at the end, since the apply is done."""
        assert self._name is not None
        try:
            with self._runtime.named(self._name).append() as file:
                file.write(text.encode())
        except OSError as error:
            self._runtime.console.unwritten.append(unwritable(self._name, error))
