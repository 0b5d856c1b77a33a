"""The tip rule: CI applies only the tip of the branch that requests are merged into.

CI repeats and delays runs, and may start them in another order than the merges. A commit that is
not the tip may ask for a post that a later commit took back. So a run reads the branch while it
holds the lease on the state, before its first write:

* its commit is the tip: the run goes on;
* the tip contains its commit: a newer run applies both, and this one ends (*superseded*);
* neither: the commit was forced away, or never merged, and the run is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from plancast.model.diagnostics import Diagnostic, problem

SUPERSEDED, REFUSED = "PC840", "PC841"


@dataclass(frozen=True, slots=True)
class TipStanding:
    """The position of a run's commit relative to the branch that is applied.

    `wanted` is that branch, "" if it is not known. `branch` is the branch of the run, "" for a tag,
    a request or a merge queue. `commit` is checked out; `tip` is the last commit of `wanted`, ""
    if that branch does not exist. `contained`: the tip has the commit in its history; None if that
    could not be found out, which counts as no.
    """

    wanted: str
    branch: str
    commit: str
    tip: str
    contained: bool | None = None


def tip_problem(at: TipStanding) -> Diagnostic | None:
    """Return the reason why a run must not go on; None if it may."""
    if at.wanted and at.branch == at.wanted and at.tip:
        return None if at.commit == at.tip else _older(at)
    place = f"the branch {at.branch}" if at.branch else "no branch, but a tag or a request"
    detail = f"this run is about {place}; applied is {at.wanted}"
    if not at.wanted:
        detail = "the default branch of this repository is not known"
    elif at.branch == at.wanted:
        detail = f"there is no branch {at.wanted} at the remote"
    return problem(REFUSED, detail)


def _older(at: TipStanding) -> Diagnostic:
    """Return the diagnostic for a commit of the right branch that is not its tip."""
    short = f"{at.commit[:10]}, and {at.wanted} is at {at.tip[:10]}"
    if at.contained:
        return problem(SUPERSEDED, f"this run is about {short}")
    if at.contained is None:
        return problem(REFUSED, f"this run is about {short}; nobody knows if it is a part of that")
    return problem(REFUSED, f"this run is about {short}, which does not contain it")
