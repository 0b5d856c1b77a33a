"""Approvals: the changes that a person has seen and agreed to, and when each agreement is used up.

Terms. A *request* here is a pull request or a merge request. A change is *pending* if it sends
something, or will do so as soon as nothing holds it back: a full queue, a duplicate and the budget
of API requests decide when a change is made, not if. The *key* of a change is a hash of what a
person agrees to: the profile, the operation, how the entry reads afterwards, and what is lost by
it. A *mark* stands for one key in the comment on one request.

Premise. Between review and merge the plan is made again, by another machine, at another time. Two
requests that are merged within minutes are applied by one plan, and an apply that is cut short
leaves a rest to the next one. So people approve changes, not plans. A plan may be applied if each
of its pending changes is approved: by a merged request, by a person, or by an earlier apply that
could not make the change yet.

What follows for the key. It contains no address, so a waiting post that is renamed stays approved.
It leaves out times that a queue assigns, since those change without an author. It leaves out every
field that has its default, so a field that a later plancast adds changes no key.

What follows for the mark. It is bound to workspace, environment and request, so a comment that is
copied to another place approves nothing there. It keeps 132 bits of the hash: too many to search
for two texts with one mark, one for the reviewer to read and another one to send.

Life of an approval:

1. the apply moves it from the comment into the state before its first request (`granted`), and
   notes the request as *spent*: its comment approves nothing a second time;
2. it leaves the state in the same write as the outcome of its change (`done`);
3. if the network refused the change, the approval stays and is marked (`refused`): scheduled runs
   leave it alone, a person may repeat it;
4. if no file asks for the change any more, it is dropped and reported (`pruned`).

A process that is killed anywhere in between leaves the approval either in the comment or in the
state, never in both and never in neither.

So if an apply ends early, the approvals of the rest are in the state. If a queue was full or the
budget of API requests used up, the next scheduled run (a *top-up*, see `top_up`) makes the
creates among them, and completes those that are only reserved; other updates and destroys wait for
a run by a person or for the next merge. If the
outcome of a create is unknown, its approval stays until recovery has settled it. If the plan was
refused or stale, the state took over nothing, and the comment still counts.

This module does not decide if a comment can be trusted. Everyone can write a mark into a comment,
so `forges` checks the author of a comment before it passes marks on.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from plancast.codec import change_to_dict, entry_to_dict
from plancast.model.clearance import Clearance
from plancast.model.entry import Entry
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.model.state import (
    Approval,
    Operation,
    PersonApproval,
    RequestApproval,
    State,
)

FORM = "plancast approval 2"
"""Version of the hash. Raise it when the same change would get another key than before."""

SPENT_FOR = timedelta(days=60)
"""How long the state remembers a request as spent. Requests merged earlier are never looked at."""

MARK_LENGTH = 22
"""Characters of base64: 132 bits."""

_HELD_BACK = (Situation.DEFERRED, Situation.BLOCKED)
_LINE = re.compile(
    rf"<!-- plancast:approves ([\w-]{{{MARK_LENGTH}}}(?: [\w-]{{{MARK_LENGTH}}})*) -->"
)
_USUAL = entry_to_dict(Entry())


@dataclass(frozen=True, slots=True)
class Setting:
    """The place to which a mark is bound.

    `workspace` is the id of the workspace, `environment` names the queue it is about, `request` the
    pull request or merge request that holds the comment.
    """

    workspace: str
    environment: str
    request: str


# -- keys and marks ---------------------------------------------------------------------------


def key_of(change: Change) -> str:
    """Return the key of a change: 64 hexadecimal digits of a hash of what a person agrees to."""
    kind = kind_of(change)
    content: dict[str, object] = {
        "form": FORM,
        "profile": change.profile.id,
        "kind": kind.value,
        "after": _canonical(change.after),
    }
    plain = change_to_dict(change)
    # The drift is a part of the key: an approved update must not overwrite an edit that a person
    # made in the queue after the review.
    content["drift"] = _leaves(plain["drift"])
    if kind is Operation.UPDATE:
        content["fields"] = _leaves(plain["fields"])
    if kind is Operation.DESTROY and change.before is not None:
        # Its time may be a slot that the queue assigned, and slots move on their own.
        content["before"] = _canonical(replace(change.before, due_at=None, queue=None))
    return sha256(_written(content).encode("ascii")).hexdigest()


def kind_of(change: Change) -> Operation:
    """Return the operation of a change, or the one it will have once nothing holds it back.

    The update that completes a two-phase create is a part of it, so its approval covers both.
    """
    if change.completes_create:
        return Operation.CREATE
    if change.action.sends:
        return _KINDS[change.action]
    # A change that is held back has the action NONE or RENAME, so its sides have to show the rest.
    if change.after is None:
        return Operation.DESTROY
    return Operation.UPDATE if change.remote_id else Operation.CREATE


_KINDS = {
    Action.CREATE: Operation.CREATE,
    Action.UPDATE: Operation.UPDATE,
    Action.DESTROY: Operation.DESTROY,
}


def is_pending(change: Change) -> bool:
    """Return whether a change sends something, or would do so if nothing held it back."""
    if change.action.sends:
        return True
    is_held_back = change.action in (Action.NONE, Action.RENAME) and any(
        one in change.situations for one in _HELD_BACK
    )
    return is_held_back and (change.after is not None or bool(change.remote_id))


def pending(changes: Iterable[Change]) -> dict[str, Change]:
    """Return the pending changes by their keys."""
    return {key_of(change): change for change in changes if is_pending(change)}


def mark_of(key: str, setting: Setting) -> str:
    """Return the 22 characters that stand for a key in the comment on one request."""
    bound = [FORM, setting.workspace, setting.environment, setting.request, key]
    digest = sha256(_written(bound).encode("ascii")).digest()
    return urlsafe_b64encode(digest).decode("ascii")[:MARK_LENGTH]


def marks_line(keys: Iterable[str], setting: Setting) -> str:
    """Return the hidden line of a comment that lists marks; "" if there are none."""
    marks = sorted({mark_of(key, setting) for key in keys})
    return f"<!-- plancast:approves {' '.join(marks)} -->" if marks else ""


def marks_in_line(body: str) -> str:
    """Return the second line of a comment if it lists marks, else ""."""
    lines = body.replace("\r\n", "\n").split("\n", 2)
    return lines[1] if len(lines) > 1 and _LINE.fullmatch(lines[1]) else ""


def marks_in(body: str) -> frozenset[str]:
    """Return the marks in the second line of a comment; none if that is something else."""
    line = _LINE.fullmatch(marks_in_line(body))
    return frozenset(line[1].split(" ")) if line else frozenset()


def _canonical(entry: Entry | None) -> dict[str, object] | None:
    """Return the fields that differ from their defaults, without a time that the queue assigns."""
    if entry is None:
        return None
    if entry.queue is not None:
        entry = replace(entry, due_at=None)
    plain = entry_to_dict(entry)
    return {name: value for name, value in plain.items() if _USUAL.get(name) != value}


def _leaves(leaves: object) -> list[str]:
    """Return the differences as sorted texts, so that their order changes no key."""
    assert isinstance(leaves, list)
    return sorted(_written(leaf) for leaf in leaves)


def _written(value: object) -> str:
    """Return JSON that is the same for the same value: ASCII, keys sorted, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


