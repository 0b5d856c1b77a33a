"""The process: its clock, its signals, its exit codes, and the report of a bug."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from plancast.app.console import Console
from plancast.model.error_diagnostics import stopped_by
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import Interrupted, ProviderError, StateError
from plancast.render.invisible import show_orders
from plancast.render.runner_commands import disarm

if TYPE_CHECKING:
    from plancast.app.context import Runtime

FORGE_SECRETS = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN")
"""Environment variables that hold tokens of forges; the registry has those of providers."""

COLLECT_AFTER = 1_000_000
"""New containers after which the collector looks for cycles; Python's own number is 700.

A run builds large trees without cycles and ends. With 700 the collector walks the growing trees
again and again, for a fifth of the time of a plan. A long run still collects what it leaves behind.
"""

LAST_CALL = 2.0
"""Seconds that the call in progress may still take once the run was asked to end."""

LAST_WORD = 2.8
"""Seconds after which the run ends in any case, without cleaning up."""

LAST_PUSH = 7.0
"""LAST_WORD for a state that has to reach a remote. GitHub kills a cancelled job after 7.5 s."""


class SystemClock:
    """The machine's clock. A sleep raises Interrupted as soon as `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def now(self) -> datetime:
        """Return the time in UTC, in whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)

    def monotonic(self) -> float:
        """Return seconds of a clock that never jumps, for measuring durations."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds. Raises Interrupted once the run was asked to end."""
        if self._stop.wait(max(0.0, seconds)):
            raise Interrupted


# -- exit codes ---------------------------------------------------------------------------------


def run_command(
    runtime: Runtime, command: Callable[[Any, Runtime], ExitCode], arguments: object
) -> int:
    """Run a command, close what it opened, and return an exit code however it ended.

    Output that was lost makes a success an error; a code that says more is kept.
    """
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    with runtime.opened:
        code = _exit_code(runtime, command, arguments)
    console = runtime.console
    console.problems(console.unwritten)
    is_unwritten = console.unwritten and code in (ExitCode.DONE, ExitCode.CHANGES)
    return int(ExitCode.ERROR) if is_unwritten else code


def _exit_code(
    runtime: Runtime, command: Callable[[Any, Runtime], ExitCode], arguments: object
) -> int:
    try:
        return int(command(arguments, runtime))
    except (KeyboardInterrupt, Interrupted):
        runtime.console.say("Interrupted.")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        return int(ExitCode.ERROR)  # the reader of our output has seen enough
    except (Stop, ProviderError, StateError, OSError) as error:
        stop = stopped_by(error, _keys_of(runtime, error))
        runtime.console.problems(stop.diagnostics)
        return int(stop.code)


def _keys_of(runtime: Runtime, error: Exception) -> tuple[str, ...]:
    """Return the names of the variables that hold the provider's keys, if the provider failed."""
    if not isinstance(error, ProviderError):
        return ()
    with suppress(Stop):  # `init` connects before there is a workspace
        if runtime.provider_info is not None:
            return runtime.provider_info.secrets
    return ()


# -- signals ------------------------------------------------------------------------------------


def watch_signals(console: Console, abort: Callable[[], None], *, pushes: bool) -> None:
    """Install handlers: the first SIGINT or SIGTERM asks the run to end, the second ends it.

    The call in progress gets LAST_CALL seconds to finish; then `abort` breaks it off, and its
    outcome is unknown. If even that does not end the run, the process exits at once after LAST_WORD
    seconds, or LAST_PUSH if it `pushes` its state: as safe as a kill, since the journal has every
    intent. While a question waits for an answer no call is in progress, and the run ends at once.
    """
    last = LAST_PUSH if pushes else LAST_WORD

    def handle(_number: int, _frame: FrameType | None) -> None:
        if console.asking:
            raise KeyboardInterrupt
        if console.stop.is_set():  # the second signal
            _leave()
        console.stop.set()
        # Daemon threads, so that they do not keep a run alive that ends in time.
        for seconds, act in ((LAST_CALL, abort), (last, _leave)):
            timer = threading.Timer(seconds, act)
            timer.daemon = True
            timer.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def end_threads_with_interrupt(stop: threading.Event, abort: Callable[[], None]) -> ExitStack:
    """Let a SIGINT end the threads that read as well, until the result is closed.

    They may sleep until the rate limit allows a request, or wait for an answer, and the main
    thread ends only after them. A handler that is there already stays.
    """
    installed = ExitStack()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        # In a thread: it takes locks, which the main thread may just hold.
        threading.Thread(target=abort, daemon=True).start()
        raise KeyboardInterrupt

    def remove() -> None:
        if signal.getsignal(signal.SIGINT) is handle:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_default and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handle)
        installed.callback(remove)
    return installed


def _leave() -> None:
    # No exception and no cleanup: this also runs in a timer's thread, while the main one hangs.
    os._exit(int(ExitCode.INTERRUPTED))


# -- the report of a bug ------------------------------------------------------------------------


def report_bug(
    error: BaseException,
    environ: Mapping[str, str] | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Write the traceback to a file, without secrets, and print the file's name in one line.

    If no file can be written, the line names the place of the bug instead. Whatever state the disk,
    the environment or standard error are in, this does not raise: the exit code is BUG.
    """
    import traceback  # noqa: PLC0415

    name = type(error).__name__
    known = os.environ if environ is None else environ
    text = _without_secrets("".join(traceback.format_exception(error)), known)
    try:
        details = f"The details are in {_saved(text)}."
    except OSError as refused:
        reason = refused.strerror or str(refused)
        details = f"It is at {_place(error)}; no file could be written ({reason})."
    shown = "".join(sign if sign.isprintable() else " " for sign in details)
    with suppress(OSError, ValueError):
        # Closed streams are None, or raise ValueError.
        print(f"This is a bug of plancast ({name}). {shown}", file=stderr or sys.stderr, flush=True)
    return int(ExitCode.BUG)


def _saved(text: str) -> str:
    """Write a text to a new file that no other user may read; return its name. Raises OSError."""
    import tempfile  # noqa: PLC0415

    with tempfile.NamedTemporaryFile(
        "w",
        prefix="plancast-",
        suffix=".log",
        delete=False,
        encoding="utf-8",
        errors="backslashreplace",
    ) as file:
        file.write(disarm(show_orders(text)))
    return file.name


def _place(error: BaseException) -> str:
    """Return the file and line that raised the error, as `FILE:LINE`, without the folder."""
    import traceback  # noqa: PLC0415

    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "no known place"


def _without_secrets(text: str, environ: Mapping[str, str]) -> str:
    for name in _secrets():
        secret = environ.get(name, "").strip()
        raw = secret.encode("utf-8", "surrogateescape")
        # A traceback may quote it as it is, in an address of the web, or as Python writes it.
        for form in (secret, quote(raw), quote(raw, safe=""), repr(secret)[1:-1]):
            text = text.replace(form, "(secret)") if form else text
    return text


def _secrets() -> tuple[str, ...]:
    """Return the names of all variables that hold secrets, also of installed providers."""
    from plancast.providers import registry  # noqa: PLC0415

    installed: tuple[registry.ProviderInfo, ...] = ()
    with suppress(Exception):  # a package that is broken must not hide the bug that is reported
        installed = registry.installed()
    return (*registry.secrets(installed), *FORGE_SECRETS)
