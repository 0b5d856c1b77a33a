"""One ref of one remote, as a place for a few small files.

Plumbing only: what the files mean is the business of store.git. Nothing here
touches the work tree, the index or a branch of the user's, so it works in a
shallow clone and with a detached HEAD. The ref moves by a push that names the
commit it expects to find (compare-and-swap). Its history is kept. How git is
called, and what it may not do meanwhile, stands in store.git_process.

Beside the objects, two refs of the local repository are ours, below
`refs/plancast-local/`: what was fetched last, and what was accepted last, so
that a ref which somebody set back is noticed.

Credentials are git's own business. The remote is one that the repository's
configuration names: an address cannot be given, so no file of a work tree can
send a credential elsewhere.
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
"""How many files that are not ours are named in a message."""

_WRITERS = ("hash-object", "mktree", "commit-tree", "update-ref")
_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
    # Only the ref that is asked for: git would also move those that configured refspecs map it to.
    *("--no-auto-maintenance", "--refmap="),
)


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What stands in a tree: `id` names its content, `is_file` says whether it has one."""

    id: str
    is_file: bool


class GitRef:
    """`name` of `remote`, in the repository that `git` is pinned to.

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
        """For people."""
        return f"{self.name} of {self.remote}"

    # -- looking ------------------------------------------------------------------------------

    def look(self) -> str:
        """Return the commit that the remote has now, "" if none. One exchange with it."""
        self._known_remote()
        told = self._asked("ls-remote", "--symref", "--", self.remote, "HEAD", self.name)
        # The name is a pattern to git, and HEAD has two lines: what it is called, and its commit.
        lines = [line.partition("\t") for line in told.split("\n")]
        heads = [value for value, _, name in lines if name == "HEAD" and value.startswith(_SYMREF)]
        self._default = heads[0].removeprefix(_SYMREF) if heads else ""
        return next((commit for commit, _, name in lines if name == self.name), "")

    def tips(self, patterns: Sequence[str]) -> dict[str, str]:
        """Return the commits of all refs of the remote that match, by name. One exchange with it.

        A pattern is a full name, in which `*` stands for anything.
        """
        self._known_remote()
        listed = self._asked("ls-remote", "--refs", "--", self.remote, *patterns)
        pairs = [line.partition("\t") for line in listed.split("\n")]
        # To git a pattern also fits the end of a name.
        return {
            name: commit
            for commit, _, name in pairs
            if _COMMIT.fullmatch(commit) and any(fnmatchcase(name, one) for one in patterns)
        }

    def fetch_tips(self, tips: Mapping[str, str]) -> dict[str, str]:
        """Bring these commits of other refs into the local repository; return those that are here.

        What is no commit is left out.
        """
        missing = [name for name, tip in tips.items() if self._kind(tip) is None]
        if missing:
            depth = ("--depth=1",) if self._is_shallow() else ()
            specs = [f"+{name}:{self._noted(name)}" for name in missing]
            self._asked(*_FETCH, *depth, "--", self.remote, *specs)
        kinds = {name: self._kind(tip) for name, tip in tips.items()}
        if None in kinds.values():
            raise StateUnreachable(
                f"the states of {self.remote} are being written", hint="Run the command again."
            )
        return {name: tip for name, tip in tips.items() if kinds[name] == "commit"}

    def _kind(self, commit: str) -> str | None:
        """Return what an object is, None if the local repository does not hold it."""
        return self._git.text("cat-file", "-t", commit) or None

    def _noted(self, name: str) -> str:
        """Where another ref is fetched to. Names can begin with one another, hashes cannot."""
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return f"refs/plancast-local/{self.remote}/others/{digest}"

    def refuse_branch(self) -> None:
        """Raise StateForeign if people work on this ref.

        That is the branch that is checked out, here or in another worktree, and the default branch
        of the remote: by what the remote says, and by what was known of it before.
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
        """Return the files of a commit. Raise StateForeign if there are any beside `ours`."""
        found = self.files(commit)
        others = [name for name, entry in found.items() if name not in ours or not entry.is_file]
        if others:
            shown = [name if name.isprintable() else repr(name) for name in others[:_NAMED]]
            more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
            self._is_foreign(f"it holds {', '.join(shown)}{more}")
        return found

    def _is_foreign(self, why: str) -> None:
        raise StateForeign(f"{self.place}: {why}. Nothing was read from it or written", self.name)

    def fetch(self) -> str:
        """Bring what the remote has now into the local repository; its commit."""
        self._known_remote()
        self._fetch(("--depth=1",) if self._is_shallow() else ())
        return self._commit_of(self._fetched)

    def _fetch(self, depth: tuple[str, ...]) -> None:
        self._asked(*_FETCH, *depth, "--", self.remote, f"+{self.name}:{self._fetched}")

    def has(self, commit: str) -> bool:
        """Whether the local repository holds this commit."""
        return self._git.run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def files(self, commit: str) -> dict[str, TreeEntry]:
        """Return what stands at the top of a commit that was fetched, by name."""
        # `ls-tree` shows the folder that it runs in, unless it is asked for the whole tree.
        listed = self._done("ls-tree", "--full-tree", "-z", commit).stdout
        found = {}
        for line in filter(None, listed.decode("utf-8", "replace").split("\0")):
            head, _, name = line.partition("\t")
            mode, _kind, identity = head.split(" ")
            found[name] = TreeEntry(identity, mode in _FILE_MODES)
        return found

    def content(self, entry: TreeEntry) -> bytes:
        """Return what stands in a file. Raises StateUnreachable if none of ours is as large."""
        size = self._text("cat-file", "-s", entry.id)
        if not size.isdecimal() or int(size) > MOST_CONTENT:
            raise StateUnreachable(
                f"{self.place}: a file in it is larger than {MOST_CONTENT // 1024**2} MiB",
                self.name,
            )
        return self._done("cat-file", "blob", entry.id).stdout

    def accept(self, commit: str) -> None:
        """Remember that this one was read and found good."""
        self._done("update-ref", self._accepted, commit)

    def accepted(self) -> str:
        """What was accepted last in this repository, "" where nothing was."""
        return self._commit_of(self._accepted)

    @property
    def forget_command(self) -> str:
        """What a person types to have this repository forget what it accepted."""
        return f"git update-ref -d {self._accepted}"

    def log(self, tip: str, limit: int) -> tuple[Step, ...]:
        """Return the last writes up to a commit that was fetched, newest first."""
        if self._is_shallow():
            self._fetch((f"--depth={limit}",))
        form = ("-z", "--encoding=UTF-8", f"--format={FORMAT}", f"--max-count={limit}")
        return parse_log(self._done("log", *form, tip, "--").stdout)

    # -- moving -------------------------------------------------------------------------------

    def push(self, files: Mapping[str, bytes], message: str, expected: str, who: str) -> str:
        """Make a commit of exactly these files after `expected` and move the ref to it.

        Raises StateMoved where the ref is not at `expected` ("" for: not there) any more, and
        StateUnwritable where the remote refuses; the ref is as it was then. StateUnreachable: it
        may have moved.
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
        """Return the option for a user who signs pushes: sign this one if the server asks for it.

        `push.gpgSign=true` would fail for every server that does not.
        """
        wanted = self._git.text("config", "--type=bool", "--get", "push.gpgSign")
        return ("--signed=if-asked",) if wanted == "true" else ()

    def _settle(self, ended: CompletedProcess[bytes], commit: str, expected: str) -> None:
        """After a push that git says failed: what the remote says is true."""
        now = self.look()
        if now == commit:
            return
        if now != expected:
            raise StateMoved(f"{self.place} was written by another run meanwhile", self.name)
        hint = hint_for(ended, self.name, stands=bool(expected)) or UNKNOWN
        raise StateUnwritable(f"{self.place}: {reason(ended)}", self.name, hint=hint)

    def _commit(self, files: Mapping[str, bytes], message: str, parent: str, who: str) -> str:
        entries = []
        for name, content in sorted(files.items()):
            blob = self._text("hash-object", "-w", "--stdin", stdin=content)
            entries.append(f"100644 blob {blob}\t{name}\n")
        tree = self._text("mktree", stdin="".join(entries).encode())
        parents = ["-p", parent] if parent else []
        # Two runs that write the same thing in the same second must not make the same commit:
        # then both would have won.
        text = f"{message}\n\nplancast-write: {uuid.uuid4().hex}\n".encode()
        commit = ("commit-tree", tree, *parents, "-F", "-")
        return self._text(*commit, stdin=text, variables=_identity(who))

    # -- git ----------------------------------------------------------------------------------

    def _known_remote(self) -> None:
        """An address in the place of a name must not get a credential."""
        remotes = self._text("remote").splitlines()
        if self.remote not in remotes:
            known = ", ".join(remotes) or "none"
            raise StateUnreachable(
                f"this repository has no remote {self.remote!r} (it has: {known})", self.name
            )

    def _is_shallow(self) -> bool:
        return self._text("rev-parse", "--is-shallow-repository") == "true"

    def _commit_of(self, ref: str) -> str:
        found = self._git.text("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return found if _COMMIT.fullmatch(found) else ""

    def _asked(self, *args: str) -> str:
        """The answer to a question that the remote has to answer."""
        ended = self._git.run(*args, seconds=REMOTE_SECONDS)
        if ended.returncode:
            message = f"{self.place}: {reason(ended)}"
            raise StateUnreachable(message, self.name, hint=hint_for(ended))
        return ended.stdout.decode("utf-8", "replace")

    def _text(
        self, *args: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> str:
        ended = self._done(*args, stdin=stdin, variables=variables)
        return ended.stdout.decode("utf-8", "replace").strip()

    def _done(
        self, *args: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> CompletedProcess[bytes]:
        """What this machine alone can do. Raises StateUnreachable, or StateUnwritable."""
        ended = self._git.run(*args, stdin=stdin, variables=variables)
        if not ended.returncode:
            return ended
        message = f"git {args[0]}: {reason(ended)}"
        if args[0] in _WRITERS:
            raise StateUnwritable(message, self.name, hint=hint_here(ended))
        raise StateUnreachable(message, self.name, hint=hint_for(ended))


def _identity(who: str) -> dict[str, str]:
    """A commit needs names; where the machine has none, as in CI, they are ours."""
    address = "plancast@localhost"
    return {
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": address,
    }


FORMAT = "%H%x00%ct%x00%an%x00%s"
"""For `git log -z`: four fields a commit, each ended by NUL."""

_FIELDS = FORMAT.count("%x00") + 1
_LAST_SECOND = 253_402_000_000
"""In the last days of the year 9999, so that a time has a local one in every zone."""


def parse_log(printed: bytes) -> tuple[Step, ...]:
    """Return the steps of a log in FORMAT, in its order."""
    fields = printed.decode("utf-8", "replace").split("\0")
    records = zip(*(fields[number::_FIELDS] for number in range(_FIELDS)), strict=False)
    return tuple(Step(commit, _time(seconds), who, what) for commit, seconds, who, what in records)


def _time(seconds: str) -> datetime | None:
    """Return the time of a commit, None if it has none that a calendar knows."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 16):
        return None
    number = int(seconds)
    return datetime.fromtimestamp(number, UTC) if number <= _LAST_SECOND else None
