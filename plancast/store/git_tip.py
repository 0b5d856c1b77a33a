"""Two commits: the one that is checked out, and the one at the tip of a branch of the remote."""

from __future__ import annotations

from plancast.model.ports import StateUnreachable
from plancast.store.git_process import Git
from plancast.store.git_refusals import hint_for, reason

REMOTE_SECONDS = 60.0
"""Time limit of the question to the remote."""


def head(git: Git) -> str:
    """Return the commit that is checked out, "" if there is none yet."""
    return git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")


def tip_of(git: Git, remote: str, branch: str) -> str:
    """Ask the remote for the last commit of a branch; return "" if it has no such branch.

    One exchange with the remote. Raises StateUnreachable if it does not answer.
    """
    ref = f"refs/heads/{branch}"
    ended = git.run("ls-remote", "--", remote, ref, seconds=REMOTE_SECONDS)
    if ended.returncode:
        raise StateUnreachable(f"{ref} of {remote}: {reason(ended)}", ref, hint=hint_for(ended))
    for line in ended.stdout.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        # `ls-remote` takes the name as a pattern: it also lists refs that only end with it.
        if name == ref:
            return commit
    return ""
