"""Order of calls: turn changes into as few requests as possible, in an order that works.

A *call* is one request. Creates of the same entry on several profiles share one call, as far as the
provider supports that. So do those that go on with one keyed create of an earlier run, which share
its content item (`keyed`). A create whose last try came to nothing gets a call of its own: it may
have shared that try with the one that made it fail, and would fail with it each time. Calls are
sorted by due time, the earliest first, so that a run which is cut short has done the urgent part.
One kind of constraint goes before the time: a call that *frees* something is made before the first
call that needs it, however long the chain:

* a destroy frees its address, for a post that moved to another profile;
* a destroy frees room in a queue, if the provider limits queues;
* a destroy or an update frees a text, since Buffer refuses to hold a text twice on one profile
  (docs/buffer/v1.md#the-same-text-twice);
* the destroys and updates of a group free its creates (`groups`): a run that is killed in between
  leaves one entry too few, never one too many.

If texts are exchanged in a ring, no order works. The calls are then made in some order, and the
refusal of the provider is reported like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from plancast.model.entry import Address, Entry
from plancast.model.plan import Action, Change, RateWindow
from plancast.model.ports import Capabilities
from plancast.model.safety import Safety
from plancast.model.state import Intent
from plancast.reconcile.groups import text_key
from plancast.reconcile.keyed import resumptions

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One request and the changes that it makes; only a create can make several.

    `resumes` is the id of the intent of a keyed create that it goes on with, "" if it is new.
    """

    action: Action
    changes: tuple[Change, ...]
    resumes: str = ""

    @property
    def entry(self) -> Entry:
        """The entry that is sent, or removed by a destroy."""
        first = self.changes[0]
        return first.after or first.before or Entry()

    @property
    def due_at(self) -> datetime:
        """The time at which the first of its entries goes out, before or after the call."""
        times = [_due(change) for change in self.changes]
        return min(times)


def calls(
    changes: Sequence[Change],
    capabilities: Capabilities,
    alone: Collection[Address] = frozenset(),
    resumed: Sequence[Intent] = (),
) -> tuple[PlannedCall, ...]:
    """Return the requests that the changes need, in the order in which they must be made.

    Creates at the addresses `alone` share no call. `resumed` are open keyed creates.
    """
    sending = [change for change in changes if change.action.sends]
    creates = [item for item in sending if item.action is Action.CREATE]
    resuming = resumptions(resumed, creates)
    going_on = {change.key for changes in resuming.values() for change in changes}
    new = [change for change in creates if change.key not in going_on]
    made = [
        *(
            PlannedCall(item.action, (item,))
            for item in sending
            if item.action is not Action.CREATE
        ),
        *(PlannedCall(Action.CREATE, on, name) for name, on in resuming.items()),
        *_grouped(new, capabilities, alone),
    ]
    return _ordered(made, limited=capabilities.queue_limit is not None)


def _due(change: Change) -> datetime:
    """Return the earlier of the new and the live time: until a destroy, the old entry counts."""
    times = [change.due_at, change.live.due_at if change.live else None]
    return min((moment for moment in times if moment), default=_NEVER)


def _grouped(
    creates: Sequence[Change], capabilities: Capabilities, alone: Collection[Address]
) -> list[PlannedCall]:
    """Put creates of equal entries into as few calls as the provider allows."""
    groups: dict[Entry, list[list[Change]]] = defaultdict(list)
    single = [PlannedCall(Action.CREATE, (one,)) for one in creates if one.address in alone]
    for change in (one for one in creates if one.address not in alone):
        entry = change.after or Entry()
        open_groups = groups[entry]
        for group in open_groups:
            if _has_room(group, change, capabilities):
                group.append(change)
                break
        else:
            open_groups.append([change])
    shared = (group for parts in groups.values() for group in parts)
    return [*single, *(PlannedCall(Action.CREATE, tuple(group)) for group in shared)]


def _has_room(group: Sequence[Change], change: Change, capabilities: Capabilities) -> bool:
    """Return whether one call can make this create along with the others."""
    if len(group) >= capabilities.create_group:
        return False
    if any(item.profile.id == change.profile.id for item in group):
        return False
    service = change.profile.service
    # On a network without link cards the link goes into the text, so the request differs.
    if change.after is not None and change.after.link is not None:
        cardless = capabilities.cardless_services
        if (service in cardless) != (group[0].profile.service in cardless):
            return False
    alone = service in capabilities.ungrouped_services
    return not (alone and any(item.profile.service == service for item in group))


def _ordered(made: Sequence[PlannedCall], *, limited: bool) -> tuple[PlannedCall, ...]:
    """Sort calls by time, then move calls that free something before those that need it.

    This is a depth-first search without recursion: a chain of texts may have thousands of members.
    A call on the stack is entered once, its predecessors are pushed above it, and it is placed when
    it comes up again.
    """
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
        # `pop` hands each freeing call out once. In a ring the entered ones are skipped, which
        # breaks the ring at an arbitrary place.
        first = [other for key in _needed(call, limited=limited) for other in freeing.pop(key, ())]
        waiting.extend(other for other in reversed(first) if id(other) not in entered)
    return tuple(placed.values())


def _freed(call: PlannedCall, *, limited: bool) -> list[tuple[str, ...]]:
    """Return the keys of everything that a call frees."""
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
    """Return the keys of everything that must be free before a call."""
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
    """The calls of one or more groups, which must not be begun unless all of them can be made.

    `calls` are their positions. `requests` counts the requests from the first of them to the last,
    including calls of other changes in between.
    """

    calls: frozenset[int]
    requests: int


def requests_of(call: PlannedCall, safety: Safety) -> int:
    """Return the number of requests of a call.

    With STRICT each created entry takes a second one (`two_phase`). With KEYED each create takes
    two: one for its draft and one for the promotion (`keyed`).
    """
    if call.action is not Action.CREATE:
        return 1
    if safety is Safety.KEYED or call.resumes:
        return 2
    return 1 + (len(call.changes) if safety is Safety.STRICT else 0)


def spans(made: Sequence[PlannedCall], safety: Safety = Safety.DIRECT) -> dict[int, Span]:
    """Return the spans of more than one call, by the position of their first call."""
    first_of: dict[str, int] = {}
    roots = list(range(len(made)))

    def root(number: int) -> int:
        while roots[number] != number:
            number = roots[number]
        return number

    # A call can serve changes of several groups and so ties these groups into one span.
    for number, call in enumerate(made):
        for name in {change.group for change in call.changes} - {""}:
            one, two = sorted((root(first_of.setdefault(name, number)), root(number)))
            roots[two] = one
    members: dict[int, list[int]] = defaultdict(list)
    for number in range(len(made)):
        members[root(number)].append(number)
    costs = [requests_of(call, safety) for call in made]
    return {
        numbers[0]: Span(frozenset(numbers), sum(costs[numbers[0] : numbers[-1] + 1]))
        for numbers in members.values()
        if len(numbers) > 1
    }


def eta_seconds(requests: int, windows: Sequence[RateWindow], *, waits: bool = True) -> int:
    """Return how many seconds so many requests take under these limits, counted from now.

    0 if the run does not wait for windows: it then sends what is free now, and ends.
    """
    if not waits:
        return 0
    return max((_wait(requests, window) for window in windows), default=0)


def _wait(requests: int, window: RateWindow) -> int:
    """Return the seconds of all full windows that must pass before the last request."""
    beyond = requests - window.remaining
    # Negated floor division rounds up.
    return -(-beyond // window.limit) * window.seconds if beyond > 0 else 0
