"""What was reviewed, and whether it is what would be done now.

Terms. The *fingerprint* of a plan is a hash over what a reviewer approved: which
entry is created, changed or removed on which profile, and how it reads. The
*marker* is the hidden first line of the comment on a pull request. It says whose
comment it is and carries the fingerprint of the plan that the comment shows. A
second hidden line lists the *approvals*: a short hash for each of its changes.

Premise. Between review and merge a plan is made anew, by another machine, at
another time. What only those tell apart is no part of the fingerprint: when the
plan was made, serials, budgets, places in files, the times that a queue gives
out, and what the plan leaves alone. What a person changed in Buffer meanwhile
is part of it: nobody has approved of overwriting that.

Two requests that are merged within minutes are applied by one plan, and an apply
that was cut short leaves a part for the next. Neither plan was shown whole, yet
each of its changes was: so a plan of which every change was approved somewhere
is the same as what was shown.

What is not done here: believing. Anybody can write a marker into a comment, so
who wrote it is asked where comments are read (`forges`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import sha256

from plancast.core.codec import change_to_dict
from plancast.core.plan import Action, Change, Plan

_FORM = 1
"""Changes when the same plan would get another fingerprint."""

MAX_LISTED = 800
"""Changes. A plan with more lists none: a comment is for reading, and has no more room."""

_ABSENT = "-"
_APPROVALS = re.compile(r"<!-- plancast:changes ([0-9a-f]{16}(?:,[0-9a-f]{16})*) -->")
_MARKER = re.compile(
    r"<!-- plancast:comment (?P<key>[A-Za-z0-9._~%/-]{1,256})"
    r" plan=(?P<plan>[0-9a-f]{64}|-) revision=(?P<revision>[0-9a-f]{7,64}|-) -->"
)


class Verdict(Enum):
    """Whether a plan does what was shown. The value is the word that `reviewed` prints."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Marker:
    """The first line of a comment.

    `key` tells the workspaces of a repository apart. `plan` is a fingerprint, `revision` the
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


def fingerprint(plan: Plan) -> str:
    """64 hexadecimal digits; see the module's essay."""
    changes = sorted(
        _written(_approved(change)) for change in plan.changes if change.action is not Action.NONE
    )
    only = sorted({action.value for action in plan.only})
    scope = {"targets": sorted(set(plan.targets)), "only": only}
    whole = {"form": _FORM, "scope": scope, "changes": changes}
    return sha256(_written(whole).encode("ascii")).hexdigest()


def approvals(plan: Plan) -> frozenset[str]:
    """One hash for each change, of 16 hexadecimal digits."""
    return frozenset(
        sha256(_written(_approved(change)).encode("ascii")).hexdigest()[:16]
        for change in plan.changes
        if change.action is not Action.NONE
    )


def listing(plan: Plan) -> str:
    """The second line of a comment; "" where there is nothing to list, or too much."""
    found = sorted(approvals(plan))
    return f"<!-- plancast:changes {','.join(found)} -->" if 0 < len(found) <= MAX_LISTED else ""


def listed(body: str) -> frozenset[str]:
    """The approvals in the second line of a comment; none where that is something else."""
    lines = body.replace("\r\n", "\n").split("\n", 2)
    found = _APPROVALS.fullmatch(lines[1]) if len(lines) > 1 else None
    return frozenset(found[1].split(",")) if found else frozenset()


def judge(plan: Plan, marker: Marker | None, approved: frozenset[str] = frozenset()) -> Verdict:
    """Whether the plan does what the comment with this marker showed, or each of its changes was
    approved.
    """
    wanted = approvals(plan)
    if wanted and wanted <= approved:
        return Verdict.SAME
    if marker is None or not marker.plan:
        return Verdict.UNKNOWN
    return Verdict.SAME if marker.plan == fingerprint(plan) else Verdict.DIFFERENT


def _approved(change: Change) -> dict[str, object]:
    """What a reviewer saw of a change: what will be there, and what is lost by it."""
    after = change.after
    if after is not None and after.queue is not None:
        after = replace(after, due_at=None)  # the time is the queue's business
    plain = change_to_dict(replace(change, after=after))
    told = {name: plain[name] for name in ("address", "action", "after", "previous_address")}
    told["profile"] = change.profile.id
    told["drift"] = _leaves(plain["drift"])
    if change.action is Action.UPDATE:
        told["fields"] = _leaves(plain["fields"])
    if change.action is Action.DESTROY and change.before is not None:
        # Who reads that a post goes has read which one. Its time may be a slot of the queue.
        told["gone"] = change.before.text.strip()
    return told


def _leaves(leaves: object) -> list[str]:
    assert isinstance(leaves, list)
    return sorted(_written(leaf) for leaf in leaves)


def _written(value: object) -> str:
    """The same text for the same value: ASCII, keys in order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
