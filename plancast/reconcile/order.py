"""From changes to calls: as few as possible, in the order in which they must be made.

A *call* is one request. Creates of the same entry on several profiles share
one, as far as the provider can do that. The order is earliest due time first,
so that a run which is cut short has done the urgent part; constraints come
before that. There is one kind of constraint: a call that *frees* something goes
before the first call that needs it, however long the chain:

* a destroy frees the address, for a post that moved to another profile;
* a destroy frees room in a queue, where the provider limits it;
* a destroy or an update frees a text: Buffer refuses to hold the same text
  twice on one profile (docs/buffer/v1.md#the-same-text-twice);
* the destroys and updates of a group come before its creates (reconcile.groups), so
  that a run which is killed in between leaves one entry too few, never one too
  many.

Where texts go round in a circle, no order exists that works; any is taken then,
and the provider's refusal is reported like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from plancast.model.entry import Entry
from plancast.model.plan import Action, Change, RateWindow
from plancast.model.ports import Capabilities
from plancast.reconcile.groups import text_key

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One request and the changes that it makes: several only for a create."""

    action: Action
    changes: tuple[Change, ...]

    @property
    def entry(self) -> Entry:
        """What is sent (for a destroy: what is removed)."""
        first = self.changes[0]
        return first.after or first.before or Entry()

    @property
    def due_at(self) -> datetime:
        """When the first of its entries goes out, as it is now or as it will be."""
        times = [_due(change) for change in self.changes]
        return min(times)


def calls(changes: Sequence[Change], capabilities: Capabilities) -> tuple[PlannedCall, ...]:
    """All requests that the changes need, in order."""
    sending = [change for change in changes if change.action.sends]
    made = [
        *(
            PlannedCall(item.action, (item,))
            for item in sending
            if item.action is not Action.CREATE
        ),
        *_grouped([item for item in sending if item.action is Action.CREATE], capabilities),
    ]
    return _ordered(made, limited=capabilities.queue_limit is not None)


def _due(change: Change) -> datetime:
    """A destroy and an update are urgent by the time at which the old entry would go out."""
    times = [change.due_at, change.live.due_at if change.live else None]
    return min((moment for moment in times if moment), default=_NEVER)


def _grouped(creates: Sequence[Change], capabilities: Capabilities) -> list[PlannedCall]:
    groups: dict[Entry, list[list[Change]]] = defaultdict(list)
    for change in creates:
        entry = change.after or Entry()
        open_groups = groups[entry]
        for group in open_groups:
            if _has_room(group, change, capabilities):
                group.append(change)
                break
        else:
            open_groups.append([change])
    return [
        PlannedCall(Action.CREATE, tuple(group)) for parts in groups.values() for group in parts
    ]


def _has_room(group: Sequence[Change], change: Change, capabilities: Capabilities) -> bool:
    if len(group) >= capabilities.create_group:
        return False
    if any(item.profile.id == change.profile.id for item in group):
        return False
    service = change.profile.service
    if change.after is not None and change.after.link is not None:
        cardless = capabilities.cardless_services
        if (service in cardless) != (group[0].profile.service in cardless):
            return False
    alone = service in capabilities.ungrouped_services
    return not (alone and any(item.profile.service == service for item in group))


def _ordered(made: Sequence[PlannedCall], *, limited: bool) -> tuple[PlannedCall, ...]:
    """By time, each call drawing those that free something for it to just before itself."""
    by_time = sorted(made, key=lambda call: (call.due_at, call.changes[0].sort_key))
    freeing: dict[tuple[str, ...], list[PlannedCall]] = defaultdict(list)
    for call in by_time:
        for key in _freed(call, limited=limited):
            freeing[key].append(call)
    placed: dict[int, PlannedCall] = {}
    entered: set[int] = set()
    waiting = by_time[::-1]
    while waiting:
        call = waiting[-1]
        if id(call) in entered:
            placed.setdefault(id(waiting.pop()), call)
            continue
        entered.add(id(call))
        first = [other for key in _needed(call, limited=limited) for other in freeing.pop(key, ())]
        waiting.extend(other for other in reversed(first) if id(other) not in entered)
    return tuple(placed.values())


def _freed(call: PlannedCall, *, limited: bool) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = []
    for change in call.changes:
        if call.action is Action.CREATE or change.before is None:
            continue
        old_text, new_text = text_key(change.before), text_key(change.after)
        if old_text != new_text:
            keys.append(("text", change.profile.id, old_text))
        if change.group:
            keys.append(("group", change.group))
        if call.action is Action.DESTROY:
            keys.append(("address", str(change.address)))
            if limited:
                keys.append(("room", change.profile.id))
    return keys


def _needed(call: PlannedCall, *, limited: bool) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = []
    for change in call.changes:
        if change.after is None:
            continue
        old_text, new_text = text_key(change.before), text_key(change.after)
        if old_text != new_text:
            keys.append(("text", change.profile.id, new_text))
        if call.action is Action.CREATE and change.group:
            keys.append(("group", change.group))
        if call.action is Action.CREATE:
            keys.append(("address", str(change.address)))
            if limited:
                keys.append(("room", change.profile.id))
    return keys


@dataclass(frozen=True, slots=True)
class Span:
    """Calls of one or more groups that must not be begun unless all of them can be made.

    `requests` are those from the first of them to the last, with what stands in between.
    """

    calls: frozenset[int]
    requests: int


def spans(made: Sequence[PlannedCall], *, strict: bool = False) -> dict[int, Span]:
    """Return the spans of several calls, by the position of the first one.

    `strict`: each entry that is created takes a second request.
    """
    first_of: dict[str, int] = {}
    roots = list(range(len(made)))

    def root(number: int) -> int:
        while roots[number] != number:
            number = roots[number]
        return number

    for number, call in enumerate(made):
        for name in {change.group for change in call.changes} - {""}:
            one, two = sorted((root(first_of.setdefault(name, number)), root(number)))
            roots[two] = one
    members: dict[int, list[int]] = defaultdict(list)
    for number in range(len(made)):
        members[root(number)].append(number)
    costs = [
        1 + (len(call.changes) if strict and call.action is Action.CREATE else 0) for call in made
    ]
    return {
        numbers[0]: Span(frozenset(numbers), sum(costs[numbers[0] : numbers[-1] + 1]))
        for numbers in members.values()
        if len(numbers) > 1
    }


def eta_seconds(requests: int, windows: Sequence[RateWindow], *, waits: bool = True) -> int:
    """How long so many requests take under these limits, in seconds, counted from now.

    Where no window is waited for, a run takes what is free and ends: no time to speak of.
    """
    if not waits:
        return 0
    return max((_wait(requests, window) for window in windows), default=0)


def _wait(requests: int, window: RateWindow) -> int:
    beyond = requests - window.remaining
    return -(-beyond // window.limit) * window.seconds if beyond > 0 else 0
