"""Errors of files: a link where none is followed, what they are to a state, and safe texts."""

from __future__ import annotations

import errno
from pathlib import Path

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.ports import StateError, StateLinked

LONGEST_SHOWN = 200
"""Characters that a message shows of what stands in a file or a link."""

LONGEST_PATH = 4096
"""Characters of a path of our own: all of it."""

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class LinkRefused(OSError):  # noqa: N818  # it says what became of the link
    """A link stands where plancast follows none. It was not followed: nothing was read or written.

    `path` is the link, `target` where it points, as it stands there.
    """

    def __init__(self, path: object, target: str) -> None:
        self.path, self.target = str(path), target
        shown = printable(self.path, LONGEST_PATH)
        super().__init__(errno.ELOOP, f"{shown} is a link to {printable(target)}")


class LockHeld(Exception):  # noqa: N818  # no fault: another process works
    """Another process held the lock for as long as the caller would wait."""


def not_regular() -> OSError:
    """Make the error for a folder, a pipe or a device in the place of a file."""
    return OSError(errno.EINVAL, "it is not a regular file")


def too_large(limit: int) -> OSError:
    """Make the error for a file that holds more than `limit` bytes."""
    return OSError(errno.EFBIG, f"it is larger than {limit // 1024**2} MiB")


def reason(error: OSError) -> str:
    """Say what went wrong, without the path."""
    return error.strerror or str(error)


def unwritable(
    name: object, error: OSError, *, after: str = "", severity: Severity | None = None
) -> Diagnostic:
    """Report a file that cannot be written: PC011 for a link, PC007 for anything else.

    `after` says what became of the run in spite of it.
    """
    hint = "Free some space." if error.errno in _FULL else ""
    detail = f"{name}: {reason(error)}{after}"
    return link_problem(error) or problem("PC007", detail, hint=hint, severity=severity)


def link_problem(error: OSError) -> Diagnostic | None:
    """Report a link that was refused; None for any other error."""
    return problem("PC011", reason(error)) if isinstance(error, LinkRefused) else None


def printable(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the text on one line, cut, and with the characters spelled out that terminals obey.

    An escape sequence that clears the screen becomes `<U+001B>[2J`.
    """
    shown = text[:longest]
    plain = "".join(sign if sign.isprintable() else f"<U+{ord(sign):04X}>" for sign in shown)
    return plain if len(text) <= longest else f"{plain}…"


def state_error(error: OSError, path: Path, kind: type[StateError]) -> StateError:
    """Return StateLinked for a link that was refused, and `kind` for anything else."""
    if isinstance(error, LinkRefused):
        return StateLinked(reason(error), error.path)
    return kind(f"{path}: {reason(error)}", str(path))
