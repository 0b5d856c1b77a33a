"""The address of an entry, `POST_ID@PROFILE_ALIAS`, and the rules that both names obey.

The same rules hold for files, for the command line, for the state and for saved plans. A name that
leads out of a folder (`..`) or that a terminal would show as another one is no address anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"[A-Za-z0-9._-]+"
_ALIAS = re.compile(_WORD)
_POST_ID = re.compile(rf"{_WORD}(?:/{_WORD})*")
_STEPS = frozenset({".", ".."})
"""Parts of a path that name no file."""


def is_post_id(text: str) -> bool:
    """Whether a text can be the id of a post: letters, digits, `.`, `_`, `-`, and `/` between."""
    return _POST_ID.fullmatch(text) is not None and _STEPS.isdisjoint(text.split("/"))


def is_alias(text: str) -> bool:
    """Whether a text can be the alias of a profile: letters, digits, `.`, `_` and `-`."""
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
        """Read the printed form. Raises ValueError if it is not one."""
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