# -- who has approved -------------------------------------------------------------------------


def approved_by_request(
    wanted: Mapping[str, Change],
    marks: Collection[str],
    setting: Setting,
    by: RequestApproval,
    at: datetime,
) -> dict[str, Approval]:
    """Return approvals for those wanted changes whose marks the comment on a request showed.

    `wanted` maps keys to changes, as `pending` returns them. A comment may show marks of changes
    that a later commit took back; they match nothing and are ignored.
    """
    return {
        key: _approval(change, by, at)
        for key, change in wanted.items()
        if mark_of(key, setting) in marks
    }


def approved_by_person(
    changes: Iterable[Change], by: PersonApproval, at: datetime
) -> dict[str, Approval]:
    """Return approvals for all pending changes of a plan that a person saw and confirmed."""
    return {key: _approval(change, by, at) for key, change in pending(changes).items()}


def _approval(change: Change, by: RequestApproval | PersonApproval, at: datetime) -> Approval:
    return Approval(
        profile_id=change.profile.id,
        address=change.address,
        kind=kind_of(change),
        at=at,
        by=by,
        group=change.group,
    )


# -- in the state -----------------------------------------------------------------------------


def granted(state: State, clearance: Clearance, now: datetime) -> State:
    """Move what a run may send into the state: approvals, spent requests, the applied commit.

    The engine writes the result before the first request. If the run is killed after that, the
    next one finds the approvals in the state and needs no comment.
    """
    spent = {name: at for name, at in state.spent.items() if now - at <= SPENT_FOR}
    spent.update(dict.fromkeys(clearance.requests, now))
    return replace(
        state,
        approved={**state.approved, **clearance.approvals},
        spent=spent,
        applied=clearance.applied or state.applied,
    )


