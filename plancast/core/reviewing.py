"""Whose comment it is that stands on a request, and what `reviewed` says of a plan.

Terms. The *marker* is the hidden first line of the comment on a pull request. It says whose comment
it is, which plan it shows and for which commit. The line below it lists what the comment approves
of: see `approvals`.

What is not done here: believing. Anybody can write a marker into a comment, so who wrote it is
asked where comments are read (`forges`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_ABSENT = "-"
_MARKER = re.compile(
    r"<!-- plancast:comment (?P<key>[A-Za-z0-9._~%/-]{1,256})"
    r" plan=(?P<plan>[0-9a-f]{32,64}|-) revision=(?P<revision>[0-9a-f]{7,64}|-) -->"
)


class Verdict(Enum):
    """Whether all that a plan does was approved. The value is the word that `reviewed` prints.

    NOTHING: it does nothing, and the state has nothing to learn from it either. SUPERSEDED: it was
    not approved, and need not be: a newer commit is on the branch, whose run decides.
    """

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Marker:
    """The first line of a comment.

    `key` tells the workspaces of a repository apart. `plan` is the id of a plan, `revision` the
    commit it was made for; either is "" where there is none.
    """

    key: str
    plan: str = ""
    revision: str = ""

    def __post_init__(self) -> None:
        if _MARKER.fullmatch(str(self)) is None or "--" in self.key:
            raise ValueError(f"this cannot stand in a marker: {self}")

    def __str__(self) -> str:
        plan, revision = self.plan or _ABSENT, self.revision or _ABSENT
        return f"<!-- plancast:comment {self.key} plan={plan} revision={revision} -->"

    @classmethod
    def parse(cls, body: str) -> Marker | None:
        """The marker of a comment that begins with one; None for every other comment."""
        line = body.partition("\n")[0].removesuffix("\r")
        found = _MARKER.fullmatch(line)
        if found is None or "--" in found["key"]:
            return None
        plan, revision = (found[name].replace(_ABSENT, "") for name in ("plan", "revision"))
        return cls(found["key"], plan, revision)
