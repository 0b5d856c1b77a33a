"""The two sides that a lost state leaves to be paired: how far apart, and how much alike.

A `WantedEntry` is an address that nobody owns, a `SeenEntry` a live entry that nobody owns.
Nothing is decided here; the rules stand in `rebuild`.
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
"""Below this a pair is neither a match nor a rival."""

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class WantedEntry:
    """An address; `reads_as` is what the provider makes of its entry, `words` the text of that."""

    item: Desired
    reads_as: Entry
    due_at: datetime | None
    words: Wording


@dataclass(frozen=True, slots=True, eq=False)
class SeenEntry:
    """A live entry; `went`: it was published."""

    live: LiveEntry
    due_at: datetime | None
    words: Wording
    went: bool


Pair = tuple[WantedEntry, SeenEntry]
Ranks = Mapping[WantedEntry | SeenEntry, Sequence[tuple[float, WantedEntry | SeenEntry]]]
"""For each side of a pair all that it might belong to, the likeliest first."""

Item = TypeVar("Item")
Key = TypeVar("Key")
One = TypeVar("One", WantedEntry, SeenEntry)
Other = TypeVar("Other", WantedEntry, SeenEntry)


# -- order ------------------------------------------------------------------------------------


def within_reach(
    wants: Sequence[WantedEntry], seen: Sequence[SeenEntry]
) -> Iterator[tuple[list[WantedEntry], list[SeenEntry]]]:
    """Both sides in groups of which each is at most DAY from somebody in it, in order of time."""
    wants, times, seen = sorted(wants, key=when), sorted(map(when, seen)), sorted(seen, key=when)
    group: list[WantedEntry] = []
    first = last = 0
    for want in wants:
        low, high = _around(times, when(want))
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
    """Whether each is within reach of its partner, and nobody else is nearer to either."""
    return all(
        gap(want, it) <= DAY
        and all(gap(want, other) >= gap(want, it) for _, other in pairs)
        and all(gap(other, it) >= gap(want, it) for other, _ in pairs)
        for want, it in pairs
    )


# -- likeness ---------------------------------------------------------------------------------


def scores_of(
    wants: Sequence[WantedEntry],
    all_wants: Sequence[WantedEntry],
    waiting: Sequence[SeenEntry],
    all_seen: Sequence[SeenEntry],
) -> dict[Pair, float]:
    """Of all pairs with a free side, those that are worth a look, with their scores."""
    pairs = dict.fromkeys(_worth_a_look(wants, all_seen))
    pairs.update(((want, it), None) for it, want in _worth_a_look(waiting, all_wants))
    scored = ((pair, score_of(*pair)) for pair in pairs)
    return {pair: score for pair, score in scored if score >= FLOOR}


def _worth_a_look(ones: Sequence[One], others: Sequence[Other]) -> Iterator[tuple[One, Other]]:
    """Those whose texts are enough alike for the floor, provided that the times are the same."""
    rare = Rare.of([other.words.grams for other in others], (FLOOR - TIME_WEIGHT) / TEXT_WEIGHT)
    for one in ones:
        yield from ((one, others[number]) for number in rare.near(one.words.grams))


def ranked(scores: Mapping[Pair, float]) -> Ranks:
    """The scores, seen from each side."""
    ranks: dict[WantedEntry | SeenEntry, list[tuple[float, WantedEntry | SeenEntry]]] = defaultdict(
        list
    )
    for (want, it), score in scores.items():
        ranks[want].append((score, it))
        ranks[it].append((score, want))
    for known in ranks.values():
        known.sort(key=lambda rank: -rank[0])
    return ranks


def score_of(want: WantedEntry, it: SeenEntry) -> float:
    """0 to 1."""
    text = likeness(want.words.grams, it.words.grams)
    return TEXT_WEIGHT * text + TIME_WEIGHT * closeness(want, it)


def closeness(want: WantedEntry, it: SeenEntry) -> float:
    """1 at the same time, 0 from DAY on and where one of them has none."""
    if want.due_at is None or it.due_at is None:
        return 0.0
    return max(0.0, 1 - gap(want, it) / DAY)


# -- times and words --------------------------------------------------------------------------


def when(one: WantedEntry | SeenEntry) -> datetime:
    """Its time, to sort by."""
    return one.due_at or NEVER


def _around(times: Sequence[datetime], moment: datetime) -> tuple[int, int]:
    """Where in `times` begins and ends what is at most DAY from a moment."""
    # Differences, since a sum could lead beyond the last year that there is.
    low = bisect_left(times, -DAY, key=lambda time: time - moment)
    return low, bisect_right(times, DAY, key=lambda time: time - moment)


def is_timed(want: WantedEntry, it: SeenEntry) -> bool:
    """Whether both have a time at all."""
    return want.due_at is not None and it.due_at is not None


def gap(want: WantedEntry, it: SeenEntry) -> timedelta:
    """How far apart the two are."""
    return abs(when(it) - when(want))


def minute(moment: datetime | None) -> datetime | None:
    """The time as far as it counts: seconds may be cut off on the way."""
    return moment and moment.replace(second=0, microsecond=0)


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """The items by what `key` says of them, in their order."""
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def describe_likeness(want: WantedEntry, it: SeenEntry) -> str:
    """Describe what speaks for a pair: how much of the text, and how far apart."""
    ours, theirs = want.words, it.words
    if ours.whole == theirs.whole:
        text = "same text"
    elif ours.blind == theirs.blind:
        text = "same text but for its links"
    else:
        text = f"{likeness(ours.grams, theirs.grams):.0%} of the text"
    if want.due_at is None or it.due_at is None:
        return text
    if minute(want.due_at) == minute(it.due_at):
        return f"{text}, same minute"
    return f"{text}, {_span(gap(want, it))} {'later' if it.due_at > want.due_at else 'earlier'}"


def _span(gap: timedelta) -> str:
    minutes = max(1, int(gap / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
