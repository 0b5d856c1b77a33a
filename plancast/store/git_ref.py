"""One ref of one remote, used to store a few small files.

This module only moves bytes; store.git_states and store.git define the files. Nothing here touches
the work tree, the index or a branch of the user's, so it works in a shallow clone and with a
detached HEAD. The ref moves by a push that names the commit it expects to find (compare-and-swap),
and its history is kept. store.git_process describes how git is run safely.

Besides objects, two refs below `refs/plancast-local/` of the local repository are ours: the commit
that was fetched last, and the one that was accepted last, so that plancast notices if the ref is
set back.

Credentials are left to git. The remote is one that the repository's configuration names: it cannot
be given as an address, so no file of a work tree can send a credential elsewhere.
"""

from __future__ import annotations

import hashlib
import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from subprocess import CompletedProcess

from plancast.codec.state_history import Step
from plancast.model.ports import StateForeign, StateMoved, StateUnreachable, StateUnwritable
from plancast.store.git_branches import checked_out, default_branch
from plancast.store.git_process import REMOTE_SECONDS, Git
from plancast.store.git_refusals import UNKNOWN, hint_for, hint_here, reason

MOST_CONTENT = 256 * 1024 * 1024
"""Bytes: as much as a state or a journal may be anywhere."""

_LOG = logging.getLogger("plancast.store")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SYMREF = "ref: "
_FILE_MODES = ("100644", "100755")
_NAMED = 3
"""The most files that are not ours which a message names."""

_WRITERS = ("hash-object", "mktree", "commit-tree", "update-ref")
_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
    # Only the ref that is asked for: git would also move those that configured refspecs map it to.
    *("--no-auto-maintenance", "--refmap="),
)


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """An entry of a tree.

    `id` names its content. `is_file` is False for a folder, a link and a submodule.
    """

    id: str
    is_file: bool


