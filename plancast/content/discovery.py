"""Discovery of the files of a workspace: in a fixed order, and never outside its root.

`discover` expands `content:` of plancast.yaml into posts, defaults and moves. Links that lead out
of the workspace, unknown folders and odd globs become problems; no step raises for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path

from plancast.content.file_names import (
    DEFAULTS_FILE,
    MOVES_FILE,
    WORKSPACE_FILE,
    holds_tool,
    is_post_name,
    is_tool_folder,
    look_alike,
)
from plancast.files.named_file import NamedFile
from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.quoting import closest

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the workspace. `name` is its path below the root, `id` its default post id.

    `location` is the whole path as a text, since building a `Path` for each file took a third of
    the time of a search.
    """

    name: str
    location: str
    base: str = ""

    @property
    def path(self) -> Path:
        """The location as a path."""
        return Path(self.location)

    @property
    def id(self) -> str:
        """The path below the content folder, without its ending."""
        below = self.name[len(self.base) :].lstrip("/") if self.base else self.name
        return below.rpartition(".")[0]

    @property
    def is_markdown(self) -> bool:
        """True for Markdown: a post whose YAML is its front matter."""
        return self.name.endswith(".md")


@dataclass(frozen=True, slots=True)
class Discovered:
    """The files of posts, of defaults and of moves, each sorted by name, and the problems found.

    `missing` are the content folders that do not exist. `skipped` are the folders of tools
    below the content folders, without hidden ones.
    """

    posts: tuple[Source, ...]
    defaults: tuple[Source, ...]
    diagnostics: tuple[Diagnostic, ...]
    moves: tuple[Source, ...] = ()
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def find_checkout(start: Path) -> Path | None:
    """Return the top of the checkout that contains a folder; None if no checkout does."""
    folder = start.resolve()
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def inside(folder: Path, checkout: Path) -> str:
    """Return the path of a folder in its checkout, with slashes; "" for the top."""
    real = folder.resolve()
    return "" if real == checkout else real.relative_to(checkout).as_posix()


def named_file(path: Path, *around: Path) -> NamedFile:
    """Return a file that the user named.

    No link is followed in the checkouts and workspaces that the folders `around` lie in.
    """
    tops = (find(folder) for folder in around for find in (find_checkout, find_root))
    return NamedFile(path, tuple(dict.fromkeys(folder for folder in tops if folder)))


