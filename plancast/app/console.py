"""The console: what a command shows, says and asks, and what a broken stream does to it.

Results go to standard output, everything else to standard error. A disk that is full behind either
of them, and a reader who goes away, never leave a run half done.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO, cast

from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.error_diagnostics import system_reason
from plancast.model.exit_codes import Stop
from plancast.model.ports import Interrupted
from plancast.render.streams import Controls, GuardedStream, behind, guard


@dataclass(eq=False)
class Console:
    """The three streams of a run.

    `stop` is set once the run was asked to end: nothing is asked then. `asking`: a question waits
    for its answer. `unwritten`: output that was lost, which held nothing up and makes the run a
    failure in the end.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    color: bool = False
    width: int = 100
    quiet: bool = False
    verbose: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    asking: bool = field(default=False, init=False)
    unwritten: list[Diagnostic] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Put a guard before both streams: no text that is printed can be an order."""
        controls = Controls.COLORS if self.color else Controls.NONE
        self.stdout = guard(self.stdout, controls)
        self.stderr = guard(self.stderr, controls)

    @classmethod
    def of_process(
        cls, environ: Mapping[str, str], *, no_color: bool, quiet: bool, verbose: bool
    ) -> Console:
        """Return the console of this very process."""
        # Python has None if a stream was closed before the process began.
        sys.stdin = sys.stdin or nowhere("r")
        sys.stdout = sys.stdout or nowhere("w")
        sys.stderr = sys.stderr or nowhere("w")
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character must not end a run.
            behind(stream).reconfigure(errors="replace")  # type: ignore[attr-defined]
        return cls(
            sys.stdin,
            sys.stdout,
            sys.stderr,
            color=not no_color and "NO_COLOR" not in environ and sys.stdout.isatty(),
            width=shutil.get_terminal_size((100, 24)).columns,
            quiet=quiet,
            verbose=verbose,
        )

    def show(self, text: str) -> None:
        """Write a result to standard output. Raises Stop if the disk behind it is full."""
        try:
            self.stdout.write(text if text.endswith("\n") else text + "\n")
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.output_failed(error)
            raise Stop([]) from error

    def output_failed(
        self, error: OSError, stream: TextIO | None = None, name: str = "standard output"
    ) -> None:
        """Report a stream that takes no more when the run ends, unless its reader went away."""
        silence(stream or self.stdout)
        if not isinstance(error, BrokenPipeError):
            self.unwritten.append(problem("PC013", f"{name}: {system_reason(error)}"))

    def show_name(self, name: str) -> None:
        """Write a result that is a name, or a sentence with one, as one line."""
        from plancast.render.terminal.style import one_line  # noqa: PLC0415

        self.show(one_line(name))

    def show_json(self, document: object) -> None:
        """Write a result for machines."""
        from plancast.render.terminal.style import to_json  # noqa: PLC0415

        self.show(to_json(document, indent=2))

    def say(self, text: str) -> None:
        """Write a remark to standard error, unless -q. Plain words, without colours."""
        if not self.quiet:
            from plancast.render.terminal.style import safe  # noqa: PLC0415

            self._write(safe(text) + "\n")

    def _write(self, text: str) -> bool:
        """Write to standard error. A full disk behind it leaves nothing half done."""
        try:
            self.stderr.write(text)
            self.stderr.flush()
        except OSError as error:
            self.output_failed(error, self.stderr, "standard error")
            return False
        return True

    def command_runner(self, lines: str) -> None:
        """Give the CI runner commands of our own, one a line. Only `annotations` makes them."""
        assert isinstance(self.stdout, GuardedStream)
        self.stdout.write_commands(lines)
        self.stdout.flush()

    def problems(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Write problems to standard error, also with -q."""
        from plancast.render.terminal.problems import render_diagnostics  # noqa: PLC0415

        found = tuple(diagnostics)
        if found:
            self._write(render_diagnostics(found, color=self.color, width=self.width))

    def confirm(self, question: str) -> bool:
        """Ask; only the word `yes` is one. The end of the input is a no. Raises Interrupted."""
        return self.ask(f"{question}\n  Only 'yes' will be accepted.") == "yes"

    def ask(self, question: str) -> str:
        """Ask for a line; "" if the input ends. Raises Interrupted."""
        from plancast.render.terminal.style import safe  # noqa: PLC0415

        if not self._write(f"\n{safe(question)}\n\n  Enter a value: "):
            return ""  # the question was not shown
        self.asking = True
        try:
            if self.stop.is_set():
                raise Interrupted
            return self.stdin.readline().strip()
        finally:
            self.asking = False


def nowhere(mode: Literal["r", "w"]) -> TextIO:
    """Return what stands in the place of a stream that was closed before the process began."""
    return Path(os.devnull).open(mode, encoding="utf-8")


def silence(stream: TextIO) -> None:
    """Send what a stream still holds, and all that comes, to nowhere.

    What cannot be written would fail again when the process ends: exit code 120.
    """
    with suppress(OSError, ValueError):
        target = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(target, stream.fileno())
        finally:
            os.close(target)
        stream.flush()


def noted(stream: TextIO, failed: Callable[[OSError], None]) -> TextIO:
    """Return the stream with its first failure reported, for a writer that falls silent then."""
    return cast("TextIO", NotedStream(stream, failed))


class NotedStream:
    """A text stream that reports its first failure. One whose reader went away has not failed."""

    def __init__(self, stream: TextIO, failed: Callable[[OSError], None]) -> None:
        self._stream = stream
        self._failed: Callable[[OSError], None] | None = failed

    @property
    def encoding(self) -> str:
        """As that of the stream behind it."""
        return self._stream.encoding

    def isatty(self) -> bool:
        """Return whether it ends at a terminal."""
        return self._stream.isatty()

    def write(self, text: str) -> int:
        """Write the text. Raises OSError."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._note(error)
            raise

    def flush(self) -> None:
        """Send what was written on its way. Raises OSError."""
        try:
            self._stream.flush()
        except OSError as error:
            self._note(error)
            raise

    def _note(self, error: OSError) -> None:
        if self._failed is not None and not isinstance(error, BrokenPipeError):
            self._failed(error)
            self._failed = None