class GitRef:
    """The ref `name` of `remote`, in the repository that `git` is pinned to.

    Every method that talks to the remote raises StateUnreachable if that fails.
    """

    def __init__(self, git: Git, remote: str, name: str) -> None:
        self.name = name
        self.remote = remote
        self._git = git
        self._default: str | None = None
        own = f"refs/plancast-local/{remote}/{name.removeprefix('refs/')}"
        self._fetched, self._accepted = f"{own}/fetched", f"{own}/accepted"

    @property
    def place(self) -> str:
        """The ref and its remote, for messages."""
        return f"{self.name} of {self.remote}"

    # -- reading ------------------------------------------------------------------------------

    def look(self) -> str:
        """Return the commit that the remote has now, "" if it has no such ref. One exchange.

        It also notes which branch is the remote's default.
        """
        self._known_remote()
        answer = self._asked("ls-remote", "--symref", "--", self.remote, "HEAD", self.name)
        # git takes the name as a pattern, so the answer can list other refs too. HEAD has two
        # lines: the branch that it points to, and its commit.
        lines = [line.partition("\t") for line in answer.split("\n")]
        heads = [value for value, _, name in lines if name == "HEAD" and value.startswith(_SYMREF)]
        self._default = heads[0].removeprefix(_SYMREF) if heads else ""
        return next((commit for commit, _, name in lines if name == self.name), "")

    def tips(self, patterns: Sequence[str]) -> dict[str, str]:
        """Return the commits of all refs of the remote that match, by name. One exchange.

        A pattern is a full name, in which `*` stands for anything.
        """
        self._known_remote()
        listed = self._asked("ls-remote", "--refs", "--", self.remote, *patterns)
        pairs = [line.partition("\t") for line in listed.split("\n")]
        # git also matches a pattern against the end of a name; ours are full names.
        return {
            name: commit
            for commit, _, name in pairs
            if _COMMIT.fullmatch(commit) and any(fnmatchcase(name, one) for one in patterns)
        }

    def fetch_tips(self, tips: Mapping[str, str]) -> dict[str, str]:
        """Fetch the objects that other refs are at, unless they are here; return the commits.

        `tips` are names and commits as the remote listed them. Raises StateUnreachable if one has
        moved since.
        """
        missing = [name for name, tip in tips.items() if self._kind(tip) is None]
        if missing:
            depth = ("--depth=1",) if self._is_shallow() else ()
            specs = [f"+{name}:{self._noted(name)}" for name in missing]
            self._asked(*_FETCH, *depth, "--", self.remote, *specs)
        kinds = {name: self._kind(tip) for name, tip in tips.items()}
        # The listed commit is missing if a run moved the ref before the fetch.
        if None in kinds.values():
            raise StateUnreachable(
                f"the states of {self.remote} are being written", hint="Run the command again."
            )
        return {name: tip for name, tip in tips.items() if kinds[name] == "commit"}

    def _kind(self, commit: str) -> str | None:
        """Return the type of an object, None if the local repository does not hold it."""
        return self._git.text("cat-file", "-t", commit) or None

    def _noted(self, name: str) -> str:
        """Return the local ref that another ref is fetched to.

        It is named by a hash: one ref cannot be the folder of another, and names can begin with one
        another.
        """
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return f"refs/plancast-local/{self.remote}/others/{digest}"

    def refuse_branch(self) -> None:
        """Raise StateForeign if people work on this ref.

        That is the branch that is checked out, here or in another worktree, and the default branch
        of the remote: as the remote says, and as the last clone or fetch noted.
        """
        if not self.name.startswith("refs/heads/"):
            return
        if self._default is None:
            self.look()
        folder = checked_out(self._git).get(self.name)
        if folder is not None:
            self._is_foreign(f"it is the branch that is checked out in {folder}")
        if self.name in (self._default, default_branch(self._git, self.remote)):
            self._is_foreign(f"it is the default branch of {self.remote}")

    def refuse_others(self, commit: str, ours: frozenset[str]) -> Mapping[str, TreeEntry]:
        """Return the files of a commit.

        Raise StateForeign if there is anything beside the files `ours`.
        """
        entries = self.files(commit)
        others = [name for name, entry in entries.items() if name not in ours or not entry.is_file]
        if others:
            shown = [name if name.isprintable() else repr(name) for name in others[:_NAMED]]
            more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
            self._is_foreign(f"it holds {', '.join(shown)}{more}")
        return entries

    def _is_foreign(self, why: str) -> None:
        raise StateForeign(f"{self.place}: {why}. Nothing was read from it or written", self.name)

    def fetch(self) -> str:
        """Fetch the commit that the ref is at now, and return it."""
        self._known_remote()
        # A shallow clone stays shallow; a full one would become shallow by a depth.
        self._fetch(("--depth=1",) if self._is_shallow() else ())
        return self._commit_of(self._fetched)

    def _fetch(self, depth: tuple[str, ...]) -> None:
        self._asked(*_FETCH, *depth, "--", self.remote, f"+{self.name}:{self._fetched}")

    def has(self, commit: str) -> bool:
        """Return whether the local repository holds this commit."""
        return self._git.run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def files(self, commit: str) -> dict[str, TreeEntry]:
        """Return the entries at the top of a commit that was fetched, by name."""
        # Without `--full-tree` git would list the part of the tree that matches its own folder.
        listed = self._done("ls-tree", "--full-tree", "-z", commit).stdout
        entries = {}
        for line in filter(None, listed.decode("utf-8", "replace").split("\0")):
            head, _, name = line.partition("\t")
            mode, _kind, identity = head.split(" ")
            entries[name] = TreeEntry(identity, mode in _FILE_MODES)
        return entries

    def content(self, entry: TreeEntry) -> bytes:
        """Return the bytes of a file. Raises StateUnreachable if it is larger than any of ours."""
        size = self._text("cat-file", "-s", entry.id)
        if not size.isdecimal() or int(size) > MOST_CONTENT:
            raise StateUnreachable(
                f"{self.place}: a file in it is larger than {MOST_CONTENT // 1024**2} MiB",
                self.name,
            )
        return self._done("cat-file", "blob", entry.id).stdout

    def accept(self, commit: str) -> None:
        """Remember that this commit was read and found good."""
        self._done("update-ref", self._accepted, commit)

    def accepted(self) -> str:
        """Return the commit that was accepted last in this repository, "" if there is none."""
        return self._commit_of(self._accepted)

    @property
    def forget_command(self) -> str:
        """The command by which a person has this repository forget the commit that it accepted."""
        return f"git update-ref -d {self._accepted}"

    def log(self, tip: str, limit: int) -> tuple[Step, ...]:
        """Return the last `limit` writes up to a commit that was fetched, newest first."""
        if self._is_shallow():
            self._fetch((f"--depth={limit}",))
        form = ("-z", "--encoding=UTF-8", f"--format={FORMAT}", f"--max-count={limit}")
        return parse_log(self._done("log", *form, tip, "--").stdout)

    # -- writing ------------------------------------------------------------------------------

    def push(self, files: Mapping[str, bytes], message: str, expected: str, who: str) -> str:
        """Make a commit of exactly these files after `expected`, move the ref to it, and return it.

        `expected` is "" if the ref must not exist yet; `who` is the author. Raises StateMoved if
        the ref is no longer at `expected`, and StateUnwritable if the remote refuses: the ref is
        unchanged then. Raises StateUnreachable if the remote did not answer: the ref may have
        moved.
        """
        self._known_remote()
        self.refuse_branch()
        commit = self._commit(files, message, expected, who)
        lease = f"--force-with-lease={self.name}:{expected}"
        target = f"{commit}:{self.name}"
        _LOG.debug("push %s %s ...", self.name, commit)
        ended = self._git.run(
            *self._push_settings(),
            *("push", "--porcelain", "--no-verify", *self._signing, lease),
            *("--", self.remote, target),
            seconds=REMOTE_SECONDS,
        )
        if ended.returncode:
            self._settle(ended, commit, expected)
        self.accept(commit)
        _LOG.debug("push %s %s: durable", self.name, commit)
        return commit

    def _push_settings(self) -> tuple[str, ...]:
        """Return settings for a push of one ref, which is no branch that a person pushes.

        Tags and submodules do not come along, a remote that mirrors takes the ref alone, and the
        user's options (`merge_request.create`, `ci.skip`) are for branches: a server that knows no
        options would refuse the push for them.
        """
        settings = (
            "push.followTags=false",
            "push.recurseSubmodules=no",
            "push.pushOption=",  # an empty value takes back all that were set before
            f"remote.{self.remote}.mirror=false",
        )
        return tuple(word for setting in settings for word in ("-c", setting))

    @cached_property
    def _signing(self) -> tuple[str, ...]:
        """The option of a push for a user who signs pushes: sign it if the server asks for it.

        `push.gpgSign=true` would fail for every server that does not.
        """
        wanted = self._git.text("config", "--type=bool", "--get", "push.gpgSign")
        return ("--signed=if-asked",) if wanted == "true" else ()

    def _settle(self, ended: CompletedProcess[bytes], commit: str, expected: str) -> None:
        """Ask the remote where the ref is, after a push that failed as git sees it.

        Return if it is at our commit after all: the push arrived and only its answer was lost.
        """
        now = self.look()
        if now == commit:
            return
        if now != expected:
            raise StateMoved(f"{self.place} was written by another run meanwhile", self.name)
        hint = hint_for(ended, self.name, stands=bool(expected)) or UNKNOWN
        raise StateUnwritable(f"{self.place}: {reason(ended)}", self.name, hint=hint)

    def _commit(self, files: Mapping[str, bytes], message: str, parent: str, who: str) -> str:
        """Write blobs, a tree and a commit to the local repository; return the commit."""
        entries = []
        for name, content in sorted(files.items()):
            blob = self._text("hash-object", "-w", "--stdin", stdin=content)
            entries.append(f"100644 blob {blob}\t{name}\n")
        tree = self._text("mktree", stdin="".join(entries).encode())
        parents = ["-p", parent] if parent else []
        # A commit is named by its content. Two runs that write the same files in the same second
        # would make the same commit, and each would find the ref at "its" commit: both had won.
        text = f"{message}\n\nplancast-write: {uuid.uuid4().hex}\n".encode()
        commit = ("commit-tree", tree, *parents, "-F", "-")
        return self._text(*commit, stdin=text, variables=_identity(who))

    # -- git ----------------------------------------------------------------------------------

    def _known_remote(self) -> None:
        """Raise StateUnreachable unless the repository has a remote of this name.

        git also takes an address in its place, and would send a credential there.
        """
        remotes = self._text("remote").splitlines()
        if self.remote not in remotes:
            known = ", ".join(remotes) or "none"
            raise StateUnreachable(
                f"this repository has no remote {self.remote!r} (it has: {known})", self.name
            )

    def _is_shallow(self) -> bool:
        """Return whether the clone lacks history."""
        return self._text("rev-parse", "--is-shallow-repository") == "true"

    def _commit_of(self, ref: str) -> str:
        """Return the commit of a local ref, "" if there is none."""
        commit = self._git.text("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return commit if _COMMIT.fullmatch(commit) else ""

    def _asked(self, *args: str) -> str:
        """Run a command that asks the remote; return its output. Raises StateUnreachable."""
        ended = self._git.run(*args, seconds=REMOTE_SECONDS)
        if ended.returncode:
            message = f"{self.place}: {reason(ended)}"
            raise StateUnreachable(message, self.name, hint=hint_for(ended))
        return ended.stdout.decode("utf-8", "replace")

    def _text(
        self, *args: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> str:
        """Run a command that needs no remote; return its output, stripped."""
        ended = self._done(*args, stdin=stdin, variables=variables)
        return ended.stdout.decode("utf-8", "replace").strip()

    def _done(
        self, *args: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> CompletedProcess[bytes]:
        """Run a command that needs no remote.

        Raises StateUnwritable if it fails and writes objects or refs, else StateUnreachable.
        """
        ended = self._git.run(*args, stdin=stdin, variables=variables)
        if not ended.returncode:
            return ended
        message = f"git {args[0]}: {reason(ended)}"
        if args[0] in _WRITERS:
            raise StateUnwritable(message, self.name, hint=hint_here(ended))
        raise StateUnreachable(message, self.name, hint=hint_for(ended))


def _identity(who: str) -> dict[str, str]:
    """Return the variables that name author and committer.

    A commit needs both, and a machine such as that of a CI job may have none configured.
    """
    address = "plancast@localhost"
    return {
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": address,
    }


FORMAT = "%H%x00%ct%x00%an%x00%s"
"""For `git log -z`: four fields for each commit, each ended by NUL."""

_FIELDS = FORMAT.count("%x00") + 1
_LAST_SECOND = 253_402_000_000
"""In the last days of the year 9999, so that a time has a local one in every zone."""


def parse_log(printed: bytes) -> tuple[Step, ...]:
    """Parse the output of `git log -z` with FORMAT; return its writes in the same order."""
    fields = printed.decode("utf-8", "replace").split("\0")
    records = zip(*(fields[number::_FIELDS] for number in range(_FIELDS)), strict=False)
    return tuple(Step(commit, _time(seconds), who, what) for commit, seconds, who, what in records)


def _time(seconds: str) -> datetime | None:
    """Return the time of a commit, None if no calendar has it: a commit can claim any number."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 16):
        return None
    number = int(seconds)
    return datetime.fromtimestamp(number, UTC) if number <= _LAST_SECOND else None
