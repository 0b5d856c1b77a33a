"""The names of files and folders: which are read, which only look like it, which are of tools.

Everything here decides by names, so it needs no file system.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from plancast.model.diagnostics import Diagnostic, Pointer, problem

WORKSPACE_FILE = "plancast.yaml"
DEFAULTS_FILE = "_defaults.yaml"
MOVES_FILE = "_moves.yaml"
ENDINGS = (".yaml", ".yml", ".md")
PROSE = {"readme", "changelog", "license", "contributing", "security", "code_of_conduct"}

_MISSPELLED = {
    **dict.fromkeys((".ymal", ".yalm", ".yam", ".yamll"), ".yaml"),
    **dict.fromkeys((".markdown", ".mdown", ".markdn", ".mdwn", ".mkd", ".mkdn"), ".md"),
}
"""Endings that mean one of those that are read."""

_OF_OTHER_TOOLS = {
    ".tweet": "A post is a .yaml or .md file: the text stands under `text:`, and where it goes "
    "under `profiles:`.",
    **dict.fromkeys(
        (".csv", ".tsv"),
        "A table can be converted: one post for each row, as a .yaml file with `text`, `schedule` "
        "and `profiles`.",
    ),
}
"""Endings of files that other tools read posts from, each with the way to a file of plancast."""

_SPECIAL = {
    **dict.fromkeys(("_defaults", "_default"), DEFAULTS_FILE),
    **dict.fromkeys(("_moves", "_move", "_moved"), MOVES_FILE),
}
"""Names of files with a meaning of their own, as they are misspelled."""

TOOL_FOLDERS = frozenset(
    {"node_modules", "bower_components", "jspm_packages", "site-packages", "dist-packages"}
    | {"__pycache__", "__pypackages__"}
)
_TOOL_FOLDER_ENDINGS = (".egg-info", ".dist-info")
_TOOL_MARKS = frozenset({"pyvenv.cfg", "CACHEDIR.TAG", "conda-meta"})
"""Names that say what the folder is which holds them: an environment, or a cache."""

_VENDOR_MARKS = frozenset({"autoload.php", "modules.txt", "bundle"})
_PROJECT_FILES = frozenset(
    {"package.json", "pyproject.toml", "setup.py", "Cargo.toml", "composer.json", "pom.xml"}
)


def is_tool_folder(name: str, siblings: Collection[str] = ()) -> bool:
    """Return whether a folder belongs to a tool, by its name and the names beside it.

    Folders that begin with a dot are hidden, and so are those of git and of the forges. `dist` is
    the output of a build only beside the file of a project.
    """
    if name.startswith(".") or name in TOOL_FOLDERS or name.endswith(_TOOL_FOLDER_ENDINGS):
        return True
    return name == "dist" and not _PROJECT_FILES.isdisjoint(siblings)


def holds_tool(name: str, inside: Collection[str]) -> bool:
    """Return whether a folder belongs to a tool, by the names of what it holds."""
    if not _TOOL_MARKS.isdisjoint(inside):
        return True
    return name == "vendor" and not _VENDOR_MARKS.isdisjoint(inside)


def is_post_name(name: str) -> bool:
    """Return whether a file with this ending is read: as a post, as defaults or as moves."""
    # As `PurePath.suffix` has it: a name of a dot and letters alone has no ending.
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return bool(stem) and dot + ending in ENDINGS


def look_alike(name: str) -> Diagnostic | None:
    """Return the problem of a file in a content folder that looks like one that is read.

    `name` is its path with slashes. A file that would be a post under the right name is an error:
    its post would never go out, or be removed from the queue after a rename. A file of another tool
    may be there for that tool: a warning.
    """
    if name.endswith(ENDINGS) and not name.rpartition("/")[2].startswith("_"):
        return None  # nearly every file: no path has to be built from it
    path = PurePosixPath(name)
    meant = _SPECIAL.get(path.stem.casefold(), "")
    ending = path.suffix.casefold()
    if meant and path.name != meant and (ending in ENDINGS or ending in _MISSPELLED):
        return problem("PC019", name, hint=f"Rename it to {meant}.", at=Pointer(name))
    if path.suffix in ENDINGS:
        return None
    if ending in _OF_OTHER_TOOLS:
        return problem("PC018", name, hint=_OF_OTHER_TOOLS[ending], at=Pointer(name))
    right = _right_name(path.name)
    if not right or PurePosixPath(right).stem.casefold() in PROSE:
        return None
    hint = f"Rename it to {right}. The endings that are read are {', '.join(ENDINGS)}."
    return problem("PC016", name, hint=hint, at=Pointer(name))


def _right_name(name: str) -> str:
    """Return the name of a post file that was probably meant; "" if it is another kind of file."""
    bare = name.strip().rstrip(".")
    if bare != name:
        return _right_name(bare) or (bare if is_post_name(bare) else "")
    path = PurePosixPath(name)
    ending = path.suffix.casefold()
    # Some systems hide the last ending: `post.yaml.txt` is shown as `post.yaml` there.
    if ending == ".txt" and PurePosixPath(path.stem).suffix.casefold() in ENDINGS:
        return _right_name(path.stem) or path.stem
    if ending in ENDINGS:
        return f"{path.stem}{ending}" if path.suffix != ending else ""
    return f"{path.stem}{_MISSPELLED[ending]}" if ending in _MISSPELLED else ""
