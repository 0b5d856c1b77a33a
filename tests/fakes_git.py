"""The refs of a remote in memory, which keep the promises of `store.gitref`, and clones of it.

`MemoryRef` stands for the real `GitRef` below the real store, states, journal and move, so that
what they decide is tried without a process of git. A clone can die: then nothing of it reaches the
remote any more, as if its machine was gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count

from plancast.codec.state_history import Step
from plancast.model.ports import StateMoved, StateUnreachable
from plancast.store.git_ref import GitRef, TreeEntry
from plancast.store.git_states import GitStates
from plancast.store.workspace_owner import Owner


@dataclass
class MemoryRemote:
    """Refs by name, the files of each commit, and the content of each file by its id."""

    refs: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, TreeEntry]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)

    def add(self, files: Mapping[str, bytes]) -> str:
        """Keep a commit of these files."""
        entries = {}
        for name, content in files.items():
            blob = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            self.blobs[blob] = content
            entries[name] = TreeEntry(blob, is_file=True)
        commit = hashlib.sha1(f"state {next(self.numbers)}".encode(), usedforsecurity=False)
        self.commits[commit.hexdigest()] = entries
        return commit.hexdigest()

    def file(self, ref: str, name: str) -> bytes:
        """Return the content of a file of a ref; b"" if there is none."""
        entry = self.commits.get(self.refs.get(ref, ""), {}).get(name)
        return self.blobs[entry.id] if entry else b""


@dataclass
class MemoryClone:
    """A clone of the remote. `pushing` is called before and after each push, and may raise."""

    remote: MemoryRemote
    accepted: dict[str, str] = field(default_factory=dict)
    is_dead: bool = False
    pushing: Callable[[], None] = lambda: None

    def must_live(self) -> None:
        """Raise StateUnreachable if the machine is gone: no exchange ever ends."""
        if self.is_dead:
            raise StateUnreachable("this machine is gone")


class MemoryRef(GitRef):
    """`name` of the remote of a clone."""

    def __init__(self, clone: MemoryClone, name: str) -> None:
        self.name = name
        self.remote = "origin"
        self.clone = clone

    @property
    def forget_command(self) -> str:
        return f"git update-ref -d {self.name}"

    def look(self) -> str:
        self.clone.must_live()
        return self.clone.remote.refs.get(self.name, "")

    def tips(self, patterns: Sequence[str]) -> dict[str, str]:
        self.clone.must_live()
        refs = self.clone.remote.refs
        return {
            name: tip
            for name, tip in refs.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        }

    def fetch_tips(self, tips: Mapping[str, str]) -> dict[str, str]:
        return dict(tips)

    def refuse_branch(self) -> None:
        """No branch of people is ever named as the place of a state here."""

    def fetch(self) -> str:
        return self.look()

    def has(self, commit: str) -> bool:
        return commit in self.clone.remote.commits

    def files(self, commit: str) -> dict[str, TreeEntry]:
        return self.clone.remote.commits[commit]

    def content(self, entry: TreeEntry) -> bytes:
        return self.clone.remote.blobs[entry.id]

    def accept(self, commit: str) -> None:
        self.clone.accepted[self.name] = commit

    def accepted(self) -> str:
        return self.clone.accepted.get(self.name, "")

    def log(self, tip: str, limit: int) -> tuple[Step, ...]:  # no test reads it
        return ()

    def push(self, files: Mapping[str, bytes], message: str, expected: str, who: str) -> str:
        self.clone.must_live()
        self.clone.pushing()
        if self.look() != expected:
            raise StateMoved(f"{self.place} was written by another run meanwhile", self.name)
        commit = self.clone.remote.add(files)
        self.clone.remote.refs[self.name] = commit
        self.clone.pushing()
        self.accept(commit)
        return commit


class MemoryStates(GitStates):
    """The states of a remote in memory, judged by the real rules."""

    def __init__(self, ref: MemoryRef, owner: Owner, *, is_named: bool) -> None:
        self.owner = owner
        self._clone = ref.clone
        self._ref = ref
        self._is_named = is_named

    def ref(self, name: str) -> GitRef:
        return MemoryRef(self._clone, name)

    def original(self) -> str:
        return self.owner.original()
