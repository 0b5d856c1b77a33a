"""Replacement of files by `fmt`, `pull`, `mv` and `migrate`: check, write, and show the diff."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.files.folder import Folder, folder_below
from plancast.files.refusals import LinkRefused, unwritable
from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.exit_codes import Stop

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.loader import Loaded
    from plancast.content.source import PostText

CONTEXT = 2
"""Lines of context that a diff shows around a changed one."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file and its new text. `name` is seen from the workspace, `before` are the bytes read."""

    name: str
    path: Path
    before: bytes
    text: str

    @property
    def root(self) -> Path:
        """The folder of the workspace, from which `name` is seen."""
        return self.path.parents[len(Path(self.name).parts) - 1]

    @property
    def after(self) -> bytes:
        """The bytes to write."""
        return self.text.encode("utf-8")


def loaded_text(loaded: Loaded, name: str) -> PostText:
    """Return the text of a file as it was loaded. Raises Stop (PC007) if it was changed since."""
    text = loaded.texts.get(name)
    if text is None:
        raise Stop([changed(name)])
    return text


def changed(name: str) -> Diagnostic:
    """Return the problem with a file that was changed since it was loaded."""
    hint = "Run the command again."
    return problem("PC007", f"{name} was changed meanwhile", hint=hint, at=Pointer(name))


def refused(rewrite: Rewrite) -> Diagnostic | None:
    """Return why a file must not be written: read-only, unreachable, or changed meanwhile."""
    at = Pointer(rewrite.name)
    try:
        folder, name = _place(rewrite)
        if not _mode(folder, name) & 0o222:
            return problem("PC007", f"{rewrite.name}: it is read-only", at=at)
        if not _holds(folder, name, rewrite.before):
            return changed(rewrite.name)
    except OSError as error:
        return replace(unwritable(rewrite.name, error), at=at)
    return None


def write(rewrite: Rewrite) -> Diagnostic | None:
    """Replace the text of a file and return the problem if that fails.

    The file that a link leads to is replaced, so the link stays, and so does the file's mode.
    """
    try:
        folder, name = _place(rewrite)
        folder.replace(name, rewrite.after, _mode(folder, name))
    except OSError as error:
        return replace(unwritable(rewrite.name, error), at=Pointer(rewrite.name))
    return None


def _place(rewrite: Rewrite) -> tuple[Folder, str]:
    """Return the folder and name of the file itself, links followed.

    Raises LinkRefused if a link leads out of the workspace.
    """
    # Resolve before the check: a link inside the workspace may be followed, one out of it not.
    real = rewrite.path.resolve()
    folder = folder_below(rewrite.root, real.parent)
    if folder is None:
        raise LinkRefused(rewrite.path, str(real))
    return folder, real.name


def _mode(folder: Folder, name: str) -> int:
    status = folder.look(name)
    if status is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return stat.S_IMODE(status.st_mode)


def _holds(folder: Folder, name: str, content: bytes) -> bool:
    try:
        return folder.read(name, len(content)) == content
    except OSError as error:
        if error.errno == errno.EFBIG:  # longer than the content, so it is another one
            return False
        raise


def difference(rewrite: Rewrite, runtime: Runtime) -> Iterator[str]:
    """Yield the unified diff of a file, line by line, painted and safe for a terminal."""
    from plancast.render.terminal.style import Ink, paint, safe  # noqa: PLC0415
    from plancast.render.text_diff import unified  # noqa: PLC0415

    inks = {"-": Ink.DESTROY, "+": Ink.CREATE, "@": Ink.FAINT}
    before = _lines(rewrite.before.decode("utf-8-sig", "replace"))
    after = _lines(rewrite.text.removeprefix("\ufeff"))
    for line in unified(before, after, CONTEXT):
        shown = safe(line).rstrip() if line[:1] == " " else safe(line)
        ink = inks.get(line[:1])
        yield f"  {paint(shown, ink, color=runtime.console.color) if ink else shown}".rstrip()


def _lines(text: str) -> list[str]:
    """Split a text into lines, and mark a carriage return or a missing line end at the end."""
    lines = text.split("\n")
    last = [] if lines[-1] == "" else [f"{lines[-1]} (no line end)"]
    return [line.replace("\r", "␍") for line in (*lines[:-1], *last)]
