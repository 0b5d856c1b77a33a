"""What fmt and pull share: post files as they stand, what becomes of them, and the difference."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.core.diagnostics import Diagnostic, Pointer, problem

if TYPE_CHECKING:
    from plancast.runtime import Runtime

CONTEXT = 2
"""Lines that are shown around a changed one."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file and what shall stand in it. `before` are the bytes that were read."""

    name: str
    path: Path
    before: bytes
    text: str

    @property
    def after(self) -> bytes:
        """The bytes that shall stand there."""
        return self.text.encode("utf-8")


def refused(rewrite: Rewrite) -> Diagnostic | None:
    """Why a file must not be written: nobody may, or somebody did since it was read."""
    at = Pointer(rewrite.name)
    try:
        if not stat.S_IMODE(rewrite.path.stat().st_mode) & 0o222:
            return problem("PC007", f"{rewrite.name}: it is read-only", at=at)
        if rewrite.path.read_bytes() != rewrite.before:
            hint = "Run the command again."
            return problem("PC007", f"{rewrite.name} was changed meanwhile", hint=hint, at=at)
    except OSError as error:
        return problem("PC007", f"{rewrite.name}: {error.strerror}", at=at)
    return None


def write(rewrite: Rewrite) -> Diagnostic | None:
    """Put the new text in the place of the old one; what a link leads to, and its mode, stay."""
    from plancast.store.files import replace_file  # noqa: PLC0415

    target = rewrite.path.resolve()
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        replace_file(target, rewrite.text, mode)
    except OSError as error:
        detail = f"{rewrite.name}: {error.strerror}"
        return problem("PC007", detail, at=Pointer(rewrite.name))
    return None


def difference(rewrite: Rewrite, runtime: Runtime) -> Iterator[str]:
    """What changes in a file, line by line, for a terminal."""
    from plancast.views.paint import Ink, paint, safe  # noqa: PLC0415

    inks = {"-": Ink.DESTROY, "+": Ink.CREATE, "@": Ink.FAINT}
    before = _lines(rewrite.before.decode("utf-8-sig", "replace"))
    after = _lines(rewrite.text.removeprefix("\ufeff"))
    for number, line in enumerate(unified_diff(before, after, lineterm="", n=CONTEXT)):
        if number < 2:
            continue  # the names of the files; ours stands above
        shown = safe(line).rstrip() if line[:1] == " " else safe(line)
        ink = inks.get(line[:1])
        yield f"  {paint(shown, ink, color=runtime.color) if ink else shown}".rstrip()


def _lines(text: str) -> list[str]:
    """Lines that show how they end where that is not as usual."""
    lines = text.split("\n")
    last = [] if lines[-1] == "" else [f"{lines[-1]} (no line end)"]
    return [line.replace("\r", "␍") for line in (*lines[:-1], *last)]
