"""The one way to run git: every call goes through `Git`.

A checkout holds files of people who are not trusted, and git runs programs that its configuration
names. So three things hold for every call, and for every process that git itself starts:

* *The repository is pinned.* It is the checkout that the content loader found, by its `.git`, and
  it is named in every call. git never looks for one itself: files such as `HEAD`, `objects/`,
  `refs/` and `config` in a folder of the checkout look like a bare repository to it, and that
  `config` may name programs.
* *No file of the work tree is a program.* The user's own configuration may name one by a relative
  path (`core.hooksPath = hooks`), which then is a file of the repository. See `SETTINGS`.
* *The environment is cleaned.* See `git_environment`.

If the repository is named, git skips its check of who owns it (`safe.directory`). So `Git.pin`
first lets git discover the repository, once, from the top of the checkout and no further up: the
repositories that git refuses anywhere else are refused here too.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from plancast.model.ports import StateUnreachable
from plancast.store.git_environment import git_environment, search_path
from plancast.store.git_refusals import hint_of_ownership, reason

LOCAL_SECONDS = 30.0
"""Time limit of a call that stays on this machine."""

REMOTE_SECONDS = 60.0
"""Time limit of a call that talks to the remote."""

MOST_OUTPUT = 260 * 1024 * 1024
"""Bytes: a little more than the largest state."""

MOST_WORDS = 64 * 1024
"""Bytes of standard error that are kept: the last ones."""

_PART = 64 * 1024
_LAST_WORDS = 5.0
"""Seconds in which the pipes of a process that ended have to end as well."""

# git reads GIT_CONFIG_COUNT first, then GIT_CONFIG_PARAMETERS, and the last value wins. `-c` adds
# to the end of the second, and git hands that on to the processes that it starts. So these settings
# win over both variables, whether the user, CI or a surrounding hook has set them, and all other
# settings in the two are kept.
SETTINGS = (
    "safe.bareRepository=explicit",
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    # plancast parses what git prints, so the user's taste in encodings and logs must not change it.
    "i18n.commitEncoding=UTF-8",
    "log.showSignature=false",
)

_LOCAL_NAME = re.compile(r"GIT_[A-Z0-9_]+")
_GIT_FILE_SIZE = 8192


@dataclass(frozen=True, slots=True)
class Git:
    """git for one repository; `top` is the top of its work tree. Make one with `Git.pin`."""

    program: str
    top: Path
    git_dir: Path
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def pin(cls, folder: Path, checkout: Path | None, environ: Mapping[str, str]) -> Git:
        """Pin the repository of the `checkout` that was found for `folder`.

        Raises StateUnreachable if there is none, if git is not installed, and if git refuses the
        repository.
        """
        if checkout is None:
            raise StateUnreachable(
                f"{folder} is in no git checkout: neither it nor a folder above it has a `.git`",
                str(folder),
                hint="Run it in a clone, or keep the state here: `state: {backend: local}`.",
            )
        program = shutil.which("git", path=search_path(environ))
        if program is None:
            raise StateUnreachable("git is not installed", str(checkout), hint="Install git.")
        # git knows more of these variables than we list, and which ones depends on its version.
        local = _local_names(program, checkout, git_environment(environ))
        clean = git_environment(environ, local)
        return cls(program, checkout, _discovered(program, checkout, clean), clean)

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        seconds: float = LOCAL_SECONDS,
        variables: Mapping[str, str] | None = None,
        most: int = MOST_OUTPUT,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `git ARGS` at the top of the work tree and return how it ended.

        A call that takes longer than `seconds`, or prints more than `most` bytes, is killed; its
        last line of standard error then says so. The caller checks the exit code. Raises
        StateUnreachable if git cannot be started.
        """
        pinned = (f"--git-dir={self.git_dir}", f"--work-tree={self.top}")
        environ = {**self.environ, **(variables or {})}
        return _run(self.program, (*pinned, *args), self.top, environ, stdin, seconds, most)

    def text(self, *args: str) -> str:
        """Return what `git ARGS` prints, without its last line end; "" if it failed."""
        ended = self.run(*args)
        return "" if ended.returncode else ended.stdout.decode("utf-8", "replace").rstrip("\n")


def _local_names(program: str, folder: Path, environ: Mapping[str, str]) -> frozenset[str]:
    """Ask git for the names of the variables that belong to one repository.

    It needs no repository to answer.
    """
    ended = _run(program, ("rev-parse", "--local-env-vars"), folder, environ)
    return frozenset(_LOCAL_NAME.findall(ended.stdout.decode("ascii", "replace")))


