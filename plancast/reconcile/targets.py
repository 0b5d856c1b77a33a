"""Targets: globs of addresses or of post ids that a user gives on the command line.

A target with `!` before it leaves out what it matches. A glob that matches nothing is a typing
error. Taken as it is, it would make an empty plan, which reads like "all is done".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.quoting import LONGEST_NAME, closest, first_few

_ENDINGS = (".yaml", ".yml", ".md")

WITHOUT = "!"
"""The sign before a target that leaves out what it matches; no id begins with it."""


def is_target(address: str, targets: Sequence[str]) -> bool:
    """Return whether an address matches one of these targets and none of those that leave out.

    Without a target that takes something, all do.
    """
    taken = [target for target in targets if not target.startswith(WITHOUT)]
    if taken and not any(matches(address, target) for target in taken):
        return False
    left_out = (target.removeprefix(WITHOUT) for target in targets if target.startswith(WITHOUT))
    return not any(matches(address, target) for target in left_out)


def matches(address: str, glob: str) -> bool:
    """Return whether a glob of addresses, or of ids if it has no `@`, matches an address."""
    if fnmatchcase(address, glob):
        return True
    return "@" not in glob and fnmatchcase(address.rpartition("@")[0], glob)


def unmatched(
    targets: Iterable[str], known: Collection[str], drafts: Collection[str] = ()
) -> tuple[Diagnostic, ...]:
    """Return an error for each target that matches none of the known addresses.

    `drafts` are addresses of posts that no plan contains; a target for them alone says so.
    """
    problems = []
    for target in dict.fromkeys(target.removeprefix(WITHOUT) for target in targets):
        if any(matches(address, target) for address in known):
            continue
        if drafted := sorted(address for address in drafts if matches(address, target)):
            detail = f"{target}: a draft is never planned: {first_few(drafted)}"
            hint = "Take `status: draft` out of its file first."
        else:
            near = _near(target, known) or _near(target, drafts)
            detail, hint = target, f"Did you mean {first_few(near)}?" if near else _known(known)
        problems.append(problem("PC311", detail, hint=hint))
    return tuple(problems)


def _known(known: Collection[str]) -> str:
    if not known:
        return "There are no addresses: the files ask for nothing, and nothing is owned."
    return f"An address is ID@ALIAS, such as {first_few(sorted(known))}."


def _near(target: str, known: Collection[str]) -> Sequence[str]:
    """Return the addresses that were probably meant, sorted; empty if none is similar."""
    if len(target) > LONGEST_NAME:
        return []
    post, _, alias = target.rpartition("@")
    if not post:  # no alias at all: an id, or the name of its file
        post, alias = target.removeprefix("@"), "*"
    parts = [address.rpartition("@") for address in known]
    posts = _meant(post, {name for name, _, _ in parts})
    on_posts = {name for one, _, name in parts if one in posts}
    aliases = _meant(alias, on_posts) or on_posts
    return sorted(f"{one}@{name}" for one, _, name in parts if one in posts and name in aliases)


def _meant(glob: str, names: Collection[str]) -> Collection[str]:
    """Return the names that a glob matches, in any case, or else the closest one."""
    folded = glob.casefold()
    if fitting := {name for name in names if fnmatchcase(name.casefold(), folded)}:
        return fitting
    for ending in _ENDINGS:
        bare = folded.removesuffix(ending)
        # The path of a file begins with its content folder, which no id has.
        ends = {name for name in names if bare != folded and f"/{bare}".endswith(f"/{name}")}
        if ends:
            return ends
    close = closest(folded.replace("*", ""), names)
    return {close} if close else ()
