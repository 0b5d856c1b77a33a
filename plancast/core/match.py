"""Which live entry belongs to which desired one: scope before difference.

Terms. *Desired* is what the files ask for, *bound* what the state names, *live*
what the provider holds. A `Pair` joins at most one of each under one address.

Premise. To keep something, it must be paired. Whatever is paired is ours and is
compared later; whatever is left over on the live side is *unmanaged*, and no
code after this module can reach it, since `diff` is only given pairs. That is
how plancast keeps its hands off what people made.

Order, per profile, first come first served (section 3 of the contract):

1. bound entries, by remote id, among the queue and what was sent;
2. renames: an address that vanished and a new one with an equal entry;
3. adoption: a live entry that nobody owns and that equals a desired one. The
   queue is searched first, then what was sent: a post that went out already is
   never created again because the state was lost;
4. the rest: desired ones to create, bound ones to destroy or forget.

Unresolved intents were settled before (workflow.recovery), they are bound by now.

What is not done here: no similarity and no guessing. Two candidates that are
both equal are told apart by age, the older one wins; anything less than equal
is not a match.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from plancast.core.compare import blind_links, same_as_live, same_text, told
from plancast.core.model import Address, Desired, Entry, LiveEntry, LiveStatus, Profile
from plancast.core.state import Binding, BindingStatus

Expected = Callable[[Entry, Profile], Entry]

SENT_TOLERANCE = timedelta(hours=1)
"""How much later than asked a sent entry may have gone out and still be the one that was asked
for. Buffer sends up to tens of minutes late (buffer-v1 sheet 3, `sent_at`)."""

QUEUE_LOOKBACK = timedelta(days=30)
"""How far back a text meant for the queue is looked for among what was sent: as far as the list
reaches for every user (buffer-v1 sheet 2.4)."""


class How(Enum):
    """Why a pair is a pair."""

    BOUND = "bound"
    RENAMED = "renamed"
    ADOPTED = "adopted"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Pair:
    """One address with what is known of it. `live` is None where no list has it."""

    address: Address
    how: How
    desired: Desired | None = None
    binding: Binding | None = None
    live: LiveEntry | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """What was read: the queues, and the parts of the sent lists that were asked for."""

    queue: tuple[LiveEntry, ...] = ()
    sent: tuple[LiveEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """Every desired and every bound entry in one pair; all other queue entries unmanaged."""

    pairs: tuple[Pair, ...]
    unmanaged: tuple[LiveEntry, ...]


def match(
    desired: Sequence[Desired],
    bindings: Iterable[Binding],
    live: Live,
    expected: Expected,
) -> Matched:
    """Pair everything up. Addresses in `desired` are unique, so are those in `bindings`."""
    bound = {binding.address: binding for binding in bindings}
    wanted = {item.address: item for item in desired}
    by_id = {entry.id: entry for entry in (*live.sent, *live.queue)}
    pairs: dict[Address, Pair] = {}

    for address, binding in bound.items():
        item = wanted.get(address)
        if item is None or item.profile.id == binding.profile_id:
            pairs[address] = Pair(address, How.BOUND, item, binding, by_id.get(binding.remote_id))

    _pair_renames(pairs, wanted, bound, by_id)
    owned = {binding.remote_id for binding in bound.values()}
    # In a fixed order: where two ask for the same, the order of files must not decide.
    free = sorted(
        (item for item in desired if item.address not in pairs), key=lambda item: item.address
    )
    adopted = _adopt(free, live, owned, expected)
    for item in free:
        entry = adopted.get(item.address)
        how = How.NEW if entry is None else How.ADOPTED
        pairs[item.address] = Pair(item.address, how, item, None, entry)

    taken = owned | {entry.id for entry in adopted.values()}
    unmanaged = tuple(entry for entry in live.queue if entry.id not in taken)
    return Matched(tuple(pairs[key] for key in sorted(pairs)), unmanaged)


def orphans(desired: Sequence[Desired], bindings: Iterable[Binding]) -> tuple[Binding, ...]:
    """Bindings whose alias now means another profile: their entry stays on the old one."""
    wanted = {item.address: item for item in desired}
    return tuple(
        binding
        for binding in bindings
        if (item := wanted.get(binding.address)) and item.profile.id != binding.profile_id
    )


def _pair_renames(
    pairs: dict[Address, Pair],
    wanted: Mapping[Address, Desired],
    bound: Mapping[Address, Binding],
    by_id: Mapping[str, LiveEntry],
) -> None:
    """Turn (vanished address, new address) with equal entries on one profile into one pair."""
    vanished: dict[tuple[str, Entry], list[Binding]] = defaultdict(list)
    for address, binding in sorted(bound.items()):
        if address not in wanted:
            vanished[binding.profile_id, binding.applied].append(binding)
    if not vanished:
        return
    for address, item in sorted(wanted.items()):
        twins = vanished.get((item.profile.id, item.entry))
        if address in bound or not twins:
            continue
        binding = twins.pop(0)
        del pairs[binding.address]
        live = by_id.get(binding.remote_id)
        pairs[address] = Pair(address, How.RENAMED, item, binding, live)


def _adopt(
    free: Sequence[Desired], live: Live, owned: set[str], expected: Expected
) -> dict[Address, LiveEntry]:
    """Desired entries that exist already though nobody owns them."""
    adopted: dict[Address, LiveEntry] = {}
    taken = set(owned)
    for entries, fits in ((live.queue, _fits_queue), (live.sent, _fits_sent)):
        index = _index(entries, taken)
        for item in free:
            if item.address in adopted:
                continue
            reads_as = expected(item.entry, item.profile)
            for entry in index.get((item.profile.id, _text_key(reads_as.text)), ()):
                if entry.id not in taken and fits(item.entry, reads_as, entry):
                    adopted[item.address] = entry
                    taken.add(entry.id)
                    break
    return adopted


def _index(entries: Iterable[LiveEntry], taken: set[str]) -> dict[tuple[str, str], list[LiveEntry]]:
    """Entries that are free, by profile and text, the oldest first."""
    index: dict[tuple[str, str], list[LiveEntry]] = defaultdict(list)
    for entry in entries:
        if entry.id not in taken:
            index[entry.profile_id, _text_key(entry.entry.text)].append(entry)
    for group in index.values():
        group.sort(key=lambda entry: entry.id)
    return index


def _text_key(text: str) -> str:
    return blind_links(told(text))


def _fits_queue(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    return same_as_live(asked, expected, live)


def _fits_sent(asked: Entry, expected: Entry, live: LiveEntry) -> bool:
    """Sent entries are matched by text and time alone: media are rewritten once more on the way."""
    if live.status is not LiveStatus.PUBLISHED or not same_text(asked, expected, live):
        return False
    if asked.due_at is None:
        return True
    return _close(asked.due_at, live.due_at) or _close(asked.due_at, live.sent_at)


def _close(asked: datetime, seen: datetime | None) -> bool:
    return seen is not None and timedelta(minutes=-1) < seen - asked < SENT_TOLERANCE


def sent_needed(
    desired: Sequence[Desired],
    bindings: Iterable[Binding],
    queue: Sequence[LiveEntry],
    expected: Expected,
    now: datetime,
) -> dict[str, datetime | None]:
    """Which profiles' sent lists must be read, and since when (None: as far back as they go).

    Needed where an owned entry left the queue, where an entry without owner
    should have gone out already, and where an unowned one is meant for the
    queue: it has no time that would tell whether it went out before.
    """
    needed: dict[str, datetime | None] = {}

    def want(profile_id: str, since: datetime | None) -> None:
        known = needed.get(profile_id, since)
        needed[profile_id] = None if known is None or since is None else min(known, since)

    bound = list(bindings)
    waiting = {entry.id for entry in queue}
    for binding in bound:
        if binding.status is BindingStatus.SCHEDULED and binding.remote_id not in waiting:
            want(binding.profile_id, binding.created_at)
    first_look = match(desired, bound, Live(tuple(queue)), expected)
    for pair in first_look.pairs:
        item = pair.desired
        if pair.how is not How.NEW or item is None:
            continue
        if item.entry.due_at is None:
            want(item.profile.id, now - QUEUE_LOOKBACK)
        elif item.entry.due_at <= now:
            want(item.profile.id, item.entry.due_at - timedelta(minutes=1))
    return needed