def _discovered(program: str, top: Path, environ: Mapping[str, str]) -> Path:
    """Have git find the repository at `top`, and nowhere above it; return its git dir.

    Raises StateUnreachable if git refuses it (another user owns it, it is no repository), or finds
    another one than `.git` names.
    """
    bounded = {**environ, "GIT_CEILING_DIRECTORIES": str(top.parent)}
    ended = _run(program, ("rev-parse", "--absolute-git-dir"), top, bounded)
    if ended.returncode:
        message = f"{top}: {reason(ended)}"
        raise StateUnreachable(message, str(top), hint=hint_of_ownership(ended, top) or _SEE)
    discovered = Path(os.fsdecode(ended.stdout).removesuffix("\n"))
    named = _named(top / ".git")
    # git may have gone further up after all: a path with a colon cannot be a ceiling, and a `.git`
    # that is no repository is skipped.
    if not _is_same(discovered, named):
        message = f"{top}: its .git names {named}, and git finds {discovered}"
        raise StateUnreachable(message, str(top), hint=_LEFT_OVER)
    return discovered


_SEE = "`git status` in that folder shows what is wrong with it."
_LEFT_OVER = "Remove that `.git` if it is left over, or clone the repository again."


def _named(link: Path) -> Path:
    """Return the git dir that `.git` is, or names: in a worktree or a submodule it is a file."""
    if link.is_dir():
        return link
    with link.open("rb") as file:
        line = file.read(_GIT_FILE_SIZE)
    return link.parent / os.fsdecode(line.removeprefix(b"gitdir: ").rstrip(b"\r\n"))


def _is_same(one: Path, other: Path) -> bool:
    """Return whether two paths are the same folder. One that cannot be read is not."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _run(  # noqa: PLR0913, PLR0917  # what a process needs, one by one
    program: str,
    args: tuple[str, ...],
    folder: Path,
    environ: Mapping[str, str],
    stdin: bytes = b"",
    seconds: float = LOCAL_SECONDS,
    most: int = MOST_OUTPUT,
) -> subprocess.CompletedProcess[bytes]:
    """Run git with our settings, feed it `stdin`, and collect all that it prints."""
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    # A session of its own: Ctrl-C reaches plancast alone, which still has to write the state, and
    # one signal to the group ends git together with the programs that it started.
    try:
        running = subprocess.Popen(  # noqa: S603  # our arguments, no shell, options before `--`
            [program, *settings, *args],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=dict(environ),
        )
    except OSError as error:
        raise StateUnreachable(f"git: {error.strerror}", str(folder)) from error
    exchange = _Exchange(running, stdin, most)
    try:
        failed = exchange.ended(seconds)
    except BaseException:
        exchange.kill()
        raise
    err = exchange.err + (f"\n{failed}".encode() if failed else b"")
    return subprocess.CompletedProcess([program, *args], running.returncode, exchange.out, err)


class _Exchange:
    """The pipes of a running git: it feeds standard input, and collects both outputs.

    The remote decides how much git prints. Of its output at most `most` bytes are kept, and a
    process that goes on is killed; of its standard error the last bytes are kept. Each pipe has a
    thread, since a full one that is not read would block git for good.
    """

    def __init__(self, running: subprocess.Popen[bytes], stdin: bytes, most: int) -> None:
        self.out, self.err = b"", b""
        self._most = most
        self._running = running
        self._too_much = False
        steps = (partial(self._give, stdin), self._keep_output, self._keep_words)
        self._threads = [threading.Thread(target=step, daemon=True) for step in steps]
        for thread in self._threads:
            thread.start()

    def ended(self, seconds: float) -> str:
        """Wait for the end; return why it was killed, "" if it was not."""
        why = ""
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            why = f"git took more than {seconds:.0f} s"
            self.kill()
        for thread in self._threads:
            thread.join(_LAST_WORDS)
        if any(thread.is_alive() for thread in self._threads):
            # git has ended, but a process that it started keeps the pipes open.
            self.kill()
        return f"git said more than {self._most // 1024**2} MiB" if self._too_much else why

    def kill(self) -> None:
        """End the process and all that it started."""
        with suppress(OSError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()
        for thread in self._threads:
            thread.join(_LAST_WORDS)

    def _give(self, stdin: bytes) -> None:
        pipe = self._running.stdin
        assert pipe is not None
        with suppress(OSError), pipe:  # git may end without reading it all
            pipe.write(stdin)

    def _keep_output(self) -> None:
        """Collect standard output; kill the process if it prints too much."""
        parts, size = [], 0
        for part in _parts(self._running.stdout):
            size += len(part)
            if size > self._most:
                self._too_much = True
                with suppress(OSError):
                    os.killpg(self._running.pid, signal.SIGKILL)
                break
            parts.append(part)
        self.out = b"".join(parts)

    def _keep_words(self) -> None:
        """Collect the end of standard error: git prints the reason of a failure last."""
        for part in _parts(self._running.stderr):
            self.err = (self.err + part)[-MOST_WORDS:]


def _parts(pipe: IO[bytes] | None) -> Iterator[bytes]:
    """Yield the bytes of a pipe as they arrive, until it ends."""
    assert pipe is not None
    with pipe:
        while part := os.read(pipe.fileno(), _PART):
            yield part
