"""Workspaces of the files that are named on a command line, each with its own settings.

`fmt` and `validate` take files from anywhere, since a pre-commit hook runs at the top of a
repository and names every file that changed. A file belongs to the nearest plancast.yaml in its
folder or above; a file that has none is left alone. Problems name files as the user would: seen
from the current folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.model.diagnostics import Diagnostic, problem

if TYPE_CHECKING:
    from plancast.app.context import Runtime

_PATHS = re.compile(r"[^\s,:;`'\"]+")
"""Pattern of a word that may be a file's name in the detail of a problem."""


@dataclass(frozen=True, slots=True)
class WorkspacePart:
    """One workspace, and the files and folders in it that were named; no `paths` means all of it.

    `runtime` starts at the root of the workspace, `stand` is the current folder of the user.
    """

    runtime: Runtime
    stand: Path
    paths: tuple[Path, ...] = ()

    @property
    def title(self) -> str:
        """The folder of the workspace, seen from the current folder."""
        return os.path.relpath(self.runtime.root, self.stand)

    def name(self, file: str) -> str:
        """Return the name of a workspace's file as seen from the current folder."""
        return os.path.relpath(self.runtime.root / file, self.stand)

    def seen(self, found: Iterable[Diagnostic], files: Collection[str]) -> list[Diagnostic]:
        """Return the problems, with each of `files` named as seen from the current folder."""
        if self.title == os.curdir:
            return list(found)
        return [renamed(item, files, self.name) for item in found]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The workspaces of the files that were named, sorted by folder.

    `missing` reports names that do not exist, `foreign` are files that belong to no workspace.
    """

    parts: tuple[WorkspacePart, ...]
    missing: tuple[Diagnostic, ...] = ()
    foreign: tuple[str, ...] = ()

    def note_foreign(self, runtime: Runtime) -> None:
        """With -v, report the files that were left alone since they belong to no workspace."""
        from plancast.render.text import count  # noqa: PLC0415

        if runtime.console.verbose and self.foreign:
            first, others = self.foreign[0], len(self.foreign) - 1
            more = f" and {count(others, 'other file')} belong" if others else " belongs"
            runtime.console.say(f"{first}{more} to no workspace.")


def choose(names: Iterable[str], runtime: Runtime) -> Chosen:
    """Find the workspace of each file or folder that was named.

    Without names it is the workspace of the current folder. A folder means its own workspace and
    all that lie below it. Raises Stop if there is no workspace, or no such current folder.
    """
    given_names = tuple(names)
    if not given_names or not os.path.isdir(runtime.start):  # noqa: PTH112  # False for what is no name
        root = runtime.root
        return Chosen((_part(root, (), runtime),))
    by_root: dict[Path, list[Path]] = {}
    missing: list[Diagnostic] = []
    foreign: list[str] = []
    known: dict[Path, Path | None] = {}
    for name in given_names:
        path = runtime.path(name)
        if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises for one that is too long
            missing.append(problem("PC002", f"{name}: there is no such file or folder"))
            continue
        # One workspace can be named by several links; by its real folder it is checked once.
        path = _resolved(path)
        roots = _roots_of(path, known)
        if not roots:
            foreign.append(name)
        for root in roots:
            by_root.setdefault(root, []).append(path)
    parts = (_part(root, paths, runtime) for root, paths in sorted(by_root.items()))
    return Chosen(tuple(parts), tuple(missing), tuple(foreign))


def _part(root: Path, paths: Iterable[Path], runtime: Runtime) -> WorkspacePart:
    return WorkspacePart(replace(runtime, start=root), runtime.start.resolve(), tuple(paths))


def _roots_of(path: Path, known: dict[Path, Path | None]) -> list[Path]:
    """Return the roots of the workspaces that a path means. `known` caches those of folders."""
    from plancast.content.discovery import find_root, roots_below  # noqa: PLC0415

    folder = path if path.is_dir() else path.parent
    if folder not in known:
        known[folder] = find_root(folder)
    root = known[folder]
    below = roots_below(folder) if path.is_dir() else ()
    return list(dict.fromkeys((*((root,) if root else ()), *below)))


def _resolved(path: Path) -> Path:
    """Resolve the links among a path's folders, but not the path itself: a link is a post too."""
    return path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()


class Below:
    """Set of all files that are among some paths or below them, links of folders followed or not.

    Built for `in`: resolved folders are cached, since many files share one.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = frozenset(paths)
        self._real: dict[Path, Path] = {}

    def __contains__(self, path: Path) -> bool:
        if not self._paths.isdisjoint((path, *path.parents)):
            return True
        if path.parent not in self._real:
            self._real[path.parent] = path.parent.resolve()
        real = self._real[path.parent] / path.name
        return not self._paths.isdisjoint((real, *real.parents))


def renamed(item: Diagnostic, files: Collection[str], name: Callable[[str], str]) -> Diagnostic:
    """Return a problem with each of `files` renamed by `name`: in its places and in its detail."""
    at = replace(item.at, file=name(item.at.file)) if item.at else None
    source = replace(item.source, file=name(item.source.file)) if item.source else None
    own = item.source.file if item.source else (item.at.file if item.at else "")
    if own and item.detail.startswith(own):  # the one name that may hold blanks
        begin, rest = name(own), item.detail[len(own) :]
    else:
        begin, rest = "", item.detail
    # Elsewhere a name ends at a blank or a sign; a word that is no file of ours stays.
    rest = _PATHS.sub(lambda word: name(word[0]) if word[0] in files else word[0], rest)
    return replace(item, at=at, source=source, detail=begin + rest)
