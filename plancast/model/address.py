"""The address of an entry, `POST_ID@PROFILE_ALIAS`, and the rules that both names obey.

The same rules hold for files, the command line, the state and saved plans. No address contains a
name that leads out of a folder (`..`), or one that a terminal could show as another name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"[A-Za-z0-9._-]+"
_ALIAS = re.compile(_WORD)
_POST_ID = re.compile(rf"{_WORD}(?:/{_WORD})*")
_STEPS = frozenset({".", ".."})
"""Parts of a path that do not name a file."""


def is_post_id(text: str) -> bool:
    """Return whether a text can be the id of a post.

    Such an id has words of letters, digits, `.`, `_` and `-`, with `/` between them.
    """
    return _POST_ID.fullmatch(text) is not None and _STEPS.isdisjoint(text.split("/"))


def is_alias(text: str) -> bool:
    """Return whether a text can be the alias of a profile: letters, digits, `.`, `_` and `-`."""
    return _ALIAS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """`POST_ID@PROFILE_ALIAS`: the name of an entry, stable over edits."""

    post: str
    profile: str

    def __str__(self) -> str:
        return f"{self.post}@{self.profile}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Parse the printed form.

        Raises:
            ValueError: the text is not an address; the message says why.
        """
        # Aliases contain no @, so the last one separates the two names.
        post, at, profile = text.rpartition("@")
        if not (at and post and profile):
            raise ValueError(f"not an address: {text!r} (expected POST_ID@PROFILE_ALIAS)")
        if not is_post_id(post):
            raise ValueError(
                f"not an address: {text!r} (an id has letters, digits, `.`, `_`, `-` and `/`)"
            )
        if not is_alias(profile):
            raise ValueError(
                f"not an address: {text!r} (an alias has letters, digits, `.`, `_` and `-`)"
            )
        return cls(post, profile)
