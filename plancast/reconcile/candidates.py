"""Candidates for pairs after a state was lost, with measures of time and text between them.

A `WantedEntry` is an address without an owned entry, a `SeenEntry` a live entry that no state
owns. This module only measures: how far apart two sides are, and how much alike. `rebuild` holds
the rules that decide. `match_scores` uses the same weights for matching with a state.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from plancast.model.entry import Entry, LiveEntry
from plancast.model.workspace import Desired
from plancast.reconcile.similarity import Rare, Wording, likeness

NEAR, DAY, WEEK = timedelta(hours=1), timedelta(hours=24), timedelta(days=7)
THRESHOLD = 0.55
MARGIN = 0.08
TEXT_WEIGHT, TIME_WEIGHT = 0.8, 0.2

FLOOR = THRESHOLD - MARGIN
"""Below this score a pair is neither a match nor a rival of one."""

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class WantedEntry:
    """A desired entry without a partner.

    `reads_as` is its entry as the provider shows it after rewriting; `words` is the text of that,
    prepared for comparison.
    """

    item: Desired
    reads_as: Entry
    due_at: datetime | None
    words: Wording


@dataclass(frozen=True, slots=True, eq=False)
class SeenEntry:
    """A live entry that no state owns. `went` is set if it was published."""

    live: LiveEntry
    due_at: datetime | None
    words: Wording
    went: bool


Pair = tuple[WantedEntry, SeenEntry]
Ranks = Mapping[WantedEntry | SeenEntry, Sequence[tuple[float, WantedEntry | SeenEntry]]]
"""Maps each side to (score, other side) for all its possible partners, the best score first."""

Item = TypeVar("Item")
Key = TypeVar("Key")
One = TypeVar("One", WantedEntry, SeenEntry)
Other = TypeVar("Other", WantedEntry, SeenEntry)


# -- order ------------------------------------------------------------------------------------


def within_reach(
    wants: Sequence[WantedEntry], seen: Sequence[SeenEntry]
) -> Iterator[tuple[list[WantedEntry], list[SeenEntry]]]:
    """Yield both sides in groups by time, so that a pair is always within one group.

    A new group starts as soon as no seen entry of the current one is within DAY of the next
    wanted entry. Groups come in order of time and keep the cost linear in long queues.
    """
    wants, times, seen = sorted(wants, key=when), sorted(map(when, seen)), sorted(seen, key=when)
    group: list[WantedEntry] = []
    first = last = 0
    for want in wants:
        low, high = _around(times, when(want))
        # Nothing was seen within DAY of it, so it can be in no pair.
        if low == high:
            continue
        if group and low >= last:
            yield group, list(seen[first:last])
            group = []
        first, last = (first if group else low), high
        group.append(want)
    if group:
        yield group, list(seen[first:last])


def is_clear(pairs: Sequence[Pair]) -> bool:
    """Return whether each pair is within DAY, and no other side is nearer to either of the two."""
    return all(
        gap(want, seen) <= DAY
        and all(gap(want, other) >= gap(want, seen) for _, other in pairs)
        and all(gap(other, seen) >= gap(want, seen) for other, _ in pairs)
        for want, seen in pairs
    )


# -- likeness ---------------------------------------------------------------------------------


def scores_of(
    wants: Sequence[WantedEntry],
    all_wants: Sequence[WantedEntry],
    waiting: Sequence[SeenEntry],
    all_seen: Sequence[SeenEntry],
) -> dict[Pair, float]:
    """Return the pairs whose score reaches FLOOR, with their scores.

    At least one side of each pair is free: `wants` are compared with all seen entries, `waiting`
    entries with all wanted ones. Sides that are paired already count as rivals.
    """
    pairs = dict.fromkeys(_worth_a_look(wants, all_seen))
    pairs.update(((want, seen), None) for seen, want in _worth_a_look(waiting, all_wants))
    scored = ((pair, score_of(*pair)) for pair in pairs)
    return {pair: score for pair, score in scored if score >= FLOOR}


def _worth_a_look(ones: Sequence[One], others: Sequence[Other]) -> Iterator[tuple[One, Other]]:
    """Yield the pairs whose texts alone could reach FLOOR if the times were the same."""
    rare = Rare.of([other.words.grams for other in others], (FLOOR - TIME_WEIGHT) / TEXT_WEIGHT)
    for one in ones:
        yield from ((one, others[number]) for number in rare.near(one.words.grams))


def ranked(scores: Mapping[Pair, float]) -> Ranks:
    """Return the scores as each side sees them, the best first."""
    ranks: dict[WantedEntry | SeenEntry, list[tuple[float, WantedEntry | SeenEntry]]] = defaultdict(
        list
    )
    for (want, seen), score in scores.items():
        ranks[want].append((score, seen))
        ranks[seen].append((score, want))
    for partners in ranks.values():
        partners.sort(key=lambda rank: -rank[0])
    return ranks


def score_of(want: WantedEntry, seen: SeenEntry) -> float:
    """Return how well two sides fit, from 0 to 1: 0.8 for the text and 0.2 for the time."""
    text = likeness(want.words.grams, seen.words.grams)
    return TEXT_WEIGHT * text + TIME_WEIGHT * closeness(want, seen)


def closeness(want: WantedEntry, seen: SeenEntry) -> float:
    """Return 1 at the same time, falling to 0 at DAY; 0 if one of the two has no time."""
    if want.due_at is None or seen.due_at is None:
        return 0.0
    return max(0.0, 1 - gap(want, seen) / DAY)


# -- times and words --------------------------------------------------------------------------


def when(one: WantedEntry | SeenEntry) -> datetime:
    """Return the time of a side, to sort by; NEVER if it has none."""
    return one.due_at or NEVER


def _around(times: Sequence[datetime], moment: datetime) -> tuple[int, int]:
    """Return the slice of `times` (begin, end) that is at most DAY from a moment."""
    # Differences, since a sum could lead beyond the last year that there is.
    low = bisect_left(times, -DAY, key=lambda time: time - moment)
    return low, bisect_right(times, DAY, key=lambda time: time - moment)


def is_timed(want: WantedEntry, seen: SeenEntry) -> bool:
    """Return whether both sides have a time."""
    return want.due_at is not None and seen.due_at is not None


def gap(want: WantedEntry, seen: SeenEntry) -> timedelta:
    """Return how far apart in time two sides are, never negative."""
    return abs(when(seen) - when(want))


def minute(moment: datetime | None) -> datetime | None:
    """Cut a time to its minute: providers drop the seconds."""
    return moment and moment.replace(second=0, microsecond=0)


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Group items by `key`; groups and their items keep the order of the input."""
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def describe_likeness(want: WantedEntry, seen: SeenEntry) -> str:
    """Describe the evidence for a pair: `87% of the text, 2 h later`."""
    ours, theirs = want.words, seen.words
    if ours.whole == theirs.whole:
        text = "same text"
    elif ours.blind == theirs.blind:
        text = "same text but for its links"
    else:
        text = f"{likeness(ours.grams, theirs.grams):.0%} of the text"
    if want.due_at is None or seen.due_at is None:
        return text
    if minute(want.due_at) == minute(seen.due_at):
        return f"{text}, same minute"
    direction = "later" if seen.due_at > want.due_at else "earlier"
    return f"{text}, {_span(gap(want, seen))} {direction}"


def _span(gap: timedelta) -> str:
    minutes = max(1, int(gap / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
