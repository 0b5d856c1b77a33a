"""Detection of plancast's own files that git tracks.

They came with the repository and are not trusted. The state and the journal say what plancast owns
and how its calls ended, and the database of the sandbox is its queue. If such a file is committed,
the author of the commit decides which entries are deleted and which call is sent again.
`.gitignore` does not stop an author from committing one.
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
    """Return the files that git tracks in these folders of `root`, by their paths in the checkout.

    Return () if there is no checkout, or git has tracked nothing in it yet. Raises StateUnreachable
    if git cannot list them.
    """
    folders = [root / name for name in names if (root / name).exists()]
    if checkout is None or not folders:
        return ()
    try:
        git = Git.pin(root, checkout, environ)
        paths = [os.path.relpath(folder, checkout) for folder in folders]
        ended = git.run("ls-files", "-z", "--", *(f":(top,literal){path}" for path in paths))
    except StateUnreachable:
        # git is missing, or refuses the repository. Without an index it can track no file.
        if not _has_index(checkout):
            return ()
        raise
    if ended.returncode:
        raise StateUnreachable(f"git cannot list the files of {checkout}", str(checkout))
    return tuple(filter(None, os.fsdecode(ended.stdout).split("\0")))


def _has_index(checkout: Path) -> bool:
    """Return whether git has tracked anything here.

    In a linked worktree `.git` is a file: assume so.
    """
    link = checkout / ".git"
    return link.is_file() or (link / "index").is_file()
