"""The commit that is checked out, and the one at the tip of a branch of the remote."""

from __future__ import annotations

from plancast.model.ports import StateUnreachable
from plancast.store.git_process import Git
from plancast.store.git_refusals import hint_for, reason

REMOTE_SECONDS = 60.0


def head(git: Git) -> str:
    """Return the commit that is checked out, "" if there is none."""
    return git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")


def tip_of(git: Git, remote: str, branch: str) -> str:
    """Ask the remote for the last commit of a branch, "" if it has no such branch.

    Raises StateUnreachable.
    """
    ref = f"refs/heads/{branch}"
    ended = git.run("ls-remote", "--", remote, ref, seconds=REMOTE_SECONDS)
    if ended.returncode:
        raise StateUnreachable(f"{ref} of {remote}: {reason(ended)}", ref, hint=hint_for(ended))
    for line in ended.stdout.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        if name == ref:
            return commit
    return ""
