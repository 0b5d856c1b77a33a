"""Standard output and standard error: what a full disk and a reader who goes away do to them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TextIO, cast


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
