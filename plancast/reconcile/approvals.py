"""Approvals: which changes a person has seen and agreed to, whenever they are sent.

Terms. A change is *pending* if it sends, or will once nothing holds it back: a full queue, a
duplicate and the budget of requests decide when a change is made, not whether. The *key* of a
change is a hash over what a person agrees to: the profile, what is done, how the entry reads
afterwards, and what is lost by it. A *mark* is what stands for a key in the comment on a request.

Premise. Between review and merge a plan is made anew, by another machine, at another time. Two
requests that are merged within minutes are applied by one plan, and an apply that was cut short
leaves a part for the next. So changes are approved, not plans. A plan may be applied if each of
its pending changes is approved: by a request that was merged, by a person, or earlier.

What follows. The key names no address, so a waiting post that is renamed stays approved. It leaves
out the times that a queue gives out, and every field that is as usual, so that a field that a later
plancast adds changes no key. The mark is bound to workspace, queue and request: it approves
nothing anywhere else. It has 132 bits, so nobody finds two texts of which one is read and the
other one is sent.

An approval is used up once. The state takes it over before the first request (`granted`) and lets
go of it with the outcome of its change (`done`). What no file asks for any more is dropped
(`pruned`). The requests that were used are noted as spent: their comments approve nothing again.

What is not done here: believing. Anybody can write a mark into a comment, so who wrote it is asked
where comments are read (`forges`).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
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
"""Changes when the same change would get another key."""

SPENT_FOR = timedelta(days=60)
"""How long a request is remembered as spent. None that was merged earlier is looked at."""

MARK_LENGTH = 22
"""Characters of base64: 132 bits."""

_HELD_BACK = (Situation.DEFERRED, Situation.BLOCKED)
_LINE = re.compile(
    rf"<!-- plancast:approves ([\w-]{{{MARK_LENGTH}}}(?: [\w-]{{{MARK_LENGTH}}})*) -->"
)
_USUAL = entry_to_dict(Entry())


@dataclass(frozen=True, slots=True)
class Setting:
    """To what a mark is bound: the id of the workspace, whose queue it is about, the request."""

    workspace: str
    environment: str
    request: str


# -- keys and marks ---------------------------------------------------------------------------


def key_of(change: Change) -> str:
    """Return 64 hexadecimal digits for what a person agrees to."""
    kind = kind_of(change)
    content: dict[str, object] = {
        "form": FORM,
        "profile": change.profile.id,
        "kind": kind.value,
        "after": _canonical(change.after),
    }
    plain = change_to_dict(change)
    content["drift"] = _leaves(plain["drift"])
    if kind is Operation.UPDATE:
        content["fields"] = _leaves(plain["fields"])
    if kind is Operation.DESTROY and change.before is not None:
        # Its time may be a slot of the queue.
        content["before"] = _canonical(replace(change.before, due_at=None, queue=None))
    return sha256(_written(content).encode("ascii")).hexdigest()


def kind_of(change: Change) -> Operation:
    """Return what is done, or will be once nothing holds the change back."""
    if change.action.sends:
        return _KINDS[change.action]
    if change.after is None:
        return Operation.DESTROY
    return Operation.UPDATE if change.remote_id else Operation.CREATE


_KINDS = {
    Action.CREATE: Operation.CREATE,
    Action.UPDATE: Operation.UPDATE,
    Action.DESTROY: Operation.DESTROY,
}


def is_pending(change: Change) -> bool:
    """Return whether it sends, or would if nothing held it back."""
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
    """Return what stands for a key in the comment on one request."""
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
    found = _LINE.fullmatch(marks_in_line(body))
    return frozenset(found[1].split(" ")) if found else frozenset()


def _canonical(entry: Entry | None) -> dict[str, object] | None:
    """What is not as usual; of an entry for the queue not its time, which is the queue's."""
    if entry is None:
        return None
    if entry.queue is not None:
        entry = replace(entry, due_at=None)
    plain = entry_to_dict(entry)
    return {name: value for name, value in plain.items() if _USUAL.get(name) != value}


def _leaves(leaves: object) -> list[str]:
    assert isinstance(leaves, list)
    return sorted(_written(leaf) for leaf in leaves)


def _written(value: object) -> str:
    """The same text for the same value: ASCII, keys in order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


# -- who has approved -------------------------------------------------------------------------


def approved_by_request(
    wanted: Mapping[str, Change],
    marks: Collection[str],
    setting: Setting,
    by: RequestApproval,
    at: datetime,
) -> dict[str, Approval]:
    """Return which of the wanted changes the comment on a request showed."""
    return {
        key: _approval(change, by, at)
        for key, change in wanted.items()
        if mark_of(key, setting) in marks
    }


def approved_by_person(
    changes: Iterable[Change], by: PersonApproval, at: datetime
) -> dict[str, Approval]:
    """Return the approvals of a person who saw these changes and said yes."""
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
    """Return the state with what a run may send, before it sends anything."""
    spent = {name: at for name, at in state.spent.items() if now - at <= SPENT_FOR}
    spent.update(dict.fromkeys(clearance.requests, now))
    return replace(
        state,
        approved={**state.approved, **clearance.approvals},
        spent=spent,
        applied=clearance.applied or state.applied,
    )


def pruned(state: State, changes: Iterable[Change]) -> tuple[State, tuple[Approval, ...]]:
    """Return the state without approvals of what is not pending any more, and those.

    `changes` are all that the files ask for now, whatever the scope of the run.
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
    """Return the state with the changes that lack an approval, and since when they are known.

    `changes` are as for `pruned`. A change that is edited is another one, and known from now on.
    """
    left = [key for key in pending(changes) if key not in state.approved]
    return replace(state, unapproved={key: state.unapproved.get(key, now) for key in left})


def done(state: State, change: Change) -> State:
    """Return the state without the approval of a change that was made."""
    key = key_of(change) if state.approved else ""
    if key not in state.approved:
        return state
    left = {name: one for name, one in state.approved.items() if name != key}
    return replace(state, approved=left)


def refused(state: State, change: Change) -> State:
    """Return the state in which the network has refused a change: only a person repeats it."""
    key = key_of(change) if state.approved else ""
    if key not in state.approved:
        return state
    marked = replace(state.approved[key], refused=True)
    return replace(state, approved={**state.approved, key: marked})


def may_wait(state: State) -> Callable[[Change], bool]:
    """Return what a top-up may do: adopt, and create what was approved and was not refused."""

    def is_asked(change: Change) -> bool:
        if change.action in (Action.NONE, Action.ADOPT):
            return True
        known = state.approved.get(key_of(change)) if change.action is Action.CREATE else None
        return known is not None and not known.refused

    return is_asked


# -- the plan as a whole ----------------------------------------------------------------------


def plan_id(plan: Plan) -> str:
    """Return 32 hexadecimal digits by which a person names a plan that a summary printed.

    It is the same as long as what is done is the same, whenever and wherever the plan is made.
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
