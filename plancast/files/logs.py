"""The file of `--log-file`: a log beside the run, which a full disk ends without ending the run."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Sequence

from plancast.files.folder import PRIVATE
from plancast.files.named_file import NamedFile
from plancast.files.refusals import unwritable
from plancast.model.diagnostics import Diagnostic, Severity
from plancast.model.exit_codes import Stop

_FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


class _CleanFormatter(logging.Formatter):
    """A formatter whose lines are harmless to print: a later step of CI may print the file."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__(_FORMAT)
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        return self._clean(super().format(record))


class LogHandler(logging.FileHandler):
    """A handler that writes to a named file.

    After an error of the disk it keeps it, and writes no more. `clean` makes a text harmless to
    print. Creating a handler raises LinkRefused, OSError.
    """

    def __init__(self, file: NamedFile, clean: Callable[[str], str] = str) -> None:
        self.failure: OSError | None = None
        self._file = file
        super().__init__(file.path, encoding="utf-8")
        self.setFormatter(_CleanFormatter(clean))

    def _open(self) -> io.TextIOWrapper:
        """Open the file for the base class, following no link of the checkout."""
        return io.TextIOWrapper(self._file.append(PRIVATE), encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless an earlier one was lost."""
        if self.failure is None:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Keep the error of the disk; leave any other one to logging."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self.failure = error
        else:
            super().handleError(record)

    def end(self) -> None:
        """Close the file. The disk may refuse the last records only now."""
        try:
            self.close()
        except OSError as error:
            self.failure = self.failure or error


def begin_log(
    file: NamedFile, name: str, clean: Callable[[str], str] = str
) -> Callable[[], Sequence[Diagnostic]]:
    """Write all that plancast logs to a file from now on.

    Return a function that ends this, and returns the problem if records were lost. `clean` makes a
    text harmless to print. Raises Stop if the file cannot be opened. A disk that is full later ends
    the log, not the run.
    """
    try:
        handler = LogHandler(file, clean)
    except OSError as error:
        raise Stop([unwritable(name, error)]) from error
    logger = logging.getLogger("plancast")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def end() -> Sequence[Diagnostic]:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.end()
        if handler.failure is None:
            return []
        lost = "; the run went on without it"
        return [unwritable(name, handler.failure, after=lost, severity=Severity.WARNING)]

    return end
