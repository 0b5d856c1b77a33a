"""The workspaces in the commit that is checked out, by their folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plancast.model.ports import StateUnreachable
from plancast.store.git_process import Git

_FILE = "plancast.yaml"
_REGULAR = ("100644", "100755")


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
        head, _, name = line.partition("\t")
        if name != _FILE and not name.endswith(f"/{_FILE}"):
            continue
        mode, _kind, blob = head.split(" ")
        # A link, or a submodule, is no file of settings; its folder counts all the same.
        content = git.run("cat-file", "blob", blob) if mode in _REGULAR else None
        if content is not None and content.returncode:
            raise StateUnreachable(f"git cannot read {name} of HEAD in {git.top}", str(git.top))
        workspaces[name.removesuffix(_FILE).removesuffix("/")] = (
            read_id(content.stdout) if content is not None else ""
        )
    return workspaces
