"""A repository in memory: commits, branches, and what the merges of a forge make of them.

A tree is what stands in a commit by its path: documents of posts, and the settings of a workspace
at `FOLDER/plancast.yaml`. Trees are merged path by path; what both sides changed is a conflict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

SETTINGS = "plancast.yaml"


@dataclass(frozen=True)
class Document:
    """One post as its author has it. `mark` is what it is, whatever it is called and says.

    `version` counts its texts. Without `due_at` it is for the queue.
    """

    mark: int
    words: tuple[str, ...]
    due_at: datetime | None
    profiles: tuple[str, ...]
    version: int = 1

    @property
    def token(self) -> str:
        """A word that stands in this version of this post alone."""
        return f"n{self.mark}v{self.version}x"

    @property
    def text(self) -> str:
        return f"{self.token} {' '.join(self.words)}."


@dataclass(frozen=True)
class Settings:
    """plancast.yaml. `owner` is which workspace it really is, which no file says."""

    owner: int
    id: str
    provider: str = "buffer"


Content = Document | Settings
Tree = Mapping[str, Content]


@dataclass(frozen=True)
class Commit:
    """`number` counts commits in the order in which they were made."""

    id: str
    number: int
    parents: tuple[str, ...]
    tree: Tree = field(repr=False)


class ConflictError(Exception):
    """Both sides changed a path."""


class Commits:
    """The commits of a repository and its forks, and the branches of the repository."""

    def __init__(self) -> None:
        self.by_id: dict[str, Commit] = {}
        self.branches: dict[str, str] = {}
        self._histories: dict[str, frozenset[str]] = {}

    def add(self, tree: Tree, *parents: str) -> Commit:
        number = len(self.by_id)
        name = hashlib.sha1(f"commit {number}".encode(), usedforsecurity=False).hexdigest()
        made = Commit(name, number, parents, dict(tree))
        self.by_id[name] = made
        self._histories[name] = frozenset({name}).union(*(self.history(one) for one in parents))
        return made

    def history(self, commit: str) -> frozenset[str]:
        """The ids of a commit and of all before it."""
        return self._histories[commit]

    def tree(self, commit: str) -> Tree:
        return self.by_id[commit].tree

    def contains(self, newer: str, older: str) -> bool | None:
        """As both forges answer: None for what they do not know."""
        if newer not in self.by_id or older not in self.by_id:
            return None
        return older in self.history(newer)

    def base(self, one: str, two: str) -> str:
        """Return the commit that both have come from."""
        shared = self.history(one) & self.history(two)
        return max(shared, key=lambda name: self.by_id[name].number)

    def merged(self, target: str, head: str) -> Tree:
        """The tree of a merge. Raises ConflictError."""
        base = self.tree(self.base(target, head))
        return three_way(base, self.tree(target), self.tree(head))

    # -- what a forge makes of a request ------------------------------------------------------

    def merge(self, target: str, head: str) -> Commit:
        return self.add(self.merged(target, head), target, head)

    def squash(self, target: str, head: str) -> Commit:
        return self.add(self.merged(target, head), target)

    def rebase(self, target: str, head: str) -> list[Commit]:
        """One commit after the other, made anew on the target. Raises ConflictError."""
        begun = self.history(target)
        own = sorted(self.history(head) - begun, key=lambda name: self.by_id[name].number)
        made: list[Commit] = []
        for name in own:
            before = self.by_id[name].parents[0]
            tip = made[-1].id if made else target
            tree = three_way(self.tree(before), self.tree(tip), self.tree(name))
            made.append(self.add(tree, tip))
        return made


def three_way(base: Tree, ours: Tree, theirs: Tree) -> Tree:
    """Merge two trees. Raises ConflictError, also for a document whose workspace has gone."""
    made: dict[str, Content] = {}
    for path in sorted({*base, *ours, *theirs}):
        before, one, two = base.get(path), ours.get(path), theirs.get(path)
        if one != two and before not in (one, two):
            raise ConflictError(path)
        kept = two if one == before else one
        if kept is not None:
            made[path] = kept
    marks = [one.mark for one in made.values() if isinstance(one, Document)]
    if len(marks) > len(set(marks)):
        raise ConflictError("a post that stands in two files")
    folders = set(workspaces(made))
    if any(path.partition("/")[0] not in folders for path in made):
        raise ConflictError("a document without a workspace")
    return made


def workspaces(tree: Tree) -> dict[str, Settings]:
    """The workspaces of a tree by their folders."""
    return {
        path.partition("/")[0]: found for path, found in tree.items() if isinstance(found, Settings)
    }


def ids_of(tree: Tree) -> dict[str, str]:
    """The ids of the workspaces of a tree by their folders."""
    return {path: settings.id for path, settings in workspaces(tree).items()}


def folder_of(tree: Tree, owner: int) -> str:
    """Return the folder of a workspace; "" if it is nowhere. A copy has another owner."""
    return next((path for path, one in workspaces(tree).items() if one.owner == owner), "")


def documents(tree: Tree, folder: str) -> dict[str, Document]:
    """The documents of a workspace by their paths below its folder."""
    return {
        path.partition("/")[2]: found
        for path, found in sorted(tree.items())
        if isinstance(found, Document) and path.partition("/")[0] == folder
    }


def same_posts(one: Tree, two: Tree, folder: str) -> bool:
    """Whether a workspace reads alike in two trees."""
    ours: Sequence[Tree] = [
        {path: found for path, found in tree.items() if path.partition("/")[0] == folder}
        for tree in (one, two)
    ]
    return ours[0] == ours[1]
