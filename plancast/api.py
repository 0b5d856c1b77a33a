"""The functions of the library: load the files of a workspace, and plan them.

They do what `plancast validate` and `plancast plan` do, and return values in place of text. Nothing
here writes: not to the queue, not to the state, not to the files. See docs/library.md.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.app.console import Console
from plancast.app.context import Runtime
from plancast.commands._shared.checked_posts import ask_offline
from plancast.commands._shared.plan_session import Scope, plan_now
from plancast.model.diagnostics import Diagnostic, has_errors
from plancast.model.exit_codes import Stop

if TYPE_CHECKING:
    from plancast.model.plan import Plan
    from plancast.model.workspace import Desired, Post, Workspace

__all__ = ["LoadedWorkspace", "WorkspaceError", "load_workspace", "plan_workspace"]


class WorkspaceError(Exception):
    """A workspace cannot be loaded or planned. `diagnostics` say why, with file and line."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(map(_in_words, self.diagnostics)))


def _in_words(diagnostic: Diagnostic) -> str:
    parts = (diagnostic.code, diagnostic.summary, diagnostic.detail)
    return ": ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class LoadedWorkspace:
    """The files of a workspace as values.

    `posts` are the post files, `entries` what they ask for: one for each profile of a post, with
    the defaults, variants and times of the profile. `diagnostics` holds every problem that
    `plancast validate` reports; if one of them is an error, `entries` may be incomplete.
    """

    workspace: Workspace
    posts: tuple[Post, ...]
    entries: tuple[Desired, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_valid(self) -> bool:
        """Whether no problem is an error, so that the workspace can be planned."""
        return not has_errors(self.diagnostics)


def load_workspace(folder: str | os.PathLike[str] = ".") -> LoadedWorkspace:
    """Load the workspace that a folder belongs to. Needs no network, no token and no state.

    Raises WorkspaceError if there is no workspace or its plancast.yaml cannot be read. Problems of
    posts are not raised: they are in `diagnostics`, all at once.
    """
    runtime = _runtime(folder, {})
    try:
        with runtime.opened:
            _ = runtime.settings  # plancast.yaml itself must be readable
            loaded = runtime.loaded
            asked = ask_offline(loaded)
    except Stop as stop:
        raise WorkspaceError(stop.diagnostics) from stop
    return LoadedWorkspace(loaded.workspace, tuple(loaded.posts), asked.desired, asked.diagnostics)


def plan_workspace(
    folder: str | os.PathLike[str] = ".",
    *,
    environ: Mapping[str, str] | None = None,
    targets: Sequence[str] = (),
    offline: bool = False,
) -> Plan:
    """Return what `plancast apply` would do now to the queue of the workspace in a folder.

    `environ` holds the token of the provider, and is `os.environ` unless it is given. `targets` are
    globs of addresses, as those of `--target`; with none of them all is planned. `offline` decides
    by what the state remembers, without a request.

    A plan that a rail would refuse is returned all the same: its `diagnostics` name the rail.

    Raises WorkspaceError if the files have errors, ProviderError if the provider cannot be reached
    or refuses the token, and StateError if the state cannot be read.
    """
    runtime = _runtime(folder, os.environ if environ is None else environ)
    try:
        with runtime.opened:
            return plan_now(Scope(targets=tuple(targets)), runtime, offline=offline).plan
    except Stop as stop:
        raise WorkspaceError(stop.diagnostics) from stop


def _runtime(folder: str | os.PathLike[str], environ: Mapping[str, str]) -> Runtime:
    """Return a runtime without a terminal: its output is dropped, and it asks no questions."""
    console = Console(io.StringIO(), io.StringIO(), io.StringIO(), quiet=True)
    return Runtime(Path(folder), dict(environ), console)