def pruned(state: State, changes: Iterable[Change]) -> tuple[State, tuple[Approval, ...]]:
    """Drop the approvals of changes that are not pending any more; return them beside the state.

    `changes` are all that the files ask for now. A run with a narrower scope (`--target`) must pass
    them all too, or it would drop what it merely leaves out.
    """
    if not state.approved:
        return state, ()
    wanted = pending(changes)
    dropped = tuple(one for key, one in state.approved.items() if key not in wanted)
    if not dropped:
        return state, ()
    left = {key: one for key, one in state.approved.items() if key in wanted}
    return replace(state, approved=left), dropped


def noticed(state: State, changes: Iterable[Change], now: datetime) -> State:
    """Note which changes lack an approval, each with the time it was first seen without one.

    `changes` are as for `pruned`. An edit makes another change, whose time starts now.
    """
    left = [key for key in pending(changes) if key not in state.approved]
    return replace(state, unapproved={key: state.unapproved.get(key, now) for key in left})


def done(state: State, change: Change) -> State:
    """Return the state without the approval of a change that was made: it is used up."""
    key = key_of(change) if state.approved else ""
    if key not in state.approved:
        return state
    # A copy, for each change that is made: much faster than to compare all keys.
    left = dict(state.approved)
    del left[key]
    return replace(state, approved=left)


def refused(state: State, change: Change) -> State:
    """Mark the approval of a change that the network refused: only a person repeats that."""
    key = key_of(change) if state.approved else ""
    if key not in state.approved:
        return state
    marked = replace(state.approved[key], refused=True)
    return replace(state, approved={**state.approved, key: marked})


# -- the plan as a whole ----------------------------------------------------------------------


def plan_id(plan: Plan) -> str:
    """Return 32 hexadecimal digits by which a person names a plan that a summary printed.

    The id depends on the scope and the changes alone. A plan that is made again, elsewhere and
    later, has the same id as long as it does the same.
    """
    scope = [sorted(set(plan.targets)), sorted(action.value for action in plan.only)]
    changes = sorted(
        [str(change.address), change.action.value, key_of(change), str(change.previous_address)]
        for change in plan.changes
        if change.action is not Action.NONE or is_pending(change)
    )
    return sha256(_written([FORM, scope, changes]).encode("ascii")).hexdigest()[:32]


_ABSENT = "-"
_MARKER = re.compile(
    r"<!-- plancast:comment (?P<key>[A-Za-z0-9._~%/-]{1,256})"
    r" plan=(?P<plan>[0-9a-f]{32,64}|-) revision=(?P<revision>[0-9a-f]{7,64}|-) -->"
)


class ReviewVerdict(Enum):
    """The answer to: was everything that this plan does approved?

    The value is the word that `plancast reviewed` prints. SAME: all of it. DIFFERENT: some change
    was not. UNKNOWN: no comment and no record in the state says so either way. SUPERSEDED: the plan
    was not approved and need not be, because a newer commit is on the branch and its run decides.
    NOTHING: the plan sends nothing, and the state would not change either.
    """

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Marker:
    """The first line of a comment by plancast, hidden in an HTML comment.

    `key` distinguishes the workspaces of one repository. `plan` is the id of a plan, `revision` the
    commit it was made for; either is "" if there is none.

    Raises:
        ValueError: a part contains characters that could end the HTML comment early.
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
        """Return the marker of a comment that begins with one; None for every other comment."""
        line = body.partition("\n")[0].removesuffix("\r")
        marker = _MARKER.fullmatch(line)
        # Two dashes end a comment in old HTML parsers.
        if marker is None or "--" in marker["key"]:
            return None
        plan, revision = (marker[name].replace(_ABSENT, "") for name in ("plan", "revision"))
        return cls(marker["key"], plan, revision)
