"""A ledger of what people were shown and agreed to, apart from plancast's own book of it.

A *line* is one thing that a plan does to the queue: what is done, on which profile, to which text,
for when. A person who merges a request agrees to the lines that its comment shows, and a person who
applies by hand to those of the plan. Each effect on the queue must have a line that a person agreed
to, and uses it up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from plancast.model.entry import LiveEntry, LiveStatus
from plancast.model.plan import Action, Change, Plan, Situation
from plancast.model.state import Operation
from tests.reliability.laws import LawError
from tests.reliability.queue import FAR, Effect, Queue

TOKEN = re.compile(r"n(\d+)v\d+x")


@dataclass(frozen=True)
class Line:
    """`due_at` is None for the queue, and for what is destroyed."""

    operation: Operation
    profile_id: str
    text: str
    due_at: datetime | None

    @property
    def token(self) -> str:
        return self.text.split(" ", 1)[0]


def mark_of(text: str) -> int:
    """Which post a text is a version of; 0 for what a person made for themselves."""
    found = TOKEN.match(text)
    return int(found[1]) if found else 0


def lines_of(plan: Plan) -> list[Line]:
    """Return the lines of a plan, with those that wait until nothing holds them back."""
    return [line for change in plan.changes if (line := _line(change)) is not None]


_SENDS = {
    Action.CREATE: Operation.CREATE,
    Action.UPDATE: Operation.UPDATE,
    Action.DESTROY: Operation.DESTROY,
}


def _line(change: Change) -> Line | None:
    operation = _SENDS.get(change.action)
    if operation is None:
        waiting = {Situation.DEFERRED, Situation.BLOCKED} & set(change.situations)
        if not waiting or change.action not in (Action.NONE, Action.RENAME):
            return None
        if change.after is None:
            operation = Operation.DESTROY
        else:
            operation = Operation.UPDATE if change.remote_id else Operation.CREATE
    if operation is Operation.DESTROY:
        text = change.before.text if change.before else ""
        return Line(operation, change.profile.id, text, None)
    after = change.after
    assert after is not None
    return Line(operation, change.profile.id, after.text, None if after.queue else after.due_at)


@dataclass
class Review:
    """The part of a comment that shows one workspace. `is_used`: an apply has begun with it.

    `place` is how marks know the workspace: its id, or its folder. `is_drifted`: it shows what a
    person changed in Buffer, and approves of nothing else.
    """

    lines: list[Line]
    place: str
    merge: str = ""
    is_used: bool = False
    is_drifted: bool = False


@dataclass
class Ledger:
    """One workspace's book.

    `owed` are creates that a run took on and has not made yet. `may` are those of runs whose
    machine was lost: it may or may not have written down that they are approved.
    """

    credits: Counter[Line] = field(default_factory=Counter)
    owed: set[Line] = field(default_factory=set)
    may: set[Line] = field(default_factory=set)
    refused: set[Line] = field(default_factory=set)
    reserved: dict[str, str] = field(default_factory=dict)
    last: dict[str, Line] = field(default_factory=dict)

    def agree(self, lines: Iterable[Line]) -> None:
        """A person has seen these and said yes."""
        self.credits.update(lines)

    def use(self, effect: Effect) -> None:
        """Find the line for something that was done. Raises LawError if no person has seen it."""
        if effect.is_reserved:
            self.reserved[effect.remote_id] = effect.text
            return
        operation, due = effect.operation, effect.due_at
        if operation is Operation.UPDATE and self.reserved.pop(effect.remote_id, "") == effect.text:
            operation = Operation.CREATE  # what was reserved gets its own time
        if operation is Operation.DESTROY:
            due = None
        line = Line(operation, effect.profile_id, effect.text, due)
        if self.last.get(effect.remote_id) == line and operation is not Operation.CREATE:
            return  # the same once more, since no run knew that it was done
        if self.credits[line] <= 0:
            raise LawError(f"nobody has seen: {operation.value} {effect.text} for {due}")
        self.credits[line] -= 1
        self.last[effect.remote_id] = line
        if operation is Operation.CREATE:
            self.owed.discard(line)
            self.refused.discard(line)
            self.may.discard(line)


def twice(queue: Queue, again: set[str]) -> list[tuple[str, int]]:
    """Posts of which there is more than one entry of ours; those `again` were wished for once more.

    No two ever wait.
    """
    ours = [
        one
        for one in queue.everything()
        if mark_of(one.entry.text) and one.id not in queue.by_hand and not is_reserved(one)
    ]
    waiting = Counter((one.profile_id, mark_of(one.entry.text)) for one in ours if is_waiting(one))
    once = Counter((one.profile_id, mark_of(one.entry.text)) for one in ours if one.id not in again)
    return [key for counts in (waiting, once) for key, times in counts.items() if times > 1]


def is_reserved(live: LiveEntry) -> bool:
    return live.entry.due_at is not None and live.entry.due_at.year >= FAR


def is_waiting(live: LiveEntry) -> bool:
    return live.status is LiveStatus.SCHEDULED and not is_reserved(live)
