"""The commit that is checked out, its workspaces, and the tip of a branch of the remote."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plancast.model.ports import StateUnreachable
from plancast.store.git_process import Git
from plancast.store.git_refusals import hint_for, reason

_FILE = "plancast.yaml"
_REGULAR = ("100644", "100755")

REMOTE_SECONDS = 60.0


def workspaces_of(git: Git, read_id: Callable[[bytes], str]) -> Mapping[str, str]:
    """Return the id of each workspace in HEAD by its folder, "" if its file has none.

    A folder is relative to the top of the checkout, "" for the top. `read_id` finds the id in the
    bytes of a plancast.yaml. Before the first commit there is no workspace. Raises StateUnreachable
    if git cannot read the commit.
    """
    if not git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
        return {}
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD")
    if listed.returncode:
        raise StateUnreachable(f"git cannot list the files of HEAD in {git.top}", str(git.top))
    workspaces: dict[str, str] = {}
    for line in listed.stdout.decode("utf-8", "replace").split("\0"):
        attributes, _, name = line.partition("\t")
        if name != _FILE and not name.endswith(f"/{_FILE}"):
            continue
        mode, _kind, blob = attributes.split(" ")
        # A link, or a submodule, is no file of settings; its folder counts all the same.
        content = git.run("cat-file", "blob", blob) if mode in _REGULAR else None
        if content is not None and content.returncode:
            raise StateUnreachable(f"git cannot read {name} of HEAD in {git.top}", str(git.top))
        workspaces[name.removesuffix(_FILE).removesuffix("/")] = (
            read_id(content.stdout) if content is not None else ""
        )
    return workspaces


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
