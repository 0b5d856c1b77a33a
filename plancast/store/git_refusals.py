"""Reasons why git, or the remote behind it, refused something, and hints what to do. Pure.

git has one exit code for all of its failures, so its words are matched. They are in English, since
every call sets the locale to C. Servers have words of their own; those of the large forges are
known here.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

_LINES = 3
"""The most lines of a failure that are quoted."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of refusals: regular expressions that recognize its words, and the hint that fits.

    `reading`: a fetch can fail for this cause too, and the same hint fits it. `is_of_ref`: the
    remote refuses this ref, so another ref may do.
    """

    words: tuple[str, ...]
    hint: str
    reading: bool = False
    is_of_ref: bool = False


# The first match wins: causes that a remote explains in words of its own come before those that
# only say which part of it refused.
CAUSES = (
    Cause(
        (r"deny updating a hidden ref",),
        "The remote hides refs of this kind (`transfer.hideRefs`). Have it show them.",
        is_of_ref=True,
    ),
    Cause(
        (r"branch is currently checked out",),
        "The remote is a checkout itself, and has this branch in its work tree.",
        is_of_ref=True,
    ),
    Cause(
        # If `user.signingKey` is not set, git looks for a key of the committer, and may find none.
        (r"failed to sign the push certificate", r"please tell me who you are"),
        "The remote asks for signed pushes and `push.gpgSign` is set, but git could not sign. "
        "Check `user.signingKey`, or set `push.gpgSign` to false.",
    ),
    Cause(
        (
            r"exceeds maximum allowed size",
            r"exceed(?:s|ed)? .*(?:size|storage) limit",
            r"quota exceeded",
            r"no space left on device",
            r"out of diskspace",
            r"\bGH001\b",
        ),
        "No room is left, or a limit on the size of a push is too low. Free some space there or "
        "raise the limit, then run again.",
    ),
    Cause(
        (
            r"verified signatures",
            r"(?:must|have to|need to) be signed",
            r"unsigned (?:commit|push)",
        ),
        "The remote takes signed commits or pushes alone, and commits of the state are not signed. "
        "Except the ref from that rule.",
        is_of_ref=True,
    ),
    Cause(
        (r"read-only (?:gitlab|instance|mode)", r"\barchived\b", r"maintenance mode"),
        "The remote takes no pushes at all: it is archived, or under maintenance.",
    ),
    Cause(
        (r"returned error: 429", r"too many requests", r"rate limit"),
        "The remote has had too many requests for now. Run the command again later.",
        reading=True,
    ),
    Cause(
        (r"protected branch", r"protected ref", r"rule violations", r"\bGH006\b", r"\bGH013\b"),
        "A rule of the remote protects this ref. Let the account that pushes bypass it.",
        is_of_ref=True,
    ),
    Cause(
        (
            r"could not read (?:username|password)",
            r"authentication failed",
            r"permission denied \(publickey",
            r"host key verification failed",
            r"returned error: 401",
        ),
        "git has no credential that the remote accepts. `git fetch` and `git push --dry-run` show "
        "whether it works without plancast; for CI see docs/ci.md.",
        reading=True,
    ),
    Cause(
        (
            r"returned error: 403",
            r"write access to repository not granted",
            r"permission to .* denied",
            r"marked as read[- ]only",
            r"not allowed to (?:push|upload)",
            r"insufficient permission",
            r"read-only file ?system",
            r"permission denied",
        ),
        "The account that pushes may only read there. Give it the right to write (in GitHub "
        "Actions: `permissions: contents: write`).",
    ),
    Cause(
        (r"unable to create temporary object directory",),
        "The remote could not store it: it may only be read by this account, or its disk is full.",
    ),
    Cause(
        (r"hook declined", r"prohibited by gerrit"),
        "A hook of the remote refused it, for the reason that it gives. Have it accept the ref of "
        "the state.",
        is_of_ref=True,
    ),
    Cause(
        (r"funny refname", r"restricted ref"),
        "The remote takes no refs of this kind.",
        is_of_ref=True,
    ),
    Cause(
        (r"failed to update ref",),
        "The remote could not move the ref. Another ref may stand in its way: one whose name is "
        "the beginning of this one. `git ls-remote` lists them.",
    ),
    Cause(
        (r"transport '.*' not allowed",),
        "plancast uses no remotes of this kind. Give the remote an address of https or ssh.",
        reading=True,
    ),
    Cause(
        (r"took more than \d+ s",),
        "The remote answers slowly. Run the command again.",
        reading=True,
    ),
)

_STAYS = (
    "It has taken this ref before, and the state that stands there cannot be moved without it: a "
    "move is noted there."
)

UNKNOWN = "The remote refused it, for the reason that it gives. Nothing was written."
"""The hint for a refused push whose words match no cause."""

_EXCEPTION = re.compile(r"^\s*(git config --global --add safe\.directory .+)$", re.MULTILINE)


def hint_for(ended: CompletedProcess[bytes], ref: str = "", *, stands: bool = False) -> str:
    """Return what to do about a failed call of git; "" if its words match no cause.

    `ref` is the one that the state was to be written to; "" if it was only read. `stands`: a state
    is there already. When a state moves, its old ref must record where it went, so another ref is
    no way out then.
    """
    output = _said(ended)
    for cause in CAUSES:
        if not ref and not cause.reading:
            continue
        if any(re.search(words, output, re.IGNORECASE) for words in cause.words):
            if not cause.is_of_ref:
                return cause.hint
            if stands:
                return f"{cause.hint} {_STAYS}"
            other = f"`state: {{backend: git, ref: {_other(ref)}}}`"
            return f"{cause.hint} Another ref may do: {other}."
    return ""


def hint_of_ownership(ended: CompletedProcess[bytes], top: Path) -> str:
    """Return what to do if git refused a checkout because another user owns it; "" if it did not.

    The command is built here, since a remote could print a different one into the output of other
    calls.
    """
    if not _EXCEPTION.search(_said(ended)):
        return ""
    command = f"git config --global --add safe.directory {shlex.quote(str(top))}"
    return f"If you trust its owner: `{command}`."


def hint_here(ended: CompletedProcess[bytes]) -> str:
    """Return what to do if git could not write into the repository of the checkout."""
    output = _said(ended).lower()
    if "no space left" in output or "quota" in output or "diskspace" in output:
        return "Free some space, then run again."
    if "permission" in output or "read-only" in output:
        return "Give this user the right to write into the repository of the checkout."
    return "`git fsck` checks the repository of the checkout."


def reason(ended: CompletedProcess[bytes]) -> str:
    """Return the reason that git, or the remote through it, gave: one line, without credentials."""
    lines = [
        line.strip()
        for line in _said(ended).splitlines()
        if line.strip() and not line.startswith(("To ", "Done")) and not _EXCEPTION.match(line)
    ]
    rejected = [line for line in lines if "rejected]" in line]
    remote = [line for line in lines if line.startswith("remote:") and line != "remote:"]
    # The remote's own words explain most; git's summary of the ref comes next.
    picked = [*remote, *rejected] or lines or [f"git ended with {ended.returncode}"]
    return _without_secrets("; ".join(" ".join(line.split()) for line in picked[:_LINES]))


def _said(ended: CompletedProcess[bytes]) -> str:
    """Return all that git printed."""
    # `push --porcelain` prints rejections to standard output, everything else goes to the other.
    return (ended.stderr + b"\n" + ended.stdout).decode("utf-8", "replace")


def _other(ref: str) -> str:
    """Return the name of a branch for a ref that is none, and of a ref for a branch.

    It contains the name of the ref, so that two workspaces are never sent to the same one.
    """
    if ref.startswith("refs/heads/"):
        return f"refs/plancast/{ref.removeprefix('refs/heads/')}"
    return f"refs/heads/{ref.removeprefix('refs/').replace('/', '-')}"


def _without_secrets(text: str) -> str:
    """Remove credentials from addresses that git repeats: before an `@`, or in a query."""
    plain = re.sub(r"(\w+://)\S*@", r"\1", text)
    return re.sub(r"(\w+://[^\s?'\"]*\?)[^\s'\"]*", r"\1…", plain)
