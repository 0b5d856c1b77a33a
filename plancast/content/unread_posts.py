"""Posts in folders of tools, which are not read: found by the ids that they may have.

A mark such as `pyvenv.cfg` may get into a folder of posts, by mistake or on purpose. To the plan
its posts then look removed, although the repository still holds them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from plancast.content.discovery import is_inside
from plancast.content.file_names import is_post_name

MOST_FILES = 50_000
"""Files of a folder whose names are looked at: more than an environment has."""

_MOST_BYTES = 1024 * 1024
_STATED = re.compile(rb"""\bid["']?[ \t]*:[ \t]*["']?([^\s"',}#]+)""")
_PLACE = re.compile(r"-[0-9]+\Z")


def find_unread(root: Path, folders: Iterable[str], ids: Collection[str]) -> dict[str, str]:
    """Return the folder of each of the ids that a post in one of the folders may have.

    A post states its id, or it has that of its path below a content folder, with a number for a
    later document of the file. Any folder above is taken for a content folder, so this finds too
    many rather than too few.
    """
    found: dict[str, str] = {}
    for folder in folders if ids else ():
        possible: set[str] = set()
        if not is_inside(root.resolve(), root / folder):
            continue
        for path in _post_files(root / folder):
            possible.update(_by_path(path.relative_to(root).as_posix()), _stated(path))
        for one in ids:
            if one in possible or _PLACE.sub("", one) in possible:
                found.setdefault(one, folder)
    return found


def _post_files(folder: Path) -> Iterator[Path]:
    count = 0
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            if is_post_name(name):
                yield Path(here) / name


def _by_path(name: str) -> Iterator[str]:
    """Yield the path without its ending, below each of the folders above."""
    parts = PurePosixPath(name).with_suffix("").parts
    return ("/".join(parts[start:]) for start in range(len(parts)))


def _stated(path: Path) -> Iterator[str]:
    """Yield what may be an id in a file; nothing for a link, a pipe, or a file that is no post."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES)
    except OSError:
        return
    for match in _STATED.finditer(raw):
        yield match[1].decode("utf-8", "replace")
