"""A bare remote and clones of it, with real git."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from plancast.core.model import StateSettings
from plancast.store.git import GitJournal, GitStore, open_git
from plancast.store.journal import FileJournal

ENVIRON: Mapping[str, str] = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "USER": "ana",
}


def git(folder: Path, *args: str) -> str:
    """Run git as a person would."""
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@acme.example")
    ended = subprocess.run(
        ["git", "-C", str(folder), *identity, *args],
        check=True,
        capture_output=True,
        text=True,
        env=dict(ENVIRON),
    )
    return ended.stdout.strip()


@dataclass(frozen=True)
class Remote:
    """A bare repository with one commit on main."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Remote:
        """In `folder`/remote.git."""
        bare = folder / "remote.git"
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
        first = folder / "first"
        git(folder, "clone", "-q", str(bare), str(first))
        (first / "README").write_text("Posts.\n")
        git(first, "checkout", "-q", "-b", "main")
        git(first, "add", ".")
        git(first, "commit", "-q", "-m", "Begin")
        git(first, "push", "-q", "origin", "main")
        return cls(bare)

    def clone(self, name: str, *flags: str) -> Path:
        """A clone beside the remote. A depth needs the file protocol."""
        target = self.folder.parent / name
        git(self.folder.parent, "clone", "-q", *flags, f"file://{self.folder}", str(target))
        return target

    def refs(self) -> dict[str, str]:
        """What it holds."""
        lines = git(self.folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def hook(self, name: str, body: str) -> None:
        """Have it run this on a push."""
        path = self.folder / "hooks" / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)


def store_in(clone: Path, ref: str = "", inside: str = "", *, hurried: bool = False) -> GitStore:
    """The store of a workspace in a clone. `hurried`: much time passes between any two looks."""
    root = clone / inside
    root.mkdir(parents=True, exist_ok=True)
    settings = StateSettings("git", "origin", ref)
    ticks = count(0.0, 60.0)
    watch = ticks.__next__ if hurried else time.monotonic
    return open_git(root, root / ".plancast", settings, ENVIRON, watch)


def journal_of(store: GitStore, clone: Path) -> GitJournal:
    """The journal that belongs to it."""
    return GitJournal(store, FileJournal(clone / ".plancast" / "journal.jsonl"))
