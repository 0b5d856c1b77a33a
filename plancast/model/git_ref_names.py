"""Names of git refs that can hold a state, and the reasons why others cannot."""

from __future__ import annotations

import re

_GIT = "git keeps something of its own there"
_FORGE = "a forge keeps reviews and other things of its own there"
RESERVED = {
    "tags": "a tag stays where it is, and the state moves",
    "remotes": "git keeps there what it fetched",
    "plancast-local": "plancast keeps there what it fetched",
    **dict.fromkeys(("bisect", "bundle", "notes", "original", "prefetch", "replace"), _GIT),
    **dict.fromkeys(("rewritten", "stash", "worktree"), _GIT),
    **dict.fromkeys(("pull", "pull-requests", "merge-requests"), _FORGE),
    **dict.fromkeys(("changes", "for", "groups", "meta", "users"), _FORGE),
    **dict.fromkeys(("environments", "keep-around", "pipelines"), _FORGE),
}
"""Maps the first word after `refs/` of refs that cannot hold the state to the reason."""

_FULL_NAME = re.compile(r"refs(/[A-Za-z0-9][A-Za-z0-9._-]*){2,}")
"""The pattern of `state.ref` in the schema of a workspace."""


def is_state_ref(ref: str) -> bool:
    """Return whether a text is the full name of a ref that can hold a state."""
    return _FULL_NAME.fullmatch(ref) is not None and not ref_problem(ref)


def ref_problem(ref: str) -> str:
    """Return the reason why a full ref name cannot be that of the state; "" if it can.

    `ref` must match the pattern of the schema: words of letters, digits, `.`, `_` and `-`.
    """
    words = ref.split("/")
    wrong = next((problem for word in words if (problem := name_problem(word))), "")
    return wrong or RESERVED.get(words[1], "")


def name_problem(word: str) -> str:
    """Return the reason why git refuses a word in the name of a ref; "" if it accepts it."""
    if word != word.strip():
        return "it ends with a line end"
    if ".." in word:
        return "git takes no name with `..`"
    for end in (".", ".lock"):
        if word.endswith(end):
            return f"git takes no name that ends with `{end}`"
    return "HEAD is not the name of a ref of its own" if word == "HEAD" else ""
