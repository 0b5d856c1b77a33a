"""A bare remote and clones of it, with real git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from plancast.content.discovery import find_checkout
from plancast.model.workspace import StateSettings
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
        """In `folder`/remote.git: a copy, since to make one takes seven runs of git."""
        bare = folder / "remote.git"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(_first_remote(), bare, symlinks=True)
        return cls(bare)

    def clone(self, name: str, *flags: str) -> Path:
        """A clone beside the remote. A depth needs the file protocol."""
        target = self.folder.parent / name
        git(self.folder.parent, "clone", "-q", *flags, f"file://{self.folder}", str(target))
        return target

    def refs(self) -> dict[str, str]:
        """Return the commits of its refs, by name."""
        lines = git(self.folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def hook(self, name: str, body: str) -> None:
        """Have it run this on a push."""
        path = self.folder / "hooks" / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)


@cache
def _first_remote() -> Path:
    """Return the repository that each remote of this process is a copy of."""
    top = Path(tempfile.mkdtemp(prefix="remote-", dir=Path.home()))
    bare, clone = top / "remote.git", top / "clone"
    git(top, "init", "-q", "--bare", "-b", "main", str(bare))
    git(top, "clone", "-q", str(bare), str(clone))
    (clone / "README").write_text("Posts.\n")
    git(clone, "checkout", "-q", "-b", "main")
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "Begin")
    git(clone, "push", "-q", "origin", "main")
    return bare


def push_by_hand(clone: Path, ref: str, files: Mapping[str, str]) -> str:
    """Put a commit of exactly these files into a ref of the remote, and return it."""
    folder = clone.parent / f"{clone.name}-by-hand"
    git(clone, "worktree", "add", "-q", "--detach", str(folder))
    git(folder, "rm", "-q", "-r", "--cached", ".")
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".git":
            path.unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "By hand")
    commit = git(folder, "rev-parse", "HEAD")
    git(folder, "push", "-q", "--force", "origin", f"{commit}:{ref}")
    git(clone, "worktree", "remove", "--force", str(folder))
    return commit


def store_in(
    clone: Path,
    ref: str = "",
    inside: str = "",
    environ: Mapping[str, str] = ENVIRON,
    *,
    hurried: bool = False,
) -> GitStore:
    """The store of a workspace in a clone. `hurried`: much time passes between any two looks."""
    root = clone / inside
    root.mkdir(parents=True, exist_ok=True)
    settings = StateSettings("git", "origin", ref)
    ticks = count(0.0, 60.0)
    watch = ticks.__next__ if hurried else time.monotonic
    folder, checkout = root / ".plancast", find_checkout(root)
    return open_git(root, folder, settings, environ, watch, checkout=checkout)


def journal_of(store: GitStore, clone: Path) -> GitJournal:
    """The journal that belongs to it."""
    return GitJournal(store, FileJournal(clone / ".plancast" / "journal.jsonl"))
