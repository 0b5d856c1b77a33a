"""The workspaces that the files named on a command line belong to, each with its own settings.

`fmt` and `validate` take files from anywhere, since a hook runs at the top of a repository and
names whatever changed. A file belongs to the nearest plancast.yaml in its folder or above; one that
has none is left alone. Problems name files as the user would: seen from where the user stands.
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
"""What may be the name of a file in the detail of a problem."""


@dataclass(frozen=True, slots=True)
class WorkspacePart:
    """One workspace, and the files and folders in it that were named; none of them means all.

    `runtime` stands at the root of the workspace, `stand` is the folder where the user stands.
    """

    runtime: Runtime
    stand: Path
    paths: tuple[Path, ...] = ()

    @property
    def title(self) -> str:
        """The folder of the workspace, seen from where the user stands."""
        return os.path.relpath(self.runtime.root, self.stand)

    def name(self, file: str) -> str:
        """Return a file of the workspace as it is named from where the user stands."""
        return os.path.relpath(self.runtime.root / file, self.stand)

    def seen(self, found: Iterable[Diagnostic], files: Collection[str]) -> list[Diagnostic]:
        """Return problems that name `files` of the workspace from where the user stands."""
        if self.title == os.curdir:
            return list(found)
        return [renamed(item, files, self.name) for item in found]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The workspaces of the files that were named, by their folders.

    `missing` reports names that lead nowhere, `foreign` are the files of no workspace.
    """

    parts: tuple[WorkspacePart, ...]
    missing: tuple[Diagnostic, ...] = ()
    foreign: tuple[str, ...] = ()

    def note_foreign(self, runtime: Runtime) -> None:
        """Say which files were left alone, with -v."""
        from plancast.render.text import count  # noqa: PLC0415

        if runtime.console.verbose and self.foreign:
            first, others = self.foreign[0], len(self.foreign) - 1
            more = f" and {count(others, 'other file')} belong" if others else " belongs"
            runtime.console.say(f"{first}{more} to no workspace.")


def choose(names: Iterable[str], runtime: Runtime) -> Chosen:
    """Find the workspace of each file or folder that was named.

    Without names it is the workspace that the user stands in. A folder stands for its own workspace
    and for all that lie below it. Raises Stop if there is no workspace, or no such current folder.
    """
    wanted = tuple(names)
    if not wanted or not os.path.isdir(runtime.start):  # noqa: PTH112  # False for what is no name
        root = runtime.root
        return Chosen((_part(root, (), runtime),))
    by_root: dict[Path, list[Path]] = {}
    missing: list[Diagnostic] = []
    foreign: list[str] = []
    known: dict[Path, Path | None] = {}
    for name in wanted:
        path = runtime.path(name)
        if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises for one that is too long
            missing.append(problem("PC002", f"{name}: there is no such file or folder"))
            continue
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
    """Return the workspaces that a path stands for. `known` remembers those of folders."""
    from plancast.content.discovery import find_root, roots_below  # noqa: PLC0415

    folder = path if path.is_dir() else path.parent
    if folder not in known:
        known[folder] = find_root(folder)
    root = known[folder]
    below = roots_below(folder) if path.is_dir() else ()
    return list(dict.fromkeys((*((root,) if root else ()), *below)))


def _resolved(path: Path) -> Path:
    """Return a path with links of its folders followed, but not its own: a link is a post too."""
    return path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()


class Below:
    """Tells which files are among some paths or below them, links of folders followed or not."""

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
    """Return a problem that calls each of `files` by another name, in its place and its words."""
    at = replace(item.at, file=name(item.at.file)) if item.at else None
    source = replace(item.source, file=name(item.source.file)) if item.source else None
    own = item.source.file if item.source else (item.at.file if item.at else "")
    if own and item.detail.startswith(own):  # the one name that may hold blanks
        begin, rest = name(own), item.detail[len(own) :]
    else:
        begin, rest = "", item.detail
    rest = _PATHS.sub(lambda word: name(word[0]) if word[0] in files else word[0], rest)
    return replace(item, at=at, source=source, detail=begin + rest)
