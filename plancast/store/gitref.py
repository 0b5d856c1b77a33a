"""One ref of one remote, as a place for a few small files.

Plumbing only: what the files mean is the business of store.git. Nothing here
touches the work tree, the index or a branch of the user's, so it works in a
shallow clone and with a detached HEAD. The ref moves by a push that names the
commit it expects to find (compare-and-swap). Its history is kept.

Beside the objects, two refs of the local repository are ours, below
`refs/plancast-local/`: what was fetched last, and what was accepted last, so
that a ref which somebody set back is noticed.

Credentials are git's own business. The remote is one that the repository's
configuration names: an address cannot be given, so no file of a work tree can
send a credential elsewhere.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from plancast.core.history import Step
from plancast.core.ports import StateMoved, StateUnreachable, StateUnwritable

LOCAL_SECONDS = 30.0
"""How long git may take for what it does on this machine."""

REMOTE_SECONDS = 60.0
"""How long it may take to talk to the remote."""

_LOG = logging.getLogger("plancast.store")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_WRITERS = ("hash-object", "mktree", "commit-tree", "update-ref")
_QUIET = ("-c", "push.followTags=false", "-c", "push.recurseSubmodules=no")
_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
    "--no-auto-maintenance",
)


class GitRef:
    """`name` of `remote`, for the repository that `folder` lies in.

    `environ` is the environment of git. Every method that talks to the remote raises
    StateUnreachable where that fails.
    """

    def __init__(self, folder: Path, remote: str, name: str, environ: Mapping[str, str]) -> None:
        self.name = name
        self.remote = remote
        self._folder = folder
        self._environ = {**environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        own = f"refs/plancast-local/{remote}/{name.removeprefix('refs/')}"
        self._fetched, self._accepted = f"{own}/fetched", f"{own}/accepted"

    @property
    def place(self) -> str:
        """For people."""
        return f"{self.name} of {self.remote}"

    def prefix(self) -> str:
        """Where the folder lies in the repository."""
        return self._text("rev-parse", "--show-prefix").rstrip("/")

    # -- looking ------------------------------------------------------------------------------

    def look(self) -> str:
        """The commit that the remote has now; "" where it has none. One exchange with it."""
        self._known_remote()
        lines = self._asked("ls-remote", "--", self.remote, self.name).splitlines()
        found = [line.split("\t") for line in lines]
        return next((commit for commit, name in found if name == self.name), "")

    def fetch(self) -> str:
        """Bring what the remote has now into the local repository; its commit."""
        self._known_remote()
        depth = ["--depth=1"] if self._is_shallow() else []
        self._asked(
            *_FETCH,
            *depth,
            *("--", self.remote, f"+{self.name}:{self._fetched}"),
        )
        return self._commit_of(self._fetched)

    def has(self, commit: str) -> bool:
        """Whether the local repository holds this commit."""
        return self._run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def show(self, commit: str, name: str) -> bytes | None:
        """One file of a commit that was fetched; None where it has no such file."""
        listed = self._done("ls-tree", commit, "--", name).stdout.split()
        if not listed:
            return None
        return self._done("cat-file", "blob", listed[2].decode()).stdout

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

    def log(self, limit: int) -> tuple[Step, ...]:
        """The last steps, newest first. Talks to the remote."""
        if not self.look():
            return ()
        tip = self.fetch()
        if self._is_shallow():
            self._asked(
                *_FETCH,
                f"--depth={limit}",
                *("--", self.remote, f"+{self.name}:{self._fetched}"),
            )
        form = "--format=%H%x00%ct%x00%an%x00%s"
        lines = self._text("log", f"--max-count={limit}", form, tip, "--").splitlines()
        return tuple(_step(line.split("\0")) for line in lines)

    # -- moving -------------------------------------------------------------------------------

    def push(self, files: Mapping[str, bytes], message: str, expected: str, who: str) -> str:
        """Make a commit of exactly these files after `expected` and move the ref to it.

        Raises StateMoved where the ref is not at `expected` ("" for: not there) any more, and
        StateUnwritable where the remote refuses; the ref is as it was then. StateUnreachable: it
        may have moved.
        """
        self._known_remote()
        commit = self._commit(files, message, expected, who)
        lease = f"--force-with-lease={self.name}:{expected}"
        target = f"{commit}:{self.name}"
        _LOG.debug("push %s %s ...", self.name, commit)
        ended = self._run(
            *_QUIET,
            *("push", "--porcelain", "--no-verify", lease, "--", self.remote, target),
            seconds=REMOTE_SECONDS,
        )
        if ended.returncode:
            self._settle(ended, commit, expected)
        self.accept(commit)
        _LOG.debug("push %s %s: durable", self.name, commit)
        return commit

    def _settle(
        self, ended: subprocess.CompletedProcess[bytes], commit: str, expected: str
    ) -> None:
        """After a push that git says failed: what the remote says is true."""
        now = self.look()
        if now == commit:
            return
        if now != expected:
            raise StateMoved(f"{self.place} was written by another run meanwhile", self.name)
        reason = _reason(ended)
        hint = "" if self.name.startswith("refs/heads/") else _BRANCH_HINT
        raise StateUnwritable(f"{self.place}: {reason}{hint}", self.name)

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
        return self._text("commit-tree", tree, *parents, "-F", "-", stdin=text, who=who)

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
        ended = self._run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        found = ended.stdout.decode("ascii", "replace").strip()
        return found if _COMMIT.fullmatch(found) else ""

    def _asked(self, *args: str) -> str:
        """The answer to a question that the remote has to answer."""
        ended = self._run(*args, seconds=REMOTE_SECONDS)
        if ended.returncode:
            raise StateUnreachable(f"{self.place}: {_reason(ended)}", self.name)
        return ended.stdout.decode("utf-8", "replace")

    def _text(self, *args: str, stdin: bytes = b"", who: str = "") -> str:
        return self._done(*args, stdin=stdin, who=who).stdout.decode("utf-8", "replace").strip()

    def _done(
        self, *args: str, stdin: bytes = b"", who: str = ""
    ) -> subprocess.CompletedProcess[bytes]:
        """What this machine alone can do. Raises StateUnreachable, or StateUnwritable."""
        ended = self._run(*args, stdin=stdin, who=who)
        if ended.returncode:
            failed = StateUnwritable if args[0] in _WRITERS else StateUnreachable
            raise failed(f"git {args[0]}: {_reason(ended)}", self.name)
        return ended

    def _run(
        self, *args: str, stdin: bytes = b"", seconds: float = LOCAL_SECONDS, who: str = ""
    ) -> subprocess.CompletedProcess[bytes]:
        git = shutil.which("git", path=self._environ.get("PATH", os.defpath))
        if git is None:
            raise StateUnreachable("git is not installed", self.name)
        # A session of its own: Ctrl-C is for plancast, which still has to write the state, and what
        # git itself started can be ended with it.
        try:
            running = subprocess.Popen(  # noqa: S603  # our arguments, no shell, options before `--`
                [git, "-C", str(self._folder), *args],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env={**self._environ, **(_identity(who) if who else {})},
            )
        except OSError as error:
            raise StateUnreachable(f"git: {error.strerror}", self.name) from error
        try:
            out, err = running.communicate(stdin, timeout=seconds)
        except BaseException as error:
            with suppress(OSError):
                os.killpg(running.pid, signal.SIGKILL)
            out, err = running.communicate()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            err += f"\ngit {args[0]} took more than {seconds:.0f} s".encode()
        return subprocess.CompletedProcess(args, running.returncode, out, err)


def folder_in_repository(root: Path, environ: Mapping[str, str]) -> str:
    """Where `root` lies in its repository: "" for the top, else such as `social/acme`.

    Raises StateUnreachable where it lies in none.
    """
    return GitRef(root, "", "refs/none", environ).prefix()


_BRANCH_HINT = (
    ". A remote that takes no refs of this kind takes a branch: "
    "write `state: {backend: git, ref: refs/heads/plancast-state}`"
)


def _identity(who: str) -> dict[str, str]:
    """A commit needs names; where the machine has none, as in CI, they are ours."""
    address = "plancast@localhost"
    return {
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": address,
    }


def _reason(ended: subprocess.CompletedProcess[bytes]) -> str:
    """What git, or the remote through it, gave as the reason, on one line."""
    said = (ended.stderr + b"\n" + ended.stdout).decode("utf-8", "replace").splitlines()
    telling = [
        line.strip() for line in said if line.strip() and not line.startswith(("To ", "Done"))
    ]
    rejected = [line for line in telling if "rejected]" in line]
    remote = [line for line in telling if line.startswith("remote:") and line != "remote:"]
    picked = [*remote, *rejected] or telling or [f"git ended with {ended.returncode}"]
    return _without_secrets("; ".join(" ".join(line.split()) for line in picked[:3]))


def _without_secrets(text: str) -> str:
    """Addresses that git repeats may hold a credential."""
    return re.sub(r"(\w+://)[^/\s@]*@", r"\1", text)


def _step(parts: Sequence[str]) -> Step:
    commit, seconds, who, what = parts
    return Step(commit, datetime.fromtimestamp(int(seconds), UTC), who, what)
