"""The last step of a process: what was written must have arrived, or the exit code says so."""

from __future__ import annotations

import sys
from contextlib import suppress

DONE, ERROR, CHANGES, INTERRUPTED = 0, 1, 2, 130
"""As in core.exits, which `plancast --help` does without."""


def flushed(code: int) -> int:
    """Flush both streams and return the exit code: ERROR in the place of one that says "done".

    What did not fit on a disk is lost, and that is an error. Whoever stopped reading has seen
    enough, and that is none.
    """
    for stream, name in ((sys.stdout, "standard output"), (sys.stderr, "standard error")):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: it is closed
            from plancast.streams import silence  # noqa: PLC0415

            silence(stream)
            if not isinstance(error, BrokenPipeError):
                _say(f"{name}: {getattr(error, 'strerror', None) or error}")
                code = ERROR if code in (DONE, CHANGES) else code
    return code


def refused(error: OSError) -> int:
    """Say why the command line itself could not be read or answered; the exit code."""
    if not isinstance(error, BrokenPipeError):
        _say(error.strerror or str(error))
    return ERROR


def undecodable(arguments: list[str]) -> str | None:
    """Return the first argument that is not UTF-8, in a form that can be shown; None if all are."""
    for text in arguments:
        try:
            text.encode()
        except UnicodeEncodeError:
            return repr(text)
    return None


def _say(message: str) -> None:
    with suppress(OSError, ValueError):
        print(f"Error: {message}", file=sys.stderr, flush=True)
