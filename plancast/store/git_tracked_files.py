"""Files of plancast that git tracks: they came with the repository, and nobody may believe them.

The state and the journal say what plancast owns and what became of its calls, and the sandbox's
database is its queue. If such a file is committed, the author of the repository decides what is
destroyed, and which call is sent again. `.gitignore` keeps no one from committing one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from plancast.model.ports import StateUnreachable
from plancast.store.git_process import Git


def tracked_files(
    root: Path, checkout: Path | None, names: Sequence[str], environ: Mapping[str, str]
) -> tuple[str, ...]:
    """Return which files in some folders of `root` git tracks, by their paths in the checkout.

    Nothing if there is no checkout, or one in which git has tracked nothing yet. Raises
    StateUnreachable if git cannot say.
    """
    folders = [root / name for name in names if (root / name).exists()]
    if checkout is None or not folders:
        return ()
    try:
        git = Git.pin(root, checkout, environ)
        paths = [os.path.relpath(folder, checkout) for folder in folders]
        ended = git.run("ls-files", "-z", "--", *(f":(top,literal){path}" for path in paths))
    except StateUnreachable:
        if not _has_index(checkout):
            return ()
        raise
    if ended.returncode:
        raise StateUnreachable(f"git cannot list the files of {checkout}", str(checkout))
    return tuple(filter(None, os.fsdecode(ended.stdout).split("\0")))


def _has_index(checkout: Path) -> bool:
    """Whether git has tracked anything here. A worktree keeps that elsewhere."""
    link = checkout / ".git"
    return link.is_file() or (link / "index").is_file()