def find_root(start: Path) -> Path | None:
    """Return the nearest folder that holds a plancast.yaml: `start` or one above it."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / WORKSPACE_FILE).is_file():
            return folder
    return None


def misnamed_root(start: Path) -> str:
    """Return the nearest file that was probably meant as plancast.yaml; "" if there is none."""
    here = start.resolve()
    for folder in (here, *here.parents):
        for entry in _entries(folder):
            if entry.name.casefold() in _WORKSPACE_LIKE and _is_file(entry):
                return entry.name
    return ""


_WORKSPACE_LIKE = {WORKSPACE_FILE, f"{Path(WORKSPACE_FILE).stem}.yml"}


def roots_below(folder: Path) -> Iterator[Path]:
    """Return the workspaces in a folder and below it. Folders that `_walk` skips hold none."""
    for name in _walk(folder.resolve()):
        path = Path(name)
        if path.name == WORKSPACE_FILE and path.is_file():
            yield path.parent


DEEP = 2
"""How often `**` may stand in a glob: each one multiplies the paths that have to be tried."""


def discover(root: Path, content: Sequence[str]) -> Discovered:
    """Find all files of posts, defaults and moves that the items of `content:` mean.

    The defaults of every folder above a post belong to it, also if no item of `content` covers
    them.
    """
    real = root.resolve()
    problems: list[Diagnostic] = []
    posts: dict[str, Source] = {}
    defaults: dict[str, Source] = {}
    moves = dict(_top_moves(real, problems))
    inside: dict[str, bool] = {}
    search = _Search(real, tuple(content), problems)
    start = len(str(real).rstrip(os.sep)) + 1
    for index, item in enumerate(content):
        place = Pointer(WORKSPACE_FILE, 0, ("content", index))
        for path, base in _below(search, item, place):
            name = path[start:].replace(os.sep, "/")
            seems = look_alike(name)
            if name == WORKSPACE_FILE or not (seems or is_post_name(name)):
                continue
            # Following links is slow, so it is done once per folder, and for files that are links.
            folder, _, own_name = path.rpartition(os.sep)
            if folder not in inside:
                inside[folder] = is_inside(real, Path(folder))
            is_link = os.path.islink(path)  # noqa: PTH114  # a Path for each file takes long
            if not inside[folder] or (is_link and not is_inside(real, Path(path))):
                problems.append(problem("PC004", name, at=Pointer(name)))
            elif seems is not None:
                problems.append(seems)
            elif own_name == DEFAULTS_FILE:
                defaults[name] = Source(name, path, base)
            elif own_name == MOVES_FILE:
                moves[name] = Source(name, path)
            else:
                posts.setdefault(name, Source(name, path, base))
    # `content: [posts/launch]` still uses the _defaults.yaml of `posts` and of the root.
    for folder in _with_parents({name.rpartition("/")[0] for name in posts}):
        name = f"{folder}/{DEFAULTS_FILE}".removeprefix("/")
        above = real / name
        if name not in defaults and above.is_file() and is_inside(real, above):
            defaults[name] = Source(name, str(above))
    return Discovered(
        tuple(posts[name] for name in sorted(posts)),
        tuple(defaults[name] for name in sorted(defaults)),
        tuple(problems),
        tuple(moves[name] for name in sorted(moves)),
        tuple(dict.fromkeys(search.missing)),
        tuple(sorted({path.relative_to(real).as_posix() for path in search.skipped})),
    )


def _with_parents(folders: set[str]) -> set[str]:
    """Return folders with all folders above them, down to "" for the root."""
    found: set[str] = set()
    for folder in folders:
        above = folder
        while above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


@dataclass
class _Search:
    """One search: the items of `content:`, and the problems and folders of interest so far."""

    root: Path
    content: tuple[str, ...]
    problems: list[Diagnostic]
    missing: list[str] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)

    def is_missing(self, base: str, place: Pointer) -> bool:
        """Return whether the folder of an item of `content` does not exist, and report it if so.

        PC002 (an error) if a similar folder with posts exists: a typing error. Else PC015: git
        keeps no empty folders, so the folder goes when its last post is removed.
        """
        try:
            (self.root / base).lstat()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:  # a name that no system takes, so it was never there
            return False
        else:
            return False
        detail = f"{base}: there is no such folder"
        if meant := closest(base, self._unnamed(Path(base).parent)):
            hint = f"Did you mean `{meant}`?"
            self.problems.append(problem("PC002", detail, hint=hint, at=place))
        else:
            self.problems.append(problem("PC015", detail, at=place))
        self.missing.append(base)
        return True

    def _unnamed(self, above: Path) -> Iterator[str]:
        """Yield the folders below `above` that hold posts and that no item of `content` names."""
        named = {Path(item).as_posix() for item in self.content}
        for entry in _entries(self.root / above):
            name = (above / entry.name).as_posix()
            if name in named or is_tool_folder(entry.name) or not _is_folder(entry):
                continue
            if any(is_post_name(path) for path in _walk(Path(entry.path))):
                yield name


def _top_moves(root: Path, problems: list[Diagnostic]) -> Iterator[tuple[str, Source]]:
    """Yield the _moves.yaml beside plancast.yaml: it is read whatever `content:` says."""
    path = root / MOVES_FILE
    if not is_inside(root, path):
        problems.append(problem("PC004", MOVES_FILE, at=Pointer(MOVES_FILE)))
    elif path.is_file():
        yield MOVES_FILE, Source(MOVES_FILE, str(path))


def _below(search: _Search, item: str, place: Pointer) -> Iterator[tuple[str, str]]:
    """Yield the paths of the files that one item of `content` means.

    Beside each stands the folder below which its id starts.

    An item is a folder, a file or a glob. Items that no path can be, or that lead out of the
    workspace, are reported and yield nothing.
    """
    root, problems = search.root, search.problems
    if item.startswith(("/", "~")) or ".." in Path(item).parts:
        problems.append(problem("PC004", item, at=place))
        return
    if "\0" in item:
        problems.append(problem("PC203", f"{item!r}: no path holds a null character", at=place))
        return
    if not _GLOB.isdisjoint(item):
        fixed = Path(item).parts
        if flaw := _glob_flaw(item):
            problems.append(problem("PC203", f"{item}: {flaw}", at=place))
            return
        stop = next(i for i, part in enumerate(fixed) if not _GLOB.isdisjoint(part))
        base = Path(*fixed[:stop]).as_posix() if stop else ""
        if base and search.is_missing(base, place):
            return
        for path in _globbed(search, fixed):
            yield path, "" if base == "." else base
        return
    folder = root / item
    if not is_inside(root, folder):
        problems.append(problem("PC004", item, at=place))
        return
    base = "" if item in (".", "./") else Path(item).as_posix()
    # The functions of os.path return False for impossible names; the methods of Path raise.
    if os.path.isfile(folder):  # noqa: PTH113
        parent = Path(base).parent.as_posix()
        yield str(folder), "" if parent == "." else parent
    elif base and _is_workspace(folder):
        detail = f"{item}: it has a plancast.yaml, so its files belong to that workspace"
        problems.append(problem("PC203", detail, at=place))
    elif os.path.isdir(folder):  # noqa: PTH112
        for path in _walk(folder, enters_workspaces=False, skipped=search.skipped):
            yield path, base
    elif not search.is_missing(base, place):  # a link that leads nowhere, a name that is too long
        problems.append(problem("PC002", f"{item}: there is no such folder", at=place))


def _glob_flaw(item: str) -> str:
    """Return why a glob is refused; "" if it is accepted."""
    if item.count("**") > DEEP:
        return "`**` stands more than twice"
    is_odd = any("**" in part and part != "**" for part in Path(item).parts)
    return "`**` is a part of its own" if is_odd else ""


def _globbed(search: _Search, parts: Sequence[str]) -> Iterator[str]:
    """Yield the paths of the files below the root that match, part by part; `**` is any folders.

    Folders of tools are entered only if the glob names them: `venv/*.yaml`, not `**/*.yaml`.

    The walk carries no recursion: `waiting` holds the folders that can still lead to a match. A
    folder behind a link is entered once, and never if the link leads back up: that would make
    endless paths, each of them a match of its own.
    """
    steps = [None if part == "**" else re.compile(translate(part)) for part in parts]
    root, linked = search.root, set[Path]()
    waiting: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while waiting:
        here, above = waiting.pop()
        entries = _entries(here)
        names = {entry.name for entry in entries}
        if above and not _names(parts, here.name) and holds_tool(here.name, names):
            search.skipped.append(here)
            continue
        for entry in entries:
            reached = _reached(steps, (*above, entry.name))
            if not _is_folder(entry):
                if len(steps) in reached and _is_file(entry):
                    yield entry.path
            elif reached and entry.name != ".git":
                folder = Path(entry.path)
                if is_tool_folder(entry.name, names) and not _names(parts, entry.name):
                    if not entry.name.startswith("."):
                        search.skipped.append(folder)
                    continue
                if _is_workspace(folder):
                    continue
                if not entry.is_symlink() or _may_be_entered(root, folder, linked, search.problems):
                    waiting.append((folder, (*above, entry.name)))


def _names(parts: Sequence[str], name: str) -> bool:
    """Return whether a glob names a folder; of hidden ones it is enough to name the dot."""
    hidden = name.startswith(".")
    return any(part == name or (hidden and part.startswith(".")) for part in parts)


def _may_be_entered(
    root: Path, folder: Path, linked: set[Path], problems: list[Diagnostic]
) -> bool:
    """Return whether a link to a folder stays in the workspace and leads to a new folder.

    A link that leads out is reported; one that leads to a folder seen before, or to one that it
    lies in, is skipped silently.
    """
    name = folder.relative_to(root).as_posix()
    if not is_inside(root, folder):
        problems.append(problem("PC004", name, at=Pointer(name)))
        return False
    real = folder.resolve()
    # Above the root, above the link, or where another link led.
    if real in linked or folder.parent.resolve().is_relative_to(real):
        return False
    linked.add(real)
    return True


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads around in a circle
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _reached(steps: Sequence[re.Pattern[str] | None], names: Sequence[str]) -> set[int]:
    """Return the numbers of steps that may be done after `names`; empty if the path cannot match.

    This is the simulation of a nondeterministic automaton: `**` keeps its place and may also be
    left at any name, so several numbers of done steps can be possible at once.
    """
    places = _with_any(steps, {0})
    for name in names:
        after = set()
        for place in places:
            if place < len(steps):
                step = steps[place]
                if step is None:  # `**` takes this name and stays
                    after.add(place)
                elif step.match(name):
                    after.add(place + 1)
        places = _with_any(steps, after)
    return places


def _with_any(steps: Sequence[re.Pattern[str] | None], places: set[int]) -> set[int]:
    """Add the places behind each `**`, which may stand for no folder at all."""
    reachable = set(places)
    for place in sorted(places):
        while place < len(steps) and steps[place] is None:
            place += 1  # noqa: PLW2901
            reachable.add(place)
    return reachable


def _walk(
    folder: Path, *, enters_workspaces: bool = True, skipped: list[Path] | None = None
) -> Iterator[str]:
    """Yield the paths of all files below a folder, in order.

    Hidden folders and those of other tools are skipped; `skipped` takes the latter. The folder
    itself is read whatever it is, since it was named. `enters_workspaces`: enter also folders with
    a plancast.yaml, whose files belong to that workspace.
    """
    skipped = [] if skipped is None else skipped
    for here, folders, names in os.walk(folder):
        if here != str(folder) and holds_tool(here.rpartition(os.sep)[2], {*names, *folders}):
            skipped.append(Path(here))
            folders.clear()
            continue
        tools = {name for name in folders if is_tool_folder(name, names)}
        skipped.extend(Path(here) / name for name in tools if not name.startswith("."))
        folders[:] = sorted(
            name
            for name in folders
            if name not in tools and (enters_workspaces or not _is_workspace(Path(here) / name))
        )
        inside = f"{here.rstrip(os.sep)}{os.sep}"
        for name in sorted(names):
            if not name.startswith("."):
                yield inside + name


def _is_workspace(folder: Path) -> bool:
    return os.path.isfile(folder / WORKSPACE_FILE)  # noqa: PTH113  # False for what is no name


def is_inside(root: Path, path: Path) -> bool:
    """Return whether a path stays in the workspace when links are followed."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        # A loop of links leads nowhere, so not outside either; reading it fails later.
        return True
