"""The tip rule: what CI applies comes from the tip of the branch that requests are merged into.

Runs of CI are repeated, delayed, and started in another order than the merges were made. A commit
that is not the tip may ask for what a later one took back. So a run looks at the branch while it
holds the state, before it writes anything:

* its commit is the tip: it goes on;
* the tip contains its commit: a newer run applies both, and this one ends (*superseded*);
* anything else was forced away, or was never merged: it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from plancast.model.diagnostics import Diagnostic, problem

SUPERSEDED, REFUSED = "PC840", "PC841"


@dataclass(frozen=True, slots=True)
class TipStanding:
    """Where a run stands. `wanted` is the branch that is applied, "" if nobody knows which.

    `branch` is that of the run, "" for a tag, a request or a merge queue; `commit` is what is
    checked out; `tip` is the last commit of `wanted`, "" if it has none. `contained`: whether the
    tip has the commit in its history, None if nobody knows.
    """

    wanted: str
    branch: str
    commit: str
    tip: str
    contained: bool | None = None


def tip_problem(at: TipStanding) -> Diagnostic | None:
    """Return why a run must not go on; None if it may."""
    if at.wanted and at.branch == at.wanted and at.tip:
        return None if at.commit == at.tip else _older(at)
    where = f"the branch {at.branch}" if at.branch else "no branch, but a tag or a request"
    detail = f"this run is about {where}; applied is {at.wanted}"
    if not at.wanted:
        detail = "the default branch of this repository is not known"
    elif at.branch == at.wanted:
        detail = f"there is no branch {at.wanted} at the remote"
    return problem(REFUSED, detail)


def _older(at: TipStanding) -> Diagnostic:
    short = f"{at.commit[:10]}, and {at.wanted} is at {at.tip[:10]}"
    if at.contained:
        return problem(SUPERSEDED, f"this run is about {short}")
    if at.contained is None:
        return problem(REFUSED, f"this run is about {short}; nobody knows if it is a part of that")
    return problem(REFUSED, f"this run is about {short}, which does not contain it")
