"""Errors of files, as diagnostics and as errors of the state, and texts of theirs safe to show."""

from __future__ import annotations

import errno
from pathlib import Path

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.ports import StateError, StateLinked

LONGEST_SHOWN = 200
"""Characters of a file's or a link's text that a message shows."""

LONGEST_PATH = 4096
"""Characters that a message shows of a path: all that a system allows."""

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class LinkRefused(OSError):  # noqa: N818  # the name of an outcome
    """A link is in a place where plancast follows none. Nothing was read or written through it.

    `path` is the link, `target` the path that it holds.
    """

    def __init__(self, path: object, target: str) -> None:
        self.path, self.target = str(path), target
        shown = printable(self.path, LONGEST_PATH)
        super().__init__(errno.ELOOP, f"{shown} is a link to {printable(target)}")


class LockHeld(Exception):  # noqa: N818  # no fault: another process works
    """Another process held the lock for as long as the caller would wait."""


def not_regular() -> OSError:
    """Build the error for a folder, a pipe or a device in the place of a file."""
    return OSError(errno.EINVAL, "it is not a regular file")


def too_large(limit: int) -> OSError:
    """Build the error for a file that holds more than `limit` bytes."""
    return OSError(errno.EFBIG, f"it is larger than {limit // 1024**2} MiB")


def reason(error: OSError) -> str:
    """Return what went wrong, without the path."""
    return error.strerror or str(error)


def unwritable(
    name: object, error: OSError, *, after: str = "", severity: Severity | None = None
) -> Diagnostic:
    """Build the problem for a file that cannot be written: PC011 for a link, else PC007.

    `after` ends the message: it says how the run went on.
    """
    hint = "Free some space." if error.errno in _FULL else ""
    detail = f"{name}: {reason(error)}{after}"
    return link_problem(error) or problem("PC007", detail, hint=hint, severity=severity)


def link_problem(error: OSError) -> Diagnostic | None:
    """Build the problem for a link that was refused; return None for any other error."""
    return problem("PC011", reason(error)) if isinstance(error, LinkRefused) else None


def printable(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return a text on one line, cut, with the characters spelled out that a terminal would obey.

    An escape sequence that clears the screen becomes `<U+001B>[2J`.
    """
    shown = text[:longest]
    plain = "".join(sign if sign.isprintable() else f"<U+{ord(sign):04X}>" for sign in shown)
    return plain if len(text) <= longest else f"{plain}…"


def state_error(error: OSError, path: Path, kind: type[StateError]) -> StateError:
    """Return StateLinked if a link was refused, and an error of `kind` for any other OSError."""
    if isinstance(error, LinkRefused):
        return StateLinked(reason(error), error.path)
    return kind(f"{path}: {reason(error)}", str(path))
