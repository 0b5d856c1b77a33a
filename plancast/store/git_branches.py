"""The branches that people work on: those that are checked out, and the default branch."""

from __future__ import annotations

import re

from plancast.store.git_process import Git

USUAL = ("main", "master", "trunk")
"""Names of default branches, the commonest first."""

_HEADS = "refs/heads/"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


def checked_out(git: Git) -> dict[str, str]:
    """Return the branches that are checked out, with their folders, in all worktrees."""
    branches = {}
    folder = ""
    for line in git.text("worktree", "list", "--porcelain").split("\n"):
        word, _, value = line.partition(" ")
        if word == "worktree":
            folder = value
        elif word == "branch":
            branches[value] = folder
    return branches


def default_branch(git: Git, remote: str) -> str:
    """Return the full name of a remote's default branch, as the last clone or fetch noted it.

    Return "" if none was noted. The remote is not asked.
    """
    noted = f"refs/remotes/{remote}/"
    target = git.text("symbolic-ref", "--quiet", f"{noted}HEAD")
    return _HEADS + target.removeprefix(noted) if target.startswith(noted) else ""


def branch_to_apply(git: Git) -> str:
    """Guess the branch whose merges are applied, for the files that `init --ci` writes.

    Take the default branch of `origin` if it is known. Else take a usual name: the branch that is
    checked out if `origin` has it too or has none of them, else the first one that `origin` has.
    """
    default = default_branch(git, "origin").removeprefix(_HEADS)
    # It is written into a workflow, so a name that YAML would read in another way is not taken.
    if _PLAIN.fullmatch(default) and _is_at_origin(git, default):
        return default
    current = git.text("symbolic-ref", "--quiet", "HEAD").removeprefix(_HEADS)
    candidates = [name for name in USUAL if _is_at_origin(git, name)] or USUAL
    return current if current in candidates else candidates[0]


def _is_at_origin(git: Git, name: str) -> bool:
    """Return whether the last fetch saw a branch of this name at `origin`."""
    return bool(git.text("rev-parse", "--verify", "--quiet", f"refs/remotes/origin/{name}"))
