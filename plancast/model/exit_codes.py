"""Exit codes of all commands. `docs/reference/exit-codes.md` is generated from this module.

The numbers are part of the public interface: scripts depend on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from plancast.model.codes import RAIL_CODES
from plancast.model.diagnostics import Diagnostic, Severity


class ExitCode(IntEnum):
    """The exit codes. `EXIT_CODES` describes each of them."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    PARTIAL = 3
    REFUSED = 4
    LOCKED = 5
    UNKNOWN = 6
    STALE = 7
    BUG = 70
    INTERRUPTED = 130


EXIT_CODES: dict[ExitCode, str] = {
    ExitCode.DONE: "done, or no changes",
    ExitCode.ERROR: "an error in the files, in the usage or of the world",
    ExitCode.CHANGES: "changes are pending (only `plan --detailed-exitcode`)",
    ExitCode.PARTIAL: "applied in part: something failed, waits for room in a queue, or belongs "
    "together with what `--target` or `--only` left out",
    ExitCode.REFUSED: "refused by a safety rail; the message names the flag",
    ExitCode.LOCKED: "locked by another run",
    ExitCode.UNKNOWN: "outcomes are unknown; nothing was repeated",
    ExitCode.STALE: "the saved plan is stale",
    ExitCode.BUG: "a bug of plancast; the traceback is in a file",
    ExitCode.INTERRUPTED: "interrupted",
}


class Stop(Exception):  # noqa: N818  # not an error of ours: the end of a command, with its reasons
    """The end of a command that cannot go on, with diagnostics to show and an exit code."""

    def __init__(self, diagnostics: Iterable[Diagnostic], code: ExitCode = ExitCode.ERROR) -> None:
        self.diagnostics = tuple(diagnostics)
        self.code = code
        super().__init__("; ".join(item.summary for item in self.diagnostics))


def code_for(diagnostics: Iterable[Diagnostic]) -> ExitCode:
    """Return the exit code for a list of problems.

    REFUSED only if all errors come from rails; any other error makes it ERROR.
    """
    errors = {item.code for item in diagnostics if item.severity is Severity.ERROR}
    if not errors:
        return ExitCode.DONE
    return ExitCode.REFUSED if errors <= RAIL_CODES else ExitCode.ERROR
