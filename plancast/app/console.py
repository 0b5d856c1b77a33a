"""The console: results, remarks, problems and questions of a command, and broken streams.

Results go to standard output, everything else to standard error. If the disk behind one of them is
full, or its reader goes away, the run still ends in an orderly way.
"""

from __future__ import annotations

import os
import select
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO, cast

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.error_diagnostics import system_reason
from plancast.model.exit_codes import Stop
from plancast.model.ports import Interrupted
from plancast.render.streams import Controls, GuardedStream, behind, guard


@dataclass(eq=False)
class Console:
    """The three streams of a run, and the way it is asked to end.

    `stop` is set once the run was asked to end: then no question is asked. `asking` is true while a
    question waits for its answer. `unwritten` lists output that was lost: the run goes on, and
    exits with an error.
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
        """Guard both output streams, so that no terminal or CI runner obeys a printed text."""
        controls = Controls.COLORS if self.color else Controls.NONE
        self.stdout = guard(self.stdout, controls)
        self.stderr = guard(self.stderr, controls)

    @classmethod
    def of_process(
        cls, environ: Mapping[str, str], *, no_color: bool, quiet: bool, verbose: bool
    ) -> Console:
        """Return the console of this process.

        Colours need a terminal or `FORCE_COLOR`, and no `NO_COLOR`. An empty variable is not set.
        """
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
            color=not no_color
            and not environ.get("NO_COLOR")
            and (environ.get("FORCE_COLOR", "0") not in ("", "0") or sys.stdout.isatty()),
            width=_width(sys.stdout, environ),
            quiet=quiet,
            verbose=verbose,
        )

    def show(self, text: str) -> None:
        """Write a result to standard output, at once. Raises Stop if the disk behind it is full.

        A reader that closed the pipe raises BrokenPipeError, which ends the command without a word.
        """
        self.show_pieces((text if text.endswith("\n") else text + "\n",))

    def show_pieces(self, pieces: Iterable[str]) -> None:
        """Write a result that is made piece by piece, as `show` does. The last one ends a line."""
        try:
            for piece in pieces:
                self.stdout.write(piece)
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.output_failed(error)
            raise Stop([]) from error

    def output_failed(
        self, error: OSError, stream: TextIO | None = None, name: str = "standard output"
    ) -> None:
        """Silence a stream that failed, and note the failure for the end of the run.

        A reader that closed the pipe has seen enough: that is no failure.
        """
        silence(stream or self.stdout)
        if not isinstance(error, BrokenPipeError):
            self.unwritten.append(problem("PC013", f"{name}: {system_reason(error)}"))

    def show_name(self, name: str) -> None:
        """Write a result as one line: a name, or a sentence with one. Line ends become a sign."""
        from plancast.render.terminal.style import one_line  # noqa: PLC0415

        self.show(one_line(name))

    def show_done(self, text: str) -> None:
        """Write a result that only says that all is well, as one line, unless -q was given."""
        if not self.quiet:
            self.show_name(text)

    def show_json(self, document: object) -> None:
        """Write a result for machines, as JSON with an indent of 2."""
        from plancast.render.terminal.style import to_json  # noqa: PLC0415

        self.show(to_json(document, indent=2))

    def say(self, text: str) -> None:
        """Write a remark to standard error, unless -q was given. Plain words, without colours."""
        if not self.quiet:
            from plancast.render.terminal.style import safe  # noqa: PLC0415

            self._write(safe(text) + "\n")

    def _write(self, text: str) -> bool:
        """Write to standard error; return False, without raising, if that fails."""
        try:
            self.stderr.write(text)
            self.stderr.flush()
        except OSError as error:
            self.output_failed(error, self.stderr, "standard error")
            return False
        return True

    def command_runner(self, lines: str) -> None:
        """Print commands that the CI runner obeys, one on each line, made by `annotations`."""
        assert isinstance(self.stdout, GuardedStream)
        self.stdout.write_commands(lines)
        self.stdout.flush()

    def problems(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Write problems to standard error, with -q only the errors; nothing if there are none."""
        from plancast.render.terminal.problems import render_diagnostics  # noqa: PLC0415

        shown = tuple(
            item for item in diagnostics if not self.quiet or item.severity is Severity.ERROR
        )
        if shown:
            self._write(render_diagnostics(shown, color=self.color, width=self.width))

    def must_be_able_to_ask(self, flag: str = "--auto-approve") -> None:
        """Raise Stop if standard input has surely no answer: no terminal, no pipe, no file.

        Called before the work whose result a question is about. `flag` goes on without asking.
        """
        if _is_silent(self.stdin):
            detail = f"there is no terminal to ask: pass {flag} to go on without asking"
            raise Stop([problem("PC809", detail)])

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question and return True only for the word `yes`. Raises Interrupted.

        The end of the input counts as a no.
        """
        answer = self.ask(f"{question}\n  Only 'yes' will be accepted.")
        if not answer and not self.stdin.isatty():
            self.say("\nStandard input gave no answer. A flag goes on without one: see --help.")
        return answer == "yes"

    def ask(self, question: str) -> str:
        """Ask for a line; "" if the input ends. Raises Interrupted."""
        from plancast.render.terminal.style import safe  # noqa: PLC0415

        # A question that was not shown must not be answered by what waits in standard input.
        if not self._write(f"\n{safe(question)}\n\n  Enter a value: "):
            return ""  # the question was not shown
        self.asking = True
        try:
            # A signal between the question and `asking` has set `stop` without interrupting.
            if self.stop.is_set():
                raise Interrupted
            return self.stdin.readline().strip()
        finally:
            self.asking = False


def _is_silent(stream: TextIO) -> bool:
    """Return whether no answer can come from a stream: it is the null device, or a closed pipe."""
    try:
        number = stream.fileno()
        if stream.isatty():
            return False
        kind = os.fstat(number).st_mode
    except (OSError, ValueError):  # a stream of the program that embeds the command line
        return stream.closed
    if stat.S_ISCHR(kind):
        return True
    if not stat.S_ISFIFO(kind) or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(number, select.POLLIN)
    events = dict(poll.poll(0)).get(number, 0)
    return bool(events & select.POLLHUP) and not events & select.POLLIN


def nowhere(mode: Literal["r", "w"]) -> TextIO:
    """Open the null device, in the place of a stream that was closed before the process began."""
    return Path(os.devnull).open(mode, encoding="utf-8")


def silence(stream: TextIO) -> None:
    """Send what a stream still holds, and all that follows, to the null device.

    Otherwise Python flushes it once more when the process ends, fails again, and exits with 120.
    """
    with suppress(OSError, ValueError):
        target = os.open(os.devnull, os.O_WRONLY)
        try:
            # Replace the descriptor itself: the buffer of the stream writes there.
            os.dup2(target, stream.fileno())
        finally:
            os.close(target)
        stream.flush()


def _width(stdout: TextIO, environ: Mapping[str, str]) -> int:
    """Return the columns to write in: of the terminal, or as COLUMNS says, or else 100."""
    if "COLUMNS" not in environ and not stdout.isatty():
        return 100
    import shutil  # noqa: PLC0415  # with three libraries for archives

    return shutil.get_terminal_size((100, 24)).columns


def noted(stream: TextIO, failed: Callable[[OSError], None]) -> TextIO:
    """Wrap a stream so that its first failure is reported, for a writer that then falls silent."""
    return cast("TextIO", NotedStream(stream, failed))


class NotedStream:
    """A text stream that reports its first failure, unless its reader closed the pipe."""

    def __init__(self, stream: TextIO, failed: Callable[[OSError], None]) -> None:
        self._stream = stream
        self._failed: Callable[[OSError], None] | None = failed

    @property
    def encoding(self) -> str:
        """The encoding of the stream behind it."""
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
        """Flush the stream behind it. Raises OSError."""
        try:
            self._stream.flush()
        except OSError as error:
            self._note(error)
            raise

    def _note(self, error: OSError) -> None:
        if self._failed is not None and not isinstance(error, BrokenPipeError):
            self._failed(error)
            self._failed = None
